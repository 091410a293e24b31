//! What a step needs of the repository before the rules are asked.

use anyhow::Result;

use super::plan::{Action, NewFile, Plan};
use crate::domain::text::visible;
use crate::domain::{Fail, Oid, RepoPath, SortedMap, SortedSet};
use crate::git::{Git, Repo, blob_id, said_by_git};

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

/// Refuses what makes a commit or a tag while git does not know in whose name: before anything is done, as what was
/// pushed stays pushed. `chain`: whatever the plan does itself, the steps after it will.
pub fn must_be_named(repo: &Repo, plan: &Plan, chain: bool) -> Result<()> {
    let makes = |action: &Action| matches!(action, Action::Commit { .. } | Action::CommitToBranch(_));
    let tags = |action: &Action| matches!(action, Action::CreateTag { .. });
    let commits = plan.actions.iter().any(makes) || (chain && !plan.actions.is_empty());
    let mut wanted = Vec::new();
    if commits {
        wanted.push("GIT_AUTHOR_IDENT");
    }
    if commits || plan.actions.iter().any(tags) {
        wanted.push("GIT_COMMITTER_IDENT");
    }
    for ident in wanted {
        Git::new(repo).output(&["var", ident]).map_err(|error| {
            Fail::new("git does not know in whose name to make the commits and tags of this step")
                .said(said_by_git(&error))
                .help("git config user.name \"Your Name\" && git config user.email you@example.org")
        })?;
    }
    Ok(())
}

/// Refuses what does something and then has git sign a tag or a commit, while git can't: by then what was pushed
/// stays pushed, and what was written is left half-way. Git is asked to sign what is thrown away, in a repository that supposes; it may ask for the words of
/// the key, as it would later.
pub(super) fn must_sign(repo: &Repo, actions: &[Action]) -> Result<()> {
    let is_set = |key: &str| repo.config_flag(key);
    let is_signed = |action: &&Action| match action {
        Action::CreateTag { sign: None, .. } => is_set("tag.gpgSign"),
        Action::CreateTag { sign: Some(sign), .. } => *sign,
        Action::Commit { .. } | Action::CommitToBranch(_) => is_set("commit.gpgSign"),
        _ => false,
    };
    let Some(action) = actions.iter().skip(1).find(is_signed) else { return Ok(()) };
    repo.suppose_signature().map_err(|error| {
        let first = format!("git can't sign, as it will have to: {}", action.words());
        Fail::new(first).said(said_by_git(&error)).help(
            "name a key that signs, and its kind: git config user.signingKey KEY && git config gpg.format ssh",
        )
    })?;
    Ok(())
}

/// Refuses to check out a branch where git would refuse it, or where the files would be no clean ones of it after
/// that. `at` is its commit; `new`: it is made there.
pub(super) fn must_switch(repo: &Repo, branch: &str, (at, new): (Oid, bool)) -> Result<()> {
    let Some(top) = repo.workdir() else {
        return Err(Fail::new(format!("the repository is bare: {branch} can't be checked out"))
            .help("run it in a clone: git clone")
            .into());
    };
    if let Some(path) = repo.checked_out_at(branch)?.filter(|_| !new) {
        return Err(Fail::new(format!("{branch} is checked out in {}", visible(&path)))
            .help("go on with it there, or check out another branch there: git switch --detach")
            .into());
    }
    // The index is that of the commit that is really checked out.
    let Some(head) = repo.head()?.commit.filter(|_| !repo.supposes_files()) else { return Ok(()) };
    let (head, at) = (head.to_string(), at.to_string());
    let by_hand = if new {
        format!("git switch --no-track --create {branch} {at}")
    } else {
        format!("git switch {branch}")
    };
    let args = ["read-tree", "-n", "-u", "-m", "--exclude-per-directory=.gitignore", &head, &at];
    Git::new(repo).output(&args).map_err(|error| {
        Fail::new(format!("{branch} can't be checked out"))
            .said(said_by_git(&error))
            .help(format!("move away what is in the way; `{by_hand}` says the same"))
    })?;
    let recurses = repo.config_flag("submodule.recurse");
    let raw = Git::new(repo).output(&["diff-tree", "-r", "-z", "--no-renames", &head, &at])?;
    let mut parts = raw.split(|byte| *byte == 0);
    while let Some((modes, path)) = parts.next().zip(parts.next()) {
        let path = String::from_utf8_lossy(path);
        let moves = modes.starts_with(b":160000 160000 ") && !recurses;
        if moves && top.join(path.as_ref()).join(".git").exists() {
            return Err(Fail::new(format!(
                "the submodule {} is at another commit on {branch}, and git leaves its files as they are",
                visible(&path)
            ))
            .help(format!("{by_hand} && git submodule update --init, then run the same command again"))
            .into());
        }
    }
    Ok(())
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
pub(super) fn changed_or_new(repo: &Repo, files: &[&RepoPath]) -> Result<SortedSet<String>> {
    let mut changed: SortedSet<String> = changed_files(repo)?.into_iter().collect();
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
    let changed: SortedSet<String> = changed_files(repo)?.into_iter().collect();
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
    files: &SortedMap<RepoPath, Vec<u8>>,
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
