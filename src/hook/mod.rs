//! Git hooks: what each does when git calls it, and how they get into a repository.

pub mod doctor;
mod install;
mod pre_commit;
mod pre_push;
mod receive;
mod shared;
mod shim;

pub use install::{Change, install, uninstall};
pub use pre_commit::pre_commit;
pub use pre_push::{Push, pre_push};
pub use receive::{pre_receive, update};
pub use shim::HookName;
