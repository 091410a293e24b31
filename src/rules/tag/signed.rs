//! `tag/signed`

use crate::config::Config;
use crate::project::refs::{RefFacts, Signature, TagFacts};
use crate::rules::{Check, Draft, Findings, Fixable, Rule, RuleMeta};

pub(in crate::rules) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "tag/signed",
        severity: None,
        fix: Fixable::No,
        summary: "a tag is not an annotated tag with a valid signature",
    },
    check: Check::Tag(check),
};

fn check(tag: &TagFacts, _refs: &RefFacts, config: &Config, findings: &mut Findings<'_>) {
    if !config.wants_signed_tags() {
        return;
    }
    match &tag.signature {
        Some(Signature::Unannotated) => findings.add(unannotated(&tag.name)),
        Some(Signature::Invalid(said)) => findings.add(invalid(&tag.name, said)),
        Some(Signature::Valid) | None => {}
    }
}

fn unannotated(name: &str) -> Draft {
    Draft::new(format!("{name} is no annotated tag, so it has no signature"))
        .help(format!("sign it: git tag -d {name} && git tag -s {name} COMMIT"))
}

fn invalid(name: &str, said: &str) -> Draft {
    Draft::new(format!("{name} has no valid signature: {said}"))
        .help(format!("git verify-tag {name} says more; its signer's key has to be known and trusted here"))
}
