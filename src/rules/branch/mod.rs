//! Rules on branches.

pub(super) mod base;
pub(super) mod name;
pub(super) mod rewrite;
pub(super) mod version;
