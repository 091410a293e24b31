//! `branch/base`

use crate::config::Config;
use crate::domain::Oid;
use crate::finding::Severity;
use crate::project::refs::{Base, BranchFacts, Distance, RefFacts};
use crate::rules::{Check, Draft, Findings, Fixable, Rule, RuleMeta};

pub(in crate::rules) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "branch/base",
        severity: Some(Severity::Error),
        fix: Fixable::No,
        summary: "a new release branch is not cut from the default branch",
    },
    check: Check::Branch(check),
};

fn check(branch: &BranchFacts, refs: &RefFacts, _config: &Config, findings: &mut Findings<'_>) {
    let default = refs.default_name();
    match (&branch.base, branch.commit) {
        (Some(Base::NotOnDefault(distance)), Some(tip)) => {
            findings.add(not_on_default(&branch.name, tip, default, distance));
        }
        (Some(Base::Unrelated), _) => findings.add(unrelated(&branch.name, default)),
        _ => {}
    }
}

fn not_on_default(name: &str, tip: Oid, default: &str, distance: &Distance) -> Draft {
    let ahead = match distance.ahead {
        Some(1) => "one commit".to_owned(),
        Some(count) => format!("{count} commits"),
        None => "many commits".to_owned(),
    };
    let draft = Draft::new(format!(
        "{name} is new and {ahead} ahead of {default} as published: {} is no commit of it",
        tip.short()
    ));
    match distance.base {
        Some(base) => {
            draft.help(format!("merge that into {default} first, or cut {name} at {}", base.short()))
        }
        None => draft.help(format!("cut {name} at a commit of {default}")),
    }
}

fn unrelated(name: &str, default: &str) -> Draft {
    Draft::new(format!("{name} shares no history with {default}"))
        .help(format!("cut it anew at a commit of {default}"))
}
