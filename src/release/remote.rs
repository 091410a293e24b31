//! The remote that a project is published on, and what is wrong with it.

use anyhow::Result;

use super::plan::{PushedRef, short};
use crate::config::Config;
use crate::domain::text::{visible, without_password};
use crate::domain::{Fail, Oid};
use crate::git::{Git, Repo};

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
    Fail::new(match there {
        Some(there) => {
            format!("{remote} has {branch} at {}, which this clone does not know of", there.short())
        }
        None => format!("{remote} no longer has {branch}"),
    })
    .help(fetch_help(repo, remote, branch))
}

/// How a clone hears of a branch of a remote.
pub(super) fn fetch_help(repo: &Repo, remote: &str, branch: &str) -> String {
    if repo.is_fetched(remote, &format!("refs/heads/{branch}")) {
        format!("git fetch --prune {remote}, then run the same command again")
    } else {
        fetch_all(remote)
    }
}

/// What a push that failed met: the remote had got the ref from somebody else, or took it all the same. `None` where
/// neither is so, or it can't be asked, and what git said is all there is to say.
pub(super) fn met_by_push(repo: &Repo, remote: &str, pushed: &[PushedRef]) -> Option<Fail> {
    let names: Vec<&str> = pushed.iter().map(|pushed| pushed.to.as_str()).collect();
    let asked = repo.ask_remote_again(remote, &names).ok()?;
    let moved = pushed.iter().find(|pushed| asked.get(&pushed.to) != pushed.old.as_ref())?;
    let (name, there) = (short(&moved.to), asked.get(&moved.to).copied());
    let again = if repo.has_remote(remote) && moved.to.starts_with("refs/heads/") {
        fetch_help(repo, remote, name)
    } else {
        "run the same command again".to_owned()
    };
    let message = match there {
        Some(there) if repo.find_ref(&moved.from).is_ok_and(|here| here == Some(there)) => {
            format!("{remote} has {name} as it was to be, at {}, and git failed all the same", there.short())
        }
        Some(there) => {
            format!(
                "somebody else pushed {name} to {remote} meanwhile, which has it at {} now",
                there.short()
            )
        }
        None => format!("somebody else deleted {name} on {remote} meanwhile"),
    };
    Some(Fail::new(message).help(again))
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

/// What a remote is called by convention that a fork comes from.
const UPSTREAM: &str = "upstream";

/// What to say before a release goes to a remote that may be a fork of the project.
pub(super) fn fork_note(repo: &Repo, remote: &str) -> Result<Option<String>> {
    if remote == UPSTREAM || !repo.has_remote(UPSTREAM) {
        return Ok(None);
    }
    let (ours, theirs) = (urls(repo, remote, &[])?, urls(repo, UPSTREAM, &[])?);
    let apart = ours.first().zip(theirs.first()).filter(|(one, other)| !is_same_place(one, other));
    Ok(apart.map(|(ours, theirs)| {
        format!(
            "{remote} ({}) may be a fork, as there is a remote {UPSTREAM} ({}) as well; if the project is published there: git \
             remote rename {remote} fork && git remote rename {UPSTREAM} {remote}; else say `remote: {remote}` in .relguard.yaml",
            shown(ours),
            shown(theirs)
        )
    }))
}

/// The URLs that git fetches a remote from; with `--push` in `more` those that it pushes to.
fn urls(repo: &Repo, remote: &str, more: &[&str]) -> Result<Vec<String>> {
    let args: Vec<&str> =
        ["remote", "get-url", "--all"].iter().chain(more).chain(&["--", remote]).copied().collect();
    let said = Git::new(repo).output(&args)?;
    Ok(String::from_utf8_lossy(&said).lines().map(str::to_owned).collect())
}

fn shown(url: &str) -> String {
    visible(&without_password(url)).into_owned()
}

/// Refuses where git pushes elsewhere than it fetches from: what is pushed would never be seen as published.
pub(super) fn must_come_back(repo: &Repo, remote: &str) -> Result<()> {
    let (from, to) = (urls(repo, remote, &[])?, urls(repo, remote, &["--push"])?);
    let Some(from) = from.first() else { return Ok(()) };
    let Some(first) = to.first().filter(|_| !to.iter().any(|to| is_same_place(from, to))) else {
        return Ok(());
    };
    Err(Fail::new(format!(
        "git fetches {remote} from {} and pushes to {}: what is pushed never shows in what is fetched",
        shown(from),
        shown(first)
    ))
    .help(format!(
        "let both be the repository that the project is published in: git config --unset-all remote.{remote}.pushurl"
    ))
    .into())
}

/// Whether two URLs may lead to one repository. Its host goes by many names, and some of them begin the path by
/// another folder for each protocol; a fork has another owner or name.
fn is_same_place(one: &str, other: &str) -> bool {
    let path = |url: &str| {
        let path = match url.split_once("://") {
            Some(("file", path)) => path,
            Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
            None => url.split_once(':').filter(|(host, _)| !host.contains('/')).map_or(url, |(_, path)| path),
        };
        let path = path.trim_matches('/');
        format!("/{}", path.strip_suffix(".git").unwrap_or(path).to_ascii_lowercase())
    };
    let (one, other) = (path(one), path(other));
    one.ends_with(&other) || other.ends_with(&one)
}

#[cfg(test)]
mod tests {
    use super::is_same_place;

    #[test]
    fn a_repository_goes_by_many_urls_and_a_fork_is_another_one() {
        let web = "https://github.com/Project/app";
        for same in ["git@github.com:project/app.git", "ssh://git@work:22/Project/app/", "gh:project/app"] {
            assert!(is_same_place(web, same) && is_same_place(same, web), "{same}");
        }
        assert!(is_same_place(
            "https://git.example.org/scm/project/app.git",
            "ssh://git@git.example.org/project/app.git"
        ));
        assert!(is_same_place("file:///srv/app.git", "/srv/app"));
        for other in ["git@github.com:me/app.git", "https://github.com/project/app-fork", "/srv/app.git"] {
            assert!(!is_same_place(web, other) && !is_same_place(other, web), "{other}");
        }
    }
}
