//! What a push brings to a remote, judged before it leaves.

use std::ffi::OsString;

use anyhow::Result;

use crate::domain::Fail;
use crate::engine::{Inspection, Judge, Occasion, Report};
use crate::git::{RefUpdate, Repo};
use crate::project::refs::{RefName, RefView};

/// The refs that are pushed, and where.
pub struct Push {
    /// Every update.
    pub updates: Vec<RefUpdate>,
    /// The remote's name; `None` where it is none that this clone knows.
    pub remote: Option<String>,
    /// Whether a hook manager told of one update and may have kept others to itself.
    pub partly: bool,
}

impl Push {
    /// Reads what git gave the hook: the remote's name and URL as arguments, the updates on its standard
    /// input. Under pre-commit and prek that is empty, and the environment tells of one update.
    pub fn read(repo: &Repo, args: &[OsString], input: &[u8]) -> Result<Self, Fail> {
        let text = |at: usize| args.get(at).map(|arg| arg.to_string_lossy().into_owned());
        let (name, url) = (text(0), text(1));
        if input.is_empty()
            && let Some(update) = manager::update(repo)?
        {
            let name = manager::variable("REMOTE_NAME").or(name);
            let url = manager::variable("REMOTE_URL").or(url);
            return Ok(Self { updates: vec![update], remote: known(repo, name, url), partly: true });
        }
        // Git calls the hook even where everything is up to date, but never without these.
        if name.is_none() && input.is_empty() {
            return Err(Fail::new(
                "nothing says what is pushed: there are no arguments, and the standard input is empty",
            )
            .help("`relguard hook pre-push` is for git to call: relguard install"));
        }
        Ok(Self { updates: RefUpdate::read_push(input)?, remote: known(repo, name, url), partly: false })
    }
}

/// Judges a push. What counts as published is what the clone knows of the remote, and the push itself.
pub fn pre_push(judging: &Judge<'_>, push: &Push) -> Result<Report> {
    let repo = judging.repo();
    let view = RefView::of_remote(repo, push.remote.as_deref())?;
    let updates = if push.partly { known_before(&view, &push.updates) } else { push.updates.clone() };
    // What git says of the remote may be newer than what was fetched; then this clone lacks its commits.
    let governing = judging.published_config(&view, &view.after(&push.updates))?;
    let view = view.before(&updates);
    // The first push of a whole repository to a new place brings the default branch, too.
    let brings_default = || view.after(&updates).default_branch(None).is_some();
    let is_new = view.branches.is_empty() && !updates.iter().any(|update| update.old.is_some());
    let first = is_new && brings_default();
    Inspection::of_updates(Occasion::PrePush, view, &updates, governing).as_first(first).run(judging)
}

/// The updates of branches from where the remote-tracking ones stand: a manager does not say from where.
fn known_before(view: &RefView, updates: &[RefUpdate]) -> Vec<RefUpdate> {
    let known = |update: &RefUpdate| {
        let Some(RefName::Branch(name)) = RefName::of_full(&update.name) else { return update.clone() };
        let published = view.branches.get(&name).and_then(|tips| tips.published);
        RefUpdate { old: update.old.or(published), ..update.clone() }
    };
    updates.iter().map(known).collect()
}

/// The remote of that name, else the one with that URL.
fn known(repo: &Repo, name: Option<String>, url: Option<String>) -> Option<String> {
    let is_set = |name: &String| repo.config(&format!("remote.{name}.url")).is_some();
    name.clone().filter(is_set).or_else(|| repo.remote_with_url(&url.or(name)?))
}

/// What pre-commit and prek tell a hook of the push instead of git's lines.
mod manager {
    use crate::domain::{Fail, Oid};
    use crate::git::{RefUpdate, Repo, environment};

    pub(super) fn variable(name: &str) -> Option<String> {
        environment::text(&format!("PRE_COMMIT_{name}"))
    }

    /// The one update; `None` where no manager runs.
    pub(super) fn update(repo: &Repo) -> Result<Option<RefUpdate>, Fail> {
        let Some(name) = variable("REMOTE_BRANCH") else { return Ok(None) };
        let id = |text: String| Oid::from_hex(text.as_bytes()).filter(|id| *id != Oid::ZERO);
        // Where a whole history is pushed, from its root on, the manager names what is pushed alone.
        let local = || {
            let name = variable("LOCAL_BRANCH")?;
            repo.find_ref(&name).ok().flatten().or_else(|| repo.commit(&name).ok())
        };
        let new = variable("TO_REF").and_then(id).or_else(local);
        let name = if name.starts_with("refs/") { name } else { format!("refs/heads/{name}") };
        let Some(new) = new else {
            return Err(Fail::new(
                "the hook manager says neither in PRE_COMMIT_TO_REF nor in PRE_COMMIT_LOCAL_BRANCH what is pushed",
            )
            .help("install the native hook beside it, which sees every ref: relguard install"));
        };
        // The manager names where the new commits begin, not what stands on the remote: what is known of
        // that is the remote-tracking branch.
        Ok(Some(RefUpdate { name, old: None, new: Some(new) }))
    }
}
