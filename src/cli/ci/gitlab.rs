//! GitLab CI.

use super::about::{About, Run, pushed};
use super::environment::{Environment, OR_NAME_IT};
use crate::domain::Fail;
use crate::project::refs::{Event, RefName};

/// Reads what the pipeline is about.
pub(super) fn read(environment: &Environment) -> Result<Run, Fail> {
    let source = environment.need("CI_PIPELINE_SOURCE")?;
    // The pipelines that one of a merge request starts have its variables, and another source.
    let of_merge_request = environment.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME").is_some();
    let about =
        if of_merge_request || source == "merge_request_event" || source == "external_pull_request_event" {
            merge_request(environment, source)?
        } else {
            ref_of(environment, source == "push")?
        };
    let default_branch = environment.get("CI_DEFAULT_BRANCH").map(str::to_owned);
    Ok(Run { about, default_branch, deepen: "GIT_DEPTH: 0, in the job's variables" })
}

/// `CI_COMMIT_SHA` is the head of the merge request or, in a pipeline of merged results, the merge.
fn merge_request(environment: &Environment, source: &str) -> Result<About, Fail> {
    let (target, base) = match source {
        "external_pull_request_event" => {
            ("CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME", "CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_SHA")
        }
        _ => ("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "CI_MERGE_REQUEST_DIFF_BASE_SHA"),
    };
    let target = environment.need(target)?.to_owned();
    environment.need("CI_COMMIT_SHA")?;
    let name = environment.get("CI_MERGE_REQUEST_REF_PATH").unwrap_or("HEAD").to_owned();
    Ok(About::Change {
        name,
        commits: environment.id("CI_COMMIT_SHA")?.into_iter().collect(),
        target: Some(target),
        bases: environment.id(base)?.into_iter().collect(),
    })
}

/// `CI_COMMIT_BEFORE_SHA` is zeros where a branch or tag is new, and in every pipeline that no push started.
fn ref_of(environment: &Environment, is_push: bool) -> Result<About, Fail> {
    let (tag, branch) = (environment.get("CI_COMMIT_TAG"), environment.get("CI_COMMIT_BRANCH"));
    let name = match (tag, branch) {
        (Some(tag), _) => RefName::Tag(tag.to_owned()),
        (None, Some(branch)) => RefName::Branch(branch.to_owned()),
        (None, None) => {
            return Err(Fail::new(
                "neither CI_COMMIT_TAG nor CI_COMMIT_BRANCH is set, and they say what this pipeline is about",
            )
            .help(OR_NAME_IT));
        }
    };
    let event = if is_push {
        environment.need("CI_COMMIT_BEFORE_SHA")?;
        pushed(environment.id("CI_COMMIT_BEFORE_SHA")?)
    } else {
        Event::Stands
    };
    Ok(About::Ref { name, event, objects: environment.id("CI_COMMIT_SHA")?.into_iter().collect() })
}
