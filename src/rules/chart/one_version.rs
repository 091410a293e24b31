//! `chart/one-version`

use crate::config::Config;
use crate::document::chart::Field;
use crate::domain::{RepoPath, parse_version};
use crate::finding::{Fix, Safety, Severity};
use crate::project::{Chart, Project};
use crate::rules::{Check, Draft, Findings, Fixable, Rule, RuleMeta};

pub(in crate::rules) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "chart/one-version",
        severity: Some(Severity::Error),
        fix: Fixable::Unsafe,
        summary: "two charts of the project carry different versions",
    },
    check: Check::Files(check),
};

fn check(project: &Project, _config: &Config, findings: &mut Findings<'_>) {
    // A chart without a version has a finding of its own; the others still have to agree.
    let mut charts = project.charts.iter().filter_map(|chart| Some((chart, chart.version()?)));
    let Some((first, leading)) = charts.next() else { return };
    for (chart, version) in charts.filter(|(_, version)| version.value.text != leading.value.text) {
        let fix = follow(chart, &version, &leading);
        findings.add(differs((&chart.dir, &version), (&first.dir, &leading)).fix(fix));
    }
}

/// The first chart leads, but nobody said that it is the one that is right.
fn follow(chart: &Chart, version: &Field, leading: &Field) -> Option<Fix> {
    parse_version(&leading.value.text)?;
    let edit = chart.file.as_ref().ok()?.set(version, &leading.value.text)?;
    let title = format!("set version to {}, as the first chart has it", leading.value.text);
    Some(Fix { safety: Safety::Unsafe, title, edits: vec![edit] })
}

fn differs((dir, version): (&RepoPath, &Field), (first, leading): (&RepoPath, &Field)) -> Draft {
    let (one, other) = (&version.value.text, &leading.value.text);
    Draft::new(format!("{dir} has version {one}, but {first} has {other}"))
        .at(version.value.location.clone())
        .related(format!("the version of {first}"), Some(leading.value.location.clone()))
        .help(format!(
            "charts of one project are released together; `relguard fix --unsafe` sets it to {other}"
        ))
}
