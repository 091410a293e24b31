//! Chart.yaml and Chart.lock as Helm writes them into an archive: the fields that it knows, read as it
//! reads them. What it drops is dropped: unknown keys, comments, empty values.

use super::dependencies::KEY;
use super::metadata::{DEPENDENCIES, FIELDS, Field, Shape, VERSION};
use super::yaml::go::{Value, write};
use super::yaml::{Kind, NodeId, Yaml};
use crate::domain::SortedMap;
use crate::domain::text::is_unprintable;

/// The fields of a chart as Helm knows them, by key; those that are empty are not there. `requirements` is
/// requirements.yaml, whose dependencies Helm lays over those of Chart.yaml.
pub fn metadata(chart: &Yaml, requirements: Option<&Yaml>) -> SortedMap<String, Value> {
    let read =
        |yaml: &Yaml, fields| yaml.root().map(|root| entry(yaml, root, fields, true)).unwrap_or_default();
    let mut all = read(chart, FIELDS);
    all.extend(read(chart, VERSION));
    all.extend(read(chart, DEPENDENCIES));
    all.get_or("apiVersion".to_owned(), || Value::Text("v1".to_owned()));
    let over = requirements.map(|yaml| read(yaml, DEPENDENCIES)).and_then(|mut over| over.remove(KEY));
    if let Some(Value::List(over)) = over {
        let under = match all.remove(KEY) {
            Some(Value::List(under)) => under,
            _ => Vec::new(),
        };
        let mut under = under.into_iter();
        let laid = over.into_iter().map(|entry| match (under.next(), entry) {
            (Some(Value::Map(mut under)), Value::Map(entry)) => {
                under.extend(entry);
                Value::Map(under)
            }
            (_, entry) => entry,
        });
        all.insert(KEY.to_owned(), Value::List(laid.collect()));
    }
    all
}

/// Chart.yaml anew. Of a chart of v1 the dependencies stay in requirements.yaml.
pub fn chart_yaml(mut metadata: SortedMap<String, Value>) -> String {
    if metadata.get("apiVersion") == Some(&Value::Text("v1".to_owned())) {
        metadata.remove(KEY);
    }
    write(&metadata)
}

/// Chart.lock anew; `Ok(None)` where the file holds nothing, an error where Helm can't read its time.
pub fn lock_yaml(lock: &Yaml) -> Result<Option<String>, String> {
    let Some(root) = lock.root().filter(|root| !lock.is_null(*root)) else { return Ok(None) };
    let mut all = entry(lock, root, DEPENDENCIES, false);
    if !all.contains_key(KEY) {
        let is_list = field(lock, root, KEY).is_some_and(|value| is_list(lock, value));
        all.insert(
            KEY.to_owned(),
            if is_list { Value::List(Vec::new()) } else { Value::Word("null".to_owned()) },
        );
    }
    let text = |key| field(lock, root, key).map(|value| lock.helm_text(value));
    all.insert("digest".to_owned(), Value::Text(text("digest").unwrap_or_default()));
    let generated = text("generated").filter(|text| !text.is_empty());
    let generated = generated.map_or_else(|| Ok("0001-01-01T00:00:00Z".to_owned()), |text| time(&text))?;
    all.insert("generated".to_owned(), Value::Text(generated));
    Ok(Some(write(&all)))
}

fn is_list(yaml: &Yaml, value: NodeId) -> bool {
    matches!(yaml.node(yaml.follow(value)).kind, Kind::Sequence(_))
}

/// What stands at a key; one in other letters' case will do, as it does for Helm.
fn field(yaml: &Yaml, mapping: NodeId, key: &str) -> Option<NodeId> {
    let exact = yaml.value_of(mapping, key);
    let found = exact.or_else(|| {
        let mut entries = yaml.entries(mapping).iter();
        let is_named = |name: &NodeId| yaml.text(*name).is_some_and(|name| name.eq_ignore_ascii_case(key));
        entries.find(|(name, _)| is_named(name)).map(|(_, value)| *value)
    });
    found.filter(|value| !yaml.is_null(*value))
}

/// The fields of an entry that are not empty. `clean`: without what can't be printed.
fn entry(yaml: &Yaml, mapping: NodeId, fields: &[Field], clean: bool) -> SortedMap<String, Value> {
    let read = |(key, shape): &Field| {
        Some(((*key).to_owned(), value(yaml, field(yaml, mapping, key)?, shape, clean)?))
    };
    fields.iter().filter_map(read).collect()
}

fn value(yaml: &Yaml, node: NodeId, shape: &Shape, clean: bool) -> Option<Value> {
    let text = |node: NodeId, clean| {
        let text = yaml.helm_text(node);
        Value::Text(if clean { cleaned(&text) } else { text })
    };
    let items = || yaml.items(node).iter().copied();
    let value = match shape {
        Shape::Text => text(node, clean),
        Shape::Verbatim => text(node, false),
        Shape::Flag => return yaml.flag(node).filter(|flag| *flag).map(|_| Value::Word("true".to_owned())),
        Shape::List => Value::List(items().map(|item| yaml.value(item)).collect()),
        Shape::Texts => Value::List(items().map(|item| text(item, clean)).collect()),
        Shape::TextsByKey => {
            let pairs = yaml.pairs(yaml.follow(node)).into_iter();
            Value::Map(pairs.map(|(key, value)| (key, text(value, false))).collect())
        }
        Shape::Entries(fields) => {
            let mut items: Vec<_> =
                items().map(|item| entry(yaml, yaml.follow(item), fields, clean)).collect();
            if fields.iter().any(|(key, _)| *key == "repository") {
                for item in &mut items {
                    for key in ["name", "repository"] {
                        item.get_or(key.to_owned(), || Value::Text(String::new()));
                    }
                }
            }
            Value::List(items.into_iter().map(Value::Map).collect())
        }
    };
    let is_empty = match &value {
        Value::Text(text) | Value::Word(text) => text.is_empty(),
        Value::List(items) => items.is_empty(),
        Value::Map(map) => map.is_empty(),
    };
    (!is_empty).then_some(value)
}

/// A text as Helm cleans it: each white space a space, and nothing that can't be printed.
fn cleaned(text: &str) -> String {
    let clean = |c: char| match c {
        c if c.is_whitespace() => Some(' '),
        '\u{ad}' | '\u{600}'..='\u{605}' | '\u{6dd}' | '\u{70f}' | '\u{180e}' | '\u{206a}'..='\u{206f}' => {
            None
        }
        '\u{e000}'..='\u{f8ff}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'.. => None,
        c if is_unprintable(c) => None,
        c => Some(c),
    };
    text.chars().filter_map(clean).collect()
}

/// A time as Go writes it again.
fn time(text: &str) -> Result<String, String> {
    let bad = || format!("generated is {text}, which is no time as in 2026-01-02T15:04:05Z");
    let fits = |form: &str, text: &str| {
        let digit = |(form, c): (char, char)| if form == '0' { c.is_ascii_digit() } else { form == c };
        form.len() == text.len() && form.chars().zip(text.chars()).all(digit)
    };
    let (clock, rest) = text.split_at_checked("0000-00-00T00:00:00".len()).ok_or_else(bad)?;
    let zone_at = rest.find(['Z', '+', '-']).ok_or_else(bad)?;
    let (fraction, zone) = rest.split_at_checked(zone_at).ok_or_else(bad)?;
    let digits = fraction.strip_prefix('.').filter(|digits| !digits.is_empty());
    let is_fraction = fraction.is_empty()
        || digits.is_some_and(|digits| digits.chars().all(|c| c.is_ascii_digit()) && digits.len() <= 9);
    let is_zone = zone == "Z" || fits("00:00", zone.get(1..).unwrap_or_default());
    if !fits("0000-00-00T00:00:00", clock) || !is_fraction || !is_zone {
        return Err(bad());
    }
    let zone = if matches!(zone, "+00:00" | "-00:00") { "Z" } else { zone };
    let fraction = fraction.trim_end_matches('0').trim_end_matches('.');
    Ok(format!("{clock}{fraction}{zone}"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::yaml::parse;
    use super::*;
    use crate::domain::{RepoPath, SourceText};

    fn yaml(text: &str) -> Yaml {
        parse(&Arc::new(SourceText::new(RepoPath::parse("Chart.yaml").unwrap(), text))).unwrap()
    }

    /// What is expected in these tests is what helm 3.17.3 and 4.1.4 wrote.
    fn assert_chart(source: &str, expected: &str) {
        assert_eq!(chart_yaml(metadata(&yaml(source), None)), expected, "{source}");
    }

    #[test]
    fn a_chart_keeps_what_helm_knows() {
        let source = include_str!("../../tests/data/package/Chart.yaml");
        assert_chart(source, include_str!("../../tests/data/package/Chart.written.yaml"));
    }

    #[test]
    fn a_chart_without_an_api_version_is_one_of_v1() {
        let source = "name: a\nversion: 1.0.0\ndependencies:\n- name: b\n";
        assert_chart(source, "apiVersion: v1\nname: a\nversion: 1.0.0\n");
    }

    #[test]
    fn requirements_are_laid_over_dependencies() {
        let chart = "apiVersion: v2\nname: a\ndependencies:\n- name: b\n  version: 1.0.0\n- name: c\n";
        let requirements = "dependencies:\n- name: d\n  repository: https://d\n";
        let written = chart_yaml(metadata(&yaml(chart), Some(&yaml(requirements))));
        let dependencies = "dependencies:\n- name: d\n  repository: https://d\n  version: 1.0.0\n";
        assert_eq!(written, format!("apiVersion: v2\n{dependencies}name: a\n"));
    }

    #[test]
    fn a_lock_is_written_as_helm_does() {
        let lock = |text: &str| lock_yaml(&yaml(text));
        let source = include_str!("../../tests/data/package/Chart.lock");
        let written = include_str!("../../tests/data/package/Chart.written.lock").to_owned();
        assert_eq!(lock(source), Ok(Some(written.clone())));
        assert_eq!(lock(&written), Ok(Some(written)));
        assert_eq!(lock(""), Ok(None));
        assert_eq!(lock("# nothing\n"), Ok(None));
        let none = "dependencies: null\ndigest: \"\"\ngenerated: \"0001-01-01T00:00:00Z\"\n".to_owned();
        assert_eq!(lock("{}"), Ok(Some(none)));
    }

    #[test]
    fn times_are_go_s() {
        assert_eq!(time("2020-01-01T00:00:00.100+02:00").unwrap(), "2020-01-01T00:00:00.1+02:00");
        assert_eq!(time("2020-01-01T00:00:00.000Z").unwrap(), "2020-01-01T00:00:00Z");
        assert_eq!(time("2020-01-01T00:00:00+00:00").unwrap(), "2020-01-01T00:00:00Z");
        for bad in
            ["", "2020-01-01", "2020-01-01 00:00:00Z", "2020-01-01T00:00:00", "2020-01-01T00:00:00.Z", "é"]
        {
            assert!(time(bad).is_err(), "{bad}");
        }
    }
}
