//! The last look before anything is written: a second reader, independent of the one that made the
//! edits, must see the same document but for the values that were meant.

use std::ops::Range;
use std::sync::Arc;

use serde_yaml::Value;

use crate::document::yaml::{self, Kind, NodeId, Yaml};
use crate::domain::text::BOM;
use crate::domain::{Fail, RepoPath, SourceText, order};
use crate::finding::Edit;

/// Refuses a result that no longer parses, or in which something else changed than what was edited. What
/// did not parse before, such as a template or several documents in a file that a regex goes by, need not
/// parse afterwards.
pub(super) fn verify(path: &RepoPath, before: &str, after: &str, edits: &[Edit]) -> Result<(), Fail> {
    let refuse = |why: &str| {
        Err(Fail::new(format!("a fix of {path} was refused: {why}; nothing was written"))
            .help("please report it, with the file: https://github.com/relguard/relguard/issues"))
    };
    let extension = path.file_name().rsplit_once('.').map_or("", |(_, extension)| extension);
    let tree = |text: &str| yaml::parse(&Arc::new(SourceText::new(path.clone(), text)));
    match extension {
        "yaml" | "yml" if tree(before).is_ok() => {
            let Ok(tree) = tree(after) else { return refuse("the result is not YAML any more") };
            let (Some(old), Some(new)) = (second_reading(before), second_reading(after)) else {
                return Ok(());
            };
            let mut meant: Vec<Value> =
                edits.iter().filter_map(|edit| second_reading(edit.replacement.trim())).collect();
            if let Some(root) = tree.root() {
                add_touched(&tree, root, &written(edits), &mut meant);
            }
            if !same_but_for(&old, &new, &meant) {
                return refuse("another value would change with it");
            }
        }
        "toml" if is_toml(before) && !is_toml(after) => return refuse("the result is not TOML any more"),
        "json" if is_json(before) && !is_json(after) => return refuse("the result is not JSON any more"),
        _ => {}
    }
    Ok(())
}

fn is_toml(text: &str) -> bool {
    toml_edit::Document::parse(text).is_ok()
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text.trim_start_matches(BOM)).is_ok()
}

/// Where the edits' texts lie in the result.
fn written(edits: &[Edit]) -> Vec<Range<usize>> {
    let mut edits: Vec<&Edit> = edits.iter().collect();
    order::sort_by_key(&mut edits, |edit| edit.range.start);
    edits.dedup();
    let (mut added, mut removed) = (0, 0);
    let places = edits.into_iter().map(|edit| {
        let start = edit.range.start + added - removed;
        added += edit.replacement.len();
        removed += edit.range.len();
        start..start + edit.replacement.len()
    });
    places.collect()
}

/// The values that an edit changed a part of: `registry/app:v1.2.3`.
fn add_touched(tree: &Yaml, id: NodeId, written: &[Range<usize>], meant: &mut Vec<Value>) {
    let node = tree.node(id);
    match &node.kind {
        Kind::Scalar { .. } => {
            let range = &node.range;
            if written.iter().any(|edit| edit.start < range.end && range.start < edit.end) {
                meant.extend(tree.text(id).map(|text| Value::String(text.to_owned())));
            }
        }
        Kind::Mapping { entries, .. } => {
            for (_, value) in entries {
                add_touched(tree, *value, written, meant);
            }
        }
        Kind::Sequence(items) => {
            for item in items {
                add_touched(tree, *item, written, meant);
            }
        }
        Kind::Alias(_) => {}
    }
}

/// The document as another parser reads it; `None` where it can't (it knows no byte-order mark inside,
/// and fewer corners of YAML).
fn second_reading(text: &str) -> Option<Value> {
    let text = text.trim_start_matches(BOM);
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
        (Value::Null, Value::Mapping(new)) => new.iter().all(|(key, value)| only_meant(key, value, meant)),
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
    fn a_part_of_a_value_may_be_meant() {
        let edit = |range, replacement: &str| Edit {
            path: RepoPath::default(),
            range,
            replacement: replacement.into(),
        };
        let path = RepoPath::parse("a.yaml").unwrap();
        let edits = [edit(5..6, "20"), edit(11..12, "20")];
        assert!(verify(&path, "a: x:1\nb: y:1\n", "a: x:20\nb: y:20\n", &edits).is_ok());
        assert!(verify(&path, "a: x:1\nb: y:1\n", "a: x:20\nb: z:20\n", &edits[..1]).is_err());
        assert!(verify(&path, "# none\n", "# none\na: 1.0.0\n", &[edit(7..7, "a: 1.0.0\n")]).is_ok());
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

    #[test]
    fn what_never_was_yaml_need_not_become_it() {
        assert!(check("a: x:1\n---\nb: x:1\n", "a: x:2\n---\nb: x:1\n", "2"));
        assert!(check("{{ if x }} x:1\n", "{{ if x }} x:2\n", "2"));
    }
}
