//! `relguard doctor`

use std::time::SystemTime;

use anyhow::Result;

use super::args::{Common, Format};
use super::console::Console;
use super::{Status, forced_config};
use crate::engine::Judge;
use crate::git::Repo;
use crate::hook::doctor::{self, Level};

/// Looks the repository over and prints what is unguarded in it.
pub(super) fn run(common: &Common, console: &mut Console) -> Result<Status> {
    let repo = Repo::open()?;
    let judging = Judge::new(&repo, forced_config(common)?);
    let found = doctor::diagnose(&judging, SystemTime::now())?;
    let text = if common.format == Format::Json {
        doctor::json(&found)
    } else {
        doctor::human(&found, common.quiet)
    };
    console.print(&text);
    let fails = found.count(Level::Hole) > 0 || (common.strict && found.count(Level::Warning) > 0);
    Ok(if fails { Status::Failed } else { Status::Passed })
}
