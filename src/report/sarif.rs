//! The SARIF 2.1.0 of `--format sarif`, for code scanning: types of its own, as far as they are filled.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write as _;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::json::escape_text;
use super::words::{help, kind, severity};
use crate::config::CONFIG_FILE;
use crate::domain::text::visible;
use crate::domain::{RepoPath, SortedMap, order};
use crate::engine::Report;
use crate::finding::{Edit, Finding, Fix, Location, Related, Safety, Severity, Subject, SubjectKind};
use crate::rules::{RULES, Rule};

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// What paths are relative to; whoever reads the log knows where the repository lies.
const ROOT: &str = "%SRCROOT%";

/// The way in which fingerprints are made. Another way needs another name, or readers take what they know
/// for gone and the same for new.
const FINGERPRINT: &str = "relguard/v1";

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool,
    invocations: [Invocation; 1],
    original_uri_base_ids: Map<ArtifactRoot>,
    column_kind: &'static str,
    results: Vec<ResultOut<'a>>,
}

type Map<T> = SortedMap<&'static str, T>;

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    version: &'static str,
    semantic_version: &'static str,
    information_uri: &'static str,
    rules: Vec<RuleOut>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RuleOut {
    id: &'static str,
    short_description: Text<'static>,
    /// GitHub asks for it as well.
    full_description: Text<'static>,
    help_uri: String,
    help: Page,
    default_configuration: Configuration,
}

#[derive(Serialize)]
struct Page {
    text: &'static str,
    markdown: &'static str,
}

#[derive(Serialize)]
struct Configuration {
    enabled: bool,
    level: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
}

#[derive(Serialize)]
struct ArtifactRoot {
    description: Text<'static>,
}

#[derive(Serialize)]
struct Text<'a> {
    text: Cow<'a, str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultOut<'a> {
    rule_id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Text<'a>,
    locations: [LocationOut<'a>; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<LocationOut<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<FixOut<'a>>,
    partial_fingerprints: Map<String>,
    suppressions: Vec<Suppression<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LocationOut<'a> {
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logical_locations: Vec<LogicalLocation<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    uri: String,
    uri_base_id: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
struct LogicalLocation<'a> {
    name: Cow<'a, str>,
    kind: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FixOut<'a> {
    description: Text<'a>,
    artifact_changes: Vec<Change<'a>>,
    properties: FixProperties,
}

#[derive(Serialize)]
struct FixProperties {
    safety: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Change<'a> {
    artifact_location: Artifact,
    replacements: Vec<Replacement<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement<'a> {
    deleted_region: ByteRegion,
    inserted_content: Content<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ByteRegion {
    byte_offset: usize,
    byte_length: usize,
}

/// Goes back into a file, so it is exact.
#[derive(Serialize)]
struct Content<'a> {
    text: &'a str,
}

#[derive(Serialize)]
struct Suppression<'a> {
    kind: &'static str,
    status: &'static str,
    justification: Cow<'a, str>,
}

/// The report as a SARIF log.
pub fn render(report: &Report) -> String {
    let mut seen = HashMap::new();
    let run = Run {
        tool: Tool { driver: driver() },
        invocations: [Invocation { execution_successful: true }],
        original_uri_base_ids: Map::from([(
            ROOT,
            ArtifactRoot { description: text("The repository's root.") },
        )]),
        column_kind: "unicodeCodePoints",
        results: report.findings.iter().map(|finding| result(finding, &mut seen)).collect(),
    };
    escape_text(&Log { schema: SCHEMA, version: "2.1.0", runs: [run] })
}

fn driver() -> Driver {
    let version = env!("CARGO_PKG_VERSION");
    Driver {
        name: env!("CARGO_PKG_NAME"),
        version,
        semantic_version: version,
        information_uri: env!("CARGO_PKG_HOMEPAGE"),
        rules: RULES.iter().map(|rule| self::rule(rule)).collect(),
    }
}

fn rule(rule: &Rule) -> RuleOut {
    let meta = &rule.meta;
    RuleOut {
        id: meta.id,
        short_description: text(meta.summary),
        full_description: text(meta.summary),
        help_uri: format!("{}/blob/main/docs/rules/{}.md", env!("CARGO_PKG_REPOSITORY"), meta.id),
        help: Page { text: meta.page(), markdown: meta.page() },
        // A rule that is off has a weight only once a config turns it on.
        default_configuration: Configuration {
            enabled: meta.severity.is_some(),
            level: severity(meta.severity.unwrap_or(Severity::Error)),
        },
    }
}

fn result<'a>(finding: &'a Finding, seen: &mut HashMap<String, usize>) -> ResultOut<'a> {
    let mut message = visible(&finding.message).into_owned();
    if let Some(help) = help(finding) {
        let _ = write!(message, "\nhelp: {help}");
    }
    let suppression =
        |reason| Suppression { kind: "external", status: "accepted", justification: visible(reason) };
    ResultOut {
        rule_id: finding.rule,
        rule_index: RULES.iter().position(|rule| rule.meta.id == finding.rule),
        level: severity(finding.severity),
        message: text(message),
        locations: [place(finding)],
        related_locations: finding.related.iter().map(related).collect(),
        fixes: finding.fix.iter().filter(|fix| !fix.edits.is_empty()).map(fix).collect(),
        partial_fingerprints: Map::from([(FINGERPRINT, fingerprint(finding, seen))]),
        // Empty where nothing is accepted: without the list, a reader could not tell.
        suppressions: finding.excepted.as_deref().map(suppression).into_iter().collect(),
    }
}

/// A message as readers show it: `](` would make a link of what stands in brackets before it.
fn text<'a>(text: impl Into<Cow<'a, str>>) -> Text<'a> {
    let text = text.into();
    if text.contains("](") { Text { text: text.replace("](", "\\](").into() } } else { Text { text } }
}

/// A ref is a place in no file, and so is a state that lacks one. Code scanning refuses a result without a
/// file; so such a finding lies where the project says what its refs are called and which files it has, at the
/// beginning of the config, be that there or not.
fn place(finding: &Finding) -> LocationOut<'_> {
    let subject = &finding.subject;
    let named = finding.location.is_none() || is_ref(subject);
    let logical = LogicalLocation { name: visible(&subject.name), kind: kind(subject) };
    let config = || PhysicalLocation {
        artifact_location: Artifact { uri: CONFIG_FILE.to_owned(), uri_base_id: ROOT },
        region: Region { start_line: 1, start_column: 1, end_line: 1, end_column: 1 },
    };
    LocationOut {
        physical_location: finding.location.as_ref().map_or_else(config, physical),
        logical_locations: named.then_some(logical).into_iter().collect(),
        message: None,
    }
}

fn is_ref(subject: &Subject) -> bool {
    matches!(subject.kind, SubjectKind::Branch | SubjectKind::Tag | SubjectKind::IndexBranch)
}

fn physical(location: &Location) -> PhysicalLocation {
    let (start, end) = (location.start(), location.end());
    PhysicalLocation {
        artifact_location: artifact(location.path()),
        region: Region {
            start_line: start.line,
            start_column: start.column,
            end_line: end.line,
            end_column: end.column,
        },
    }
}

fn related(related: &Related) -> LocationOut<'_> {
    LocationOut {
        physical_location: physical(&related.location),
        logical_locations: Vec::new(),
        message: Some(text(visible(&related.message))),
    }
}

fn fix(fix: &Fix) -> FixOut<'_> {
    let mut edits: Vec<&Edit> = fix.edits.iter().collect();
    order::sort_by(&mut edits, |one, other| {
        (&one.path, one.range.start).cmp(&(&other.path, other.range.start))
    });
    let changes = edits.chunk_by(|one, other| one.path == other.path).filter_map(|edits| {
        Some(Change {
            artifact_location: artifact(&edits.first()?.path),
            replacements: edits.iter().map(|edit| replacement(edit)).collect(),
        })
    });
    let safety = match fix.safety {
        Safety::Safe => "safe",
        Safety::Unsafe => "unsafe",
    };
    FixOut {
        description: text(visible(&fix.title)),
        artifact_changes: changes.collect(),
        properties: FixProperties { safety },
    }
}

fn replacement(edit: &Edit) -> Replacement<'_> {
    Replacement {
        deleted_region: ByteRegion { byte_offset: edit.range.start, byte_length: edit.range.len() },
        inserted_content: Content { text: &edit.replacement },
    }
}

/// A file by its path, in which all but plain letters is percent-encoded: a reader gets back the bytes.
fn artifact(path: &RepoPath) -> Artifact {
    let mut uri = String::with_capacity(path.as_str().len());
    for byte in path.as_str().bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => uri.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => uri.push(char::from(byte)),
            byte => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    Artifact { uri, uri_base_id: ROOT }
}

/// What makes a finding the same one in the next run: not its line, nor the commit or the name of the
/// revision that was judged. Equal ones are counted.
fn fingerprint(finding: &Finding, seen: &mut HashMap<String, usize>) -> String {
    let (rule, message, path) = finding.words();
    let name = if is_ref(&finding.subject) { finding.subject.name.as_str() } else { "" };
    let path = path.map_or("", RepoPath::as_str);
    // No part holds a NUL: refs and paths can't, and messages are escaped.
    let hash = Sha256::digest([rule, name, path, message].join("\0"));
    let mut print = hash.iter().take(16).fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    });
    let count = seen.entry(print.clone()).or_default();
    *count += 1;
    let _ = write!(print, ":{count}");
    print
}
