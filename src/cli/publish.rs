//! `relguard publish`

use anyhow::Result;

use super::args::{Common, PublishArgs};
use super::console::Console;
use super::process::carry_out;
use super::{Status, forced_config};
use crate::config::Config;
use crate::engine::Judge;
use crate::git::{Elsewhere, Repo};
use crate::release::{PublishOptions, publish, publish_elsewhere};

/// Publishes charts' archives in a chart index.
pub(super) fn run(args: &PublishArgs, common: &Common, console: &mut Console) -> Result<Status> {
    let options = PublishOptions { archives: args.archives.clone(), url: args.url.clone(), push: args.push };
    let forced = forced_config(common)?;
    let repo = Repo::open();
    let dry_run = args.step.dry_run;
    let Some(place) = &args.repo else {
        let repo = repo?;
        let config = Judge::new(&repo, forced).standing_config()?;
        let plan = publish(&repo, &config, &options)?;
        return carry_out(&repo, &plan, dry_run, common, console);
    };
    // Archives can be published from where no project is at hand.
    let config = match (&repo, forced) {
        (Ok(repo), forced) => Judge::new(repo, forced).standing_config()?,
        (Err(_), Some(forced)) => forced,
        (Err(_), None) => Config::built_in()?,
    };
    console.progress(&format!("fetch {} of the chart index's repository", config.index.branch));
    let there = Elsewhere::fetch(place, &config.index.branch, repo.as_ref().ok())?;
    let plan = publish_elsewhere(&there, repo.as_ref().ok(), &config, &options)?;
    carry_out(there.repo(), &plan, dry_run, common, console)
}
