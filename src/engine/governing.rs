//! Which config judges, and which branch is the default one.
//!
//! A state is judged by its own config (the index's, the commit's); one without the file by the default
//! branch's, else by the built-in one. What is about branches, tags and exceptions is not for the state to
//! say: another config governs there.
//!
//! | what judges | whose config governs |
//! |---|---|
//! | `check`, `audit`, `status`, the process | the working tree's; in a bare repository the default branch's |
//! | pre-commit | the default branch's |
//! | pre-push, `ci` | the default branch's as it is published |
//! | server hooks | the default branch's as it stood before the push, for all of the state |
//!
//! Where there is none the built-in one does. `--config` overrides all of them. Where the published one is
//! broken, what repairs it may judge itself: see [`Judge::published_config`] and [`Judge::server_config`].

use std::cell::OnceCell;

use anyhow::Result;

use crate::config::{self, Config};
use crate::domain::text::visible;
use crate::domain::{Fail, Oid};
use crate::finding::{Subject, SubjectKind};
use crate::git::{Head, RefUpdate, Repo};
use crate::project::refs::{RefName, RefView, default_branch};
use crate::source::{CommitFiles, Snapshot, Worktree};

/// Judges states of one repository.
#[derive(Clone)]
pub struct Judge<'repo> {
    repo: &'repo Repo,
    forced: Option<Config>,
    /// The default branch as it is found without a config.
    default_branch: OnceCell<Option<(String, Oid)>>,
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

    /// Whether one config overrides all others.
    pub fn is_forced(&self) -> bool {
        self.forced.is_some()
    }

    /// What governs where files are looked at: the config of the working tree; in a bare repository, or
    /// without one, the default branch's, else the built-in one.
    pub fn standing_config(&self) -> Result<Config> {
        if let Some(forced) = &self.forced {
            return Ok(forced.clone());
        }
        let own = match self.supposed() {
            Some(files) => Some(config::from_snapshot(&files?)),
            None => Worktree::new(self.repo).map(|files| config::from_snapshot(&files)),
        };
        match own.transpose()?.flatten() {
            Some(own) => Ok(own),
            None => or_built_in(self.default_config(None)?),
        }
    }

    /// The files of the commit that is supposed to be checked out, where one is.
    pub(super) fn supposed(&self) -> Option<Result<CommitFiles<'repo>>> {
        let repo = self.repo;
        let head = repo.supposes_files().then(|| repo.head())?;
        let files = |head: Head| Some(CommitFiles::new(repo, head.commit?, Subject::worktree()));
        head.map(files).transpose()
    }

    /// What governs a commit that is being made: the default branch's config, so that no commit changes its
    /// own judge. Which branch that is, is not for the commit to say. An error where it is broken; `None`
    /// where there is no default branch.
    pub(super) fn config_for_commits(&self) -> Result<Option<Config>> {
        match self.default_config(None)? {
            None if self.default_tip(None).is_some() => Ok(Some(Config::built_in()?)),
            standing => Ok(standing),
        }
    }

    /// What governs a push before it leaves, and what CI judges after it: the default branch's config as it
    /// is published; where that has none, or a broken one, as the push leaves it, so that it can be repaired.
    pub fn published_config(&self, before: &RefView, after: &RefView) -> Result<Config> {
        if let Some(forced) = &self.forced {
            return Ok(forced.clone());
        }
        // Where this clone knows of no HEAD of the remote, its own config may say which branch that is.
        let named = || {
            let named = self.standing_config().ok()?.default_branch?;
            default_branch(Some(&named), before, after).map(str::to_owned)
        };
        let name = default_branch(None, before, after).map(str::to_owned).or_else(named);
        let of = |view| name.as_deref().map_or(Ok(None), |name| self.config_of_branch(view, name));
        match of(before) {
            Ok(Some(config)) => Ok(config),
            Ok(None) => or_built_in(of(after)?),
            Err(broken) => of(after).ok().flatten().ok_or(broken),
        }
    }

    /// What governs a push on the server that gets it: the default branch's config as it stands before the
    /// push, so that no push weakens its own judge. Where that is broken, a push of that branch alone is
    /// judged by the one that it brings; so is the first push of all. `brought` is what
    /// [`Self::config_brought`] found.
    pub fn server_config(
        &self,
        before: &RefView,
        after: &RefView,
        brought: Option<Config>,
        updates: &[RefUpdate],
    ) -> Result<Config> {
        if let Some(forced) = &self.forced {
            return Ok(forced.clone());
        }
        if before.is_empty() {
            return or_built_in(brought);
        }
        match self.config_of_default(before) {
            Ok(standing) => or_built_in(standing),
            Err(broken) => {
                let default = after.default_branch(None).map(|name| RefName::Branch(name.to_owned()));
                let is_of_it = |update: &RefUpdate| RefName::of_full(&update.name) == default;
                let alone = default.is_some() && updates.iter().all(is_of_it);
                brought.filter(|_| alone).ok_or(broken)
            }
        }
    }

    /// The config that a push gives the default branch; `None` where it leaves that branch as it is. Whatever
    /// judges the push: an error where it is none, or where the `default-branch` that it names is not there
    /// afterwards.
    pub fn config_brought(&self, before: &RefView, after: &RefView) -> Result<Option<Config>> {
        let tip = |view: &RefView| view.branches.get(view.default_branch(None)?).copied();
        if tip(before) == tip(after) {
            return Ok(None);
        }
        let config = or_built_in(self.config_of_default(after)?)?;
        must_have_default(&config, &[after])?;
        Ok(Some(config))
    }

    /// The config of a view's default branch; `None` where there is no such branch, or it has none.
    pub fn config_of_default(&self, view: &RefView) -> Result<Option<Config>> {
        view.default_branch(None).map_or(Ok(None), |name| self.config_of_branch(view, name))
    }

    /// The config of a branch of a view; `None` where it is not there, or has none.
    pub fn config_of_branch(&self, view: &RefView, name: &str) -> Result<Option<Config>> {
        let tip = view.branches.get(name).and_then(|tips| tips.judged());
        match tip.filter(|tip| self.repo.has_object(*tip)) {
            Some(tip) => self.config_at(tip, &Subject::branch(name, Some(tip))),
            None => Ok(None),
        }
    }

    /// A commit's own config, or the one of `--config`; `None` where it has none.
    pub fn config_at(&self, commit: Oid, subject: &Subject) -> Result<Option<Config>> {
        match &self.forced {
            Some(forced) => Ok(Some(forced.clone())),
            None => self.own_config(&CommitFiles::new(self.repo, commit, subject.clone())),
        }
    }

    /// The config among some files; `None` where there is none, or `--config` overrides it.
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

    /// A state's own config, else the default branch's, else the built-in one; with what always is
    /// the governing one's.
    pub(super) fn config(&self, own: Option<Config>, governing: Option<&Config>) -> Result<Config> {
        if let Some(forced) = &self.forced {
            return Ok(forced.clone());
        }
        let own = match own {
            Some(own) => own,
            None => or_built_in(self.default_config(governing)?)?,
        };
        Ok(match governing {
            Some(governing) => own.governed_by(governing),
            None => own,
        })
    }

    /// The config of the clone's default branch, which `hint` may name.
    fn default_config(&self, hint: Option<&Config>) -> Result<Option<Config>> {
        let Some((name, commit)) = self.default_tip(hint) else { return Ok(None) };
        config::from_snapshot(&CommitFiles::new(self.repo, commit, Subject::branch(&name, Some(commit))))
    }

    /// The name of the clone's default branch, by a config.
    pub(super) fn default_name(&self, config: &Config) -> Option<String> {
        self.default_tip(Some(config)).map(|(name, _)| name)
    }

    fn default_tip(&self, hint: Option<&Config>) -> Option<(String, Oid)> {
        let name = hint.and_then(|config| config.default_branch.as_deref());
        let remote = hint.map_or("origin", |config| config.remote.as_str());
        if (name, remote) == (None, "origin") {
            return self.default_branch.get_or_init(|| self.repo.default_branch(name, remote)).clone();
        }
        self.repo.default_branch(name, remote)
    }
}

fn or_built_in(config: Option<Config>) -> Result<Config> {
    config.map_or_else(Config::built_in, Ok).map_err(Into::into)
}

/// Refuses a config whose `default-branch` is in none of some views: what it is to guard is then unguarded.
pub fn must_have_default(config: &Config, views: &[&RefView]) -> Result<(), Fail> {
    match &config.default_branch {
        Some(name) if !views.iter().any(|view| view.branches.contains_key(name)) => {
            Err(no_such_default(name))
        }
        _ => Ok(()),
    }
}

/// The default branch of a config is needed and not there.
pub(super) fn lacks_default(config: &Config, why: &str) -> Fail {
    match &config.default_branch {
        Some(name) => no_such_default(name),
        None => no_default(why),
    }
}

/// The default branch that the config names is not there.
fn no_such_default(name: &str) -> Fail {
    Fail::new(format!("the default branch {name} of .relguard.yaml does not exist"))
        .help("correct `default-branch`, or bring the branch: git fetch origin, on a server git push")
}

/// There is no default branch, and something needs it.
pub(super) fn no_default(why: &str) -> Fail {
    Fail::new(format!("there is no default branch, and {why}")).help(
        "name it in .relguard.yaml (default-branch: NAME), or fetch it: git remote set-head origin --auto \
         (in CI: fetch-depth: 0; on a server: git symbolic-ref HEAD refs/heads/NAME)",
    )
}
