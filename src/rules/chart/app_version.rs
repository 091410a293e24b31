//! `chart/app-version`

use crate::config::Config;
use crate::document::chart::{ChartFile, Field};
use crate::domain::{Template, parse_version};
use crate::finding::{Fix, Severity};
use crate::project::{Chart, Lead, Leader, Project};
use crate::rules::{Check, Draft, Findings, Fixable, Rule, RuleMeta};

pub(in crate::rules) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "chart/app-version",
        severity: Some(Severity::Error),
        fix: Fixable::Sometimes,
        summary: "appVersion differs from version",
    },
    check: Check::Files(check),
};

fn check(project: &Project, _config: &Config, findings: &mut Findings<'_>) {
    for chart in &project.charts {
        if let Some(draft) = disagreement(chart) {
            findings.add(draft);
        }
    }
}

fn disagreement(chart: &Chart) -> Option<Draft> {
    let lead = chart.lead()?;
    let (file, template) = (chart.file.as_ref().ok()?, chart.config.app_version.as_ref()?);
    let version = file.version()?;
    let app_version = file.app_version();
    let expected = template.fill_text(&version.value.text)?;
    let fix = fix(file, template, (&version, app_version.as_ref()), &lead);
    let draft = match &app_version {
        Some(app_version) => differs(&version, app_version, &expected),
        None => missing(&version, &expected),
    };
    Some(draft.help(help(&lead, &version, &expected, fix.as_ref())).fix(fix))
}

fn fix(file: &ChartFile, template: &Template, fields: (&Field, Option<&Field>), lead: &Lead) -> Option<Fix> {
    let (version, app_version) = fields;
    let (title, edit) = match &lead.leader {
        Leader::AppVersion(meant) => {
            (format!("set version to {meant}"), file.set(version, &meant.to_string())?)
        }
        Leader::Version => {
            // What is not SemVer has to be mended first: it may be the wrong one of the two.
            let expected = template.fill(&parse_version(&version.value.text)?);
            match app_version {
                Some(field) => (format!("set appVersion to {expected}"), file.set(field, &expected)?),
                None => (format!("add appVersion {expected}"), file.add("appVersion", &expected)?),
            }
        }
    };
    Some(Fix::safe(title, vec![edit]).unsafe_unless(lead.certain))
}

fn differs(version: &Field, app_version: &Field, expected: &str) -> Draft {
    let (app, chart) = (&app_version.value.text, &version.value.text);
    let message = if expected == chart {
        format!("appVersion is {app}, but version is {chart}")
    } else {
        format!("appVersion is {app}, but for version {chart} it has to be {expected}")
    };
    Draft::new(message)
        .at(app_version.value.location.clone())
        .related("the chart's version", Some(version.value.location.clone()))
}

fn missing(version: &Field, expected: &str) -> Draft {
    Draft::new(format!("appVersion is missing; it has to be {expected}")).at(version.value.location.clone())
}

fn help(lead: &Lead, version: &Field, expected: &str, fix: Option<&Fix>) -> String {
    match (fix, &lead.leader) {
        (None, _) if parse_version(&version.value.text).is_none() => "correct version first".to_owned(),
        (None, _) => format!("set appVersion to \"{expected}\", or correct version"),
        (Some(_), Leader::AppVersion(version)) if !lead.certain => format!(
            "{}, so a person has to say which is right; `relguard fix --unsafe` sets version to {version}",
            lead.because
        ),
        (Some(_), Leader::AppVersion(version)) => {
            format!("`relguard fix` sets version to {version}: {}", lead.because)
        }
        (Some(_), Leader::Version) if lead.certain => {
            format!("`relguard fix` sets it to {expected}: {}", lead.because)
        }
        (Some(_), Leader::Version) => format!(
            "{}, so a person has to say which is right; `relguard fix --unsafe` sets appVersion to {expected}",
            lead.because
        ),
    }
}
