//! `relguard ci` as forges run it: their variables, their event files, and clones as they make them.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test that fails may panic"
)]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that fails may panic")]

#[path = "support/chart.rs"]
mod chart;
#[path = "ci/elsewhere.rs"]
mod elsewhere;
#[path = "ci/forge.rs"]
mod forge;
#[path = "ci/github.rs"]
mod github;
#[path = "ci/gitlab.rs"]
mod gitlab;
#[path = "ci/odd.rs"]
mod odd;
#[path = "ci/pull_requests.rs"]
mod pull_requests;
mod support;
