//! The process: each step is a plan, made from the same facts and judged by the same rules as everything
//! else, and carried out by one executor.

mod branch;
mod bump;
mod execute;
mod plan;
mod preflight;
mod published;
mod tag;

pub use branch::branch;
pub use bump::{BumpTo, bump, version_argument};
pub use execute::execute;
pub use plan::{Action, NewFile, Plan, PushedRef};
pub use published::line_argument;
pub use tag::{TagOptions, tag};
