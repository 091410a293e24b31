//! Rules on tags.

pub(super) mod branch;
pub(super) mod immutable;
pub(super) mod name;
pub(super) mod sequence;
pub(super) mod signed;
pub(super) mod tip;
pub(super) mod version;
