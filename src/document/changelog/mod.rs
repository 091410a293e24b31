//! A changelog: the sections of its releases, and its table of contents.

mod add;
mod anchor;
mod form;
mod inline;
mod kind;
mod placeholder;
mod toc;

use std::cmp::Ordering;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::markdown::{self, Heading, Outline};
use crate::domain::{SourceText, Version, parse_version, strip_v};
use crate::finding::{Edit, Location};

pub use add::{Addition, Place, Share};
pub use form::{Form, Release, pattern};
pub use inline::inline;
pub use kind::Kind;
pub use placeholder::{is_link_target, is_placeholder};
pub use toc::{Entry, Toc};

/// A changelog file.
#[derive(Debug)]
pub struct Changelog {
    source: Arc<SourceText>,
    outline: Outline,
    sections: Vec<Section>,
}

/// What a changelog says of one release.
#[derive(Debug, Clone)]
pub struct Section {
    /// The release.
    pub version: Version,
    /// The level of its heading, from 1.
    pub level: usize,
    /// The bytes of its heading's text.
    pub title: Range<usize>,
    /// The bytes of its heading, line break included.
    pub heading: Range<usize>,
    /// All its bytes, up to the next section.
    pub range: Range<usize>,
}

/// Which way the releases stand in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The newest on top.
    NewestFirst,
    /// The newest at the end.
    OldestFirst,
}

impl Changelog {
    /// Reads a changelog.
    pub fn parse(source: &Arc<SourceText>) -> Self {
        let outline = markdown::outline(&source.text);
        let mut sections: Vec<Section> = Vec::new();
        for heading in &outline.headings {
            let Some(version) = version_of(&heading.text) else { continue };
            if let Some(last) = sections.last_mut() {
                last.range.end = heading.range.start;
            }
            sections.push(Section {
                version,
                level: heading.level,
                title: heading.text_range.clone(),
                heading: heading.range.clone(),
                range: heading.range.start..source.text.len(),
            });
        }
        Self { source: Arc::clone(source), outline, sections }
    }

    /// The changelog that this one is after an edit; `None` where the edit is none of this file.
    pub fn edited(&self, edit: &Edit) -> Option<Self> {
        let text = &self.source.text;
        let (head, tail) = (text.get(..edit.range.start)?, text.get(edit.range.end..)?);
        let text = [head, &edit.replacement, tail].concat();
        Some(Self::parse(&Arc::new(SourceText::new(self.source.path.clone(), text))))
    }

    /// The file.
    pub fn source(&self) -> &Arc<SourceText> {
        &self.source
    }

    /// Its headings, in order.
    pub fn headings(&self) -> &[Heading] {
        &self.outline.headings
    }

    /// The first lines of its lists' items, without their bullets.
    pub fn items(&self) -> impl Iterator<Item = &str> {
        let line = |at: &usize| self.source.text.get(at + 1..)?.lines().next().map(str::trim);
        self.outline.items.iter().filter_map(line)
    }

    /// Its sections, in the order of the file.
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// The sections at the level of the first one: the others are parts of these.
    pub fn top_sections(&self) -> impl Iterator<Item = &Section> {
        let level = self.sections.first().map(|section| section.level);
        self.sections.iter().filter(move |section| Some(section.level) == level)
    }

    /// The sections of one release; there should be one.
    pub fn sections_of(&self, version: &Version) -> Vec<&Section> {
        self.sections.iter().filter(|section| section.version == *version).collect()
    }

    /// The text of a section, without its own heading and those in it.
    pub fn body(&self, section: &Section) -> String {
        let headings = self.outline.headings.iter().map(|heading| &heading.range);
        let mut text = String::new();
        let mut at = section.heading.end;
        for heading in
            headings.filter(|heading| (section.heading.end..section.range.end).contains(&heading.start))
        {
            text.push_str(self.source.text.get(at..heading.start).unwrap_or_default());
            text.push('\n');
            at = heading.end;
        }
        text + self.source.text.get(at..section.range.end).unwrap_or_default()
    }

    /// The place of a section's heading.
    pub fn location(&self, section: &Section) -> Location {
        Location::new(&self.source, section.title.clone())
    }

    /// Which way the sections stand, as far as the file shows it.
    pub fn order(&self) -> Option<Order> {
        let mut sections = self.top_sections();
        let first = sections.next()?;
        let last = sections.last()?;
        Some(match first.version.cmp_precedence(&last.version) {
            Ordering::Less => Order::OldestFirst,
            _ => Order::NewestFirst,
        })
    }

    /// The anchor of a section's heading, as it stands in a link.
    pub fn anchor_of(&self, section: &Section) -> String {
        let mut seen: HashMap<String, usize> = HashMap::new();
        for heading in &self.outline.headings {
            let anchor = anchor::anchor(&heading.shown);
            let count = seen.entry(anchor.clone()).or_default();
            if heading.range == section.heading {
                let number = if *count > 0 { format!("-{count}") } else { String::new() };
                return anchor::percent_encoded(&anchor) + &number;
            }
            *count += 1;
        }
        String::new()
    }

    /// The table of contents that doctoc keeps in the file.
    pub fn toc(&self) -> Option<Toc> {
        Toc::find(&self.source.text, &self.outline)
    }
}

/// The version that a heading is the section of: it begins the heading, with or without `[` and `v`,
/// and ends at the heading's end or at one of space, `]`, `(`, `:`, `,`.
pub fn version_of(heading: &str) -> Option<Version> {
    let text = heading.strip_prefix('[').unwrap_or(heading);
    let text = strip_v(text);
    let ends = |c: char| c.is_ascii_whitespace() || matches!(c, ']' | '(' | ':' | ',');
    let end = text.find(ends).unwrap_or(text.len());
    parse_version(text.get(..end)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::RepoPath;

    #[test]
    fn a_heading_is_a_section_by_the_version_it_starts_with() {
        for text in [
            "v1.2.3",
            "1.2.3",
            "1.2.3\tx",
            "[1.2.3] - 2026-01-02",
            "[v1.2.3](url) (2026-01-02)",
            "1.2.3: x",
            "1.2.3, x",
        ] {
            assert_eq!(version_of(text).unwrap().to_string(), "1.2.3", "{text}");
        }
        for text in ["Changelog since v1.2.3", "v1.2", "1.2.3.4", "v1.2.3/x", "[[1.2.3]]", "vv1.2.3"] {
            assert_eq!(version_of(text), None, "{text}");
        }
        assert_eq!(version_of("v1.2.3-rc.0").unwrap().to_string(), "1.2.3-rc.0");
    }

    #[test]
    fn a_section_runs_to_the_next_one() {
        let text = "# Changes\n\n## v1.1.0\n### x\na\n## Notes\n\n## v1.0.0\nb\n";
        let source = Arc::new(SourceText::new(RepoPath::default(), text));
        let log = Changelog::parse(&source);
        let bodies: Vec<_> = log.sections().iter().map(|section| log.body(section)).collect();
        assert_eq!(bodies, ["\na\n\n\n", "b\n"]);
        assert_eq!(log.order(), Some(Order::NewestFirst));
    }
}
