//! Whether the advice fits the state at hand, and whether nothing passes by judging nothing.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that fails may panic")]

mod support;

use support::Scratch;

#[test]
fn where_no_chart_is_found_the_charts_elsewhere_are_named() {
    let scratch = Scratch::new();
    scratch.write("deploy/chart/Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.0.0\n");
    scratch.write("deploy/chart/charts/b/Chart.yaml", "apiVersion: v2\nname: b\nversion: 1.0.0\n");
    let report = scratch.json(["check"]);
    assert_eq!(
        report["findings"][0]["help"],
        "list the charts in .relguard.yaml (`charts: [{path: deploy/chart}]`)"
    );
}

#[test]
fn a_rule_that_is_off_does_not_let_a_project_without_charts_pass() {
    let scratch = Scratch::new();
    scratch.write(".relguard.yaml", "rules: { chart/version: off }\n");
    let ran = scratch.relguard(["check"]).exits(2);
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains("no chart can be read, and chart/version"), "{}", ran.stderr);
}

#[test]
fn another_repositorys_charts_are_not_the_projects() {
    let scratch = Scratch::new();
    let chart = "apiVersion: v2\nname: a\nversion: 1.0.0\nappVersion: 1.0.0\n";
    scratch.write("charts/a/Chart.yaml", chart);
    scratch
        .write("charts/b/Chart.yaml", chart.replace("1.0.0", "9.9.9"))
        .write("charts/b/.git", "gitdir: /nowhere\n");
    let report = scratch.json(["check"]);
    assert_eq!(report["summary"]["judged"]["charts"], 1);
}

#[test]
fn advice_names_the_command_that_helps() {
    let scratch = Scratch::new();
    scratch.write("charts/a/Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.0.0\nappVersion: 0.9.0\n");
    scratch.commit("x");
    let worktree = scratch.relguard(["check"]).exits(1).stdout;
    let staged = scratch.relguard(["check", "--staged"]).exits(1).stdout;
    let commit = scratch.relguard(["check", "--rev", "HEAD"]).exits(1).stdout;
    assert!(worktree.contains("`relguard fix` mends") && !worktree.contains("--staged"), "{worktree}");
    assert!(
        staged.contains("`relguard fix --staged` mends") && !staged.contains("`relguard fix`"),
        "{staged}"
    );
    assert!(!commit.contains("mends") && commit.contains("in a checkout of it: "), "{commit}");
}
