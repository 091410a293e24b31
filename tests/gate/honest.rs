//! What must go through.

use crate::server::{Server, chart};

#[test]
fn the_process_itself() {
    let server = Server::with_releases();
    let git = &server.client;
    // A z release of an older line, by a plain tag and by an annotated one.
    server.takes(["origin", "release-1.0:refs/tags/v1.0.1"]);
    // A release branch cut by refspec, then its first tag; later a z release in one push of branch and tag.
    server.takes(["origin", "master:refs/heads/release-1.1"]);
    git.git(["tag", "-a", "-m", "1.1.0", "v1.1.0", "master"]);
    server.takes(["origin", "v1.1.0"]);
    git.git(["checkout", "--quiet", "-b", "release-1.1", "master"]);
    server.release("1.1.1", "Release 1.1.1");
    git.git(["tag", "v1.1.1"]);
    server.takes(["--atomic", "origin", "release-1.1", "v1.1.1"]);
    // A candidate of the next minor: default branch, release branch and tag at once.
    git.git(["checkout", "--quiet", "master"]);
    server.release("1.2.0-rc.1", "Release 1.2.0-rc.1");
    server.takes(["origin", "master", "master:refs/heads/release-1.2", "master:refs/tags/v1.2.0-rc.1"]);
}

#[test]
fn the_first_import_of_a_repository_that_never_knew_the_rules() {
    let server = Server::empty();
    let git = &server.client;
    server.release("1.0.0", "Release 1.0.0");
    git.git(["tag", "1.0.0"]);
    git.git(["tag", "v3.0.0"]);
    server.commit("charts/app/values.yaml", "image:\n  tag: v0.9.0\n");
    git.git(["branch", "release-v1.0"]);
    let ran = server.takes(["--mirror", "origin"]);
    assert!(ran.stderr.contains("warning[tag/name]"), "{}", ran.stderr);
    assert!(ran.stderr.contains("warning[chart/values-sync]"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("error["), "{}", ran.stderr);
    // From then on the gate is shut.
    server.refuses("tag/name", ["origin", "master:refs/tags/1.0.1"]);
}

#[test]
fn other_work_is_none_of_the_gates() {
    let server = Server::with_releases();
    let git = &server.client;
    git.git(["checkout", "--quiet", "-b", "release-1.10-cherry-pick", "release-1.0"]);
    server.commit("charts/app/Chart.yaml", "broken: [\n");
    let ran = server.takes([
        "origin",
        "release-1.10-cherry-pick",
        "HEAD:refs/heads/release-notes",
        "HEAD:refs/notes/x",
    ]);
    assert!(!ran.stderr.contains("error") && !ran.stderr.contains("warning"), "{}", ran.stderr);
    git.git(["commit", "--quiet", "--amend", "-m", "again"]);
    server.takes(["--force", "origin", "release-1.10-cherry-pick"]);
    server.takes(["origin", "--delete", "release-1.10-cherry-pick"]);
    server.takes(["origin", "HEAD:refs/tags/nightly"]);
    server.takes(["--force", "origin", "master:refs/tags/nightly"]);
}

#[test]
fn a_misnamed_tag_or_branch_can_be_taken_away() {
    let server = Server::with_releases();
    let bare = server.bare();
    server.client.git(["-C", bare.to_str().unwrap(), "tag", "1.0.0", "master"]);
    server.client.git(["-C", bare.to_str().unwrap(), "branch", "release-v1.0", "master"]);
    // Work on a misnamed branch that is there goes on.
    server.client.git(["checkout", "--quiet", "-b", "old", "master"]);
    server.commit("x", "y");
    server.takes(["origin", "old:release-v1.0"]);
    server.takes(["origin", "--delete", "1.0.0", "release-v1.0"]);
}

#[test]
fn what_was_wrong_before_is_a_warning() {
    let server = Server::with_releases();
    let git = &server.client;
    let bare = server.bare();
    git.git(["checkout", "--quiet", "release-1.0"]);
    let bad = server.commit("charts/app/Chart.yaml", &chart("1.0.1", "1.0.0"));
    git.git(["push", "--quiet", bare.to_str().unwrap(), &format!("{bad}:refs/heads/side")]).exits(0);
    git.git(["-C", bare.to_str().unwrap(), "update-ref", "refs/heads/release-1.0", &bad]);
    server.commit("x", "other work");
    let ran = server.takes(["origin", "release-1.0"]);
    assert!(ran.stderr.contains("warning[chart/app-version]"), "{}", ran.stderr);
    // At a tag nothing was before.
    server.refuses("chart/app-version", ["origin", "release-1.0:refs/tags/v1.0.1"]);
}

#[test]
fn a_thousand_refs_at_once() {
    let server = Server::with_releases();
    let git = &server.client;
    let specs: Vec<String> = (0..1000).map(|n| format!("master:refs/heads/topic/{n}")).collect();
    let mut command = crate::support::isolated("git", &git.outside(""));
    command.args(["push", "--quiet", "origin"]).args(&specs).current_dir(git.path());
    crate::support::run(command).exits(0);
    let specs: Vec<String> = (0..1000).map(|n| format!("master:refs/tags/v1.1.{n}")).collect();
    let mut command = crate::support::isolated("git", &git.outside(""));
    command.args(["push", "--quiet", "origin"]).args(&specs).current_dir(git.path());
    let ran = crate::support::run(command);
    assert_ne!(ran.status, 0);
    assert_eq!(ran.stderr.matches("error[tag/branch]").count(), 1000);
}
