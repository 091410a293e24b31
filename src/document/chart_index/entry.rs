use std::collections::HashSet;

use super::IndexEntry;
use super::loads::{OWN, is_known, of_chart};
use super::read::Reader;
use crate::document::dependencies::is_alias;
use crate::document::metadata::{DEPENDENCIES, FIELDS, Field, Shape, VERSION};
use crate::document::yaml::go::flag_of;
use crate::document::yaml::{Scalar, Token};
use crate::document::{Broken, Parsed};

impl<'a> Reader<'a> {
    /// An entry's keys and values; `start` is where they begin.
    pub(super) fn entry(&mut self, start: usize) -> Parsed<IndexEntry> {
        let mut entry = IndexEntry::default();
        let mut known = 0_u64;
        let mut has_name = false;
        while let Some(key) = self.next_key()? {
            let value = self.value()?;
            let own = OWN.iter().position(|name| *name == key.text);
            let chart = if own.is_none() { of_chart(&key.text) } else { None };
            let Some(number) = own.or(chart.map(|(at, _)| at + OWN.len())) else {
                if key.text == "<<" {
                    return Err(
                        self.bad(key.range, "a merge key stands here, of which a chart index has none")
                    );
                }
                let of_chart = [VERSION, FIELDS, DEPENDENCIES].into_iter().flatten().map(|(name, _)| *name);
                self.unknown(&key, &value, OWN.into_iter().chain(of_chart))?;
                continue;
            };
            if known & (1 << number) != 0 {
                return Err(self.twice(&key));
            }
            known |= 1 << number;
            match (key.text.as_ref(), chart) {
                ("created", _) => self.time(&value)?,
                ("digest", _) => entry.digest = self.loose(&value)?,
                ("urls", _) => entry.urls = self.texts(value)?,
                ("removed", _) => self.flag(&value)?,
                ("version", _) => entry.version = self.helm_text(&value)?,
                (name @ ("name" | "type"), _) => {
                    let text = self.helm_text(&value)?.map(|text| text.text).unwrap_or_default();
                    has_name |= name == "name" && !text.is_empty();
                    let flaw = if name == "name" { unfit_name(&text) } else { unfit_type(&text) };
                    entry.flaw = entry.flaw.or(flaw);
                }
                (name, Some((_, shape))) => {
                    let flaw = self.shaped(value, shape)?;
                    entry.flaw = entry.flaw.or(flaw.map(|flaw| format!("its {name} {flaw}")));
                }
                (_, None) => drop(self.loose(&value)?),
            }
        }
        if !has_name {
            entry.flaw = Some("it has no name".to_owned());
        }
        entry.range = start..self.stream.end();
        Ok(entry)
    }

    /// Reads a value of a chart as Helm does; returned is what is wrong with it where Helm passes over the entry.
    fn shaped(&mut self, value: Token<'a>, shape: &Shape) -> Parsed<Option<String>> {
        if matches!(&value, Token::Scalar(scalar) if scalar.is_null()) {
            return Ok(None);
        }
        match (shape, value) {
            (Shape::Text | Shape::Verbatim, value) => drop(self.helm_text(&value)?),
            (Shape::Flag, value) => self.flag(&value)?,
            // What it stands for was judged where it stands.
            (_, Token::Alias(_)) => {}
            (Shape::TextsByKey, value) => self.texts_by_key(value, true)?,
            (Shape::List, value @ Token::Sequence { .. }) => self.stream.skip(&value)?,
            (Shape::Texts, Token::Sequence { .. }) => {
                while let Some(item) = self.item()? {
                    self.helm_text(&item)?;
                }
            }
            (Shape::Entries(fields), Token::Sequence { .. }) => return self.fielded(fields),
            (shape, other) => return Err(self.misshapen(&other, shape)),
        }
        Ok(None)
    }

    /// A list of mappings with these fields, from behind its beginning.
    fn fielded(&mut self, fields: &[Field]) -> Parsed<Option<String>> {
        let mut flaw = None;
        while let Some(item) = self.item()? {
            match item {
                Token::Mapping { .. } => {
                    let mut known = HashSet::new();
                    while let Some(key) = self.key(&mut known)? {
                        let value = self.value()?;
                        let Some((name, shape)) = fields.iter().find(|(name, _)| *name == key.text) else {
                            self.unknown(&key, &value, fields.iter().map(|(name, _)| *name))?;
                            continue;
                        };
                        if let ("alias", Token::Scalar(alias)) = (*name, &value)
                            && !is_alias(&alias.text)
                            && !alias.is_null()
                        {
                            flaw = Some(format!("hold the alias {}, which Helm refuses", alias.text));
                        }
                        self.shaped(value, shape)?;
                    }
                }
                Token::Alias(_) => {}
                Token::Scalar(scalar) if scalar.is_null() => {
                    flaw = Some("hold an item without anything".to_owned());
                }
                other => return Err(self.odd(&other, "keys and values are expected here")),
            }
        }
        Ok(flaw)
    }

    /// Texts by keys; `strictly` where Helm makes no text of a number.
    pub(super) fn texts_by_key(&mut self, value: Token<'a>, strictly: bool) -> Parsed<()> {
        match value {
            Token::Mapping { .. } => {
                let mut known = HashSet::new();
                while self.key(&mut known)?.is_some() {
                    let value = self.value()?;
                    if strictly {
                        self.helm_text(&value)?
                    } else {
                        self.loose(&value)?
                    };
                }
                Ok(())
            }
            Token::Alias(_) => Ok(()),
            Token::Scalar(scalar) if scalar.is_null() => Ok(()),
            other => Err(self.misshapen(&other, &Shape::TextsByKey)),
        }
    }

    /// What a server says of itself at the top, of which Helm wants no more than keys and values.
    pub(super) fn server_info(&mut self, value: &Token<'a>) -> Parsed<()> {
        match value {
            Token::Mapping { .. } | Token::Alias(_) => self.stream.skip(value),
            Token::Scalar(scalar) if scalar.is_null() => Ok(()),
            other => Err(self.odd(other, "keys and values are expected here")),
        }
    }

    /// Passes over the value of a key that is none of the `known` ones to the letter; an error where Helm does not.
    pub(super) fn unknown<'k>(
        &mut self,
        key: &Scalar<'a>,
        value: &Token<'a>,
        known: impl IntoIterator<Item = &'k str>,
    ) -> Parsed<()> {
        if self.is_json || is_known(&key.text, known.into_iter()) {
            return self.stream.skip(value);
        }
        let why =
            format!("`{}` is no key that Helm knows here, and it loads nothing of the whole index", key.text);
        Err(self.bad(key.range.clone(), &why))
    }

    /// The next item of a list; `None` at its end.
    fn item(&mut self) -> Parsed<Option<Token<'a>>> {
        Ok(self.stream.advance()?.filter(|item| !matches!(item, Token::End)))
    }

    fn flag(&self, value: &Token<'a>) -> Parsed<()> {
        match value {
            Token::Scalar(scalar) if scalar.is_null() || scalar.plain && flag_of(&scalar.text).is_some() => {
                Ok(())
            }
            other => Err(self.misshapen(other, &Shape::Flag)),
        }
    }

    fn misshapen(&self, value: &Token<'a>, wanted: &Shape) -> Broken {
        self.odd(
            value,
            &format!("{} is expected here, or Helm loads nothing of the whole index", wanted.words()),
        )
    }
}

/// Why Helm passes over an entry of this name. An empty one is seen where all keys are known.
fn unfit_name(name: &str) -> Option<String> {
    let is_path = matches!(name, "." | "..") || name.contains('/');
    is_path.then(|| format!("its name {name} is a path"))
}

fn unfit_type(kind: &str) -> Option<String> {
    let is_known = matches!(kind, "" | "application" | "library");
    (!is_known).then(|| format!("its type {kind} is none that Helm knows"))
}
