//! Every folder `tests/rules/GROUP/NAME/CASE` is a case; see tests/rules/README.md.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test fails by them"
)]

#[path = "support/archive.rs"]
mod archive;
#[path = "support/history.rs"]
mod history;
mod support;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use support::{Scratch, copy_into, files_below};

#[test]
fn every_case_finds_and_mends_what_it_says() {
    let mut cases = discover(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules"));
    assert!(cases.len() > 20, "only {} cases were found", cases.len());
    if let Ok(word) = std::env::var("CASES") {
        cases.retain(|case| case.to_string_lossy().contains(&word));
    }
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    let failures: Vec<String> = std::thread::scope(|scope| {
        let shares = cases.chunks(cases.len().div_ceil(workers).max(1)).map(|share| {
            scope.spawn(move || share.iter().filter_map(|case| judge(case).err()).collect::<Vec<_>>())
        });
        let shares: Vec<_> = shares.collect();
        shares.into_iter().flat_map(|share| share.join().unwrap()).collect()
    });
    assert!(
        failures.is_empty(),
        "{} of {} cases failed\n\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n")
    );
}

fn discover(root: &Path) -> Vec<PathBuf> {
    let cases = walkdir::WalkDir::new(root).min_depth(3).max_depth(3).sort_by_file_name();
    let folders = cases.into_iter().map(Result::unwrap).filter(|entry| entry.file_type().is_dir());
    folders.map(walkdir::DirEntry::into_path).collect()
}

fn judge(case: &Path) -> Result<(), String> {
    let name = case.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().display().to_string();
    let expected =
        fs::read_to_string(case.join("expected.txt")).map_err(|_| format!("{name}: no expected.txt"))?;
    if let Ok(script) = fs::read_to_string(case.join("history")) {
        let found = history::play(&script).map_err(|error| format!("{name}: {error}"))?;
        return compare(&name, "expected.txt", &expected, &found);
    }
    let scratch = set_up(case);
    let report = scratch.json(["check"]);
    compare(&name, "expected.txt", &expected, &lines(&report))?;
    mended(&scratch, case, "out", &["fix"])?;
    if case.join("out-unsafe").exists() {
        lay_out(case, &scratch);
        mended(&scratch, case, "out-unsafe", &["fix", "--unsafe"])?;
    }
    Ok(())
}

/// A case's repository: `base` committed, `in` on disk.
fn set_up(case: &Path) -> Scratch {
    let scratch = Scratch::new();
    let setting = |file: &str| fs::read_to_string(case.join(file)).unwrap_or_default();
    if case.join("base").exists() {
        copy_into(&case.join("base"), &scratch.path());
        scratch.commit("base");
        for tag in setting("tags").lines() {
            scratch.git(["tag", tag]);
        }
    }
    let branch = setting("branch");
    if !branch.trim().is_empty() {
        scratch.git(["checkout", "--quiet", "-B", branch.trim()]);
    }
    lay_out(case, &scratch);
    scratch
}

/// Makes the working tree what `in` holds.
fn lay_out(case: &Path, scratch: &Scratch) {
    for name in scratch.files().into_keys() {
        fs::remove_file(scratch.path().join(name)).unwrap();
    }
    copy_into(&case.join("in"), &scratch.path());
}

/// After fixing, the files are those of `in` with those of the folder laid over them.
fn mended(scratch: &Scratch, case: &Path, out: &str, args: &[&str]) -> Result<(), String> {
    let name = &case.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap().display().to_string();
    let before = scratch.files();
    let ran = support::run(scratch.relguard_command(args));
    let mut wanted = before;
    if case.join(out).exists() {
        wanted.extend(files_below(&case.join(out)));
    }
    let found = scratch.files();
    let names: std::collections::BTreeSet<_> = wanted.keys().chain(found.keys()).collect();
    for file in names {
        let text = |bytes: Option<&Vec<u8>>| bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        match (text(wanted.get(file)), text(found.get(file))) {
            (Some(wanted), Some(found)) => compare(name, &format!("{out}/{file}"), &wanted, &found)?,
            (None, Some(found)) => return Err(format!("{name}: `{}` made {file}:\n{found}", args.join(" "))),
            _ => return Err(format!("{name}: `{}` did not make {file}\n{}", args.join(" "), ran.stdout)),
        }
    }
    // What was mended once is left alone the next time.
    support::run(scratch.relguard_command(args));
    if scratch.files() == found {
        Ok(())
    } else {
        Err(format!("{name}: a second `{}` changes more", args.join(" ")))
    }
}

fn lines(report: &Value) -> String {
    let mut out = String::new();
    for finding in report["findings"].as_array().unwrap() {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let at = &finding["location"];
        let place = match at["path"].as_str() {
            Some(path) => format!("{path}:{}:{}", at["line"], at["column"]),
            None => "-".to_owned(),
        };
        let (severity, rule) = (text(&finding["severity"]), text(&finding["rule"]));
        writeln!(out, "{severity}[{rule}] {place}: {}", text(&finding["message"])).unwrap();
        let fix = &finding["fix"];
        if fix.is_object() {
            writeln!(out, "  fix {rule} {}: {}", text(&fix["safety"]), text(&fix["title"])).unwrap();
        }
        if let Some(reason) = finding["excepted"].as_str() {
            writeln!(out, "  excepted: {reason}").unwrap();
        }
    }
    out
}

fn compare(name: &str, what: &str, wanted: &str, found: &str) -> Result<(), String> {
    if wanted == found {
        return Ok(());
    }
    let diff = similar::TextDiff::from_lines(wanted, found);
    Err(format!("{name}: {what}\n{}", diff.unified_diff().header("expected", "found")))
}
