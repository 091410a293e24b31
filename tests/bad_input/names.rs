//! Characters that steer a terminal, wherever they can come from: never printed raw, in no format. (That
//! nothing raw is printed, `refuses` and `mends` look at in every test.)
#![cfg(unix)]

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;

use crate::support::run;
use crate::{CHART, VALUES, finds, mends, project, refuses};

/// Red, a line that GitHub's runner would obey, and the rest of the line turned round.
const STEERING: &str = "\u{1b}[31m\u{7}\u{9b}0m\n::error::x\r\u{202e}\u{2066}";

#[test]
fn values_can_not_steer() {
    let mut escaped = String::new();
    for c in STEERING.chars() {
        write!(escaped, "\\U{:08x}", u32::from(c)).unwrap();
    }
    let scratch = project();
    scratch
        .write(
            CHART,
            format!(
                "apiVersion: v2\nname: \"{escaped}\"\nversion: \"1{escaped}\"\nappVersion: \"2{escaped}\"\n"
            ),
        )
        .write(VALUES, format!("image:\n  tag: \"v1.2{escaped}\" # \u{202e}\n"))
        .write("VERSION", format!("1{STEERING}"))
        .write("docs/CHANGELOG/CHANGELOG-1.2.md", "## v1.2.3\u{202e}\n## v9.9.9-\u{1b}[31m\u{202e}\n")
        .write(".relguard.yaml", "carriers: [{ file: VERSION }]\n");
    finds(&scratch, &["check"], &["1\\u{1b}[31m"]);
    run(scratch.relguard_command(&["fix", "--unsafe"]));
    refuses(&scratch, &["check"], 1, &[]);
    // In comments and in lines that an excerpt shows, raw characters may stand.
    scratch.write(CHART, "version: 1.2.3 # \u{202e}\u{2066}\nappVersion: 1.2.2 # \u{200f}\n");
    finds(&scratch, &["check"], &["appVersion is 1.2.2"]);
    refuses(&scratch, &["fix", "--diff"], 1, &["\\u{202e}"]);
    // In colour, only our own sequences are there.
    let ran = run(scratch.relguard_command(&["check", "--color", "always"])).exits(1);
    assert!(!ran.stdout.contains(['\u{202e}', '\u{200f}']), "{}", ran.stdout);
}

#[test]
fn names_of_files_and_charts_can_not_steer() {
    let scratch = project();
    let folder = format!("charts/b{STEERING}");
    scratch
        .write(
            &format!("{folder}/Chart.yaml"),
            "apiVersion: v2\nname: b\nversion: 1.2.3\nappVersion: 1.2.2\n",
        )
        .write(&format!("{folder}/values.yaml"), "a: [\n")
        .write(&format!("docs/CHANGELOG/CHANGELOG{STEERING}.md"), "");
    let says =
        ["b\\u{1b}[31m\\u{7}\\u{9b}0m\\n::error::x\\r\\u{202e}\\u{2066}/Chart.yaml", "2 charts checked"];
    finds(&scratch, &["check"], &says);
    refuses(&scratch, &["fix", "--diff"], 1, &says[..1]);
    scratch.git(["add", "--all"]);
    finds(&scratch, &["check", "--staged"], &says);
    let commit = scratch.commit("steering");
    finds(&scratch, &["check", "--rev", &commit], &says);
    let chart = format!("{folder}/Chart.yaml");
    let other = (chart.as_str(), "appVersion: 1.2.2", "appVersion: 1.2.3");
    mends(&scratch, &["fix", "--staged"], 1, &[crate::MENDED[0], crate::MENDED[1], other]);
    assert_eq!(scratch.git(["diff", "--name-only"]).stdout, "");
}

#[test]
fn names_that_are_no_text_are_no_panic() {
    let scratch = project();
    let strange = scratch.path().join("charts/a").join(OsStr::from_bytes(b"\xff\xfe.yaml"));
    if fs::write(&strange, "x").is_err() {
        crate::lacks("a file system that takes any bytes for a name", false);
        return;
    }
    let strange_chart = scratch.path().join("charts").join(OsStr::from_bytes(b"\xff"));
    fs::create_dir(&strange_chart).unwrap();
    fs::write(strange_chart.join("values.yaml"), "").unwrap();
    let log = scratch.path().join("docs/CHANGELOG").join(OsStr::from_bytes(b"CHANGELOG-\xff.md"));
    fs::write(log, "").unwrap();
    let looks = |args: &[&str]| {
        let ran = run(scratch.relguard_command(args)).exits(1);
        assert!(
            ran.stdout.contains("appVersion is 1.2.2") && ran.stderr.is_empty(),
            "{}{}",
            ran.stdout,
            ran.stderr
        );
    };
    looks(&["check"]);
    scratch.git(["add", "--all"]);
    looks(&["check", "--staged"]);
    scratch.git(["commit", "--quiet", "--message", "x"]);
    looks(&["check", "--rev", "HEAD"]);
    scratch.git(["update-index", "--split-index"]);
    looks(&["check", "--staged"]);
    run(scratch.relguard_command(&["fix", "--staged"])).exits(0);
    // The index keeps them.
    let listed = scratch.git(["-c", "core.quotePath=true", "ls-files", "charts"]).stdout;
    assert!(listed.contains("\\377\\376.yaml") && listed.contains("charts/\\377/values.yaml"), "{listed}");
}

#[test]
fn a_folder_is_a_folder_whatever_its_name() {
    let scratch = project();
    run(scratch.relguard_command(&["fix"])).exits(0);
    scratch.write("charts/a\\b/README", "no chart").write("charts/c:d/README", "no chart");
    refuses(&scratch, &["check"], 0, &["1 chart checked, nothing found"]);
    scratch.write("charts/a\\b/Chart.yaml", scratch.read(CHART));
    refuses(&scratch, &["check"], 0, &["2 charts checked, nothing found"]);
}

#[test]
fn names_of_refs_can_not_steer() {
    let scratch = project();
    let branch = "release-9.9-\u{202e}\u{2066}x";
    scratch.git(["checkout", "--quiet", "-b", branch]);
    refuses(&scratch, &["check"], 1, &[]);
    refuses(&scratch, &["check", "--rev", branch], 1, &["release-9.9-\\u{202e}\\u{2066}x"]);
    let ran = refuses(&scratch, &["check", "--rev", branch, "--format", "json"], 1, &[]);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(report["findings"][0]["subject"]["name"], branch);
    refuses(&scratch, &["check", "--rev", "no\u{1b}[31m\u{202e}"], 2, &["`no\\u{1b}[31m\\u{202e}`"]);
    refuses(&scratch, &["check", "--against", "no\u{1b}[31m\u{202e}"], 2, &["`no\\u{1b}[31m\\u{202e}`"]);
}

#[test]
fn arguments_can_not_steer() {
    let scratch = project();
    for args in [
        &["-C", "no\u{1b}[31m\u{202e}", "check"] as &[&str],
        &["--config", "no\u{1b}[31m\u{202e}", "check"],
        &["explain", "no\u{1b}[31m\u{202e}"],
    ] {
        let ran = run(scratch.relguard_command(args)).exits(2);
        assert_eq!(ran.stdout, "");
        assert!(ran.stderr.contains("no\\u{1b}[31m\\u{202e}"), "{}", ran.stderr);
        assert!(!ran.stderr.contains(['\u{1b}', '\u{202e}']), "{}", ran.stderr);
    }
}
