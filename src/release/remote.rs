//! The remote that a project is published on, and what is wrong with it.

use anyhow::Result;

use crate::config::Config;
use crate::domain::text::visible;
use crate::domain::{Fail, Oid};
use crate::git::Repo;

/// The remote of the config; `None` where there is none at all, and this repository is all there is. An error where
/// there are others: what is published is on one of them, and local branches must not be taken for it.
pub(super) fn of(repo: &Repo, config: &Config) -> Result<Option<String>> {
    let wanted = &config.remote;
    if repo.has_remote(wanted) {
        return Ok(Some(wanted.clone()));
    }
    let others = repo.remotes();
    let Some(first) = others.first() else { return Ok(None) };
    let (names, is) = (others.join(", "), if others.len() == 1 { "is" } else { "are" });
    Err(Fail::new(format!("there is no remote {wanted} in this clone; there {is} {}", visible(&names)))
        .help(format!(
            "say which one the project is published on, in .relguard.yaml: `remote: {first}`; or name it so here: \
             git remote rename {first} {wanted}"
        ))
        .into())
}

/// There is nothing to push to.
pub(super) fn missing(config: &Config) -> Fail {
    let name = &config.remote;
    Fail::new(format!("there is no remote {name} to push to"))
        .help(format!("git remote add {name} URL, or name another one in .relguard.yaml (remote: NAME)"))
}

/// The remote has another tip of a branch than this clone knows of; `there`: none any more.
pub(super) fn stale(repo: &Repo, remote: &str, branch: &str, there: Option<Oid>) -> Fail {
    let help = if repo.is_fetched(remote, &format!("refs/heads/{branch}")) {
        format!("git fetch --prune {remote}, then run the same command again")
    } else {
        fetch_all(remote)
    };
    Fail::new(match there {
        Some(there) => {
            format!("{remote} has {branch} at {}, which this clone does not know of", there.short())
        }
        None => format!("{remote} no longer has {branch}"),
    })
    .help(help)
}

/// Refuses where a branch that is pushed to a remote, or that somebody else pushes, would never be known here: the
/// refspecs of the config keep others, in places of their own.
pub(super) fn must_keep(repo: &Repo, remote: &str, branches: &[&str]) -> Result<(), Fail> {
    let mut branches = branches.iter();
    match branches.find(|branch| repo.tracked(remote, &format!("refs/heads/{branch}")).is_none()) {
        Some(branch) => Err(Fail::new(format!(
            "this clone does not fetch {branch} of {remote}, and can't know where it is"
        ))
        .help(fetch_all(remote))),
        None => Ok(()),
    }
}

/// The way out where a clone fetches only some branches.
fn fetch_all(remote: &str) -> String {
    format!(
        "git remote set-branches {remote} '*' && git fetch --prune {remote}, then run the same command again"
    )
}
