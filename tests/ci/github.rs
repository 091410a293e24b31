//! Pushes, tags, releases and runs without any, under GitHub Actions.

#![allow(clippy::disallowed_methods, reason = "tests write the files that a forge writes")]

use std::fs;

use serde_json::json;

use crate::chart;
use crate::forge::{Forge, ZERO};

#[test]
fn a_push_of_the_default_branch_is_compared_with_where_it_stood() {
    let forge = Forge::new();
    let before = forge.id("master");
    let after = forge.release("1.1.0");
    forge.push(&["master"]);
    let checkout = forge.checkout(&after, &[]).pushed("refs/heads/master", &before, &after);
    checkout.finds(&[], 0, &[]);
    let ran = checkout.run(&[]).exits(0);
    assert_eq!(ran.stdout, "1 branch checked, nothing found\n");

    // What it brings is an error, and what was there before is not.
    forge.bump("1.1.1");
    let broken = forge.dev.commit("Bump, and forget the changelog");
    forge.push(&["master"]);
    let wanted = "changelog/section branch master: ";
    let checkout = forge.checkout(&broken, &[]).pushed("refs/heads/master", &after, &broken);
    checkout.finds(&[], 1, &[&format!("error {wanted}")]);
    forge.dev.write("README.md", "Another text.\n");
    let later = forge.dev.commit("Say more");
    forge.push(&["master"]);
    let checkout = forge.checkout(&later, &[]).pushed("refs/heads/master", &broken, &later);
    checkout.finds(&[], 0, &[&format!("warning {wanted}")]);
    checkout.finds(&["--strict"], 1, &[&format!("warning {wanted}")]);
}

#[test]
fn a_rewritten_branch_is_told_so() {
    let forge = Forge::new();
    let before = forge.switch("release-1.0", None).release("1.0.1");
    forge.dev.git(["push", "--quiet", "origin", "release-1.0"]);
    forge.dev.git(["reset", "--quiet", "--hard", "HEAD^"]);
    forge.dev.write("README.md", "Anew.\n");
    let after = forge.dev.commit("Anew");
    forge.push(&["release-1.0"]);
    let checkout = forge.checkout(&after, &[]).pushed("refs/heads/release-1.0", &before, &after);
    checkout.finds(
        &[],
        1,
        &["error branch/rewrite branch release-1.0: release-1.0 is a release branch, and this push takes"],
    );
}

#[test]
fn a_new_release_branch_is_cut_from_the_default_branch() {
    let forge = Forge::new();
    let tip = forge.release("1.1.0");
    forge.switch("release-1.1", Some("master"));
    forge.push(&["master", "release-1.1"]);
    forge.checkout(&tip, &[]).pushed("refs/heads/release-1.1", ZERO, &tip).finds(&[], 0, &[]);

    let aside = forge.switch("release-1.2", Some("master")).release("1.2.0");
    forge.push(&["release-1.2"]);
    let checkout = forge.checkout(&aside, &[]).pushed("refs/heads/release-1.2", ZERO, &aside);
    checkout.finds(
        &[],
        1,
        &["error branch/base branch release-1.2: release-1.2 is new and one commit ahead"],
    );

    forge.push(&["master:refs/heads/release-1.1.0"]);
    let checkout = forge.checkout(&tip, &[]).pushed("refs/heads/release-1.1.0", ZERO, &tip);
    checkout.finds(&[], 1, &["error branch/name branch release-1.1.0: "]);
    // `create` tells of the same.
    let event = json!({"ref": "release-1.1.0", "ref_type": "branch"});
    let checkout = forge.checkout(&tip, &[]).github("create", ("refs/heads/release-1.1.0", &tip), event);
    checkout.finds(&[], 1, &["error branch/name branch release-1.1.0: "]);
}

#[test]
fn a_topic_branch_is_compared_with_where_it_left_the_default_branch() {
    let forge = Forge::new();
    forge.switch("feature/x", Some("master"));
    forge.bump("1.0.1");
    let first = forge.dev.commit("Bump, and forget the changelog");
    forge.dev.write("README.md", "More.\n");
    let second = forge.dev.commit("Say more");
    forge.push(&["feature/x"]);
    let wanted = ["error changelog/section branch feature/x: "];
    for (before, after) in [(ZERO, &first), (&first, &second)] {
        let checkout = forge.checkout(after, &[]).pushed("refs/heads/feature/x", before, after);
        checkout.finds(&[], 1, &wanted);
    }
    // One commit alone is judged by itself.
    let shallow = forge.shallow(&second, &format!("+{second}:refs/remotes/origin/feature/x"));
    shallow.pushed("refs/heads/feature/x", &first, &second).finds(&[], 1, &wanted);
    let shallow = forge.shallow(&second, &format!("+{second}:refs/remotes/origin/master"));
    shallow.pushed("refs/heads/master", &first, &second).refuses(&[], &["cut short", "fetch-depth: 0"]);
}

#[test]
fn a_tag_is_judged_where_its_release_branch_is_known_only_of_the_remote() {
    let forge = Forge::new();
    let tip = forge.switch("release-1.0", None).release("1.0.1");
    forge.dev.git(["tag", "-a", "v1.0.1", "-m", "1.0.1"]);
    forge.push(&["release-1.0", "v1.0.1"]);
    let object = forge.id("v1.0.1");
    let checkout =
        forge.checkout(&tip, &[]).pushed("refs/tags/v1.0.1", ZERO, &object).with("GITHUB_SHA", &tip);
    checkout.finds(&[], 0, &[]);
    // The action used to put a plain tag in place of an annotated one.
    let config = forge.dev.outside("config.yaml");
    fs::write(&config, "rules: { tag/signed: warning }\n").unwrap();
    let said = checkout.run(&["--config", config.to_str().unwrap()]).exits(0).stdout;
    assert!(said.contains("warning[tag/signed]"), "{said}");

    forge.dev.git(["tag", "v1.0.3"]);
    forge.dev.git(["tag", "v2.0.0"]);
    forge.dev.git(["tag", "1.0.4"]);
    forge.push(&["v1.0.3", "v2.0.0", "1.0.4"]);
    let checkout = forge.checkout(&tip, &[]).pushed("refs/tags/v1.0.3", ZERO, &tip);
    checkout.finds(
        &[],
        1,
        &[
            "warning tag/sequence tag v1.0.3: ",
            "error tag/version tag v1.0.3: ",
            "error changelog/section tag v1.0.3: ",
        ],
    );
    let checkout = forge.checkout(&tip, &[]).pushed("refs/tags/1.0.4", ZERO, &tip);
    checkout.finds(&[], 1, &["error tag/name tag 1.0.4: "]);
    let (status, found) = forge.checkout(&tip, &[]).pushed("refs/tags/v2.0.0", ZERO, &tip).findings(&[]);
    assert!(
        status == 1 && found.iter().any(|line| line.starts_with("error tag/branch tag v2.0.0: ")),
        "{found:?}"
    );
}

#[test]
fn a_tag_behind_the_branch_or_moved_is_told_so() {
    let forge = Forge::new();
    let first = forge.switch("release-1.0", None).release("1.0.1");
    let second = forge.release("1.0.2");
    forge.dev.git(["tag", "v1.0.1", &first]);
    forge.push(&["release-1.0", "v1.0.1"]);
    let checkout = forge.checkout(&first, &[]).pushed("refs/tags/v1.0.1", ZERO, &first);
    checkout.finds(&[], 0, &["warning tag/tip tag v1.0.1: v1.0.1 is one commit behind release-1.0"]);
    forge.dev.git(["tag", "--force", "v1.0.1", &second]);
    forge.push(&["v1.0.1"]);
    let (status, found) =
        forge.checkout(&second, &[]).pushed("refs/tags/v1.0.1", &first, &second).findings(&[]);
    let moved = "error tag/immutable tag v1.0.1: v1.0.1 is published at";
    assert!(status == 1 && found.iter().any(|line| line.starts_with(moved)), "{found:?}");
}

#[test]
fn a_release_is_its_tag() {
    let forge = Forge::new();
    let tip = forge.id("v1.0.0^{}");
    let event = json!({"action": "published", "release": {"tag_name": "v1.0.0", "draft": false}});
    let checkout = forge.checkout(&tip, &[]).github("release", ("refs/tags/v1.0.0", &tip), event);
    checkout.finds(&[], 0, &[]);
    let event = json!({"action": "published", "release": {"tag_name": "v1.0.7"}});
    let checkout = forge.checkout(&tip, &[]).github("release", ("refs/tags/v1.0.7", &tip), event);
    checkout.refuses(&[], &["the tag v1.0.7 is not in this clone", "fetch-depth: 0"]);
}

#[test]
fn a_run_that_nothing_started_judges_the_ref_as_it_stands() {
    let forge = Forge::new();
    forge.switch("release-1.0", None);
    forge.bump("1.1.0");
    let tip = forge.dev.commit("The wrong line");
    forge.push(&["release-1.0"]);
    let wanted = ["error branch/version branch release-1.0: ", "error changelog/file branch release-1.0: "];
    for event in ["workflow_dispatch", "schedule", "repository_dispatch"] {
        let checkout = forge.checkout(&tip, &[]).github(event, ("refs/heads/release-1.0", &tip), json!({}));
        checkout.finds(&[], 1, &wanted);
    }
    let tag = forge.id("v1.0.0^{}");
    let checkout =
        forge.checkout(&tag, &[]).github("workflow_dispatch", ("refs/tags/v1.0.0", &tag), json!({}));
    checkout.finds(&[], 0, &[]);
}

#[test]
fn a_deletion_is_told_of_by_its_own_rules() {
    let forge = Forge::new();
    let tip = forge.id("master");
    let event = json!({"ref": "release-1.0", "ref_type": "branch"});
    let checkout = forge.checkout(&tip, &[]).github("delete", ("refs/heads/master", &tip), event);
    checkout.finds(&[], 1, &["error branch/rewrite branch release-1.0: "]);
    let event = json!({"ref": "v1.0.0", "ref_type": "tag"});
    let checkout = forge.checkout(&tip, &[]).github("delete", ("refs/heads/master", &tip), event);
    checkout.finds(&[], 1, &["error tag/immutable tag v1.0.0: "]);
    let event = json!({"ref": "topic", "ref_type": "branch"});
    let checkout = forge.checkout(&tip, &[]).github("delete", ("refs/heads/master", &tip), event);
    checkout.finds(&[], 0, &[]);
}

#[test]
fn the_default_branch_is_what_the_forge_says() {
    let forge = Forge::new();
    forge.switch("trunk", Some("master"));
    forge.dev.write(".relguard.yaml", "branches: { release: 'rel-{major}.{minor}' }\n");
    let tip = forge.dev.commit("Name the branches");
    forge.dev.git(["checkout", "--quiet", "-b", "rel-2.0"]);
    forge.push(&["trunk", "rel-2.0"]);
    let mut event = json!({"before": ZERO, "after": tip});
    let of = |event: &serde_json::Value| {
        forge.checkout(&tip, &[]).github("push", ("refs/heads/rel-2.0", &tip), event.clone())
    };
    // By master's config it is a topic branch.
    of(&event).finds(&[], 0, &[]);
    event["x"] = json!(1);
    let checkout = of(&event);
    let file = forge.dev.outside("event.json");
    let text = fs::read_to_string(&file).unwrap().replace("\"master\"", "\"trunk\"");
    fs::write(&file, text).unwrap();
    checkout.finds(&[], 1, &["error branch/version branch rel-2.0: "]);
}

#[test]
fn the_summary_of_the_job_grows_and_no_line_is_a_command() {
    let forge = Forge::new();
    let before = forge.id("master");
    chart::bump(&forge.dev, "1.0.1");
    let after = forge.dev.commit("Half a bump");
    forge.push(&["master"]);
    let summary = forge.dev.outside("summary.md");
    fs::write(&summary, "What a step before said.\n\n").unwrap();
    let checkout = forge
        .checkout(&after, &[])
        .pushed("refs/heads/master", &before, &after)
        .with("GITHUB_STEP_SUMMARY", summary.to_str().unwrap());
    let said = checkout.run(&["--format", "github"]).exits(1).stdout;
    assert!(said.starts_with("::error file=charts/app/"), "{said}");
    let text = fs::read_to_string(&summary).unwrap();
    assert!(text.starts_with("What a step before said.\n\n## relguard: "), "{text}");
    assert!(text.contains("`chart/app-version`"), "{text}");
    // Paths are the repository's own, which GitHub looks for: the checkout lies in a folder of the workspace here.
    let workspace = forge.dev.outside("");
    let below = checkout.with("GITHUB_WORKSPACE", workspace.to_str().unwrap());
    assert_eq!(below.run(&["--format", "github"]).exits(1).stdout, said);
    fs::write(&summary, &text).unwrap();
    let checkout = below;
    // Only where the annotations are asked for.
    let said = checkout.run(&[]).exits(1).stdout;
    assert!(said.starts_with("error[") && !said.contains("\n::"), "{said}");
    assert!(!said.contains("` mends"), "{said}");
    assert_eq!(fs::read_to_string(&summary).unwrap(), text);
    let gone = checkout.with("GITHUB_STEP_SUMMARY", "/nowhere/at/all");
    gone.refuses(&["--format", "github"], &["the job's summary /nowhere/at/all can't be written"]);
}
