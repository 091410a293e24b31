//! The charts that a chart takes in: `dependencies` of Chart.yaml or requirements.yaml, and the lock
//! file made for them.

use super::yaml::{Kind, NodeId, Step, Style, Yaml};
use super::{Value, hex_sha256};
use crate::domain::order;
use crate::finding::Location;

/// The key that holds them, in each of the files.
pub const KEY: &str = "dependencies";

/// How deep `import-values` may be nested; Helm knows two levels.
const DEPTH: usize = 8;

/// An entry of `dependencies`.
#[derive(Debug, Clone)]
pub struct Dependency {
    /// The entry itself.
    pub location: Location,
    /// The chart's name; `None` where it is missing or empty.
    pub name: Option<Value>,
    /// The range of versions that will do, as Helm reads it; `None` where that is missing or empty.
    pub version: Option<Value>,
    /// Where it comes from; `None` where that is missing or empty.
    pub repository: Option<Value>,
    /// The name it goes by here, where that is another.
    pub alias: Option<Value>,
}

impl Dependency {
    /// The name by which the chart that takes it in knows it.
    pub fn known_as(&self) -> Option<&Value> {
        self.alias.as_ref().or(self.name.as_ref())
    }

    /// The path behind `file://`.
    pub fn local_path(&self) -> Option<&str> {
        self.repository.as_ref()?.text.strip_prefix("file://")
    }
}

/// The entries that a file has; those that are no mapping are passed over.
pub fn dependencies(yaml: &Yaml) -> Vec<Dependency> {
    let Some(list) = yaml.find(&[Step::Key(KEY.to_owned())]) else { return Vec::new() };
    let place = |node| Location::new(yaml.source(), yaml.node(node).range.clone());
    let entries = yaml.items(list.node).iter().map(|item| yaml.follow(*item));
    let entries = entries.filter(|entry| matches!(yaml.node(*entry).kind, Kind::Mapping { .. }));
    let read = entries.map(|entry| {
        let value = |key| {
            let node = yaml.follow(yaml.value_of(entry, key)?);
            let text = yaml.text(node).filter(|text| !text.is_empty() && !yaml.is_null(node))?;
            Some(Value { text: text.to_owned(), location: place(node) })
        };
        Dependency {
            location: place(entry),
            name: value("name"),
            version: value("version").map(|value| as_helm_reads(yaml, entry, value)),
            repository: value("repository"),
            alias: value("alias"),
        }
    });
    read.collect()
}

/// Whether Helm takes a text for an alias: `[a-zA-Z0-9_-]+`.
pub fn is_alias(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

/// A version that is a number for YAML: Helm reads `1.10` as 1.1.
fn as_helm_reads(yaml: &Yaml, entry: NodeId, version: Value) -> Value {
    let text = yaml.value_of(entry, "version").map(|node| yaml.helm_text(node));
    Value { text: text.unwrap_or_default(), ..version }
}

/// Whether the digest of a lock file is the one that Helm makes of what is asked for and what is locked;
/// for a chart of apiVersion v1, the one of Helm 2 will do. `None` where that can't be known from here.
pub fn lock_fits(asked: &Yaml, lock: &Yaml, is_v1: bool) -> Option<bool> {
    let (wanted, locked) = (list_json(asked)?, list_json(lock)?);
    let digest = lock.find(&[Step::Key("digest".to_owned())]).and_then(|found| lock.text(found.node));
    let is = |json: String| digest == Some(digest_of(&json).as_str());
    let legacy = format!("{{\"dependencies\":{wanted}}}");
    Some(is(format!("[{wanted},{locked}]")) || (is_v1 && is(legacy)))
}

fn digest_of(json: &str) -> String {
    format!("sha256:{}", hex_sha256(json.as_bytes()))
}

/// The entries as Go writes them as JSON; `None` where a value is not certain to come out the same.
fn list_json(yaml: &Yaml) -> Option<String> {
    let found = yaml.find(&[Step::Key(KEY.to_owned())]).filter(|found| !yaml.is_null(found.node));
    let Some(list) = found else { return Some("null".to_owned()) };
    let Kind::Sequence(items) = &yaml.node(list.node).kind else { return None };
    let items = items.iter().map(|item| entry_json(yaml, yaml.follow(*item)));
    Some(format!("[{}]", items.collect::<Option<Vec<_>>>()?.join(",")))
}

/// Helm keeps the fields in this order, and leaves out all but two of them where they are empty.
fn entry_json(yaml: &Yaml, entry: NodeId) -> Option<String> {
    if !matches!(yaml.node(entry).kind, Kind::Mapping { .. }) {
        return None;
    }
    let mut fields = Fields { yaml, entry, written: Vec::new() };
    // Helm puts the URL in the place of an alias, and only the user's own Helm knows it.
    let repository = fields.text("repository")?;
    if repository.starts_with('@') || repository.starts_with("alias:") {
        return None;
    }
    fields.push("name", &quoted(fields.text("name")?)?);
    fields.add_text("version")?;
    fields.push("repository", &quoted(repository)?);
    fields.add_text("condition")?;
    fields.add_list("tags", 1)?;
    fields.add_flag("enabled")?;
    fields.add_list("import-values", DEPTH)?;
    fields.add_text("alias")?;
    Some(format!("{{{}}}", fields.written.join(",")))
}

/// The fields of an entry, written one by one; `None` where a value is not certain to come out the same.
struct Fields<'a> {
    yaml: &'a Yaml,
    entry: NodeId,
    written: Vec<String>,
}

impl<'a> Fields<'a> {
    /// What stands at a key, unless that is nothing.
    fn value(&self, key: &str) -> Option<NodeId> {
        let value = self.yaml.value_of(self.entry, key)?;
        (!self.yaml.is_null(value)).then(|| self.yaml.follow(value))
    }

    /// The text at a key, empty where nothing stands there; `None` for what is no text.
    fn text(&self, key: &str) -> Option<&'a str> {
        match self.value(key) {
            Some(value) => self.yaml.text(value).filter(|_| self.yaml.is_string(value)),
            None => Some(""),
        }
    }

    fn push(&mut self, key: &str, json: &str) {
        self.written.push(format!("\"{key}\":{json}"));
    }

    fn add_text(&mut self, key: &str) -> Option<()> {
        let text = self.text(key)?;
        if !text.is_empty() {
            self.push(key, &quoted(text)?);
        }
        Some(())
    }

    fn add_flag(&mut self, key: &str) -> Option<()> {
        let Some(value) = self.value(key) else { return Some(()) };
        let Kind::Scalar { style: Style::Plain, .. } = &self.yaml.node(value).kind else { return None };
        if self.yaml.text(value)?.parse().ok()? {
            self.push(key, "true");
        }
        Some(())
    }

    fn add_list(&mut self, key: &str, depth: usize) -> Option<()> {
        let Some(value) = self.value(key) else { return Some(()) };
        let Kind::Sequence(items) = &self.yaml.node(value).kind else { return None };
        if !items.is_empty() {
            self.push(key, &json(self.yaml, value, depth)?);
        }
        Some(())
    }
}

/// A value made of texts, lists and mappings; keys are sorted, as Go sorts them.
fn json(yaml: &Yaml, node: NodeId, depth: usize) -> Option<String> {
    match &yaml.node(yaml.follow(node)).kind {
        Kind::Scalar { .. } if yaml.is_string(node) => quoted(yaml.text(node)?),
        Kind::Sequence(items) => {
            let depth = depth.checked_sub(1)?;
            let items = items.iter().map(|item| json(yaml, *item, depth));
            Some(format!("[{}]", items.collect::<Option<Vec<_>>>()?.join(",")))
        }
        Kind::Mapping { entries, .. } => {
            let depth = depth.checked_sub(1)?;
            let entries = entries.iter().map(|(key, value)| {
                let name = yaml.text(*key).filter(|name| yaml.is_string(*key) && *name != "<<")?;
                Some((name, format!("{}:{}", quoted(name)?, json(yaml, *value, depth)?)))
            });
            let mut entries = entries.collect::<Option<Vec<_>>>()?;
            order::sort(&mut entries);
            let entries: Vec<_> = entries.into_iter().map(|(_, entry)| entry).collect();
            Some(format!("{{{}}}", entries.join(",")))
        }
        _ => None,
    }
}

/// A text as Go writes it; `None` where Helm may have taken characters out of it.
fn quoted(text: &str) -> Option<String> {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            ' '..='~' => out.push(c),
            _ => return None,
        }
    }
    out.push('"');
    Some(out)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::document::yaml::parse;
    use crate::domain::{RepoPath, SourceText};

    fn yaml(text: &str) -> Yaml {
        let path = RepoPath::parse("charts/a/Chart.yaml").unwrap();
        parse(&Arc::new(SourceText::new(path, text.to_owned()))).unwrap()
    }

    /// The digests in these tests are those that helm 3.17.3 and 4.1.4 wrote.
    fn fits(asked: &str, locked: &str, digest: &str) -> Option<bool> {
        lock_fits(&yaml(asked), &yaml(&format!("{locked}\ndigest: sha256:{digest}\n")), false)
    }

    const LOCKED: &str = "dependencies:\n- name: common\n  repository: file://../common\n  version: 0.1.0";
    const PLAIN: &str = "636a65e9846bdff17cc4e65b0849061f783759a37aa51fb85ff6fd8ba5e68467";

    #[test]
    fn all_fields_are_digested_as_helm_does() {
        let asked = r#"
dependencies:
- name: common
  version: ">= 0.1.0 <0.2.0 "
  repository: file://../common
- name: common
  version: "0.*"
  repository: file://../common
  alias: c2
  condition: a.enabled,b&c
  tags: [x, "y<z"]
  enabled: true
  import-values:
  - data
  - parent: b
    child: "a>b\""
  - {child: x\y, parent: z, "A": q}
"#;
        let locked = format!("{LOCKED}\n- name: common\n  repository: file://../common\n  version: 0.1.0");
        let digest = "1c4353d619bb4add9598595ad7a0134b7137d4fca8fcedbf0fea6910a9f7a04a";
        assert_eq!(fits(asked, &locked, digest), Some(true));
        assert_eq!(fits(&asked.replace("y<z", "y"), &locked, digest), Some(false));
    }

    #[test]
    fn what_is_empty_is_left_out() {
        let asked = "dependencies:\n- name: common\n  version: 0.1.0\n  repository: file://../common\n";
        let empty = "  enabled: false\n  tags: []\n  condition: \"\"\n  alias:\n";
        assert_eq!(fits(asked, LOCKED, PLAIN), Some(true));
        assert_eq!(fits(&format!("{asked}{empty}"), LOCKED, PLAIN), Some(true));
        assert_eq!(fits("name: a", LOCKED, PLAIN), Some(false));
        let none = "643d5437104296e21d906ecb15b2c96ad278f20cfc4af53b12bb6069bd853726";
        assert_eq!(fits("dependencies: []", "dependencies: []", none), Some(true));
        assert_eq!(fits("dependencies:", "dependencies: []", none), Some(false));
    }

    #[test]
    fn charts_of_v1_may_keep_the_digest_of_helm_2() {
        let asked = yaml(LOCKED);
        let digest = "f3fc162e157c9b9462de87232ee22600d85f95fb509794e56dbe25e59ec34e12";
        let lock = yaml(&format!("{LOCKED}\ndigest: sha256:{digest}\n"));
        assert_eq!(lock_fits(&asked, &lock, true), Some(true));
        assert_eq!(lock_fits(&asked, &lock, false), Some(false));
    }

    #[test]
    fn what_is_not_certain_to_come_out_the_same_is_not_judged() {
        let asked = |field: &str| format!("dependencies:\n- name: common\n  {field}\n");
        for field in [
            "repository: '@stable'",
            "repository: alias:stable",
            "version: 1.10",
            "condition: größe",
            "condition: \"a\\tb\"",
            "tags: [1]",
            "tags: [[a]]",
            "tags: a",
            "enabled: yes",
            "import-values: [{1: a}]",
            "import-values: [{a: 1}]",
            "import-values: [[[[[[[[[a]]]]]]]]]",
        ] {
            assert_eq!(fits(&asked(field), LOCKED, PLAIN), None, "{field}");
        }
        assert_eq!(fits("dependencies: {}", LOCKED, PLAIN), None);
        assert_eq!(fits("dependencies: [~]", LOCKED, PLAIN), None);
    }
}
