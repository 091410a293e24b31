//! `tag/tip`

use crate::config::Config;
use crate::domain::MinorLine;
use crate::finding::Severity;
use crate::project::refs::{Behind, RefFacts, TagFacts};
use crate::rules::{Check, Draft, Findings, Fixable, Rule, RuleMeta};

pub(in crate::rules) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "tag/tip",
        severity: Some(Severity::Warning),
        fix: Fixable::No,
        summary: "a new tag is not at the newest commit of its release branch",
    },
    check: Check::Tag(check),
};

fn check(tag: &TagFacts, refs: &RefFacts, _config: &Config, findings: &mut Findings<'_>) {
    let (Some(behind), Some(version)) = (&tag.behind, tag.version()) else { return };
    if let Some(line) = refs.lines.get(&MinorLine::from(version)) {
        findings.add(not_newest(&tag.name, &line.branch, behind));
    }
}

fn not_newest(tag: &str, branch: &str, behind: &Behind) -> Draft {
    let commits = match behind.commits {
        Some(1) => "one commit".to_owned(),
        Some(count) => format!("{count} commits"),
        None => "many commits".to_owned(),
    };
    Draft::new(format!("{tag} is {commits} behind {branch}"))
        .help(format!("tag {}, its newest commit, if the release is to have all of it", behind.tip.short()))
}
