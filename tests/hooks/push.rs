use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Stdio;

use crate::chart::{self, CHART, LOG, VALUES, edit};
use crate::support::{Ran, Scratch, copy_program, isolated, run, script};
use crate::{RELGUARD, clone, guarded, run_in};

fn hook(scratch: &Scratch) -> PathBuf {
    scratch.path().join(".git/hooks/pre-push")
}

#[track_caller]
fn refused_by(ran: Ran, rule: &str) {
    let ran = ran.exits(1);
    assert!(ran.stderr.contains(&format!("error[{rule}]")), "{}{}", ran.stdout, ran.stderr);
}

/// Where a clone keeps the branches of a remote is for its config to say.
#[test]
fn what_is_published_lies_where_fetches_put_it() {
    for place in ["refs/remotes/elsewhere/*", "refs/mirror/*", "refs/remotes/origin/up/*"] {
        let scratch = guarded();
        scratch.git(["update-ref", "-d", "refs/remotes/origin/master"]);
        scratch.git(["symbolic-ref", "-d", "refs/remotes/origin/HEAD"]);
        scratch.git(["config", "remote.origin.fetch", &format!("+refs/heads/*:{place}")]);
        scratch.git(["fetch", "--quiet", "origin"]);
        scratch.git(["push", "--quiet", "origin", "master:refs/heads/release-1.0"]);
        scratch.git(["tag", "v1.0.0"]);
        scratch.git(["push", "--quiet", "origin", "v1.0.0"]);
        assert_eq!(remote_refs(&scratch), "refs/heads/master\nrefs/heads/release-1.0\nrefs/tags/v1.0.0\n");
        // It is the remote's to an audit as well: there is no such branch here.
        let ran = scratch.relguard(["audit", "--format", "json"]).exits(0);
        let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(report["summary"]["judged"]["branches"], 2, "{}", ran.stdout);
    }
}

/// The refs of the remote.
fn remote_refs(scratch: &Scratch) -> String {
    run_in(scratch, scratch.outside("origin.git"), "git", &["for-each-ref", "--format=%(refname)"]).stdout
}

#[test]
fn a_tag_is_pushed_after_its_branch_or_with_it_and_not_before() {
    let scratch = guarded();
    scratch.git(["tag", "v1.0.0"]);
    refused_by(scratch.try_git(["push", "origin", "v1.0.0"]), "tag/branch");
    assert_eq!(remote_refs(&scratch), "refs/heads/master\n");
    scratch.git(["branch", "release-1.0"]);
    refused_by(scratch.try_git(["push", "origin", "v1.0.0"]), "tag/branch");
    scratch.git(["push", "--quiet", "origin", "v1.0.0", "release-1.0"]);
    assert_eq!(remote_refs(&scratch), "refs/heads/master\nrefs/heads/release-1.0\nrefs/tags/v1.0.0\n");
    // Everything is there now.
    let ran = scratch.git(["push", "origin", "v1.0.0", "release-1.0", "master"]);
    assert!(ran.stderr.contains("Everything up-to-date"), "{}", ran.stderr);
    scratch.git(["commit", "--quiet", "--allow-empty", "-m", "more"]);
    refused_by(scratch.try_git(["push", "origin", "+HEAD:refs/tags/v1.0.0"]), "tag/immutable");
    refused_by(scratch.try_git(["push", "origin", "--delete", "v1.0.0"]), "tag/immutable");
    refused_by(scratch.try_git(["push", "origin", ":release-1.0"]), "branch/rewrite");
    scratch.git(["push", "--quiet", "--no-verify", "origin", "--delete", "v1.0.0"]);
}

#[test]
fn every_ref_of_a_push_counts_by_the_name_that_the_remote_gives_it() {
    let scratch = guarded();
    for refspec in ["HEAD:refs/heads/release-1.0.1", "HEAD:refs/heads/release-2.0", "HEAD:refs/tags/v1.0"] {
        let ran = scratch.try_git(["push", "origin", "HEAD:refs/heads/topic", refspec]).exits(1);
        assert!(ran.stderr.contains("error["), "{refspec}: {}", ran.stderr);
    }
    scratch.git(["tag", "v1.0.1"]);
    scratch.git(["branch", "release-1.0"]);
    refused_by(scratch.try_git(["push", "--mirror", "origin"]), "tag/version");
    refused_by(scratch.try_git(["push", "--tags", "origin", "release-1.0"]), "tag/version");
    assert_eq!(remote_refs(&scratch), "refs/heads/master\n");
}

#[test]
fn from_a_subfolder_and_from_a_linked_worktree() {
    let scratch = guarded();
    scratch.git(["worktree", "add", "--quiet", "../linked"]);
    scratch.git(["tag", "v9.9.9"]);
    for folder in
        [scratch.path().join("charts/app"), scratch.outside("linked"), scratch.outside("linked/docs")]
    {
        refused_by(run_in(&scratch, &folder, "git", &["push", "origin", "v9.9.9"]), "tag/branch");
        run_in(&scratch, &folder, "git", &["push", "--quiet", "origin", "HEAD:refs/heads/topic"]).exits(0);
    }
}

#[test]
fn a_push_to_a_url_and_one_that_brings_nothing() {
    let scratch = guarded();
    let url = scratch.outside("origin.git");
    let ran = scratch.git(["push", url.to_str().unwrap(), "master"]);
    assert!(ran.stderr.contains("Everything up-to-date"), "{}", ran.stderr);
    scratch.git(["push", "origin", "master"]);
    scratch.git(["tag", "v1.2"]);
    refused_by(scratch.try_git(["push", url.to_str().unwrap(), "v1.2"]), "tag/name");
}

/// A hook that notes what it is given, and the note.
fn noting(scratch: &Scratch) -> PathBuf {
    let note = scratch.outside("note");
    script(&hook(scratch), &format!("#!/bin/sh\n{{ printf '<%s>' \"$@\"; cat; }} >'{}'\n", note.display()));
    note
}

#[test]
fn the_hook_before_gets_the_same_arguments_and_input() {
    let scratch = clone();
    let note = noting(&scratch);
    let theirs = fs::read(hook(&scratch)).unwrap();
    scratch.git(["branch", "topic"]);
    scratch.git(["tag", "nightly"]);
    let push = ["push", "--quiet", "origin", "topic", "nightly"];
    scratch.git(["push", "--quiet", "--dry-run", "origin", "topic", "nightly"]);
    let plain = fs::read_to_string(&note).unwrap();
    assert!(plain.starts_with("<origin><") && plain.matches("refs/tags/nightly").count() == 2, "{plain}");
    let ran = scratch.relguard(["install"]).exits(0);
    assert!(
        ran.stdout.contains("pre-push; the hook that was there is kept and goes first"),
        "{}",
        ran.stdout
    );
    fs::remove_file(&note).unwrap();
    scratch.git(push);
    assert_eq!(fs::read_to_string(&note).unwrap(), plain);
    scratch.git(push);
    assert_eq!(
        fs::read_to_string(&note).unwrap().lines().count(),
        1,
        "nothing to push: no line behind the arguments"
    );
    scratch.git(["tag", "v1"]);
    refused_by(scratch.try_git(["push", "origin", "v1"]), "tag/name");
    scratch.relguard(["uninstall"]).exits(0);
    assert_eq!(fs::read(hook(&scratch)).unwrap(), theirs);
}

#[test]
fn its_refusal_stands_whatever_we_say() {
    let scratch = clone();
    script(&hook(&scratch), "#!/bin/sh\necho no >&2\nexit 7\n");
    scratch.relguard(["install"]).exits(0);
    scratch.git(["tag", "v1"]);
    let ran = scratch.try_git(["push", "origin", "v1", "HEAD:refs/heads/topic"]).exits(1);
    assert!(ran.stderr.starts_with("no\nerror: failed to push"), "{}", ran.stderr);
    assert_eq!(remote_refs(&scratch), "refs/heads/master\n");
}

/// Runs the installed hook by a shell, with some lines for its input, where pipes that break are ignored.
fn call(scratch: &Scratch, shell: &str, input: &str) -> Ran {
    let mut command = isolated(shell, &scratch.outside(""));
    let line = format!("trap '' PIPE; exec {shell} '{}' origin ../origin.git", hook(scratch).display());
    command.args(["-c", &line]).current_dir(scratch.path());
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { status: output.status.code().unwrap(), stdout: text(output.stdout), stderr: text(output.stderr) }
}

#[test]
fn thousands_of_refs_and_a_hook_that_reads_none_of_them() {
    let scratch = clone();
    script(&hook(&scratch), "#!/bin/sh\nexit 0\n");
    scratch.relguard(["install"]).exits(0);
    let head = scratch.git(["rev-parse", "HEAD"]).stdout.trim().to_owned();
    let mut input = String::new();
    let zero = "0".repeat(40);
    for n in 0..5000 {
        writeln!(input, "refs/heads/topic-{n} {head} refs/heads/a/topic/with/a/name/{n} {zero}").unwrap();
    }
    let shells = ["sh", "bash"].into_iter().filter(|shell| {
        std::process::Command::new(shell).args(["-c", "exit 0"]).status().is_ok_and(|status| status.success())
    });
    for shell in shells {
        let ran = call(&scratch, shell, &input).exits(0);
        assert_eq!((ran.stdout, ran.stderr), (String::new(), String::new()), "{shell}");
        let ran = call(&scratch, shell, "").exits(0);
        assert_eq!((ran.stdout, ran.stderr), (String::new(), String::new()), "{shell}");
        let last = format!("{input}refs/tags/v1 {head} refs/tags/v1 {zero}\n");
        refused_in(call(&scratch, shell, &last));
        // One that ends before it reads: a broken config is found first.
        let off = scratch.outside("off");
        fs::rename(scratch.path().join(".git/objects"), &off).unwrap();
        let ran = call(&scratch, shell, &input);
        fs::rename(&off, scratch.path().join(".git/objects")).unwrap();
        assert_eq!(ran.status, 2, "{}", ran.stderr);
        assert!(!ran.stderr.to_lowercase().contains("pipe"), "{}", ran.stderr);
    }
}

#[track_caller]
fn refused_in(ran: Ran) {
    let ran = ran.exits(1);
    assert!(ran.stderr.contains("error[tag/name]"), "{}{}", ran.stdout, ran.stderr);
    assert_eq!(ran.stdout, "", "that is for git");
}

#[test]
fn a_real_push_of_many_refs() {
    let scratch = clone();
    script(&hook(&scratch), "#!/bin/sh\nexit 0\n");
    scratch.relguard(["install"]).exits(0);
    let head = scratch.git(["rev-parse", "HEAD"]).stdout.trim().to_owned();
    let mut packed = "# pack-refs with: peeled fully-peeled sorted \n".to_owned();
    for n in 0..5000 {
        writeln!(packed, "{head} refs/heads/topic-{n:04}").unwrap();
    }
    scratch.write(".git/packed-refs", packed);
    scratch.git(["tag", "v1"]);
    refused_by(scratch.try_git(["push", "origin", "refs/heads/*:refs/heads/*", "v1"]), "tag/name");
    let ran = scratch.git(["push", "--quiet", "origin", "refs/heads/*:refs/heads/*"]);
    assert_eq!(ran.stderr, "");
    assert_eq!(remote_refs(&scratch).lines().count(), 5001);
}

#[test]
fn a_program_that_is_gone_refuses_the_push() {
    let scratch = clone();
    let program = scratch.outside("relguard");
    copy_program(RELGUARD, &program);
    run_in(&scratch, scratch.path(), program.to_str().unwrap(), &["install"]).exits(0);
    fs::remove_file(&program).unwrap();
    let ran = scratch.try_git(["push", "origin", "HEAD:refs/heads/topic"]).exits(1);
    assert!(ran.stderr.contains("the pre-push hook is installed, but the program is not"), "{}", ran.stderr);
    assert!(ran.stderr.contains("relguard install"), "{}", ran.stderr);
}

#[test]
fn the_pushed_commit_counts_and_not_what_is_checked_out() {
    let scratch = guarded();
    edit(&scratch, CHART, "appVersion: \"1.0.0\"", "appVersion: \"0.9.0\"");
    scratch.commit("a mistake");
    scratch.git(["checkout", "--quiet", "-b", "good", "origin/master"]);
    refused_by(scratch.try_git(["push", "origin", "master"]), "chart/app-version");
    scratch.write(VALUES, "[nonsense");
    scratch.write(LOG, "");
    scratch.git(["push", "--quiet", "origin", "good:master"]);
}

#[test]
fn in_a_folder_that_repositories_share() {
    let scratch = clone();
    scratch.git(["config", "--global", "core.hooksPath", "~/shared"]);
    let other = scratch.outside("other");
    run_in(&scratch, scratch.path(), "git", &["clone", "--quiet", "../origin.git", other.to_str().unwrap()])
        .exits(0);
    scratch.relguard(["install"]).exits(0);
    scratch.git(["tag", "v1"]);
    refused_by(scratch.try_git(["push", "origin", "v1"]), "tag/name");
    run_in(&scratch, &other, "git", &["tag", "v1"]).exits(0);
    run_in(&scratch, &other, "git", &["push", "--quiet", "origin", "v1"]).exits(0);
}

#[test]
fn in_a_submodule() {
    let part = clone();
    let scratch = Scratch::new();
    scratch.write("README.md", "the whole\n");
    scratch.commit("first");
    let url = part.outside("origin.git");
    scratch.git([
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        url.to_str().unwrap(),
        "part",
    ]);
    let folder = scratch.path().join("part");
    run_in(&scratch, &folder, RELGUARD, &["install"]).exits(0);
    run_in(&scratch, &folder, "git", &["tag", "v1"]).exits(0);
    refused_by(run_in(&scratch, &folder, "git", &["push", "origin", "v1"]), "tag/name");
}

#[test]
fn lefthook_moves_a_hook_aside_and_does_not_call_it() {
    let scratch = clone();
    scratch.relguard(["install"]).exits(0);
    fs::rename(hook(&scratch), hook(&scratch).with_file_name("pre-push.old")).unwrap();
    let theirs = "#!/bin/sh\nlefthook() { :; }\nlefthook run pre-push \"$@\"\n";
    script(&hook(&scratch), theirs);
    scratch.relguard(["install"]).exits(0);
    assert!(!hook(&scratch).with_file_name("pre-push.old").exists(), "it would be in lefthook's way");
    scratch.git(["tag", "v1"]);
    refused_by(scratch.try_git(["push", "origin", "v1"]), "tag/name");
    // Once more over the chained one: lefthook's own is kept there already.
    fs::rename(hook(&scratch), hook(&scratch).with_file_name("pre-push.old")).unwrap();
    script(&hook(&scratch), theirs);
    scratch.relguard(["install"]).exits(0);
    refused_by(scratch.try_git(["push", "origin", "v1"]), "tag/name");
    scratch.relguard(["uninstall"]).exits(0);
    assert_eq!(fs::read_to_string(hook(&scratch)).unwrap(), theirs);
    assert_eq!(chart::status(&scratch), "");
    // What lefthook holds when relguard goes is not relguard's any more.
    fs::remove_file(hook(&scratch)).unwrap();
    scratch.relguard(["install"]).exits(0);
    fs::rename(hook(&scratch), hook(&scratch).with_file_name("pre-push.old")).unwrap();
    script(&hook(&scratch), theirs);
    scratch.relguard(["uninstall"]).exits(0);
    assert!(!hook(&scratch).with_file_name("pre-push.old").exists());
}

#[test]
fn a_push_while_the_environment_names_the_repository() {
    let scratch = guarded();
    scratch.git(["tag", "v1"]);
    let mut command = isolated("git", &scratch.outside(""));
    command
        .args(["push", scratch.outside("origin.git").to_str().unwrap(), "v1"])
        .env("GIT_DIR", scratch.path().join(".git"))
        .current_dir(scratch.outside(""));
    refused_by(run(command), "tag/name");
}

#[test]
fn what_a_hook_manager_tells_of_a_push() {
    let scratch = clone();
    let head = scratch.git(["rev-parse", "HEAD"]).stdout.trim().to_owned();
    let hook = |told: &[(&str, &str)]| {
        let mut command = scratch.relguard_command(&["hook", "pre-push"]);
        command.envs(told.iter().map(|(name, value)| (format!("PRE_COMMIT_{name}"), value)));
        command.env("PRE_COMMIT_REMOTE_NAME", "origin");
        run(command)
    };
    hook(&[("REMOTE_BRANCH", "refs/heads/master"), ("TO_REF", &head)]).exits(0);
    hook(&[("REMOTE_BRANCH", "refs/tags/v1"), ("TO_REF", &head)]).exits(1);
    // A whole history from its root on: there is no commit from which, and none is told up to which.
    hook(&[("REMOTE_BRANCH", "refs/heads/topic"), ("LOCAL_BRANCH", "refs/heads/master")]).exits(0);
    hook(&[("REMOTE_BRANCH", "refs/tags/v1"), ("LOCAL_BRANCH", "HEAD")]).exits(1);
    hook(&[("REMOTE_BRANCH", "refs/heads/master"), ("LOCAL_BRANCH", "refs/heads/gone")]).exits(2);
    hook(&[]).exits(2);
}
