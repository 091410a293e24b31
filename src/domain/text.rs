//! Texts that come from a repository: positions in them, and how they may be shown.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::OnceLock;

use super::RepoPath;

/// A file's text with the path it came from. Ranges into it are in bytes of the file, a byte-order
/// mark included.
#[derive(Debug)]
pub struct SourceText {
    /// Where it lies in the repository.
    pub path: RepoPath,
    /// All of it, as UTF-8.
    pub text: String,
    /// Every so many bytes an offset with its position, made when the first position is asked for: a large
    /// file may have thousands of findings.
    milestones: OnceLock<Vec<(usize, Position)>>,
}

/// How many bytes lie between two milestones, about.
const MILESTONE: usize = 4096;

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
    /// A file's text, all of it.
    pub fn new(path: RepoPath, text: impl Into<String>) -> Self {
        Self { path, text: text.into(), milestones: OnceLock::new() }
    }

    /// The position of a byte offset; one past the end is the place after the last character.
    pub fn position(&self, offset: usize) -> Position {
        let milestones = self.milestones.get_or_init(|| milestones(&self.text));
        let before = milestones.partition_point(|(at, _)| *at <= offset).checked_sub(1);
        let (from, start) = before.and_then(|index| milestones.get(index)).copied().unwrap_or_default();
        let rest = self.text.get(from..).unwrap_or_default();
        rest.char_indices()
            .take_while(|(at, _)| from + at < offset)
            .fold(start, |position, (_, c)| position.behind(c))
    }

    /// The line break that the file uses: `\r\n` where its first line ends so, else `\n`.
    pub fn line_break(&self) -> &'static str {
        line_break(&self.text)
    }
}

fn milestones(text: &str) -> Vec<(usize, Position)> {
    let mut position = Position::default();
    let mut found = vec![(0, position)];
    let mut next = MILESTONE;
    for (at, c) in text.char_indices() {
        if at >= next {
            found.push((at, position));
            next = at + MILESTONE;
        }
        position = position.behind(c);
    }
    found
}

impl Default for Position {
    /// Where a text begins.
    fn default() -> Self {
        Self { line: 1, column: 1 }
    }
}

impl Position {
    /// The position behind a character that stands here.
    fn behind(self, c: char) -> Self {
        match c {
            '\n' => Self { line: self.line + 1, column: 1 },
            BOM if self.column == 1 => self,
            _ => Self { line: self.line, column: self.column + 1 },
        }
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

/// The text with its lines and tabs as they are, and everything else that steers a terminal as `visible` has it. Letters
/// and emoji that are joined or kept apart by U+200C and U+200D stay so: prose needs these, a name does not.
pub fn visible_lines(text: &str) -> Cow<'_, str> {
    let stays = |c: char| matches!(c, '\n' | '\t' | '\u{200c}' | '\u{200d}') || !is_unprintable(c);
    if is_plain(text) || text.chars().all(stays) {
        return Cow::Borrowed(text);
    }
    let shown = |c: char| if stays(c) { c.to_string() } else { visible(&c.to_string()).into_owned() };
    Cow::Owned(text.chars().map(shown).collect())
}

/// A byte eight times.
pub(super) const fn eight(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// Whether a text is of printed ASCII, spaces and line feeds alone. Most are, and they may be long: eight bytes are
/// looked at together.
pub fn is_plain(text: &str) -> bool {
    const HIGH: u64 = eight(0x80);
    let (eights, rest) = text.as_bytes().as_chunks();
    let are_plain = |bytes: &[u8; 8]| {
        let bytes = u64::from_ne_bytes(*bytes);
        // What is added sets a byte's high bit: where it is DEL, where it is a space or more, where it is no line feed.
        let is_ascii = (bytes | bytes.wrapping_add(eight(1))) & HIGH == 0;
        let shown = bytes.wrapping_add(eight(0x60));
        let other = (bytes ^ eight(b'\n')).wrapping_add(eight(0x7f));
        is_ascii && (shown | !other) & HIGH == HIGH
    };
    eights.iter().all(are_plain) && rest.iter().all(|byte| matches!(byte, b'\n' | b' '..=b'~'))
}

/// Whether a character steers a terminal or the direction of text instead of showing something.
pub fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | BOM)
}

/// The text with `***` for the user name and the password of every URL in it that has one.
pub fn without_password(text: &str) -> Cow<'_, str> {
    let mut out = Cow::Borrowed(text);
    let mut from = 0;
    while let Some(start) = out.get(from..).and_then(|rest| rest.find("://")).map(|at| from + at + 3) {
        from = start;
        let rest = out.get(start..).unwrap_or_default();
        let end =
            rest.find(|c: char| c == '/' || c.is_whitespace() || c.is_control() || matches!(c, '\'' | '"'));
        let host = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        let secret = host
            .rfind('@')
            .filter(|at| host.get(..*at).is_some_and(|user| user.contains(':') || user.len() > LONG));
        if let Some(at) = secret {
            out = Cow::Owned(
                [out.get(..start), Some("***"), out.get(start + at..)].into_iter().flatten().collect(),
            );
        }
    }
    out
}

/// What speaks against an address that everybody reads and that paths are put behind: who may log in there, or what
/// such an address can't have.
pub fn unfit_as_base(url: &str) -> Option<&'static str> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    if rest.split(['/', '?', '#']).next().is_some_and(|host| host.contains('@')) {
        return Some("a user name or a password is in it, and everybody reads the chart index");
    }
    rest.contains(['?', '#']).then_some("a path is put behind it, so no `?` and no `#` can be in it")
}

/// A user name longer than this may be a token.
const LONG: usize = 16;

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
    fn every_character_is_plain_or_not_wherever_it_stands() {
        for c in (0..0x180).filter_map(char::from_u32) {
            for before in 0..10 {
                let text = format!("{}{c}{}", "a".repeat(before), "~\n z".repeat(3));
                assert_eq!(is_plain(&text), matches!(c, '\n' | ' '..='~'), "{text:?}");
            }
        }
    }

    #[test]
    fn passwords_are_not_shown() {
        for (text, shown) in [
            ("https://a:b@example.org/x", "https://***@example.org/x"),
            ("https://a:b@c@example.org", "https://***@example.org"),
            ("https://ghp_0123456789abcdefgh@example.org/x", "https://***@example.org/x"),
            (
                "ssh://git@example.org/x and http://:p@[::1]:80/",
                "ssh://git@example.org/x and http://***@[::1]:80/",
            ),
            ("'https://u:p@h': no", "'https://***@h': no"),
            ("git@example.org:a/b@c", "git@example.org:a/b@c"),
            ("https://example.org/a:b@c", "https://example.org/a:b@c"),
        ] {
            assert_eq!(without_password(text), shown);
        }
    }

    #[test]
    fn prose_keeps_its_joiners_and_names_do_not() {
        let text = "👩\u{200d}💻 می\u{200c}خواهم\t\n\u{200b}\u{202e}\u{1b}";
        assert_eq!(visible_lines(text), "👩\u{200d}💻 می\u{200c}خواهم\t\n\\u{200b}\\u{202e}\\u{1b}");
        assert_eq!(visible("v1\u{200d}\u{200c}"), "v1\\u{200d}\\u{200c}");
    }

    #[test]
    fn positions_count_characters_from_one() {
        let source = SourceText::new(RepoPath::default(), "\u{feff}é: x\r\nb: yy");
        assert_eq!(source.position(3), Position { line: 1, column: 1 });
        assert_eq!(source.position(7), Position { line: 1, column: 4 });
        assert_eq!(source.position(13), Position { line: 2, column: 4 });
        assert_eq!(source.position(99), Position { line: 2, column: 6 });
    }

    #[test]
    fn positions_in_a_large_file_are_those_of_a_count_from_its_beginning() {
        let text = "é: 値\n".repeat(MILESTONE) + &"ü".repeat(MILESTONE * 2);
        let source = SourceText::new(RepoPath::default(), text.as_str());
        for (offset, _) in text.char_indices().step_by(97) {
            let before = text.get(..offset).unwrap_or_default();
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            let line = before.matches('\n').count() + 1;
            assert_eq!(source.position(offset), Position { line, column }, "{offset}");
        }
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
