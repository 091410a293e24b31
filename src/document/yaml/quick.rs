//! The plain part of YAML, read line by line: keys and dashes in blocks, each with a value of one line. That is what a
//! program writes, and most of what it writes; a value of another form is left to the parser, and a file in which
//! anything else stands is, as a whole. What is met is the same.

use std::borrow::Cow;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use super::{Scalar, Stream, Token};
use crate::domain::SourceText;

/// How deep blocks may lie in one another here.
const DEPTH: usize = 16;

/// How long a key may be here.
const KEY: usize = 128;

/// This part of YAML is not enough.
#[derive(Debug)]
pub(super) struct NotPlain;

/// Reads a file line by line.
pub(super) struct Quick<'a> {
    source: &'a Arc<SourceText>,
    /// Where the next line begins.
    at: usize,
    /// The blocks that the next line may belong to.
    open: Vec<Block>,
    /// Whether the last key has no value yet.
    waits: bool,
    /// What was met, each with the end of it.
    met: VecDeque<(Token<'a>, usize)>,
    end: usize,
}

#[derive(Debug, Clone, Copy)]
struct Block {
    indent: usize,
    is_list: bool,
}

/// A part of a line, by its first byte in the file and in the line.
#[derive(Debug, Clone, Copy)]
struct Part<'a> {
    at: usize,
    column: usize,
    text: &'a str,
}

impl Part<'_> {
    /// What follows on some bytes, and on the spaces behind them.
    fn behind(self, bytes: usize) -> Self {
        let rest = self.text.get(bytes..).unwrap_or_default();
        let text = rest.trim_start_matches(' ');
        let gone = self.text.len() - text.len();
        Self { at: self.at + gone, column: self.column + gone, text }
    }
}

impl<'a> Quick<'a> {
    /// Begins at the file's first byte; `None` where a character in it has a meaning of its own.
    pub(super) fn new(source: &'a Arc<SourceText>) -> Option<Self> {
        let is_odd = |c: char| match c {
            '\n' | ' '..='~' => false,
            '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => true,
            c => c.is_control(),
        };
        let is_plain = !source.text.contains(is_odd);
        let (open, met) = (Vec::new(), VecDeque::new());
        is_plain.then_some(Self { source, at: 0, open, waits: false, met, end: 0 })
    }

    /// The end of what was met last and has bytes of its own.
    pub(super) fn end(&self) -> usize {
        self.end
    }

    /// What comes next; `None` at the end of the file.
    pub(super) fn advance(&mut self) -> Result<Option<Token<'a>>, NotPlain> {
        loop {
            if let Some((token, end)) = self.met.pop_front() {
                self.end = self.end.max(end);
                return Ok(Some(token));
            }
            if self.at >= self.source.text.len() && self.open.is_empty() {
                return Ok(None);
            }
            self.line()?;
        }
    }

    fn line(&mut self) -> Result<(), NotPlain> {
        let Some(line) = self.line_at(self.at) else { return self.close(None) };
        self.at += line.len() + 1;
        let start = self.at - line.len() - 1;
        let body = Part { at: start, column: 0, text: line }.behind(0);
        if body.text.is_empty() || body.text.starts_with('#') {
            return Ok(());
        }
        let is_dash = body.text.starts_with("- ");
        self.close(Some((body.column, is_dash)))?;
        if !is_dash {
            self.enter(Block { indent: body.column, is_list: false }, body)?;
            return self.pair(body);
        }
        self.enter(Block { indent: body.column, is_list: true }, body)?;
        let item = body.behind(2);
        if key(item.text).is_some() {
            self.open(Block { indent: item.column, is_list: false }, item)?;
            return self.pair(item);
        }
        match simple(item, self.goes_on(body.column)) {
            Some(scalar) => self.push(scalar),
            None => self.leave(body, 1)?,
        }
        Ok(())
    }

    /// A key and what stands behind it.
    fn pair(&mut self, body: Part<'a>) -> Result<(), NotPlain> {
        let Some(length) = key(body.text) else {
            let is_key = body.text.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '"' | '\''));
            return if is_key { self.leave(body, 1) } else { Err(NotPlain) };
        };
        let name = body.text.get(..length).unwrap_or_default();
        self.push(scalar(name, body.at..body.at + length, true));
        let value = body.behind(length + 1);
        if value.text.is_empty() {
            self.waits = true;
            return Ok(());
        }
        match simple(value, self.goes_on(body.column)) {
            Some(scalar) => self.push(scalar),
            None => self.leave(body, 2)?,
        }
        Ok(())
    }

    /// Ends the blocks that a line of this indentation does not belong to; without one, all.
    fn close(&mut self, line: Option<(usize, bool)>) -> Result<(), NotPlain> {
        while let Some(top) = self.open.last() {
            let is_in = line.is_some_and(|(indent, is_dash)| {
                top.indent < indent || top.indent == indent && (is_dash || !top.is_list)
            });
            if is_in {
                break;
            }
            if self.waits {
                return Err(NotPlain);
            }
            self.open.pop();
            self.met.push_back((Token::End, 0));
        }
        Ok(())
    }

    /// Goes on in the innermost block, or begins one for the key that waits.
    fn enter(&mut self, block: Block, body: Part<'a>) -> Result<(), NotPlain> {
        match self.open.last() {
            None if block.indent == 0 && self.end == 0 && !block.is_list => self.open(block, body),
            Some(top) if !self.waits && top.indent == block.indent && top.is_list == block.is_list => Ok(()),
            Some(top) if self.waits && top.indent + usize::from(!block.is_list) <= block.indent => {
                self.waits = false;
                self.open(block, body)
            }
            _ => Err(NotPlain),
        }
    }

    fn open(&mut self, block: Block, body: Part<'a>) -> Result<(), NotPlain> {
        if self.open.len() >= DEPTH {
            return Err(NotPlain);
        }
        let range = body.at..body.at;
        let token = if block.is_list {
            Token::Sequence { range, flow: false }
        } else {
            Token::Mapping { range, flow: false }
        };
        self.open.push(block);
        self.met.push_back((token, 0));
        Ok(())
    }

    fn push(&mut self, scalar: Scalar<'a>) {
        let end = scalar.range.end;
        self.met.push_back((Token::Scalar(scalar), end));
    }

    /// Leaves a pair or an item, with all lines that are indented further, to the parser; the first tokens that it meets
    /// there are known already.
    fn leave(&mut self, body: Part<'a>, known: usize) -> Result<(), NotPlain> {
        while let Some(line) = self.line_at(self.at) {
            let is_empty = line.trim_start_matches(' ').is_empty();
            if !is_empty && !self.goes_on(body.column) {
                break;
            }
            self.at += line.len() + 1;
        }
        // A block of text ends where the next line begins, behind its indentation.
        let next = self.source.text.get(self.at..).unwrap_or_default();
        let end = self.source.text.len() - next.trim_start_matches(' ').len();
        // How deep such a block is counts from what it lies in.
        let is_counted =
            |word: &str| word.starts_with(['|', '>']) && word.contains(|c: char| c.is_ascii_digit());
        if self.source.text.get(body.at..end).is_none_or(|part| part.split_whitespace().any(is_counted)) {
            return Err(NotPlain);
        }
        let mut part = Stream::of_part(self.source, body.at..end);
        let mut met = Vec::new();
        while let Some(token) = part.advance().map_err(|_| NotPlain)? {
            // Where nothing stands, the part ends, and not the line.
            if matches!(&token, Token::Scalar(scalar) if scalar.text.trim().is_empty()) {
                return Err(NotPlain);
            }
            let end = if part.end() > 0 { body.at + part.end() } else { 0 };
            met.push((moved(token, body.at), end));
        }
        let is_block = |at: usize, is_list: bool| match met.get(at) {
            Some((Token::Mapping { flow: false, .. }, _)) => !is_list,
            Some((Token::Sequence { flow: false, .. }, _)) => is_list,
            _ => false,
        };
        let is_item = body.text.starts_with('-');
        // The line that the part begins with is not indented there as it is here.
        let is_moved = is_item && (is_block(1, false) || is_block(1, true));
        if !is_block(0, is_item) || is_moved || met.len() <= known {
            return Err(NotPlain);
        }
        met.pop();
        self.met.extend(met.into_iter().skip(known));
        Ok(())
    }

    /// Whether the next line that is not empty is indented further.
    fn goes_on(&self, indent: usize) -> bool {
        let mut at = self.at;
        while let Some(line) = self.line_at(at) {
            let body = line.trim_start_matches(' ');
            if !body.is_empty() {
                return line.len() - body.len() > indent;
            }
            at += line.len() + 1;
        }
        false
    }

    fn line_at(&self, at: usize) -> Option<&'a str> {
        let source: &'a Arc<SourceText> = self.source;
        let rest = source.text.get(at..).filter(|rest| !rest.is_empty())?;
        Some(rest.split_once('\n').map_or(rest, |(line, _)| line))
    }
}

/// How long the key is that a line begins with.
fn key(text: &str) -> Option<usize> {
    let is_in_key = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/');
    let length = text.bytes().take(KEY).take_while(is_in_key).count();
    let is_key = text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.get(length..).is_some_and(|rest| rest == ":" || rest.starts_with(": "));
    is_key.then_some(length)
}

/// A value of one line that stands for itself; `None` where the parser has to say what it is.
fn simple(value: Part<'_>, goes_on: bool) -> Option<Scalar<'_>> {
    if goes_on {
        return None;
    }
    let text = value.text.trim_end_matches(' ');
    let range = value.at..value.at + text.len();
    for quote in ['"', '\''] {
        if let Some(rest) = text.strip_prefix(quote) {
            let inner = rest.strip_suffix(quote).filter(|inner| !inner.contains([quote, '\\']))?;
            return Some(scalar(inner, range, false));
        }
    }
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '.'))
        && !text.ends_with(':')
        && !text.contains(": ")
        && !text.contains(" #");
    is_plain.then(|| scalar(text, range, true))
}

fn scalar(text: &str, range: Range<usize>, plain: bool) -> Scalar<'_> {
    Scalar { text: Cow::Borrowed(text), range, plain, aliased: false }
}

/// A token of a part of the file, at its place in the whole.
fn moved(mut token: Token<'_>, by: usize) -> Token<'_> {
    let range = match &mut token {
        Token::Scalar(Scalar { range, .. })
        | Token::Mapping { range, .. }
        | Token::Sequence { range, .. }
        | Token::Alias(range) => range,
        Token::End => return token,
    };
    *range = range.start + by..range.end + by;
    token
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::RepoPath;

    const INDEX: &str = r#"# a comment
apiVersion: v1
entries:
  app:
  # the newest
  - apiVersion: v2
    annotations:
      artifacthub.io/changes: |
        - kind: added
          text: "x"

      a: "b"
      quoted: "a \"b\" # c"
      'odd key': v
    created: "2025-01-01T00:00:00.1Z"
    dependencies:
    - name: b
      tags: [x, 'y', {a: b}]
      version: 1.x
    -   name: 'c'
        alias: >-
            folded
            text

    deprecated: true
    description: A chart, whose text
      is folded
    digest: aa
    keywords:
    - a
    - "b c"
    - 'it''s'
    - goes
      on here
    - .5
    - -1
    - ~
    - {a: b}
    name: app   
    urls:
    - https://example.org/charts/app-1.2.0.tgz
    - charts/a b
    version: 1.2.0 # newest
  - {name: app, version: 1.0.0}
  b.c:
    - name: größe
      home: a:b
      version: "1.10"
generated: "2025-01-01T00:00:00.1Z"
"#;

    /// How often something is done to a text.
    const ROUNDS: usize = 2000;

    /// All that is met, with the ends; `None` where it ends in an error.
    fn met(mut stream: Stream<'_>) -> Option<Vec<String>> {
        let mut met = Vec::new();
        while let Some(mut token) = stream.advance().ok()? {
            // Where a block begins is nowhere asked for but of a mapping, and where it ends of none.
            match &mut token {
                Token::Mapping { range, flow: false } => range.end = range.start,
                Token::Sequence { range, flow: false } => *range = 0..0,
                _ => {}
            }
            met.push(format!("{token:?} {}", stream.end()));
        }
        Some(met)
    }

    /// Whether the plain reader was enough; then it has to meet what the other one does.
    #[track_caller]
    fn is_plain(text: &str) -> bool {
        let source = Arc::new(SourceText::new(RepoPath::parse("index.yaml").unwrap(), text));
        let Some(plain) = Quick::new(&source).and_then(|_| met(Stream::plain(&source))) else { return false };
        let whole = met(Stream::new(&source)).unwrap_or_else(|| panic!("the parser refuses:\n{text}"));
        for (plain, whole) in plain.iter().zip(&whole) {
            assert_eq!(plain, whole, "\n{text}");
        }
        assert_eq!(plain.len(), whole.len(), "\n{text}");
        true
    }

    #[test]
    fn what_a_program_writes_is_plain() {
        assert!(is_plain(INDEX));
        assert!(is_plain(""));
        for text in [
            "a: 1\r\n",
            "a:\n",
            "a:\nb: 1\n",
            "a:\n  b\n",
            "\ta: 1\n",
            "---\na: 1\n",
            "a: 1\n---\nb: 1\n",
            "- a\n",
            "a: &x 1\nb: *x\n",
            "? a\n",
            "a: b: c\n",
            "a: 1\n  b: 2\n",
            "a: \"x\n",
            "a: 1\nb\n",
            "a: [\n",
        ] {
            assert!(!is_plain(text), "{text:?}");
        }
    }

    /// Whatever is done to a text, what is met stays what the parser meets.
    #[test]
    fn what_is_met_is_what_the_parser_meets() {
        let (mut state, mut plain) = (0x9e37_79b9_7f4a_7c15_u64, 0);
        let mut random = |below: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state >> 11).unwrap() % below.max(1)
        };
        let bits = [
            " ", "  ", "\n", "-", "- ", ": ", ":", "#", " #", "\"", "'", "|", ">", "&a", "*a", "!", "!!str ",
            "[", "]", "{", "}", ",", "~", "?", "? ", "%", "@", "`", "\\", "a", "1", "null", "<<", "...",
            "---", "é", "\u{a0}", "\n\n", "|\n", ": |\n", "-\n", ":\n",
        ];
        for _ in 0..ROUNDS {
            let lines: Vec<&str> = INDEX.lines().collect();
            let first = random(lines.len());
            let count = 1 + random(lines.len() - first);
            let whole = random(2) == 0;
            let mut lines: Vec<String> = if whole { &lines[..] } else { &lines[first..first + count] }
                .iter()
                .map(ToString::to_string)
                .collect();
            if !whole {
                let indent = lines[0].len() - lines[0].trim_start().len();
                for line in &mut lines {
                    *line = line.get(indent..).unwrap_or(line.trim_start()).to_owned();
                }
            }
            for _ in 0..random(4) {
                let at = random(lines.len());
                match random(5) {
                    0 => drop(lines.remove(at)),
                    1 => lines.insert(at, lines[random(lines.len())].clone()),
                    2 => lines[at].insert_str(0, &" ".repeat(1 + random(3))),
                    3 => lines[at] = lines[at].strip_prefix("  ").unwrap_or(&lines[at]).to_owned(),
                    _ => {
                        let line = &mut lines[at];
                        let places: Vec<usize> =
                            line.char_indices().map(|(at, _)| at).chain([line.len()]).collect();
                        let (from, to) = (places[random(places.len())], places[random(places.len())]);
                        line.replace_range(
                            from..if (from..from + 4).contains(&to) { to } else { from },
                            bits[random(bits.len())],
                        );
                    }
                }
                if lines.is_empty() {
                    lines.push(String::new());
                }
            }
            let end = if random(8) == 0 { "" } else { "\n" };
            plain += usize::from(is_plain(&(lines.join("\n") + end)));
        }
        assert!(plain * 5 > ROUNDS, "{plain} of {ROUNDS}");
    }
}
