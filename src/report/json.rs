//! The JSON of `--format json`: types of its own, so that nothing inside can change it by accident.

use std::borrow::Cow;
use std::io;

use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter};

use super::words::{kind, severity};
use crate::domain::text::{is_unprintable, visible};
use crate::engine::Report;
use crate::finding::{Edit, Finding, Fix, Location, Related, Safety, Subject};

/// The version of this form. It changes when a reader of the old one would go wrong.
const SCHEMA_VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    tool: Tool,
    scope: &'static str,
    findings: Vec<FindingOut<'a>>,
    summary: Summary,
}

/// Who wrote a document.
#[derive(Serialize)]
pub struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct FindingOut<'a> {
    rule: &'static str,
    severity: &'static str,
    message: &'a str,
    help: Option<&'a str>,
    subject: SubjectOut<'a>,
    location: Option<LocationOut<'a>>,
    related: Vec<RelatedOut<'a>>,
    fix: Option<FixOut<'a>>,
    excepted: Option<Cow<'a, str>>,
}

#[derive(Serialize)]
struct SubjectOut<'a> {
    kind: &'static str,
    name: &'a str,
    commit: Option<String>,
}

#[derive(Serialize)]
struct LocationOut<'a> {
    path: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
struct RelatedOut<'a> {
    message: Cow<'a, str>,
    location: LocationOut<'a>,
}

#[derive(Serialize)]
struct FixOut<'a> {
    safety: &'static str,
    title: Cow<'a, str>,
    edits: Vec<EditOut<'a>>,
}

#[derive(Serialize)]
struct EditOut<'a> {
    path: &'a str,
    start_byte: usize,
    end_byte: usize,
    replacement: &'a str,
}

#[derive(Serialize)]
struct Summary {
    errors: usize,
    warnings: usize,
    fixable: usize,
    excepted: usize,
    judged: Judged,
}

#[derive(Serialize)]
struct Judged {
    charts: usize,
    branches: usize,
    tags: usize,
}

impl Tool {
    /// This program.
    pub fn this() -> Self {
        Self { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") }
    }
}

/// Findings as every document holds them.
pub fn findings(findings: &[Finding]) -> impl Serialize {
    findings.iter().map(finding).collect::<Vec<_>>()
}

/// The report as JSON, with a line break at its end.
pub fn render(report: &Report) -> String {
    let document = Document {
        schema_version: SCHEMA_VERSION,
        tool: Tool::this(),
        scope: report.scope,
        findings: report.findings.iter().map(finding).collect(),
        summary: Summary {
            errors: report.errors(),
            warnings: report.warnings(),
            fixable: report.fixable(),
            excepted: report.excepted(),
            judged: Judged {
                charts: report.judged.charts,
                branches: report.judged.branches,
                tags: report.judged.tags,
            },
        },
    };
    escape_text(&document)
}

/// Any value as JSON in which no text can steer a terminal: control and bidirectional characters are
/// written as `\u` escapes, which read back as the same text.
pub fn escape_text(value: &impl Serialize) -> String {
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Escaping(PrettyFormatter::new()));
    // Writing to memory fails for no value that is made here; nothing is better than half a document.
    if value.serialize(&mut serializer).is_err() {
        return String::new();
    }
    let mut text = String::from_utf8(bytes).unwrap_or_default();
    text.push('\n');
    text
}

fn finding(finding: &Finding) -> FindingOut<'_> {
    FindingOut {
        rule: finding.rule,
        severity: severity(finding.severity),
        message: &finding.message,
        help: finding.help.as_deref(),
        subject: subject(&finding.subject),
        location: finding.location.as_ref().map(location),
        related: finding.related.iter().map(related).collect(),
        fix: finding.fix.as_ref().map(fix),
        excepted: finding.excepted.as_deref().map(visible),
    }
}

fn subject(subject: &Subject) -> SubjectOut<'_> {
    SubjectOut {
        kind: kind(subject),
        name: &subject.name,
        commit: subject.commit.map(|commit| commit.to_string()),
    }
}

fn location(location: &Location) -> LocationOut<'_> {
    let (start, end) = (location.start(), location.end());
    LocationOut {
        path: location.path().as_str(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}

fn related(related: &Related) -> RelatedOut<'_> {
    RelatedOut { message: visible(&related.message), location: location(&related.location) }
}

fn fix(fix: &Fix) -> FixOut<'_> {
    let safety = match fix.safety {
        Safety::Safe => "safe",
        Safety::Unsafe => "unsafe",
    };
    FixOut { safety, title: visible(&fix.title), edits: fix.edits.iter().map(edit).collect() }
}

fn edit(edit: &Edit) -> EditOut<'_> {
    EditOut {
        path: edit.path.as_str(),
        start_byte: edit.range.start,
        end_byte: edit.range.end,
        replacement: &edit.replacement,
    }
}

struct Escaping<'a>(PrettyFormatter<'a>);

impl Formatter for Escaping<'_> {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut plain = fragment;
        while let Some(at) = plain.find(is_unprintable) {
            let (head, tail) = plain.split_at(at);
            writer.write_all(head.as_bytes())?;
            let mut chars = tail.chars();
            let mut units = [0; 2];
            for unit in chars.next().unwrap_or_default().encode_utf16(&mut units) {
                write!(writer, "\\u{unit:04x}")?;
            }
            plain = chars.as_str();
        }
        writer.write_all(plain.as_bytes())
    }

    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_can_not_steer_a_terminal_and_read_back_the_same() {
        let text = "a\u{1b}[31m\u{202e}b\u{85}ü\u{7f}";
        let json = escape_text(&text);
        assert_eq!(json, "\"a\\u001b[31m\\u202eb\\u0085ü\\u007f\"\n");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }
}
