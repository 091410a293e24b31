//! Where a state's section of the changelog has to be, in projects that keep it on the default branch.

use anyhow::Result;

use super::Judge;
use crate::config::{Config, On};
use crate::domain::{MinorLine, Version, parse_version};
use crate::finding::Subject;
use crate::project::refs::{Meaning, names};
use crate::project::{Chart, Project, Scope};
use crate::source::CommitFiles;

impl Judge<'_> {
    /// Whether the section of a version that is set on some branch is none of that branch's matter: it is a release
    /// branch, or on its way to the one of the version's line, and release branches carry no changelog of their own. A
    /// version that the default branch has itself is judged there as well as on the way there. `branch` is the branch
    /// checked out, where there is one.
    pub fn keeps_changelog_elsewhere(
        &self,
        config: &Config,
        branch: Option<&str>,
        version: &Version,
    ) -> Result<bool> {
        if !config.changelog.as_ref().is_some_and(|changelog| changelog.on == On::DefaultBranch) {
            return Ok(false);
        }
        let repo = self.repo();
        if branch.is_some_and(|name| matches!(names::branch(config, name), Meaning::Release(_))) {
            return Ok(true);
        }
        let goal = config.branches.release.fill_line(MinorLine::from(version));
        let is_cut = repo.remote_branch(&config.remote, &goal).is_some()
            || repo.find_ref(&format!("refs/heads/{goal}"))?.is_some();
        let default = repo.default_branch(config.default_branch.as_deref(), &config.remote);
        let Some((name, tip)) = default.filter(|_| is_cut) else { return Ok(false) };
        if branch == Some(name.as_str()) {
            return Ok(false);
        }
        let files = CommitFiles::new(repo, tip, Subject::branch(&name, Some(tip)));
        let scope = Scope { repo: Some(repo), without_changelog: true, ..Scope::default() };
        Ok(leading_version(&Project::read(&files, config, scope)?).as_ref() != Some(version))
    }
}

/// The version of the leading chart, where it is SemVer.
pub(super) fn leading_version(project: &Project) -> Option<Version> {
    parse_version(&project.leading_chart().and_then(Chart::version)?.value.text)
}
