use anyhow::Result;

use crate::engine::{Judge, Report, State, Which, is_untouched, soften};
use crate::finding::Finding;
use crate::fix::{Applied, fix_staged};
use crate::git::Repo;
use crate::source::StagedFiles;

/// Judges the index that git hands over: what the commit brings is an error, what was there before is
/// a warning. `None` where the commit touches nothing that relguard reads. With `fix`, what is staged
/// is mended first; the second value says how.
pub fn pre_commit(judge: &Judge<'_>, fix: bool) -> Result<(Option<Report>, Vec<Applied>)> {
    let repo = judge.repo();
    let state = judge.staged()?;
    if let Some(head) = repo.head()?.commit {
        let untouched = is_untouched(repo, StagedFiles::new(repo)?.entries(), head, &state.config)?;
        if untouched && repo.merge_heads().is_empty() {
            return Ok((None, Vec::new()));
        }
    }
    let applied = if fix { mend(judge, &state)? } else { Vec::new() };
    let state = if applied.is_empty() { state } else { judge.staged()? };
    let project = state.project()?;
    let mut findings = crate::engine::judge(&project, &state.config);
    if findings.iter().any(Finding::is_error) {
        soften(&mut findings, &before(repo, &state)?);
    }
    Ok((Some(Report { scope: "pre-commit", findings, charts: project.charts.len() }), applied))
}

fn mend(judge: &Judge<'_>, state: &State<'_>) -> Result<Vec<Applied>> {
    let disk = judge.worktree()?;
    let on_disk = judge.state(&Which::Worktree, None)?;
    Ok(fix_staged(judge.repo(), state, Some((&on_disk, &disk)), false, false)?.applied)
}

/// What the commit's parents have by themselves.
fn before(repo: &Repo, state: &State<'_>) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for parent in repo.head()?.commit.into_iter().chain(repo.merge_heads()) {
        findings.extend(state.findings_at(parent)?);
    }
    Ok(findings)
}
