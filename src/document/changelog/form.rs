//! The form of a new section: the project's own format sample, else the built-in one.

use std::fmt::Write as _;

use super::Changelog;
use crate::document::markdown::headings;
use crate::domain::text::line_break;
use crate::domain::{MinorLine, Version};

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
}

impl Form {
    /// The form that a project's format sample shows; `None` where it holds no section.
    pub fn of_sample(sample: &Changelog) -> Option<Self> {
        let section = sample.sections().first()?;
        let text = &sample.source().text;
        Some(Self {
            preamble: text.get(..section.range.start)?.to_owned(),
            section: text.get(section.range.clone())?.to_owned(),
            level: section.level,
            own: true,
        })
    }

    /// The form of a project that keeps no sample. `web` is the address of its page on the forge.
    pub fn built_in(web: Option<&str>) -> Self {
        let mut section = format!("# v{STAND_IN}\n## Downloads for v{STAND_IN}\n\n");
        let _ = match web {
            Some(web) => writeln!(
                section,
                "Download v{STAND_IN} in the [v{STAND_IN} release page]({web}/releases/tag/v{STAND_IN})."
            ),
            None => writeln!(section, "Download v{STAND_IN} in its release page."),
        };
        let _ = write!(
            section,
            "\n## Changelog since v{STAND_IN}\n### Changes by Kind\n#### Bug Fixes\nNone.\n\n#### Others\nNone.\n"
        );
        let preamble = "<!-- START doctoc generated TOC please keep comment here to allow auto update -->\n\
            <!-- DON'T EDIT THIS SECTION, INSTEAD RE-RUN doctoc TO UPDATE -->\n\
            **Table of Contents**  *generated with [DocToc](https://github.com/thlorenz/doctoc)*\n\n\
            <!-- END doctoc generated TOC please keep comment here to allow auto update -->\n\n";
        Self { preamble: preamble.to_owned(), section, level: 1, own: false }
    }

    /// A new changelog that holds the section of one release, its table of contents filled in.
    pub fn new_file(&self, release: &Release) -> String {
        let section = self.section_text(release);
        let preamble = fill(&self.preamble, release);
        let text = format!("{preamble}{}{}", section.trim_end(), line_break(&preamble));
        let parsed = headings(&text);
        match super::Toc::find(&text, &parsed) {
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
        let text = self.section_text(release);
        let Some(example) = log.sections().first() else { return text.trim_end().to_owned() };
        let mut text = shift_headings(&text, self.level, example.level);
        if !self.own {
            let title = log.source().text.get(example.title.clone()).unwrap_or_default();
            let version = release.version.to_string();
            let heading = headings(&text).into_iter().next();
            if let Some(heading) = heading {
                text.replace_range(heading.text_range, &like(title, &version));
            }
        }
        text.trim_end().replace("\r\n", "\n").replace('\n', line_break(&log.source().text))
    }

    /// The lines that every section has, whatever was released: what stands in the sample.
    pub fn standing_lines(&self, release: &Release) -> Vec<String> {
        self.section_text(release).lines().map(|line| line.trim().to_owned()).collect()
    }

    fn section_text(&self, release: &Release) -> String {
        fill(&self.section, release)
    }
}

/// A heading's text for another version, with the `[`, `]` and `v` of an example.
fn like(example: &str, version: &str) -> String {
    let (open, rest) = example.strip_prefix('[').map_or(("", example), |rest| ("[", rest));
    let v = if rest.starts_with('v') { "v" } else { "" };
    let close = if open.is_empty() { "" } else { "]" };
    format!("{open}{v}{version}{close}")
}

/// Puts a release in the place of 0.0.0: the release before it after the word `since` and at the left
/// end of a compare link, the release itself everywhere else. With no release before it, `since` goes.
fn fill(sample: &str, release: &Release) -> String {
    let version = release.version.to_string();
    let anchor = |text: &str| text.replace(['.', '+'], "");
    let mut out = String::new();
    let mut rest = sample;
    while let Some(at) = rest.find(STAND_IN) {
        let (head, tail) = rest.split_at(at);
        let tail = tail.strip_prefix(STAND_IN).unwrap_or_default();
        let bare = head.strip_suffix('v').unwrap_or(head);
        let since = bare.trim_end().to_lowercase().ends_with("since") && bare.ends_with(' ');
        let compare = tail.starts_with("...");
        match (&release.previous, since || compare) {
            (Some(previous), true) => {
                out.push_str(head);
                out.push_str(&previous.to_string());
            }
            (None, true) if since => {
                let words = bare.trim_end();
                out.push_str(words.get(..words.len() - "since".len()).unwrap_or_default().trim_end());
            }
            (None, true) => {
                out.push_str(head);
                out.push_str(STAND_IN);
            }
            (_, false) => {
                out.push_str(head);
                out.push_str(&version);
            }
        }
        rest = tail;
    }
    out.push_str(rest);
    // Anchors of hand-kept lists: `#v000`.
    out.replace("#v000", &format!("#v{}", anchor(&version)))
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
    match (version.patch, line.minor) {
        (0, 0) => None,
        (0, minor) => Some(Version::new(line.major, minor - 1, 0)),
        (patch, _) => Some(Version::new(line.major, line.minor, patch - 1)),
    }
}

impl Release {
    /// The release of a version, with the one before it: the newest lower one that is known, else the
    /// one that the numbers name.
    pub fn after<'a>(version: &Version, known: impl IntoIterator<Item = &'a Version>) -> Self {
        let lower = known
            .into_iter()
            .filter(|other| *other < version && (other.pre.is_empty() || !version.pre.is_empty()));
        let line = MinorLine::from(version);
        // A x.y.0 goes on from x.(y-1).0: what its z releases brought came from there as well.
        let fits = |other: &&Version| {
            version.patch > 0
                || other.patch == 0
                || !version.pre.is_empty()
                || MinorLine::from(*other) == line
        };
        let previous = lower.filter(fits).max().cloned().or_else(|| version_before(version));
        Self { version: version.clone(), previous }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{RepoPath, SourceText, parse_version};

    fn log(text: &str) -> Changelog {
        Changelog::parse(&std::sync::Arc::new(SourceText { path: RepoPath::default(), text: text.into() }))
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
    fn the_built_in_form_fits_into_a_file_of_another_look() {
        let form = Form::built_in(Some("https://x/y"));
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
        assert_eq!(before("0.1.0"), Some("0.0.0".into()));
    }
}
