use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Element, Group, Level, Renderer, Snippet};

use super::words::{help, subject_at, summary};
use crate::domain::text::{BOM, is_unprintable, visible};
use crate::engine::Report;
use crate::finding::{Finding, Location, Severity, SubjectKind};

/// How many columns the reader has.
#[derive(Debug, Clone, Copy)]
pub struct Width(pub usize);

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// The findings and a summary.
    Full,
    /// The findings alone.
    Findings,
}

/// A longer excerpt than this many bytes is cut into two.
const LONGEST_EXCERPT: usize = 4096;

/// The report for people, with colours as escape sequences: excerpts of the files, then a summary.
pub fn render(report: &Report, width: Width, detail: Detail) -> String {
    let renderer = Renderer::styled().term_width(width.0);
    let mut out = String::new();
    for (number, finding) in report.findings.iter().enumerate() {
        let gap = if number == 0 { "" } else { "\n" };
        let _ = writeln!(out, "{gap}{}", renderer.render(&[group(finding)]));
    }
    if detail == Detail::Full {
        let gap = if report.findings.is_empty() { "" } else { "\n" };
        let _ = writeln!(out, "{gap}{}", summary(report));
    }
    out
}

fn group(finding: &Finding) -> Group<'_> {
    let level = match (&finding.excepted, finding.severity) {
        (Some(_), _) => Level::NOTE,
        (None, Severity::Error) => Level::ERROR,
        (None, Severity::Warning) => Level::WARNING,
    };
    let mut group =
        level.primary_title(finding.message.as_str()).id(finding.rule).elements(excerpts(finding));
    match finding.subject.kind {
        SubjectKind::Worktree | SubjectKind::Index => {}
        _ => group = group.element(Level::NOTE.message(subject_at(&finding.subject))),
    }
    if let Some(reason) = &finding.excepted {
        group = group.element(Level::NOTE.message(format!("accepted: {}", visible(reason))));
    }
    if let Some(help) = help(finding) {
        group = group.element(Level::HELP.message(help));
    }
    group
}

/// A place in a file: what is marked there, and as what.
struct Mark<'a> {
    location: &'a Location,
    label: Option<Cow<'a, str>>,
    kind: AnnotationKind,
}

/// What should stand at the place, where the fix is to write just that.
fn wanted(finding: &Finding, location: &Location) -> Option<String> {
    let [edit] = finding.fix.as_ref()?.edits.as_slice() else { return None };
    let same = edit.path == *location.path() && edit.range == location.range && !edit.range.is_empty();
    let short = !edit.replacement.is_empty() && !edit.replacement.contains('\n');
    (same && short).then(|| format!("should be {}", visible(&edit.replacement)))
}

/// The places of a finding, those of one file together where they are near.
fn excerpts(finding: &Finding) -> Vec<Element<'_>> {
    let primary = finding.location.iter().map(|location| Mark {
        location,
        label: wanted(finding, location).map(Cow::Owned),
        kind: AnnotationKind::Primary,
    });
    let related = finding.related.iter().map(|related| Mark {
        location: &related.location,
        label: Some(visible(&related.message)),
        kind: AnnotationKind::Context,
    });
    let mut excerpts: Vec<(Range<usize>, Vec<Mark<'_>>)> = Vec::new();
    for mark in primary.chain(related) {
        let lines = lines_around(&mark.location.source.text, &mark.location.range);
        let near = excerpts.iter_mut().find(|(range, marks)| {
            let same_file = marks.first().is_some_and(|first| first.location.path() == mark.location.path());
            same_file && lines.end.max(range.end) - lines.start.min(range.start) < LONGEST_EXCERPT
        });
        match near {
            Some((range, marks)) => {
                *range = lines.start.min(range.start)..lines.end.max(range.end);
                marks.push(mark);
            }
            None => excerpts.push((lines, vec![mark])),
        }
    }
    excerpts.into_iter().filter_map(|(range, marks)| excerpt(range, &marks)).collect()
}

fn excerpt<'a>(range: Range<usize>, marks: &[Mark<'a>]) -> Option<Element<'a>> {
    let location = marks.first()?.location;
    let path = visible(location.path().as_str());
    let text = location.source.text.get(range.clone()).filter(|text| !text.is_empty());
    let Some(text) = text else { return Some(annotate_snippets::Origin::path(path).into()) };
    let snippet: Snippet<'a, Annotation<'a>> =
        Snippet::source(shown(text)).line_start(location.source.position(range.start).line).path(path);
    let annotations = marks.iter().map(|mark| {
        let at = &mark.location.range;
        let (start, end) = (at.start.saturating_sub(range.start), at.end.saturating_sub(range.start));
        let annotation = mark.kind.span(start.min(text.len())..end.min(text.len()));
        match &mark.label {
            Some(label) => annotation.label(label.clone()),
            None => annotation,
        }
    });
    Some(snippet.annotations(annotations).into())
}

/// A text in which what steers a terminal is replaced, byte for byte, so that places in it stay where
/// they are; the renderer itself shows the control characters of ASCII.
fn shown(text: &str) -> Cow<'_, str> {
    let steers = |c: char| c.len_utf8() > 1 && is_unprintable(c);
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let replaced = |c: char| match c.len_utf8() {
        _ if !steers(c) => c,
        2 => '\u{a4}',
        _ => '\u{fffd}',
    };
    Cow::Owned(text.chars().map(replaced).collect())
}

/// The whole lines that a range touches, without a byte-order mark and without the last line break.
fn lines_around(text: &str, range: &Range<usize>) -> Range<usize> {
    let head = text.get(..range.start).unwrap_or_default();
    let start = head.rfind('\n').map_or(0, |at| at + 1);
    let start = if start == 0 && text.starts_with(BOM) { BOM.len_utf8() } else { start };
    let tail = text.get(range.end..).unwrap_or_default();
    let line = tail.find('\n').map_or(tail, |at| tail.split_at(at).0);
    let end = range.end + line.trim_end_matches('\r').len();
    start.min(end)..end
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::{RepoPath, SourceText};
    use crate::engine::Judged;
    use crate::finding::{Edit, Fix, Subject};

    /// A finding at the first `marked` of a text.
    fn report(text: &str, marked: &str) -> Report {
        let path = RepoPath::parse("charts/a/Chart.yaml").unwrap();
        let source = Arc::new(SourceText::new(path.clone(), text.to_owned()));
        let start = text.find(marked).unwrap();
        let range = start..start + marked.len();
        let edit = Edit { path, range: range.clone(), replacement: "1.0.1".to_owned() };
        let finding = Finding {
            rule: "chart/app-version",
            severity: Severity::Error,
            message: "appVersion is 1.0.0, but version is 1.0.1".to_owned(),
            help: None,
            subject: Subject::worktree(),
            location: Some(Location::new(&source, range)),
            related: Vec::new(),
            fix: Some(Fix::safe("set it", vec![edit])),
            excepted: None,
        };
        Report { scope: "worktree", findings: vec![finding], judged: Judged::charts(1) }
    }

    fn plain(report: &Report, width: usize) -> String {
        anstream::adapter::strip_str(&render(report, Width(width), Detail::Findings)).to_string()
    }

    #[test]
    fn a_long_line_is_cut_around_the_mark_in_a_narrow_terminal() {
        let text = format!("a: {}, appVersion: 1.0.0, b: {}\n", "x".repeat(90), "y".repeat(90));
        let narrow = plain(&report(&text, "1.0.0"), 40);
        let excerpt: Vec<&str> = narrow.lines().filter(|line| line.contains('|')).collect();
        let wide = excerpt.iter().filter(|line| line.chars().count() > 40).count();
        assert_eq!(wide, 0, "{narrow}");
        let mark = |line: &str| line.chars().position(|c| c == '^').map(|at| at..at + 5);
        let at = excerpt.iter().find_map(|line| mark(line)).unwrap();
        let shown = excerpt.iter().find(|line| line.contains("1.0.0")).unwrap();
        assert_eq!(shown.chars().skip(at.start).take(5).collect::<String>(), "1.0.0", "{narrow}");
        assert!(plain(&report(&text, "1.0.0"), 300).contains(&"y".repeat(90)));
    }

    #[test]
    fn a_mark_stands_under_its_value_behind_wide_characters_and_a_byte_order_mark() {
        let shown = plain(&report("\u{feff}値: é, appVersion: 1.0.0\r\n", "1.0.0"), 40);
        assert!(shown.contains("--> charts/a/Chart.yaml:1:19\n"), "{shown}");
        assert!(shown.contains("\n1 | 値: é, appVersion: 1.0.0\n"), "{shown}");
        assert!(shown.contains("\n  |                    ^^^^^ should be 1.0.1\n"), "{shown}");
    }

    #[test]
    fn a_place_without_text_is_its_path() {
        let mut report = report("a", "a");
        report.findings[0].location = Some(Location::file(&RepoPath::parse("gone/\u{1b}[31m.md").unwrap()));
        let shown = plain(&report, 40);
        assert!(shown.contains("gone/\\u{1b}[31m.md"), "{shown}");
    }
}
