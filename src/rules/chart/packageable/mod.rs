//! `chart/packageable`

mod dependencies;
mod files;
mod metadata;

use std::sync::Arc;

use crate::config::Config;
use crate::domain::SourceText;
use crate::domain::text::BOM;
use crate::finding::{Location, Severity};
use crate::project::Project;
use crate::rules::{Check, Draft, Findings, Fixable, Rule, RuleMeta};

pub(in crate::rules) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "chart/packageable",
        severity: Some(Severity::Error),
        fix: Fixable::No,
        summary: "helm package would fail on the chart, or leave something out",
    },
    check: Check::Files(check),
};

fn check(project: &Project, _config: &Config, findings: &mut Findings<'_>) {
    for chart in &project.charts {
        if let Ok(file) = &chart.file {
            metadata::check(file, chart, findings);
            dependencies::check(&chart.package, file, findings);
        }
        chart
            .package
            .broken
            .iter()
            .for_each(|broken| findings.add(Draft::unreadable(broken, "helm lint says more")));
        files::check(&chart.package, &chart.dir, findings);
    }
}

/// Where a rule of `.helmignore` stands.
fn place_of(rule: &str, helmignore: Option<&Arc<SourceText>>) -> Option<Location> {
    let source = helmignore?;
    let mut next = 0;
    let place = source.text.split_inclusive('\n').find_map(|line| {
        let start = next;
        next += line.len();
        let body = line.trim_start_matches(BOM);
        let at = start + line.len() - body.trim_start().len();
        (body.trim() == rule).then(|| at..at + rule.len())
    });
    Some(Location::new(source, place.unwrap_or(0..0)))
}
