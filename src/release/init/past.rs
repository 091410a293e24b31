//! The releases of the past, and what stood in their files.

use std::cmp::Ordering;
use std::sync::Arc;

use anyhow::Result;

use super::names::Names;
use crate::document::chart::ChartFile;
use crate::domain::{Oid, RepoPath, SourceText, Version, order};
use crate::finding::Subject;
use crate::git::{Mode, ObjectKind, Repo, Tree};
use crate::project::load;
use crate::source::{CommitFiles, Snapshot, Stat, Worktree};

/// So many releases are looked at, the newest.
const SAMPLE: usize = 20;

/// With fewer final releases than this, the prereleases are looked at as well.
const FEW: usize = 3;

/// So deep charts and changelogs are looked for.
const DEPTH: usize = 8;

/// A release of the past.
#[derive(Debug, Clone)]
pub(super) struct Release {
    /// Its tag.
    pub(super) tag: String,
    /// What the tag names: a commit or a tag object.
    pub(super) object: Oid,
    /// Its version.
    pub(super) version: Version,
    /// Its commit.
    pub(super) commit: Oid,
}

/// What the history has to show.
pub(super) struct Past<'repo> {
    /// The repository.
    pub(super) repo: &'repo Repo,
    /// The releases that are looked at, the newest first.
    pub(super) releases: Vec<Release>,
    /// The prereleases, the newest first, as many at most.
    pub(super) prereleases: Vec<Release>,
    /// The default branch's tip, else what is checked out.
    tip: Option<Oid>,
    /// The files there.
    pub(super) paths: Vec<RepoPath>,
}

impl<'repo> Past<'repo> {
    /// Chooses the releases to look at.
    pub(super) fn of(repo: &'repo Repo, names: &Names) -> Result<Self> {
        let mut all = Vec::new();
        for (tag, version, object) in &names.releases {
            let target = repo.peel(*object)?;
            if target.kind == ObjectKind::Commit {
                let (tag, version) = (tag.clone(), version.clone());
                all.push(Release { tag, object: *object, version, commit: target.id });
            }
        }
        order::sort_by(&mut all, |a, b| b.version.cmp_precedence(&a.version));
        all.dedup_by(|a, b| a.version.cmp_precedence(&b.version) == Ordering::Equal);
        let (prereleases, finals): (Vec<_>, Vec<_>) =
            all.iter().cloned().partition(|release| !release.version.pre.is_empty());
        let releases = if finals.len() < FEW { all } else { finals };
        let tip = match &names.default {
            Some((_, tip)) => Some(*tip),
            None => repo.head()?.commit,
        };
        let mut history = Self {
            repo,
            releases: releases.into_iter().take(SAMPLE).collect(),
            prereleases: prereleases.into_iter().take(SAMPLE).collect(),
            tip,
            paths: Vec::new(),
        };
        history.paths = history.list()?;
        Ok(history)
    }

    /// The files of the default branch, or, before the first commit, those on disk.
    pub(super) fn tip(&self) -> Option<Box<dyn Snapshot + 'repo>> {
        match self.tip {
            Some(commit) => Some(Box::new(files_at(self.repo, commit))),
            None => Some(Box::new(Worktree::new(self.repo)?)),
        }
    }

    /// The tree of the default branch's tip.
    pub(super) fn tip_tree(&self) -> Option<Tree<'repo>> {
        self.tip.map(|commit| self.repo.tree(commit))
    }

    /// The files of a release.
    pub(super) fn files(&self, release: &Release) -> CommitFiles<'repo> {
        files_at(self.repo, release.commit)
    }

    /// The text of a file in a release; `None` where it is missing or no text.
    pub(super) fn text(&self, release: &Release, path: &RepoPath) -> Result<Option<Arc<SourceText>>> {
        text(&self.files(release), path)
    }

    /// The same on the default branch.
    pub(super) fn text_at_tip(&self, path: &RepoPath) -> Result<Option<Arc<SourceText>>> {
        self.tip().map_or(Ok(None), |files| text(files.as_ref(), path))
    }

    /// The paths of the files on the default branch; of links and submodules none.
    fn list(&self) -> Result<Vec<RepoPath>> {
        let root = RepoPath::default();
        if let Some(commit) = self.tip {
            let entries = self.repo.tree(commit).walk(&root, DEPTH)?;
            let is_file = |mode| matches!(mode, Mode::File | Mode::Executable);
            let files = entries.into_iter().filter(|entry| is_file(entry.mode));
            let mut paths: Vec<RepoPath> = files.map(|entry| entry.path).collect();
            order::sort(&mut paths);
            return Ok(paths);
        }
        let Some(disk) = Worktree::new(self.repo) else { return Ok(Vec::new()) };
        let entries = disk.walk(&root, DEPTH)?;
        let files = entries.into_iter().filter(|(_, stat)| matches!(stat, Stat::File { .. }));
        Ok(files.map(|(path, _)| path).collect())
    }
}

fn files_at(repo: &Repo, commit: Oid) -> CommitFiles<'_> {
    CommitFiles::new(repo, commit, Subject::commit("release", commit))
}

fn text(files: &dyn Snapshot, path: &RepoPath) -> Result<Option<Arc<SourceText>>> {
    Ok(load(files, path)?.ok().flatten())
}

/// `version` and `appVersion` of a Chart.yaml; `None` where there is none, or no version in it.
pub(super) fn chart_versions(source: Option<&Arc<SourceText>>) -> Option<(String, Option<String>)> {
    let chart = ChartFile::parse(source?).ok()?;
    let version = chart.version()?.value.text;
    Some((version, chart.app_version().map(|field| field.value.text)))
}

/// Where a version stands in a text, not as a part of a longer one.
pub(super) fn places(text: &str, version: &str) -> Vec<usize> {
    let inner = |c: char| c.is_ascii_digit();
    let found = text.match_indices(version).filter(|(at, found)| {
        let before = text.get(..*at).and_then(|before| before.chars().next_back());
        let mut after = text.get(at + found.len()..).unwrap_or_default().chars();
        let (next, second) = (after.next(), after.next());
        // `1.2.3.tgz` is a file of that version, `1.2.3.4` and `1.2.3-rc.1` are other versions.
        let goes_on = match next {
            Some('.') => second.is_some_and(inner),
            Some('-' | '+') => second.is_some_and(|c| c.is_ascii_alphanumeric()),
            next => next.is_some_and(inner),
        };
        !before.is_some_and(|c| inner(c) || c == '.') && !goes_on
    });
    found.map(|(at, _)| at).collect()
}

/// A text as a template, its version left open; `None` where the version does not stand in it.
pub(super) fn template_of(text: &str, version: &str) -> Option<String> {
    let places = places(text, version);
    if places.is_empty() || text.contains(['{', '}']) {
        return None;
    }
    let mut template = String::new();
    let mut from = 0;
    for at in places {
        template.push_str(text.get(from..at)?);
        template.push_str("{version}");
        from = at + version.len();
    }
    template.push_str(text.get(from..)?);
    Some(template)
}

/// How many of the newest releases in a row keep to something. `None` says that a release has nothing to say.
pub(super) fn run(kept: impl Iterator<Item = Option<bool>>) -> usize {
    kept.flatten().take_while(|kept| *kept).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_no_part_of_another() {
        assert_eq!(template_of("x/y:v1.2.3", "1.2.3").as_deref(), Some("x/y:v{version}"));
        assert_eq!(template_of("1.2.3, 1.2.3.", "1.2.3").as_deref(), Some("{version}, {version}."));
        assert_eq!(template_of("v1.2.3.tgz", "1.2.3").as_deref(), Some("v{version}.tgz"));
        for other in ["1.2.30", "11.2.3", "1.2.3.4", "0.1.2.3", "1.2.3-rc.1", "1.2.3+b", "latest"] {
            assert_eq!(template_of(other, "1.2.3"), None, "{other}");
        }
    }
}
