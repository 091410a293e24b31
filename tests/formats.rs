//! Every format says the same of the same findings: held against the JSON, and against the files themselves.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test that fails may panic"
)]

mod support;

#[path = "formats/github.rs"]
mod github;
#[path = "formats/junit.rs"]
mod junit;
#[path = "formats/markdown.rs"]
mod markdown;
#[path = "formats/sarif.rs"]
mod sarif;

use std::fs;

use serde_json::Value;
use support::{Ran, Scratch, run};

const FORMATS: [&str; 6] = ["human", "json", "github", "markdown", "sarif", "junit"];

/// A value that is something else in each of the formats.
const HOSTILE: &str =
    "%0A::error::x ]]> <script>|`x`*y*_z_ &amp; [l](https://e.example) ##[group]x \\e[31m\\u202e";

/// What is hostile in a file's name; the disk of other systems takes less.
#[cfg(unix)]
const FOLDER: &str = "charts/b,c:d%0A<i>|`'\u{202e}\u{1b}[31m\n::error::x ##[group]";
#[cfg(not(unix))]
const FOLDER: &str = "charts/b,c%0A`'\u{202e}##[group]";

/// Errors and a warning of the working tree, an accepted finding of a branch; columns behind characters of
/// several bytes, hostile values and names.
fn hostile() -> Scratch {
    let scratch = Scratch::new();
    scratch.write(".relguard.yaml", "");
    scratch.commit("empty");
    scratch.git(["checkout", "--quiet", "-b", "release-1.1"]);
    scratch
        .write(
            "charts/a/Chart.yaml",
            format!("{{name: größe-値-🚀, apiVersion: v2, version: 1.2.3, appVersion: \"{HOSTILE}\"}}\n"),
        )
        .write("charts/a/values.yaml", "# größe\nimage: {größe: 値🚀, tag: v1.2.2}\n")
        .write(
            &format!("{FOLDER}/Chart.yaml"),
            "apiVersion: v2\nname: b\nversion: 1.2.3\nappVersion: 1.2.2\n",
        )
        .write("docs/CHANGELOG/CHANGELOG-1.2.md", "# v1.2.3\n\n- a fix\n\n# v1.2.3\n\n- again\n")
        .write(
            ".relguard.yaml",
            format!(
                "rules: {{chart/values-sync: warning, branch/version: error}}\n\
                 exceptions: [{{rule: branch/version, on: release-1.1, reason: \"{HOSTILE}\"}}]\n"
            ),
        );
    scratch
}

/// A project in which nothing is found.
fn in_order() -> Scratch {
    let scratch = Scratch::new();
    scratch.write("charts/a/Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.0.0\nappVersion: 1.0.0\n");
    scratch.write("docs/CHANGELOG/CHANGELOG-1.0.md", "# v1.0.0\n\n- a fix\n");
    scratch
}

fn check(scratch: &Scratch, format: &str) -> Ran {
    scratch.relguard(["check", "--format", format])
}

/// The findings of the JSON report, which every format is held against.
fn findings(scratch: &Scratch) -> Vec<Value> {
    let findings = scratch.json(["check"])["findings"].as_array().unwrap().clone();
    let of = |key: &str, value: &str| findings.iter().filter(|finding| finding[key] == value).count();
    let excepted = findings.iter().filter(|finding| !finding["excepted"].is_null()).count();
    assert!(of("severity", "error") > 2 && of("severity", "warning") > 0 && excepted > 0, "{findings:?}");
    findings
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("{key}: {value}"))
}

fn number(value: &Value, key: &str) -> usize {
    usize::try_from(value[key].as_u64().unwrap_or_else(|| panic!("{key}: {value}"))).unwrap()
}

/// As reports show text from a repository, where they do not encode it.
fn shown(text: &str) -> String {
    relguard::domain::text::visible(text).into_owned()
}

/// What stands in one line of a file between two columns: characters, counted from 1.
fn marked(scratch: &Scratch, path: &str, line: usize, columns: [usize; 2]) -> String {
    let text = scratch.read(path);
    let line = text.lines().nth(line - 1).unwrap();
    line.chars().skip(columns[0] - 1).take(columns[1] - columns[0]).collect()
}

/// Where the values of `hostile` stand, whatever a format calls it.
fn assert_points_at_the_image_tag(scratch: &Scratch, line: usize, columns: [usize; 2]) {
    assert_eq!(marked(scratch, "charts/a/values.yaml", line, columns), "v1.2.2");
}

#[test]
fn no_format_prints_what_steers_a_terminal_or_the_runner() {
    let scratch = hostile();
    for format in FORMATS {
        let mut command = scratch.relguard_command(&["check", "--format", format]);
        command.env("GITHUB_ACTIONS", "true");
        let ran = run(command).exits(1);
        let steers = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!ran.stdout.contains(steers), "{format}: {:?}", ran.stdout);
        assert!(!ran.stdout.contains("##["), "{format}: {}", ran.stdout);
        let mut lines = ran.stdout.lines().map(str::trim_start).filter(|line| !line.starts_with("::: "));
        assert!(format == "github" || !lines.any(|line| line.starts_with("::")), "{format}: {}", ran.stdout);
        // Elsewhere it reads the same: JSON once it is parsed, the others byte for byte.
        let elsewhere = check(&scratch, format).stdout;
        match format {
            "human" => {}
            "json" | "sarif" => {
                let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
                assert!(read(&elsewhere) == read(&ran.stdout), "{format}");
            }
            _ => assert_eq!(elsewhere, ran.stdout, "{format}"),
        }
    }
}

#[test]
fn the_same_state_gives_the_same_bytes_on_the_screen_and_in_a_file() {
    for scratch in [hostile(), in_order()] {
        let file = scratch.outside("report");
        for format in FORMATS {
            let printed = check(&scratch, format);
            assert_eq!(check(&scratch, format).stdout, printed.stdout, "{format}");
            let args = ["check", "--format", format, "--output", "../report"];
            let ran = scratch.relguard(args).exits(printed.status);
            assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", ""), "{format}");
            assert_eq!(fs::read_to_string(&file).unwrap(), printed.stdout, "{format}");
        }
    }
}

#[test]
fn a_file_that_can_not_be_written_ends_in_2_and_stays_as_it_was() {
    let scratch = hostile();
    fs::create_dir(scratch.outside("folder")).unwrap();
    scratch.write("../folder/report", "before");
    for format in FORMATS {
        for path in ["../folder", "../folder/report/below", ""] {
            let ran = scratch.relguard(["check", "--format", format, "--output", path]).exits(2);
            assert_eq!(ran.stdout, "", "{format} {path}");
            assert!(ran.stderr.starts_with("error: "), "{format} {path}: {}", ran.stderr);
            assert!(ran.stderr.contains(path), "{format} {path}: {}", ran.stderr);
        }
        // Where nothing was judged there is no report.
        scratch
            .relguard(["check", "--rev", "none", "--format", format, "--output", "../folder/report"])
            .exits(2);
    }
    let left: Vec<_> = fs::read_dir(scratch.outside("folder")).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(fs::read_to_string(scratch.outside("folder/report")).unwrap(), "before");
}

#[test]
fn forms_of_findings_are_none_for_a_list_of_rules() {
    let scratch = in_order();
    for format in &FORMATS[2..] {
        let ran = scratch.relguard(["rules", "--format", format]).exits(2);
        assert_eq!(ran.stdout, "");
        assert!(ran.stderr.contains("--format takes human or json here"), "{}", ran.stderr);
    }
}
