//! `branch`: a release branch, cut from what is published.

use crate::chart::{CHART, LOG, edit};
use crate::support::{Scratch, run, script};
use crate::{accept, dry_then_real, guarded, is_published, open, published, refuse, server, somebody_pushes};

#[test]
fn the_line_of_the_chart_is_cut_and_pushed() {
    let scratch = guarded();
    let tip = scratch.git(["rev-parse", "origin/master"]).stdout;
    // What is only here is not published: the branch begins at what is.
    edit(&scratch, "README.md", "An app.", "My app.");
    scratch.commit("not pushed yet");
    dry_then_real(&scratch, &["branch"]);
    assert!(!is_published(&scratch, "refs/heads/release-1.0"));
    assert_eq!(scratch.git(["rev-parse", "release-1.0"]).stdout, tip);
    dry_then_real(&scratch, &["branch", "1.0", "--push"]);
    assert_eq!(scratch.git(["rev-parse", "origin/release-1.0"]).stdout, tip);
    let ran = scratch.relguard(["branch", "--push"]).exits(0);
    assert!(ran.stdout.starts_with("already done: release-1.0 is in origin, at "), "{}", ran.stdout);
    assert_eq!(scratch.git(["branch", "--show-current"]).stdout, "master\n");
}

#[test]
fn the_rules_are_asked_first() {
    let scratch = guarded();
    for line in ["1.1", "v2.0"] {
        let ran = scratch.relguard(["branch", line, "--push"]).exits(1);
        assert!(
            ran.stdout.contains("error[branch/version]: version is 1.0.0, but release-"),
            "{}",
            ran.stdout
        );
    }
    // It got in before there was a guard.
    scratch.write(LOG, "# Changes\n");
    scratch.commit("lose the section");
    open(&scratch);
    scratch.git(["push", "--quiet", "--no-verify", "origin", "master"]);
    accept(&scratch);
    let before = published(&scratch);
    let ran = scratch.relguard(["branch", "--push"]).exits(1);
    assert!(ran.stdout.contains("error[changelog/section]"), "{}", ran.stdout);
    assert!(ran.stdout.ends_with("refused: cut release-1.0 from master\n"), "{}", ran.stdout);
    assert_eq!(published(&scratch), before);
    assert_ne!(scratch.try_git(["rev-parse", "--verify", "release-1.0"]).status, 0);
}

#[test]
fn a_clone_that_is_behind_its_remote() {
    let scratch = guarded();
    somebody_pushes(&scratch, "master", "b.txt");
    let ran = scratch.relguard(["branch"]).exits(2);
    assert!(ran.stderr.contains("origin has master at "), "{}", ran.stderr);
    assert!(ran.stderr.contains("git fetch --prune origin"), "{}", ran.stderr);
    scratch.git(["fetch", "--quiet", "--prune", "origin"]);
    scratch.relguard(["branch", "--push"]).exits(0);
    assert!(is_published(&scratch, "refs/heads/release-1.0"));
    // Cut by somebody else meanwhile.
    scratch.git(["branch", "--quiet", "-D", "release-1.0"]);
    scratch.git(["update-ref", "-d", "refs/remotes/origin/release-1.0"]);
    let ran = scratch.relguard(["branch", "--push"]).exits(0);
    assert!(ran.stdout.starts_with("already done: release-1.0 is in origin"), "{}", ran.stdout);
}

#[test]
fn a_push_that_fails_is_made_up_for() {
    let scratch = guarded();
    refuse(&scratch);
    let ran = scratch.relguard(["branch", "--push"]).exits(2);
    assert!(ran.stderr.contains("closed for today"), "{}", ran.stderr);
    assert!(ran.stderr.contains("done: make the branch release-1.0 at "), "{}", ran.stderr);
    accept(&scratch);
    let ran = scratch.relguard(["branch", "--push"]).exits(0);
    assert!(ran.stdout.starts_with("already done: release-1.0 is here, at "), "{}", ran.stdout);
    assert!(is_published(&scratch, "refs/heads/release-1.0"));
}

#[test]
fn a_branch_of_that_name_that_is_another_one() {
    let scratch = guarded();
    edit(&scratch, CHART, "description: an app", "description: the app");
    scratch.commit("something else");
    scratch.git(["branch", "release-1.0"]);
    let ran = scratch.relguard(["branch", "--push"]).exits(2);
    assert!(
        ran.stderr.contains("release-1.0 is here at ") && ran.stderr.contains("git branch -D release-1.0"),
        "{}",
        ran.stderr
    );
    assert!(!is_published(&scratch, "refs/heads/release-1.0"));
}

#[test]
fn a_tree_that_is_not_clean() {
    let scratch = guarded();
    edit(&scratch, "README.md", "An app.", "My app.");
    let ran = scratch.relguard(["branch"]).exits(2);
    assert!(ran.stderr.contains("`relguard branch` needs a clean working tree"), "{}", ran.stderr);
}

#[test]
fn what_is_no_line_and_where_there_is_no_remote() {
    let scratch = guarded();
    for line in ["1", "1.x", "1.0.0", "01.2", ""] {
        let ran = scratch.relguard(["branch", line]).exits(2);
        assert!(ran.stderr.contains("is no minor line"), "{}", ran.stderr);
    }
    scratch.git(["remote", "remove", "origin"]);
    let ran = scratch.relguard(["branch", "--push"]).exits(2);
    assert!(ran.stderr.contains("there is no remote origin to push to"), "{}", ran.stderr);
    scratch.relguard(["branch"]).exits(0);
    assert_eq!(scratch.git(["rev-parse", "release-1.0"]).stdout, scratch.git(["rev-parse", "master"]).stdout);
}

#[test]
fn a_remote_of_another_name_has_to_be_said() {
    let scratch = guarded();
    scratch.git(["remote", "rename", "origin", "upstream"]);
    for args in [&["branch"][..], &["tag"], &["release"], &["release", "--run"], &["release", "--dry-run"]] {
        let ran = run(scratch.relguard_command(args)).exits(2);
        assert!(
            ran.stderr.contains("there is no remote origin in this clone; there is upstream"),
            "{}",
            ran.stderr
        );
        assert!(ran.stderr.contains("`remote: upstream`"), "{}", ran.stderr);
    }
    scratch.write(".relguard.yaml", "remote: upstream\n");
    scratch.commit("say where it is published");
    scratch.git(["push", "--quiet", "upstream", "master"]);
    let ran = scratch.relguard(["release", "--run"]).exits(0);
    assert!(ran.stdout.contains("done: push v1.0.0 to upstream"), "{}", ran.stdout);
}

#[test]
fn a_remote_that_can_not_be_asked() {
    let scratch = guarded();
    scratch.git(["remote", "set-url", "origin", "/nowhere/server.git"]);
    let ran = scratch.relguard(["branch"]).exits(2);
    assert!(ran.stderr.contains("origin can't be asked what it has"), "{}", ran.stderr);
    assert!(ran.stderr.contains("git ls-remote origin"), "{}", ran.stderr);
    assert_ne!(scratch.try_git(["rev-parse", "--verify", "release-1.0"]).status, 0);
}

/// A clone of a fork, as its owner works in it: `origin` is the fork, and `upstream` the project.
fn of_a_fork() -> (Scratch, String) {
    let scratch = guarded();
    let fork = scratch.outside("fork.git").to_str().unwrap().to_owned();
    scratch.git(["clone", "--quiet", "--bare", server(&scratch).to_str().unwrap(), &fork]);
    scratch.git(["remote", "rename", "origin", "upstream"]);
    scratch.git(["remote", "add", "origin", &fork]);
    scratch.git(["fetch", "--quiet", "--all"]);
    (scratch, fork)
}

#[test]
fn a_release_on_what_may_be_a_fork_says_so() {
    let (scratch, fork) = of_a_fork();
    let said = "note: origin (";
    let advice = "git remote rename origin fork && git remote rename upstream origin";
    for args in [&["release"][..], &["release", "--dry-run"], &["branch", "--push", "--dry-run"]] {
        let shown = run(scratch.relguard_command(args)).exits(0).stdout;
        assert_eq!(shown.matches(said).count(), 1, "{args:?}: {shown}");
        assert!(shown.contains(advice), "{args:?}: {shown}");
    }
    let plan = scratch.json(["release", "--dry-run"]);
    let mut notes: Vec<_> = plan["notes"].as_array().unwrap().iter().map(ToString::to_string).collect();
    let all = notes.len();
    notes.sort();
    notes.dedup();
    assert_eq!(notes.len(), all, "{plan:#}");
    assert_eq!(notes.iter().filter(|note| note.contains(advice)).count(), 1, "{plan:#}");
    assert!(!scratch.relguard(["branch", "--dry-run"]).exits(0).stdout.contains(said), "nothing is pushed");
    // What the advice leads to.
    scratch.git(["remote", "rename", "origin", "fork"]);
    scratch.git(["remote", "rename", "upstream", "origin"]);
    scratch.relguard(["release", "--run"]).exits(0);
    assert!(is_published(&scratch, "refs/tags/v1.0.0"));
    assert_eq!(scratch.git(["-C", &fork, "tag"]).stdout, "");
    assert!(!scratch.relguard(["release"]).exits(0).stdout.contains(said));
}

#[test]
fn a_project_that_names_its_remote_is_not_asked_about_a_fork() {
    let (scratch, fork) = of_a_fork();
    scratch.write(".relguard.yaml", "remote: origin\n");
    scratch.commit("say where it is published");
    scratch.git(["push", "--quiet", "origin", "master"]);
    // Also where the files that are checked out do not say it.
    scratch.git(["checkout", "--quiet", "HEAD~"]);
    let ran = scratch.relguard(["release", "1.0.0", "--run"]).exits(0);
    assert!(!ran.stdout.contains("note: origin"), "{}", ran.stdout);
    assert_eq!(scratch.git(["-C", &fork, "tag"]).stdout, "v1.0.0\n");
    // Two names of one place are no fork.
    let scratch = guarded();
    scratch.git(["remote", "add", "upstream", server(&scratch).to_str().unwrap()]);
    assert!(!scratch.relguard(["release"]).exits(0).stdout.contains("note: origin"));
}

#[test]
fn a_protected_branch_is_cut_by_who_may() {
    let scratch = guarded();
    open(&scratch);
    let hook = server(&scratch).join("hooks/pre-receive");
    let protects =
        "#!/bin/sh\ngrep -q refs/heads/release- || exit 0\necho 'error: GH013: protected' >&2\nexit 1\n";
    script(&hook, protects);
    let ran = scratch.relguard(["release", "--run"]).exits(2);
    for words in ["`push release-1.0 to origin` failed", "GH013: protected", "have it pushed by who may"] {
        assert!(ran.stderr.contains(words), "{words}: {}", ran.stderr);
    }
    // Somebody cuts it on the forge, and what comes after it goes on.
    let bare = server(&scratch).to_str().unwrap().to_owned();
    scratch.git(["-C", &bare, "branch", "release-1.0", "master"]);
    scratch.relguard(["release", "--run"]).exits(0);
    assert!(is_published(&scratch, "refs/tags/v1.0.0"));
}

#[test]
fn a_default_branch_that_only_the_config_names() {
    let scratch = guarded();
    scratch.write(".relguard.yaml", "default-branch: trunk\n").commit("name it");
    scratch.git(["branch", "--quiet", "-m", "trunk"]);
    open(&scratch);
    scratch.git(["push", "--quiet", "--no-verify", "origin", "trunk"]);
    let bare = server(&scratch).to_str().unwrap().to_owned();
    scratch.git(["-C", &bare, "symbolic-ref", "HEAD", "refs/heads/trunk"]);
    scratch.git(["-C", &bare, "branch", "--quiet", "-D", "master"]);
    scratch.git(["fetch", "--quiet", "--prune", "origin"]);
    // As in a clone whose remote was added later.
    scratch.git(["remote", "set-head", "origin", "--delete"]);
    let ran = scratch.relguard(["release", "--run"]).exits(0);
    assert!(is_published(&scratch, "refs/heads/release-1.0"), "{}", ran.stdout);
    assert!(is_published(&scratch, "refs/tags/v1.0.0"), "{}", ran.stdout);
    // Without it nothing says which branch that is, and the way out names the project's remote.
    scratch.git(["remote", "rename", "origin", "up"]);
    scratch.write(".relguard.yaml", "remote: up\n").commit("name the remote alone");
    let ran = scratch.relguard(["branch"]).exits(2);
    assert!(ran.stderr.contains("git fetch up && git remote set-head up --auto"), "{}", ran.stderr);
}
