//! Which rules judge which state: severities, exceptions, what was there before; sorted into a report.

mod change;
mod changelog_place;
mod chart_index;
mod configs;
mod exceptions;
mod governing;
mod inspection;
mod named;
mod since;
mod state;
mod watch;

use crate::config::{Config, Level};
use crate::domain::{SortedSet, order};
use crate::finding::{Finding, Severity, Subject, SubjectKind};
use crate::project::Project;
use crate::project::chart_index::IndexFacts;
use crate::project::refs::{BranchFacts, RefFacts, TagFacts};
use crate::rules::{Check, Findings, RULES};

pub use change::Change;
pub use governing::{Judge, must_have_default};
pub use inspection::{Inspection, Judged, Occasion};
pub use named::{find_commit, find_ref};
pub use state::{State, Which};
pub use watch::is_untouched;

/// What a check found.
#[derive(Debug, Clone)]
pub struct Report {
    /// What was judged, as JSON calls it: `worktree`, `staged`, `rev`, `pre-commit`.
    pub scope: &'static str,
    /// The findings, in the order of reports.
    pub findings: Vec<Finding>,
    /// How much was judged.
    pub judged: Judged,
}

/// The findings of all rules in one state, sorted; what the config turns off is not there.
pub fn judge(project: &Project, config: &Config) -> Vec<Finding> {
    let of_files = |check: Check| match check {
        Check::Files(check) => Some(check),
        _ => None,
    };
    let mut found = judge_each(config, &project.subject, of_files, |check, findings| {
        check(project, config, findings);
    });
    order::sort_by(&mut found, Finding::order);
    found
}

/// The findings of the rules on branches.
fn judge_branch(branch: &BranchFacts, refs: &RefFacts, config: &Config) -> Vec<Finding> {
    let of_branches = |check: Check| match check {
        Check::Branch(check) => Some(check),
        _ => None,
    };
    let subject = Subject::branch(&branch.name, branch.commit);
    judge_each(config, &subject, of_branches, |check, findings| check(branch, refs, config, findings))
}

/// The findings of the rules on tags.
fn judge_tag(tag: &TagFacts, refs: &RefFacts, config: &Config) -> Vec<Finding> {
    let of_tags = |check: Check| match check {
        Check::Tag(check) => Some(check),
        _ => None,
    };
    let subject = Subject::tag(&tag.name, tag.commit());
    judge_each(config, &subject, of_tags, |check, findings| check(tag, refs, config, findings))
}

/// The findings of the rules on the chart index.
pub fn judge_index(facts: &IndexFacts, config: &Config) -> Vec<Finding> {
    let of_index = |check: Check| match check {
        Check::Index(check) => Some(check),
        _ => None,
    };
    let subject = Subject::index_branch(&facts.branch, facts.commit);
    judge_each(config, &subject, of_index, |check, findings| check(facts, config, findings))
}

/// Runs the rules of one kind that are not off, and marks what the project lives with.
fn judge_each<C>(
    config: &Config,
    subject: &Subject,
    of_kind: impl Fn(Check) -> Option<C>,
    run: impl Fn(C, &mut Findings<'_>),
) -> Vec<Finding> {
    let mut found = Vec::new();
    for rule in RULES {
        let Some(check) = of_kind(rule.check) else { continue };
        let level = config.level(rule.meta.id);
        if level != Some(Level::Off) {
            run(check, &mut Findings::new(&mut found, &rule.meta, level, subject));
        }
    }
    for help in found.iter_mut().filter_map(|finding| finding.help.as_mut()) {
        *help = advice(help, subject.kind);
    }
    exceptions::mark(&mut found, config);
    found
}

/// A rule's advice, said for the state at hand: what is staged is mended by another command than what is
/// on disk, and a commit by none.
fn advice(help: &str, state: SubjectKind) -> String {
    match state {
        SubjectKind::Index => help.replace("`relguard fix", "`relguard fix --staged"),
        SubjectKind::Commit | SubjectKind::Branch | SubjectKind::Tag if help.contains("`relguard fix") => {
            format!("in a checkout of it: {help}")
        }
        _ => help.to_owned(),
    }
}

/// Makes warnings of the errors that one of the states before has as well: same file, same words.
pub fn soften(findings: &mut [Finding], before: &[Finding]) {
    let known: SortedSet<_> = before.iter().map(Finding::words).collect();
    for finding in findings.iter_mut().filter(|finding| finding.is_error()) {
        if known.contains(&finding.words()) {
            finding.severity = Severity::Warning;
        }
    }
}

impl Report {
    /// How many findings make the check fail.
    pub fn errors(&self) -> usize {
        self.findings.iter().filter(|finding| finding.is_error()).count()
    }

    /// How many findings are only shown.
    pub fn warnings(&self) -> usize {
        let warning =
            |finding: &&Finding| finding.severity == Severity::Warning && finding.excepted.is_none();
        self.findings.iter().filter(warning).count()
    }

    /// How many findings have a safe fix.
    pub fn fixable(&self) -> usize {
        let safe = |finding: &&Finding| {
            finding.excepted.is_none()
                && finding.fix.as_ref().is_some_and(|fix| fix.safety == crate::finding::Safety::Safe)
        };
        self.findings.iter().filter(safe).count()
    }

    /// How many findings the project lives with.
    pub fn excepted(&self) -> usize {
        self.findings.iter().filter(|finding| finding.excepted.is_some()).count()
    }

    /// Whether the check fails; under `strict` warnings count as well.
    pub fn fails(&self, strict: bool) -> bool {
        self.errors() > 0 || (strict && self.warnings() > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(rule: &'static str, message: &str) -> Finding {
        Finding {
            rule,
            severity: Severity::Error,
            message: message.into(),
            help: None,
            subject: Subject::branch("release-1.0", None),
            location: None,
            related: Vec::new(),
            fix: None,
            excepted: None,
        }
    }

    #[test]
    fn what_was_there_before_is_a_warning() {
        let mut findings = [finding("a/b", "old"), finding("a/b", "new")];
        soften(&mut findings, &[finding("a/b", "old")]);
        assert_eq!(findings.each_ref().map(|finding| finding.severity), [Severity::Warning, Severity::Error]);
    }
}
