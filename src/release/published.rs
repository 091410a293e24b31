//! What is published, as a step needs to know it: from this clone, held against what the remote says now.

use anyhow::Result;

use super::{remote, version};
use crate::config::Config;
use crate::domain::{Fail, Oid, SortedMap, Version};
use crate::engine::{Inspection, Judge, Occasion, Report, must_have_default};
use crate::finding::Subject;
use crate::git::{RefUpdate, Repo};
use crate::project::refs::RefView;
use crate::source::CommitFiles;

/// What is published.
pub(super) struct Published<'a> {
    judging: &'a Judge<'a>,
    /// The config of the default branch as it is published.
    pub(super) config: Config,
    /// The refs as they are published, as far as this clone knows.
    pub(super) view: RefView,
    /// The default branch's name.
    pub(super) default: String,
    /// Its newest commit.
    pub(super) default_tip: Oid,
    /// The remote; `None` where there is none, and this repository is all there is.
    pub(super) remote: Option<String>,
    /// Whether the config of this clone names that one.
    pub(super) names_remote: bool,
}

impl<'a> Published<'a> {
    /// Reads what this clone knows.
    pub(super) fn read(judging: &'a Judge<'a>) -> Result<Self> {
        let repo = judging.repo();
        let standing = judging.standing_config()?;
        let remote = remote::of(repo, &standing)?;
        let view = match &remote {
            Some(remote) => RefView::of_remote(repo, Some(remote))?,
            None => RefView::of_repository(repo, &standing.remote)?,
        };
        // Where this clone knows of no HEAD of the remote, its own config may say which branch that is.
        let named = || view.default_branch(Some(standing.default_branch.as_deref()?));
        let known = view.default_branch(None).or_else(named);
        let own = known.map_or(Ok(None), |name| judging.config_of_branch(&view, name))?;
        let config = own.map_or_else(Config::built_in, Ok)?;
        must_have_default(&config, &[&view])?;
        let found = config.default_branch.as_deref().map_or(known, |name| view.default_branch(Some(name)));
        let tip = found.and_then(|name| Some((name.to_owned(), view.branches.get(name)?.judged()?)));
        let Some((default, default_tip)) = tip else {
            return Err(Fail::new("there is no default branch that is published")
                .help(format!(
                    "push it first, or fetch it: git fetch {0} && git remote set-head {0} --auto",
                    standing.remote
                ))
                .into());
        };
        let view = if view.default_branch(None).is_some() { view } else { view.with_head(&default) };
        let names_remote = standing.names_remote || config.names_remote;
        Ok(Self { judging, config, view, default, default_tip, remote, names_remote })
    }

    pub(super) fn repo(&self) -> &'a Repo {
        self.judging.repo()
    }

    /// The published tip of a branch; `None` where it is not published.
    pub(super) fn tip(&self, branch: &str) -> Option<Oid> {
        self.view.branches.get(branch)?.judged()
    }

    /// The tag of a release; an error where the template says less than its version, so that it would be the tag of
    /// another one.
    pub(super) fn tag_of(&self, version: &Version) -> Result<String, Fail> {
        let template = &self.config.tags.release;
        let name = template.fill(version);
        match template.version_in(&name) {
            Some(other) if other != *version => Err(Fail::new(format!(
                "{version} can't be tagged: by `tags.release`, {}, its tag would be {name}, which is that of {other}",
                template.as_str()
            ))
            .help(format!("give it a place for the prerelease in .relguard.yaml, with {{version}}; or release {other}"))),
            _ => Ok(name),
        }
    }

    /// What the remote says that these refs are now, by their full names; nothing without a remote.
    pub(super) fn ask(&self, names: &[&str]) -> Result<SortedMap<String, Oid>> {
        let Some(remote) = &self.remote else { return Ok(SortedMap::new()) };
        self.repo().ask_remote(remote, names)
    }

    /// What to say where the remote may be a fork of the project; nothing where the config names it.
    pub(super) fn fork_note(&self) -> Result<Option<String>> {
        let remote = self.remote.as_ref().filter(|_| !self.names_remote);
        remote.map_or(Ok(None), |remote| remote::fork_note(self.repo(), remote))
    }

    /// Refuses where this clone keeps none of these branches of the remote.
    pub(super) fn must_keep(&self, branches: &[&str]) -> Result<(), Fail> {
        self.remote.as_ref().map_or(Ok(()), |remote| remote::must_keep(self.repo(), remote, branches))
    }

    /// Refuses where the remote has another tip of a branch than this clone knows of. `asked` is what the
    /// remote said.
    pub(super) fn must_be_fresh(&self, branch: &str, asked: &SortedMap<String, Oid>) -> Result<()> {
        let Some(remote) = &self.remote else { return Ok(()) };
        let (there, here) = (asked.get(&format!("refs/heads/{branch}")), self.tip(branch));
        if there.copied() == here {
            return Ok(());
        }
        Err(remote::stale(self.repo(), remote, branch, there.copied()).into())
    }

    /// The version that the first chart has at a commit; `None` where it is not SemVer.
    pub(super) fn version_at(&self, commit: Oid) -> Result<Option<Version>> {
        let files = CommitFiles::new(self.repo(), commit, Subject::commit(&commit.short(), commit));
        Ok(version::carried(&files, &self.config, self.repo())?.version())
    }

    /// What a server says of updates that this view has already.
    pub(super) fn judge_there(&self, updates: &[RefUpdate]) -> Result<Report> {
        let (judging, before, after) = (self.judging, self.view.before(updates), &self.view);
        let brought = judging.config_brought(&before, after)?;
        let governing = judging.server_config(&before, after, brought, updates)?;
        Inspection::of_updates(Occasion::PreReceive, before, updates, governing).run(judging)
    }

    /// What the rules say if a ref were published with this object.
    pub(super) fn judge(&self, name: &str, object: Oid) -> Result<Report> {
        let update = RefUpdate { name: name.to_owned(), old: None, new: Some(object) };
        Inspection::of_planned(&self.view, &[update], self.config.clone()).run(self.judging)
    }
}
