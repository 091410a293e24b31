//! `tag/name`

use crate::config::Config;
use crate::finding::Severity;
use crate::project::refs::{Meaning, RefFacts, TagFacts};
use crate::rules::{Check, Draft, Findings, Fixable, Rule, RuleMeta};

pub(in crate::rules) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "tag/name",
        severity: Some(Severity::Error),
        fix: Fixable::No,
        summary: "a tag looks like a release and does not fit the template",
    },
    check: Check::Tag(check),
};

fn check(tag: &TagFacts, _refs: &RefFacts, config: &Config, findings: &mut Findings<'_>) {
    match &tag.meaning {
        Meaning::Misnamed(right) if tag.target.is_some() => {
            findings.add(misnamed(&tag.name, right.as_deref(), config));
        }
        Meaning::Release(_) => {
            if let Some(own) = tag.other_name() {
                findings.add(renamed(&tag.name, own));
            }
        }
        _ => {}
    }
}

fn misnamed(name: &str, right: Option<&str>, config: &Config) -> Draft {
    let template = config.tags.release.as_str();
    let ignore = "or list it in tags.ignore, if it is no release";
    let help = match right {
        Some(right) => format!("name it {right}, {ignore}"),
        None => format!("name it {template} with a SemVer version, {ignore}"),
    };
    Draft::new(format!("{name} looks like a release, but release tags are named {template}")).help(help)
}

fn renamed(name: &str, own: &str) -> Draft {
    Draft::new(format!("the tag object under {name} calls itself {own}"))
        .help(format!("tag anew under the right name: git tag -d {name} && git tag -a {name} COMMIT"))
}
