//! `relguard changelog` and `relguard notes`: histories as scripts, files edited by hand in odd ways, and what no
//! history may do to a file.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test that fails may panic"
)]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that fails may panic")]

#[path = "release_changelog/files.rs"]
mod files;
#[path = "release_changelog/history.rs"]
mod history;
#[path = "release_changelog/lost.rs"]
mod lost;
#[path = "release_changelog/notes.rs"]
mod notes;
#[path = "release_changelog/odd.rs"]
mod odd;
mod support;
#[path = "release_changelog/templates.rs"]
mod templates;
