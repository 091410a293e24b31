//! `chart/version-order`

use crate::config::Config;
use crate::document::chart::Field;
use crate::domain::parse_version;
use crate::finding::Severity;
use crate::project::{BaseChart, Project};
use crate::rules::{Check, Draft, Findings, Fixable, Rule, RuleMeta};

pub(in crate::rules) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "chart/version-order",
        severity: Some(Severity::Error),
        fix: Fixable::No,
        summary: "version is lower than it was before",
    },
    check: Check::Files(check),
};

fn check(project: &Project, _config: &Config, findings: &mut Findings<'_>) {
    for chart in &project.charts {
        let (Some(field), Some(base)) = (chart.version(), &chart.base) else { continue };
        let before = base.version.as_deref().and_then(parse_version);
        let Some((now, before)) = parse_version(&field.value.text).zip(before) else { continue };
        if now.cmp_precedence(&before).is_lt() {
            findings.add(lower(&field, &before.to_string(), base));
        }
    }
}

fn lower(field: &Field, before: &str, base: &BaseChart) -> Draft {
    let state = if base.is_tagged { "which is released" } else { "which is not released yet" };
    Draft::new(format!("version goes back to {} from {before}, {state}", field.value.text))
        .at(field.value.location.clone())
        .help(format!("a version only goes up: write one above {before}"))
        .warning_if(!base.is_tagged)
}
