//! What Helm refuses in Chart.yaml itself.

use crate::document::chart::{self, ChartFile};
use crate::document::dependencies::{KEY, dependencies};
use crate::document::metadata::{DEPENDENCIES, FIELDS, Field, Misfit, misfits};
use crate::document::yaml::{Kind, NodeId, Yaml};
use crate::finding::Location;
use crate::project::Chart;
use crate::rules::{Draft, Findings};

pub(super) fn check(file: &ChartFile, chart: &Chart, findings: &mut Findings<'_>) {
    let package = &chart.package;
    shapes(file.yaml(), FIELDS, findings);
    for yaml in package.requirements.iter().chain([file.yaml()]) {
        shapes(yaml, DEPENDENCIES, findings);
    }
    let own = chart.dir.child("values.yaml");
    let values = chart.values.iter().filter(|values| values.path == own);
    let values = values.filter_map(|values| values.content.as_ref().ok()?.as_ref());
    for yaml in package.requirements.iter().chain(&package.lock).chain([file.yaml()]).chain(values) {
        if let Some(node) = yaml.beyond_json() {
            findings.add(beyond_json(yaml, node));
        }
    }
    api_version(file, findings);
    match file.field("name") {
        None if is_empty(file, "name") => findings.add(name_missing(file)),
        Some(name) if !name.is_string && !is_kept(&name.value.text) => findings.add(name_is_no_text(&name)),
        Some(name) if chart::is_path(&name.value.text) => findings.add(name_is_a_path(&name)),
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

fn shapes(yaml: &Yaml, fields: &[Field], findings: &mut Findings<'_>) {
    for misfit in misfits(yaml, fields) {
        findings.add(misshapen(yaml, &misfit));
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

fn beyond_json(yaml: &Yaml, node: NodeId) -> Draft {
    let (text, file) = (yaml.text(node).unwrap_or_default(), yaml.source().path.file_name());
    Draft::new(format!("{text} stands in {file}, a number for which Helm reads nothing of the file"))
        .at(Location::new(yaml.source(), yaml.node(node).range.clone()))
        .help(format!("write it in quotes, \"{text}\", or take it out"))
}

fn api_missing(file: &ChartFile, has_dependencies: bool) -> Draft {
    let lost = if has_dependencies { ", and drops its dependencies from the package" } else { "" };
    Draft::new(format!("apiVersion is missing: Helm takes the chart for one of v1{lost}"))
        .at(Location::new(file.source(), file.key("apiVersion").unwrap_or(0..0)))
        .help("write `apiVersion: v2`")
}

fn api_unknown(api: &chart::Field) -> Draft {
    Draft::new(format!("apiVersion {} is none that Helm packages", api.value.text))
        .at(api.value.location.clone())
        .help("write `apiVersion: v2`, or v1 for charts that Helm 2 has to read")
}

fn dependencies_of_v1(api: &chart::Field, at: Location) -> Draft {
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

fn name_is_no_text(name: &chart::Field) -> Draft {
    let text = &name.value.text;
    Draft::new(format!("name {text} is not a text but a number or a truth value for YAML"))
        .at(name.value.location.clone())
        .help(format!("Helm may package it under another name: write \"{text}\""))
}

fn name_is_a_path(name: &chart::Field) -> Draft {
    Draft::new(format!("name {} is no name for a chart but a path", name.value.text))
        .at(name.value.location.clone())
        .help("write one name without slashes, as the chart's folder has it")
}

fn type_unknown(kind: &chart::Field) -> Draft {
    Draft::new(format!("type {} is none that Helm knows", kind.value.text))
        .at(kind.value.location.clone())
        .help("write `application` or `library`, or leave it out, which means application")
}
