use anyhow::Result;

use crate::engine::{Judge, Judged, Report, State, is_untouched, judge, soften};
use crate::finding::Finding;
use crate::fix::{Applied, advise_to_add, fix_staged};
use crate::git::Repo;

/// Judges the index that git hands over: what the commit brings is an error, what was there before is
/// a warning. `None` where the commit touches nothing that relguard reads, or is one of the chart index. With `fix`, what is staged
/// is mended first; the second value says how.
pub fn pre_commit(judging: &Judge<'_>, fix: bool) -> Result<(Option<Report>, Vec<Applied>)> {
    let repo = judging.repo();
    let disk = judging.worktree()?;
    let files = judging.index()?;
    let mut state = judging.staged(files.clone())?;
    if let Some(head) = state.base() {
        let untouched = is_untouched(repo, files.entries(), head, &state.config)?;
        if untouched && repo.merge_heads().is_empty() {
            return Ok((None, Vec::new()));
        }
    }
    // What lies on the branch of the chart index is no chart's; its push is judged.
    if repo.head()?.branch.as_ref() == Some(&state.config.index.branch) {
        return Ok((None, Vec::new()));
    }
    let applied = if fix { fix_staged(repo, &state, &disk, false, false)?.applied } else { Vec::new() };
    if !applied.is_empty() {
        state = judging.staged(judging.index()?)?;
    }
    let project = state.project()?;
    let mut findings = judge(&project, &state.config);
    if findings.iter().any(Finding::is_error) {
        soften(&mut findings, &before(repo, &state)?);
    }
    advise_to_add(&mut findings, state.files(), &disk);
    Ok((
        Some(Report { scope: "pre-commit", findings, judged: Judged::charts(project.charts.len()) }),
        applied,
    ))
}

/// What the commit's parents have by themselves.
fn before(repo: &Repo, state: &State<'_>) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for parent in repo.head()?.commit.into_iter().chain(repo.merge_heads()) {
        findings.extend(state.findings_at(parent)?);
    }
    Ok(findings)
}
