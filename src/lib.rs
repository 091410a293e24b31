//! relguard, the release gate for Helm-chart projects.

pub mod config;
pub mod document;
pub mod domain;
pub mod finding;
pub mod git;
pub mod project;
pub mod rules;
pub mod source;
