//! What a push brings to this repository, judged by it before any ref changes.

use std::ffi::OsString;
use std::path::Path;

use anyhow::Result;

use crate::config::{self, Config};
use crate::domain::Fail;
use crate::engine::{Inspection, Judge, Occasion, Report};
use crate::git::{RefUpdate, Repo};
use crate::project::refs::{RefName, RefView};

/// The config key of the server's repository that pins another config.
pub(super) const PINNED: &str = "relguard.config";

/// Judges all updates of a push, as `pre-receive` is told of them.
pub fn pre_receive(judging: &Judge<'_>, input: &[u8]) -> Result<Report> {
    let updates = RefUpdate::read_receive(input)?;
    if updates.is_empty() {
        return Err(Fail::new("the standard input is empty: it holds no update to judge")
            .help("`relguard hook pre-receive` is for git to call: relguard install")
            .into());
    }
    receive(judging, &updates, Occasion::PreReceive)
}

/// Judges one update, as `update` is told of it: the ref, its old id, its new id.
pub fn update(judging: &Judge<'_>, args: &[OsString]) -> Result<Report> {
    let bytes: Vec<&[u8]> = args.iter().map(|arg| arg.as_encoded_bytes()).collect();
    let update = match bytes[..] {
        [name, old, new] => RefUpdate::new(name, old, new),
        _ => None,
    };
    let update = update.ok_or_else(|| {
        Fail::new("`relguard hook update` takes a ref, its old id and its new id")
            .help("it is for git to call: install it as hooks/update of a bare repository")
    })?;
    receive(judging, &[update], Occasion::Update)
}

fn receive(judging: &Judge<'_>, updates: &[RefUpdate], occasion: Occasion) -> Result<Report> {
    let repo = judging.repo();
    // A push to a symbolic ref changes the ref behind it.
    let real = |update: &RefUpdate| RefUpdate { name: repo.resolve_ref(&update.name), ..update.clone() };
    let updates = &updates.iter().map(real).collect::<Vec<_>>()[..];
    let before = RefView::of_server(repo)?;
    let after = before.after(updates);
    let first = before.is_empty();
    // Whatever judges the push: what it makes of the default branch's config has to be one.
    let brought = judging.config_brought(&before, &after)?;
    let judging = &match pinned(repo)?.filter(|_| !judging.is_forced()) {
        Some(config) => Judge::new(repo, Some(config)),
        None => judging.clone(),
    };
    let mut governing = judging.server_config(&before, &after, brought, updates)?;
    governing.default_branch = governing.default_branch.map(|name| real_branch(repo, &name));
    keep_default(&before, &after)?;
    Inspection::of_updates(occasion, before, updates, governing).as_first(first).run(judging)
}

/// The branch that a name stands for in the end, symbolic refs followed.
fn real_branch(repo: &Repo, name: &str) -> String {
    match RefName::of_full(&repo.resolve_ref(&format!("refs/heads/{name}"))) {
        Some(RefName::Branch(name)) => name,
        _ => name.to_owned(),
    }
}

/// The config that `git config relguard.config FILE` names, relative to the repository.
pub(super) fn pinned(repo: &Repo) -> Result<Option<Config>> {
    let Some(file) = repo.config(PINNED) else { return Ok(None) };
    config::from_file(&repo.common_dir().join(Path::new(&file))).map(Some)
}

/// Refuses a push that would have another branch than before be the default one, and so the judge of all that
/// comes: where the server's HEAD names a branch that does not exist, whoever makes it would decide that.
fn keep_default(before: &RefView, after: &RefView) -> Result<()> {
    let Some(standing) = before.default_branch(None) else { return Ok(()) };
    match after.default_branch(None) {
        Some(new) if new != standing && after.branches.contains_key(standing) => {
            Err(Fail::new(format!("the default branch is {standing}, and this push would make it {new}"))
                .help(format!(
                    "name it in the server's repository: git symbolic-ref HEAD refs/heads/{standing}"
                ))
                .into())
        }
        _ => Ok(()),
    }
}
