use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::yaml::Step;
use super::{Broken, Parsed};
use crate::domain::SourceText;

/// The bytes of the value at a key path of a JSON file, and its text where it is a string or a number.
pub(super) fn find(source: &Arc<SourceText>, path: &[Step]) -> Parsed<Option<(String, Range<usize>)>> {
    let text = source.text.trim_start_matches('\u{feff}');
    let mut raw: &RawValue = serde_json::from_str(text).map_err(|error| broken(source, &error))?;
    for step in path {
        let next = match step {
            Step::Key(key) if raw.get().starts_with('{') => {
                let object: Object<'_> =
                    serde_json::from_str(raw.get()).map_err(|error| broken(source, &error))?;
                object.0.get(key.as_str()).copied()
            }
            Step::Item(at) if raw.get().starts_with('[') => {
                let items: Vec<&RawValue> =
                    serde_json::from_str(raw.get()).map_err(|error| broken(source, &error))?;
                items.get(*at).copied()
            }
            _ => None,
        };
        match next {
            Some(next) => raw = next,
            None => return Ok(None),
        }
    }
    // A raw value is a slice of the file, so its address says where it lies.
    let start = raw.get().as_ptr().addr() - source.text.as_ptr().addr();
    let value = match serde_json::from_str::<serde_json::Value>(raw.get()) {
        Ok(serde_json::Value::String(text)) => text,
        Ok(serde_json::Value::Number(_)) => raw.get().to_owned(),
        _ => return Ok(None),
    };
    Ok(Some((value, start..start + raw.get().len())))
}

fn broken(source: &Arc<SourceText>, error: &serde_json::Error) -> Broken {
    let line =
        source.text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
    let at = (line + error.column().saturating_sub(1)).min(source.text.len());
    let at = (0..=at).rev().find(|at| source.text.is_char_boundary(*at)).unwrap_or_default();
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or_default().to_owned();
    Broken::at(source, at..at, message)
}

/// The entries of an object; a key that is there twice is an error.
struct Object<'a>(BTreeMap<String, &'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = BTreeMap<String, &'de RawValue>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = BTreeMap::new();
                while let Some((key, value)) = map.next_entry::<String, &RawValue>()? {
                    if entries.insert(key.clone(), value).is_some() {
                        return Err(A::Error::custom(format!("key `{key}` is there twice")));
                    }
                }
                Ok(entries)
            }
        }
        deserializer.deserialize_map(Entries).map(Object)
    }
}
