//! `tag/branch`

use crate::config::Config;
use crate::domain::{MinorLine, Oid, Version};
use crate::finding::Severity;
use crate::project::refs::{Distance, ObjectKind, Peeled, Place, RefFacts, TagFacts};
use crate::rules::{Check, Draft, Findings, Fixable, Rule, RuleMeta};

pub(in crate::rules) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "tag/branch",
        severity: Some(Severity::Error),
        fix: Fixable::No,
        summary: "a tag is not on its release branch",
    },
    check: Check::Tag(check),
};

fn check(tag: &TagFacts, refs: &RefFacts, config: &Config, findings: &mut Findings<'_>) {
    let (Some(version), Some(target)) = (tag.version(), &tag.target) else { return };
    if target.kind != ObjectKind::Commit {
        return findings.add(no_commit(&tag.name, target));
    }
    let line = MinorLine::from(version);
    let known = refs.lines.get(&line);
    let branch = known.map_or_else(|| config.branches.release.fill_line(line), |line| line.branch.clone());
    let subject =
        Tagged { tag: &tag.name, version, commit: target.id, branch: &branch, default: refs.default_name() };
    match &tag.place {
        Some(Place::NoBranch { on }) => findings.add(subject.no_branch(on.as_deref())),
        Some(Place::Apart { distance, on }) => findings.add(subject.apart(distance, on.as_deref())),
        Some(Place::Sound | Place::NoDefault | Place::Unseen) | None => {}
    }
}

struct Tagged<'a> {
    tag: &'a str,
    version: &'a Version,
    commit: Oid,
    branch: &'a str,
    default: &'a str,
}

fn no_commit(name: &str, target: &Peeled) -> Draft {
    Draft::new(format!("{name} names {}, not a commit", target.kind.words()))
        .help(format!("tag the commit to release: git tag -d {name} && git tag -a {name} COMMIT"))
}

impl Tagged<'_> {
    fn no_branch(&self, on: Option<&str>) -> Draft {
        let Self { tag, branch, default, .. } = self;
        let (commit, version) = (self.commit.short(), self.version);
        let place = on.map(|on| format!("; its commit {commit} is on {on}")).unwrap_or_default();
        let message = format!("{tag} has no release branch: there is no {branch}{place}");
        Draft::new(message).help(if on == Some(default) {
            format!("cut {branch} from {default}, push it, and tag {version} there")
        } else {
            format!("merge {commit} into {default}, cut {branch} from it, push it, and tag {version} there")
        })
    }

    fn apart(&self, distance: &Distance, on: Option<&str>) -> Draft {
        let Self { tag, branch, .. } = self;
        let ahead = match (distance.ahead, distance.base) {
            (Some(_), None) => return self.unrelated(),
            (Some(1), _) => "is one commit ahead of".to_owned(),
            (Some(count), _) => format!("is {count} commits ahead of"),
            (None, _) => "is not on".to_owned(),
        };
        let why = match on {
            Some(on) => format!("the tagged commit is on {on}, and was never merged into {branch}"),
            None => "the tagged commit was never merged into it".to_owned(),
        };
        let instead = distance.base.map(|base| format!(", or tag {}", base.short())).unwrap_or_default();
        Draft::new(format!("{tag} {ahead} {branch}: {why}"))
            .help(format!("merge {} into {branch}{instead}", self.commit.short()))
    }

    fn unrelated(&self) -> Draft {
        let Self { tag, branch, .. } = self;
        Draft::new(format!("{tag} shares no history with {branch}")).help(format!("tag a commit of {branch}"))
    }
}
