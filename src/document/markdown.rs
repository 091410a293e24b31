//! The headings of a Markdown file, with their places.

use std::ops::Range;

use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use crate::domain::text::BOM;

/// What there is to find one's way in a Markdown file. Only the file's own blocks count: a quotation
/// or a list item that holds a heading says nothing of the file.
#[derive(Debug, Default)]
pub struct Outline {
    /// The headings, in order.
    pub headings: Vec<Heading>,
    /// The bytes of blocks of HTML, comments among them.
    pub html: Vec<Range<usize>>,
    /// Where the items of lists begin, those in other blocks too, at their bullets.
    pub items: Vec<usize>,
}

/// A heading, ATX (`# x`) or setext (underlined); what looks like one in a code block or an HTML
/// comment is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// Its level, from 1.
    pub level: usize,
    /// Its text as written, without the marks around it.
    pub text: String,
    /// Its text as a table of contents shows it: links reduced to what they show.
    pub shown: String,
    /// The bytes of all of it: whole lines, line break included.
    pub range: Range<usize>,
    /// The bytes of the text.
    pub text_range: Range<usize>,
}

/// The outline of a text.
pub fn outline(text: &str) -> Outline {
    let skipped = front_matter(text);
    let mut outline = Outline::default();
    let mut depth = 0_usize;
    let mut shown: Option<Shown<'_>> = None;
    for (event, range) in Parser::new(text.get(skipped..).unwrap_or_default()).into_offset_iter() {
        let range = range.start + skipped..range.end + skipped;
        if matches!(event, Event::End(_)) {
            depth = depth.saturating_sub(1);
        }
        match &event {
            Event::Start(Tag::Item) => outline.items.push(range.start),
            Event::Start(Tag::HtmlBlock) if depth == 0 => outline.html.push(range),
            Event::Start(Tag::Heading { level, .. }) if depth == 0 => {
                let heading = Heading::new(text, *level as usize, range);
                shown = Some(Shown::new(text, &heading));
                outline.headings.push(heading);
            }
            Event::End(TagEnd::Heading(_)) => {
                if let Some((shown, heading)) = shown.take().zip(outline.headings.last_mut()) {
                    heading.shown = shown.finish(heading.text_range.end);
                }
            }
            _ => {
                if let Some(shown) = &mut shown {
                    shown.read(&event, range);
                }
            }
        }
        if matches!(event, Event::Start(_)) {
            depth += 1;
        }
    }
    outline
}

/// The headings of a text, in order.
pub fn headings(text: &str) -> Vec<Heading> {
    outline(text).headings
}

/// How many bytes stand above the Markdown: a byte-order mark, and YAML or TOML between two fences.
fn front_matter(text: &str) -> usize {
    let bom = if text.starts_with(BOM) { BOM.len_utf8() } else { 0 };
    let mut at = bom;
    let mut fence = None;
    for (number, line) in text.get(bom..).unwrap_or_default().split_inclusive('\n').enumerate() {
        at += line.len();
        let line = line.trim_end();
        match (number, fence) {
            (0, _) if matches!(line, "---" | "+++") => fence = Some(line),
            // Between rules stands no front matter, and it begins at once.
            (0, _) => return bom,
            (1, _) if line.is_empty() => return bom,
            (_, Some(fence)) if line == fence => return at,
            _ => {}
        }
    }
    bom
}

impl Heading {
    fn new(text: &str, level: usize, range: Range<usize>) -> Self {
        let line = text.get(..range.start).map_or(0, |before| before.rfind('\n').map_or(0, |at| at + 1));
        let indented = text.get(line..range.start).is_some_and(|indent| indent.trim_matches(' ').is_empty());
        let range = if indented { line..range.end } else { range };
        let text_range = content(text, range.clone());
        let written = text.get(text_range.clone()).unwrap_or_default().to_owned();
        Self { level, text: written, shown: String::new(), range, text_range }
    }
}

/// Puts a heading's text together as a table of contents shows it.
struct Shown<'a> {
    text: &'a str,
    out: String,
    /// What stands before it is done with.
    at: usize,
    /// How many elements are open whose source was taken whole.
    taken: usize,
}

impl<'a> Shown<'a> {
    fn new(text: &'a str, heading: &Heading) -> Self {
        Self { text, out: String::new(), at: heading.text_range.start, taken: 0 }
    }

    fn read(&mut self, event: &Event<'_>, range: Range<usize>) {
        match event {
            Event::End(TagEnd::Link) if self.taken == 0 => self.at = range.end,
            Event::End(_) => self.taken = self.taken.saturating_sub(1),
            Event::Start(_) if self.taken > 0 => self.taken += 1,
            Event::Start(Tag::Link { .. }) => {
                self.copy_to(range.start);
                self.at = range.start + 1;
            }
            // An image has a `-` in the anchor; so doctoc shows a sign that anchors drop.
            Event::Start(Tag::Image { .. }) => {
                self.copy_to(range.start);
                self.out.push('*');
                self.at = range.end;
                self.taken = 1;
            }
            Event::Start(_) => {
                self.copy_to(range.end);
                self.taken = 1;
            }
            _ if self.taken == 0 => self.copy_to(range.end),
            _ => {}
        }
    }

    fn copy_to(&mut self, end: usize) {
        self.out.push_str(self.text.get(self.at..end).unwrap_or_default());
        self.at = self.at.max(end);
    }

    fn finish(mut self, end: usize) -> String {
        self.copy_to(end);
        self.out.lines().map(str::trim).collect::<Vec<_>>().join(" ")
    }
}

/// The bytes of a heading's text: without `#`, an underline, and spaces around.
fn content(text: &str, range: Range<usize>) -> Range<usize> {
    let whole = text.get(range.clone()).unwrap_or_default();
    let lines = whole.trim_end_matches(['\n', '\r']);
    let (body, atx) = lines.rsplit_once('\n').map_or((lines, true), |(title, _)| (title, false));
    let opened = body.trim_start();
    let opened = if atx { opened.trim_start_matches('#').trim_start() } else { opened };
    let start = range.start + (body.len() - opened.len());
    let closed = opened.trim_end();
    let bare = closed.trim_end_matches('#');
    // Closing marks count only behind a space.
    let closed =
        if atx && (bare.is_empty() || bare.ends_with([' ', '\t'])) { bare.trim_end() } else { closed };
    start..start + closed.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles(text: &str) -> Vec<(usize, String)> {
        headings(text).into_iter().map(|heading| (heading.level, heading.text)).collect()
    }

    #[test]
    fn finds_headings_and_nothing_that_only_looks_like_one() {
        let text = "\u{feff}# v1.2.0 ##\r\nx\r\n\r\nv1.1.0\r\n===\r\n```\n# v1.0.9\n```\n<!--\n# v1.0.8\n\n# v1.0.7\n-->\n    # v1.0.5\n### [1.0.0](u) (d)\n> # v0.9.0\n\n- # v0.8.0\n";
        assert_eq!(titles(text), [(1, "v1.2.0".into()), (1, "v1.1.0".into()), (3, "[1.0.0](u) (d)".into())]);
        for heading in headings(text) {
            assert_eq!(text.get(heading.text_range.clone()), Some(heading.text.as_str()));
        }
    }

    #[test]
    fn front_matter_is_none_of_it_and_rules_are_no_front_matter() {
        assert_eq!(titles("---\r\n# a: b\r\n---\r\n# v1\r\n"), [(1, "v1".into())]);
        let ruled = "# v2\n\n---\n# v1\na\n\n---\n\n---\n# v0\n---\n";
        assert_eq!(titles(ruled), [(1, "v2".into()), (1, "v1".into()), (1, "v0".into())]);
        assert_eq!(titles("---\n\n# v1\n\n---\n# v0\n"), [(1, "v1".into()), (1, "v0".into())]);
    }

    #[test]
    fn a_heading_begins_with_its_line() {
        let text = "a\n\n  # v1\n\n #b\n===\n";
        let found: Vec<_> =
            headings(text).into_iter().filter_map(|heading| text.get(heading.range)).collect();
        assert_eq!(found, ["  # v1\n", " #b\n===\n"]);
        assert_eq!(titles(text), [(1, "v1".into()), (1, "#b".into())]);
    }

    #[test]
    fn what_is_shown_has_no_links() {
        let text =
            "# [a `b`][x] ![i](u) **[c](u)** \\* &amp; <https://q> [none] ##\n\ntwo\nlines\n---\n\n[x]: u\n";
        let shown: Vec<_> = headings(text).into_iter().map(|heading| heading.shown).collect();
        assert_eq!(shown, ["a `b` * **[c](u)** \\* &amp; https://q [none]", "two lines"]);
    }
}
