//! The headings of a Markdown file, with their places.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag};

use crate::domain::text::BOM;

/// A heading, ATX (`# x`) or setext (underlined); what looks like one in a code block or an HTML
/// comment is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heading {
    /// Its level, from 1.
    pub level: usize,
    /// Its text as written, without the marks around it.
    pub text: String,
    /// The bytes of all of it, line break included.
    pub range: Range<usize>,
    /// The bytes of the text.
    pub text_range: Range<usize>,
}

/// The headings of a text, in order.
pub fn headings(text: &str) -> Vec<Heading> {
    let skipped = if text.starts_with(BOM) { BOM.len_utf8() } else { 0 };
    let body = text.get(skipped..).unwrap_or_default();
    let mut found = Vec::new();
    for (event, range) in Parser::new_ext(body, Options::ENABLE_YAML_STYLE_METADATA_BLOCKS).into_offset_iter()
    {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                let range = range.start + skipped..range.end + skipped;
                let text_range = content(text, range.clone());
                let written = text.get(text_range.clone()).unwrap_or_default().to_owned();
                found.push(Heading { level: level as usize, text: written, range, text_range });
            }
            _ => {}
        }
    }
    found
}

/// The anchor that forges give to a heading: lower case, punctuation dropped, spaces as `-`.
pub fn anchor(heading: &str) -> String {
    plain(heading)
        .to_lowercase()
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            c if c.is_alphanumeric() || c == '-' || c == '_' => Some(c),
            _ => None,
        })
        .collect()
}

/// A heading's text with links reduced to what they show.
pub fn plain(heading: &str) -> String {
    let mut out = String::new();
    for event in Parser::new(heading) {
        match event {
            Event::Text(text) => out.push_str(&text),
            Event::Code(code) => {
                out.push('`');
                out.push_str(&code);
                out.push('`');
            }
            _ => {}
        }
    }
    if out.is_empty() { heading.to_owned() } else { out }
}

/// The bytes of a heading's text: without `#`, an underline, and spaces around.
fn content(text: &str, range: Range<usize>) -> Range<usize> {
    let whole = text.get(range.clone()).unwrap_or_default();
    let lines = whole.trim_end_matches(['\n', '\r']);
    let atx = lines.trim_start().starts_with('#');
    let body = if atx { lines } else { lines.rsplit_once('\n').map_or(lines, |(title, _)| title) };
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
        let text = "\u{feff}# v1.2.0 ##\r\nx\r\n\r\nv1.1.0\r\n===\r\n```\n# v1.0.9\n```\n<!--\n# v1.0.8\n\n# v1.0.7\n-->\n    # v1.0.5\n### [1.0.0](u) (d)\n";
        assert_eq!(titles(text), [(1, "v1.2.0".into()), (1, "v1.1.0".into()), (3, "[1.0.0](u) (d)".into())]);
        for heading in headings(text) {
            assert_eq!(&text[heading.text_range.clone()], heading.text);
        }
    }

    #[test]
    fn anchors_are_those_of_forges() {
        assert_eq!(anchor("v1.2.3"), "v123");
        assert_eq!(anchor("Features & Enhancements"), "features--enhancements");
        assert_eq!(anchor("[v1.2.3](https://x) (2026-01-02)"), "v123-2026-01-02");
        assert_eq!(anchor("What's `New`"), "whats-new");
    }
}
