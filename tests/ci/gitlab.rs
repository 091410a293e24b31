//! GitLab CI.

use crate::forge::{Checkout, Forge, ZERO};

fn pipeline<'a>(checkout: Checkout<'a>, source: &str, commit: &str) -> Checkout<'a> {
    checkout
        .with("GITLAB_CI", "true")
        .with("CI", "true")
        .with("CI_PIPELINE_SOURCE", source)
        .with("CI_COMMIT_SHA", commit)
        .with("CI_DEFAULT_BRANCH", "master")
        .with("CI_COMMIT_BEFORE_SHA", ZERO)
}

#[test]
fn a_push_of_a_branch() {
    let forge = Forge::new();
    let before = forge.id("release-1.0");
    forge.switch("release-1.0", None);
    forge.bump("1.0.1");
    let after = forge.dev.commit("Forget the changelog");
    forge.push(&["release-1.0"]);
    let wanted = "error changelog/section branch release-1.0: ";
    let started =
        || pipeline(forge.checkout(&after, &[]), "push", &after).with("CI_COMMIT_BRANCH", "release-1.0");
    started().with("CI_COMMIT_BEFORE_SHA", &before).finds(&[], 1, &[wanted]);
    started().finds(&[], 1, &["error branch/base branch release-1.0: ", wanted]);
    let by_hand =
        pipeline(forge.checkout(&after, &[]), "web", &after).with("CI_COMMIT_BRANCH", "release-1.0");
    by_hand.finds(&[], 1, &[wanted]);
    let shallow = forge.shallow(&after, "+refs/heads/release-1.0:refs/remotes/origin/release-1.0");
    let shallow = pipeline(shallow, "push", &after).with("CI_COMMIT_BRANCH", "release-1.0");
    shallow.with("CI_COMMIT_BEFORE_SHA", &before).refuses(&[], &["cut short", "GIT_DEPTH: 0"]);
}

#[test]
fn a_tag() {
    let forge = Forge::new();
    let tip = forge.switch("release-1.0", None).release("1.0.1");
    forge.dev.git(["tag", "-a", "v1.0.1", "-m", "1.0.1"]);
    forge.dev.git(["tag", "v1.0.2"]);
    forge.push(&["release-1.0", "v1.0.1", "v1.0.2"]);
    let started = |tag| pipeline(forge.checkout(&tip, &[]), "push", &tip).with("CI_COMMIT_TAG", tag);
    started("v1.0.1").finds(&[], 0, &[]);
    started("v1.0.2").finds(
        &[],
        1,
        &["error tag/version tag v1.0.2: ", "error changelog/section tag v1.0.2: "],
    );
    let shallow = pipeline(forge.shallow(&tip, "+refs/tags/v1.0.1:refs/tags/v1.0.1"), "push", &tip);
    shallow.with("CI_COMMIT_TAG", "v1.0.1").refuses(&[], &["no default branch", "GIT_DEPTH: 0"]);
}

#[test]
fn a_merge_request() {
    let forge = Forge::new();
    let base = forge.id("release-1.0");
    let head = forge.switch("topic", Some("release-1.0")).release("1.1.0");
    forge.push(&["HEAD:refs/merge-requests/3/head"]);
    let started = |checkout| {
        pipeline(checkout, "merge_request_event", &head)
            .with("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "release-1.0")
            .with("CI_MERGE_REQUEST_DIFF_BASE_SHA", &base)
            .with("CI_MERGE_REQUEST_REF_PATH", "refs/merge-requests/3/head")
    };
    let fetch = "+refs/merge-requests/3/head:refs/pipelines/1";
    started(forge.checkout(&head, &[fetch])).finds(&[], 1, &["error branch/version branch release-1.0: "]);
    started(forge.shallow(&head, fetch))
        .refuses(&[], &["the clone does not have release-1.0", "GIT_DEPTH: 0"]);
}

#[test]
fn what_is_missing_is_named() {
    let forge = Forge::new();
    let tip = forge.id("master");
    let checkout = || forge.checkout(&tip, &[]);
    pipeline(checkout(), "push", &tip).refuses(&[], &["CI_COMMIT_TAG", "CI_COMMIT_BRANCH", "--ref REFNAME"]);
    pipeline(checkout(), "merge_request_event", &tip)
        .refuses(&[], &["CI_MERGE_REQUEST_TARGET_BRANCH_NAME is not set", "--ref REFNAME"]);
    let odd = pipeline(checkout(), "push", "master").with("CI_COMMIT_BRANCH", "master");
    odd.refuses(&[], &["CI_COMMIT_SHA is `master`, which is no commit's id"]);
}
