//! `relguard branch`

use anyhow::Result;

use super::args::{BranchArgs, Common};
use super::console::Console;
use super::process::carry_out;
use super::{Status, forced_config};
use crate::engine::Judge;
use crate::git::Repo;
use crate::release::{branch, line_argument};

/// Cuts a release branch.
pub(super) fn run(args: &BranchArgs, common: &Common, console: &mut Console) -> Result<Status> {
    let repo = Repo::open()?;
    let judging = Judge::new(&repo, forced_config(common)?);
    let line = args.line.as_deref().map(line_argument).transpose()?;
    let plan = branch(&judging, line, args.push)?;
    carry_out(&repo, &plan, args.step.dry_run, common, console)
}
