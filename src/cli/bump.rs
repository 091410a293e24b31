//! `relguard bump`

use anyhow::Result;

use super::args::{BumpArgs, Common};
use super::console::Console;
use super::process::carry_out;
use super::{Status, forced_config};
use crate::engine::Judge;
use crate::git::Repo;
use crate::release::{BumpTo, bump};

/// Sets the next version.
pub(super) fn run(args: &BumpArgs, common: &Common, console: &mut Console) -> Result<Status> {
    let repo = Repo::open()?;
    let judging = Judge::new(&repo, forced_config(common)?);
    let plan = bump(&judging, &BumpTo::parse(&args.to)?, args.commit)?;
    carry_out(&repo, &plan, args.step.dry_run, common, console)
}
