//! `relguard check`

use anyhow::Result;

use super::args::{CheckArgs, Common};
use super::console::Console;
use super::{Status, forced_config};
use crate::engine::{Inspection, Judge, Judged, Report, Which, find_ref, judge};
use crate::fix::advise_to_add;
use crate::git::Repo;

/// Judges one state and prints what was found.
pub(super) fn run(args: &CheckArgs, common: &Common, console: &mut Console) -> Result<Status> {
    let repo = Repo::open()?;
    let judging = Judge::new(&repo, forced_config(common)?);
    if let Some(name) = &args.ref_name {
        return at_ref(&judging, name, args, common, console);
    }
    let (which, scope) = match (&args.rev, args.staged) {
        (Some(rev), _) => (Which::Rev(rev.clone()), "rev"),
        (None, true) => (Which::Staged, "staged"),
        (None, false) => (Which::Worktree, "worktree"),
    };
    let state = judging.state(&which, args.against.as_deref())?;
    let project = state.project()?;
    for chart in &project.charts {
        console.detail(&format!("judging {}", chart.dir));
    }
    let mut findings = judge(&project, &state.config);
    if args.staged {
        advise_to_add(&mut findings, state.files(), &judging.worktree()?);
    }
    let report = Report { scope, findings, judged: Judged::charts(project.charts.len()) };
    console.report(&report, common.format);
    Ok(if report.fails(common.strict) { Status::Failed } else { Status::Passed })
}

/// Judges a branch or a tag as it stands.
fn at_ref(
    judging: &Judge<'_>,
    name: &str,
    args: &CheckArgs,
    common: &Common,
    console: &mut Console,
) -> Result<Status> {
    let governing = judging.standing_config()?;
    let name = find_ref(judging.repo(), &governing.remote, name)?;
    let against = args.against.as_deref().map(|rev| judging.repo().commit(rev)).transpose()?;
    let report = Inspection::of_ref(judging, name, governing)?.against(against).run(judging)?;
    console.report(&report, common.format);
    Ok(if report.fails(common.strict) { Status::Failed } else { Status::Passed })
}
