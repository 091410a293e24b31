//! The process: each step is a plan, made from the same facts and judged by the same rules as everything
//! else, and carried out by one executor.

pub mod board;
mod branch;
mod bump;
mod changelog;
mod execute;
mod init;
mod notes;
mod package;
mod plan;
mod preflight;
mod process;
mod publish;
mod published;
mod remote;
mod suppose;
mod tag;
mod tagged;
mod version;

pub use branch::branch;
pub use bump::{BumpTo, bump, version_argument};
pub use changelog::{Asked, Template, Written, changelog, read_template};
pub use execute::execute;
pub use init::{Fact, Init, init};
pub use notes::{Notes, notes};
pub use package::{Absent, Fetched, Packaged, Packaging, package};
pub use plan::{Action, NewFile, Plan, PushedRef};
pub use preflight::must_be_named;
pub use process::{
    Foresight, Hindrance, Process, ROUNDS, Stage, State, add_findings, add_notes, endless, fetch, hindrance,
    process, stops_here,
};
pub use publish::{PublishOptions, publish, publish_elsewhere};
pub use suppose::suppose;
pub use tag::{TagOptions, tag};
pub use version::line_argument;
