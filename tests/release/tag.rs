//! `tag`: the tag of a release, at what is published.

use crate::chart::{CHART, edit};
use crate::support::{Scratch, run};
use crate::{accept, dry_then_real, guarded, is_published, open, published, refuse, somebody_pushes};

/// A project whose release branch is cut.
fn cut() -> Scratch {
    let scratch = guarded();
    scratch.relguard(["branch", "--push"]).exits(0);
    scratch
}

#[test]
fn it_is_made_at_the_published_tip_whatever_is_checked_out() {
    let scratch = cut();
    let tip = scratch.git(["rev-parse", "origin/release-1.0"]).stdout;
    scratch.git(["checkout", "--quiet", "--detach", "origin/master"]);
    edit(&scratch, "README.md", "An app.", "My app.");
    dry_then_real(&scratch, &["tag"]);
    assert!(!is_published(&scratch, "refs/tags/v1.0.0"));
    dry_then_real(&scratch, &["tag", "v1.0.0", "--push"]);
    assert_eq!(scratch.git(["rev-parse", "v1.0.0^{commit}"]).stdout, tip);
    assert_eq!(scratch.git(["cat-file", "-t", "v1.0.0"]).stdout, "tag\n");
    assert!(is_published(&scratch, "refs/tags/v1.0.0"));
    let ran = scratch.relguard(["tag", "--push"]).exits(0);
    assert_eq!(ran.stdout, "already done: v1.0.0 is on origin\n");
    scratch.relguard(["audit"]).exits(0);
}

#[test]
fn the_rules_are_asked_first() {
    let scratch = guarded();
    let ran = scratch.relguard(["tag", "--push"]).exits(1);
    assert!(ran.stdout.contains("error[tag/branch]: v1.0.0 has no release branch"), "{}", ran.stdout);
    let scratch = cut();
    let ran = scratch.relguard(["tag", "1.0.1", "--push"]).exits(1);
    assert!(ran.stdout.contains("error[tag/version]"), "{}", ran.stdout);
    assert!(ran.stdout.contains("error[changelog/section]"), "{}", ran.stdout);
    assert!(ran.stdout.ends_with("refused: tag v1.0.1\n"), "{}", ran.stdout);
    assert_eq!(scratch.git(["tag"]).stdout, "");
    let ran = scratch.relguard(["tag", "1.1.0", "--push"]).exits(1);
    assert!(ran.stdout.contains("error[tag/branch]"), "{}", ran.stdout);
    // What is no error refuses under --strict.
    edit(&scratch, CHART, "\nversion: 1.0.0\n", "\nversion: 1.0.2\n");
    scratch.relguard(["fix"]).exits(0);
    let text = scratch.read("docs/CHANGELOG/CHANGELOG-1.0.md");
    scratch.write("docs/CHANGELOG/CHANGELOG-1.0.md", text.replace("None.", "The second one."));
    scratch.commit("1.0.2");
    scratch.git(["push", "--quiet", "origin", "HEAD:release-1.0", "HEAD:master"]);
    let ran = scratch.relguard(["tag", "--push", "--strict"]).exits(1);
    assert!(ran.stdout.contains("warning[tag/sequence]"), "{}", ran.stdout);
    let ran = scratch.relguard(["tag", "--push"]).exits(0);
    assert!(ran.stdout.contains("warning[tag/sequence]"), "{}", ran.stdout);
}

#[test]
fn a_branch_that_went_on_elsewhere() {
    let scratch = cut();
    somebody_pushes(&scratch, "release-1.0", "b.txt");
    let ran = scratch.relguard(["tag", "--push"]).exits(2);
    assert!(ran.stderr.contains("origin has release-1.0 at "), "{}", ran.stderr);
    scratch.git(["fetch", "--quiet", "origin"]);
    scratch.relguard(["tag", "--push"]).exits(0);
    assert_eq!(
        scratch.git(["rev-parse", "v1.0.0^{commit}"]).stdout,
        scratch.git(["rev-parse", "origin/release-1.0"]).stdout
    );
}

#[test]
fn a_tag_that_exists_elsewhere() {
    let scratch = cut();
    scratch.relguard(["tag", "--push"]).exits(0);
    let there = published(&scratch);
    scratch.git(["tag", "--delete", "v1.0.0"]);
    let ran = scratch.relguard(["tag", "--push"]).exits(2);
    assert!(
        ran.stderr.contains("git fetch origin tag v1.0.0, then run the same command again"),
        "{}",
        ran.stderr
    );
    scratch.git(["tag", "v1.0.0", "master"]);
    let ran = scratch.relguard(["tag", "--push"]).exits(2);
    assert!(
        ran.stderr.contains("the tag v1.0.0 here is another one than the one on origin"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("git tag -d v1.0.0 && git fetch origin tag v1.0.0"), "{}", ran.stderr);
    assert_eq!(published(&scratch), there);
}

#[test]
fn a_push_that_fails_is_made_up_for() {
    let scratch = cut();
    refuse(&scratch);
    let ran = scratch.relguard(["tag", "--push"]).exits(2);
    assert!(ran.stderr.contains("closed for today"), "{}", ran.stderr);
    let made = scratch.git(["rev-parse", "v1.0.0"]).stdout;
    accept(&scratch);
    let ran = scratch.relguard(["tag", "--push"]).exits(0);
    assert!(ran.stdout.starts_with("already done: the tag v1.0.0 is here, at "), "{}", ran.stdout);
    assert_eq!(scratch.git(["rev-parse", "v1.0.0"]).stdout, made);
    assert!(is_published(&scratch, "refs/tags/v1.0.0"));
}

#[test]
fn candidates_of_a_line_without_a_branch() {
    let scratch = guarded();
    scratch.relguard(["bump", "1.1.0-rc.1", "--commit"]).exits(0);
    let log = "docs/CHANGELOG/CHANGELOG-1.1.md";
    scratch.write(log, scratch.read(log).replace("None.", "A candidate."));
    scratch.commit("write the changelog");
    scratch.git(["push", "--quiet", "origin", "master"]);
    let ran = scratch.relguard(["tag", "--push"]).exits(1);
    assert!(ran.stdout.contains("error[tag/branch]"), "{}", ran.stdout);
    scratch.write(".relguard.yaml", "tags: {prereleases-from: any}\n");
    scratch.commit("tag candidates on the default branch");
    scratch.git(["push", "--quiet", "origin", "master"]);
    scratch.relguard(["tag", "--push"]).exits(0);
    assert_eq!(
        scratch.git(["rev-parse", "v1.1.0-rc.1^{commit}"]).stdout,
        scratch.git(["rev-parse", "origin/master"]).stdout
    );
}

#[test]
fn signed_by_git_with_the_users_key() {
    let scratch = cut();
    let key = scratch.outside("key");
    let mut keygen = std::process::Command::new("ssh-keygen");
    keygen.args(["-q", "-t", "ed25519", "-N", "", "-C", "c@example.org", "-f"]).arg(&key);
    assert!(
        keygen.status().is_ok_and(|status| status.success()),
        "ssh-keygen is needed: install openssh-client"
    );
    let public = std::fs::read_to_string(key.with_extension("pub")).unwrap();
    let allowed = scratch.outside("allowed");
    std::fs::write(&allowed, format!("c@example.org {public}")).unwrap();
    scratch.git(["config", "gpg.format", "ssh"]);
    scratch.git(["config", "gpg.ssh.allowedSignersFile", allowed.to_str().unwrap()]);
    // Without a key git refuses, and nothing is left of it.
    let ran = scratch.relguard(["tag", "--sign", "--push"]).exits(2);
    assert!(ran.stderr.contains("`make the signed tag v1.0.0 at "), "{}", ran.stderr);
    assert_eq!(scratch.git(["tag"]).stdout, "");
    scratch.git(["config", "user.signingKey", key.to_str().unwrap()]);
    scratch.relguard(["tag", "--sign"]).exits(0);
    scratch.git(["verify-tag", "v1.0.0"]);
    scratch.git(["tag", "--delete", "v1.0.0"]);
    scratch.write(".relguard.yaml", "tags: {signed: true}\n");
    scratch.commit("sign tags");
    scratch.git(["push", "--quiet", "origin", "master", "master:release-1.0"]);
    let ran = scratch.relguard(["tag", "--no-sign"]).exits(1);
    assert!(ran.stdout.contains("error[tag/signed]"), "{}", ran.stdout);
    scratch.relguard(["tag"]).exits(0);
    scratch.git(["verify-tag", "v1.0.0"]);
    scratch.git(["config", "tag.gpgSign", "true"]);
    scratch.git(["tag", "--delete", "v1.0.0"]);
    scratch.relguard(["tag"]).exits(0);
    scratch.git(["verify-tag", "v1.0.0"]);
}

#[test]
fn a_tag_of_another_kind_is_not_pushed() {
    let scratch = cut();
    scratch.git(["tag", "v1.0.0", "origin/release-1.0"]);
    let ran = scratch.relguard(["tag", "--push"]).exits(2);
    assert!(
        ran.stderr.contains("the tag v1.0.0 is here, is not published, and is no annotated tag"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("git tag -d v1.0.0"), "{}", ran.stderr);
    scratch.git(["tag", "--force", "--annotate", "--message=x", "v1.0.0", "origin/release-1.0"]);
    let ran = scratch.relguard(["tag", "--sign", "--push"]).exits(2);
    assert!(ran.stderr.contains("has no signature"), "{}", ran.stderr);
    assert!(!is_published(&scratch, "refs/tags/v1.0.0"));
    scratch.relguard(["tag", "--push"]).exits(0);
    assert!(is_published(&scratch, "refs/tags/v1.0.0"));
}

#[test]
fn a_tag_that_was_left_behind_is_not_pushed() {
    let scratch = cut();
    scratch.relguard(["tag"]).exits(0);
    somebody_pushes(&scratch, "release-1.0", "late.txt");
    scratch.git(["fetch", "--quiet", "origin"]);
    let said = "is not published, and is one commit behind release-1.0, which is at ";
    for args in [&["tag"][..], &["tag", "--push"], &["release", "--run"], &["release", "--run", "--dry-run"]]
    {
        let ran = run(scratch.relguard_command(args)).exits(2);
        assert!(ran.stderr.contains("the tag v1.0.0 is here at "), "{}", ran.stderr);
        assert!(ran.stderr.contains(said) && ran.stderr.contains("git tag -d v1.0.0"), "{}", ran.stderr);
        assert_eq!(ran.stdout, "");
    }
    assert!(!is_published(&scratch, "refs/tags/v1.0.0"));
    scratch.git(["tag", "--force", "--annotate", "--message=x", "v1.0.0", "HEAD^{tree}"]);
    let ran = scratch.relguard(["tag", "--push"]).exits(2);
    assert!(ran.stderr.contains("is not published, and is not on release-1.0"), "{}", ran.stderr);
    scratch.git(["tag", "--delete", "v1.0.0"]);
    scratch.relguard(["release", "--run"]).exits(0);
    assert_eq!(
        scratch.git(["rev-parse", "v1.0.0^{commit}"]).stdout,
        scratch.git(["rev-parse", "origin/release-1.0"]).stdout
    );
}

#[test]
fn a_candidate_is_not_released_under_the_tag_of_the_final() {
    let scratch = guarded();
    scratch.write(".relguard.yaml", "tags: {release: \"rel/{major}.{minor}.{patch}\"}\n");
    scratch.commit("tag by three numbers");
    scratch.git(["push", "--quiet", "origin", "master"]);
    let before = published(&scratch);
    for args in
        [&["tag", "--push"][..], &["tag"], &["release"], &["release", "--dry-run"], &["release", "--run"]]
    {
        let ran = run(scratch.relguard_command(&[args, &["1.1.0-rc.1"]].concat())).exits(2);
        assert!(ran.stderr.contains("1.1.0-rc.1 can't be tagged: by `tags.release`"), "{}", ran.stderr);
        assert!(ran.stderr.contains("its tag would be rel/1.1.0, which is that of 1.1.0"), "{}", ran.stderr);
        assert_eq!(ran.stdout, "");
    }
    assert_eq!(published(&scratch), before);
    scratch.relguard(["release", "1.0.0", "--run"]).exits(0);
    assert!(is_published(&scratch, "refs/tags/rel/1.0.0"));
}

#[test]
fn what_git_pushes_elsewhere_is_not_pushed() {
    let scratch = cut();
    let fork = scratch.outside("fork.git");
    scratch.git([
        "clone",
        "--quiet",
        "--bare",
        crate::server(&scratch).to_str().unwrap(),
        fork.to_str().unwrap(),
    ]);
    scratch.git(["remote", "set-url", "--push", "origin", fork.to_str().unwrap()]);
    let archive = scratch.outside("dist");
    scratch.relguard(["package", "--ref", "HEAD", "-d", archive.to_str().unwrap()]).exits(0);
    let archive = archive.join("app-1.0.0.tgz");
    for args in [
        &["release", "1.1.0", "--run"][..],
        &["release", "1.1.0", "--run", "--dry-run"],
        &["branch", "1.1", "--push"],
        &["tag", "--push"],
        &["publish", archive.to_str().unwrap(), "--push"],
    ] {
        let ran = run(scratch.relguard_command(args)).exits(2);
        assert!(
            ran.stderr.contains("fork.git: what is pushed never shows in what is fetched"),
            "{}",
            ran.stderr
        );
        assert!(ran.stderr.contains("git config --unset-all remote.origin.pushurl"), "{}", ran.stderr);
        assert_eq!(ran.stdout, "");
    }
    // The same repository by another name, as with a URL for reading and one for writing.
    let same = format!("file://{}", crate::server(&scratch).display());
    scratch.git(["remote", "set-url", "--push", "origin", &same]);
    scratch.relguard(["release", "1.0.0", "--run"]).exits(0);
    assert!(is_published(&scratch, "refs/tags/v1.0.0"));
}

#[test]
fn a_rule_that_refuses_through_the_hook_of_the_server_refuses_the_step() {
    let scratch = cut();
    let pinned = scratch.outside("pinned.yaml");
    std::fs::write(&pinned, "tags: {signed: true}\n").unwrap();
    let bare = crate::server(&scratch);
    scratch.git(["-C", bare.to_str().unwrap(), "config", "relguard.config", pinned.to_str().unwrap()]);
    let ran = scratch.relguard(["tag", "--push"]).exits(1);
    assert!(
        ran.stderr.contains("`push v1.0.0 to origin` failed (done: make the annotated tag"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("error[tag/signed]: v1.0.0"), "{}", ran.stderr);
    assert_eq!(ran.stdout, "refused: tag v1.0.0\n");
    scratch.git(["tag", "--delete", "v1.0.0"]);
    for step in [&["tag", "--push"][..], &["release", "--run"]] {
        let ran = run(scratch.relguard_command(&[step, &["--format", "json"]].concat())).exits(1);
        let plan: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(plan["refused"], true, "{plan}");
        let pushed = plan["actions"].as_array().unwrap().iter().filter(|action| action["done"] == true);
        assert!(pushed.into_iter().all(|action| action["action"] != "push"), "{plan}");
    }
    // A push that fails for any other reason could not be done.
    refuse(&scratch);
    scratch.relguard(["tag", "--push"]).exits(2);
}

#[test]
fn a_tag_on_the_commit_of_another_version_releases_nothing() {
    let scratch = guarded();
    scratch.write(".relguard.yaml", "index: { branch: gh-pages }\n").commit("where charts go");
    scratch.git(["push", "--quiet", "origin", "master"]);
    scratch.relguard(["release", "--run"]).exits(0);
    let archives = scratch.outside("dist");
    let archives = archives.to_str().unwrap();
    scratch.relguard(["package", "--ref", "v1.0.0", "-d", archives]).exits(0);
    let archive = format!("{archives}/app-1.0.0.tgz");
    scratch.relguard(["publish", "--url", "https://charts.example", &archive, "--push"]).exits(0);
    open(&scratch);
    scratch.git(["tag", "--annotate", "--message", "x", "v1.0.1", "v1.0.0^{}"]);
    scratch.git(["push", "--quiet", "--no-verify", "origin", "v1.0.1"]);
    let shown = scratch.relguard(["release", "1.0.0"]).exits(0).stdout;
    assert!(shown.contains("done     publish  1.0.0 is in the chart index on gh-pages"), "{shown}");
    let shown = scratch.relguard(["release", "1.0.1"]).exits(1).stdout;
    assert!(shown.contains("error[tag/version]"), "{shown}");
    assert!(!shown.contains("1.0.1 is in the chart index") && !shown.contains("carries 1.0.1"), "{shown}");
}
