//! The same inside a real commit, where git hands the hook an index of its own.

use std::io::Write as _;
use std::process::Stdio;

use crate::chart::{CHART, LOG, VALUES, brought, bump, edit, in_index, project, status, unstaged};
use crate::support::{Scratch, isolated, run, script};
use crate::{MENDED, bumped};

/// Has every commit mended first.
fn mending(scratch: &Scratch) -> String {
    let text = format!("#!/bin/sh\nexec '{}' hook pre-commit --fix\n", env!("CARGO_BIN_EXE_relguard"));
    script(&scratch.path().join(".git/hooks/pre-commit"), &text);
    text
}

#[test]
fn a_commit_is_mended_and_leaves_nothing_behind() {
    let scratch = bumped();
    mending(&scratch);
    scratch.git(["commit", "--quiet", "-m", "Release 1.0.1"]);
    assert_eq!(brought(&scratch, "HEAD"), MENDED);
    assert_eq!(status(&scratch), "");
}

#[test]
fn commit_all() {
    let scratch = project();
    bump(&scratch, "1.0.1");
    mending(&scratch);
    scratch.git(["commit", "--quiet", "--all", "-m", "Release 1.0.1"]);
    assert_eq!(brought(&scratch, "HEAD"), MENDED);
    assert_eq!(status(&scratch), "");
}

#[test]
fn commit_of_a_file_alone() {
    let scratch = project();
    bump(&scratch, "1.0.1");
    edit(&scratch, "README.md", "An app.", "The app.");
    scratch.git(["add", "README.md"]);
    mending(&scratch);
    scratch.git(["commit", "--quiet", "-m", "Release 1.0.1", CHART]);
    assert_eq!(brought(&scratch, "HEAD"), MENDED);
    assert_eq!(status(&scratch), "M  README.md\n", "the index must not take the mend back");
}

#[test]
fn commit_of_a_file_while_another_that_is_mended_has_staged_changes() {
    let scratch = project();
    bump(&scratch, "1.0.1");
    edit(&scratch, VALUES, "replicas: 1", "replicas: 2");
    scratch.git(["add", VALUES]);
    edit(&scratch, VALUES, "resources: {}", "resources: { a: b }");
    mending(&scratch);
    scratch.git(["commit", "--quiet", "-m", "Release 1.0.1", CHART]);
    assert_eq!(brought(&scratch, "HEAD"), MENDED);
    let values = format!("a/{VALUES} b/{VALUES}\n");
    assert_eq!(crate::chart::staged(&scratch), format!("{values}-replicas: 1\n+replicas: 2\n"));
    assert_eq!(unstaged(&scratch), format!("{values}-resources: {{}}\n+resources: {{ a: b }}\n"));
}

#[test]
fn commit_of_a_file_and_what_is_staged() {
    let scratch = project();
    bump(&scratch, "1.0.1");
    edit(&scratch, "README.md", "An app.", "The app.");
    scratch.git(["add", "README.md"]);
    mending(&scratch);
    scratch.git(["commit", "--quiet", "--include", "-m", "Release 1.0.1", CHART]);
    assert_eq!(status(&scratch), "");
    assert!(brought(&scratch, "HEAD").ends_with(MENDED), "{}", brought(&scratch, "HEAD"));
}

#[test]
fn a_commit_that_git_gives_up_leaves_the_index_whole() {
    let scratch = project();
    bump(&scratch, "1.0.1");
    mending(&scratch);
    script(&scratch.path().join(".git/hooks/commit-msg"), "#!/bin/sh\nexit 1\n");
    assert_eq!(scratch.try_git(["commit", "-m", "Release 1.0.1", CHART]).status, 1);
    // Git drops the index that the hook mended, and the files on disk stay mended.
    assert_eq!(status(&scratch), format!(" M {CHART}\n M {VALUES}\n M {LOG}\n"));
}

#[test]
fn commit_of_chosen_hunks() {
    let scratch = project();
    bump(&scratch, "1.0.1");
    edit(&scratch, VALUES, "replicas: 1", "replicas: 2");
    let open = format!("a/{VALUES} b/{VALUES}\n-replicas: 1\n+replicas: 2\n");
    mending(&scratch);
    let mut command = isolated("git", &scratch.outside(""));
    command.args(["commit", "--quiet", "--patch", "-m", "Release 1.0.1"]).current_dir(scratch.path());
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"y\nn\n").unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(brought(&scratch, "HEAD"), MENDED);
    assert_eq!(unstaged(&scratch), open);
    assert_eq!(status(&scratch), format!(" M {VALUES}\n"));
}

#[test]
fn commit_of_a_file_from_a_split_index() {
    let scratch = project();
    scratch.git(["config", "core.splitIndex", "true"]);
    scratch.git(["update-index", "--split-index"]);
    bump(&scratch, "1.0.1");
    mending(&scratch);
    scratch.git(["commit", "--quiet", "-m", "Release 1.0.1", CHART]);
    assert_eq!(brought(&scratch, "HEAD"), MENDED);
    assert_eq!(status(&scratch), "");
}

#[test]
fn amend() {
    let scratch = bumped();
    scratch.git(["commit", "--quiet", "--no-verify", "-m", "Release 1.0.1"]);
    edit(&scratch, CHART, "an app", "the app");
    scratch.git(["add", CHART]);
    mending(&scratch);
    scratch.git(["commit", "--quiet", "--amend", "--no-edit"]);
    assert_eq!(status(&scratch), "");
    assert!(in_index(&scratch, CHART).contains("appVersion: \"1.0.1\""), "{}", in_index(&scratch, CHART));
}

#[test]
fn in_a_linked_worktree() {
    let scratch = project();
    mending(&scratch);
    scratch.git(["worktree", "add", "--quiet", "../linked"]);
    let git = |args: &[&str]| {
        let mut command = isolated("git", &scratch.outside(""));
        command.args(args).current_dir(scratch.outside("linked"));
        run(command).exits(0).stdout
    };
    let file = scratch.outside("linked").join(CHART);
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("\nversion: 1.0.0\n", "\nversion: 1.0.1\n")).unwrap();
    git(&["commit", "--quiet", "-m", "Release 1.0.1", CHART]);
    assert_eq!(brought(&scratch, "linked"), MENDED);
    assert_eq!(git(&["status", "--short"]), "");
    assert_eq!(status(&scratch), "");
}

#[test]
fn where_the_environment_names_the_repository() {
    let scratch = bumped();
    mending(&scratch);
    let mut command = isolated("git", &scratch.outside(""));
    command
        .args(["commit", "--quiet", "-m", "Release 1.0.1"])
        .env("GIT_DIR", scratch.path().join(".git"))
        .env("GIT_WORK_TREE", scratch.path())
        .current_dir(scratch.outside(""));
    run(command).exits(0);
    assert_eq!(brought(&scratch, "HEAD"), MENDED);
    assert_eq!(status(&scratch), "");
}
