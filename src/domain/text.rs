//! Texts that come from a repository: positions in them, and how they may be shown.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::RepoPath;

/// A file's text with the path it came from. Ranges into it are in bytes of the file, a byte-order
/// mark included.
#[derive(Debug, PartialEq, Eq)]
pub struct SourceText {
    /// Where it lies in the repository.
    pub path: RepoPath,
    /// All of it, as UTF-8.
    pub text: String,
}

/// A place in a text as people count: from 1, columns in Unicode characters. A byte-order mark is no column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
}

/// The byte-order mark of UTF-8.
pub const BOM: char = '\u{feff}';

impl SourceText {
    /// The position of a byte offset; one past the end is the place after the last character.
    pub fn position(&self, offset: usize) -> Position {
        let before = self.text.get(..offset.min(self.text.len())).unwrap_or(&self.text);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let tail = before.rsplit_once('\n').map_or(before, |(_, tail)| tail);
        let column = tail.trim_start_matches(BOM).chars().count() + 1;
        Position { line, column }
    }

    /// The line break that the file uses: `\r\n` where its first line ends so, else `\n`.
    pub fn line_break(&self) -> &'static str {
        line_break(&self.text)
    }
}

/// The line break of a text: `\r\n` where its first line ends so, else `\n`.
pub fn line_break(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text.get(..at).is_some_and(|line| line.ends_with('\r')) => "\r\n",
        _ => "\n",
    }
}

/// The text with control and bidirectional characters written as escapes, so that it can't move a
/// cursor, colour a terminal, reorder a line or start one.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unprintable) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_unprintable(c) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// Whether a character steers a terminal or the direction of text instead of showing something.
pub fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | BOM)
}

/// The candidate nearest to what was typed, if one is near enough to be meant.
pub fn nearest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&typed.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(score, _)| *score > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_from_one() {
        let source = SourceText { path: RepoPath::default(), text: "\u{feff}é: x\r\nb: yy".into() };
        assert_eq!(source.position(3), Position { line: 1, column: 1 });
        assert_eq!(source.position(7), Position { line: 1, column: 4 });
        assert_eq!(source.position(13), Position { line: 2, column: 4 });
        assert_eq!(source.position(99), Position { line: 2, column: 6 });
    }

    #[test]
    fn what_steers_a_terminal_is_escaped() {
        assert_eq!(visible("a\u{1b}[31mb\u{202e}\n::error"), "a\\u{1b}[31mb\\u{202e}\\n::error");
        assert_eq!(visible("größe 値"), "größe 値");
    }

    #[test]
    fn the_nearest_key_is_found_only_when_near() {
        assert_eq!(nearest("chart", ["charts", "remote"]), Some("charts"));
        assert_eq!(nearest("zzz", ["charts", "remote"]), None);
    }
}
