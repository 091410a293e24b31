//! What a step needs of the repository before the rules are asked.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use super::plan::NewFile;
use crate::domain::text::visible;
use crate::domain::{Fail, Oid, RepoPath};
use crate::git::{Git, Repo, blob_id};

/// How many changed files a refusal names.
const NAMED: usize = 3;

/// Refuses while git is in the middle of something, or files that git tracks differ from the commit that is
/// checked out. `step` is the command that needs it: `bump --commit`.
pub(super) fn must_be_clean(repo: &Repo, step: &str) -> Result<()> {
    if repo.is_bare() {
        return Ok(());
    }
    must_be_idle(repo, step)?;
    let changed = changed_files(repo)?;
    if changed.is_empty() {
        return Ok(());
    }
    let mut names: Vec<&str> = changed.iter().take(NAMED).map(String::as_str).collect();
    let more = format!("{} more", changed.len() - names.len());
    if changed.len() > names.len() {
        names.push(&more);
    }
    let names = names.join(", ");
    Err(Fail::new(format!(
        "`relguard {step}` needs a clean working tree, and these files are changed: {}",
        visible(&names)
    ))
    .help("commit them, or put them aside: git stash")
    .into())
}

/// Refuses while git is in the middle of a rebase, a merge or the like.
pub(super) fn must_be_idle(repo: &Repo, step: &str) -> Result<()> {
    match repo.operation() {
        Some((operation, end)) => {
            Err(Fail::new(format!("`relguard {step}` can't run in the middle of a {operation}"))
                .help(format!("finish it first, or give it up: {end}"))
                .into())
        }
        None => Ok(()),
    }
}

/// The paths of tracked files that differ from HEAD, in the index or on disk.
pub(super) fn changed_files(repo: &Repo) -> Result<Vec<String>> {
    let args = ["status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=no"];
    let out = Git::new(repo).output(&args)?;
    let lines = out.split(|byte| *byte == 0).filter(|line| line.len() > 3);
    let names = lines.map(|line| String::from_utf8_lossy(line.get(3..).unwrap_or_default()).into_owned());
    Ok(names.filter(|name| !repo.supposes_committed(name)).collect())
}

/// The same with those of some files that git does not track yet.
pub(super) fn changed_or_new(repo: &Repo, files: &[&RepoPath]) -> Result<BTreeSet<String>> {
    let mut changed: BTreeSet<String> = changed_files(repo)?.into_iter().collect();
    if !files.is_empty() {
        let mut args = vec!["--literal-pathspecs", "ls-files", "--others", "-z", "--"];
        args.extend(files.iter().map(|path| path.as_str()));
        let out = Git::new(repo).output(&args)?;
        let names = out.split(|byte| *byte == 0).filter(|name| !name.is_empty());
        let names = names.map(|name| String::from_utf8_lossy(name).into_owned());
        changed.extend(names.filter(|name| !repo.supposes_committed(name)));
    }
    Ok(changed)
}

/// Refuses to change a file and commit it that is there and that git does not track.
pub(super) fn must_be_tracked(repo: &Repo, files: &[NewFile]) -> Result<()> {
    let there: Vec<&RepoPath> =
        files.iter().filter(|file| file.before.is_some()).map(|file| &file.path).collect();
    let changed: BTreeSet<String> = changed_files(repo)?.into_iter().collect();
    let untracked = changed_or_new(repo, &there)?.into_iter().find(|path| !changed.contains(path));
    match untracked {
        Some(path) => Err(Fail::new(format!("{} is there, and git does not track it", visible(&path)))
            .help("add and commit it first, or move it away")
            .into()),
        None => Ok(()),
    }
}

/// Those of these files that are still to be written, where a run before this one began with it and was cut off:
/// some have the bytes that they are to have, as git would store them, and nothing else is changed. `None` where
/// that is not so.
pub(super) fn left_to_write(
    repo: &Repo,
    files: &BTreeMap<RepoPath, Vec<u8>>,
) -> Result<Option<Vec<RepoPath>>> {
    let changed = changed_or_new(repo, &files.keys().collect::<Vec<_>>())?;
    let (begun, left): (Vec<_>, Vec<_>) = files.iter().partition(|(path, _)| changed.contains(path.as_str()));
    if begun.is_empty() || begun.len() < changed.len() {
        return Ok(None);
    }
    for (path, bytes) in begun {
        let args = ["hash-object", &format!("--path={path}"), "--", path.as_str()];
        let stored = Git::new(repo).output(&args)?;
        if Oid::from_hex(stored.trim_ascii()) != blob_id(bytes) {
            return Ok(None);
        }
    }
    Ok(Some(left.into_iter().map(|(path, _)| path.clone()).collect()))
}
