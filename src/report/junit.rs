//! The JUnit XML of `--format junit`, as the schema of Ant's reports has it: a suite for each state judged,
//! a test for each finding. What has no place in a test there, warnings above all, goes to the suite's output.

use std::fmt::Write as _;

use super::words::{notes, place, subject, summary, weight};
use crate::domain::text::visible;
use crate::engine::Report;
use crate::finding::Finding;

/// The schema asks when and where the tests ran; one state gives the same bytes at any time and place.
const WHEN_AND_WHERE: &str = r#"timestamp="1970-01-01T00:00:00" hostname="localhost" time="0""#;

/// The report as XML.
pub fn render(report: &Report) -> String {
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n".to_owned();
    let suites = report.findings.chunk_by(|one, other| one.subject == other.subject);
    for (id, findings) in suites.enumerate() {
        let Some(first) = findings.first() else { continue };
        let cases = findings.iter().map(case).collect::<String>();
        let shown: String = findings.iter().filter(|finding| !finding.is_error()).map(told).collect();
        suite(&mut out, &Suite { id, name: &subject(&first.subject), findings, cases, shown }, report);
    }
    if report.findings.is_empty() {
        // A suite without a test counts as one that did not run.
        let cases = test("relguard", &summary(report), "/>");
        suite(
            &mut out,
            &Suite { id: 0, name: report.scope, findings: &[], cases, shown: String::new() },
            report,
        );
    }
    out + "</testsuites>\n"
}

struct Suite<'a> {
    id: usize,
    name: &'a str,
    findings: &'a [Finding],
    /// The tests, as XML.
    cases: String,
    /// What they say without having failed.
    shown: String,
}

fn suite(out: &mut String, suite: &Suite<'_>, report: &Report) {
    let Suite { id, name, findings, cases, shown } = suite;
    let (name, version) = (escaped(name), env!("CARGO_PKG_VERSION"));
    let tests = findings.len().max(1);
    let failures = findings.iter().filter(|finding| finding.is_error()).count();
    let counts = format!(r#"tests="{tests}" failures="{failures}" errors="0""#);
    let _ = write!(
        out,
        "  <testsuite id=\"{id}\" package=\"relguard\" name=\"{name}\" {counts} {WHEN_AND_WHERE}>
    <properties>
      <property name=\"relguard.version\" value=\"{version}\"/>
      <property name=\"relguard.scope\" value=\"{scope}\"/>
    </properties>
{cases}    <system-out>{shown}</system-out>
    <system-err></system-err>
  </testsuite>
",
        scope = escaped(report.scope),
        shown = escaped(shown),
    );
}

/// A finding as a test; only one that makes the check fail has failed.
fn case(finding: &Finding) -> String {
    let message = visible(&finding.message);
    let name = match &finding.location {
        Some(location) => format!("{}: {message}", place(location)),
        None => message.clone().into_owned(),
    };
    if !finding.is_error() {
        return test(finding.rule, &name, "/>");
    }
    let (rule, message, told) = (finding.rule, escaped(&message), escaped(&told(finding)));
    let failure =
        format!(">\n      <failure type=\"{rule}\" message=\"{message}\">{told}</failure>\n    </testcase>");
    test(rule, &name, &failure)
}

fn test(class: &str, name: &str, end: &str) -> String {
    format!("    <testcase classname=\"{}\" name=\"{}\" time=\"0\"{end}\n", escaped(class), escaped(name))
}

/// All that a finding says, on lines of their own.
fn told(finding: &Finding) -> String {
    let at = finding.location.as_ref().map(|location| format!("{}: ", place(location))).unwrap_or_default();
    let mut lines = vec![format!("{}[{}]: {at}{}", weight(finding), finding.rule, visible(&finding.message))];
    let related = finding.related.iter();
    lines.extend(
        related.map(|related| format!("note: {}: {}", place(&related.location), visible(&related.message))),
    );
    lines.extend(notes(finding));
    lines.join("\n") + "\n"
}

/// Text as XML has it, in an element or an attribute. `##[` is written apart, so that GitHub's runner finds
/// no command in it; two characters that are none for XML 1.0 are written as escapes.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.replace("##[", "#&#35;[")
}
