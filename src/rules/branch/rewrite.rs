//! `branch/rewrite`

use crate::config::Config;
use crate::finding::Severity;
use crate::project::refs::{BranchFacts, Event, Lost, RefFacts};
use crate::rules::{Check, Draft, Findings, Fixable, Rule, RuleMeta};

pub(in crate::rules) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "branch/rewrite",
        severity: Some(Severity::Error),
        fix: Fixable::No,
        summary: "a release branch or the default branch is force-pushed or deleted",
    },
    check: Check::Branch(check),
};

fn check(branch: &BranchFacts, _refs: &RefFacts, _config: &Config, findings: &mut Findings<'_>) {
    let Some(lost) = branch.lost.as_ref().filter(|lost| **lost != Lost::Unseen) else { return };
    let what = if branch.is_default { "the default branch" } else { "a release branch" };
    findings.add(match branch.event {
        Event::Deleted { .. } => deleted(&branch.name, what),
        _ => rewritten(&branch.name, what, lost),
    });
}

fn deleted(name: &str, what: &str) -> Draft {
    Draft::new(format!("{name} is {what}, and would be deleted"))
        .help("keep it: releases were made from it; an administrator can delete it on the server itself")
}

fn rewritten(name: &str, what: &str, lost: &Lost) -> Draft {
    let commits = match lost {
        Lost::Commits(1) => "one published commit".to_owned(),
        Lost::Commits(count) => format!("{count} published commits"),
        Lost::Some | Lost::Unseen => "published commits".to_owned(),
    };
    Draft::new(format!("{name} is {what}, and this push takes {commits} away from it"))
        .help("push on top of it without --force: git pull --rebase; what was wrong is undone by git revert")
}
