use std::cell::OnceCell;

use std::rc::Rc;

use anyhow::Result;

use super::judge;
use crate::config::{self, Config, Level, On};
use crate::domain::text::visible;
use crate::domain::{Fail, Oid, Version};
use crate::finding::{Finding, Subject, SubjectKind};
use crate::git::Repo;
use crate::project::refs::{RefView, default_branch};
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

/// Judges states of one repository.
#[derive(Clone)]
pub struct Judge<'repo> {
    repo: &'repo Repo,
    forced: Option<Config>,
    /// The default branch as it is found without a config.
    default_branch: OnceCell<Option<(String, Oid)>>,
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
    /// None.
    #[default]
    Nowhere,
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
        matches!(self, Self::Nowhere | Self::Branch(OnBranch { checked_out: true, .. }))
    }
}

impl<'repo> Judge<'repo> {
    /// A judge over a repository; `forced` is the config of `--config`, which overrides all others.
    pub fn new(repo: &'repo Repo, forced: Option<Config>) -> Self {
        Self { repo, forced, default_branch: OnceCell::new() }
    }

    /// Whether one config overrides all others.
    pub fn is_forced(&self) -> bool {
        self.forced.is_some()
    }

    /// The config of the working tree; in a bare repository, or without one, the default branch's, else
    /// the built-in one.
    pub fn standing_config(&self) -> Result<Config> {
        match &self.forced {
            Some(forced) => Ok(forced.clone()),
            None => self.worktree_config()?.map_or_else(|| Ok(Config::built_in()?), Ok),
        }
    }

    /// The default branch of a view whose config is not known yet.
    pub fn default_of(&self, view: &RefView, remote: &str) -> Option<String> {
        default_branch(&self.repo.default_branch_names(remote), view, view).map(str::to_owned)
    }

    /// The config of a view's default branch; `None` where there is no such branch, or it has none.
    pub fn config_of_default(&self, view: &RefView, remote: &str) -> Result<Option<Config>> {
        if let Some(forced) = &self.forced {
            return Ok(Some(forced.clone()));
        }
        let Some(name) = self.default_of(view, remote) else { return Ok(None) };
        let Some(tip) = view.branches.get(&name).and_then(|tips| tips.judged()) else { return Ok(None) };
        self.config_at(tip, &Subject::branch(&name, Some(tip)))
    }

    /// A commit's own config, or the one of `--config`; `None` where it has none.
    pub fn config_at(&self, commit: Oid, subject: &Subject) -> Result<Option<Config>> {
        match &self.forced {
            Some(forced) => Ok(Some(forced.clone())),
            None => self.own_config(&CommitFiles::new(self.repo, commit, subject.clone())),
        }
    }

    /// The repository.
    pub fn repo(&self) -> &'repo Repo {
        self.repo
    }

    /// A state, compared with `against` where that is given, else with what its kind is compared with.
    pub fn state(&'repo self, which: &Which, against: Option<&str>) -> Result<State<'repo>> {
        let files: Box<dyn Snapshot + 'repo> = match which {
            Which::Worktree => Box::new(self.worktree()?),
            Which::Staged => Box::new(self.index()?),
            Which::Rev(rev) => {
                let commit = self.repo.commit(rev)?;
                Box::new(CommitFiles::new(self.repo, commit, Subject::commit(rev, commit)))
            }
        };
        let head = self.repo.head()?;
        let base = match (against, which) {
            (Some(rev), _) => Some(self.repo.commit(rev)?),
            (None, Which::Rev(_)) => None,
            (None, Which::Worktree | Which::Staged) => head.commit,
        };
        let own = self.own_config(files.as_ref())?;
        let governing = match which {
            Which::Worktree => None,
            Which::Staged | Which::Rev(_) => self.worktree_config()?,
        };
        let config = self.config(own, governing.as_ref())?;
        let branch = head.branch.filter(|_| !matches!(which, Which::Rev(_)));
        Ok(self.assemble(files, base, branch.as_deref(), config))
    }

    /// The index as a commit hook judges it: what is about branches and exceptions comes from the
    /// default branch's config, so that no commit changes its own judge.
    pub fn staged(&'repo self, files: StagedFiles<'repo>) -> Result<State<'repo>> {
        let files: Box<dyn Snapshot + 'repo> = Box::new(files);
        let head = self.repo.head()?;
        let own = self.own_config(files.as_ref())?;
        // Which branch that is, is not for the commit to say. A broken config there must not stop the one
        // that repairs it, or takes it out.
        let standing = self.default_config(None);
        let taken_out = own.is_none() && standing.is_err() && self.has_config(head.commit);
        let own = if taken_out { Some(Config::built_in()?) } else { own };
        let governing = match standing {
            Ok(None) if self.default_branch(None).is_some() => Some(Config::built_in()?),
            standing => standing.ok().flatten(),
        };
        let config = self.config(own, governing.as_ref())?;
        Ok(self.assemble(files, head.commit, head.branch.as_deref(), config))
    }

    /// The files on disk; an error in a bare repository.
    pub fn worktree(&self) -> Result<Worktree<'repo>> {
        Worktree::new(self.repo).ok_or_else(|| bare("it has no files on disk").into())
    }

    /// The index; an error in a bare repository.
    pub fn index(&self) -> Result<StagedFiles<'repo>> {
        if self.repo.is_bare() {
            return Err(bare("nothing is staged in it").into());
        }
        StagedFiles::new(self.repo)
    }

    fn assemble(
        &'repo self,
        files: Box<dyn Snapshot + 'repo>,
        base: Option<Oid>,
        branch: Option<&str>,
        config: Config,
    ) -> State<'repo> {
        let base = base.map(|commit| CommitFiles::new(self.repo, commit, Subject::commit("base", commit)));
        let released = branch.filter(|name| !config.branches.ignore.iter().any(|glob| glob.matches(name)));
        let line = released.and_then(|name| Some((name, config.branches.release.line_in(name)?)));
        let branch = line.map(|(name, line)| OnBranch { name: name.to_owned(), line, checked_out: true });
        let at = branch.map_or(At::Nowhere, At::Branch);
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
        let read = |commit| CommitFiles::new(self.repo, commit, Subject::commit("base", commit));
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
        let files = CommitFiles::new(self.repo, commit, Subject::commit("base", commit));
        !matches!(config::from_snapshot(&files), Ok(None))
    }

    pub(super) fn own_config(&self, files: &dyn Snapshot) -> Result<Option<Config>> {
        if self.forced.is_some() {
            return Ok(None);
        }
        let subject = files.subject();
        let of = |kind: &str| format!("the config of {kind} {}", visible(&subject.name));
        config::from_snapshot(files).map_err(|error| match subject.kind {
            SubjectKind::Branch => error.context(of("branch")),
            SubjectKind::Tag => error.context(of("tag")),
            _ => error,
        })
    }

    /// The config of the working tree; in a bare repository, or without one, the default branch's, else
    /// the built-in one: a state never brings its own exceptions.
    pub(super) fn worktree_config(&self) -> Result<Option<Config>> {
        if self.forced.is_some() {
            return Ok(None);
        }
        let own = Worktree::new(self.repo).map(|files| config::from_snapshot(&files));
        let standing = match own.transpose()?.flatten() {
            Some(own) => Some(own),
            None => self.default_config(None)?,
        };
        standing.map_or_else(Config::built_in, Ok).map(Some).map_err(Into::into)
    }

    fn default_config(&self, hint: Option<&Config>) -> Result<Option<Config>> {
        let Some((name, commit)) = self.default_branch(hint) else { return Ok(None) };
        config::from_snapshot(&CommitFiles::new(self.repo, commit, Subject::branch(&name, Some(commit))))
    }

    fn default_branch(&self, hint: Option<&Config>) -> Option<(String, Oid)> {
        let name = hint.and_then(|config| config.default_branch.as_deref());
        let remote = hint.map_or("origin", |config| config.remote.as_str());
        if (name, remote) == (None, "origin") {
            return self.default_branch.get_or_init(|| self.repo.default_branch(name, remote)).clone();
        }
        self.repo.default_branch(name, remote)
    }

    /// A state's own config, else the default branch's, else the built-in one; with what always is
    /// the governing one's.
    pub(super) fn config(&self, own: Option<Config>, governing: Option<&Config>) -> Result<Config> {
        if let Some(forced) = &self.forced {
            return Ok(forced.clone());
        }
        let own = match own {
            Some(own) => own,
            None => match self.default_config(governing)? {
                Some(default) => default,
                None => Config::built_in()?,
            },
        };
        Ok(match governing {
            Some(governing) => own.governed_by(governing),
            None => own,
        })
    }
}

/// There is no default branch, and something needs it.
pub(super) fn no_default(why: &str) -> Fail {
    Fail::new(format!("there is no default branch, and {why}")).help(
        "name it in .relguard.yaml (default-branch: NAME), or fetch it: git remote set-head origin --auto \
         (in CI: fetch-depth: 0; on a server: git symbolic-ref HEAD refs/heads/NAME)",
    )
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
        let files = CommitFiles::new(self.judge.repo, commit, Subject::commit("base", commit));
        let scope = Scope { base: None, ..self.scope() };
        Ok(judge(&Project::read(&files, &self.config, scope)?, &self.config))
    }

    fn project_of(&self, files: &dyn Snapshot) -> Result<Project> {
        let project = Project::read(files, &self.config, self.scope())?;
        if self.at.is_files() {
            self.must_have_charts(&project)?;
        }
        Ok(project)
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
            At::Nowhere | At::OtherBranch => (None, None),
            At::Branch(branch) => (Some(branch), None),
            At::Tag(version) => (None, Some(version)),
        };
        Scope {
            base: self.base.as_ref().map(|base| base as &dyn Snapshot),
            repo: Some(self.judge.repo),
            tag,
            changelog: self.changelog.as_ref().map(|files| files as &dyn Snapshot),
            // Release branches then carry no changelog of their own; without a chart only a tag has a version.
            without_changelog: (on_default && branch.is_some())
                || (tag.is_none() && self.config.charts.is_none()),
            branch,
        }
    }
}
