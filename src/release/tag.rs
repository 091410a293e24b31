//! `tag`: the tag of a release, at the published tip of its release branch.

use anyhow::Result;

use super::plan::{Action, Plan, PushedRef, short};
use super::published::Published;
use super::remote;
use super::version::named_or_carried;
use crate::config::PrereleasesFrom;
use crate::domain::{Fail, MinorLine, Oid, Version};
use crate::engine::{Judge, Report};
use crate::git::{History, ObjectKind, Repo};

/// How a tag is made.
#[derive(Debug, Clone, Copy, Default)]
pub struct TagOptions {
    /// Whether it is pushed.
    pub push: bool,
    /// Whether it is signed; `None`: as the config and git's own settings say.
    pub sign: Option<bool>,
}

/// Plans to tag a release, else the one of the charts on disk.
pub fn tag(judging: &Judge<'_>, version: Option<&Version>, options: TagOptions) -> Result<Plan> {
    let version = named_or_carried(judging, version)?;
    let published = Published::read(judging)?;
    let name = published.tag_of(&version)?;
    let full = format!("refs/tags/{name}");
    let branch = branch_of(&published, &version);
    let asked = published.ask(&[&full, &format!("refs/heads/{branch}")])?;
    let mut plan = Plan::new("tag", format!("tag {name}"));
    let here = judging.repo().find_ref(&full)?;
    if let Some(there) = asked.get(&full) {
        must_be_here(&published, &name, here, *there)?;
        // It may have been made where none was asked for it.
        plan.report = published.judge(&full, *there)?;
        plan.report.findings.retain(|finding| finding.rule != "tag/tip");
        let remote = published.remote.as_deref().unwrap_or_default();
        plan.done.push(format!("{name} is on {remote}"));
        return Ok(plan);
    }
    published.must_be_fresh(&branch, &asked)?;
    // Without the branch the rule on tags says so, whatever the commit.
    let tip = published.tip(&branch).unwrap_or(published.default_tip);
    if let Some(object) = here
        && published.remote.is_some()
        && published.tip(&branch).is_some()
    {
        must_be_at_tip(judging.repo(), (&name, object), (&branch, tip))?;
    }
    plan.report = published.judge(&full, here.unwrap_or(tip))?;
    let sign = options.sign.or(published.config.wants_signed_tags().then_some(true));
    match here {
        Some(object) => {
            let commit = judging.repo().peel(object)?.id;
            must_be_ours(judging.repo(), &name, (object, commit), sign)?;
            plan.done.push(format!("the tag {name} is here, at {}", commit.short()));
        }
        None => {
            if sign == Some(true) {
                forget_signature(&mut plan.report);
            }
            let message = format!("Release {name}\n");
            plan.actions.push(Action::CreateTag { name, at: tip, message, sign });
        }
    }
    match &published.remote {
        Some(remote) if options.push => {
            remote::must_come_back(judging.repo(), remote)?;
            plan.notes.extend(published.fork_note()?);
            let refs = vec![PushedRef { from: full.clone(), to: full, old: None }];
            plan.actions.push(Action::Push { remote: remote.clone(), refs });
        }
        None if options.push => return Err(remote::missing(&published.config).into()),
        Some(_) => plan.hints.push(format!("push it: relguard tag {version} --push")),
        None => plan.hints.push(format!("package it: relguard package --ref {}", short(&full))),
    }
    Ok(plan)
}

/// The branch that a release is tagged on: the default branch for prereleases of a line that has none,
/// where the project tags those there.
fn branch_of(published: &Published<'_>, version: &Version) -> String {
    let config = &published.config;
    let branch = config.branches.release.fill_line(MinorLine::from(version));
    let anywhere = !version.pre.is_empty() && config.tags.prereleases_from == PrereleasesFrom::Any;
    if anywhere && published.tip(&branch).is_none() { published.default.clone() } else { branch }
}

/// The tag is on the remote already: then it has to be the same here, so that it can be judged.
fn must_be_here(published: &Published<'_>, name: &str, here: Option<Oid>, there: Oid) -> Result<(), Fail> {
    let remote = published.remote.as_deref().unwrap_or_default();
    match here {
        Some(here) if here != there => Err(Fail::new(format!(
            "the tag {name} here is another one than the one on {remote} ({} and {})",
            here.short(),
            there.short()
        ))
        .help(format!("the published one counts: git tag -d {name} && git fetch {remote} tag {name}"))),
        Some(_) => Ok(()),
        None => Err(Fail::new(format!("{name} is on {remote}, and not here"))
            .help(format!("git fetch {remote} tag {name}, then run the same command again"))),
    }
}

/// Refuses a tag that is here alone where the one of a release would be made at the tip of a branch, and is another.
pub(super) fn must_fit(published: &Published<'_>, name: &str, (branch, tip): (&str, Oid)) -> Result<()> {
    let repo = published.repo();
    let Some(object) = repo.find_ref(&format!("refs/tags/{name}"))? else { return Ok(()) };
    must_be_at_tip(repo, (name, object), (branch, tip))?;
    let sign = published.config.wants_signed_tags().then_some(true);
    must_be_ours(repo, name, (object, tip), sign)
}

/// Refuses a tag that is here alone and is not what would be tagged now: what was merged since it was made would not
/// be in the release.
fn must_be_at_tip(repo: &Repo, (name, object): (&str, Oid), (branch, tip): (&str, Oid)) -> Result<()> {
    let target = repo.peel(object)?;
    if target.id == tip {
        return Ok(());
    }
    let mut history = History::open(repo)?;
    let is_on_branch = target.kind == ObjectKind::Commit && history.reaches(tip, target.id)? == Some(true);
    let place = if is_on_branch {
        let commits = match history.distance(tip, &[target.id])?.ahead {
            Some(1) => "one commit".to_owned(),
            Some(count) => format!("{count} commits"),
            None => "many commits".to_owned(),
        };
        format!("{commits} behind {branch}")
    } else {
        format!("not on {branch}")
    };
    Err(Fail::new(format!(
        "the tag {name} is here at {}, is not published, and is {place}, which is at {}",
        target.id.short(),
        tip.short()
    ))
    .help(format!("let it be made anew: git tag -d {name}, then run the same command again"))
    .into())
}

/// Refuses a tag that is here and is another kind than the one that would be made.
fn must_be_ours(repo: &Repo, name: &str, (object, commit): (Oid, Oid), sign: Option<bool>) -> Result<()> {
    let what = if object == commit {
        "is no annotated tag"
    } else if sign == Some(true) && !repo.has_signature(object)? {
        "has no signature"
    } else {
        return Ok(());
    };
    Err(Fail::new(format!("the tag {name} is here, is not published, and {what}"))
        .help(format!("let it be made anew: git tag -d {name}, then run the same command again"))
        .into())
}

/// The tag that is judged has no signature yet, and the one that is made will have one.
fn forget_signature(report: &mut Report) {
    report.findings.retain(|finding| finding.rule != "tag/signed");
}
