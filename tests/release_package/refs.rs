//! What is packaged: a tag, a branch, a commit, what is checked out; and the rules that are asked first.

use std::fs;

use crate::support::run;
use crate::{cannot, chart, content, package, refused};

/// The version in the archive's Chart.yaml.
fn released(scratch: &crate::Scratch, rev: &str, version: &str) {
    let out = scratch.outside("out");
    let _ = fs::remove_dir_all(&out);
    scratch.relguard(["package", "--ref", rev, "-d", out.to_str().unwrap()]).exits(0);
    let archive = out.join(format!("app-{version}.tgz"));
    assert!(content(&archive, "app/Chart.yaml").ends_with(&format!("\nversion: {version}\n")));
}

/// 1.0.0 tagged, and 1.1.0 on top of it.
fn project() -> crate::Scratch {
    let scratch = chart::project();
    scratch.git(["tag", "-a", "-m", "v1.0.0", "v1.0.0"]);
    scratch.git(["branch", "release-1.0"]);
    let text = scratch.read(chart::CHART).replace("1.0.0", "1.1.0");
    scratch.write(chart::CHART, text);
    scratch.write(chart::VALUES, "image: {tag: v1.1.0}\n");
    scratch.commit("1.1.0");
    scratch
}

#[test]
fn a_tag_a_branch_or_a_commit_is_packaged_whatever_is_checked_out() {
    let scratch = project();
    scratch.write(chart::CHART, "broken: [\n");
    for rev in ["v1.0.0", "refs/tags/v1.0.0", "release-1.0", "HEAD~1", "HEAD^{/Release}"] {
        released(&scratch, rev, "1.0.0");
    }
    let head = scratch.git(["rev-parse", "HEAD"]).stdout;
    for rev in ["HEAD", "master", head.trim(), &head[..8]] {
        released(&scratch, rev, "1.1.0");
    }
}

#[test]
fn a_bare_repository_needs_a_ref() {
    let scratch = project();
    let bare = scratch.outside("bare.git");
    scratch.git(["clone", "--quiet", "--bare", ".", bare.to_str().unwrap()]);
    let out = scratch.outside("out");
    let args = ["package", "-d", out.to_str().unwrap()];
    let at = |more: &[&str]| {
        let mut command = scratch.relguard_command(&[&args, more].concat());
        command.current_dir(&bare);
        run(command)
    };
    assert!(at(&[]).exits(2).stderr.contains("nothing is checked out"));
    at(&["--ref", "v1.0.0"]).exits(0);
    assert!(out.join("app-1.0.0.tgz").exists());
}

#[test]
fn a_shallow_clone_has_all_that_is_needed() {
    let scratch = project();
    let clone = scratch.outside("clone");
    let url = format!("file://{}", scratch.path().display());
    scratch.git(["clone", "--quiet", "--depth=1", "--branch=v1.0.0", &url, clone.to_str().unwrap()]);
    let mut command = scratch.relguard_command(&["package", "--ref", "v1.0.0", "-d", "dist"]);
    command.current_dir(&clone);
    run(command).exits(0);
    assert!(clone.join("dist/app-1.0.0.tgz").exists());
}

#[test]
fn changes_that_are_not_committed_are_in_no_archive() {
    let scratch = project();
    scratch.write("charts/app/templates/new.yaml", "a: 1\n");
    package(&scratch).exits(0);
    assert_eq!(crate::names(&scratch.outside("out/app-1.1.0.tgz")).len(), 2);
    fs::remove_dir_all(scratch.outside("out")).unwrap();
    scratch.write(chart::VALUES, "other: 1\n");
    cannot(&scratch, &[], "`relguard package` needs a clean working tree");
    scratch.git(["add", "--all"]);
    cannot(&scratch, &[], "`relguard package` needs a clean working tree");
    let ran = scratch.relguard(["package", "--ref", "HEAD", "-d", "../out"]).exits(0);
    assert!(ran.stdout.ends_with("  ../out/app-1.1.0.tgz\n"), "{}", ran.stdout);
}

#[test]
fn nothing_is_packaged_in_the_middle_of_a_merge() {
    let scratch = project();
    scratch.git(["checkout", "--quiet", "-b", "topic", "HEAD~1"]);
    scratch.write("x", "x");
    scratch.commit("x");
    scratch.git(["merge", "--quiet", "--no-commit", "--no-ff", "master"]);
    cannot(&scratch, &[], "can't run in the middle of a merge");
}

#[test]
fn what_names_nothing_or_two_things_is_refused() {
    let scratch = project();
    cannot(&scratch, &["--ref", "v1.0.O"], "there is no branch or tag v1.0.O");
    cannot(&scratch, &["--ref", "deadbeef"], "deadbeef");
    scratch.git(["tag", "master", "HEAD~1"]);
    cannot(&scratch, &["--ref", "master"], "master is a branch and a tag");
    let tree = scratch.git(["rev-parse", "HEAD^{tree}"]).stdout;
    scratch.git(["update-ref", "refs/tags/v9.0.0", tree.trim()]);
    cannot(&scratch, &["--ref", "v9.0.0"], "the tag v9.0.0 names no commit");
    let empty = crate::Scratch::new();
    cannot(&empty, &[], "there is no commit yet");
}

#[test]
fn a_tag_that_releases_another_version_is_refused() {
    let scratch = project();
    scratch.git(["tag", "v1.0.1", "HEAD~1"]);
    refused(
        &scratch,
        &["--ref", "v1.0.1"],
        "error[tag/version]: the chart's version is 1.0.0, but v1.0.1 releases 1.0.1",
    );
    // The branch at the same commit releases none.
    released(&scratch, "release-1.0", "1.0.0");
    let json = scratch.json(["package", "--ref", "v1.0.1"]);
    assert_eq!((&json["refused"], &json["findings"][0]["subject"]["name"]), (&true.into(), &"v1.0.1".into()));
    assert_eq!(json.get("archives"), None);
}

#[test]
fn the_rules_on_charts_are_asked_first() {
    let scratch = project();
    chart::edit(&scratch, chart::CHART, "\nversion: 1.1.0", "\nversion: 1.2.0");
    scratch.commit("Half a bump");
    refused(&scratch, &[], "error[chart/app-version]");
    scratch.write(".relguard.yaml", "rules: {chart/app-version: off, chart/values-sync: warning}\n");
    scratch.commit("Live with it");
    let ran = package(&scratch).exits(0);
    assert!(ran.stderr.contains("warning[chart/values-sync]"), "{}", ran.stderr);
    assert!(ran.stdout.ends_with("out/app-1.2.0.tgz\n") && ran.stdout.lines().count() == 1, "{}", ran.stdout);
    fs::remove_dir_all(scratch.outside("out")).unwrap();
    refused(&scratch, &["--strict"], "warning[chart/values-sync]");
}

#[test]
fn a_project_without_charts_has_nothing_to_package() {
    let scratch = crate::Scratch::new();
    scratch.write("README.md", "x");
    scratch.commit("x");
    refused(&scratch, &[], "error[chart/version]");
    scratch.write(".relguard.yaml", "charts: []\n");
    scratch.commit("None");
    cannot(&scratch, &[], "there are no charts (`charts: []`)");
    scratch.write(".relguard.yaml", "rules: {chart/version: off}\n");
    scratch.commit("Off");
    cannot(&scratch, &[], "has no chart to package");
}
