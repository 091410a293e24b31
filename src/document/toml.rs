use std::ops::Range;
use std::sync::Arc;

use toml_edit::{Document, Item, Value};

use super::yaml::Step;
use super::{Broken, Parsed};
use crate::domain::SourceText;

/// A scalar in a TOML file.
pub(super) struct Scalar {
    pub(super) text: String,
    pub(super) range: Range<usize>,
    pub(super) literal: bool,
}

/// The string, number or date at a key path of a TOML file; `None` where there is none.
pub(super) fn find(source: &Arc<SourceText>, path: &[Step]) -> Parsed<Option<Scalar>> {
    let document = Document::parse(source.text.as_str()).map_err(|error| {
        let range = error.span().unwrap_or(0..0);
        Broken::at(source, range, error.message().replace('\n', " "))
    })?;
    let mut item: &Item = document.as_item();
    for step in path {
        let next = match step {
            Step::Key(key) => item.as_table_like().and_then(|table| table.get(key)),
            Step::Item(at) => item.get(*at),
        };
        match next {
            Some(next) => item = next,
            None => return Ok(None),
        }
    }
    let Some((value, range)) = item.as_value().and_then(|value| Some((value, value.span()?))) else {
        return Ok(None);
    };
    let written = source.text.get(range.clone()).unwrap_or_default();
    let text = match value {
        Value::String(text) => text.value().clone(),
        Value::Integer(_) | Value::Float(_) | Value::Datetime(_) => written.to_owned(),
        Value::Boolean(_) | Value::Array(_) | Value::InlineTable(_) => return Ok(None),
    };
    let literal = written.starts_with('\'');
    Ok(Some(Scalar { text, range, literal }))
}
