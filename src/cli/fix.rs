//! `relguard fix`

use anyhow::Result;

use super::args::{Common, FixArgs, Format};
use super::console::Console;
use super::diff::unified;
use super::{Status, forced_config};
use crate::domain::RepoPath;
use crate::domain::text::visible;
use crate::engine::{Judge, Judged, Report, State, Which};
use crate::fix::{Applied, Mended, fix_staged, fix_worktree};
use crate::git::Repo;
use crate::project::Project;
use crate::source::MemoryFiles;

/// Mends one state, then prints what is left; with `--diff` it prints what would change.
pub(super) fn run(args: &FixArgs, common: &Common, console: &mut Console) -> Result<Status> {
    let repo = Repo::open()?;
    let judging = Judge::new(&repo, forced_config(common)?);
    let disk = judging.worktree()?;
    let against = args.against.as_deref();
    let which = if args.staged { Which::Staged } else { Which::Worktree };
    let state = judging.state(&which, against)?;
    let mended = if args.staged {
        fix_staged(&repo, &state, &disk, args.unsafe_too, args.diff)?
    } else {
        fix_worktree(&state, &disk, args.unsafe_too, args.diff)?
    };
    if args.diff {
        console.print(&diff(&mended));
        return Ok(if mended.files.is_empty() { Status::Passed } else { Status::Failed });
    }
    if common.format == Format::Human {
        console.note(&applied(&mended.applied));
    }
    let report = report(&state, mended, if args.staged { "staged" } else { "worktree" })?;
    console.report(&report, common.format);
    Ok(if report.fails(common.strict) { Status::Failed } else { Status::Passed })
}

/// What was done, a line for each fix.
pub(super) fn applied(applied: &[Applied]) -> String {
    let line = |applied: &Applied| {
        let paths: Vec<String> =
            applied.paths.iter().map(|path| visible(path.as_str()).into_owned()).collect();
        format!("fixed {}: {} ({})\n", applied.rule, visible(&applied.title), paths.join(", "))
    };
    applied.iter().map(line).collect()
}

fn report(state: &State<'_>, mended: Mended, scope: &'static str) -> Result<Report> {
    let Mended { files, findings, .. } = mended;
    let mut after = MemoryFiles::over(state.files());
    for (path, bytes) in files {
        after.insert(path, bytes);
    }
    let charts = Project::read(&after, &state.config, crate::project::Scope::default())?.charts.len();
    Ok(Report { scope, findings, judged: Judged::charts(charts) })
}

/// A unified diff of everything that would change.
fn diff(mended: &Mended) -> String {
    let file = |(path, after): &(RepoPath, Vec<u8>)| {
        let before = mended.before.get(path).map(|bytes| String::from_utf8_lossy(bytes));
        unified(path.as_str(), before.as_deref(), &String::from_utf8_lossy(after))
    };
    mended.files.iter().map(file).collect()
}
