use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use super::loads::{as_text, as_time};
use super::{ChartIndex, Held, IndexChart, Text, Top};
use crate::document::yaml::{Scalar, Stream, Token, quoted};
use crate::document::{Broken, Parsed, check_json};
use crate::domain::SourceText;

/// What can't be read is best made by the program that makes all others.
const REMAKE: &str = "correct it, or make the chart index anew: helm repo index";

/// The keys at the top.
const TOP: [&str; 6] = ["apiVersion", "entries", "generated", "annotations", "publicKeys", "serverInfo"];

/// Reads a chart index.
pub(super) fn read(source: &Arc<SourceText>) -> Parsed<ChartIndex> {
    // What is wrong is said by the reader that knows all of YAML.
    read_by(source, Stream::plain(source)).or_else(|_| read_by(source, Stream::new(source)))
}

fn read_by<'a>(source: &'a Arc<SourceText>, stream: Stream<'a>) -> Parsed<ChartIndex> {
    // Helm reads JSON by other means: what it does not know there, it passes over.
    let is_json = source.text.trim_start().starts_with('{') && check_json(source).is_ok();
    let mut reader = Reader { source, is_json, stream, top: Top::default(), charts: Vec::new() };
    match reader.stream.advance()? {
        None => {}
        Some(Token::Mapping { flow, .. }) => {
            reader.top.flow = flow;
            reader.top()?;
        }
        Some(Token::Scalar(scalar)) if scalar.is_null() => {}
        Some(other) => return Err(reader.odd(&other, "apiVersion, entries and other keys are expected here")),
    }
    // What comes behind may still be no YAML.
    while reader.stream.advance()?.is_some() {}
    let Reader { top, charts, .. } = reader;
    Ok(ChartIndex { source: Arc::clone(source), top, charts })
}

/// The file as it is read.
pub(super) struct Reader<'a> {
    source: &'a Arc<SourceText>,
    pub(super) is_json: bool,
    pub(super) stream: Stream<'a>,
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
                    if self.loose(&value)?.is_none_or(|text| text.text.is_empty()) {
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
                "annotations" => self.texts_by_key(value, false)?,
                "publicKeys" => drop(self.texts(value)?),
                "serverInfo" => self.server_info(&value)?,
                _ => self.unknown(&key, &value, TOP)?,
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
            Token::Scalar(scalar) if scalar.is_null() => Held::Nothing(scalar.range.clone()),
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
            Token::Scalar(scalar) if scalar.is_null() => Held::Nothing(scalar.range.clone()),
            other => return Err(self.odd(other, "the chart's entries are expected here, each after a `-`")),
        };
        let mut entries = Vec::new();
        if let Token::Sequence { range, .. } = value {
            while let Some(item) = self.stream.advance()? {
                match item {
                    Token::End => break,
                    Token::Mapping { range, .. } => entries.push(self.entry(range.start)?),
                    Token::Scalar(scalar) if scalar.is_null() => {
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

    pub(super) fn text(&self, value: &Token<'a>) -> Parsed<Option<Text>> {
        match value {
            Token::Scalar(scalar) if scalar.is_null() => Ok(None),
            Token::Scalar(Scalar { text, range, .. }) => {
                Ok(Some(Text { text: text.clone().into_owned(), range: range.clone() }))
            }
            other => Err(self.odd(other, "one value is expected here")),
        }
    }

    /// One value of any kind: of these fields Helm makes a text, but not where it reads JSON.
    pub(super) fn loose(&self, value: &Token<'a>) -> Parsed<Option<Text>> {
        if self.is_json { self.helm_text(value) } else { self.text(value) }
    }

    /// A text that Helm has to find to be one.
    pub(super) fn helm_text(&self, value: &Token<'a>) -> Parsed<Option<Text>> {
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

    pub(super) fn time(&self, value: &Token<'a>) -> Parsed<()> {
        let text = self.text(value)?;
        match text.and_then(|_| not_loaded(value, as_time)) {
            Some((why, _, range)) => Err(self.bad(range, &why)),
            None => Ok(()),
        }
    }

    pub(super) fn texts(&mut self, value: Token<'a>) -> Parsed<Vec<Text>> {
        let mut texts = Vec::new();
        match value {
            Token::Sequence { .. } => {
                while let Some(item) = self.stream.advance()? {
                    match item {
                        Token::End => break,
                        item => texts.extend(self.loose(&item)?),
                    }
                }
            }
            Token::Scalar(scalar) if scalar.is_null() => {}
            other => return Err(self.odd(&other, "a list is expected here")),
        }
        Ok(texts)
    }

    /// The next key of a mapping; `None` at its end. `known` are the keys before it.
    pub(super) fn key(&mut self, known: &mut HashSet<Cow<'a, str>>) -> Parsed<Option<Scalar<'a>>> {
        match self.next_key()? {
            Some(key) if !known.insert(key.text.clone()) => Err(self.twice(&key)),
            key => Ok(key),
        }
    }

    pub(super) fn next_key(&mut self) -> Parsed<Option<Scalar<'a>>> {
        match self.stream.advance()? {
            Some(Token::Scalar(key)) if !key.is_null() => Ok(Some(key)),
            Some(Token::End) | None => Ok(None),
            Some(other) => Err(self.odd(&other, "a key is expected here")),
        }
    }

    pub(super) fn twice(&self, key: &Scalar<'_>) -> Broken {
        let cause = format!("key `{}` is there twice", key.text);
        Broken::at(self.source, key.range.clone(), cause).help("keep one of the two")
    }

    pub(super) fn value(&mut self) -> Parsed<Token<'a>> {
        let end = self.source.text.len();
        self.stream.advance()?.ok_or_else(|| self.bad(end..end, "the file ends behind a key"))
    }

    /// Something stands where something else is expected.
    pub(super) fn odd(&self, token: &Token<'_>, expected: &str) -> Broken {
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

    pub(super) fn bad(&self, range: Range<usize>, cause: &str) -> Broken {
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
