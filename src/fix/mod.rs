//! Fixes: applied whole or not at all, judged again until nothing is left to mend, then written.

mod apply;
mod converge;
mod stage;
mod verify;

pub use apply::apply;
pub use converge::{Applied, Mended, converge};
pub use stage::{advise_to_add, fix_staged, fix_worktree};
