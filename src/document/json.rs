use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::yaml::Step;
use super::{Broken, Parsed};
use crate::domain::{SortedMap, SourceText};

/// The bytes of the value at a key path of a JSON file, and its text where it is a string or a number.
pub(super) fn find(source: &Arc<SourceText>, path: &[Step]) -> Parsed<Option<(String, Range<usize>)>> {
    let text = source.text.trim_start_matches('\u{feff}');
    let mut raw: &RawValue = serde_json::from_str(text).map_err(|error| broken(source, text, &error))?;
    for step in path {
        let next = match step {
            Step::Key(key) if raw.get().starts_with('{') => value_of(source, raw.get(), key)?,
            Step::Item(at) if raw.get().starts_with('[') => {
                let items: Vec<&RawValue> =
                    serde_json::from_str(raw.get()).map_err(|error| broken(source, raw.get(), &error))?;
                items.get(*at).copied()
            }
            _ => None,
        };
        match next {
            Some(next) => raw = next,
            None => return Ok(None),
        }
    }
    let start = start_of(raw.get(), source);
    let value = match serde_json::from_str::<serde_json::Value>(raw.get()) {
        Ok(serde_json::Value::String(text)) => text,
        Ok(serde_json::Value::Number(_)) => raw.get().to_owned(),
        Ok(serde_json::Value::Null) => String::new(),
        _ => return Ok(None),
    };
    Ok(Some((value, start..start + raw.get().len())))
}

/// Trouble in a part of the file.
fn broken(source: &Arc<SourceText>, part: &str, error: &serde_json::Error) -> Broken {
    let line = part.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
    let at = start_of(part, source) + line + error.column().saturating_sub(1);
    let at = (0..=at.min(source.text.len())).rev().find(|at| source.text.is_char_boundary(*at));
    let at = at.unwrap_or_default();
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default().to_owned();
    Broken::at(source, at..at, message)
}

/// Where a part of the file lies in it: a part is a slice of the text, so its address says so.
fn start_of(part: &str, source: &SourceText) -> usize {
    part.as_ptr().addr() - source.text.as_ptr().addr()
}

/// The value at a key of an object; a key that is there twice is an error.
fn value_of<'a>(source: &Arc<SourceText>, object: &'a str, key: &str) -> Parsed<Option<&'a RawValue>> {
    let Object(entries) = serde_json::from_str(object).map_err(|error| broken(source, object, &error))?;
    let mut seen = SortedMap::new();
    for (written, value) in entries {
        let name: String =
            serde_json::from_str(written.get()).map_err(|error| broken(source, written.get(), &error))?;
        let start = start_of(written.get(), source);
        let twice = format!("key `{name}` is there twice");
        if seen.insert(name, value).is_some() {
            return Err(
                Broken::at(source, start..start + written.get().len(), twice).help("keep one of the two")
            );
        }
    }
    Ok(seen.get(key).copied())
}

/// The entries of an object, as they are written.
struct Object<'a>(Vec<(&'a RawValue, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Vec<(&'de RawValue, &'de RawValue)>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(entries)
            }
        }
        deserializer.deserialize_map(Entries).map(Object)
    }
}
