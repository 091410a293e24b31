//! How the hooks get into a repository and out again, and what they do there, with git as the judge.
#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests make the files that they judge by, and fail by a panic"
)]

#[path = "hooks/chain.rs"]
mod chain;
#[path = "support/chart.rs"]
mod chart;
#[path = "hooks/commit.rs"]
mod commit;
#[path = "hooks/doctor.rs"]
mod doctor;
#[path = "hooks/install.rs"]
mod install;
#[path = "hooks/merge.rs"]
mod merge;
#[path = "hooks/push.rs"]
mod push;
#[path = "hooks/server.rs"]
mod server;
mod support;

use std::path::Path;

use chart::project;
use support::{Ran, Scratch, isolated, run};

const RELGUARD: &str = env!("CARGO_BIN_EXE_relguard");

/// The project as a clone of a bare repository, without hooks.
fn clone() -> Scratch {
    let scratch = project();
    let bare = scratch.outside("origin.git");
    run_in(&scratch, scratch.path(), "git", &["clone", "--quiet", "--bare", ".", bare.to_str().unwrap()])
        .exits(0);
    scratch.git(["remote", "add", "origin", "../origin.git"]);
    scratch.git(["fetch", "--quiet", "origin"]);
    scratch.git(["remote", "set-head", "origin", "--auto"]);
    scratch
}

/// The same with the hooks in.
fn guarded() -> Scratch {
    let scratch = clone();
    scratch.relguard(["install"]).exits(0);
    scratch
}

/// Runs a program in some folder, cut off from the user's config.
fn run_in(scratch: &Scratch, folder: impl AsRef<Path>, program: &str, args: &[&str]) -> Ran {
    let mut command = isolated(program, &scratch.outside(""));
    command.args(args).current_dir(folder);
    run(command)
}

/// Stages a new version in Chart.yaml alone, so that a commit has to be refused.
fn stage_a_mistake(scratch: &Scratch) {
    chart::bump(scratch, "1.0.1");
    scratch.git(["add", chart::CHART]);
}

/// Asserts that relguard refused a commit because of the version.
#[track_caller]
fn refused(ran: Ran) -> Ran {
    let ran = ran.exits(1);
    assert!(ran.stderr.contains("error[chart/app-version]"), "{}{}", ran.stdout, ran.stderr);
    ran
}
