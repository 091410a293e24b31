//! What a repository should not be: relguard ends in 1 or 2 with thing, place, cause and way out, never in
//! a panic, and every file is whole afterwards: as it was, or fully mended.

#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "tests make the files and run the programs that they judge by, and may fail"
)]

mod support;

#[path = "bad_input/configs.rs"]
mod configs;
#[path = "bad_input/files.rs"]
mod files;
#[path = "bad_input/links.rs"]
mod links;
#[path = "bad_input/names.rs"]
mod names;
#[path = "bad_input/repositories.rs"]
mod repositories;
#[path = "bad_input/states.rs"]
mod states;
#[path = "bad_input/writing.rs"]
mod writing;

use std::collections::BTreeMap;
use std::process::Command;

use support::{Ran, Scratch, isolated, run};

const CHART: &str = "charts/a/Chart.yaml";
const VALUES: &str = "charts/a/values.yaml";
const LOG: &str = "docs/CHANGELOG/CHANGELOG-1.2.md";

/// Where the project of `project` lags behind, and what a fix makes of it.
const MENDED: [(&str, &str, &str); 2] =
    [(CHART, "appVersion: \"1.2.2\"", "appVersion: \"1.2.3\""), (VALUES, "tag: v1.2.2", "tag: v1.2.3")];

/// A project with one chart, committed, whose appVersion and image tag lag behind its version.
fn project() -> Scratch {
    project_in(Scratch::new())
}

fn project_in(scratch: Scratch) -> Scratch {
    scratch
        .write(CHART, "apiVersion: v2\nname: a\nversion: 1.2.3\nappVersion: \"1.2.2\"\n")
        .write(VALUES, "# kept\nimage:\n  tag: v1.2.2 # kept\n")
        .write(LOG, "# Changelog\n\n## v1.2.3\n\n- what changed\n");
    scratch.commit("project");
    scratch
}

/// Runs a command that may change nothing. What it prints names all of `says`.
#[track_caller]
fn refuses(scratch: &Scratch, args: &[&str], status: i32, says: &[&str]) -> Ran {
    let before = scratch.files();
    let ran = sound(scratch, run(scratch.relguard_command(args)), status, says);
    assert_same(&before, &scratch.files());
    ran
}

/// The same; where there are findings, they are read as JSON too.
#[track_caller]
fn finds(scratch: &Scratch, args: &[&str], says: &[&str]) {
    refuses(scratch, args, 1, says);
    let ran = refuses(scratch, &[args, &["--format", "json"]].concat(), 1, &[]);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert!(report["summary"]["errors"].as_u64() > Some(0), "{report}");
}

/// Runs a command that mends: every file is as before, but for the replacements of `changes`.
#[track_caller]
fn mends(scratch: &Scratch, args: &[&str], status: i32, changes: &[(&str, &str, &str)]) -> Ran {
    let mut wanted = scratch.files();
    for (path, old, new) in changes {
        let bytes = wanted.get_mut(*path).unwrap_or_else(|| panic!("there is no {path}"));
        let text = String::from_utf8(std::mem::take(bytes)).unwrap();
        assert_eq!(text.matches(old).count(), 1, "{path}: {text}");
        *bytes = text.replace(old, new).into_bytes();
    }
    let ran = sound(scratch, run(scratch.relguard_command(args)), status, &[]);
    assert_same(&wanted, &scratch.files());
    ran
}

/// What holds however a run ends.
#[track_caller]
fn sound(scratch: &Scratch, ran: Ran, status: i32, says: &[&str]) -> Ran {
    let ran = ran.exits(status);
    let all = format!("{}{}", ran.stdout, ran.stderr);
    assert!(!all.contains("panicked"), "{all}");
    assert!(!all.contains(|c: char| c != '\n' && relguard::domain::text::is_unprintable(c)), "{all:?}");
    for part in says {
        assert!(all.contains(part), "`{part}` is not said in: {all}");
    }
    if status == 2 {
        assert_eq!(ran.stdout, "");
        assert!(ran.stderr.starts_with("error: "), "{all}");
        assert!(ran.stderr.contains("= help: "), "no way out is named: {all}");
    } else {
        assert_eq!(ran.stderr, "");
    }
    let litter = walkdir::WalkDir::new(scratch.path()).into_iter().filter_map(Result::ok);
    let litter: Vec<_> = litter
        .filter(|entry| {
            let name = entry.file_name().to_string_lossy();
            name.contains(".relguard-") || name.ends_with(".lock") && name != "Chart.lock"
        })
        .collect();
    assert!(litter.is_empty(), "{litter:?}");
    ran
}

#[track_caller]
fn assert_same(wanted: &BTreeMap<String, Vec<u8>>, found: &BTreeMap<String, Vec<u8>>) {
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(wanted), names(found));
    for (name, bytes) in wanted {
        let (wanted, found) = (String::from_utf8_lossy(bytes), String::from_utf8_lossy(&found[name]));
        assert!(wanted == found, "{name}: {wanted:.300} is {found:.300}");
    }
}

/// relguard in a shell that does something first: sets a limit, redirects a stream. `{}` stands for it.
fn in_shell(scratch: &Scratch, script: &str, args: &[&str]) -> Command {
    let relguard = scratch.relguard_command(args);
    let mut command = isolated("bash", &scratch.outside("."));
    let words = std::iter::once(relguard.get_program()).chain(relguard.get_args());
    command.arg("-c").arg(script.replace("{}", "\"$@\"")).arg("bash").args(words).current_dir(scratch.path());
    command
}

/// Whether a case can't be played here because something is missing; in CI that is a failure.
fn lacks(what: &str, there: bool) -> bool {
    if !there {
        assert!(std::env::var_os("CI").is_none(), "this case needs {what}");
        eprintln!("NOT TESTED: this case needs {what}");
    }
    !there
}

fn is_root() -> bool {
    run(isolated("id", &std::env::temp_dir()).arg_also("-u")).stdout.trim() == "0"
}

trait ArgAlso {
    fn arg_also(self, arg: &str) -> Self;
}

impl ArgAlso for Command {
    fn arg_also(mut self, arg: &str) -> Self {
        self.arg(arg);
        self
    }
}
