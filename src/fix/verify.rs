//! The last look before anything is written: a second reader, independent of the one that made the
//! edits, must see the same document but for the values that were meant.

use serde_yaml::Value;

use crate::document::yaml;
use crate::domain::{Fail, RepoPath, SourceText};
use crate::finding::Edit;

/// Refuses a result that no longer parses, or in which something else changed than what was edited.
pub(super) fn verify(path: &RepoPath, before: &str, after: &str, edits: &[Edit]) -> Result<(), Fail> {
    let refuse = |why: &str| {
        Err(Fail::new(format!("a fix of {path} was refused: {why}; nothing was written"))
            .help("please report it, with the file: https://github.com/relguard/relguard/issues"))
    };
    let extension = path.file_name().rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension {
        "yaml" | "yml" => {
            let source = SourceText { path: path.clone(), text: after.to_owned() };
            if yaml::parse(&std::sync::Arc::new(source)).is_err() {
                return refuse("the result is not YAML any more");
            }
            let (Some(old), Some(new)) = (second_reading(before), second_reading(after)) else {
                return Ok(());
            };
            let meant: Vec<Value> =
                edits.iter().filter_map(|edit| second_reading(edit.replacement.trim())).collect();
            if !same_but_for(&old, &new, &meant) {
                return refuse("another value would change with it");
            }
        }
        "toml" if toml_edit::Document::parse(after).is_err() => {
            return refuse("the result is not TOML any more");
        }
        "json"
            if serde_json::from_str::<serde::de::IgnoredAny>(after.trim_start_matches('\u{feff}'))
                .is_err() =>
        {
            return refuse("the result is not JSON any more");
        }
        _ => {}
    }
    Ok(())
}

/// The document as another parser reads it; `None` where it can't (it knows no byte-order mark inside,
/// and fewer corners of YAML).
fn second_reading(text: &str) -> Option<Value> {
    let text = text.trim_start_matches('\u{feff}');
    if text.is_empty() { Some(Value::Null) } else { serde_yaml::from_str(text).ok() }
}

/// Whether two documents differ only in values that became one of those meant, and in entries that
/// hold only such values.
fn same_but_for(old: &Value, new: &Value, meant: &[Value]) -> bool {
    match (old, new) {
        _ if old == new => true,
        (Value::Mapping(old), Value::Mapping(new)) => {
            old.keys().all(|key| new.contains_key(key))
                && new.iter().all(|(key, value)| match old.get(key) {
                    Some(before) => same_but_for(before, value, meant),
                    None => only_meant(key, value, meant),
                })
        }
        (Value::Sequence(old), Value::Sequence(new)) => {
            old.len() == new.len() && old.iter().zip(new).all(|(old, new)| same_but_for(old, new, meant))
        }
        (Value::Tagged(old), Value::Tagged(new)) => {
            old.tag == new.tag && same_but_for(&old.value, &new.value, meant)
        }
        (Value::Mapping(_) | Value::Sequence(_), _) | (_, Value::Mapping(_) | Value::Sequence(_)) => false,
        (_, new) => meant.contains(new),
    }
}

/// Whether an entry that is new is what an edit wrote: `key: value`, alone or among lines.
fn only_meant(key: &Value, value: &Value, meant: &[Value]) -> bool {
    meant.iter().any(|meant| meant.as_mapping().is_some_and(|lines| lines.get(key) == Some(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &str, after: &str, replacement: &str) -> bool {
        let edit = Edit { path: RepoPath::default(), range: 0..0, replacement: replacement.into() };
        verify(&RepoPath::parse("a.yaml").unwrap(), before, after, &[edit]).is_ok()
    }

    #[test]
    fn only_the_values_that_were_meant_may_change() {
        assert!(check("a: &x 1.0.0\nb: *x\n", "a: &x 2.0.0\nb: *x\n", "2.0.0"));
        assert!(check("a: 1.0.0\n", "a: 1.0.0\nb: \"2.0.0\"\n", "\nb: \"2.0.0\""));
        assert!(!check("a: 1.0.0\nb: 1.0.0\n", "a: 2.0.0\nb: 3.0.0\n", "2.0.0"));
        assert!(!check("a: 1.0.0\nb: 1\n", "a: 2.0.0\n", "2.0.0"));
        assert!(!check("a: 1.0.0\n", "a: 2.0.0\nc: [\n", "2.0.0"));
        assert!(!check("a: 1.0.0\n", "a: 2.0.0\nc: 1\n", "2.0.0"));
    }
}
