//! `relguard hook`, `install`, `uninstall`

use anyhow::Result;

use super::args::{Common, Format, HookArgs};
use super::console::Console;
use super::{Status, fix, forced_config};
use crate::engine::{Judge, Report};
use crate::git::Repo;
use crate::hook::{self, Change};

/// What git calls before a commit. It prints only where there is something to say.
pub(super) fn hook(args: &HookArgs, common: &Common, console: &mut Console) -> Result<Status> {
    let repo = Repo::open()?;
    let judging = Judge::new(&repo, forced_config(common)?);
    let (report, applied) = hook::pre_commit(&judging, args.fix)?;
    if common.format == Format::Human {
        console.note(&fix::applied(&applied));
    }
    let report = report.unwrap_or_else(|| {
        console.detail("the commit touches nothing that relguard reads");
        Report { scope: "pre-commit", findings: Vec::new(), charts: 0 }
    });
    if !report.findings.is_empty() || common.format != Format::Human {
        console.report(&report, common.format);
    }
    Ok(if report.fails(common.strict) { Status::Failed } else { Status::Passed })
}

/// Puts the hooks into this clone.
pub(super) fn install(console: &mut Console) -> Result<Status> {
    let program = std::env::current_exe().ok();
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
