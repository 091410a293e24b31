//! Rules on the changelog.

pub(super) mod content;
pub(super) mod file;
pub(super) mod name;
pub(super) mod order;
pub(super) mod section;
pub(super) mod toc;
