//! What stands in a YAML file, from its first byte to its last.

use std::ops::Range;
use std::sync::Arc;

use granit_parser::{Event, Parser};

use super::input::{Text, parser};
use super::quick::Quick;
use super::trouble::in_words;
use crate::document::{Broken, Parsed};
use crate::domain::SourceText;

/// Something that is met, and its bytes in the file.
pub(super) type Met<'a> = (Event<'a>, Range<usize>);

/// Reads the one document of a file.
pub(super) struct Events<'a> {
    source: &'a Arc<SourceText>,
    reader: Reader<'a>,
    documents: usize,
}

#[expect(clippy::large_enum_variant, reason = "a file has one")]
enum Reader<'a> {
    Plain(Quick<'a>),
    Whole(Parser<'a, Text<'a>>),
}

impl<'a> Events<'a> {
    /// Begins at the file's first byte.
    pub(super) fn new(source: &'a Arc<SourceText>) -> Self {
        Self { source, reader: Reader::Whole(parser(&source.text)), documents: 0 }
    }

    /// The same, and faster; but where the file has more than plain lines, or is broken, this may end in an error that
    /// tells nothing, and `new` says what there is.
    pub(super) fn plain(source: &'a Arc<SourceText>) -> Self {
        match Quick::new(source) {
            Some(quick) => Self { source, reader: Reader::Plain(quick), documents: 0 },
            None => Self::new(source),
        }
    }

    /// What comes next; `None` at the end of the file.
    pub(super) fn advance(&mut self) -> Parsed<Option<Met<'a>>> {
        let parser = match &mut self.reader {
            Reader::Plain(quick) => {
                return quick
                    .advance()
                    .map_err(|_| Broken::at(self.source, 0..0, "it is more than plain lines"));
            }
            Reader::Whole(parser) => parser,
        };
        let Some(event) = parser.next_event() else { return Ok(None) };
        let (event, span) = event.map_err(|error| {
            // What is missing at the end of the file is missing behind its last word.
            let end = self.source.text.trim_end().len();
            let at = error.marker().byte_offset().unwrap_or_default().min(end);
            let (cause, help) = in_words(error.kind());
            Broken::at(self.source, at..at, cause).help(help)
        })?;
        let range = span.byte_range().unwrap_or(0..0);
        if matches!(event, Event::DocumentStart(..)) {
            self.documents += 1;
            if self.documents > 1 {
                let cause = "a second YAML document begins here; only one is read";
                return Err(Broken::at(self.source, range, cause)
                    .help("remove the `---` and what belongs to the other document"));
            }
        }
        Ok(Some((event, range)))
    }
}
