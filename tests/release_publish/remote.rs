//! Publishing where a remote has the branch, too.

use crate::Project;
use crate::support::script;

/// A project with a remote, and what is on the branch there.
fn with_remote() -> Project {
    let project = Project::new();
    let url = remote(&project);
    project.scratch.git(["init", "--quiet", "--bare", "--template=", "--initial-branch=master", &url]);
    project.scratch.git(["remote", "add", "origin", &url]);
    project.scratch.git(["push", "--quiet", "-u", "origin", "master"]);
    project
}

fn remote(project: &Project) -> String {
    project.scratch.outside("remote.git").to_str().unwrap().to_owned()
}

/// What the remote has on the branch: the subjects of its commits.
fn there(project: &Project) -> String {
    let ran = project.scratch.try_git(["-C", &remote(project), "log", "--format=%s", "gh-pages"]);
    ran.stdout.trim_end().replace('\n', "; ")
}

/// Another clone publishes.
fn elsewhere(project: &Project, version: &str) {
    let clone = project.scratch.outside("clone");
    let _ = std::fs::remove_dir_all(&clone);
    project.scratch.git(["clone", "--quiet", &remote(project), clone.to_str().unwrap()]);
    let path = project.archive("app", version);
    let args = ["-C", clone.to_str().unwrap(), "publish", &path, "--push"];
    crate::support::run(project.scratch.relguard_command(&args)).exits(0);
}

#[test]
fn a_push_brings_it_to_the_remote() {
    let project = with_remote();
    let ran = project.publish(&[&project.archive("app", "1.0.0"), "--push"]).exits(0);
    assert!(ran.stdout.ends_with("done: push gh-pages to origin\n"), "{}", ran.stdout);
    assert_eq!(there(&project), "Publish app 1.0.0");
    let ran = project.publish(&[&project.archive("app", "1.0.0"), "--push"]).exits(0);
    assert_eq!(
        ran.stdout,
        "already done: app 1.0.0 is in the chart index on gh-pages\nalready done: gh-pages is on origin\n"
    );
    project.publish(&[&project.archive("app", "1.1.0"), "--push"]).exits(0);
    assert_eq!(there(&project), "Publish app 1.1.0; Publish app 1.0.0");
}

#[test]
fn what_was_not_pushed_is_pushed_by_the_next_run() {
    let project = with_remote();
    let ran = project.publish(&[&project.archive("app", "1.0.0")]).exits(0);
    assert!(ran.stdout.ends_with("next: push it: git push origin gh-pages\n"), "{}", ran.stdout);
    assert_eq!(there(&project), "");
    let ran = project.publish(&[&project.archive("app", "1.0.0"), "--push"]).exits(0);
    assert!(ran.stdout.contains("already done: app 1.0.0"), "{}", ran.stdout);
    assert!(ran.stdout.contains("done: push gh-pages to origin"), "{}", ran.stdout);
    assert_eq!(there(&project), "Publish app 1.0.0");
}

#[test]
fn a_remote_that_refuses_is_tried_again() {
    let project = with_remote();
    let hook = project.scratch.outside("remote.git/hooks/pre-receive");
    script(&hook, "#!/bin/sh\necho 'not today' >&2\nexit 1\n");
    let path = project.archive("app", "1.0.0");
    let ran = project.publish(&[&path, "--push"]).exits(2);
    assert!(ran.stderr.contains("`push gh-pages to origin` failed (done: commit "), "{}", ran.stderr);
    assert!(ran.stderr.contains("not today"), "{}", ran.stderr);
    assert_eq!(there(&project), "");
    let commit = project.git(["rev-parse", "gh-pages"]);
    std::fs::remove_file(hook).unwrap();
    project.publish(&[&path, "--push"]).exits(0);
    assert_eq!(there(&project), "Publish app 1.0.0");
    assert_eq!(project.git(["rev-parse", "gh-pages"]), commit);
}

#[test]
fn a_clone_that_is_behind_has_to_fetch() {
    let project = with_remote();
    project.publish(&[&project.archive("app", "1.0.0"), "--push"]).exits(0);
    elsewhere(&project, "1.1.0");
    let path = project.archive("app", "1.2.0");
    let ran = project.refuses(2, "which this clone does not know of", &[&path, "--push"]);
    assert!(ran.stderr.contains("git fetch --prune origin"), "{}", ran.stderr);
    project.scratch.git(["fetch", "--quiet", "origin"]);
    // The local branch follows.
    project.publish(&[&path, "--push"]).exits(0);
    assert_eq!(there(&project), "Publish app 1.2.0; Publish app 1.1.0; Publish app 1.0.0");
}

#[test]
fn a_clone_that_was_overtaken_says_so_and_goes_on() {
    let project = with_remote();
    project.publish(&[&project.archive("app", "1.0.0"), "--push"]).exits(0);
    let path = project.archive("app", "1.2.0");
    project.publish(&[&path]).exits(0);
    elsewhere(&project, "1.1.0");
    project.refuses(2, "which this clone does not know of", &[&path, "--push"]);
    project.scratch.git(["fetch", "--quiet", "origin"]);
    let other = project.archive("app", "1.3.0");
    let ran = project.publish(&[&other, "--dry-run"]).exits(0);
    assert!(ran.stdout.contains("never pushed, and is left behind: app 1.2.0\n"), "{}", ran.stdout);
    let ran = project.publish(&[&path, "--push"]).exits(0);
    assert!(!ran.stdout.contains("left behind"), "{}", ran.stdout);
    assert_eq!(there(&project), "Publish app 1.2.0; Publish app 1.1.0; Publish app 1.0.0");
    let index = project.git(["show", "origin/gh-pages:index.yaml"]);
    for version in ["1.0.0", "1.1.0", "1.2.0"] {
        assert!(index.contains(&format!("charts/app-{version}.tgz")), "{index}");
    }
}

#[test]
fn commits_of_others_are_not_left_behind() {
    let project = with_remote();
    project.publish(&[&project.archive("app", "1.0.0"), "--push"]).exits(0);
    project.scratch.git(["switch", "--quiet", "gh-pages"]);
    project.scratch.write("README.md", "Pages.\n");
    project.scratch.commit("By hand");
    project.scratch.git(["switch", "--quiet", "master"]);
    let path = project.archive("app", "1.2.0");
    project.publish(&[&path]).exits(0);
    elsewhere(&project, "1.1.0");
    elsewhere(&project, "1.1.1");
    project.scratch.git(["fetch", "--quiet", "--depth=1", "origin"]);
    project.refuses(2, "history is cut short", &[&path, "--push"]);
    project.scratch.git(["fetch", "--quiet", "--unshallow", "origin"]);
    let ran = project.refuses(2, "and neither has the other", &[&path, "--push"]);
    let way_out = ran.stderr.split("git branch --force gh-pages ").nth(1).unwrap().trim();
    project.scratch.git(["branch", "--quiet", "--force", "gh-pages", way_out]);
    project.publish(&[&path, "--push"]).exits(0);
    assert_eq!(there(&project), "Publish app 1.2.0; Publish app 1.1.1; Publish app 1.1.0; Publish app 1.0.0");
}

#[test]
fn a_clone_without_the_branch_builds_on_the_remote_s() {
    let project = with_remote();
    elsewhere(&project, "1.0.0");
    let path = project.archive("app", "1.1.0");
    project.refuses(2, "which this clone does not know of", &[&path]);
    project.scratch.git(["fetch", "--quiet", "origin"]);
    project.publish(&[&path, "--push"]).exits(0);
    assert_eq!(there(&project), "Publish app 1.1.0; Publish app 1.0.0");
    // The remote takes it away again.
    project.scratch.git(["-C", &remote(&project), "update-ref", "-d", "refs/heads/gh-pages"]);
    project.refuses(2, "origin no longer has gh-pages", &[&path]);
}

#[test]
fn a_remote_that_is_away_is_an_error() {
    let project = with_remote();
    std::fs::remove_dir_all(remote(&project)).unwrap();
    project.refuses(2, "origin can't be asked what it has", &[&project.archive("app", "1.0.0"), "--push"]);
    let project = Project::new();
    project.refuses(2, "there is no remote origin to push to", &[&project.archive("app", "1.0.0"), "--push"]);
}

#[test]
fn branches_of_the_remote_may_be_kept_elsewhere() {
    let project = with_remote();
    project.scratch.git(["config", "remote.origin.fetch", "+refs/heads/*:refs/mirror/*"]);
    elsewhere(&project, "1.0.0");
    project.scratch.git(["fetch", "--quiet", "origin"]);
    project.scratch.git(["-C", &remote(&project), "update-ref", "-d", "refs/heads/gh-pages"]);
    project.refuses(2, "origin no longer has gh-pages", &[&project.archive("app", "1.1.0")]);
}
