use std::collections::HashMap;
use std::ops::Range;

use crate::document::markdown::{Heading, anchor, plain};
use crate::domain::text::line_break;

const START: &str = "<!-- START doctoc";
const END: &str = "<!-- END doctoc";

/// The list that doctoc keeps between its two comments.
/// Its form: <https://github.com/thlorenz/doctoc>.
#[derive(Debug)]
pub struct Toc {
    /// The bytes of the list, or the empty range where it has to go.
    pub range: Range<usize>,
    /// What it lists.
    pub entries: Vec<Entry>,
    /// What there is to list: the headings below it.
    pub expected: Vec<Entry>,
    marker: char,
    unit: usize,
}

/// A line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// How deep it is indented, from 0.
    pub depth: usize,
    /// The heading's text.
    pub title: String,
}

impl Toc {
    pub(super) fn find(text: &str, headings: &[Heading]) -> Option<Self> {
        let start = line_at(text, START)?;
        let inner = start + text.get(start..)?.find('\n')? + 1;
        let end = inner + line_at(text.get(inner..)?, END)?;
        let below: Vec<&Heading> = headings.iter().filter(|heading| heading.range.start > end).collect();
        let top = below.iter().map(|heading| heading.level).min().unwrap_or(1);
        let expected =
            below.iter().map(|heading| Entry { depth: heading.level - top, title: plain(&heading.text) });
        let mut toc =
            Self { range: end..end, entries: Vec::new(), expected: expected.collect(), marker: '-', unit: 2 };
        toc.read_list(text, inner..end);
        Some(toc)
    }

    /// Whether it lists the headings there are, at least down to the level it shows.
    pub fn is_current(&self) -> bool {
        let normal = |entry: &Entry| -> (usize, String) {
            (
                entry.depth,
                entry.title.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect(),
            )
        };
        let listed: Vec<_> = self.entries.iter().map(normal).collect();
        listed == self.wanted().map(normal).collect::<Vec<_>>()
    }

    /// The first heading that is not listed, or the first entry that is no heading.
    pub fn first_difference(&self) -> Option<&str> {
        let wanted: Vec<_> = self.wanted().collect();
        let missing =
            wanted.iter().find(|entry| !self.entries.iter().any(|listed| listed.title == entry.title));
        let extra =
            self.entries.iter().find(|entry| !wanted.iter().any(|wanted| wanted.title == entry.title));
        missing.copied().or(extra).map(|entry| entry.title.as_str())
    }

    /// The list as doctoc writes it for the headings there are, in the bytes of `range`.
    pub fn render(&self, text: &str) -> String {
        let line_break = line_break(text);
        let mut seen: HashMap<String, usize> = HashMap::new();
        let lines = self.wanted().map(|entry| {
            let anchor = anchor(&entry.title);
            let count = seen.entry(anchor.clone()).or_default();
            let anchor = if *count == 0 { anchor } else { format!("{anchor}-{count}") };
            *count += 1;
            let indent = " ".repeat(entry.depth * self.unit);
            format!("{indent}{} [{}](#{anchor})", self.marker, entry.title)
        });
        let list = lines.collect::<Vec<_>>().join(line_break);
        if self.range.is_empty() { format!("{line_break}{list}{line_break}{line_break}") } else { list }
    }

    /// What has to be listed: down to the deepest level that the list shows, or all.
    fn wanted(&self) -> impl Iterator<Item = &Entry> {
        let shown = self.entries.iter().map(|entry| entry.depth).max();
        // A list of one level may be one that nobody filled yet.
        let deepest = shown.filter(|depth| *depth > 0).unwrap_or(usize::MAX);
        self.expected.iter().filter(move |entry| entry.depth <= deepest)
    }

    fn read_list(&mut self, text: &str, inner: Range<usize>) {
        let mut indents = Vec::new();
        let mut at = inner.start;
        let mut list: Option<Range<usize>> = None;
        for line in text.get(inner).unwrap_or_default().split_inclusive('\n') {
            let bare = line.trim_end();
            let entry = bare.trim_start();
            if let Some(title) = list_item(entry) {
                let end = at + bare.len();
                list = Some(list.map_or(at, |range| range.start)..end);
                self.marker = entry.chars().next().unwrap_or('-');
                indents.push((bare.len() - entry.len(), plain(title)));
            }
            at += line.len();
        }
        self.unit = indents.iter().map(|(indent, _)| *indent).filter(|indent| *indent > 0).min().unwrap_or(2);
        let unit = self.unit;
        self.entries =
            indents.into_iter().map(|(indent, title)| Entry { depth: indent / unit, title }).collect();
        if let Some(list) = list {
            self.range = list;
        }
    }
}

/// The link text of `- [text](#anchor)`.
fn list_item(line: &str) -> Option<&str> {
    let link = line.strip_prefix(['-', '*', '+'])?.trim_start().strip_prefix('[')?;
    link.rsplit_once("](#").map(|(title, _)| title)
}

/// The offset of the first line that begins with a text.
fn line_at(text: &str, wanted: &str) -> Option<usize> {
    text.match_indices(wanted)
        .map(|(at, _)| at)
        .find(|at| *at == 0 || text.as_bytes().get(at - 1) == Some(&b'\n'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::markdown::headings;

    const HEAD: &str = "<!-- START doctoc generated -->\n**Table of Contents**\n\n";

    fn toc(list: &str, rest: &str) -> (String, Toc) {
        let text = format!("{HEAD}{list}\n<!-- END doctoc generated -->\n{rest}");
        let toc = Toc::find(&text, &headings(&text)).unwrap();
        (text, toc)
    }

    #[test]
    fn a_stale_list_is_written_anew_as_doctoc_does() {
        let (text, toc) = toc("- [v1.0.0](#v100)\n", "# v1.1.0\n## Fixes\n# v1.0.0\n## Fixes\n");
        assert!(!toc.is_current());
        assert_eq!(toc.first_difference(), Some("v1.1.0"));
        assert_eq!(
            toc.render(&text),
            "- [v1.1.0](#v110)\n  - [Fixes](#fixes)\n- [v1.0.0](#v100)\n  - [Fixes](#fixes-1)"
        );
        assert_eq!(&text[toc.range.clone()], "- [v1.0.0](#v100)");
    }

    #[test]
    fn a_list_of_fewer_levels_keeps_them() {
        let (_, toc) = toc("- [v1](#v1)\n  - [A](#a)\n", "# v1\n## A\n### B\n");
        assert!(toc.is_current());
        let (text, toc) = toc_empty();
        assert!(!toc.is_current());
        assert_eq!(toc.render(&text), "\n- [v1](#v1)\n\n");
    }

    fn toc_empty() -> (String, Toc) {
        toc("", "# v1\n")
    }
}
