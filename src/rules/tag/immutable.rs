//! `tag/immutable`

use crate::config::Config;
use crate::domain::Oid;
use crate::finding::Severity;
use crate::project::refs::{Event, RefFacts, TagFacts};
use crate::rules::{Check, Draft, Findings, Fixable, Rule, RuleMeta};

pub(in crate::rules) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "tag/immutable",
        severity: Some(Severity::Error),
        fix: Fixable::No,
        summary: "a published release tag is moved or deleted",
    },
    check: Check::Tag(check),
};

fn check(tag: &TagFacts, _refs: &RefFacts, _config: &Config, findings: &mut Findings<'_>) {
    if tag.version().is_none() {
        return;
    }
    match tag.event {
        Event::Moved { from } => findings.add(moved(&tag.name, from)),
        Event::Deleted { .. } => findings.add(deleted(&tag.name)),
        Event::Stands | Event::Created => {}
    }
}

fn moved(name: &str, from: Oid) -> Draft {
    Draft::new(format!("{name} is published at {}, and would be moved", from.short()))
        .help("a release stays what it is: make the next one instead")
}

fn deleted(name: &str) -> Draft {
    Draft::new(format!("{name} is published, and would be deleted"))
        .help("a release stays what it is: make the next one instead")
}
