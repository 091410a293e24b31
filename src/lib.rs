//! relguard, the release gate for Helm-chart projects.

pub mod cli;
pub mod config;
pub mod document;
pub mod domain;
pub mod engine;
pub mod finding;
pub mod fix;
pub mod git;
pub mod hook;
pub mod project;
pub mod release;
pub mod report;
pub mod rules;
pub mod source;
