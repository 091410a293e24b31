//! GitHub Actions, and those of Gitea and Forgejo, which set the same variables.

use super::about::{About, Run, pushed};
use super::environment::{Environment, Event, MergeGroup, OR_NAME_IT, PullRequest, id_of};
use crate::domain::text::visible;
use crate::domain::{Fail, Oid};
use crate::project::refs::{self, RefName};

/// Reads what the run is about.
pub(super) fn read(environment: &Environment) -> Result<Run, Fail> {
    let event = environment.event()?;
    let about = match environment.need("GITHUB_EVENT_NAME")? {
        "push" => push(environment, &event)?,
        "create" => standing(environment, refs::Event::Created)?,
        "delete" => deleted(&event)?,
        "pull_request" | "pull_request_review" | "pull_request_review_comment" => {
            pull_request(environment, &event, false)?
        }
        "pull_request_target" => pull_request(environment, &event, true)?,
        "merge_group" => merge_group(environment, &event)?,
        "release" => release(environment, &event)?,
        _ => standing(environment, refs::Event::Stands)?,
    };
    let default_branch = event.repository.and_then(|repository| repository.default_branch);
    Ok(Run { about, default_branch, deepen: "fetch-depth: 0, for actions/checkout" })
}

fn push(environment: &Environment, event: &Event) -> Result<About, Fail> {
    let Some(before) = &event.before else {
        return Err(Fail::new("the event of this push has no `before`, so nothing says what it changes")
            .help(format!("GITHUB_EVENT_PATH names the file that the forge wrote; {OR_NAME_IT}")));
    };
    let before = id_of("`before` of the event", Some(before))?;
    if let (true, Some(from)) = (event.deleted, before) {
        let event = refs::Event::Deleted { from };
        return Ok(About::Ref { name: ref_name(environment)?, event, objects: Vec::new() });
    }
    let after = id_of("`after` of the event", event.after.as_ref())?;
    let objects = after.into_iter().chain(environment.id("GITHUB_SHA")?).collect();
    Ok(About::Ref { name: ref_name(environment)?, event: pushed(before), objects })
}

/// The ref that the run is at.
fn standing(environment: &Environment, event: refs::Event) -> Result<About, Fail> {
    let objects = environment.id("GITHUB_SHA")?.into_iter().collect();
    Ok(About::Ref { name: ref_name(environment)?, event, objects })
}

/// The event of a deletion does not say where the ref stood: that is zeros here.
fn deleted(event: &Event) -> Result<About, Fail> {
    let name = event.ref_name.clone().unwrap_or_default();
    let name = match event.ref_type.as_deref() {
        Some("branch") => RefName::Branch(name),
        Some("tag") => RefName::Tag(name),
        _ => {
            return Err(Fail::new("the event of this deletion does not say which branch or tag it is about")
                .help(
                    "GITHUB_EVENT_PATH names the file that the forge wrote, with `ref` and `ref_type` in it",
                ));
        }
    };
    Ok(About::Ref { name, event: refs::Event::Deleted { from: Oid::ZERO }, objects: Vec::new() })
}

/// `GITHUB_SHA` is the merge of both sides, but where the workflow of the target runs: there it is the target.
fn pull_request(environment: &Environment, event: &Event, of_target: bool) -> Result<About, Fail> {
    let absent = PullRequest::default();
    let request = event.pull_request.as_ref().unwrap_or(&absent);
    let target = environment.get("GITHUB_BASE_REF").map(str::to_owned).or_else(|| request.base.name.clone());
    let target = target.ok_or_else(|| {
        Fail::new("GITHUB_BASE_REF is not set, and it says which branch this pull request is for")
            .help(OR_NAME_IT)
    })?;
    let sha = environment.id("GITHUB_SHA")?;
    let head = id_of("`pull_request.head.sha` of the event", request.head.sha.as_ref())?;
    let merge = id_of("`pull_request.merge_commit_sha` of the event", request.merge_commit_sha.as_ref())?;
    let base = id_of("`pull_request.base.sha` of the event", request.base.sha.as_ref())?;
    let commits = sha.filter(|_| !of_target).into_iter().chain(head).chain(merge).collect();
    let bases = base.into_iter().chain(sha.filter(|_| of_target)).collect();
    let name = match (environment.get("GITHUB_REF").filter(|_| !of_target), event.number) {
        (Some(name), _) => name.to_owned(),
        (None, Some(number)) => format!("refs/pull/{number}/head"),
        (None, None) => "HEAD".to_owned(),
    };
    Ok(About::Change { name, commits, target: Some(target), bases })
}

fn merge_group(environment: &Environment, event: &Event) -> Result<About, Fail> {
    let absent = MergeGroup::default();
    let group = event.merge_group.as_ref().unwrap_or(&absent);
    let base = id_of("`merge_group.base_sha` of the event", group.base_sha.as_ref())?;
    let target = group.base_ref.as_deref().and_then(|name| name.strip_prefix("refs/heads/"));
    let Some(target) = target else {
        return Err(Fail::new(
            "the event of this merge group has no `base_ref`: nothing says which branch it is for",
        )
        .help(format!("GITHUB_EVENT_PATH names the file that the forge wrote; {OR_NAME_IT}")));
    };
    let head = id_of("`merge_group.head_sha` of the event", group.head_sha.as_ref())?;
    let commits = environment.id("GITHUB_SHA")?.into_iter().chain(head).collect();
    let name = environment.get("GITHUB_REF").unwrap_or("HEAD").to_owned();
    Ok(About::Change { name, commits, target: Some(target.to_owned()), bases: base.into_iter().collect() })
}

fn release(environment: &Environment, event: &Event) -> Result<About, Fail> {
    let tag =
        event.release.as_ref().and_then(|release| release.tag_name.clone()).filter(|tag| !tag.is_empty());
    let name = tag.map_or_else(|| ref_name(environment), |tag| Ok(RefName::Tag(tag)))?;
    Ok(About::Ref { name, event: refs::Event::Stands, objects: Vec::new() })
}

fn ref_name(environment: &Environment) -> Result<RefName, Fail> {
    let name = environment.need("GITHUB_REF")?;
    RefName::of_full(name).ok_or_else(|| {
        let event = environment.get("GITHUB_EVENT_NAME").unwrap_or_default();
        Fail::new(format!(
            "GITHUB_REF is `{}`, and an event `{}` needs a branch (refs/heads/…) or a tag (refs/tags/…) there",
            visible(name),
            visible(event)
        ))
        .help(OR_NAME_IT)
    })
}
