//! Deserializing from the tree, so that an error knows its place and a value its bytes.

use std::fmt;
use std::ops::Range;

use serde::de::{self, DeserializeSeed, Deserializer, IntoDeserializer, Visitor, value::StrDeserializer};
use serde::{Deserialize, forward_to_deserialize_any};

use super::{Kind, NodeId, Yaml};
use crate::domain::text::nearest;

/// A value with the bytes it was written in.
#[derive(Debug, Clone, Default, schemars::JsonSchema)]
#[schemars(transparent)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Its bytes in the file.
    #[schemars(skip)]
    pub range: Range<usize>,
}

/// Why a tree does not fit the type asked for.
#[derive(Debug)]
pub struct Error {
    /// What is wrong, in one line.
    pub message: String,
    /// What to do, in one line.
    pub help: Option<String>,
    /// The bytes of the key or value that does not fit.
    pub range: Option<Range<usize>>,
}

/// Reads a tree into a type; an empty document is an empty mapping.
pub fn deserialize<'de, T: Deserialize<'de>>(yaml: &'de Yaml) -> Result<T, Error> {
    match yaml.root() {
        Some(root) if !yaml.is_null(root) => T::deserialize(Reader { yaml, id: root }),
        _ => T::deserialize(de::value::MapDeserializer::new(std::iter::empty::<(&str, &str)>())),
    }
}

const SPANNED: &str = "$relguard::Spanned";
const SPANNED_FIELDS: &[&str] = &["start", "end", "value"];

#[derive(Clone, Copy)]
struct Reader<'de> {
    yaml: &'de Yaml,
    id: NodeId,
}

enum Shape<'de> {
    Mapping(&'de [(NodeId, NodeId)]),
    Sequence(&'de [NodeId]),
    Null,
    Flag(bool),
    Text(&'de str),
    Alias,
}

impl<'de> Reader<'de> {
    fn place<T>(self, result: Result<T, Error>) -> Result<T, Error> {
        result.map_err(|error| self.placed(error))
    }

    #[inline(never)]
    fn placed(self, mut error: Error) -> Error {
        error.range.get_or_insert_with(|| self.yaml.node(self.id).range.clone());
        error
    }

    /// What stands there. Each type that is read has a reader of its own made of `visit`: what is the same for all
    /// of them is here.
    #[inline(never)]
    fn shape(self) -> Shape<'de> {
        match &self.yaml.node(self.yaml.follow(self.id)).kind {
            Kind::Mapping { entries, .. } => Shape::Mapping(entries),
            Kind::Sequence(items) => Shape::Sequence(items),
            Kind::Scalar { .. } if self.yaml.is_null(self.id) => Shape::Null,
            Kind::Scalar { .. } => match self.yaml.text(self.id).unwrap_or_default() {
                text if self.yaml.is_string(self.id) => Shape::Text(text),
                "true" | "True" | "TRUE" => Shape::Flag(true),
                "false" | "False" | "FALSE" => Shape::Flag(false),
                // Numbers are versions that someone forgot to quote: they are read as written.
                text => Shape::Text(text),
            },
            Kind::Alias(_) => Shape::Alias,
        }
    }

    fn at(self, id: NodeId) -> Self {
        Self { yaml: self.yaml, id }
    }

    fn visit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.shape() {
            Shape::Mapping(pairs) => visitor.visit_map(Entries { reader: self, pairs, next: 0 }),
            Shape::Sequence(items) => visitor.visit_seq(Items { reader: self, items: items.iter() }),
            Shape::Null => visitor.visit_unit(),
            Shape::Flag(flag) => visitor.visit_bool(flag),
            Shape::Text(text) => visitor.visit_str(text),
            Shape::Alias => Err(Error::custom_text("an alias names an alias")),
        }
    }
}

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.place(self.visit(visitor))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.yaml.is_null(self.id) {
            let help = Some("write a value, or leave the key out".to_owned());
            return self.place(Err(Error { help, ..Error::custom_text("nothing stands here") }));
        }
        visitor.visit_some(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let text = self.yaml.text(self.id).ok_or_else(|| de::Error::custom("one word is expected here"));
        self.place(text.and_then(|text| visitor.visit_enum(text.into_deserializer())))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if name == SPANNED {
            let range = self.yaml.node(self.id).range.clone();
            return visitor.visit_map(Span { reader: self, range, step: 0 });
        }
        self.deserialize_any(visitor)
    }

    /// A newtype stands for its content, but for a lone truth value, which it may read for itself.
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.shape() {
            Shape::Flag(_) => self.deserialize_any(visitor),
            _ => self.place(visitor.visit_newtype_struct(self)),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}

struct Entries<'de> {
    reader: Reader<'de>,
    pairs: &'de [(NodeId, NodeId)],
    next: usize,
}

impl<'de> de::MapAccess<'de> for Entries<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some((key, _)) = self.pairs.get(self.next) else { return Ok(None) };
        let reader = self.reader.at(*key);
        let Some(text) = reader.yaml.text(*key) else {
            return reader.place(Err(de::Error::custom("a key must be one word")));
        };
        let key: StrDeserializer<'_, Error> = text.into_deserializer();
        reader.place(seed.deserialize(key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let (_, value) = self.pairs.get(self.next).ok_or_else(|| Error::custom_text("no value"))?;
        self.next += 1;
        let reader = self.reader.at(*value);
        reader.place(seed.deserialize(reader))
    }
}

struct Items<'de> {
    reader: Reader<'de>,
    items: std::slice::Iter<'de, NodeId>,
}

impl<'de> de::SeqAccess<'de> for Items<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let Some(id) = self.items.next() else { return Ok(None) };
        let reader = self.reader.at(*id);
        reader.place(seed.deserialize(reader)).map(Some)
    }
}

struct Span<'de> {
    reader: Reader<'de>,
    range: Range<usize>,
    step: usize,
}

impl<'de> de::MapAccess<'de> for Span<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some(field) = SPANNED_FIELDS.get(self.step) else { return Ok(None) };
        let key: StrDeserializer<'_, Error> = (*field).into_deserializer();
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        self.step += 1;
        match self.step {
            1 => seed.deserialize(self.range.start.into_deserializer()),
            2 => seed.deserialize(self.range.end.into_deserializer()),
            _ => self.reader.place(seed.deserialize(self.reader)),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Spanned<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(rename = "$relguard::Spanned")]
        struct Raw<T> {
            start: usize,
            end: usize,
            value: T,
        }
        let raw = Raw::deserialize(deserializer)?;
        Ok(Self { value: raw.value, range: raw.start..raw.end })
    }
}

impl Error {
    fn custom_text(text: &str) -> Self {
        Self { message: text.to_owned(), help: None, range: None }
    }
}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::custom_text(&message.to_string())
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let help = match nearest(field, expected.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are: {}", expected.join(", ")),
        };
        Self { message: format!("there is no key `{field}` here"), help: Some(help), range: None }
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let help = match nearest(variant, expected.iter().copied()) {
            Some(near) => format!("did you mean `{near}`? There are: {}", expected.join(", ")),
            None => format!("there are: {}", expected.join(", ")),
        };
        Self { message: format!("`{variant}` is not a value for this key"), help: Some(help), range: None }
    }

    fn missing_field(field: &'static str) -> Self {
        Self::custom_text(&format!("key `{field}` is missing here"))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
