//! YAML as it is met from the first byte to the last, for files too large to be kept as a tree.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use granit_parser::{Event, ScalarStyle, StructureStyle};

use super::events::Events;
use super::scalar::plain_is_string;
use crate::document::Parsed;
use crate::domain::{SortedMap, SourceText};

/// What is met.
#[derive(Debug)]
pub enum Token<'a> {
    /// A scalar, or an alias of one.
    Scalar(Scalar<'a>),
    /// A mapping begins; its keys and values follow, and an end.
    Mapping {
        /// Where its first key begins, or its brace.
        range: Range<usize>,
        /// Whether it is written with braces.
        flow: bool,
    },
    /// A sequence begins; its items follow, and an end.
    Sequence {
        /// Where it begins.
        range: Range<usize>,
        /// Whether it is written with brackets.
        flow: bool,
    },
    /// An alias of a collection.
    Alias(Range<usize>),
    /// The collection that was begun last ends.
    End,
}

/// A scalar that was met.
#[derive(Debug)]
pub struct Scalar<'a> {
    /// The text that it stands for.
    pub text: Cow<'a, str>,
    /// Its bytes; those of the alias where it is one.
    pub range: Range<usize>,
    /// Whether it is written without quotes, and without a tag.
    pub plain: bool,
    /// Whether it stands at an alias.
    pub aliased: bool,
}

impl Scalar<'_> {
    /// Whether Helm reads nothing here.
    pub fn is_null(&self) -> bool {
        self.plain && matches!(self.text.as_ref(), "" | "~" | "null" | "Null" | "NULL")
    }

    /// Whether Helm reads a text here, and not a number, a truth value, a date or nothing.
    pub fn is_text(&self) -> bool {
        !self.plain || plain_is_string(&self.text)
    }
}

/// Reads the one document of a file.
pub struct Stream<'a> {
    text: &'a str,
    events: Events<'a>,
    anchors: SortedMap<usize, (String, bool)>,
    end: usize,
}

impl<'a> Stream<'a> {
    /// Begins at the file's first byte.
    pub fn new(source: &'a Arc<SourceText>) -> Self {
        Self { text: &source.text, events: Events::new(source), anchors: SortedMap::new(), end: 0 }
    }

    /// The same for a file that a program wrote: faster, but where it has more than plain lines, or is broken, this may end
    /// in an error that tells nothing, and `new` says what there is.
    pub fn plain(source: &'a Arc<SourceText>) -> Self {
        Self { events: Events::plain(source), ..Self::new(source) }
    }

    /// The end of what was met last and has bytes of its own.
    pub fn end(&self) -> usize {
        self.end
    }

    /// What comes next; `None` at the end of the file.
    pub fn advance(&mut self) -> Parsed<Option<Token<'a>>> {
        while let Some((event, range)) = self.events.advance()? {
            if let Some(token) = self.token(event, range) {
                return Ok(Some(token));
            }
        }
        Ok(None)
    }

    /// Passes over what a token begins. A token that begins nothing is passed over already.
    pub fn skip(&mut self, token: &Token<'_>) -> Parsed<()> {
        let mut depth = usize::from(matches!(token, Token::Mapping { .. } | Token::Sequence { .. }));
        while depth > 0 {
            match self.advance()? {
                Some(Token::Mapping { .. } | Token::Sequence { .. }) => depth += 1,
                Some(Token::End) => depth -= 1,
                Some(_) => {}
                None => return Ok(()),
            }
        }
        Ok(())
    }

    fn token(&mut self, event: Event<'a>, range: Range<usize>) -> Option<Token<'a>> {
        let is_flow = |style: StructureStyle| style == StructureStyle::Flow;
        Some(match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain && tag.is_none();
                // What is empty in the file is reported as `~`, which the file does not hold.
                let text = if range.is_empty() && plain { Cow::Borrowed("") } else { text };
                if anchor > 0 {
                    self.anchors.insert(anchor, (text.clone().into_owned(), plain));
                }
                let block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
                // A block ends where the next line begins, its indentation not included.
                let lines = self.text.get(range.clone()).filter(|_| block);
                let end =
                    lines.and_then(|lines| lines.rfind('\n')).map_or(range.end, |at| range.start + at + 1);
                self.end = self.end.max(end);
                Token::Scalar(Scalar { text, range, plain, aliased: false })
            }
            Event::Alias(anchor) => {
                self.end = self.end.max(range.end);
                match self.anchors.get(&anchor) {
                    Some((text, plain)) => Token::Scalar(Scalar {
                        text: Cow::Owned(text.clone()),
                        range,
                        plain: *plain,
                        aliased: true,
                    }),
                    None => Token::Alias(range),
                }
            }
            Event::MappingStart(style, ..) => Token::Mapping { range, flow: is_flow(style) },
            Event::SequenceStart(style, ..) => Token::Sequence { range, flow: is_flow(style) },
            Event::MappingEnd | Event::SequenceEnd => {
                // A block has no end of its own: its range begins where the next line does.
                if matches!(
                    range.end.checked_sub(1).and_then(|at| self.text.as_bytes().get(at)),
                    Some(b'}' | b']')
                ) {
                    self.end = self.end.max(range.end);
                }
                Token::End
            }
            _ => return None,
        })
    }
}
