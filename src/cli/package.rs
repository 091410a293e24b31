//! `relguard package`

use std::fmt::Write as _;

use anyhow::Result;

use super::args::{Common, Format, PackageArgs};
use super::console::Console;
use super::process::{ArchiveOut, Outcome, carry_out_with};
use super::{Status, forced_config};
use crate::domain::text::visible;
use crate::engine::Judge;
use crate::git::Repo;
use crate::release::{Packaged, package};

/// Makes the archives of a commit's charts.
pub(super) fn run(args: &PackageArgs, common: &Common, console: &mut Console) -> Result<Status> {
    let repo = Repo::open()?;
    let judging = Judge::new(&repo, forced_config(common)?);
    let mut progress = |text: &str| console.progress(text);
    let made = package(&judging, args.rev.as_deref(), &args.destination, &mut progress)?;
    let archives: Vec<ArchiveOut> = made.archives.iter().map(out).collect();
    let outcome = Outcome { dry_run: args.step.dry_run, archives: &archives };
    let status = carry_out_with(&repo, &made.plan, outcome, common, console)?;
    if status == Status::Passed && matches!(common.format, Format::Human) {
        console.print(&lines(&made.archives, args.step.dry_run));
    }
    Ok(status)
}

fn out(made: &Packaged) -> ArchiveOut {
    ArchiveOut {
        path: made.path.display().to_string(),
        chart: made.chart.clone(),
        name: made.name.clone(),
        version: made.version.clone(),
        commit: made.commit.to_string(),
        files: made.files,
        size: made.size,
        sha256: made.sha256.clone(),
    }
}

/// A line an archive, as `sha256sum` writes and checks them.
fn lines(archives: &[Packaged], dry_run: bool) -> String {
    let mut text = String::new();
    for made in archives {
        let path = made.path.display().to_string();
        let _ = write!(text, "{}  {}", made.sha256, visible(&path));
        if dry_run {
            let _ = write!(text, "  ({} files, {} bytes)", made.files, made.size);
        }
        text.push('\n');
    }
    text
}
