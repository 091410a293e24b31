//! What a plan would leave behind, for the plan that comes after it: each action says what it does to the refs and
//! the files, and nothing is done.

use anyhow::{Context as _, Result};

use super::plan::{Action, Plan};
use crate::domain::{RepoPath, SortedMap};
use crate::git::{BranchCommit, Repo};
use crate::source::{self, Worktree};

/// Lets what is planned next find the repository and its remote as this plan would leave them.
pub fn suppose(repo: &Repo, plan: &Plan) -> Result<()> {
    let mut written = SortedMap::new();
    for action in &plan.actions {
        suppose_one(repo, action, &mut written)?;
    }
    Ok(())
}

/// One action; `written` are the files that the plan wrote before it.
fn suppose_one(repo: &Repo, action: &Action, written: &mut SortedMap<RepoPath, Vec<u8>>) -> Result<()> {
    let full = |branch: &str| format!("refs/heads/{branch}");
    match action {
        Action::Fetch { remote } => {
            repo.suppose_fetch(remote).with_context(|| format!("`{}` failed", action.words()))
        }
        // An archive is no part of the repository.
        Action::PutFiles(_) => Ok(()),
        Action::WriteFiles(files) => {
            written.extend(files.iter().map(|file| (file.path.clone(), file.bytes.clone())));
            Ok(())
        }
        Action::Switch { branch, at } => {
            at.map_or(Ok(()), |at| repo.suppose_ref(&full(branch), at))?;
            repo.suppose_checkout(branch)
        }
        Action::Commit { paths, message } => commit(repo, (paths, message), written),
        Action::CommitToBranch(commit) => repo.suppose_commit(commit),
        Action::CreateBranch { name, at } => repo.suppose_ref(&full(name), *at),
        Action::CreateTag { name, at, message, .. } => repo.suppose_tag(name, *at, message),
        Action::Push { remote, refs } => {
            for pushed in refs {
                if let Some(at) = repo.find_ref(&pushed.from)? {
                    repo.suppose_pushed(remote, &pushed.to, at)?;
                }
            }
            Ok(())
        }
    }
}

/// The commit of files, as the plan wrote them, else as a run before it left them on disk.
fn commit(
    repo: &Repo,
    (paths, message): (&[RepoPath], &str),
    written: &mut SortedMap<RepoPath, Vec<u8>>,
) -> Result<()> {
    let head = repo.head()?;
    let Some(branch) = head.branch else { return Ok(()) };
    let mut files = Vec::new();
    for path in paths {
        let on_disk = || -> Result<Option<Vec<u8>>> {
            let Some(disk) = Worktree::new(repo) else { return Ok(None) };
            Ok(source::read(&disk, path)?.ok().flatten().map(|file| file.bytes))
        };
        let bytes = written.remove(path).map_or_else(on_disk, |bytes| Ok(Some(bytes)))?;
        files.extend(bytes.map(|bytes| (path.clone(), bytes)));
    }
    repo.suppose_commit(&BranchCommit {
        branch,
        from: head.commit,
        parent: head.commit,
        files,
        message: message.to_owned(),
    })?;
    repo.suppose_committed(paths)
}
