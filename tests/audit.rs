//! `audit` and `check --ref` on repositories as they are met: bare, shallow, partial, broken, empty.
#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "tests make the repositories that they judge, and fail by a panic"
)]

mod support;

use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use support::{Ran, Scratch, isolated, run};

/// Commits a version of a project: chart, values, changelog.
fn release(scratch: &Scratch, version: &str) -> String {
    scratch.write(
        "charts/app/Chart.yaml",
        format!("apiVersion: v2\nname: app\nversion: {version}\nappVersion: \"{version}\"\n"),
    );
    scratch.write("charts/app/values.yaml", format!("image:\n  tag: v{version}\n"));
    let line = version.rsplit_once('.').unwrap().0;
    let log = format!("docs/CHANGELOG/CHANGELOG-{line}.md");
    let before = fs::read_to_string(scratch.path().join(&log)).unwrap_or_default();
    scratch.write(&log, format!("# v{version}\n\n- What it brings.\n\n{before}"));
    scratch.commit(&format!("Release {version}"))
}

/// A project that has released 1.0.0, 1.0.1 and 1.1.0, with nothing wrong.
fn project() -> Scratch {
    let scratch = Scratch::new();
    release(&scratch, "1.0.0");
    scratch.git(["tag", "v1.0.0"]);
    scratch.git(["checkout", "--quiet", "-b", "release-1.0"]);
    release(&scratch, "1.0.1");
    scratch.git(["tag", "-a", "-m", "1.0.1", "v1.0.1"]);
    scratch.git(["checkout", "--quiet", "master"]);
    release(&scratch, "1.1.0");
    scratch.git(["branch", "release-1.1"]);
    scratch.git(["tag", "v1.1.0"]);
    scratch
}

/// A clone of it, made with some options.
fn cloned<const N: usize>(scratch: &Scratch, options: [&str; N]) -> std::path::PathBuf {
    let clone = scratch.outside("clone");
    let url = format!("file://{}", scratch.path().display());
    let mut command = isolated("git", &scratch.outside(""));
    command.args(["clone", "--quiet"]).args(options).arg(url).arg(&clone);
    run(command).exits(0);
    clone
}

fn relguard_in(scratch: &Scratch, folder: &Path, args: &[&str]) -> Ran {
    let mut command = isolated(env!("CARGO_BIN_EXE_relguard"), &scratch.outside(""));
    command.args(args).current_dir(folder);
    run(command)
}

#[track_caller]
fn passes(ran: Ran) -> String {
    let ran = ran.exits(0);
    assert!(ran.stderr.is_empty(), "{}", ran.stderr);
    ran.stdout
}

#[track_caller]
fn can_not_judge(ran: Ran, cause: &str, way_out: &str) {
    let ran = ran.exits(2);
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.starts_with("error: ") && ran.stderr.contains(cause), "{}", ran.stderr);
    assert!(ran.stderr.contains(way_out), "{}", ran.stderr);
}

#[test]
fn with_neither_chart_nor_changelog_refs_alone_are_judged() {
    let scratch = project();
    scratch.write("charts/app/Chart.yaml", "version: one\n");
    scratch.write("docs/CHANGELOG/CHANGELOG-1.1.md", "# v1.0.0\n");
    scratch.write(".relguard.yaml", "charts: []\nchangelog: false\n");
    scratch.commit("Judge no files");
    // It is read as any state is, and nothing is found in it.
    assert_eq!(passes(scratch.relguard(["check"])), "0 charts checked, nothing found\n");
    assert_eq!(passes(scratch.relguard(["audit"])), "3 branches and 3 tags checked, nothing found\n");
    scratch.git(["tag", "v1.1.1"]);
    let found = scratch.relguard(["audit"]).exits(1).stdout;
    assert!(found.contains("[tag/branch]") && found.contains("v1.1.1"), "{found}");
    assert_eq!(found.matches("error[").count(), 1, "{found}");
}

#[test]
fn clones_of_every_kind_are_judged_alike() {
    let scratch = project();
    let all = "3 branches and 3 tags checked, nothing found\n";
    assert_eq!(passes(scratch.relguard(["audit"])), all);
    for options in
        [&[][..], &["--bare"], &["--mirror"], &["--filter=blob:none"], &["--shared"], &["--no-checkout"]]
    {
        let clone = scratch.outside("clone");
        let _ = fs::remove_dir_all(&clone);
        let mut command = isolated("git", &scratch.outside(""));
        command.args(["clone", "--quiet"]).args(options).arg(scratch.path()).arg(&clone);
        run(command).exits(0);
        assert_eq!(passes(relguard_in(&scratch, &clone, &["audit"])), all, "{options:?}");
    }
    scratch.git(["checkout", "--quiet", "--detach", "v1.0.0"]);
    assert_eq!(passes(scratch.relguard(["audit"])), all);
    scratch.git(["pack-refs", "--all"]);
    scratch.git(["commit-graph", "write", "--reachable"]);
    assert_eq!(passes(scratch.relguard(["audit"])), all);
    fs::remove_file(scratch.path().join(".git/objects/info/commit-graph")).unwrap();
    for tip in ["v1.0.0", "v1.0.1", "v1.1.0"] {
        scratch.git(["checkout", "--quiet", "--detach", tip]);
        scratch.git(["commit-graph", "write", "--split=no-merge", "--reachable"]);
        assert_eq!(passes(scratch.relguard(["audit"])), all);
    }
    let tree = scratch.outside("tree");
    scratch.git(["worktree", "add", "--quiet", "--detach", tree.to_str().unwrap(), "master"]);
    assert_eq!(passes(relguard_in(&scratch, &tree, &["audit"])), all);
}

#[test]
fn a_commit_graph_that_ends_early_or_is_broken() {
    let scratch = project();
    let graph = scratch.path().join(".git/objects/info/commit-graph");
    let all = "3 branches and 3 tags checked, nothing found\n";
    scratch.git(["branch", "old", "v1.0.0"]);
    let mut command = isolated("git", &scratch.outside(""));
    command.args(["-C", scratch.path().to_str().unwrap(), "commit-graph", "write", "--stdin-commits"]);
    command.stdin(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    let old = scratch.git(["rev-parse", "v1.0.0"]).stdout;
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), old.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(passes(scratch.relguard(["audit"])), all);
    let bytes = fs::read(&graph).unwrap();
    for cut in [0, 3, 20, bytes.len() / 2, bytes.len() - 1] {
        fs::remove_file(&graph).unwrap();
        fs::write(&graph, &bytes[..cut]).unwrap();
        let ran = scratch.relguard(["audit"]);
        assert!(ran.status == 0 || ran.status == 2, "{cut}: {}", ran.stderr);
    }
}

#[test]
fn a_shallow_clone_says_what_it_lacks() {
    let scratch = project();
    let clone = cloned(&scratch, ["--depth=1", "--no-single-branch"]);
    let judge = |args: &[&str]| relguard_in(&scratch, &clone, args);
    // The tips are there, and their files; what hangs on the history, such as whether 1.0.1 comes after
    // 1.0.0, is not.
    can_not_judge(judge(&["check", "--ref", "v1.0.1"]), "history is cut short", "git fetch --unshallow");
    passes(judge(&["check", "--ref", "v1.1.0"]));
    passes(judge(&["check", "--rev", "v1.0.1"]));
    can_not_judge(judge(&["audit"]), "history is cut short", "git fetch --unshallow");
    let clone = scratch.outside("clone");
    fs::remove_dir_all(&clone).unwrap();
    cloned(&scratch, ["--depth=1", "--branch=v1.0.1"]);
    can_not_judge(judge(&["check", "--ref", "v1.0.1"]), "history is cut short", "fetch-depth: 0");
    // A rule that is off needs nothing.
    let config = scratch.outside("config.yaml");
    fs::write(&config, "rules: { tag/branch: off, tag/sequence: off }\n").unwrap();
    passes(judge(&["check", "--ref", "v1.0.1", "--config", config.to_str().unwrap()]));
}

#[test]
fn a_clone_without_objects_it_needs() {
    let scratch = project();
    let pack = |name: &str| scratch.path().join(".git/objects").join(&name[..2]).join(&name[2..]);
    let id = |rev: &str| scratch.git(["rev-parse", rev]).stdout.trim().to_owned();
    for rev in ["v1.0.0^{commit}", "v1.0.1", "v1.0.1^{tree}", "release-1.0:charts/app/Chart.yaml"] {
        let file = pack(&id(rev));
        let bytes = fs::read(&file).unwrap();
        fs::remove_file(&file).unwrap();
        can_not_judge(scratch.relguard(["audit"]), "object", "git fsck");
        fs::write(&file, &bytes).unwrap();
    }
    passes(scratch.relguard(["audit"]));
}

#[test]
fn formats_of_repositories_that_can_not_be_read() {
    let scratch = Scratch::new();
    for (option, cause) in [("--object-format=sha256", "SHA-256"), ("--ref-format=reftable", "reftable")] {
        let folder = scratch.outside(option.rsplit('=').next().unwrap());
        scratch.git(["init", "--quiet", option, folder.to_str().unwrap()]);
        can_not_judge(relguard_in(&scratch, &folder, &["audit"]), cause, "= help: ");
        can_not_judge(relguard_in(&scratch, &folder, &["check", "--ref", "x"]), cause, "= help: ");
    }
}

#[test]
fn refs_that_lead_nowhere_or_are_no_text() {
    let scratch = project();
    let git = scratch.path().join(".git");
    scratch.git(["symbolic-ref", "refs/heads/dangling", "refs/heads/nowhere"]);
    scratch.git(["symbolic-ref", "refs/heads/release-1.3", "refs/heads/nowhere"]);
    scratch.git(["symbolic-ref", "refs/heads/circle", "refs/heads/circle2"]);
    scratch.git(["symbolic-ref", "refs/heads/circle2", "refs/heads/circle"]);
    passes(scratch.relguard(["audit"]));
    let odd = git.join("refs/tags").join(std::ffi::OsStr::from_bytes(b"v1.0.2\xff"));
    fs::copy(git.join("refs/heads/master"), &odd).unwrap();
    let ran = scratch.relguard(["audit"]).exits(1);
    assert!(ran.stdout.contains("error[tag/name]: v1.0.2\u{fffd} looks like a release"), "{}", ran.stdout);
    fs::remove_file(odd).unwrap();
    fs::write(git.join("refs/tags/v1.0.3"), "garbage\n").unwrap();
    can_not_judge(scratch.relguard(["audit"]), "the ref v1.0.3 is broken", "git fsck");
    fs::write(git.join("refs/tags/v1.0.3"), format!("{}\n", "a".repeat(40))).unwrap();
    can_not_judge(scratch.relguard(["audit"]), &"a".repeat(40), "git fsck");
}

#[test]
fn what_lies_about_among_the_refs_is_none() {
    let scratch = project();
    let git = scratch.path().join(".git/refs");
    for stray in ["tags/v9.0.0.lock", "heads/.DS_Store", "heads/release-1.1.lock", "tags/.v1.0.3.swp"] {
        fs::write(git.join(stray), "").unwrap();
    }
    passes(scratch.relguard(["audit"]));
}

#[test]
fn nothing_to_judge_is_no_pass() {
    let scratch = Scratch::new();
    can_not_judge(scratch.relguard(["audit"]), "there is no default branch", "default-branch: NAME");
    release(&scratch, "1.0.0");
    scratch.git(["branch", "-m", "trunk"]);
    can_not_judge(scratch.relguard(["audit"]), "there is no default branch", "default-branch: NAME");
    scratch.write(".relguard.yaml", "default-branch: trunc\n");
    can_not_judge(scratch.relguard(["audit"]), "trunc", "default-branch");
    can_not_judge(scratch.relguard(["check", "--ref", "trunk"]), "trunc", "default-branch");
    scratch.write(".relguard.yaml", "default-branch: trunk\n");
    passes(scratch.relguard(["audit"]));
    let folder = scratch.outside("none");
    fs::create_dir(&folder).unwrap();
    can_not_judge(relguard_in(&scratch, &folder, &["audit"]), "there is no git repository here", "-C DIR");
}

/// Where no config names the default branch and none is found, only a rule that needs it says so.
#[test]
fn a_default_branch_is_missed_by_the_rules_that_need_it() {
    let scratch = project();
    scratch.git(["branch", "-m", "master", "trunk"]);
    passes(scratch.relguard(["check", "--ref", "v1.0.0"]));
    passes(scratch.relguard(["check", "--ref", "trunk"]));
    let none = "there is no default branch";
    can_not_judge(scratch.relguard(["check", "--ref", "release-1.0"]), none, "default-branch: NAME");
    let config = scratch.outside("off.yaml");
    fs::write(&config, "rules: { branch/base: off }\n").unwrap();
    passes(scratch.relguard(["check", "--ref", "release-1.0", "--config", config.to_str().unwrap()]));
    // A candidate that is on no release branch may be on it.
    scratch.write(".relguard.yaml", "tags: { prereleases-from: any }\n");
    scratch.git(["checkout", "--quiet", "trunk"]);
    release(&scratch, "2.0.0");
    scratch.git(["tag", "v2.0.0-rc.1"]);
    can_not_judge(scratch.relguard(["check", "--ref", "v2.0.0-rc.1"]), none, "v2.0.0-rc.1 may be on it");
    // One that is named has to be there, whatever the rules need.
    scratch.write(".relguard.yaml", "default-branch: mastre\n");
    for name in ["v1.0.0", "release-1.0", "trunk"] {
        let ran = scratch.relguard(["check", "--ref", name]);
        can_not_judge(
            ran,
            "the default branch mastre of .relguard.yaml does not exist",
            "correct `default-branch`",
        );
    }
    scratch.write(".relguard.yaml", "tags: { prereleases-from: any }\n");
    scratch.git(["branch", "-m", "trunk", "main"]);
    let ran = scratch.relguard(["check", "--ref", "v2.0.0-rc.1"]);
    assert!(!ran.stdout.contains("tag/branch"), "{}", ran.stdout);
}

#[test]
fn names_of_refs_are_looked_up_as_git_users_write_them() {
    let scratch = project();
    for name in ["v1.0.0", "refs/tags/v1.0.0", "release-1.0", "refs/heads/release-1.0", "master"] {
        passes(scratch.relguard(["check", "--ref", name]));
    }
    can_not_judge(
        scratch.relguard(["check", "--ref", "v1.0.3"]),
        "there is no branch or tag v1.0.3",
        "did you mean `v1.0.",
    );
    can_not_judge(scratch.relguard(["check", "--ref", ""]), "there is no branch or tag", "git tag");
    scratch.git(["branch", "v1.0.0", "master"]);
    can_not_judge(
        scratch.relguard(["check", "--ref", "v1.0.0"]),
        "is a branch and a tag",
        "refs/tags/v1.0.0",
    );
    passes(scratch.relguard(["check", "--ref", "refs/tags/v1.0.0"]));
    let ran = scratch.relguard(["check", "--ref", "refs/heads/v1.0.0"]).exits(1);
    assert!(ran.stdout.contains("error[branch/name]"), "{}", ran.stdout);
    let clone = cloned(&scratch, []);
    for name in ["release-1.0", "refs/remotes/origin/release-1.0", "refs/heads/release-1.0"] {
        passes(relguard_in(&scratch, &clone, &["check", "--ref", name]));
    }
}

#[test]
fn an_audit_begins_where_it_is_told_to() {
    let scratch = project();
    scratch.git(["tag", "1.0"]);
    scratch.git(["tag", "0.9", "v1.0.0"]);
    scratch.git(["tag", "v1.0.0.1", "v1.0.0"]);
    let found = |args: &[&str]| {
        let mut all = args.to_vec();
        all.extend(["audit", "--format", "json"]);
        let ran = run(scratch.relguard_command(&all));
        let report: serde_json::Value = serde_json::from_str(&ran.stdout).expect(&ran.stderr);
        let names = report["findings"].as_array().unwrap().iter();
        let names: Vec<String> =
            names.map(|finding| finding["subject"]["name"].as_str().unwrap().to_owned()).collect();
        (
            names.join(" "),
            report["summary"]["judged"]["tags"].as_u64().unwrap(),
            report["summary"]["judged"]["branches"].as_u64().unwrap(),
        )
    };
    assert_eq!(found(&[]), ("0.9 1.0 v1.0.0.1".to_owned(), 6, 3));
    let ran = scratch.relguard(["audit", "--since", "1.0.1", "--format", "json"]).exits(0);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["summary"]["judged"], serde_json::json!({"charts": 1, "branches": 3, "tags": 2}));
    scratch.write(".relguard.yaml", "since: v1.1.0\n");
    assert_eq!(found(&[]), (String::new(), 1, 2));
    for (since, cause) in
        [("v7.0.0", "there is no tag v7.0.0"), ("1.0", "is no version"), ("x", "is no version")]
    {
        can_not_judge(scratch.relguard(["audit", "--since", since]), cause, "= help: ");
    }
}

#[test]
fn exceptions_are_held_against_what_is_found() {
    let scratch = project();
    scratch.git(["tag", "1.0.0", "v1.0.0"]);
    let exceptions = |lines: &str| {
        scratch.write(".relguard.yaml", format!("exceptions:\n{lines}"));
    };
    exceptions("  - { rule: tag/name, on: 1.0.0, reason: made by hand, until: 2999-12-31 }\n");
    let said = passes(scratch.relguard(["audit"]));
    assert!(said.contains("accepted: made by hand"), "{said}");
    exceptions("  - { rule: tag/name, on: 1.0.0, reason: made by hand, until: 2020-12-31 }\n");
    let ran = scratch.relguard(["audit"]).exits(1);
    assert!(ran.stdout.contains("the exception for it has ended"), "{}", ran.stdout);
    exceptions(
        "  - { rule: tag/name, on: 1.0.0, reason: made by hand }\n  - { rule: tag/name, on: 2.0.0, reason: gone }\n",
    );
    let ran = scratch.relguard(["audit"]).exits(0);
    assert!(
        ran.stdout.contains("warning[tag/name]: the exception for tag/name on 2.0.0 matches nothing"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains(".relguard.yaml:3:"), "{}", ran.stdout);
    scratch.relguard(["audit", "--strict"]).exits(1);
    // What is passed over is not known to match nothing.
    exceptions("  - { rule: tag/name, on: 1.0.0, reason: made by hand }\n");
    let said = passes(scratch.relguard(["audit", "--since", "v1.1.0"]));
    assert!(!said.contains("matches nothing"), "{said}");
}

#[test]
fn two_runs_print_the_same() {
    let scratch = project();
    scratch.git(["tag", "1.0.0", "v1.0.0"]);
    scratch.git(["branch", "release-v1.0"]);
    let first = scratch.relguard(["audit", "--format", "json"]);
    scratch.git(["pack-refs", "--all"]);
    assert_eq!(scratch.relguard(["audit", "--format", "json"]).stdout, first.stdout);
}

#[test]
fn charts_in_another_place_are_named_at_every_ref() {
    let scratch = Scratch::new();
    let chart = "apiVersion: v2\nname: a\nversion: 1.0.0\nappVersion: \"1.0.0\"\n";
    for folder in ["deploy/a", "deploy/a/charts/inner", "deploy/b", "one/two/three/four/five/six/deep"] {
        scratch.write(&format!("{folder}/Chart.yaml"), chart);
    }
    scratch.commit("Charts");
    scratch.git(["branch", "release-1.0"]);
    scratch.write("deploy/b/README.md", "Another tree, and the same charts.\n");
    scratch.commit("More");
    let ran = scratch.relguard(["audit", "--format", "json"]).exits(1);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 2, "{}", ran.stdout);
    for finding in findings {
        let help = finding["help"].as_str().unwrap();
        assert!(help.contains("[{path: deploy/a}, {path: deploy/b}]"), "{help}");
    }
}

/// A release branch shares the default branch's history also where only a merge leads there.
#[test]
fn a_branch_of_its_own_root_that_has_merged_the_default_branch() {
    let scratch = project();
    scratch.git(["checkout", "--quiet", "--orphan", "release-1.2"]);
    release(&scratch, "1.2.0");
    let ran = scratch.relguard(["audit"]).exits(1);
    assert!(ran.stdout.contains("error[branch/base]"), "{}", ran.stdout);
    scratch.git(["merge", "--quiet", "--allow-unrelated-histories", "-s", "ours", "-m", "Merge", "master"]);
    scratch.git(["branch", "release-1.3"]);
    let ran = scratch.relguard(["audit"]);
    assert!(!ran.stdout.contains("branch/base"), "{}", ran.stdout);
    scratch.git(["commit-graph", "write", "--reachable"]);
    let again = scratch.relguard(["audit"]);
    assert_eq!(again.stdout, ran.stdout);
}
