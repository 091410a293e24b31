//! `relguard hook`, `install`, `uninstall`

use std::io::Read as _;

use anyhow::{Context as _, Result};

use super::args::{Common, Format, HookArgs};
use super::console::Console;
use super::{Status, fix, forced_config};
use crate::engine::{Judge, Judged, Report};
use crate::git::{Repo, environment};
use crate::hook::{self, Change, HookName, Push};

/// What git calls. It prints only where there is something to say.
pub(super) fn hook(args: &HookArgs, common: &Common, console: &mut Console) -> Result<Status> {
    let repo = Repo::open()?;
    let judging = Judge::new(&repo, forced_config(common)?);
    let report = match args.name {
        HookName::PreCommit | HookName::PreMergeCommit => pre_commit(&judging, args, common, console)?,
        HookName::PrePush => {
            let push = Push::read(&repo, &args.args, &read_input()?)?;
            if push.partly {
                console.detail("the hook manager tells of one ref only; relguard install sees them all");
            }
            hook::pre_push(&judging, &push)?
        }
        HookName::PreReceive => hook::pre_receive(&judging, &read_input()?)?,
        HookName::Update => hook::update(&judging, &args.args)?,
    };
    if !report.findings.is_empty() || common.format != Format::Human {
        console.report(&report, common.format);
    }
    Ok(if report.fails(common.strict) { Status::Failed } else { Status::Passed })
}

fn pre_commit(
    judging: &Judge<'_>,
    args: &HookArgs,
    common: &Common,
    console: &mut Console,
) -> Result<Report> {
    let (report, applied) = hook::pre_commit(judging, args.fix)?;
    if common.format == Format::Human {
        console.note(&fix::applied(&applied));
    }
    Ok(report.unwrap_or_else(|| {
        console.detail("the commit touches nothing that relguard reads");
        Report { scope: "pre-commit", findings: Vec::new(), judged: Judged::default() }
    }))
}

/// What git writes to the hook.
fn read_input() -> Result<Vec<u8>> {
    let mut input = Vec::new();
    std::io::stdin().lock().read_to_end(&mut input).context("the standard input can't be read")?;
    Ok(input)
}

/// Puts the hooks into this clone.
pub(super) fn install(console: &mut Console) -> Result<Status> {
    let program = environment::program();
    let changes = hook::install(&Repo::open()?, program.as_deref())?;
    let line = |change: &Change| match change {
        Change::Shipped(path) => {
            format!("{}, the project's own, runs the relguard on PATH\n", path.display())
        }
        change => line(change),
    };
    console.note(&changes.iter().map(line).collect::<String>());
    Ok(Status::Passed)
}

/// Takes the hooks out of this clone.
pub(super) fn uninstall(console: &mut Console) -> Result<Status> {
    let changes = hook::uninstall(&Repo::open()?)?;
    console.note(&changes.iter().map(line).collect::<String>());
    Ok(Status::Passed)
}

fn line(change: &Change) -> String {
    match change {
        Change::Installed(path) => format!("installed {}\n", path.display()),
        Change::Chained(path) => {
            format!("installed {}; the hook that was there is kept and goes first\n", path.display())
        }
        Change::Updated(path) => format!("updated {}\n", path.display()),
        Change::Unchanged(path) => format!("{} is installed already\n", path.display()),
        Change::Shipped(path) => {
            format!(
                "{} is the project's own and stays; `git config --unset core.hooksPath` turns it off\n",
                path.display()
            )
        }
        Change::Removed(path) => format!("removed {}\n", path.display()),
        Change::Restored(path) => {
            format!("removed {}; the hook that was there before is back\n", path.display())
        }
        Change::Silenced(path) => {
            format!("{} stays for the other repositories that use it, and is silent here\n", path.display())
        }
        Change::Absent(path) => format!("{} is not relguard's; nothing to remove\n", path.display()),
    }
}
