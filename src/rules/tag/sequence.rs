//! `tag/sequence`

use crate::config::Config;
use crate::finding::Severity;
use crate::project::refs::{Before, RefFacts, TagFacts};
use crate::rules::{Check, Draft, Findings, Fixable, Rule, RuleMeta};

pub(in crate::rules) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "tag/sequence",
        severity: Some(Severity::Warning),
        fix: Fixable::No,
        summary: "a z release has no release before it, or does not descend from it",
    },
    check: Check::Tag(check),
};

fn check(tag: &TagFacts, _refs: &RefFacts, config: &Config, findings: &mut Findings<'_>) {
    match &tag.before {
        Some(Before::Missing { version }) => {
            findings.add(gap(&tag.name, &config.tags.release.fill(version)));
        }
        Some(Before::Aside { tag: before }) => findings.add(aside(&tag.name, before)),
        Some(Before::Sound | Before::Unseen) | None => {}
    }
}

fn gap(tag: &str, before: &str) -> Draft {
    Draft::new(format!("{tag} has no {before} before it"))
        .help(format!("fetch all tags (git fetch --tags), or release {before} first"))
}

fn aside(tag: &str, before: &str) -> Draft {
    Draft::new(format!("{tag} does not descend from {before}: what that release had may be missing in it"))
        .help(format!("tag a commit of the release branch that comes after {before}"))
}
