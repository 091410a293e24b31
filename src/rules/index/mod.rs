//! Rules on the chart index and its archives.

pub(super) mod archive;
pub(super) mod digest;
pub(super) mod entry;
