//! Commits that are made without a checkout.

use anyhow::Result;
use git2::build::TreeUpdateBuilder;
use git2::{FileMode, Repository};

use super::{Git, Repo, object_error};
use crate::domain::{Fail, Oid, OidSet, RepoPath};

/// What the reflog says first of such commits.
const REASON: &str = "relguard: ";

/// A commit that is to be made on a branch, without a checkout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BranchCommit {
    /// The branch's short name.
    pub branch: String,
    /// Where the branch is now; `None`: it must not be there.
    pub from: Option<Oid>,
    /// The commit below the new one; `None`: it is the first of its history.
    pub parent: Option<Oid>,
    /// The files that are new or get new bytes.
    pub files: Vec<(RepoPath, Vec<u8>)>,
    /// The whole message.
    pub message: String,
}

impl Repo {
    /// Makes a commit and moves its branch there, if that still is where it was. The author is who git says.
    pub fn commit_to_branch(&self, commit: &BranchCommit) -> Result<Oid> {
        let tree = tree_with(&self.inner, commit.parent, &commit.files)?.to_string();
        let git = Git::new(self);
        let mut args = vec!["commit-tree", &tree, "-F", "-"];
        let parent = commit.parent.map(|parent| parent.to_string());
        if let Some(parent) = &parent {
            args.extend(["-p", parent]);
        }
        if self.config_flag("commit.gpgSign") {
            args.push("--gpg-sign");
        }
        let made = git.feed(&args, commit.message.as_bytes())?;
        let made = Oid::from_hex(made.trim_ascii())
            .ok_or_else(|| Fail::new("git commit-tree does not say which commit it made"))?;
        let full = format!("refs/heads/{}", commit.branch);
        let reason = format!("{REASON}{}", commit.message.lines().next().unwrap_or_default());
        let from = commit.from.unwrap_or(Oid::ZERO).to_string();
        git.output(&["update-ref", "--create-reflog", "-m", &reason, &full, &made.to_string(), &from])?;
        Ok(made)
    }

    /// The commits that [`Repo::commit_to_branch`] made on a branch of this repository, as far as its reflog tells.
    pub fn made_on_branch(&self, branch: &str) -> OidSet {
        let Ok(log) = self.inner.reflog(&format!("refs/heads/{branch}")) else { return OidSet::default() };
        let is_own = |line: &git2::ReflogEntry<'_>| {
            line.message_bytes().is_some_and(|reason| reason.starts_with(REASON.as_bytes()))
        };
        log.iter().filter(is_own).map(|line| super::oid(line.id_new())).collect()
    }

    /// Where a branch is checked out: in this working tree, or in another one of the repository.
    pub fn checked_out_at(&self, branch: &str) -> Result<Option<String>> {
        let full = format!("refs/heads/{branch}");
        let out = Git::new(self).output(&["for-each-ref", "--format=%(worktreepath)", &full])?;
        let path = String::from_utf8_lossy(&out).trim_end_matches('\n').to_owned();
        if !path.is_empty() {
            return Ok(Some(path));
        }
        // Before its first commit it is no ref yet.
        let here =
            self.workdir().filter(|_| self.head().is_ok_and(|head| head.branch.as_deref() == Some(branch)));
        Ok(here.map(|here| here.display().to_string()))
    }
}

/// The tree of a commit with some files added or replaced.
pub(super) fn tree_with(
    repo: &Repository,
    commit: Option<Oid>,
    files: &[(RepoPath, Vec<u8>)],
) -> Result<git2::Oid> {
    let full = |error: git2::Error| {
        Fail::new(format!("the commit's files can't be stored: {}; nothing was changed", error.message()))
            .help("make room on the disk of the repository, and its `objects` folder writable")
    };
    let base = match commit {
        Some(commit) => {
            let id = super::raw(commit)?;
            repo.find_commit(id).and_then(|commit| commit.tree()).map_err(|error| object_error(id, &error))?
        }
        None => repo.find_tree(repo.treebuilder(None)?.write()?)?,
    };
    let mut update = TreeUpdateBuilder::new();
    for (path, bytes) in files {
        update.upsert(path.as_str(), repo.blob(bytes).map_err(full)?, FileMode::Blob);
    }
    Ok(update.create_updated(repo, &base).map_err(full)?)
}
