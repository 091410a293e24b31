//! The form of a new section: the project's own format sample, else the built-in one.

use std::fmt::Write as _;

use super::{Changelog, Kind};
use crate::document::markdown::{Heading, headings, outline};
use crate::domain::text::line_break;
use crate::domain::{MinorLine, SortedSet, Version, parse_version, strip_v};

/// The version that stands for the release in a format sample.
const STAND_IN: &str = "0.0.0";

/// What a release is called, and what came before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The release that the section is for.
    pub version: Version,
    /// The release before it; `None` for the first one.
    pub previous: Option<Version>,
}

/// How new files and sections look.
#[derive(Debug, Clone)]
pub struct Form {
    /// What stands above the first section.
    preamble: String,
    /// One section, for version 0.0.0.
    section: String,
    /// The level of the section's heading.
    level: usize,
    /// Whether the project wrote it.
    own: bool,
    /// Whether it is the section of one release already, in which no 0.0.0 stands for anything.
    filled: bool,
}

impl Form {
    /// The form that a project's format sample shows; `None` where it holds no section for 0.0.0.
    pub fn of_sample(sample: &Changelog) -> Option<Self> {
        let section = sample.sections().iter().find(|section| section.version == Version::new(0, 0, 0))?;
        let text = &sample.source().text;
        Some(Self {
            preamble: text.get(..section.range.start)?.to_owned(),
            section: text.get(section.range.clone())?.to_owned(),
            level: section.level,
            own: true,
            filled: false,
        })
    }

    /// The same for a section that is written already, as it stands in a text of its own.
    #[must_use]
    pub fn with_section(&self, section: String, level: usize) -> Self {
        Self { preamble: self.preamble.clone(), section, level, own: true, filled: true }
    }

    /// The form of a project that keeps no sample. `page` is the address of the release page of v0.0.0.
    pub fn built_in(page: Option<&str>) -> Self {
        let mut section =
            format!("# v{STAND_IN}\n## Downloads for v{STAND_IN}\n\nDownload v{STAND_IN} in the ");
        let _ = match page {
            Some(page) => writeln!(section, "[v{STAND_IN} release page]({page})."),
            None => writeln!(section, "v{STAND_IN} release page."),
        };
        let _ = writeln!(section, "\n## Changelog since v{STAND_IN}\n### Changes by Kind");
        let kinds = ["Features", "Bug Fixes", "Others"].map(|kind| format!("#### {kind}\nNone.\n"));
        section.push_str(&kinds.join("\n"));
        let preamble = "<!-- START doctoc generated TOC please keep comment here to allow auto update -->\n\
            <!-- DON'T EDIT THIS SECTION, INSTEAD RE-RUN doctoc TO UPDATE -->\n\
            **Table of Contents**  *generated with [DocToc](https://github.com/thlorenz/doctoc)*\n\n\
            <!-- END doctoc generated TOC please keep comment here to allow auto update -->\n\n";
        Self { preamble: preamble.to_owned(), section, level: 1, own: false, filled: false }
    }

    /// A new changelog that holds the section of one release, its table of contents filled in.
    pub fn new_file(&self, release: &Release) -> String {
        let section = self.filled_for(release);
        let text = fill(&self.preamble, release) + section.trim_end() + line_break(&self.section);
        match super::Toc::find(&text, &outline(&text)) {
            Some(toc) => {
                let list = toc.render(&text);
                let (head, tail) = (text.get(..toc.range.start), text.get(toc.range.end..));
                [head.unwrap_or_default(), &list, tail.unwrap_or_default()].concat()
            }
            None => text,
        }
    }

    /// The section of a release, to stand in an existing changelog: its headings take the levels, and
    /// without a sample of the project's own the look, of the sections that are there.
    pub fn section_for(&self, release: &Release, log: &Changelog) -> String {
        let text = self.filled_for(release);
        let example = log.sections().first();
        let level = example.map_or_else(|| self.level_without_example(log), |example| example.level);
        let mut text = shift_headings(&text, self.level, level);
        if let Some(example) = example.filter(|_| !self.own) {
            let title = log.source().text.get(example.title.clone()).unwrap_or_default();
            if let Some(heading) = headings(&text).into_iter().next() {
                text.replace_range(heading.text_range, &like(title, &release.version.to_string()));
            }
        }
        text.trim_end().replace("\r\n", "\n").replace('\n', line_break(&log.source().text))
    }

    /// The level of the first section of a file: the sample's, else that of a block of what is not
    /// released yet, else one below the file's title.
    fn level_without_example(&self, log: &Changelog) -> usize {
        let headings = log.headings();
        let unreleased = headings.iter().find(|heading| heading.text.to_lowercase().contains("unreleased"));
        match (unreleased, headings.first()) {
            _ if self.own => self.level,
            (Some(unreleased), _) => unreleased.level,
            (None, Some(title)) => title.level + 1,
            (None, None) => self.level,
        }
    }

    fn filled_for(&self, release: &Release) -> String {
        if self.filled { self.section.clone() } else { fill(&self.section, release) }
    }

    /// The headings of the kinds of changes, with how far each is below the section's own.
    pub fn kinds(&self) -> Vec<(Kind, String, usize)> {
        let below = |heading: Heading| {
            let kind = Kind::of_heading(&heading.text)?;
            Some((kind, heading.text, heading.level.saturating_sub(self.level)))
        };
        headings(&self.section).into_iter().filter_map(below).collect()
    }

    /// What stands in every section, whatever was released: the patterns of the sample's lines.
    pub fn standing_lines(&self) -> SortedSet<String> {
        let first = Release { version: Version::new(0, 0, 0), previous: None };
        self.section.lines().chain(fill(&self.section, &first).lines()).map(pattern).collect()
    }
}

/// A line without what differs from release to release: versions, and where links lead.
pub fn pattern(line: &str) -> String {
    let ends = |c: char| c.is_whitespace() || "()[]<>\"'`*_,;".contains(c);
    let words = line.split(ends).filter(|word| !word.is_empty()).map(|word| {
        let word = word.trim_end_matches(['.', ':']);
        let is_version = |word: &str| parse_version(strip_v(word)).is_some();
        match word {
            _ if word.starts_with("https://") || word.starts_with("http://") => "",
            _ if word.split("...").all(is_version) => STAND_IN,
            _ => word,
        }
    });
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A heading's text for another version, with the `[`, `]` and `v` of an example.
fn like(example: &str, version: &str) -> String {
    let (open, rest) = example.strip_prefix('[').map_or(("", example), |rest| ("[", rest));
    let v = if rest.starts_with('v') { "v" } else { "" };
    let close = if open.is_empty() { "" } else { "]" };
    format!("{open}{v}{version}{close}")
}

/// What a `0.0.0` of a sample stands for.
enum StandIn {
    /// The release.
    Release,
    /// The release before it, after the word `since`; with the bytes before that word.
    Since(usize),
    /// The release before it, at the left end of a compare link; with the dots behind it.
    LeftEnd(&'static str),
    /// Nothing: it is a part of another number.
    Number,
}

/// Puts a release in the place of 0.0.0: the release before it after the word `since` and at the left
/// end of a compare link, the release itself everywhere else. With no release before it, `since` goes,
/// and a link that compares shows all commits.
fn fill(sample: &str, release: &Release) -> String {
    let version = release.version.to_string();
    let mut out = String::new();
    let mut rest = sample;
    while let Some((head, tail)) = rest.split_once(STAND_IN) {
        out.push_str(head);
        rest = tail;
        match (stand_in(&out, tail), &release.previous) {
            (StandIn::Number, _) => out.push_str(STAND_IN),
            (StandIn::Release, _) => out.push_str(&version),
            (StandIn::Since(_) | StandIn::LeftEnd(_), Some(previous)) => out.push_str(&previous.to_string()),
            (StandIn::Since(before), None) => {
                out.truncate(before);
                rest = behind_link(tail);
            }
            (StandIn::LeftEnd(dots), None) => {
                let start = out.rfind(['/', '[', '(', ' ', '`', '\n']).map_or(0, |at| at + 1);
                out.truncate(start);
                if let Some(address) = out.strip_suffix("compare/").map(str::len) {
                    out.replace_range(address.., "commits/");
                }
                rest = tail.strip_prefix(dots).unwrap_or(tail);
            }
        }
    }
    out.push_str(rest);
    // Anchors of hand-kept lists: `#v000`.
    out.replace("#v000", &format!("#v{}", version.replace(['.', '+'], "")))
}

/// What a `0.0.0` between two texts stands for.
fn stand_in(before: &str, after: &str) -> StandIn {
    let is_digit = |c: char| c.is_ascii_digit();
    let goes_on = |text: &str| text.starts_with(is_digit);
    let number_before = before.strip_suffix('.').unwrap_or(before).ends_with(is_digit);
    if number_before || goes_on(after) || after.strip_prefix('.').is_some_and(goes_on) {
        return StandIn::Number;
    }
    let dots = ["...", ".."].into_iter().find(|dots| after.starts_with(dots));
    if let Some(dots) = dots
        .filter(|dots| after.get(dots.len()..).is_some_and(|right| right.starts_with(char::is_alphanumeric)))
    {
        return StandIn::LeftEnd(dots);
    }
    // In `since [v0.0.0](…/v0.0.0)` both are the release before.
    let text_of_link = before.rsplit_once("](").filter(|(_, target)| !target.contains([')', ' ', '\n']));
    let before = text_of_link.and_then(|(text, _)| text.rsplit_once('[')).map_or(before, |(text, _)| text);
    end_before_since(before).map_or(StandIn::Release, StandIn::Since)
}

/// Where a text ends without the word `since` that it ends with.
fn end_before_since(text: &str) -> Option<usize> {
    let marks = ['[', '`', '*', '_', '(', '"'];
    let text = text.strip_suffix('v').unwrap_or(text).trim_end_matches(marks);
    let word = text.trim_end_matches([' ', '\t', '\n', '\r']);
    if word.len() == text.len() && !text.is_empty() {
        return None;
    }
    let word = word.trim_end_matches(marks);
    let start = word.len().checked_sub("since".len())?;
    let is_since = word.get(start..).is_some_and(|word| word.eq_ignore_ascii_case("since"));
    let before = word.get(..start).filter(|before| is_since && !before.ends_with(char::is_alphanumeric))?;
    Some(before.trim_end_matches(marks).trim_end_matches(' ').len())
}

/// What follows the text and the target of a link, and marks around it.
fn behind_link(text: &str) -> &str {
    let rest = match text.strip_prefix("](").and_then(|target| target.split_once(')')) {
        Some((_, rest)) => rest,
        None => text,
    };
    rest.trim_start_matches([']', '`', '*', '_', ')', '"'])
}

/// The text with the level of every heading moved by the difference of two levels, 1 to 6.
fn shift_headings(text: &str, from: usize, to: usize) -> String {
    if from == to {
        return text.to_owned();
    }
    let mut out = text.to_owned();
    for heading in headings(text).into_iter().rev() {
        let level = (heading.level + to).saturating_sub(from).clamp(1, 6);
        let line = format!("{} {}{}", "#".repeat(level), heading.text, line_break(text));
        out.replace_range(heading.range, &line);
    }
    out
}

/// The release before one, as far as versions alone can say; `None` for what may be the first.
fn version_before(version: &Version) -> Option<Version> {
    let line = MinorLine::from(version);
    let before = match (version.patch, line.minor) {
        (0, 0) => None,
        (0, minor) => Some(Version::new(line.major, minor - 1, 0)),
        (patch, _) => Some(Version::new(line.major, line.minor, patch - 1)),
    };
    // Nobody releases what stands for a version.
    before.filter(|before| *before != Version::new(0, 0, 0))
}

impl Release {
    /// The release of a version, with the one before it: the newest lower one that is known, else the
    /// one that the numbers name.
    pub fn after<'a>(version: &Version, known: impl IntoIterator<Item = &'a Version>) -> Self {
        let lower = known
            .into_iter()
            .filter(|other| *other < version && (other.pre.is_empty() || !version.pre.is_empty()));
        let line = MinorLine::from(version);
        // A x.y.0, and what leads to it, goes on from x.(y-1).0: what the z releases brought came from
        // there as well.
        let fits =
            |other: &&Version| version.patch > 0 || other.patch == 0 || MinorLine::from(*other) == line;
        let previous = lower.filter(fits).max().cloned().or_else(|| version_before(version));
        Self { version: version.clone(), previous }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{RepoPath, SourceText, parse_version};

    fn log(text: &str) -> Changelog {
        Changelog::parse(&std::sync::Arc::new(SourceText::new(RepoPath::default(), text)))
    }

    fn release(version: &str, previous: Option<&str>) -> Release {
        Release { version: parse_version(version).unwrap(), previous: previous.and_then(parse_version) }
    }

    #[test]
    fn the_sample_is_filled_with_both_versions() {
        let sample = log(
            "Top\n\n# v0.0.0\nGet [v0.0.0](https://x/tag/v0.0.0).\n## Changelog since v0.0.0\n[all](https://x/compare/v0.0.0...v0.0.0)\n",
        );
        let form = Form::of_sample(&sample).unwrap();
        assert_eq!(
            form.new_file(&release("1.1.0", Some("1.0.0"))),
            "Top\n\n# v1.1.0\nGet [v1.1.0](https://x/tag/v1.1.0).\n## Changelog since v1.0.0\n[all](https://x/compare/v1.0.0...v1.1.0)\n"
        );
        assert!(form.new_file(&release("0.1.0", None)).contains("## Changelog\n"));
    }

    #[test]
    fn a_link_after_since_goes_with_it() {
        let sample = log(
            "# v0.0.0\nSince [`v0.0.0`](https://x/v0.0.0): [v0.0.0...v0.0.0](https://x/compare/v0.0.0...v0.0.0), 0.0.0.0, since\nv0.0.0... or v0.0.0\n",
        );
        let form = Form::of_sample(&sample).unwrap();
        assert_eq!(
            form.new_file(&release("1.1.0", Some("1.0.0"))),
            "# v1.1.0\nSince [`v1.0.0`](https://x/v1.0.0): [v1.0.0...v1.1.0](https://x/compare/v1.0.0...v1.1.0), 0.0.0.0, since\nv1.0.0... or v1.1.0\n"
        );
        let first = log(
            "# v0.0.0\n## Changes since [v0.0.0](https://x/v0.0.0)\n[v0.0.0...v0.0.0](https://x/compare/v0.0.0...v0.0.0)\n",
        );
        assert_eq!(
            Form::of_sample(&first).unwrap().new_file(&release("1.0.0", None)),
            "# v1.0.0\n## Changes\n[v1.0.0](https://x/commits/v1.0.0)\n"
        );
    }

    #[test]
    fn the_project_s_own_sample_is_the_built_in_form() {
        let page = "https://github.com/relguard/relguard/releases/tag/v0.0.0";
        let release = release("0.0.0", Some("0.0.0"));
        let sample = include_str!("../../../docs/CHANGELOG/CHANGELOG-0.0.0.md");
        assert_eq!(Form::built_in(Some(page)).new_file(&release), format!("{}\n", sample.trim_end()));
    }

    #[test]
    fn lines_that_differ_in_versions_alone_have_one_pattern() {
        let line = "**All**: [v0.0.0...v0.0.0](https://x/compare/v0.0.0...v0.0.0) for v0.0.0.";
        let made = "**All**: [v1.0.0-rc.1...v1.0.0](https://y/compare/v1.0.0-rc.1...v1.0.0) for v1.0.0.";
        assert_eq!(pattern(line), pattern(made));
        assert_ne!(pattern("Needs Helm 3.17.0."), pattern("Needs Helm."));
    }

    #[test]
    fn the_built_in_form_fits_into_a_file_of_another_look() {
        let form = Form::built_in(Some("https://x/y/releases/tag/v0.0.0"));
        let text = form.section_for(
            &release("1.1.0", Some("1.0.0")),
            &log("# Changes\r\n\r\n## [1.0.0] - 2026-01-02\r\nx\r\n"),
        );
        assert!(text.starts_with("## [1.1.0]\r\n### Downloads for v1.1.0\r\n"), "{text}");
        assert!(text.contains("##### Bug Fixes\r\nNone."), "{text}");
    }

    #[test]
    fn a_new_file_lists_its_own_headings() {
        let text = Form::built_in(None).new_file(&release("1.0.0", None));
        assert!(
            text.contains("- [v1.0.0](#v100)\n  - [Downloads for v1.0.0](#downloads-for-v100)\n"),
            "{text}"
        );
        let made = log(&text);
        assert!(made.toc().unwrap().is_current());
    }

    #[test]
    fn the_release_before_is_the_newest_of_the_line_or_the_minor_before() {
        let known: Vec<Version> =
            ["1.0.0", "1.0.3", "1.1.0-rc.1", "1.1.0"].into_iter().filter_map(parse_version).collect();
        let before = |version: &str| {
            Release::after(&parse_version(version).unwrap(), &known).previous.map(|v| v.to_string())
        };
        assert_eq!(before("1.0.4").as_deref(), Some("1.0.3"));
        assert_eq!(before("1.1.0").as_deref(), Some("1.0.0"));
        assert_eq!(before("1.1.1").as_deref(), Some("1.1.0"));
        assert_eq!(before("1.1.0-rc.2").as_deref(), Some("1.1.0-rc.1"));
        assert_eq!(before("1.1.0-alpha.0").as_deref(), Some("1.0.0"));
        assert_eq!(before("0.1.0"), None);
    }
}
