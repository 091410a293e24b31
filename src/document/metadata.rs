//! The fields of Chart.yaml, requirements.yaml and the lock file, as Helm reads them.

use super::dependencies::KEY;
use super::yaml::{Kind, NodeId, Yaml};

/// A field by its key.
pub type Field = (&'static str, Shape);

/// What Helm reads a field into.
#[derive(Debug)]
pub enum Shape {
    /// A text, of which Helm keeps what can be printed.
    Text,
    /// A text that Helm keeps as it is.
    Verbatim,
    /// True or false.
    Flag,
    /// A list of anything.
    List,
    /// A list of texts.
    Texts,
    /// Texts by keys of the project's own; Helm keeps them as they are.
    TextsByKey,
    /// A list of entries with these fields.
    Entries(&'static [Field]),
}

/// The fields of Chart.yaml, dependencies aside.
pub const FIELDS: &[Field] = &[
    ("apiVersion", Shape::Verbatim),
    ("name", Shape::Text),
    ("type", Shape::Verbatim),
    ("appVersion", Shape::Text),
    ("kubeVersion", Shape::Text),
    ("description", Shape::Text),
    ("home", Shape::Text),
    ("icon", Shape::Text),
    ("condition", Shape::Text),
    ("tags", Shape::Text),
    ("deprecated", Shape::Flag),
    ("keywords", Shape::Texts),
    ("sources", Shape::Texts),
    ("annotations", Shape::TextsByKey),
    ("maintainers", Shape::Entries(&[("name", Shape::Text), ("email", Shape::Text), ("url", Shape::Text)])),
];

/// `version`, whose shape is the matter of a rule of its own.
pub const VERSION: &[Field] = &[("version", Shape::Verbatim)];

/// The field that requirements.yaml may have as well.
pub const DEPENDENCIES: &[Field] = &[(
    KEY,
    Shape::Entries(&[
        ("name", Shape::Text),
        ("version", Shape::Text),
        ("repository", Shape::Text),
        ("alias", Shape::Verbatim),
        ("condition", Shape::Text),
        ("tags", Shape::Texts),
        ("enabled", Shape::Flag),
        ("import-values", Shape::List),
    ]),
)];

/// A value that Helm can't read into its field.
#[derive(Debug)]
pub struct Misfit {
    /// The field, as in `maintainers[0].name`.
    pub field: String,
    /// The value.
    pub node: NodeId,
    /// What Helm reads there, in words.
    pub wanted: &'static str,
}

/// The first value in each of these fields that Helm can't read.
pub fn misfits(yaml: &Yaml, fields: &[Field]) -> Vec<Misfit> {
    let Some(root) = yaml.root() else { return Vec::new() };
    let of = |(name, shape): &Field| misfit(yaml, (*name).to_owned(), yaml.value_of(root, name)?, shape);
    fields.iter().filter_map(of).collect()
}

fn misfit(yaml: &Yaml, field: String, node: NodeId, shape: &Shape) -> Option<Misfit> {
    let node = yaml.follow(node);
    match (shape, &yaml.node(node).kind) {
        _ if yaml.is_null(node) => None,
        (Shape::Text | Shape::Verbatim, Kind::Scalar { .. }) | (Shape::List, Kind::Sequence(_)) => None,
        (Shape::Flag, Kind::Scalar { .. }) if yaml.flag(node).is_some() => None,
        (Shape::Texts, Kind::Sequence(items)) => items
            .iter()
            .enumerate()
            .find_map(|(index, item)| misfit(yaml, format!("{field}[{index}]"), *item, &Shape::Text)),
        (Shape::TextsByKey, Kind::Mapping { entries, .. }) => entries.iter().find_map(|(key, value)| {
            let key = yaml.text(*key).filter(|key| *key != "<<")?;
            misfit(yaml, format!("{field}.{key}"), *value, &Shape::Text)
        }),
        (Shape::Entries(fields), Kind::Sequence(items)) => {
            items.iter().enumerate().find_map(|(index, item)| {
                let (item, field) = (yaml.follow(*item), format!("{field}[{index}]"));
                if !matches!(yaml.node(item).kind, Kind::Mapping { .. }) {
                    return Some(Misfit { field, node: item, wanted: "keys and values" });
                }
                fields.iter().find_map(|(name, shape)| {
                    misfit(yaml, format!("{field}.{name}"), yaml.value_of(item, name)?, shape)
                })
            })
        }
        _ => Some(Misfit { field, node, wanted: shape.words() }),
    }
}

impl Shape {
    /// What Helm wants, in words.
    pub fn words(&self) -> &'static str {
        match self {
            Self::Text | Self::Verbatim => "a text",
            Self::Flag => "true or false",
            Self::List => "a list",
            Self::Texts => "a list of texts",
            Self::TextsByKey => "keys with texts",
            Self::Entries(_) => "a list of entries with keys and values",
        }
    }
}
