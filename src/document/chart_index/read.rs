use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use super::loads::{TEXTS, as_text, as_time};
use super::{ChartIndex, Held, IndexChart, IndexEntry, Text, Top};
use crate::document::yaml::{Scalar, Stream, Token, quoted};
use crate::document::{Broken, Parsed};
use crate::domain::SourceText;

/// What can't be read is best made by the program that makes all others.
const REMAKE: &str = "correct it, or make the chart index anew: helm repo index";

/// Reads a chart index.
pub(super) fn read(source: &Arc<SourceText>) -> Parsed<ChartIndex> {
    let mut reader = Reader { source, stream: Stream::new(source), top: Top::default(), charts: Vec::new() };
    match reader.stream.advance()? {
        None => {}
        Some(Token::Mapping { flow, .. }) => {
            reader.top.flow = flow;
            reader.top()?;
        }
        Some(Token::Scalar(scalar)) if is_null(&scalar) => {}
        Some(other) => return Err(reader.odd(&other, "apiVersion, entries and other keys are expected here")),
    }
    // What comes behind may still be no YAML.
    while reader.stream.advance()?.is_some() {}
    let Reader { top, charts, .. } = reader;
    Ok(ChartIndex { source: Arc::clone(source), top, charts })
}

struct Reader<'a> {
    source: &'a Arc<SourceText>,
    stream: Stream<'a>,
    top: Top,
    charts: Vec<IndexChart>,
}

impl<'a> Reader<'a> {
    fn top(&mut self) -> Parsed<()> {
        let mut known = HashSet::new();
        while let Some(key) = self.key(&mut known)? {
            self.top.first.get_or_insert(key.range.start);
            let value = self.value()?;
            match key.text.as_ref() {
                "entries" => self.charts_of(key.range.start, value)?,
                "apiVersion" => {
                    if self.text(&value)?.is_none_or(|text| text.text.is_empty()) {
                        return Err(
                            self.bad(key.range, "apiVersion is empty, and Helm loads no index without one")
                        );
                    }
                    self.top.has_api_version = true;
                }
                "generated" => {
                    if let Token::Scalar(scalar) = &value
                        && !scalar.aliased
                        && self.is_beside_its_key(&scalar.range)
                    {
                        self.top.generated = Some((scalar.range.clone(), scalar.plain));
                    }
                    self.time(&value)?;
                }
                _ => self.stream.skip(&value)?,
            }
            self.top.end = self.stream.end();
        }
        Ok(())
    }

    /// Whether a value stands whole in the line of its key: one in a block of its own stays as it is.
    fn is_beside_its_key(&self, value: &Range<usize>) -> bool {
        let text = &self.source.text;
        let before = text.get(..value.start).unwrap_or_default().trim_end_matches([' ', '\t']);
        let lines = text.get(value.clone()).unwrap_or_default();
        !lines.is_empty() && !lines.contains('\n') && before.ends_with(':')
    }

    fn charts_of(&mut self, key: usize, value: Token<'a>) -> Parsed<()> {
        let held = match &value {
            Token::Mapping { flow: false, .. } => Held::Lines,
            Token::Mapping { flow: true, .. } => Held::Braces,
            Token::Scalar(scalar) if is_null(scalar) => Held::Nothing(scalar.range.clone()),
            other => {
                return Err(self.odd(other, "the charts' names are expected here, each with its entries"));
            }
        };
        if let Token::Mapping { range, .. } = value {
            let mut known = HashSet::new();
            while let Some(key) = self.key(&mut known)? {
                let chart = self.chart(key)?;
                self.charts.push(chart);
            }
            if held == Held::Braces && self.charts.is_empty() {
                self.top.entries = Some((key, Held::Nothing(range.start..self.stream.end())));
                return Ok(());
            }
        }
        self.top.entries = Some((key, held));
        Ok(())
    }

    fn chart(&mut self, key: Scalar<'a>) -> Parsed<IndexChart> {
        let value = self.value()?;
        let mut held = match &value {
            Token::Sequence { flow: false, .. } => Held::Lines,
            Token::Sequence { flow: true, .. } => Held::Braces,
            Token::Scalar(scalar) if is_null(scalar) => Held::Nothing(scalar.range.clone()),
            other => return Err(self.odd(other, "the chart's entries are expected here, each after a `-`")),
        };
        let mut entries = Vec::new();
        if let Token::Sequence { range, .. } = value {
            while let Some(item) = self.stream.advance()? {
                match item {
                    Token::End => break,
                    Token::Mapping { range, .. } => entries.push(self.entry(range.start)?),
                    Token::Scalar(scalar) if is_null(&scalar) => {
                        return Err(self.bad(
                            scalar.range,
                            "an entry without anything stands here, which Helm 3 breaks off at",
                        ));
                    }
                    other => return Err(self.odd(&other, "an entry's keys and values are expected here")),
                }
            }
            if held == Held::Braces && entries.is_empty() {
                held = Held::Nothing(range.start..self.stream.end());
            }
        }
        let end = self.stream.end().max(key.range.end);
        Ok(IndexChart { name: key.text.into_owned(), key: key.range, entries, held, end })
    }

    fn entry(&mut self, start: usize) -> Parsed<IndexEntry> {
        let mut entry = IndexEntry::default();
        // An entry has a few keys: looking through them is cheaper than hashing them.
        let mut known: Vec<Cow<'a, str>> = Vec::new();
        while let Some(key) = self.next_key()? {
            if known.contains(&key.text) {
                return Err(self.twice(&key));
            }
            known.push(key.text.clone());
            let value = self.value()?;
            match key.text.as_ref() {
                "digest" => entry.digest = self.text(&value)?,
                "created" => self.time(&value)?,
                "annotations" => self.annotations(&value)?,
                name if TEXTS.contains(&name) => {
                    let text = self.helm_text(&value)?;
                    if name == "version" {
                        entry.version = text;
                    }
                }
                "urls" => entry.urls = self.texts(value)?,
                "<<" => {
                    return Err(
                        self.bad(key.range, "a merge key stands here, of which a chart index has none")
                    );
                }
                _ => self.stream.skip(&value)?,
            }
        }
        entry.range = start..self.stream.end();
        Ok(entry)
    }

    fn text(&self, value: &Token<'a>) -> Parsed<Option<Text>> {
        match value {
            Token::Scalar(scalar) if is_null(scalar) => Ok(None),
            Token::Scalar(Scalar { text, range, .. }) => {
                Ok(Some(Text { text: text.clone().into_owned(), range: range.clone() }))
            }
            other => Err(self.odd(other, "one value is expected here")),
        }
    }

    /// A text that Helm has to find to be one.
    fn helm_text(&self, value: &Token<'a>) -> Parsed<Option<Text>> {
        let text = self.text(value)?;
        match text.as_ref().and_then(|_| not_loaded(value, as_text)) {
            Some((why, text, range)) => {
                let help =
                    format!("write it in quotes, {}: Helm loads nothing of the whole index", quoted(text));
                Err(Broken::at(self.source, range, why).help(help))
            }
            None => Ok(text),
        }
    }

    fn time(&self, value: &Token<'a>) -> Parsed<()> {
        let text = self.text(value)?;
        match text.and_then(|_| not_loaded(value, as_time)) {
            Some((why, _, range)) => Err(self.bad(range, &why)),
            None => Ok(()),
        }
    }

    fn annotations(&mut self, value: &Token<'a>) -> Parsed<()> {
        if !matches!(value, Token::Mapping { .. }) {
            return self.stream.skip(value);
        }
        while self.next_key()?.is_some() {
            let value = self.value()?;
            self.helm_text(&value)?;
        }
        Ok(())
    }

    fn texts(&mut self, value: Token<'a>) -> Parsed<Vec<Text>> {
        let mut texts = Vec::new();
        match value {
            Token::Sequence { .. } => {
                while let Some(item) = self.stream.advance()? {
                    match item {
                        Token::End => break,
                        item => texts.extend(self.text(&item)?),
                    }
                }
            }
            Token::Scalar(scalar) if is_null(&scalar) => {}
            other => return Err(self.odd(&other, "a list is expected here")),
        }
        Ok(texts)
    }

    /// The next key of a mapping; `None` at its end. `known` are the keys before it.
    fn key(&mut self, known: &mut HashSet<String>) -> Parsed<Option<Scalar<'a>>> {
        match self.next_key()? {
            Some(key) if !known.insert(key.text.clone().into_owned()) => Err(self.twice(&key)),
            key => Ok(key),
        }
    }

    fn next_key(&mut self) -> Parsed<Option<Scalar<'a>>> {
        match self.stream.advance()? {
            Some(Token::Scalar(key)) => Ok(Some(key)),
            Some(Token::End) | None => Ok(None),
            Some(other) => Err(self.odd(&other, "a key is expected here")),
        }
    }

    fn twice(&self, key: &Scalar<'_>) -> Broken {
        let cause = format!("key `{}` is there twice", key.text);
        Broken::at(self.source, key.range.clone(), cause).help("keep one of the two")
    }

    fn value(&mut self) -> Parsed<Token<'a>> {
        let end = self.source.text.len();
        self.stream.advance()?.ok_or_else(|| self.bad(end..end, "the file ends behind a key"))
    }

    /// Something stands where something else is expected.
    fn odd(&self, token: &Token<'_>, expected: &str) -> Broken {
        match token {
            Token::Alias(range) => {
                self.bad(range.clone(), "an alias stands here, of which a chart index has none")
            }
            Token::Scalar(Scalar { range, .. })
            | Token::Mapping { range, .. }
            | Token::Sequence { range, .. } => self.bad(range.clone(), expected),
            Token::End => {
                let end = self.stream.end();
                self.bad(end..end, expected)
            }
        }
    }

    fn bad(&self, range: Range<usize>, cause: &str) -> Broken {
        Broken::at(self.source, range, cause).help(REMAKE)
    }
}

/// Why Helm can't load a scalar, its text and its place; `None` where it can.
fn not_loaded<'t>(
    value: &'t Token<'_>,
    why_not: impl Fn(&Scalar<'_>) -> Option<String>,
) -> Option<(String, &'t str, Range<usize>)> {
    let Token::Scalar(scalar) = value else { return None };
    Some((why_not(scalar)?, scalar.text.as_ref(), scalar.range.clone()))
}

/// Whether nothing stands there, or a word for nothing.
fn is_null(scalar: &Scalar<'_>) -> bool {
    scalar.plain && matches!(scalar.text.as_ref(), "" | "~" | "null" | "Null" | "NULL")
}
