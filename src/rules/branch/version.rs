//! `branch/version`

use crate::config::Config;
use crate::document::chart::Field;
use crate::finding::{Severity, Subject};
use crate::project::{OnBranch, Project};
use crate::rules::{Check, Draft, Findings, Fixable, Rule, RuleMeta};

pub(in crate::rules) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "branch/version",
        severity: Some(Severity::Error),
        fix: Fixable::No,
        summary: "a chart on a release branch carries a version of another minor line",
    },
    check: Check::Files(check),
};

fn check(project: &Project, _config: &Config, findings: &mut Findings<'_>) {
    let Some(branch) = &project.branch else { return };
    for chart in &project.charts {
        let Some(field) = chart.version() else { continue };
        // As a text, so that what is not SemVer is compared as well.
        if !field.value.text.starts_with(&format!("{}.", branch.line)) {
            let subject = Subject::branch(&branch.name, project.subject.commit);
            findings.add(other_line(branch, &field).about(subject));
        }
    }
}

fn other_line(branch: &OnBranch, field: &Field) -> Draft {
    let OnBranch { name, line, checked_out } = branch;
    Draft::new(format!("version is {}, but {name} is the branch of {line}.x", field.value.text))
        .at(field.value.location.clone())
        .help(format!("set a version {line}.x here, or move the change to the branch of its own line"))
        .warning_if(*checked_out)
}
