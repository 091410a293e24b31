//! What a clone knows of the remote, and whether that is enough to judge by.

use std::fs;
use std::time::{Duration, SystemTime};

use anyhow::Result;

use super::{Item, Patient};
use crate::git::Repo;
use crate::project::refs::{Meaning, RefView, names};

/// Without a fetch for so long, what the clone knows of the remote counts as old.
const STALE_AFTER: Duration = Duration::from_secs(14 * DAY);

const DAY: u64 = 24 * 60 * 60;

/// What needs which git, the newest last.
const NEEDS: [((u32, u32), &str); 5] = [
    ((2, 9), "core.hooksPath needs 2.9"),
    ((2, 11), "judging a push before its objects are stored needs 2.11"),
    ((2, 18), "hooks in a folder that repositories share need 2.18"),
    ((2, 24), "the pre-merge-commit hook needs 2.24"),
    ((2, 26), "telling where core.hooksPath is set needs 2.26"),
];

pub(super) fn look(patient: &Patient<'_>, now: SystemTime, items: &mut Vec<Item>) -> Result<()> {
    remote(patient, now, items);
    history(patient, items)?;
    items.push(
        Item::note(
            "unseen",
            "no hook of a clone sees every change",
            "cherry-pick, revert and rebase run no pre-commit hook, and --no-verify passes all hooks by",
        )
        .help("the pre-push hook judges what they made; so do CI and a pre-receive hook, which nobody passes by"),
    );
    Ok(())
}

fn remote(patient: &Patient<'_>, now: SystemTime, items: &mut Vec<Item>) {
    let remote = patient.config.remote.as_str();
    if patient.setting(&format!("remote.{remote}.url")).is_none() {
        let others = patient.settings.iter().filter(|setting| setting.key.starts_with("remote."));
        let mut others =
            others.filter_map(|setting| setting.key.strip_prefix("remote.")?.strip_suffix(".url"));
        let (message, help) = match others.next() {
            Some(other) => (
                format!("there is no remote {remote}, but one that is called {other}"),
                format!(
                    "write `remote: {other}` into .relguard.yaml, or: git remote rename {other} {remote}"
                ),
            ),
            None => (format!("there is no remote {remote}"), format!("git remote add {remote} URL")),
        };
        let why = "what is published is unknown here: branches and tags are judged by the local ones alone";
        items.push(Item::warning("no-remote", message, why).help(help));
        return;
    }
    if patient.config.default_branch.is_none() && patient.repo.remote_head(remote).is_none() {
        let message = format!("this clone does not know the default branch of {remote}");
        let why = "main or master is taken for it, which may be another branch";
        let help = format!("git remote set-head {remote} --auto, or `default-branch` in .relguard.yaml");
        items.push(Item::warning("remote-head", message, why).help(help));
    }
    let refspecs: Vec<_> = patient.settings_of(&format!("remote.{remote}.fetch")).collect();
    let whole = |spec: &str| {
        spec.trim_start_matches('+')
            .split(':')
            .next()
            .is_some_and(|from| matches!(from, "refs/heads/*" | "refs/*"))
    };
    if !refspecs.iter().any(|setting| whole(&setting.value)) {
        let message = format!("only some branches of {remote} are fetched");
        let why = "a release branch that is not here counts as one that does not exist";
        let help = format!("git remote set-branches {remote} '*' && git fetch {remote}");
        items.push(Item::warning("partial-fetch", message, why).help(help));
    }
    if patient.setting(&format!("remote.{remote}.tagopt")).is_some_and(|setting| setting.value == "--no-tags")
    {
        let message = format!("remote.{remote}.tagOpt is --no-tags");
        let why =
            "the tags of the remote do not come with a fetch, and rules that compare with them pass too much";
        let help = format!("git config --unset remote.{remote}.tagOpt && git fetch --tags {remote}");
        items.push(Item::warning("no-tags", message, why).help(help));
    }
    items.extend(
        stale(last_fetch(patient.repo), now).map(|item| item.help(format!("git fetch --tags {remote}"))),
    );
}

/// When git fetched last, from whatever remote: it writes `FETCH_HEAD` each time. A clone that never did
/// has none, and is as old as a file that cloning wrote.
fn last_fetch(repo: &Repo) -> Option<SystemTime> {
    let time = |file: &std::path::PathBuf| fs::metadata(file).and_then(|meta| meta.modified()).ok();
    let fetched = repo.fetch_heads().iter().filter_map(time).max();
    fetched.or_else(|| {
        time(&repo.common_dir().join("description")).or_else(|| time(&repo.common_dir().join("config")))
    })
}

fn stale(last: Option<SystemTime>, now: SystemTime) -> Option<Item> {
    let age = now.duration_since(last?).ok().filter(|age| *age > STALE_AFTER)?;
    let message = format!("the last fetch was {} days ago", age.as_secs() / DAY);
    let why = "branches and tags are judged by where the remote stood then, as FETCH_HEAD's time tells";
    Some(Item::warning("stale", message, why))
}

fn history(patient: &Patient<'_>, items: &mut Vec<Item>) -> Result<()> {
    if patient.repo.is_shallow() {
        items.push(
            Item::warning(
                "shallow",
                "the clone's history is cut short",
                "what needs the missing commits can't be judged, and is refused with exit status 2",
            )
            .help("git fetch --unshallow --tags (in CI: fetch-depth: 0)"),
        );
    }
    let view = RefView::of_repository(patient.repo, &patient.config.remote)?;
    let released =
        view.branches.keys().find(|name| matches!(names::branch(&patient.config, name), Meaning::Release(_)));
    let tagged = view.tags.keys().any(|name| names::tag(&patient.config, name) != Meaning::Other);
    let is_known = items.iter().any(|item| item.id == "no-tags");
    if let Some(branch) = released.filter(|_| !tagged && !is_known) {
        let why = "the tags were not fetched, or nothing was released from it yet; rules that compare with tags see none";
        items.push(
            Item::warning("no-tags", format!("there is a branch {branch}, but no release tag"), why)
                .help(format!("git fetch --tags {}", patient.config.remote)),
        );
    }
    Ok(())
}

/// What the git program here is too old for.
pub(super) fn git_too_old(repo: &Repo) -> Result<Option<Item>> {
    let Some(version) = repo.git_version()? else { return Ok(None) };
    let lacking: Vec<_> =
        NEEDS.iter().filter(|(needed, _)| version < *needed).map(|(_, what)| *what).collect();
    Ok((!lacking.is_empty()).then(|| {
        let message = format!("git {}.{} is too old for a part of this", version.0, version.1);
        Item::warning("git-version", message, lacking.join("; ")).help("install a newer git")
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fetch_is_old_after_two_weeks() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1000 * DAY);
        let ago = |days: u64| Some(now - Duration::from_secs(days * DAY));
        assert_eq!(stale(None, now), None);
        assert_eq!(stale(ago(14), now), None);
        assert_eq!(stale(Some(now + Duration::from_secs(DAY)), now), None);
        assert_eq!(stale(ago(15), now).unwrap().message, "the last fetch was 15 days ago");
    }
}
