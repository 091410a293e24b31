//! `tag/version`

use crate::config::Config;
use crate::document::chart::Field;
use crate::domain::Version;
use crate::finding::Severity;
use crate::project::Project;
use crate::rules::{Check, Draft, Findings, Fixable, Rule, RuleMeta};

pub(in crate::rules) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "tag/version",
        severity: Some(Severity::Error),
        fix: Fixable::No,
        summary: "a chart carries another version than its tag",
    },
    check: Check::Files(check),
};

fn check(project: &Project, _config: &Config, findings: &mut Findings<'_>) {
    let Some(version) = &project.tag else { return };
    for chart in &project.charts {
        // As a text, so that what is not SemVer is compared as well.
        if let Some(field) = chart.version().filter(|field| field.value.text != version.to_string()) {
            findings.add(another(&project.subject.name, version, &field));
        }
    }
}

fn another(tag: &str, version: &Version, field: &Field) -> Draft {
    Draft::new(format!("the chart's version is {}, but {tag} releases {version}", field.value.text))
        .at(field.value.location.clone())
        .help(format!("tag a commit whose chart has version {version}"))
}
