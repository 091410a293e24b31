//! What a publishing commit is put on: the newest that is published, or what a run before this one put there.

use anyhow::Result;

use crate::config::Config;
use crate::domain::{Fail, Oid};
use crate::git::{Elsewhere, History, Repo};
use crate::release::remote;

/// Where the branch is.
pub(super) struct Base {
    /// The commit to put the new one on; `None`: there is no such branch yet.
    pub(super) parent: Option<Oid>,
    /// Where the branch is in the repository that the commit is made in.
    pub(super) local: Option<Oid>,
    /// What can be pushed to, and where the branch is there; `None` where there is no remote.
    pub(super) remote: Option<(String, Option<Oid>)>,
    /// The subjects of this step's own commits that are left behind: the remote went on without them.
    pub(super) left: Vec<String>,
}

/// The branch of another repository.
pub(super) fn of_elsewhere(there: &Elsewhere) -> Base {
    Base {
        parent: there.tip(),
        local: None,
        remote: Some((there.place().to_owned(), there.tip())),
        left: Vec::new(),
    }
}

/// The branch of this project. An error where this clone does not have what the remote has, where both went
/// apart, or where the branch is checked out.
pub(super) fn of_project(repo: &Repo, config: &Config) -> Result<Base> {
    let branch = &config.index.branch;
    let default = repo.default_branch(config.default_branch.as_deref(), &config.remote);
    if default.is_some_and(|(name, _)| name == *branch) {
        return Err(Fail::new(format!("the chart index can't be on {branch}, which is the default branch"))
            .help("give it a branch of its own in .relguard.yaml: index: { branch: gh-pages }")
            .into());
    }
    if let Some(path) = repo.checked_out_at(branch)? {
        return Err(Fail::new(format!("{branch} is checked out in {path}, whose files would look changed"))
            .help("check out another branch there: git switch --detach")
            .into());
    }
    let full = format!("refs/heads/{branch}");
    let local = repo.find_ref(&full)?;
    let Some(remote) = remote::of(repo, config)? else {
        return Ok(Base { parent: local, local, remote: None, left: Vec::new() });
    };
    let there = repo.ask_remote(&remote, &[&full])?.get(&full).copied();
    let known = repo.remote_branch(&remote, branch);
    let mut left = Vec::new();
    let parent = match (there, local) {
        (None, _) if known.is_some() => return Err(remote::stale(repo, &remote, branch, None).into()),
        (Some(there), _) if !repo.has_object(there) => {
            return Err(remote::stale(repo, &remote, branch, Some(there)).into());
        }
        (Some(there), Some(local)) if there != local => {
            let (parent, behind) = newer(repo, config, there, local)?;
            left = behind;
            Some(parent)
        }
        (there, local) => there.or(local),
    };
    Ok(Base { parent, local, remote: Some((remote, there)), left })
}

/// The one of two commits that has the other below it. Where both went apart, and only `publish` was at work
/// here, it is the remote's: what is asked is published anew on top of it.
fn newer(repo: &Repo, config: &Config, there: Oid, local: Oid) -> Result<(Oid, Vec<String>)> {
    let mut history = History::open(repo)?;
    let ahead = history.reaches(local, there)?;
    if ahead == Some(true) {
        return Ok((local, Vec::new()));
    }
    let behind = history.reaches(there, local)?;
    if behind == Some(true) {
        return Ok((there, Vec::new()));
    }
    if ahead.is_none() || behind.is_none() {
        return Err(History::cut_short().into());
    }
    let (branch, remote) = (&config.index.branch, &config.remote);
    let commits = repo.log(&[local], &[there], str::to_owned)?;
    let made = repo.made_on_branch(branch);
    if commits.iter().all(|commit| made.contains(&commit.id)) {
        let subject = |message: &str| message.lines().next().unwrap_or_default().to_owned();
        return Ok((there, commits.iter().map(|commit| subject(&commit.message)).collect()));
    }
    Err(Fail::new(format!(
        "{branch} is at {} here and at {} on {remote}, and neither has the other",
        local.short(),
        there.short()
    ))
    .help(format!(
        "there are commits here that `relguard publish` did not make; keep them elsewhere if they are needed, \
         take what is published, then publish again: git branch --force {branch} {}",
        there.short()
    ))
    .into())
}
