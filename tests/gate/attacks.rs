//! What must not get in.

use crate::server::{Server, chart};

#[test]
fn a_published_tag_can_not_be_moved_or_deleted() {
    let server = Server::with_releases();
    let git = &server.client;
    git.git(["tag", "--force", "v1.0.0", "release-1.0"]);
    server.refuses("tag/immutable", ["--force", "origin", "v1.0.0"]);
    server.refuses("tag/immutable", ["origin", "--delete", "v1.0.0"]);
    // Deleting and making it again, in one push or in two: the first half is refused already.
    server
        .refuses("tag/immutable", ["--force", "origin", ":refs/tags/v1.0.0", "release-1.0:refs/tags/v1.0.1"]);
    git.git(["tag", "--force", "-a", "-m", "x", "v1.0.0", "v1.0.0^{commit}"]);
    server.refuses("tag/immutable", ["--force", "origin", "v1.0.0"]);
}

#[test]
fn a_tag_that_moves_a_published_one_under_another_name_is_refused_whatever_the_levels() {
    let server = Server::with_releases();
    server.commit(".relguard.yaml", "rules: { tag/name: warning }\n");
    server.takes(["origin", "master"]);
    server.client.git(["tag", "-a", "-m", "x", "other", "release-1.0"]);
    server.refuses("tag/immutable", ["--force", "origin", "other:refs/tags/v1.0.0"]);
}

#[test]
fn a_tag_has_to_be_on_its_release_branch() {
    let server = Server::with_releases();
    let git = &server.client;
    server.refuses("tag/branch", ["origin", "master:refs/tags/v1.1.0"]);
    git.git(["checkout", "--quiet", "-b", "side", "release-1.0"]);
    server.commit("x", "never merged");
    let ran = server.refuses("tag/branch", ["origin", "side:refs/tags/v1.0.1"]);
    assert!(ran.stderr.contains("v1.0.1 is one commit ahead of release-1.0"), "{}", ran.stderr);
    // The branch of the tag's line, moved by the same push, takes no tag of another line.
    server.refuses("tag/branch", ["origin", "side:release-1.0", "master:refs/tags/v1.1.0"]);
    // A branch named like the tag is no release branch.
    server.refuses("branch/name", ["origin", "master:refs/heads/v1.1.0", "master:refs/tags/v1.1.0"]);
}

#[test]
fn a_tag_object_has_to_say_its_own_name() {
    let server = Server::with_releases();
    let git = &server.client;
    git.git(["tag", "-a", "-m", "x", "v1.0.0-copy", "v1.0.0"]);
    git.git(["tag", "-a", "-m", "x", "v1.0.1", "release-1.0"]);
    server.refuses("tag/name", ["origin", "v1.0.1:refs/tags/v1.0.2"]);
    server.refuses("tag/name", ["origin", "v1.0.0-copy:refs/tags/v1.0.1"]);
    // A tag of a tag is peeled to the commit, and its own name is the outer one.
    git.git(["tag", "-a", "-m", "x", "v1.0.5", "v1.0.1"]);
    server.refuses("tag/version", ["origin", "v1.0.5"]);
    server.refuses("tag/name", ["origin", "v1.0.5:refs/tags/v1.0.1"]);
}

#[test]
fn a_tag_has_to_name_a_commit() {
    let server = Server::with_releases();
    let git = &server.client;
    git.git(["tag", "v1.0.2", "release-1.0^{tree}"]);
    server.refuses("tag/branch", ["origin", "v1.0.2"]);
    git.git(["tag", "v1.0.3", "release-1.0:charts/app/Chart.yaml"]);
    server.refuses("tag/branch", ["origin", "v1.0.3"]);
    git.git(["tag", "-a", "-m", "x", "v1.0.4", "release-1.0^{tree}"]);
    server.refuses("tag/branch", ["origin", "v1.0.4"]);
}

#[test]
fn a_tag_has_to_fit_what_the_chart_says() {
    let server = Server::with_releases();
    server.refuses("tag/version", ["origin", "release-1.0:refs/tags/v1.0.2"]);
    server.refuses("changelog/section", ["origin", "release-1.0:refs/tags/v1.0.2"]);
    // A release branch and its tag, in one push and in two.
    server.refuses("tag/version", ["origin", "master:refs/heads/release-1.1", "master:refs/tags/v1.1.1"]);
    server.takes(["origin", "master:refs/heads/release-1.1"]);
    server.refuses("tag/version", ["origin", "master:refs/tags/v1.1.1"]);
}

#[test]
fn odd_names_of_tags_are_no_way_round() {
    let server = Server::with_releases();
    let names = [
        "1.0.1",
        "V1.0.1",
        "v1.0",
        "v1.0.1.0",
        "v01.0.1",
        "v1.0.1\u{200b}",
        "v1.0.1\u{202e}",
        "\u{ff56}1.0.1",
        "v1.0.1+",
        "v1.0.1-",
        "release/v1.0.1",
        "a/b/1.0",
        "v1",
        "v1.0.1;rm",
        "v1.0.1$(id)",
        "v1.0.1\"",
        "::error::v1.0",
    ];
    for name in names {
        if name.contains(':') {
            continue;
        }
        let ran = server.refuses("tag/name", ["origin", &format!("release-1.0:refs/tags/{name}")]);
        // Git itself repeats the name as it is.
        let mut said = ran.stderr.lines().filter(|line| line.starts_with("remote:"));
        assert!(!said.any(|line| line.contains(['\u{200b}', '\u{202e}'])), "{name:?}: {}", ran.stderr);
    }
}

#[test]
fn a_release_branch_is_cut_from_the_default_branch() {
    let server = Server::with_releases();
    let git = &server.client;
    git.git(["checkout", "--quiet", "-b", "ahead", "master"]);
    server.release("1.2.0", "Not on master");
    server.refuses("branch/base", ["origin", "ahead:refs/heads/release-1.2"]);
    // From an old commit of the default branch: the chart says another line.
    server.refuses("branch/version", ["origin", "master~1:refs/heads/release-1.2"]);
    // From no common history.
    git.git(["checkout", "--quiet", "--orphan", "alone"]);
    server.release("1.2.0", "Alone");
    let ran = server.refuses("branch/base", ["origin", "alone:refs/heads/release-1.2"]);
    assert!(ran.stderr.contains("shares no history with master"), "{}", ran.stderr);
    server.refuses("branch/base", ["origin", "alone:refs/heads/release-1.2", "alone:refs/tags/v1.2.0"]);
    for name in ["release-v1.2", "release/1.2", "release-1.2.0", "Release-1.2", "v1.2.0"] {
        server.refuses("branch/name", ["origin", &format!("master:refs/heads/{name}")]);
    }
}

#[test]
fn release_branches_and_the_default_branch_are_not_rewritten() {
    let server = Server::with_releases();
    let git = &server.client;
    for branch in ["master", "release-1.0"] {
        git.git(["checkout", "--quiet", "-B", "rewritten", &format!("{branch}~1")]);
        server.release(if branch == "master" { "1.1.0" } else { "1.0.1" }, "Something else");
        server.refuses("branch/rewrite", ["--force", "origin", &format!("rewritten:refs/heads/{branch}")]);
        server.refuses("branch/rewrite", ["origin", &format!("+{branch}~1:refs/heads/{branch}")]);
    }
    server.refuses("branch/rewrite", ["origin", "--delete", "release-1.0"]);
    git.git(["branch", "--force", "release-1.0", "release-1.0~1"]);
    server.refuses("branch/rewrite", ["--mirror", "origin"]);
    // The default branch is rewritten so that it has what a new release branch is cut from.
    git.git(["checkout", "--quiet", "--orphan", "alone"]);
    server.release("2.0.0", "Alone");
    server.refuses(
        "branch/rewrite",
        [
            "--force",
            "origin",
            "alone:refs/heads/master",
            "alone:refs/heads/release-2.0",
            "alone:refs/tags/v2.0.0",
        ],
    );
}

#[test]
fn a_mirror_that_takes_tags_away_is_refused() {
    let server = Server::with_releases();
    server.client.git(["tag", "-d", "v1.0.0"]);
    server.refuses("tag/immutable", ["--mirror", "origin"]);
}

#[test]
fn replace_refs_change_nothing() {
    let server = Server::with_releases();
    let git = &server.client;
    git.git(["checkout", "--quiet", "-b", "bad", "release-1.0"]);
    let bad = server.commit("charts/app/Chart.yaml", &chart("1.0.1", "9.9.9"));
    let good = git.git(["rev-parse", "release-1.0"]).stdout.trim().to_owned();
    server.takes(["origin", &format!("{good}:refs/replace/{bad}")]);
    server.refuses("chart/app-version", ["origin", "bad:refs/heads/release-1.0"]);
    server.refuses("tag/branch", ["origin", "bad:refs/tags/v1.0.1"]);
}

#[test]
fn nothing_that_was_pushed_steers_the_terminal_or_a_runner() {
    let server = Server::with_releases();
    let git = &server.client;
    git.git(["checkout", "--quiet", "release-1.0"]);
    server.commit(
        "charts/app/Chart.yaml",
        "apiVersion: v2\nname: app\nversion: 1.0.1\nappVersion: \"\\e]0;x\\a\\r::error::x\\u202e\"\n",
    );
    let ran = server.refuses("chart/app-version", ["origin", "HEAD:refs/heads/release-1.0"]);
    assert!(
        ran.stderr.chars().all(|c| c == '\n' || c == '\r' || (!c.is_control() && c != '\u{202e}')),
        "{:?}",
        ran.stderr
    );
    let starts = |line: &str| line.trim_start_matches("remote:").trim_start().starts_with("::");
    assert!(
        !ran.stderr.split(['\n', '\r']).any(|line| starts(line) && !line.contains("::: ")),
        "{:?}",
        ran.stderr
    );
}

#[test]
fn a_shallow_clone_can_not_hide_what_it_lacks() {
    let server = Server::with_releases();
    let shallow = server.client.outside("shallow");
    let url = server.client.git(["remote", "get-url", "origin"]).stdout;
    server.client.git([
        "clone",
        "--quiet",
        "--depth=1",
        "--no-single-branch",
        url.trim(),
        shallow.to_str().unwrap(),
    ]);
    let push =
        |refspec: &str| server.client.try_git(["-C", shallow.to_str().unwrap(), "push", "origin", refspec]);
    let before = server.refs();
    for (refspec, rule) in [
        ("origin/master:refs/tags/v1.1.0", "tag/branch"),
        ("origin/release-1.0:refs/tags/v1.0.2", "tag/version"),
        ("origin/release-1.0:refs/heads/release-1.2", "branch/version"),
    ] {
        let ran = push(refspec);
        assert!(
            ran.status != 0 && ran.stderr.contains(&format!("error[{rule}]")),
            "{refspec}: {}",
            ran.stderr
        );
        assert_eq!(server.refs(), before);
    }
    // Honest work from it goes through.
    push("origin/release-1.0:refs/tags/v1.0.1").exits(0);
}

#[test]
fn one_bad_update_of_many_refuses_them_all() {
    let server = Server::with_releases();
    server.refuses(
        "tag/branch",
        ["origin", "master:refs/heads/topic", "release-1.0:refs/tags/v1.0.1", "master:refs/tags/v1.1.0"],
    );
    server
        .refuses("tag/branch", ["--atomic", "origin", "master:refs/heads/topic", "master:refs/tags/v1.1.0"]);
}
