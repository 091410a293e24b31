//! `relguard tag`

use anyhow::Result;

use super::args::{Common, TagArgs};
use super::console::Console;
use super::process::carry_out;
use super::{Status, forced_config};
use crate::engine::Judge;
use crate::git::Repo;
use crate::release::{TagOptions, tag, version_argument};

/// Tags a release.
pub(super) fn run(args: &TagArgs, common: &Common, console: &mut Console) -> Result<Status> {
    let repo = Repo::open()?;
    let judging = Judge::new(&repo, forced_config(common)?);
    let version = args.version.as_deref().map(version_argument).transpose()?;
    let sign = if args.sign { Some(true) } else { args.no_sign.then_some(false) };
    let plan = tag(&judging, version.as_ref(), TagOptions { push: args.push, sign })?;
    carry_out(&repo, &plan, args.step.dry_run, common, console)
}
