//! YAML as it is met from the first byte to the last, for files too large to be kept as a tree.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use granit_parser::{Event, Parser, ScalarStyle, StructureStyle};

use super::input::{Text, parser};
use super::quick::Quick;
use super::scalar::plain_is_string;
use super::trouble::in_words;
use crate::document::{Broken, Parsed};
use crate::domain::SourceText;

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
    source: &'a Arc<SourceText>,
    /// The text that is read: the file's, or a part of it.
    text: &'a str,
    /// Reads the plain part of YAML, where that is enough.
    quick: Option<Quick<'a>>,
    parser: Parser<'a, Text<'a>>,
    anchors: HashMap<usize, (String, bool)>,
    documents: usize,
    end: usize,
}

impl<'a> Stream<'a> {
    /// Begins at the file's first byte.
    pub fn new(source: &'a Arc<SourceText>) -> Self {
        Self::of_part(source, 0..source.text.len())
    }

    /// The same for a file that a program wrote: faster, but where it has more than plain lines, or is broken, this may end
    /// in an error that tells nothing, and `new` says what there is.
    pub fn plain(source: &'a Arc<SourceText>) -> Self {
        Self { quick: Quick::new(source), ..Self::new(source) }
    }

    /// Reads a part of the file for itself, and counts from its first byte.
    pub(super) fn of_part(source: &'a Arc<SourceText>, part: Range<usize>) -> Self {
        let text = source.text.get(part).unwrap_or_default();
        Self {
            source,
            text,
            quick: None,
            parser: parser(text),
            anchors: HashMap::new(),
            documents: 0,
            end: 0,
        }
    }

    /// The end of what was met last and has bytes of its own.
    pub fn end(&self) -> usize {
        self.quick.as_ref().map_or(self.end, Quick::end)
    }

    /// What comes next; `None` at the end of the file.
    pub fn advance(&mut self) -> Parsed<Option<Token<'a>>> {
        if let Some(quick) = &mut self.quick {
            return quick.advance().map_err(|_| Broken::at(self.source, 0..0, "it is more than plain lines"));
        }
        while let Some(event) = self.parser.next_event() {
            let (event, span) = event.map_err(|error| {
                let end = self.source.text.trim_end().len();
                let at = error.marker().byte_offset().unwrap_or_default().min(end);
                let (cause, help) = in_words(error.kind());
                Broken::at(self.source, at..at, cause).help(help)
            })?;
            let range = span.byte_range().unwrap_or(0..0);
            if let Some(token) = self.token(event, range)? {
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

    fn token(&mut self, event: Event<'a>, range: Range<usize>) -> Parsed<Option<Token<'a>>> {
        let is_flow = |style: StructureStyle| style == StructureStyle::Flow;
        Ok(match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    let cause = "a second YAML document begins here; only one is read";
                    return Err(Broken::at(self.source, range, cause)
                        .help("remove the `---` and what belongs to the other document"));
                }
                None
            }
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
                Some(Token::Scalar(Scalar { text, range, plain, aliased: false }))
            }
            Event::Alias(anchor) => {
                self.end = self.end.max(range.end);
                Some(match self.anchors.get(&anchor) {
                    Some((text, plain)) => Token::Scalar(Scalar {
                        text: Cow::Owned(text.clone()),
                        range,
                        plain: *plain,
                        aliased: true,
                    }),
                    None => Token::Alias(range),
                })
            }
            Event::MappingStart(style, ..) => Some(Token::Mapping { range, flow: is_flow(style) }),
            Event::SequenceStart(style, ..) => Some(Token::Sequence { range, flow: is_flow(style) }),
            Event::MappingEnd | Event::SequenceEnd => {
                // A block has no end of its own: its range begins where the next line does.
                if matches!(
                    range.end.checked_sub(1).and_then(|at| self.text.as_bytes().get(at)),
                    Some(b'}' | b']')
                ) {
                    self.end = self.end.max(range.end);
                }
                Some(Token::End)
            }
            _ => None,
        })
    }
}
