//! The scalars of YAML, TOML and JSON files, each with the key that a config names it by.

use std::sync::Arc;

use crate::document::yaml::{self, Yaml};
use crate::domain::SourceText;

/// Deeper than this nobody looks for a version.
const DEPTH: usize = 12;

/// The scalars of a file, by its extension: their keys and texts; empty where it can't be read.
pub(super) fn of(source: &Arc<SourceText>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    match source.path.file_name().rsplit_once('.').map(|(_, extension)| extension) {
        Some("json") => {
            if let Ok(value) = serde_json::from_str(source.text.trim_start_matches('\u{feff}')) {
                json(&value, "", &mut found);
            }
        }
        Some("toml") => {
            if let Ok(document) = toml_edit::Document::parse(source.text.as_str()) {
                toml(document.as_item(), "", &mut found);
            }
        }
        Some("yaml" | "yml") => {
            if let Ok(tree) = yaml::parse(source)
                && let Some(root) = tree.root()
            {
                of_yaml(&tree, root, "", &mut found);
            }
        }
        _ => {}
    }
    found
}

fn of_yaml(tree: &Yaml, node: yaml::NodeId, at: &str, found: &mut Vec<(String, String)>) {
    if depth(at) > DEPTH {
        return;
    }
    for (key, value) in tree.entries(node) {
        if let Some(key) = tree.text(*key).filter(|key| *key != "<<") {
            of_yaml(tree, *value, &below(at, key), found);
        }
    }
    for (number, item) in tree.items(node).iter().enumerate() {
        of_yaml(tree, *item, &format!("{at}[{number}]"), found);
    }
    if let Some(text) = tree.text(node).filter(|_| !at.is_empty()) {
        found.push((at.to_owned(), text.to_owned()));
    }
}

fn json(value: &serde_json::Value, at: &str, found: &mut Vec<(String, String)>) {
    use serde_json::Value;
    match value {
        _ if depth(at) > DEPTH => {}
        Value::Object(entries) => {
            for (key, value) in entries.iter().filter(|(key, _)| !key.is_empty()) {
                json(value, &below(at, key), found);
            }
        }
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                json(item, &format!("{at}[{number}]"), found);
            }
        }
        Value::String(text) if !at.is_empty() => found.push((at.to_owned(), text.clone())),
        _ => {}
    }
}

fn toml(item: &toml_edit::Item, at: &str, found: &mut Vec<(String, String)>) {
    if depth(at) > DEPTH {
        return;
    }
    if let Some(table) = item.as_table_like() {
        for (key, item) in table.iter() {
            toml(item, &below(at, key), found);
        }
    }
    let values = item.as_array().into_iter().flatten().cloned().map(toml_edit::Item::Value);
    let tables = item.as_array_of_tables().into_iter().flatten().cloned().map(toml_edit::Item::Table);
    for (number, item) in values.chain(tables).enumerate() {
        toml(&item, &format!("{at}[{number}]"), found);
    }
    if let Some(text) = item.as_str().filter(|_| !at.is_empty()) {
        found.push((at.to_owned(), text.to_owned()));
    }
}

/// The key path of an entry: a dot, a bracket or a backslash inside a key is escaped.
fn below(at: &str, key: &str) -> String {
    let mut path = at.to_owned();
    if !path.is_empty() {
        path.push('.');
    }
    for c in key.chars() {
        if matches!(c, '.' | '[' | ']' | '\\') {
            path.push('\\');
        }
        path.push(c);
    }
    path
}

fn depth(at: &str) -> usize {
    at.bytes().filter(|byte| matches!(byte, b'.' | b'[')).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::carrier::{Carries, read};
    use crate::domain::RepoPath;

    #[test]
    fn each_key_finds_its_scalar_again() {
        for (name, text, count) in [
            ("a.yaml", "a: {b.c: v1, 'd[0]': [x, {e: y}]}\nf: z\n", 4),
            ("a.json", r#"{"a": {"b.c": "v1", "d": ["x", {"e\\f": "y"}]}, "": 1}"#, 3),
            ("a.toml", "[a]\n\"b.c\" = 'v1'\nd = [\"x\", { e = \"y\" }]\n[[g]]\nh = 'z'\n", 4),
        ] {
            let source = Arc::new(SourceText::new(RepoPath::parse(name).unwrap(), text));
            let keys = of(&source);
            assert_eq!(keys.len(), count, "{name}: {keys:?}");
            for (key, value) in keys {
                let steps = yaml::key_path(&key).unwrap();
                let found = read(&source, &Carries::Key(steps)).unwrap();
                assert_eq!(found.first().map(|one| one.value.text.as_str()), Some(value.as_str()), "{key}");
            }
        }
    }
}
