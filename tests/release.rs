//! The steps of the process, from outside: the binary in a clone of a bare repository that has the server hook,
//! with the local hooks installed. git says what was done.
#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "tests make the repositories that they judge by, and fail by a panic"
)]

#[path = "support/archive.rs"]
mod archive;
#[path = "release/bump.rs"]
mod bump;
#[path = "support/chart.rs"]
mod chart;
#[path = "release/cut.rs"]
mod cut;
#[path = "release/early.rs"]
mod early;
#[path = "release/foreseen.rs"]
mod foreseen;
#[path = "release/kept_on_default.rs"]
mod kept_on_default;
#[path = "release/pipeline.rs"]
mod pipeline;
#[path = "release/process.rs"]
mod process;
#[path = "release/race.rs"]
mod race;
mod support;
#[path = "release/tag.rs"]
mod tag;

use std::path::PathBuf;

use support::{Ran, Scratch, isolated, run, script};

/// The server's repository.
fn server(scratch: &Scratch) -> PathBuf {
    scratch.outside("server.git")
}

/// A project at 1.0.0 that is pushed to a server, both guarded.
fn guarded() -> Scratch {
    let scratch = chart::project();
    let bare = server(&scratch);
    let bare = bare.to_str().unwrap();
    scratch.git(["init", "--quiet", "--bare", "--initial-branch=master", "--template=", bare]);
    scratch.git(["remote", "add", "origin", bare]);
    scratch.git(["push", "--quiet", "--set-upstream", "origin", "master"]);
    scratch.git(["remote", "set-head", "origin", "master"]);
    scratch.relguard(["install"]).exits(0);
    let mut install = scratch.relguard_command(&["-C", bare, "install"]);
    install.current_dir(scratch.outside(""));
    run(install).exits(0);
    scratch
}

/// What the server has: a name and an object a line.
fn published(scratch: &Scratch) -> String {
    let refs = scratch.git(["ls-remote", "--refs", "origin"]).stdout;
    let line = |line: &str| {
        let (id, name) = line.split_once('\t').unwrap();
        format!("{} {name}\n", &id[..7])
    };
    refs.lines().map(line).collect()
}

/// Whether the server has a ref.
fn is_published(scratch: &Scratch, name: &str) -> bool {
    published(scratch).lines().any(|line| line.ends_with(&format!(" {name}")))
}

/// Has the server refuse every push, until `accept` is called.
fn refuse(scratch: &Scratch) {
    open(scratch);
    script(&server(scratch).join("hooks/pre-receive"), "#!/bin/sh\necho 'closed for today' >&2\nexit 1\n");
}

/// Has the server take every push, until `accept` is called.
fn open(scratch: &Scratch) {
    let hook = server(scratch).join("hooks/pre-receive");
    std::fs::rename(&hook, hook.with_file_name("pre-receive.kept")).unwrap();
}

/// Has the server judge pushes as it did.
fn accept(scratch: &Scratch) {
    let hook = server(scratch).join("hooks/pre-receive");
    std::fs::rename(hook.with_file_name("pre-receive.kept"), &hook).unwrap();
}

/// Somebody else's commit on a branch of the server, made in a clone of theirs.
fn somebody_pushes(scratch: &Scratch, branch: &str, file: &str) {
    let theirs = scratch.outside("theirs");
    let git = |args: &[&str]| {
        let mut command = isolated("git", &scratch.outside(""));
        command.args(args).current_dir(scratch.outside(""));
        run(command).exits(0)
    };
    let _ = std::fs::remove_dir_all(&theirs);
    let folder = theirs.to_str().unwrap();
    git(&["clone", "--quiet", "--branch", branch, server(scratch).to_str().unwrap(), folder]);
    std::fs::write(theirs.join(file), "theirs\n").unwrap();
    git(&["-C", folder, "add", "--all"]);
    git(&["-C", folder, "commit", "--quiet", "-m", "feat: theirs"]);
    git(&["-C", folder, "push", "--quiet", "origin", branch]);
}

/// Runs a step as a dry run, which must change nothing, and then for real: both must tell of the same actions.
#[track_caller]
fn dry_then_real(scratch: &Scratch, args: &[&str]) -> serde_json::Value {
    let remote = scratch.try_git(["remote", "get-url", "origin"]).status == 0;
    let state = || {
        let there = if remote { published(scratch) } else { String::new() };
        (scratch.files(), chart::git_state(scratch).0, scratch.git(["show-ref"]).stdout, there)
    };
    let json = |more: &[&str]| -> serde_json::Value {
        let ran: Ran = run(scratch.relguard_command(&[args, more, &["--format", "json"]].concat())).exits(0);
        serde_json::from_str(&ran.stdout).unwrap()
    };
    let before = state();
    let dry = json(&["--dry-run"]);
    assert!(state() == before, "the dry run of {args:?} changed something");
    let real = json(&[]);
    let texts = |plan: &serde_json::Value| {
        let actions = plan["actions"].as_array().unwrap();
        actions.iter().map(|action| (action["action"].clone(), action["text"].clone())).collect::<Vec<_>>()
    };
    assert_eq!(texts(&dry), texts(&real));
    assert_eq!((&dry["dry_run"], &real["dry_run"]), (&true.into(), &false.into()));
    assert!(real["actions"].as_array().unwrap().iter().all(|action| action["done"] == true));
    real
}
