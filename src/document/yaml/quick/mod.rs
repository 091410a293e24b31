//! The plain part of YAML, read line by line: keys and dashes in blocks, each with a value of one line, and comments. That
//! is most of what stands in a chart's files; a value of another form is left to the parser, and a file in which anything
//! else stands is, as a whole. What is met is the same.

use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use granit_parser::{Event, ScalarStyle, StructureStyle};

use super::events::Met;
use super::input::parser;
use crate::domain::{SourceText, text};

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
    has_begun: bool,
    /// The blocks that the next line may belong to.
    open: Vec<Block>,
    /// The byte of the last key's colon, while the key has no value.
    waits: Option<usize>,
    met: VecDeque<Met<'a>>,
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

    /// The bytes of so many from its first on.
    fn range(self, bytes: usize) -> Range<usize> {
        self.at..self.at + bytes
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
        let is_plain = text::is_plain(&source.text) || !source.text.contains(is_odd);
        let (open, met) = (Vec::new(), VecDeque::new());
        is_plain.then_some(Self { source, at: 0, has_begun: false, open, waits: None, met })
    }

    /// What comes next; `None` at the end of the file.
    pub(super) fn advance(&mut self) -> Result<Option<Met<'a>>, NotPlain> {
        loop {
            if let Some(met) = self.met.pop_front() {
                return Ok(Some(met));
            }
            if self.at >= self.source.text.len() && self.open.is_empty() {
                return Ok(None);
            }
            self.line()?;
        }
    }

    fn line(&mut self) -> Result<(), NotPlain> {
        let Some(line) = self.line_at(self.at) else {
            self.close(None);
            return Ok(());
        };
        self.at += line.len() + 1;
        let start = self.at - line.len() - 1;
        let body = Part { at: start, column: 0, text: line }.behind(0);
        if body.text.is_empty() || body.text.starts_with('#') {
            return Ok(());
        }
        let is_dash = body.text.starts_with("- ");
        self.close(Some((body.column, is_dash)));
        self.enter(Block { indent: body.column, is_list: is_dash }, body)?;
        if !is_dash {
            return self.pair(body);
        }
        let item = body.behind(2);
        if key(item.text).is_some() {
            self.open(Block { indent: item.column, is_list: false }, item)?;
            return self.pair(item);
        }
        if self.goes_on(body.column) || !self.simple(item) {
            self.leave(body, 1)?;
        }
        Ok(())
    }

    /// A key and what stands behind it.
    fn pair(&mut self, body: Part<'a>) -> Result<(), NotPlain> {
        let Some(length) = key(body.text) else {
            let is_key = body.text.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '"' | '\''));
            return if is_key { self.leave(body, 1) } else { Err(NotPlain) };
        };
        self.scalar(body.text.get(..length).unwrap_or_default(), ScalarStyle::Plain, body.range(length));
        let value = body.behind(length + 1);
        if value.text.is_empty() || value.text.starts_with('#') {
            self.waits = Some(body.at + length);
        } else if self.goes_on(body.column) || !self.simple(value) {
            self.leave(body, 2)?;
        }
        Ok(())
    }

    /// Ends the blocks that a line of this indentation does not belong to; without one, all.
    fn close(&mut self, line: Option<(usize, bool)>) {
        while let Some(&top) = self.open.last() {
            let is_in = line.is_some_and(|(indent, is_dash)| {
                top.indent < indent || top.indent == indent && (is_dash || !top.is_list)
            });
            if is_in {
                break;
            }
            self.end_wait();
            let end = if top.is_list { Event::SequenceEnd } else { Event::MappingEnd };
            self.open.pop();
            self.met.push_back((end, 0..0));
        }
    }

    /// Gives the key that waits nothing for its value.
    fn end_wait(&mut self) {
        if let Some(colon) = self.waits.take() {
            self.scalar("~", ScalarStyle::Plain, colon..colon);
        }
    }

    /// Goes on in the innermost block, or begins one for the key that waits.
    fn enter(&mut self, block: Block, body: Part<'a>) -> Result<(), NotPlain> {
        match self.open.last() {
            None if block.indent == 0 && !self.has_begun && !block.is_list => self.open(block, body),
            Some(top) if top.indent == block.indent && top.is_list == block.is_list => {
                self.end_wait();
                Ok(())
            }
            Some(top) if self.waits.is_some() && top.indent + usize::from(!block.is_list) <= block.indent => {
                self.waits = None;
                // To the parser, a list that is not indented begins with its first item.
                let is_indented = top.indent < block.indent;
                self.open(block, if is_indented { body } else { body.behind(1) })
            }
            _ => Err(NotPlain),
        }
    }

    fn open(&mut self, block: Block, body: Part<'a>) -> Result<(), NotPlain> {
        if self.open.len() >= DEPTH {
            return Err(NotPlain);
        }
        let event = if block.is_list {
            Event::SequenceStart(StructureStyle::Block, 0, None)
        } else {
            Event::MappingStart(StructureStyle::Block, 0, None)
        };
        self.has_begun = true;
        self.open.push(block);
        self.met.push_back((event, body.range(0)));
        Ok(())
    }

    /// A value of one line that stands for itself; else the parser has to say what it is.
    fn simple(&mut self, value: Part<'a>) -> bool {
        let text = value.text.trim_end_matches(' ');
        for (quote, style) in [('"', ScalarStyle::DoubleQuoted), ('\'', ScalarStyle::SingleQuoted)] {
            if let Some(rest) = text.strip_prefix(quote) {
                let Some((inner, behind)) = rest.split_once(quote) else { return false };
                let comment = behind.trim_start_matches(' ');
                let is_comment = comment.starts_with('#') && behind.starts_with(' ');
                if inner.contains('\\') || !(is_comment || behind.is_empty()) {
                    return false;
                }
                self.scalar(inner, style, value.range(inner.len() + 2));
                return true;
            }
        }
        let text = text.split_once(" #").map_or(text, |(text, _)| text.trim_end_matches(' '));
        let flow = StructureStyle::Flow;
        let empty = match text {
            "{}" => [Event::MappingStart(flow, 0, None), Event::MappingEnd],
            "[]" => [Event::SequenceStart(flow, 0, None), Event::SequenceEnd],
            _ => {
                let is_plain = text
                    .starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '_' | '.'))
                    && !text.ends_with(':')
                    && !text.contains(": ");
                if is_plain {
                    self.scalar(text, ScalarStyle::Plain, value.range(text.len()));
                }
                return is_plain;
            }
        };
        let ranges = [value.range(1), value.behind(1).range(1)];
        self.met.extend(empty.into_iter().zip(ranges));
        true
    }

    fn scalar(&mut self, text: &'a str, style: ScalarStyle, range: Range<usize>) {
        self.met.push_back((Event::Scalar(text.into(), style, 0, None), range));
    }

    /// Leaves a pair or an item, with all lines that are indented further, to the parser; the first that it meets there
    /// is known already.
    fn leave(&mut self, body: Part<'a>, known: usize) -> Result<(), NotPlain> {
        while let Some(line) = self.line_at(self.at) {
            let is_empty = line.trim_start_matches(' ').is_empty();
            if !is_empty && !self.goes_on(body.column) {
                break;
            }
            self.at += line.len() + 1;
        }
        let source: &'a Arc<SourceText> = self.source;
        // A block of text ends where the next line begins, behind its indentation.
        let next = source.text.get(self.at..).unwrap_or_default();
        let end = source.text.len() - next.trim_start_matches(' ').len();
        // How deep such a block is counts from what it lies in.
        let is_counted =
            |word: &str| word.starts_with(['|', '>']) && word.contains(|c: char| c.is_ascii_digit());
        let Some(part) = source.text.get(body.at..end) else { return Err(NotPlain) };
        if part.split_whitespace().any(is_counted) {
            return Err(NotPlain);
        }
        let mut met = nodes(part, body.at)?;
        let is_block = |at: usize, is_list: bool| match met.get(at) {
            Some((Event::MappingStart(StructureStyle::Block, ..), _)) => !is_list,
            Some((Event::SequenceStart(StructureStyle::Block, ..), _)) => is_list,
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

/// What the parser meets in a part of the file, which begins at a byte of it.
fn nodes(part: &str, at: usize) -> Result<Vec<Met<'_>>, NotPlain> {
    let mut met = Vec::new();
    for event in parser(part) {
        let (event, span) = event.map_err(|_| NotPlain)?;
        let range = span.byte_range().unwrap_or(0..0);
        match &event {
            Event::StreamStart | Event::StreamEnd | Event::DocumentStart(..) | Event::DocumentEnd => {}
            // Where nothing stands, the part ends, and not the line.
            Event::Scalar(text, ..) if range.is_empty() || text.trim().is_empty() => return Err(NotPlain),
            // What has a name may be meant anywhere.
            Event::Scalar(_, _, 1.., _)
            | Event::MappingStart(_, 1.., _)
            | Event::SequenceStart(_, 1.., _)
            | Event::Alias(_) => return Err(NotPlain),
            _ => met.push((event, range.start + at..range.end + at)),
        }
    }
    Ok(met)
}

#[cfg(test)]
mod tests;
