//! What Helm refuses in Chart.yaml itself.

use crate::document::chart::{ChartFile, Field};
use crate::document::dependencies::{KEY, dependencies};
use crate::document::yaml::{Kind, NodeId, Style, Yaml};
use crate::finding::Location;
use crate::rules::{Draft, Findings};

/// What Helm reads a field into.
enum Shape {
    Text,
    Flag,
    List,
    Texts,
    TextsByKey,
    Entries(&'static [(&'static str, Shape)]),
}

/// The fields that Helm knows. `version` is the matter of chart/version.
const FIELDS: &[(&str, Shape)] = &[
    ("apiVersion", Shape::Text),
    ("name", Shape::Text),
    ("type", Shape::Text),
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

/// The field that requirements.yaml may have as well.
const DEPENDENCIES: &[(&str, Shape)] = &[(
    KEY,
    Shape::Entries(&[
        ("name", Shape::Text),
        ("version", Shape::Text),
        ("repository", Shape::Text),
        ("alias", Shape::Text),
        ("condition", Shape::Text),
        ("tags", Shape::Texts),
        ("enabled", Shape::Flag),
        ("import-values", Shape::List),
    ]),
)];

/// The words that are true or false for Helm, in any case.
const FLAGS: [&str; 8] = ["true", "false", "yes", "no", "on", "off", "y", "n"];

pub(super) fn check(file: &ChartFile, requirements: Option<&Yaml>, findings: &mut Findings<'_>) {
    shapes(file.yaml(), FIELDS, findings);
    for yaml in requirements.into_iter().chain([file.yaml()]) {
        shapes(yaml, DEPENDENCIES, findings);
    }
    api_version(file, findings);
    match file.field("name") {
        None if is_empty(file, "name") => findings.add(name_missing(file)),
        Some(name) if !name.is_string && !is_kept(&name.value.text) => findings.add(name_is_no_text(&name)),
        Some(name)
            if matches!(name.value.text.as_str(), "." | "..") || name.value.text.contains(['/', '\\']) =>
        {
            findings.add(name_is_a_path(&name));
        }
        _ => {}
    }
    if let Some(kind) = file.field("type")
        && !matches!(kind.value.text.as_str(), "application" | "library")
    {
        findings.add(type_unknown(&kind));
    }
}

/// Whether Helm makes the same text of a number or a date again, as it does of whole numbers.
fn is_kept(text: &str) -> bool {
    let starts = text.starts_with(|c: char| c.is_ascii_digit() && c != '0');
    starts && text.len() <= 18 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
}

fn api_version(file: &ChartFile, findings: &mut Findings<'_>) {
    let key = file.key(KEY).filter(|_| !dependencies(file.yaml()).is_empty());
    match (file.field("apiVersion"), key) {
        (None, key) if is_empty(file, "apiVersion") => findings.add(api_missing(file, key.is_some())),
        (Some(api), Some(key)) if api.value.text == "v1" => {
            findings.add(dependencies_of_v1(&api, Location::new(file.source(), key)));
        }
        (Some(api), _) if !matches!(api.value.text.as_str(), "v1" | "v2") => findings.add(api_unknown(&api)),
        _ => {}
    }
}

/// Whether nothing stands at a key. A list or a mapping in place of a text is a finding of its own.
fn is_empty(file: &ChartFile, key: &str) -> bool {
    let yaml = file.yaml();
    let value = yaml.root().and_then(|root| yaml.value_of(root, key));
    value.is_none_or(|value| yaml.text(value) == Some("") || yaml.is_null(value))
}

/// A value that Helm can't read into its field.
struct Misfit {
    field: String,
    node: NodeId,
    wanted: &'static str,
}

fn shapes(yaml: &Yaml, fields: &[(&str, Shape)], findings: &mut Findings<'_>) {
    let Some(root) = yaml.root() else { return };
    for (name, shape) in fields {
        let value = yaml.value_of(root, name);
        if let Some(misfit) = value.and_then(|value| misfit(yaml, (*name).to_owned(), value, shape)) {
            findings.add(misshapen(yaml, &misfit));
        }
    }
}

fn misfit(yaml: &Yaml, field: String, node: NodeId, shape: &Shape) -> Option<Misfit> {
    let node = yaml.follow(node);
    match (shape, &yaml.node(node).kind) {
        _ if yaml.is_null(node) => None,
        (Shape::Text, Kind::Scalar { .. }) | (Shape::List, Kind::Sequence(_)) => None,
        (Shape::Flag, Kind::Scalar { style: Style::Plain, .. })
            if !yaml.is_string(node)
                && yaml
                    .text(node)
                    .is_some_and(|text| FLAGS.contains(&text.to_ascii_lowercase().as_str())) =>
        {
            None
        }
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
    fn words(&self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Flag => "true or false",
            Self::List => "a list",
            Self::Texts => "a list of texts",
            Self::TextsByKey => "keys with texts",
            Self::Entries(_) => "a list of entries with keys and values",
        }
    }
}

fn misshapen(yaml: &Yaml, Misfit { field, node, wanted }: &Misfit) -> Draft {
    let found = match &yaml.node(*node).kind {
        Kind::Mapping { .. } => "keys and values".to_owned(),
        Kind::Sequence(_) => "a list".to_owned(),
        _ if yaml.is_null(*node) => "nothing".to_owned(),
        _ if yaml.is_string(*node) => format!("the text {}", yaml.text(*node).unwrap_or_default()),
        _ => yaml.text(*node).unwrap_or_default().to_owned(),
    };
    Draft::new(format!("{field} is {found}, but Helm reads {wanted} there"))
        .at(Location::new(yaml.source(), yaml.node(*node).range.clone()))
        .help("Helm refuses the whole chart: correct the value, or take it out")
}

fn api_missing(file: &ChartFile, has_dependencies: bool) -> Draft {
    let lost = if has_dependencies { ", and drops its dependencies from the package" } else { "" };
    Draft::new(format!("apiVersion is missing: Helm takes the chart for one of v1{lost}"))
        .at(Location::new(file.source(), file.key("apiVersion").unwrap_or(0..0)))
        .help("write `apiVersion: v2`")
}

fn api_unknown(api: &Field) -> Draft {
    Draft::new(format!("apiVersion {} is none that Helm packages", api.value.text))
        .at(api.value.location.clone())
        .help("write `apiVersion: v2`, or v1 for charts that Helm 2 has to read")
}

fn dependencies_of_v1(api: &Field, at: Location) -> Draft {
    Draft::new("apiVersion is v1, so Helm drops the dependencies of Chart.yaml from the package")
        .at(at)
        .related("the chart's apiVersion", Some(api.value.location.clone()))
        .help("write `apiVersion: v2`, or move the dependencies to requirements.yaml")
}

fn name_missing(file: &ChartFile) -> Draft {
    Draft::new("name is missing or empty")
        .at(Location::new(file.source(), file.key("name").unwrap_or(0..0)))
        .help("write the chart's name, as its folder has it")
}

fn name_is_no_text(name: &Field) -> Draft {
    let text = &name.value.text;
    Draft::new(format!("name {text} is not a text but a number or a truth value for YAML"))
        .at(name.value.location.clone())
        .help(format!("Helm may package it under another name: write \"{text}\""))
}

fn name_is_a_path(name: &Field) -> Draft {
    Draft::new(format!("name {} is no name for a chart but a path", name.value.text))
        .at(name.value.location.clone())
        .help("write one name without slashes, as the chart's folder has it")
}

fn type_unknown(kind: &Field) -> Draft {
    Draft::new(format!("type {} is none that Helm knows", kind.value.text))
        .at(kind.value.location.clone())
        .help("write `application` or `library`, or leave it out, which means application")
}
