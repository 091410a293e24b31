//! `chart/version`

use crate::config::Config;
use crate::document::chart::{ChartFile, Field};
use crate::document::yaml::Step;
use crate::domain::{parse_version, strip_v};
use crate::finding::{Fix, Location, Severity};
use crate::project::{MissingChart, Project};
use crate::rules::{Check, Draft, Findings, Fixable, Rule, RuleMeta};

pub(in crate::rules) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "chart/version",
        severity: Some(Severity::Error),
        fix: Fixable::Sometimes,
        summary: "Chart.yaml can't be read, or its version is missing or not strict SemVer",
    },
    check: Check::Files(check),
};

fn check(project: &Project, _config: &Config, findings: &mut Findings<'_>) {
    match project.missing_charts.as_slice() {
        [first, ..] if project.charts.is_empty() => findings.add(no_chart(&project.missing_charts, first)),
        missing => missing.iter().for_each(|chart| findings.add(chart_missing(chart))),
    }
    for chart in &project.charts {
        match &chart.file {
            Err(broken) => findings.add(Draft::unreadable(broken, "helm lint says more")),
            Ok(file) => findings_in(file, findings),
        }
    }
}

fn findings_in(file: &ChartFile, findings: &mut Findings<'_>) {
    let Some(field) = file.version() else { return findings.add(no_version(file)) };
    if !field.is_string {
        findings.add(not_a_text(&field).fix(mended(file, &field)));
    } else if parse_version(&field.value.text).is_none() {
        findings.add(not_semver(&field).fix(mended(file, &field)));
    }
}

/// Only what is around the version is wrong: spaces, a leading `v`, the lack of quotes.
fn mended(file: &ChartFile, field: &Field) -> Option<Fix> {
    let bare = strip_v(field.value.text.trim());
    parse_version(bare).filter(|_| bare != field.value.text)?;
    Some(Fix::safe(format!("set version to {bare}"), vec![file.set(field, bare)?]))
}

fn no_chart(missing: &[MissingChart], first: &MissingChart) -> Draft {
    let patterns: Vec<_> = missing.iter().map(|chart| format!("{}/Chart.yaml", chart.pattern)).collect();
    let help = first.absence.clone().unwrap_or_else(|| where_charts_are(first));
    Draft::new(format!("no chart found: there is no {}", patterns.join(", no ")))
        .help(help)
        .at(first.at.clone())
}

/// The way out, as exact as what else is there allows.
fn where_charts_are(chart: &MissingChart) -> String {
    let list = |dirs: &str| format!("list the charts in .relguard.yaml (`charts: [{dirs}]`)");
    match chart.elsewhere.as_slice() {
        [] => list("{path: DIR}") + ", or say that there are none (`charts: []`)",
        found if found.len() > 3 => {
            format!("{}; {} folders hold a Chart.yaml", list("{path: DIR}"), found.len())
        }
        found => list(&found.iter().map(|dir| format!("{{path: {dir}}}")).collect::<Vec<_>>().join(", ")),
    }
}

fn chart_missing(chart: &MissingChart) -> Draft {
    let help = chart
        .absence
        .clone()
        .unwrap_or_else(|| "correct the path in .relguard.yaml, or add the chart".to_owned());
    Draft::new(format!("there is no chart at {}", chart.pattern)).help(help).at(chart.at.clone())
}

fn no_version(file: &ChartFile) -> Draft {
    let range = file.key("version").unwrap_or(0..0);
    let found = file.yaml().find(&[Step::Key("version".to_owned())]);
    let is_text = found.is_none_or(|found| file.yaml().text(found.node).is_some());
    Draft::new(if is_text {
        "version is missing or empty"
    } else {
        "version is a list or a mapping, not a text"
    })
    .at(Location::new(file.source(), range))
    .help("write `version: 1.2.3`")
}

fn not_a_text(field: &Field) -> Draft {
    let text = &field.value.text;
    Draft::new(format!("version {text} is not a text but a number or a date for YAML"))
        .at(field.value.location.clone())
        .help("write a full SemVer version, such as 1.10.0")
}

fn not_semver(field: &Field) -> Draft {
    let text = &field.value.text;
    let shown = if text.trim() == text { text.clone() } else { format!("{text:?}, with spaces around,") };
    Draft::new(format!("version {shown} is not SemVer 2.0.0"))
        .at(field.value.location.clone())
        .help("write three numbers without leading zeros and without `v`, such as 1.2.3 or 1.2.3-rc.1")
}
