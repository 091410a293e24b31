//! Environments that say too little, or something else.
#![allow(clippy::disallowed_methods, reason = "tests write the files that a forge writes")]

use std::fs;

use serde_json::json;

use crate::forge::{Forge, ZERO};

#[test]
fn what_an_event_lacks_is_named() {
    let forge = Forge::new();
    let tip = forge.id("master");
    let event = |name: &str, at: &str, event| forge.checkout(&tip, &[]).github(name, (at, &tip), event);
    event("push", "refs/heads/master", json!({})).refuses(&[], &["has no `before`", "GITHUB_EVENT_PATH"]);
    event("push", "", json!({"before": ZERO})).refuses(&[], &["GITHUB_REF is not set"]);
    event("push", "refs/heads/master", json!({"before": "master"}))
        .refuses(&[], &["`before` of the event is `master`"]);
    event("push", "master", json!({"before": ZERO})).refuses(&[], &["GITHUB_REF is `master`"]);
    event("issues", "refs/notes/x", json!({})).refuses(&[], &["GITHUB_REF is `refs/notes/x`", "`issues`"]);
    event("pull_request", "refs/pull/1/merge", json!({})).refuses(&[], &["GITHUB_BASE_REF is not set"]);
    event("delete", "refs/heads/master", json!({})).refuses(&[], &["does not say which branch or tag"]);
}

#[test]
fn an_event_file_that_is_none_is_named() {
    let forge = Forge::new();
    let tip = forge.id("master");
    let checkout = forge.checkout(&tip, &[]).pushed("refs/heads/master", ZERO, &tip);
    let file = forge.dev.outside("event.json");
    for text in ["", "7", "{\"before\": 7}", "not json"] {
        fs::write(&file, text).unwrap();
        checkout.refuses(&[], &["event.json can't be read", "--ref REFNAME"]);
    }
    fs::remove_file(&file).unwrap();
    checkout.refuses(&[], &["event.json can't be read"]);
    checkout.with("GITHUB_EVENT_PATH", "").refuses(&[], &["has no `before`"]);
}

#[test]
fn names_that_steer_a_terminal_or_the_runner_are_shown_escaped() {
    let forge = Forge::new();
    let tip = forge.id("master");
    let name = "refs/heads/x\u{1b}[31m\u{202e}";
    let checkout = forge.checkout(&tip, &[]).github(
        "push",
        (name, &forge.id("v1.0.0")),
        json!({"before": ZERO, "after": "1".repeat(40)}),
    );
    let ran = checkout.with("GITHUB_SHA", "1".repeat(40)).run(&["--verbose"]);
    assert_eq!(ran.status, 2);
    assert!(!ran.stderr.contains('\u{1b}') && !ran.stderr.contains('\u{202e}'), "{:?}", ran.stderr);
}

#[test]
fn a_branch_that_holds_the_chart_index_alone_has_no_charts_to_judge() {
    let forge = Forge::new();
    forge.dev.git(["checkout", "--quiet", "--orphan", "gh-pages"]);
    forge.dev.git(["rm", "-rfq", "."]);
    forge.dev.write("index.yaml", "apiVersion: v1\nentries: {}\n");
    let tip = forge.dev.commit("Begin the index");
    forge.push(&["gh-pages"]);
    forge.checkout(&tip, &[]).pushed("refs/heads/gh-pages", ZERO, &tip).finds(&[], 0, &[]);
    // What is published there stays.
    let list = |digest: &str| {
        let entry =
            format!("{{version: 1.0.0, digest: {digest}, urls: [https://example.org/app-1.0.0.tgz]}}");
        forge.dev.write("index.yaml", format!("apiVersion: v1\nentries:\n  app:\n  - {entry}\n"));
        let commit = forge.dev.commit("List 1.0.0");
        forge.push(&["gh-pages"]);
        commit
    };
    let (listed, changed) = (list("aa"), list("bb"));
    let pushed = |old: &str, new: &str| forge.checkout(new, &[]).pushed("refs/heads/gh-pages", old, new);
    pushed(&tip, &listed).finds(&[], 0, &[]);
    let wanted = "error index/digest index-branch gh-pages: app 1.0.0 is published with the digest aa, which would become bb";
    pushed(&listed, &changed).finds(&[], 1, &[wanted]);
}

#[test]
fn a_broken_config_of_the_default_branch_can_be_repaired() {
    let forge = Forge::new();
    forge.dev.write(".relguard.yaml", "rules: [\n");
    let broken = forge.dev.commit("Break the config");
    forge.push(&["master"]);
    let checkout = forge.checkout(&broken, &[]).pushed("refs/heads/master", &broken, &broken);
    checkout.refuses(&[], &[".relguard.yaml:"]);
    forge.dev.write(".relguard.yaml", "rules: {}\n");
    let mended = forge.dev.commit("Mend it");
    forge.push(&["master"]);
    forge.checkout(&mended, &[]).pushed("refs/heads/master", &broken, &mended).finds(&[], 0, &[]);
}
