//! Git hooks: what each does when git calls it, and how they get into a repository.

mod install;
mod pre_commit;
mod shared;
mod shim;

pub use install::{Change, install, uninstall};
pub use pre_commit::pre_commit;
pub use shim::HookName;
