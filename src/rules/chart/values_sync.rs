//! `chart/values-sync`

use super::what_to_write;
use crate::config::{Config, ValuesKey};
use crate::document::chart::{ChartFile, Field};
use crate::document::yaml::{Found, Step, Yaml, key_path, quoted};
use crate::domain::strip_v;
use crate::finding::{Edit, Fix, Location, Severity};
use crate::project::{Chart, Project, ValuesFile};
use crate::rules::{Check, Draft, Findings, Fixable, Rule, RuleMeta};

pub(in crate::rules) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "chart/values-sync",
        severity: Some(Severity::Error),
        fix: Fixable::Sometimes,
        summary: "a key of the chart's values carries another version than the chart",
    },
    check: Check::Files(check),
};

/// The keys that are looked at where the config names none.
const DEFAULT_KEYS: [&str; 3] = ["version", "global.imageTag", "image.tag"];

fn check(project: &Project, config: &Config, findings: &mut Findings<'_>) {
    for chart in &project.charts {
        for file in &chart.values {
            if let Err(broken) = &file.content {
                findings.add(Draft::unreadable(broken, "helm lint says more"));
            }
        }
        let Some(version) = chart.version() else { continue };
        match &chart.config.values {
            Some(keys) => {
                for key in keys {
                    configured(&Judged { chart, config, version: &version }, key, findings);
                }
            }
            None if chart.config.app_version.is_some() => {
                for key in DEFAULT_KEYS {
                    by_default(&Judged { chart, config, version: &version }, key, findings);
                }
            }
            None => {}
        }
    }
}

/// A chart with what its keys are compared with.
struct Judged<'a> {
    chart: &'a Chart,
    config: &'a Config,
    version: &'a Field,
}

fn by_default(judged: &Judged<'_>, key: &str, findings: &mut Findings<'_>) {
    let Some(file) = judged.chart.values_file("values.yaml") else { return };
    let Ok(Some(yaml)) = &file.content else { return };
    let Some(steps) = key_path(key) else { return };
    let Some(found) = yaml.find(&steps) else { return };
    let Some(value) = yaml.text(found.node).filter(|value| is_version_like(value)) else { return };
    if strip_v(value) == strip_v(&judged.version.value.text) {
        return;
    }
    let known = judged.is_known(value);
    let expected = judged.in_form_of(value);
    let edit = judged.rewrite(yaml, (&steps, found), &expected);
    let fix = edit.map(|edit| set(key, &expected, edit).unsafe_unless(known));
    findings.add(differs(judged, &place(yaml, found), (key, value, &expected)).fix(fix).warning_if(!known));
}

fn configured(judged: &Judged<'_>, key: &ValuesKey, findings: &mut Findings<'_>) {
    let Some(file) = judged.chart.values_file(&key.file) else { return };
    let yaml = match &file.content {
        Ok(Some(yaml)) => yaml,
        Ok(None) => return findings.add(file_missing(file, key)),
        Err(_) => return,
    };
    let version = judged.version.value.text.as_str();
    let Some(wanted) =
        key.value.as_ref().map_or_else(|| Some(version.to_owned()), |value| value.fill_text(version))
    else {
        return;
    };
    let Some(found) = yaml.find(&key.steps) else {
        let expected = judged.for_nothing(key, wanted);
        let fix = yaml.insert(&key.steps, &expected).filter(|_| judged.chart.is_settled()).map(
            |(range, replacement)| {
                set(&key.key, &expected, Edit { path: file.path.clone(), range, replacement })
            },
        );
        return findings.add(key_missing(judged, yaml, key, &expected).fix(fix));
    };
    let Some(value) = yaml.text(found.node) else {
        return findings.add(no_text(&place(yaml, found), key, &wanted));
    };
    let value = if yaml.is_null(found.node) { "" } else { value };
    let agrees = match &key.value {
        Some(_) => value == wanted,
        None => !value.is_empty() && strip_v(value) == strip_v(&wanted),
    };
    if agrees {
        return;
    }
    let expected = match &key.value {
        None if value.is_empty() => judged.for_nothing(key, wanted),
        None => judged.in_form_of(value),
        Some(_) => wanted,
    };
    let edit = judged.rewrite(yaml, (&key.steps, found), &expected);
    let fix = edit.map(|edit| set(&key.key, &expected, edit));
    let draft = differs(judged, &place(yaml, found), (&key.key, value, &expected));
    findings.add(draft.related("the config asks for it", key.at.clone()).fix(fix));
}

impl Judged<'_> {
    /// Whether a value is this chart's version, or was: then nothing else can be meant by it.
    fn is_known(&self, value: &str) -> bool {
        let file = self.chart.file.as_ref().ok();
        let app_version = file.and_then(ChartFile::app_version).map(|field| field.value.text);
        let base = self.chart.base.as_ref();
        let known = [
            Some(self.version.value.text.as_str()),
            app_version.as_deref(),
            base.and_then(|base| base.version.as_deref()),
            base.and_then(|base| base.app_version.as_deref()),
        ];
        known.into_iter().flatten().any(|known| strip_v(known) == strip_v(value))
    }

    /// The version, with a `v` where the value has one.
    fn in_form_of(&self, value: &str) -> String {
        let version = strip_v(&self.version.value.text);
        if value.starts_with('v') { format!("v{version}") } else { version.to_owned() }
    }

    /// What a key gets that has nothing yet: what the config says, else the form of the project's tags.
    fn for_nothing(&self, key: &ValuesKey, wanted: String) -> String {
        if key.value.is_some() {
            return wanted;
        }
        let tag = self.config.tags.release.fill_text(&wanted);
        tag.filter(|tag| strip_v(tag) == strip_v(&wanted)).unwrap_or(wanted)
    }

    /// The edit that gives a key another value. Where an alias or a merge key leads to an older version of
    /// this chart, it is mended there, for all who share it; else the key gets a value of its own.
    fn rewrite(&self, yaml: &Yaml, (steps, found): (&[Step], Found), expected: &str) -> Option<Edit> {
        if !self.chart.is_settled() {
            return None;
        }
        let value = yaml.text(found.node)?;
        let is_older = self.is_known(value) && strip_v(value) != strip_v(&self.version.value.text);
        let (range, replacement) = if is_older {
            yaml.replace(found.node, expected)?
        } else if !yaml.is_own(steps) {
            yaml.insert(steps, expected)?
        } else if found.written != found.node {
            (yaml.node(found.written).range.clone(), quoted(expected))
        } else {
            yaml.replace(found.node, expected)?
        };
        Some(Edit { path: yaml.source().path.clone(), range, replacement })
    }
}

/// `^v?[0-9]+(\.[0-9]+)+`
fn is_version_like(value: &str) -> bool {
    let text = strip_v(value);
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.len() < text.len()
        && rest.strip_prefix('.').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

fn place(yaml: &Yaml, found: Found) -> Location {
    Location::new(yaml.source(), yaml.node(found.node).range.clone())
}

fn set(key: &str, expected: &str, edit: Edit) -> Fix {
    Fix::safe(format!("set {key} to {expected}"), vec![edit])
}

fn differs(judged: &Judged<'_>, at: &Location, (key, value, expected): (&str, &str, &str)) -> Draft {
    let version = &judged.version.value;
    let message = if value.is_empty() {
        format!("{key} is empty, but version is {}", version.text)
    } else {
        format!("{key} is {value}, but version is {}", version.text)
    };
    Draft::new(message)
        .at(at.clone())
        .related("the chart's version", Some(version.location.clone()))
        .help(what_to_write(expected, &version.text, judged.chart.is_settled()))
}

fn no_text(at: &Location, key: &ValuesKey, wanted: &str) -> Draft {
    Draft::new(format!("{} is not a text; it has to be {wanted}", key.key))
        .at(at.clone())
        .related("the config asks for it", key.at.clone())
        .help("write the version there, or correct the key in the config")
}

fn file_missing(file: &ValuesFile, key: &ValuesKey) -> Draft {
    Draft::new(format!("{} is missing: the config wants the version at {} in it", file.path, key.key))
        .at(key.at.clone())
        .help("add the file, or take the key out of the config")
}

fn key_missing(judged: &Judged<'_>, yaml: &Yaml, key: &ValuesKey, expected: &str) -> Draft {
    Draft::new(format!("{} is missing; it has to be {expected}", key.key))
        .at(Location::new(yaml.source(), 0..0))
        .related("the chart's version", Some(judged.version.value.location.clone()))
        .related("the config asks for it", key.at.clone())
        .help("add the key, or take it out of the config")
}
