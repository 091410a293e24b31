use std::cell::OnceCell;

use anyhow::Result;

use super::judge;
use crate::config::{self, Config, Level, On};
use crate::domain::{Fail, Oid};
use crate::finding::{Finding, Subject};
use crate::git::Repo;
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
    branch: Option<OnBranch>,
    /// The config that it is judged by.
    pub config: Config,
}

impl<'repo> Judge<'repo> {
    /// A judge over a repository; `forced` is the config of `--config`, which overrides all others.
    pub fn new(repo: &'repo Repo, forced: Option<Config>) -> Self {
        Self { repo, forced, default_branch: OnceCell::new() }
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
                Box::new(CommitFiles::new(self.repo, commit, Subject::commit(rev, commit))?)
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
        self.assemble(files, base, branch.as_deref(), config)
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
        let taken_out = own.is_none() && standing.is_err() && self.has_config(head.commit)?;
        let own = if taken_out { Some(Config::built_in()?) } else { own };
        let governing = match standing {
            Ok(None) if self.default_branch(None).is_some() => Some(Config::built_in()?),
            standing => standing.ok().flatten(),
        };
        let config = self.config(own, governing.as_ref())?;
        self.assemble(files, head.commit, head.branch.as_deref(), config)
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
    ) -> Result<State<'repo>> {
        let base = base
            .map(|commit| CommitFiles::new(self.repo, commit, Subject::commit("base", commit)))
            .transpose()?;
        let released = branch.filter(|name| !config.branches.ignore.iter().any(|glob| glob.matches(name)));
        let line = released.and_then(|name| Some((name, config.branches.release.line_in(name)?)));
        let branch = line.map(|(name, line)| OnBranch { name: name.to_owned(), line, checked_out: true });
        Ok(State { judge: self, files, base, branch, config })
    }

    /// Whether a commit has a config, be it a broken one.
    fn has_config(&self, commit: Option<Oid>) -> Result<bool> {
        let Some(commit) = commit else { return Ok(false) };
        let files = CommitFiles::new(self.repo, commit, Subject::commit("base", commit))?;
        Ok(!matches!(config::from_snapshot(&files), Ok(None)))
    }

    fn own_config(&self, files: &dyn Snapshot) -> Result<Option<Config>> {
        if self.forced.is_some() { Ok(None) } else { config::from_snapshot(files) }
    }

    /// The config of the working tree; in a bare repository, or without one, the default branch's, else
    /// the built-in one: a state never brings its own exceptions.
    fn worktree_config(&self) -> Result<Option<Config>> {
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
        config::from_snapshot(&CommitFiles::new(self.repo, commit, Subject::branch(&name, Some(commit)))?)
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
    fn config(&self, own: Option<Config>, governing: Option<&Config>) -> Result<Config> {
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
        let files = CommitFiles::new(self.judge.repo, commit, Subject::commit("base", commit))?;
        let scope = Scope { base: None, ..self.scope() };
        Ok(judge(&Project::read(&files, &self.config, scope)?, &self.config))
    }

    fn project_of(&self, files: &dyn Snapshot) -> Result<Project> {
        let project = Project::read(files, &self.config, self.scope())?;
        let silent = self.config.level("chart/version") == Some(Level::Off);
        let unread = project.charts.iter().all(|chart| chart.file.is_err());
        if silent && unread && !self.config.charts.is_none() {
            return Err(Fail::new("no chart can be read, and chart/version, which would say so, is off")
                .help("list the charts in .relguard.yaml, say that there are none (`charts: []`), or turn the rule on")
                .into());
        }
        Ok(project)
    }

    fn scope(&self) -> Scope<'_> {
        let on_default =
            self.config.changelog.as_ref().is_some_and(|changelog| changelog.on == On::DefaultBranch);
        Scope {
            base: self.base.as_ref().map(|base| base as &dyn Snapshot),
            repo: Some(self.judge.repo),
            tag: None,
            // Release branches then carry no changelog of their own.
            without_changelog: (on_default && self.branch.is_some()) || self.config.charts.is_none(),
            branch: self.branch.as_ref(),
        }
    }
}
