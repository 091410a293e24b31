//! `branch`: a release branch, cut from the default branch as it is published.

use anyhow::Result;

use super::plan::{Action, Plan, PushedRef};
use super::published::Published;
use super::{preflight, remote};
use crate::domain::{Fail, MinorLine};
use crate::engine::Judge;

/// Plans to cut the release branch of a line, else of the one that the default branch is about to release.
pub fn branch(judging: &Judge<'_>, line: Option<MinorLine>, push: bool) -> Result<Plan> {
    preflight::must_be_clean(judging.repo(), "branch")?;
    let published = Published::read(judging)?;
    let line = match line {
        Some(line) => line,
        None => coming_line(&published)?,
    };
    let name = published.config.branches.release.fill_line(line);
    let full = format!("refs/heads/{name}");
    if push {
        published.must_keep(&[&name])?;
    }
    let asked = published.ask(&[&full, &format!("refs/heads/{}", published.default)])?;
    published.must_be_fresh(&published.default, &asked)?;
    let tip = published.default_tip;
    if push && published.remote.is_none() {
        return Err(remote::missing(&published.config).into());
    }
    let mut plan = Plan::new("branch", format!("cut {name} from {}", published.default));
    let known = if published.remote.is_some() { asked.get(&full).copied() } else { published.tip(&name) };
    if let Some(known) = known {
        let place = published.remote.as_deref().unwrap_or("this repository");
        plan.done.push(format!("{name} is in {place}, at {}", known.short()));
        plan.hints.push(format!("tag what it has: relguard tag --push, or merge into {name} what it lacks"));
        return Ok(plan);
    }
    plan.report = published.judge(&full, tip)?;
    must_fit(&published, &name)?;
    match judging.repo().find_ref(&full)? {
        Some(_) => plan.done.push(format!("{name} is here, at {}", tip.short())),
        None => plan.actions.push(Action::CreateBranch { name: name.clone(), at: tip }),
    }
    match &published.remote {
        Some(remote) if push => {
            remote::must_come_back(judging.repo(), remote)?;
            plan.notes.extend(published.fork_note()?);
            let refs = vec![PushedRef { from: full.clone(), to: full, old: None }];
            plan.actions.push(Action::Push { remote: remote.clone(), refs });
        }
        Some(_) => plan.hints.push(format!("push it: relguard branch {line} --push")),
        None => plan.hints.push("tag its release: relguard tag".to_owned()),
    }
    Ok(plan)
}

/// The line of the version that the default branch has.
fn coming_line(published: &Published<'_>) -> Result<MinorLine> {
    let version = published.version_at(published.default_tip)?;
    version.as_ref().map(MinorLine::from).ok_or_else(|| {
        Fail::new(format!(
            "{} has no chart whose version is SemVer, so it is not known which line comes",
            published.default
        ))
        .help("name the line: relguard branch 1.2")
        .into()
    })
}

/// Refuses a branch that is here alone, at another commit than the one that it would be cut at.
pub(super) fn must_fit(published: &Published<'_>, name: &str) -> Result<()> {
    let tip = published.default_tip;
    let local = published.repo().find_ref(&format!("refs/heads/{name}"))?;
    let Some(local) = local.filter(|local| *local != tip) else { return Ok(()) };
    Err(Fail::new(format!(
        "{name} is here at {}, is not published, and {} is at {}",
        local.short(),
        published.default,
        tip.short()
    ))
    .help(format!("if nothing on it is needed, delete it and cut it anew: git branch -D {name}"))
    .into())
}
