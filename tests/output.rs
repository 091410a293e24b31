//! What relguard prints: the form for people, the form for programs, where it goes, and how it ends.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test that fails may panic"
)]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that fails may panic")]

#[path = "support/chart.rs"]
mod chart;
mod support;

use std::fs;
use std::process::Stdio;

use serde_json::{Value, json};
use support::{Ran, Scratch, run};

/// The finding that style.md shows: version in line 18, appVersion in line 24.
fn disagreeing() -> Scratch {
    let scratch = Scratch::new();
    let comments = "# how the chart came to be\n".repeat(15);
    let text = format!(
        "apiVersion: v2\nname: hami\n{comments}version: 2.8.2\n# one\n# two\n# three\n# four\n# five\nappVersion: \"2.8.1\"\n"
    );
    scratch.write("charts/hami/Chart.yaml", text);
    scratch.write("docs/CHANGELOG/CHANGELOG-2.8.md", "# v2.8.2\n\n- a fix\n");
    scratch
}

const SHOWN: &str = r#"error[chart/app-version]: appVersion is 2.8.1, but version is 2.8.2
  --> charts/hami/Chart.yaml:24:13
   |
18 | version: 2.8.2
   |          ----- the chart's version
...
24 | appVersion: "2.8.1"
   |             ^^^^^^^ should be "2.8.2"
   |
   = help: `relguard fix` sets it to 2.8.2: version leads
"#;

const SUMMARY: &str = "1 chart checked: 1 error; `relguard fix` mends 1\n";

fn in_order() -> Scratch {
    let scratch = disagreeing();
    let text = scratch.read("charts/hami/Chart.yaml").replace("\"2.8.1\"", "\"2.8.2\"");
    scratch.write("charts/hami/Chart.yaml", text);
    scratch
}

fn with(scratch: &Scratch, args: &[&str], env: &[(&str, &str)]) -> Ran {
    let mut command = scratch.relguard_command(args);
    command.envs(env.iter().copied());
    run(command)
}

#[test]
fn a_person_reads_excerpts_and_a_summary() {
    let ran = disagreeing().relguard(["check"]).exits(1);
    assert_eq!(ran.stdout, format!("{SHOWN}\n{SUMMARY}"));
    assert_eq!(ran.stderr, "");
    let ran = in_order().relguard(["check"]).exits(0);
    assert_eq!(ran.stdout, "1 chart checked, nothing found\n");
}

#[test]
fn neighbouring_lines_are_one_excerpt() {
    let scratch = Scratch::new();
    scratch
        .write("charts/a/Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.0.1 # bump\nappVersion: 1.0.0\n");
    scratch.write("docs/CHANGELOG/CHANGELOG-1.0.md", "# v1.0.1\n\n- a fix\n");
    let wanted = "\
error[chart/app-version]: appVersion is 1.0.0, but version is 1.0.1
 --> charts/a/Chart.yaml:4:13
  |
3 | version: 1.0.1 # bump
  |          ----- the chart's version
4 | appVersion: 1.0.0
  |             ^^^^^ should be 1.0.1
  |
  = help: `relguard fix` sets it to 1.0.1: version leads

1 chart checked: 1 error; `relguard fix` mends 1
";
    assert_eq!(scratch.relguard(["check"]).exits(1).stdout, wanted);
}

#[test]
fn line_breaks_of_other_systems_are_no_part_of_an_excerpt() {
    let scratch = disagreeing();
    let text = scratch.read("charts/hami/Chart.yaml").replace('\n', "\r\n");
    scratch.write("charts/hami/Chart.yaml", format!("\u{feff}{text}"));
    assert_eq!(scratch.relguard(["check"]).exits(1).stdout, format!("{SHOWN}\n{SUMMARY}"));
}

#[test]
fn colour_is_for_terminals_and_for_those_who_ask() {
    let scratch = disagreeing();
    let coloured = |args: &[&str], env: &[(&str, &str)]| with(&scratch, args, env).stdout.contains('\x1b');
    assert!(!coloured(&["check"], &[]));
    assert!(coloured(&["check", "--color", "always"], &[]));
    assert!(coloured(&["check", "--color=always"], &[("NO_COLOR", "1")]), "the option beats the environment");
    assert!(!coloured(&["check", "--color=never"], &[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&["check"], &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]));
    assert!(coloured(&["check"], &[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&["check", "--color=always", "--format=json"], &[]));
    let plain = |text: &str| anstream::adapter::strip_str(text).to_string();
    let ran = scratch.relguard(["check", "--color", "always"]);
    assert_eq!(plain(&ran.stdout), format!("{SHOWN}\n{SUMMARY}"));
    let ran = scratch.relguard(["check", "--color", "always", "--rev", "none"]).exits(2);
    assert!(ran.stderr.starts_with("\x1b[1;31merror\x1b[0m: "), "{}", ran.stderr);
}

#[test]
fn a_report_goes_to_the_file_that_is_named() {
    let scratch = disagreeing();
    let file = scratch.outside("report.txt");
    let ran = scratch.relguard(["check", "--color=always", "--output", "../report.txt"]).exits(1);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""));
    assert_eq!(fs::read_to_string(&file).unwrap(), format!("{SHOWN}\n{SUMMARY}"));
    // It is replaced, and another command's output goes there as well.
    for args in [&["rules"][..], &["explain", "chart/version"], &["schema"], &["fix", "--diff"], &["man"]] {
        let mut all = args.to_vec();
        let printed = run(scratch.relguard_command(&all)).stdout;
        all.extend(["--output", "../report.txt"]);
        assert_eq!(run(scratch.relguard_command(&all)).stdout, "", "{args:?}");
        assert_eq!(fs::read_to_string(&file).unwrap(), printed, "{args:?}");
    }
    // Where nothing could be judged, it is left as it was.
    scratch.write("../report.txt", "before");
    scratch.relguard(["check", "--rev", "none", "--output", "../report.txt"]).exits(2);
    assert_eq!(fs::read_to_string(&file).unwrap(), "before");
    let ran = scratch.relguard(["check", "--output", "."]).exits(2);
    assert!(ran.stderr.starts_with("error: . can't be written: "), "{}", ran.stderr);
}

#[cfg(unix)]
#[test]
fn a_device_is_written_to_and_a_link_stays() {
    let scratch = disagreeing();
    scratch.relguard(["check", "--output", "/dev/null"]).exits(1);
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
    let ran = scratch.relguard(["check", "--output", "/dev/stdout"]).exits(1);
    assert_eq!(ran.stdout, format!("{SHOWN}\n{SUMMARY}"));
    let (link, file) = (scratch.outside("link"), scratch.outside("file"));
    scratch.write("../file", "");
    std::os::unix::fs::symlink("file", &link).unwrap();
    scratch.relguard(["check", "--output", "../link"]).exits(1);
    assert!(link.is_symlink());
    assert_eq!(fs::read_to_string(&file).unwrap(), format!("{SHOWN}\n{SUMMARY}"));
    let ran = scratch.relguard(["check", "--output", "/dev/full"]).exits(2);
    assert!(ran.stderr.starts_with("error: /dev/full can't be written: "), "{}", ran.stderr);
}

#[test]
fn quiet_prints_findings_alone() {
    assert_eq!(disagreeing().relguard(["check", "--quiet"]).exits(1).stdout, SHOWN);
    assert_eq!(in_order().relguard(["check", "-q"]).exits(0).stdout, "");
    let scratch = disagreeing();
    assert_eq!(scratch.relguard(["fix", "-q"]).exits(0).stdout, "");
    let report: Value =
        serde_json::from_str(&in_order().relguard(["check", "-q", "--format=json"]).stdout).unwrap();
    assert_eq!(report["findings"], json!([]));
}

#[test]
fn strict_counts_warnings() {
    let scratch = disagreeing();
    scratch.write(".relguard.yaml", "rules: {chart/app-version: warning}\n");
    let ran = scratch.relguard(["check"]).exits(0);
    assert!(ran.stdout.starts_with("warning[chart/app-version]: "), "{}", ran.stdout);
    assert!(ran.stdout.ends_with("1 chart checked: 1 warning; `relguard fix` mends 1\n"), "{}", ran.stdout);
    scratch.relguard(["check", "--strict"]).exits(1);
    let report = scratch.json(["check", "--strict"]);
    assert_eq!(report["findings"][0]["severity"], "warning");
    in_order().relguard(["check", "--strict"]).exits(0);
}

#[test]
fn another_folder_can_be_judged() {
    let scratch = disagreeing();
    let from = |dir: &str, args: &[&str]| {
        let mut command = scratch.relguard_command(args);
        command.current_dir(scratch.path().join(dir));
        run(command)
    };
    assert_eq!(from("charts/hami", &["check"]).exits(1).stdout, format!("{SHOWN}\n{SUMMARY}"));
    assert_eq!(from("..", &["-C", "repo", "check"]).exits(1).stdout, format!("{SHOWN}\n{SUMMARY}"));
    assert_eq!(from("..", &["check", "-C", "repo/docs"]).exits(1).stdout, format!("{SHOWN}\n{SUMMARY}"));
    let ran = from("..", &["-C", "nowhere", "check"]).exits(2);
    assert!(ran.stderr.starts_with("error: nowhere can't be entered: "), "{}", ran.stderr);
}

#[test]
fn a_program_reads_exactly_this() {
    let scratch = disagreeing();
    let start = scratch.read("charts/hami/Chart.yaml").find("\"2.8.1\"").unwrap();
    let wanted = json!({
        "schema_version": 1,
        "tool": {"name": "relguard", "version": env!("CARGO_PKG_VERSION")},
        "scope": "worktree",
        "findings": [{
            "rule": "chart/app-version",
            "severity": "error",
            "message": "appVersion is 2.8.1, but version is 2.8.2",
            "help": "`relguard fix` sets it to 2.8.2: version leads",
            "subject": {"kind": "worktree", "name": "worktree", "commit": null},
            "location": place("charts/hami/Chart.yaml", [24, 13, 24, 20]),
            "related": [{
                "message": "the chart's version",
                "location": place("charts/hami/Chart.yaml", [18, 10, 18, 15]),
            }],
            "fix": {
                "safety": "safe",
                "title": "set appVersion to 2.8.2",
                "edits": [{
                    "path": "charts/hami/Chart.yaml",
                    "start_byte": start,
                    "end_byte": start + 7,
                    "replacement": "\"2.8.2\"",
                }],
            },
            "excepted": null,
        }],
        "summary": {
            "errors": 1, "warnings": 0, "fixable": 1, "excepted": 0,
            "judged": {"charts": 1, "branches": 0, "tags": 0},
        },
    });
    let ran = scratch.relguard(["check", "--format", "json"]).exits(1);
    assert_eq!(serde_json::from_str::<Value>(&ran.stdout).unwrap(), wanted);
    assert_eq!(scratch.relguard(["check", "--format", "json"]).stdout, ran.stdout, "two runs differ");
    assert_eq!(keys_in_order(&ran.stdout), KEYS);
}

/// Every key of the document, in the order of the contract.
const KEYS: &[&str] = &[
    "schema_version",
    "tool",
    "name",
    "version",
    "scope",
    "findings",
    "rule",
    "severity",
    "message",
    "help",
    "subject",
    "kind",
    "name",
    "commit",
    "location",
    "path",
    "line",
    "column",
    "end_line",
    "end_column",
    "related",
    "message",
    "location",
    "path",
    "line",
    "column",
    "end_line",
    "end_column",
    "fix",
    "safety",
    "title",
    "edits",
    "path",
    "start_byte",
    "end_byte",
    "replacement",
    "excepted",
    "summary",
    "errors",
    "warnings",
    "fixable",
    "excepted",
    "judged",
    "charts",
    "branches",
    "tags",
];

fn keys_in_order(json: &str) -> Vec<&str> {
    json.lines()
        .filter_map(|line| line.trim_start().strip_prefix('"')?.split_once("\": "))
        .map(|(key, _)| key)
        .collect()
}

fn place(path: &str, [line, column, end_line, end_column]: [usize; 4]) -> Value {
    json!({"path": path, "line": line, "column": column, "end_line": end_line, "end_column": end_column})
}

#[test]
fn columns_count_characters_and_bytes_count_the_mark() {
    let scratch = disagreeing();
    let text = "\u{feff}{apiVersion: v2, name: größe-値-🚀, version: 1.0.1, appVersion: 1.0.0}\r\n";
    scratch.write("charts/hami/Chart.yaml", text);
    scratch.write("docs/CHANGELOG/CHANGELOG-1.0.md", "# v1.0.1\n\n- a fix\n");
    let report = scratch.json(["check"]);
    let findings = report["findings"].as_array().unwrap();
    let finding = findings.iter().find(|finding| finding["rule"] == "chart/app-version").unwrap();
    let start = text.find("1.0.0").unwrap();
    // Without the mark, from 1.
    let column = text[..start].chars().count();
    assert_eq!(finding["location"], place("charts/hami/Chart.yaml", [1, column, 1, column + 5]));
    let edit = &finding["fix"]["edits"][0];
    assert_eq!((&edit["start_byte"], &edit["end_byte"]), (&json!(start), &json!(start + 5)));
}

#[test]
fn findings_come_by_path_and_place() {
    let scratch = Scratch::new();
    for name in ["b", "a", "c"] {
        let text = format!("apiVersion: v2\nname: {name}\nappVersion: 1.0.0\nversion: 1.0.1\n");
        scratch.write(&format!("charts/{name}/Chart.yaml"), text);
        scratch.write(&format!("charts/{name}/values.yaml"), "image: {tag: v0.9.0}\nversion: 0.9.0\n");
    }
    let report = scratch.json(["check"]);
    let at = |finding: &Value| {
        let location = &finding["location"];
        let number = |key: &str| location[key].as_u64().unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&location["path"]), number("line"), number("column"), text(&finding["rule"]))
    };
    let found: Vec<_> = report["findings"].as_array().unwrap().iter().map(at).collect();
    let mut sorted = found.clone();
    sorted.sort();
    assert!(found.len() > 6, "{found:?}");
    assert_eq!(found, sorted);
}

#[test]
fn a_subject_is_the_state_that_was_judged() {
    let scratch = disagreeing();
    let commit = scratch.commit("all");
    let subject = |args: [&str; 3]| {
        let report = scratch.json(args);
        (report["scope"].clone(), report["findings"][0]["subject"].clone())
    };
    let wanted = |scope: &str, kind: &str, name: &str, commit: Value| {
        (json!(scope), json!({"kind": kind, "name": name, "commit": commit}))
    };
    assert_eq!(subject(["check", "--staged", "-v"]), wanted("staged", "index", "index", Value::Null));
    assert_eq!(subject(["check", "--rev", "HEAD"]), wanted("rev", "commit", "HEAD", json!(commit)));
    assert_eq!(subject(["check", "--rev", "master"]), wanted("rev", "commit", "master", json!(commit)));
}

#[test]
fn an_excepted_finding_is_shown_and_does_not_count() {
    let scratch = in_order();
    scratch.commit("all");
    scratch.git(["checkout", "--quiet", "-b", "release-2.7"]);
    let exception = "{ rule: branch/version, on: release-2.7, reason: \"kept for\\e[31m its docs\" }";
    scratch.write(".relguard.yaml", format!("rules: {{branch/version: error}}\nexceptions: [{exception}]\n"));
    let ran = scratch.relguard(["check", "--strict"]).exits(0);
    assert!(ran.stdout.contains("accepted: kept for\\u{1b}[31m its docs\n"), "{}", ran.stdout);
    assert!(ran.stdout.ends_with("1 chart checked: 1 accepted\n"), "{}", ran.stdout);
    let report = scratch.json(["check"]);
    assert_eq!(report["findings"][0]["excepted"], "kept for\\u{1b}[31m its docs");
    assert_eq!(report["summary"]["excepted"], 1);
    assert_eq!(report["summary"]["errors"], 0);
}

#[test]
fn what_can_not_be_judged_prints_nothing_and_ends_in_2() {
    let scratch = disagreeing();
    scratch.commit("all");
    scratch.write("../bad.yaml", "a: b\n");
    fs::create_dir(scratch.outside("empty")).unwrap();
    let cases: &[&[&str]] = &[
        &["check", "--rev", "nowhere"],
        &["check", "--rev", ""],
        &["check", "--rev", "HEAD:charts"],
        &["check", "--against", "nowhere"],
        &["check", "--config", "../bad.yaml"],
        &["check", "--config", "nowhere.yaml"],
        &["check", "--config", "."],
        &["check", "-C", "../empty"],
        &["check", "-C", "nowhere"],
        &["check", "--format", "xml"],
        &["check", "--stagged"],
        &["fix", "--against", "nowhere"],
        &["fix", "--diff", "--config", "../bad.yaml"],
        &["fix", "--staged", "-C", "../empty"],
        &["hook", "pre-commit", "--config", "../bad.yaml"],
        &["hook", "no-hook"],
        &["install", "-C", "../empty"],
        &["explain", "a\u{1b}[31m"],
        &["no-command"],
    ];
    for args in cases {
        for format in ["human", "json"] {
            let mut all = args.to_vec();
            all.extend(["--format", format]);
            let ran = run(scratch.relguard_command(&all)).exits(2);
            assert_eq!(ran.stdout, "", "{args:?}");
            assert!(ran.stderr.starts_with("error: "), "{args:?}: {}", ran.stderr);
            assert!(!ran.stderr.contains('\x1b'), "{args:?}: {}", ran.stderr);
            assert!(ran.stderr.lines().count() <= 8, "{args:?}: {}", ran.stderr);
        }
    }
    assert_eq!(scratch.git(["status", "--porcelain"]).stdout, "");
}

#[test]
fn a_diff_shows_the_fix_and_writes_nothing() {
    let scratch = disagreeing();
    scratch.write("docs/CHANGELOG/CHANGELOG-2.8.md", "# v2.8.1\n\n- a fix\n");
    let before = scratch.files();
    let ran = scratch.relguard(["fix", "--diff"]).exits(1);
    assert_eq!(scratch.files(), before);
    assert!(
        ran.stdout.starts_with("--- a/charts/hami/Chart.yaml\n+++ b/charts/hami/Chart.yaml\n"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("\n-appVersion: \"2.8.1\"\n+appVersion: \"2.8.2\"\n"), "{}", ran.stdout);
    // It is what `fix` does, as another program reads it.
    scratch.write("../fix.diff", &ran.stdout);
    scratch.git(["apply", "../fix.diff"]);
    let applied = scratch.files();
    for (path, bytes) in &before {
        scratch.write(path, bytes);
    }
    scratch.relguard(["fix"]).exits(0);
    assert_eq!(scratch.files(), applied);
    let ran = scratch.relguard(["fix", "--diff"]).exits(0);
    assert_eq!(ran.stdout, "");
}

#[test]
fn a_fix_says_what_it_did() {
    let scratch = disagreeing();
    let ran = scratch.relguard(["check", "--fix"]).exits(0);
    let wanted = "fixed chart/app-version: set appVersion to 2.8.2 (charts/hami/Chart.yaml)\n\
                  1 chart checked, nothing found\n";
    assert_eq!(ran.stdout, wanted);
    let report = disagreeing().json(["fix"]);
    assert_eq!((&report["scope"], &report["findings"]), (&json!("worktree"), &json!([])));
}

#[test]
fn nothing_in_a_repository_steers_the_reader() {
    let scratch = disagreeing();
    let chart = "apiVersion: v2\nname: a\n::error::x: \u{202e}\n# ##[add-mask]x\nversion: 1.0.1\nappVersion: \"##[error]\\e[31m\\u202e\"\n";
    scratch.write("charts/hami/Chart.yaml", chart);
    scratch.write("notes.txt", "  ::stop-commands::x\n::error::\u{1b}[31m ##[group]\nv1.0.0\u{202e}\n");
    scratch.write(".relguard.yaml", "carriers: [{file: notes.txt, regex: 'v(?P<version>[0-9.]+)'}]\n");
    let runner = [("GITHUB_ACTIONS", "true")];
    for args in
        [&["check"][..], &["check", "--format=json"], &["fix", "--diff", "--unsafe"], &["fix", "--diff"]]
    {
        let ran = with(&scratch, args, &runner);
        let all = format!("{}{}", ran.stdout, ran.stderr);
        assert!(!all.is_empty(), "{args:?}");
        let steers = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202e}');
        assert!(!all.contains(steers), "{args:?}: {all:?}");
        assert!(!all.contains("##["), "{args:?}: {all}");
        // `::: file` begins another excerpt of the same finding; no command's name begins with a colon.
        let mut lines = all.lines().map(str::trim_start).filter(|line| !line.starts_with("::: "));
        assert!(!lines.any(|line| line.starts_with("::")), "{args:?}: {all}");
    }
    let (plain, escaped) =
        (scratch.json(["check"]), with(&scratch, &["check", "--format=json"], &runner).stdout);
    assert_eq!(serde_json::from_str::<Value>(&escaped).unwrap(), plain, "it reads back the same");
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let scratch = disagreeing();
    let mut command = scratch.relguard_command(&["check"]);
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[test]
fn a_file_that_can_not_be_written_is_found_before_anything_is_done() {
    let scratch = chart::project();
    let before = scratch.files();
    let ran = scratch.relguard(["bump", "1.1.0", "--output", "charts/app/Chart.yaml/out"]).exits(2);
    assert!(ran.stderr.contains("nothing was changed"), "{}", ran.stderr);
    assert_eq!(scratch.files(), before);
    scratch.relguard(["bump", "1.1.0", "--output", "../new/out"]).exits(0);
    assert_ne!(scratch.files(), before);
}
