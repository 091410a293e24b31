//! Chart.yaml, and what a rule asks of it.

use std::ops::Range;
use std::sync::Arc;

use super::yaml::{self, Kind, NodeId, Step, Yaml};
use super::{Parsed, Value};
use crate::domain::SourceText;
use crate::domain::text::BOM;
use crate::finding::{Edit, Location};

/// A Chart.yaml.
#[derive(Debug)]
pub struct ChartFile {
    yaml: Yaml,
}

/// A field of Chart.yaml.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its text and place; an alias has the place of what it names.
    pub value: Value,
    /// Whether Helm reads a text there, and not a number or nothing.
    pub is_string: bool,
    written: NodeId,
    node: NodeId,
}

impl ChartFile {
    /// Reads a Chart.yaml.
    pub fn parse(source: &Arc<SourceText>) -> Parsed<Self> {
        let yaml = yaml::parse(source)?;
        yaml.top_mapping()?;
        Ok(Self { yaml })
    }

    /// The file.
    pub fn source(&self) -> &Arc<SourceText> {
        self.yaml.source()
    }

    /// The tree.
    pub fn yaml(&self) -> &Yaml {
        &self.yaml
    }

    /// A field at the top of the file; `None` where it is missing, null or empty, or no scalar.
    pub fn field(&self, name: &str) -> Option<Field> {
        let found = self.yaml.find(&[Step::Key(name.to_owned())])?;
        let text = self.yaml.text(found.node).filter(|text| !text.is_empty())?;
        if self.yaml.is_null(found.node) {
            return None;
        }
        let location = Location::new(self.source(), self.yaml.node(found.node).range.clone());
        let value = Value { text: text.to_owned(), location };
        let is_string = self.yaml.is_string(found.node);
        Some(Field { value, is_string, written: found.written, node: found.node })
    }

    /// The bytes of a key at the top of the file, whatever its value.
    pub fn key(&self, name: &str) -> Option<Range<usize>> {
        let (key, _) = self.yaml.entry_of(self.yaml.root()?, name)?;
        Some(self.yaml.node(key).range.clone())
    }

    /// `version` as text.
    pub fn version(&self) -> Option<Field> {
        self.field("version")
    }

    /// `appVersion` as text.
    pub fn app_version(&self) -> Option<Field> {
        self.field("appVersion")
    }

    /// Whether it is a library chart, which has no application.
    pub fn is_library(&self) -> bool {
        self.field("type").is_some_and(|kind| kind.value.text == "library")
    }

    /// The edit that gives a field another value, its quotes kept; `None` where it is a block. An alias
    /// leads to what it names, unless that is another field of the chart: then the alias itself gives way.
    pub fn set(&self, field: &Field, value: &str) -> Option<Edit> {
        let path = self.source().path.clone();
        let other_field = field.written != field.node
            && self
                .yaml
                .root()
                .is_some_and(|root| self.yaml.entries(root).iter().any(|(_, it)| *it == field.node));
        let (range, replacement) = if other_field {
            (self.yaml.node(field.written).range.clone(), yaml::quoted(value))
        } else {
            self.yaml.replace(field.node, value)?
        };
        Some(Edit { path, range, replacement })
    }

    /// The edit that adds a field in a line of its own below `version`, or gives it a value where it
    /// stands empty; `None` where the file is written in braces.
    pub fn add(&self, name: &str, value: &str) -> Option<Edit> {
        let path = self.source().path.clone();
        let root = self.yaml.root()?;
        if let Some((_, old)) = self.yaml.entry_of(root, name) {
            let text =
                if self.yaml.is_null(old) { yaml::quoted(value) } else { self.yaml.rewrite(old, value)? };
            let (range, replacement) = self.yaml.put(old, text)?;
            return Some(Edit { path, range, replacement });
        }
        let Kind::Mapping { flow: false, entries } = &self.yaml.node(root).kind else { return None };
        let (key, version) = entries.iter().find(|(key, _)| self.yaml.text(*key) == Some("version"))?;
        let text = &self.source().text;
        let key = self.yaml.node(*key).range.start;
        let indent = text.get(line_around(text, key)?.0..key)?.trim_start_matches(BOM);
        if !indent.trim_matches(' ').is_empty() {
            return None;
        }
        // A block ends where the next line begins.
        let written = self.yaml.node(*version).range.clone();
        let end = written.start + text.get(written)?.trim_end().len();
        let (_, end) = line_around(text, end)?;
        let line_break = self.source().line_break();
        let replacement = format!("{line_break}{indent}{name}: {}", yaml::quoted(value));
        Some(Edit { path, range: end..end, replacement })
    }
}

/// The bytes of the line around an offset, without its line break.
fn line_around(text: &str, offset: usize) -> Option<(usize, usize)> {
    let start = text.get(..offset)?.rfind('\n').map_or(0, |at| at + 1);
    let rest = text.get(offset..)?;
    let end = offset + rest.find('\n').unwrap_or(rest.len());
    let end = if text.get(start..end)?.ends_with('\r') { end - 1 } else { end };
    Some((start, end))
}

/// Whether Helm refuses a chart's name because it is a path.
pub fn is_path(name: &str) -> bool {
    matches!(name, "." | "..") || name.contains(['/', '\\'])
}

/// Whether a chart's name can stand in a URL and in a line as it is: ASCII letters and digits, `.`, `_` and
/// `-`, as `helm create` wants it.
pub fn is_plain_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    !name.is_empty() && !is_path(name) && name.bytes().all(plain)
}
