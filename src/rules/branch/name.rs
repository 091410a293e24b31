//! `branch/name`

use crate::config::Config;
use crate::finding::Severity;
use crate::project::refs::{BranchFacts, Event, Meaning, RefFacts};
use crate::rules::{Check, Draft, Findings, Fixable, Rule, RuleMeta};

pub(in crate::rules) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "branch/name",
        severity: Some(Severity::Error),
        fix: Fixable::No,
        summary: "a branch looks like a release branch and is none",
    },
    check: Check::Branch(check),
};

fn check(branch: &BranchFacts, _refs: &RefFacts, config: &Config, findings: &mut Findings<'_>) {
    // What is there already is not made better by refusing work on it.
    let judged = !branch.is_default && matches!(branch.event, Event::Stands | Event::Created);
    let Meaning::Misnamed(right) = &branch.meaning else { return };
    if judged {
        findings.add(misnamed(&branch.name, right.as_deref(), config));
    }
}

fn misnamed(name: &str, right: Option<&str>, config: &Config) -> Draft {
    let template = config.branches.release.as_str();
    let looks =
        if config.tags.release.fits(name) { "has the name of a tag" } else { "looks like a release branch" };
    let ignore = "or list it in branches.ignore, if it is none";
    let help = match right {
        Some(right) => format!("name it {right}, {ignore}"),
        None => format!("name it after its minor line, {template}, {ignore}"),
    };
    Draft::new(format!("{name} {looks}, but release branches are named {template}")).help(help)
}
