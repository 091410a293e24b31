//! Rules on branches.

#[path = "version.rs"]
pub(super) mod branch_version;
