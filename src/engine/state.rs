use std::rc::Rc;

use anyhow::Result;

use super::changelog_place::leading_version;
use super::governing::no_default;
use super::{Judge, judge};
use crate::config::{self, Config, Level, On};
use crate::domain::{Fail, Oid, Version};
use crate::finding::{Finding, Subject};
use crate::project::{OnBranch, Project, Scope};
use crate::source::{CommitFiles, Snapshot, StagedFiles, Worktree};

/// Which state is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// The files on disk.
    Worktree,
    /// The index.
    Staged,
    /// A commit, by any revision that names it.
    Rev(String),
}

/// A state with all that it is judged by.
pub struct State<'repo> {
    judge: &'repo Judge<'repo>,
    files: Box<dyn Snapshot + 'repo>,
    base: Option<CommitFiles<'repo>>,
    at: At,
    /// Where the changelog is, if not among the files.
    changelog: Option<CommitFiles<'repo>>,
    /// The config that it is judged by.
    pub config: Rc<Config>,
}

/// The ref that a state stands at.
#[derive(Debug, Clone, Default)]
pub(super) enum At {
    /// None, or a branch that may go anywhere.
    #[default]
    Nowhere,
    /// The default branch: what is checked out of it, or on its way there.
    Default,
    /// A release branch: the branch itself, or what is checked out of it.
    Branch(OnBranch),
    /// A branch that releases no line.
    OtherBranch,
    /// A release tag.
    Tag(Version),
}

impl At {
    /// Whether it is the files that are judged, and not what a ref names.
    fn is_files(&self) -> bool {
        matches!(self, Self::Nowhere | Self::Default | Self::Branch(OnBranch { checked_out: true, .. }))
    }
}

impl<'repo> Judge<'repo> {
    /// A state, compared with `against` where that is given, else with what its kind is compared with.
    pub fn state(&'repo self, which: &Which, against: Option<&str>) -> Result<State<'repo>> {
        let files: Box<dyn Snapshot + 'repo> = match which {
            Which::Worktree => Box::new(self.worktree()?),
            Which::Staged => Box::new(self.index()?),
            Which::Rev(rev) => {
                let commit = self.repo().commit(rev)?;
                Box::new(CommitFiles::new(self.repo(), commit, Subject::commit(rev, commit)))
            }
        };
        let head = self.repo().head()?;
        let base = match (against, which) {
            (Some(rev), _) => Some(self.repo().commit(rev)?),
            (None, Which::Rev(_)) => None,
            (None, Which::Worktree | Which::Staged) => head.commit,
        };
        let own = self.own_config(files.as_ref())?;
        let governing = match which {
            Which::Worktree => None,
            Which::Staged | Which::Rev(_) => Some(self.standing_config()?),
        };
        let config = self.config(own, governing.as_ref())?;
        let branch = head.branch.filter(|_| !matches!(which, Which::Rev(_)));
        Ok(self.assemble(files, base, branch.as_deref(), config))
    }

    /// The index as a commit hook judges it: what is about branches and exceptions comes from the
    /// default branch's config, so that no commit changes its own judge.
    pub fn staged(&'repo self, files: StagedFiles<'repo>) -> Result<State<'repo>> {
        let files: Box<dyn Snapshot + 'repo> = Box::new(files);
        let head = self.repo().head()?;
        let own = self.own_config(files.as_ref())?;
        // A broken config there must not stop the commit that repairs it, or takes it out.
        let standing = self.config_for_commits();
        let taken_out = own.is_none() && standing.is_err() && self.has_config(head.commit);
        let own = if taken_out { Some(Config::built_in()?) } else { own };
        let governing = standing.ok().flatten();
        let config = self.config(own, governing.as_ref())?;
        Ok(self.assemble(files, head.commit, head.branch.as_deref(), config))
    }

    /// The files on disk; an error in a bare repository.
    pub fn worktree(&self) -> Result<Worktree<'repo>> {
        Worktree::new(self.repo()).ok_or_else(|| bare("it has no files on disk").into())
    }

    /// The files that are checked out: those on disk, or of the commit that is supposed to be checked out.
    pub fn checked_out(&self) -> Result<Box<dyn Snapshot + 'repo>> {
        match self.supposed() {
            Some(files) => Ok(Box::new(files?)),
            None => Ok(Box::new(self.worktree()?)),
        }
    }

    /// The index; an error in a bare repository.
    pub fn index(&self) -> Result<StagedFiles<'repo>> {
        if self.repo().is_bare() {
            return Err(bare("nothing is staged in it").into());
        }
        StagedFiles::new(self.repo())
    }

    fn assemble(
        &'repo self,
        files: Box<dyn Snapshot + 'repo>,
        base: Option<Oid>,
        branch: Option<&str>,
        config: Config,
    ) -> State<'repo> {
        let base = base.map(|commit| CommitFiles::new(self.repo(), commit, Subject::commit("base", commit)));
        let checked_out = branch.map(str::to_owned);
        let released = branch.filter(|name| !config.branches.ignore.iter().any(|glob| glob.matches(name)));
        let line = released.and_then(|name| Some((name, config.branches.release.line_in(name)?)));
        let branch = line.map(|(name, line)| OnBranch { name: name.to_owned(), line, checked_out: true });
        let at = match branch {
            Some(branch) => At::Branch(branch),
            None if checked_out.is_some() && checked_out == self.default_name(&config) => At::Default,
            None => At::Nowhere,
        };
        State { judge: self, files, base, at, changelog: None, config: Rc::new(config) }
    }

    /// What a ref names. `default` is the default branch's tip, for projects that keep the changelog there.
    pub(super) fn at_ref(
        &'repo self,
        files: CommitFiles<'repo>,
        base: Option<Oid>,
        (at, default): (At, Option<Oid>),
        config: Rc<Config>,
    ) -> Result<State<'repo>> {
        let read = |commit| CommitFiles::new(self.repo(), commit, Subject::commit("base", commit));
        let elsewhere = config.changelog.as_ref().is_some_and(|changelog| changelog.on == On::DefaultBranch);
        let changelog = match (&at, default) {
            (At::Tag(_), Some(tip)) if elsewhere => Some(read(tip)),
            (At::Tag(_), None) if elsewhere => return Err(no_default("the changelog is kept there").into()),
            _ => None,
        };
        Ok(State { judge: self, files: Box::new(files), base: base.map(read), at, changelog, config })
    }

    /// Whether a commit has a config, be it a broken one.
    fn has_config(&self, commit: Option<Oid>) -> bool {
        let Some(commit) = commit else { return false };
        let files = CommitFiles::new(self.repo(), commit, Subject::commit("base", commit));
        !matches!(config::from_snapshot(&files), Ok(None))
    }
}

fn bare(lack: &str) -> Fail {
    Fail::new(format!("the repository is bare: {lack}"))
        .help("name what to judge: `relguard check --rev REV`")
}

impl State<'_> {
    /// The commit that the state is compared with.
    pub fn base(&self) -> Option<Oid> {
        self.base.as_ref()?.subject().commit
    }

    /// The files.
    pub fn files(&self) -> &dyn Snapshot {
        self.files.as_ref()
    }

    /// The facts of this state.
    pub fn project(&self) -> Result<Project> {
        self.project_of(self.files.as_ref())
    }

    /// The findings in this state's files, or in what they would be after a fix.
    pub fn findings_in(&self, files: &dyn Snapshot) -> Result<Vec<Finding>> {
        Ok(judge(&self.project_of(files)?, &self.config))
    }

    /// The findings that a commit has by itself, judged by this state's config.
    pub fn findings_at(&self, commit: Oid) -> Result<Vec<Finding>> {
        let files = CommitFiles::new(self.judge.repo(), commit, Subject::commit("base", commit));
        let scope = Scope { base: None, ..self.scope() };
        Ok(judge(&Project::read(&files, &self.config, scope)?, &self.config))
    }

    fn project_of(&self, files: &dyn Snapshot) -> Result<Project> {
        let mut project = Project::read(files, &self.config, self.scope())?;
        if self.has_its_changelog_elsewhere(&project)? {
            project = Project::read(files, &self.config, Scope { without_changelog: true, ..self.scope() })?;
        }
        if self.at.is_files() {
            self.must_have_charts(&project)?;
        }
        Ok(project)
    }

    /// Whether the state is on its way to a release branch, which carries no changelog of its own.
    fn has_its_changelog_elsewhere(&self, project: &Project) -> Result<bool> {
        let version = leading_version(project).filter(|_| matches!(self.at, At::Nowhere));
        version
            .map_or(Ok(false), |version| self.judge.keeps_changelog_elsewhere(&self.config, None, &version))
    }

    /// Refuses to pass a state without a chart where the rule that would say so is off.
    pub(super) fn must_have_charts(&self, project: &Project) -> Result<()> {
        let silent = self.config.level("chart/version") == Some(Level::Off);
        let unread = project.charts.iter().all(|chart| chart.file.is_err());
        if silent && unread && !self.config.charts.is_none() {
            return Err(Fail::new("no chart can be read, and chart/version, which would say so, is off")
                .help("list the charts in .relguard.yaml, say that there are none (`charts: []`), or turn the rule on")
                .into());
        }
        Ok(())
    }

    fn scope(&self) -> Scope<'_> {
        let on_default =
            self.config.changelog.as_ref().is_some_and(|changelog| changelog.on == On::DefaultBranch);
        let (branch, tag) = match &self.at {
            At::Nowhere | At::Default | At::OtherBranch => (None, None),
            At::Branch(branch) => (Some(branch), None),
            At::Tag(version) => (None, Some(version)),
        };
        Scope {
            base: self.base.as_ref().map(|base| base as &dyn Snapshot),
            repo: Some(self.judge.repo()),
            tag,
            changelog: self.changelog.as_ref().map(|files| files as &dyn Snapshot),
            // Release branches then carry no changelog of their own; without a chart only a tag has a version.
            without_changelog: (on_default && branch.is_some())
                || (tag.is_none() && self.config.charts.is_none()),
            branch,
        }
    }
}
