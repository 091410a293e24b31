//! The gate before a push leaves: `hook pre-push` in a clone, with real pushes to a server without hooks.

use crate::server::{Server, chart};
use crate::support::script;

/// A server without the hook, and a client with it.
fn guarded() -> Server {
    let server = Server::with_releases();
    std::fs::remove_file(server.bare().join("hooks/pre-receive")).unwrap();
    server.client.git(["fetch", "--quiet", "origin"]);
    let hook = server.client.path().join(".git/hooks/pre-push");
    let text = format!("#!/bin/sh\nexec '{}' hook pre-push \"$@\" >&2\n", env!("CARGO_BIN_EXE_relguard"));
    script(&hook, &text);
    server
}

#[track_caller]
fn refuses<const N: usize>(server: &Server, rule: &str, args: [&str; N]) -> String {
    let before = server.refs();
    let ran = server.push(args);
    assert_ne!(ran.status, 0, "{args:?} got out:\n{}", ran.stderr);
    assert!(ran.stderr.contains(&format!("error[{rule}]: ")), "{args:?}: {}", ran.stderr);
    assert_eq!(server.refs(), before);
    ran.stderr
}

#[test]
fn every_line_of_a_push_counts() {
    let server = guarded();
    let git = &server.client;
    refuses(&server, "tag/branch", ["origin", "master:refs/tags/v1.1.0"]);
    refuses(&server, "tag/branch", ["origin", "master:refs/heads/topic", "master:refs/tags/v1.1.0"]);
    refuses(&server, "branch/version", ["origin", "HEAD:refs/heads/release-1.2"]);
    refuses(&server, "branch/rewrite", ["origin", "--delete", "release-1.0"]);
    refuses(&server, "branch/rewrite", ["--force", "origin", "release-1.0~1:release-1.0"]);
    git.git(["tag", "--force", "v1.0.0", "release-1.0"]);
    refuses(&server, "tag/immutable", ["--mirror", "origin"]);
    refuses(&server, "tag/immutable", ["origin", "--delete", "v1.0.0"]);
    git.git(["tag", "-a", "-m", "x", "v1.0.9", "release-1.0"]);
    refuses(&server, "tag/name", ["origin", "v1.0.9:refs/tags/v1.0.1"]);
    git.git(["tag", "v1.0.8", "release-1.0^{tree}"]);
    refuses(&server, "tag/branch", ["origin", "v1.0.8"]);
}

#[test]
fn what_is_published_is_what_the_remote_has() {
    let server = guarded();
    let git = &server.client;
    git.git(["checkout", "--quiet", "release-1.0"]);
    server.release("1.0.2", "Only here");
    git.git(["tag", "v1.0.2"]);
    // The local branch has the commit; the remote does not.
    let said = refuses(&server, "tag/branch", ["origin", "v1.0.2"]);
    assert!(said.contains("v1.0.2 is one commit ahead of release-1.0"), "{said}");
    // With the branch in the same push it has.
    server.takes(["origin", "release-1.0", "v1.0.2"]);
    git.git(["checkout", "--quiet", "master"]);
    server.release("1.2.0", "Only here");
    refuses(&server, "branch/base", ["origin", "master:refs/heads/release-1.2"]);
    server.takes(["origin", "master", "master:refs/heads/release-1.2"]);
}

#[test]
fn the_content_is_read_at_the_pushed_commit() {
    let server = guarded();
    let git = &server.client;
    git.git(["checkout", "--quiet", "release-1.0"]);
    server.commit("charts/app/Chart.yaml", &chart("1.0.1", "1.0.0"));
    // Mended on disk and in the index, but not in what is pushed.
    git.write("charts/app/Chart.yaml", chart("1.0.1", "1.0.1"));
    git.git(["add", "--all"]);
    refuses(&server, "chart/app-version", ["origin", "HEAD:refs/heads/release-1.0"]);
    git.git(["commit", "--quiet", "--no-verify", "-m", "mended"]);
    server.takes(["origin", "HEAD:refs/heads/release-1.0"]);
}

#[test]
fn a_url_instead_of_a_remotes_name() {
    let server = guarded();
    let url = server.client.git(["remote", "get-url", "origin"]).stdout;
    server.takes([url.trim(), "release-1.0:refs/tags/v1.0.1"]);
    // Of an unknown remote only what the push itself says is known.
    let bare = server.bare();
    let ran = server.push([bare.to_str().unwrap(), "release-1.0:refs/tags/v1.0.1-rc.1"]);
    assert!(ran.stderr.contains("error[tag/branch]"), "{}", ran.stderr);
}

#[test]
fn a_clone_that_did_not_fetch_is_told_so() {
    let server = guarded();
    let git = &server.client;
    // Somebody else pushed in between.
    let other = git.outside("other");
    let url = git.git(["remote", "get-url", "origin"]).stdout;
    git.git(["clone", "--quiet", url.trim(), other.to_str().unwrap()]);
    git.git(["-C", other.to_str().unwrap(), "commit", "--quiet", "--allow-empty", "-m", "theirs"]);
    git.git(["-C", other.to_str().unwrap(), "push", "--quiet", "origin", "HEAD:master"]);
    server.commit("x", "ours");
    let said = refuses(&server, "branch/rewrite", ["origin", "master"]);
    assert!(said.contains("git pull --rebase"), "{said}");
}

#[test]
fn two_remotes_are_two_places() {
    let server = guarded();
    let git = &server.client;
    let fork = git.outside("fork.git");
    git.git(["init", "--quiet", "--bare", "--initial-branch=master", fork.to_str().unwrap()]);
    git.git(["remote", "add", "fork", fork.to_str().unwrap()]);
    let said = refuses(&server, "tag/branch", ["fork", "release-1.0:refs/tags/v1.0.1"]);
    assert!(said.contains("there is no release-1.0"), "{said}");
    server.takes(["fork", "master", "release-1.0", "release-1.0:refs/tags/v1.0.1"]);
}

#[test]
fn nothing_to_push_and_other_work_pass() {
    let server = guarded();
    let ran = server.takes(["origin", "master"]);
    assert!(ran.stderr.contains("up-to-date"), "{}", ran.stderr);
    server.takes(["--quiet", "origin", "master:refs/heads/release-notes"]);
    server.takes(["origin", "--delete", "release-notes"]);
    // Git tells its hook of this one, and goes on.
    server.push(["origin", ":refs/tags/v7.0.0"]).exits(0);
}

/// Each tagged commit is judged by the config that it has itself, whatever other tags of the push have.
#[test]
fn tags_of_one_push_are_judged_each_by_its_own_config() {
    let server = guarded();
    let git = &server.client;
    git.git(["checkout", "--quiet", "release-1.0"]);
    server.release("1.0.2", "Unsigned");
    git.git(["tag", "v1.0.2"]);
    server.commit(".relguard.yaml", "rules: { tag/signed: error }\n");
    server.release("1.0.3", "To be signed");
    git.git(["tag", "v1.0.3"]);
    server.release("1.0.4", "To be signed as well");
    git.git(["tag", "v1.0.4"]);
    let said = refuses(&server, "tag/signed", ["origin", "release-1.0", "v1.0.2", "v1.0.3", "v1.0.4"]);
    assert_eq!(said.matches("error[tag/signed]").count(), 2, "{said}");
    assert!(!said.contains("error[tag/signed]: v1.0.2"), "{said}");
    server.takes(["origin", "release-1.0", "v1.0.2"]);
}
