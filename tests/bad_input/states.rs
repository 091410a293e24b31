//! Indexes and working trees that are not plain: conflicts, announced files, split and sparse indexes.

use std::fs;

use crate::support::{Scratch, run};
use crate::{CHART, LOG, MENDED, VALUES, finds, mends, project, refuses};

#[test]
fn an_unresolved_conflict_is_a_finding() {
    let scratch = project();
    scratch.git(["checkout", "--quiet", "-b", "other"]);
    scratch.write(VALUES, "image:\n  tag: v1.2.4\n").commit("other");
    scratch.git(["checkout", "--quiet", "master"]);
    scratch.write(VALUES, "image:\n  tag: v1.2.5\n").commit("mine");
    assert_eq!(scratch.try_git(["merge", "--quiet", "other"]).status, 1);
    finds(&scratch, &["check"], &["chart/values-sync", &format!("{VALUES}:2:1")]);
    let says = ["chart/values-sync", "it has an unresolved merge conflict", "then `git add` the file"];
    for split in [false, true] {
        if split {
            scratch.git(["update-index", "--split-index"]);
        }
        finds(&scratch, &["check", "--staged"], &says);
        refuses(&scratch, &["hook", "pre-commit"], 1, &says);
        let unmerged = scratch.git(["ls-files", "--unmerged"]).stdout;
        mends(&scratch, &["fix", "--staged"], 1, if split { &[] } else { &MENDED[..1] });
        assert_eq!(scratch.git(["ls-files", "--unmerged"]).stdout, unmerged);
    }
}

#[test]
fn a_file_that_is_only_announced_is_not_staged() {
    for split in [false, true] {
        let scratch = project();
        scratch.write("charts/b/Chart.yaml", "apiVersion: v2\nname: b\nversion: 9.9.9\nappVersion: 9.9.9\n");
        scratch.write("charts/c/Chart.yaml", "").write("charts/a/empty", "");
        scratch.git(["add", "--intent-to-add", "charts/b", "charts/c"]);
        scratch.git(["add", "charts/a/empty"]);
        fs::remove_dir_all(scratch.path().join("charts/c")).unwrap();
        if split {
            scratch.git(["update-index", "--split-index"]);
        }
        finds(&scratch, &["check", "--staged"], &["1 chart checked"]);
        mends(&scratch, &["fix", "--staged"], 0, &MENDED);
        let state = scratch.git(["status", "--short"]).stdout;
        let wanted = format!(
            "M  {CHART}\nA  charts/a/empty\nM  {VALUES}\n A charts/b/Chart.yaml\n D charts/c/Chart.yaml\n"
        );
        let sorted = |text: &str| {
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        assert_eq!(sorted(&state), sorted(&wanted));
    }
}

#[test]
fn a_split_index_is_read_and_written() {
    let scratch = project();
    scratch.git(["update-index", "--split-index"]);
    finds(&scratch, &["check", "--staged"], &["appVersion is 1.2.2", "image.tag is v1.2.2"]);
    mends(&scratch, &["fix", "--staged"], 0, &MENDED);
    assert_eq!(scratch.git(["diff", "--cached", "--name-only"]).stdout, format!("{CHART}\n{VALUES}\n"));
    assert_eq!(scratch.git(["diff", "--name-only"]).stdout, "");
    refuses(&scratch, &["hook", "pre-commit"], 0, &[]);
    scratch.git(["fsck"]);
}

/// A clone's working tree without the chart; an empty file is there too, which git lists like an announced one.
fn sparse(form: &str) -> Scratch {
    let scratch = project();
    scratch.write("other/file", "x").write("charts/a/empty", "").write("third/empty", "");
    scratch.commit("other");
    scratch.git(["sparse-checkout", "set", "--cone", form, "other"]);
    assert!(!scratch.path().join("charts").exists());
    scratch
}

#[test]
fn a_sparse_checkout_without_the_chart_says_so() {
    for form in ["--sparse-index", "--no-sparse-index"] {
        let scratch = sparse(form);
        let says = [
            "no chart found",
            "the sparse checkout leaves it out",
            "git sparse-checkout add charts",
            "--staged",
        ];
        finds(&scratch, &["check"], &says);
        refuses(&scratch, &["fix"], 1, &says);
        finds(&scratch, &["check", "--staged"], &["1 chart checked", "appVersion is 1.2.2"]);
        finds(&scratch, &["check", "--rev", "HEAD"], &["1 chart checked"]);
        refuses(&scratch, &["hook", "pre-commit"], 0, &[]);
        mends(&scratch, &["fix", "--staged"], 0, &[]);
        // What the working tree leaves out is not taken for deleted.
        assert_eq!(scratch.git(["status", "--short"]).stdout, format!("M  {CHART}\nM  {VALUES}\n"));
        scratch.git(["commit", "--quiet", "--all", "--message", "mended"]);
        assert_eq!(
            scratch.git(["show", "--format=", "--name-status"]).stdout,
            format!("M\t{CHART}\nM\t{VALUES}\n")
        );
        refuses(&scratch, &["check", "--rev", "HEAD"], 0, &[]);
        // The advice that was given works.
        scratch.git(["sparse-checkout", "add", "charts", "docs"]);
        refuses(&scratch, &["check"], 0, &[]);
    }
}

#[test]
fn an_index_that_is_garbage_is_refused() {
    for garbage in [&b"garbage"[..], b"", b"DIRC\0\0\0\x02\0\0\0\x09"] {
        let scratch = project();
        fs::write(scratch.path().join(".git/index"), garbage).unwrap();
        for args in [&["check", "--staged"] as &[&str], &["hook", "pre-commit"], &["fix", "--staged"]] {
            refuses(&scratch, args, 2, &["the git index can't be read", "git reset"]);
        }
        refuses(&scratch, &["check"], 1, &["appVersion is 1.2.2"]);
        // The advice that was given works.
        fs::remove_file(scratch.path().join(".git/index")).unwrap();
        scratch.git(["reset", "--quiet"]);
        refuses(&scratch, &["check", "--staged"], 1, &["appVersion is 1.2.2"]);
    }
}

#[test]
fn an_index_that_another_git_holds_is_left_alone() {
    let scratch = project();
    let lock = scratch.path().join(".git/index.lock");
    fs::write(&lock, "").unwrap();
    let before = scratch.files();
    let ran = run(scratch.relguard_command(&["fix", "--staged"])).exits(2);
    assert!(ran.stdout.is_empty() && ran.stderr.contains("index.lock"), "{}", ran.stderr);
    assert_eq!(scratch.files(), before);
    assert!(lock.exists());
    assert_eq!(scratch.git(["diff", "--cached", "--name-only"]).stdout, "");
}

#[test]
fn a_chart_that_is_a_submodule_or_gone_is_said_to_be_missing() {
    let library = project();
    let scratch = Scratch::new();
    scratch.write(LOG, "# Changelog\n").commit("log");
    let url = library.path();
    scratch.git([
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        url.to_str().unwrap(),
        "charts",
    ]);
    finds(&scratch, &["check"], &["no chart found"]);
    finds(&scratch, &["check", "--staged"], &["no chart found"]);
    let commit = scratch.commit("submodule");
    finds(&scratch, &["check", "--rev", &commit], &["no chart found"]);
    // In the submodule itself it is a repository like any other.
    let ran = run(scratch.relguard_command(&["-C", "charts", "fix"])).exits(0);
    assert!(ran.stdout.contains("fixed chart/app-version"), "{}", ran.stdout);
    assert!(!scratch.path().join("charts/.git").is_dir());
}
