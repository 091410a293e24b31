//! Whose config judges which state.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test that fails may panic"
)]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that fails may panic")]

mod support;

use support::{Scratch, run};

/// A project in order but for its `appVersion`, where that is another one.
fn project(app_version: &str) -> Scratch {
    let scratch = Scratch::new();
    let text = format!("apiVersion: v2\nname: hami\nversion: 1.2.3\nappVersion: \"{app_version}\"\n");
    scratch.write("charts/hami/Chart.yaml", text);
    scratch.write("docs/CHANGELOG/CHANGELOG-1.2.md", "# v1.2.3\n\n- a fix\n");
    scratch
}

/// A rule's severity tells whose config judged: `off` on disk, nothing staged, `warning` in HEAD.
#[test]
fn each_state_is_judged_by_its_own_config() {
    let scratch = project("1.2.2");
    scratch.write(".relguard.yaml", "rules: {chart/app-version: warning}\n");
    scratch.commit("warning");
    scratch.write(".relguard.yaml", "rules: {chart/app-version: error}\n");
    scratch.git(["add", "."]);
    scratch.write(".relguard.yaml", "rules: {chart/app-version: off}\n");
    let severity = |args: &[&str]| {
        let ran = run(scratch.relguard_command(args));
        let report: serde_json::Value = serde_json::from_str(&ran.stdout).expect(&ran.stderr);
        report["findings"][0]["severity"].as_str().map(str::to_owned)
    };
    assert_eq!(severity(&["check", "--format=json"]), None);
    assert_eq!(severity(&["check", "--format=json", "--staged"]).as_deref(), Some("error"));
    assert_eq!(severity(&["check", "--format=json", "--rev=HEAD"]).as_deref(), Some("warning"));
    // A broken config breaks its own state only, and what reads the working tree's part of it.
    scratch.write(".relguard.yaml", "rules: {chart/app-version: no}\n");
    scratch.relguard(["check"]).exits(2);
}

#[test]
fn a_state_without_a_config_is_judged_by_the_default_branchs() {
    let scratch = project("1.2.2");
    scratch.commit("before the config");
    scratch.git(["branch", "old"]);
    scratch.write(".relguard.yaml", "rules: {chart/app-version: off}\n");
    scratch.commit("config");
    scratch.relguard(["check", "--rev", "old"]).exits(0);
    scratch.git(["checkout", "--quiet", "old"]);
    scratch.relguard(["check"]).exits(0);
    scratch.relguard(["check", "--staged"]).exits(0);
    // Without one there, the built-in process applies.
    scratch.git(["update-ref", "refs/heads/master", "old"]);
    scratch.relguard(["check"]).exits(1);
}

/// `branches` and `exceptions` are the working tree's in every check.
#[test]
fn what_speaks_of_refs_is_the_working_trees() {
    let scratch = project("1.2.3");
    scratch.write(".relguard.yaml", "branches: {release: \"release-v{major}.{minor}\"}\n");
    scratch.commit("a v in branch names");
    scratch.git(["checkout", "--quiet", "-b", "release-v1.3"]);
    let rules = |args: &[&str]| {
        let ran = run(scratch.relguard_command(args));
        let report: serde_json::Value = serde_json::from_str(&ran.stdout).expect(&ran.stderr);
        let findings = report["findings"].as_array().unwrap().clone();
        findings
            .iter()
            .map(|finding| (finding["rule"].clone(), finding["excepted"].clone()))
            .collect::<Vec<_>>()
    };
    let staged = ["check", "--staged", "--format=json"];
    assert_eq!(rules(&staged), [("branch/version".into(), serde_json::Value::Null)]);
    let exception = "exceptions: [{rule: branch/version, on: release-v1.3, reason: known}]\n";
    let branches = "branches: {release: \"release-v{major}.{minor}\"}\n";
    scratch.write(".relguard.yaml", format!("{branches}{exception}"));
    assert_eq!(rules(&staged), [("branch/version".into(), "known".into())]);
    scratch.write(".relguard.yaml", "branches: {release: \"line-{major}.{minor}\"}\n");
    assert_eq!(rules(&staged), []);
}

/// Where neither the working tree nor the default branch has a config, the built-in one speaks of refs.
#[test]
fn no_state_brings_its_own_exceptions() {
    let scratch = project("1.2.2");
    scratch.commit("no config");
    scratch.git(["checkout", "--quiet", "-b", "topic"]);
    scratch.write(".relguard.yaml", "exceptions: [{rule: chart/app-version, on: topic, reason: mine}]\n");
    scratch.commit("a config");
    let ran = scratch.relguard(["check", "--rev", "topic"]);
    assert!(ran.exits(0).stdout.contains("accepted: mine"), "the working tree's config says so");
    scratch.git(["checkout", "--quiet", "master"]);
    scratch.relguard(["check", "--rev", "topic"]).exits(1);
}

#[test]
fn a_config_on_the_command_line_overrides_all_others() {
    let scratch = project("1.2.2");
    scratch.write(".relguard.yaml", "broken: [\n");
    scratch.write(".relguard.yml", "");
    scratch.commit("broken");
    let config = scratch.outside("my.yaml");
    std::fs::create_dir_all(config.parent().unwrap()).unwrap();
    let forced = |text: &str, args: &[&str]| {
        scratch.write("../my.yaml", text);
        let mut all = args.to_vec();
        all.extend(["--config", config.to_str().unwrap()]);
        run(scratch.relguard_command(&all))
    };
    let off = "\u{feff}rules: {chart/app-version: off}\n";
    for args in
        [&["check"][..], &["check", "--staged"], &["check", "--rev=HEAD"], &["fix"], &["hook", "pre-commit"]]
    {
        forced(off, args).exits(0);
    }
    let ran = forced("remote: a\nremot: b\n", &["check"]).exits(2);
    let place = format!("error: {}:2:1: there is no key `remot` here\n", config.display());
    assert_eq!(ran.stderr, place + "  = help: did you mean `remote`?\n");
    scratch.write("bytes.yaml", b"remote: \xff\n");
    for (file, why) in [
        ("nowhere.yaml", "No such file"),
        ("charts", "it is a folder"),
        ("bytes.yaml", "it is not UTF-8"),
        ("/dev/zero", "it has over 10 MiB"),
    ] {
        let ran = scratch.relguard(["check", "--config", file]).exits(2);
        assert_eq!(ran.stdout, "");
        let said = format!("error: the config {file} can't be read: {why}");
        assert!(ran.stderr.starts_with(&said), "{}", ran.stderr);
    }
}
