//! A project of one chart, and git's own view of what is staged and what is not.
#![allow(dead_code, unreachable_pub, reason = "each test crate uses a part of it")]
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests make the files that they judge by, and fail by a panic"
)]

use std::fs;

use crate::support::Scratch;

pub const CHART: &str = "charts/app/Chart.yaml";
pub const VALUES: &str = "charts/app/values.yaml";
pub const LOG: &str = "docs/CHANGELOG/CHANGELOG-1.0.md";
pub const NEW_LOG: &str = "docs/CHANGELOG/CHANGELOG-1.1.md";

/// A project at version 1.0.0 in which nothing is wrong, committed.
pub fn project() -> Scratch {
    let scratch = Scratch::new();
    fill(&scratch);
    scratch.commit("Release 1.0.0");
    scratch
}

/// Writes the project's files.
pub fn fill(scratch: &Scratch) {
    scratch.write(
        CHART,
        "apiVersion: v2\nname: app\n# the release\nversion: 1.0.0\ndescription: an app\ntype: application\n\
         keywords: [a, b]\nhome: https://example.org\n# what it deploys\nappVersion: \"1.0.0\"\n",
    );
    scratch.write(
        VALUES,
        "# how many\nreplicas: 1\nimage:\n  repository: example.org/app\n  # of each release\n  tag: v1.0.0\n\
         resources: {}\nnodeSelector: {}\n",
    );
    scratch.write(LOG, "# v1.0.0\n\n- The first one.\n");
    scratch.write("docs/CHANGELOG/CHANGELOG-0.0.0.md", "# v0.0.0\n\n- None.\n");
    scratch.write("README.md", "An app.\n");
}

/// Replaces a text that is there once.
#[track_caller]
pub fn edit(scratch: &Scratch, path: &str, from: &str, to: &str) {
    let text = scratch.read(path);
    assert_eq!(text.matches(from).count(), 1, "{path} has {from:?} more or less than once:\n{text}");
    scratch.write(path, text.replacen(from, to, 1));
}

/// Sets the chart's version, from 1.0.0.
#[track_caller]
pub fn bump(scratch: &Scratch, version: &str) {
    edit(scratch, CHART, "\nversion: 1.0.0\n", &format!("\nversion: {version}\n"));
}

/// What is staged: the changed lines of each file.
pub fn staged(scratch: &Scratch) -> String {
    changes(&scratch.git(["diff", "--cached", "--unified=0", "--no-renames"]).stdout)
}

/// What is not staged: the changed lines of each file.
pub fn unstaged(scratch: &Scratch) -> String {
    changes(&scratch.git(["diff", "--unified=0", "--no-renames"]).stdout)
}

/// What a commit brought: the changed lines of each file.
pub fn brought(scratch: &Scratch, commit: &str) -> String {
    changes(&scratch.git(["show", "--format=", "--unified=0", "--no-renames", commit]).stdout)
}

/// A diff without blob ids, line numbers and the names that stand there twice.
fn changes(diff: &str) -> String {
    let noise = ["index ", "@@ ", "--- ", "+++ "];
    let kept = diff.lines().filter(|line| !noise.iter().any(|start| line.starts_with(start)));
    kept.flat_map(|line| [line.strip_prefix("diff --git ").unwrap_or(line), "\n"]).collect()
}

/// `git status` in short.
pub fn status(scratch: &Scratch) -> String {
    scratch.git(["status", "--short"]).stdout
}

/// A file of the index as text.
pub fn in_index(scratch: &Scratch, path: &str) -> String {
    scratch.git(["show", &format!(":{path}")]).stdout
}

/// The git directory's files that git may not find changed: the index, and whatever lies beside it.
pub fn git_state(scratch: &Scratch) -> (Vec<u8>, Vec<String>) {
    let folder = scratch.path().join(".git");
    let mut names: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    (fs::read(folder.join("index")).unwrap(), names)
}
