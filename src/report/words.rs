//! What several formats say in the same words. All of it is safe to print.

use crate::domain::text::visible;
use crate::engine::{Judged, Report};
use crate::finding::{Finding, Fix, Location, Safety, Severity, Subject, SubjectKind};

/// A finding's weight in one word, as it counts: one that the project lives with is `accepted`.
pub(super) fn weight(finding: &Finding) -> &'static str {
    match finding.excepted {
        Some(_) => "accepted",
        None => severity(finding.severity),
    }
}

/// A severity as every format writes it.
pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

/// A subject's kind as a program reads it.
pub(super) fn kind(subject: &Subject) -> &'static str {
    match subject.kind {
        SubjectKind::Worktree => "worktree",
        SubjectKind::Index => "index",
        SubjectKind::Commit => "commit",
        SubjectKind::Branch => "branch",
        SubjectKind::Tag => "tag",
        SubjectKind::IndexBranch => "index-branch",
    }
}

/// The state that a finding is about: `working tree`, `branch release-1.2`.
pub(super) fn subject(subject: &Subject) -> String {
    let what = match subject.kind {
        SubjectKind::Worktree => return "working tree".to_owned(),
        SubjectKind::Index => return "git index".to_owned(),
        SubjectKind::Commit => "commit",
        SubjectKind::Branch => "branch",
        SubjectKind::Tag => "tag",
        SubjectKind::IndexBranch => "chart index on",
    };
    format!("{what} {}", visible(&subject.name))
}

/// The same with the commit, where its name is not the commit's already.
pub(super) fn subject_at(of: &Subject) -> String {
    match of.commit {
        Some(commit) if !commit.to_string().starts_with(&of.name) => {
            format!("{} ({})", subject(of), commit.short())
        }
        _ => subject(of),
    }
}

/// Where a place begins, as compilers write it: `charts/a/Chart.yaml:3:10`.
pub(super) fn place(location: &Location) -> String {
    let start = location.start();
    format!("{}:{}:{}", visible(location.path().as_str()), start.line, start.column)
}

/// The finding's advice; where it does not name the fix, the fix is named behind it.
pub(super) fn help(finding: &Finding) -> Option<String> {
    let help = finding.help.as_deref().map(|help| visible(help).into_owned());
    let fix = finding.fix.as_ref().filter(|_| finding.excepted.is_none());
    let Some(fix) = fix.filter(|_| !help.as_ref().is_some_and(|help| help.contains("relguard fix"))) else {
        return help;
    };
    let Fix { safety, title, .. } = fix;
    let staged = match finding.subject.kind {
        SubjectKind::Index => " --staged",
        SubjectKind::Commit | SubjectKind::Branch | SubjectKind::Tag => return help,
        _ => "",
    };
    let unsafe_too = if *safety == Safety::Safe { "" } else { " --unsafe" };
    let offer = format!("`relguard fix{staged}{unsafe_too}`: {}", visible(title));
    Some(help.map_or(offer.clone(), |help| format!("{help} ({offer})")))
}

/// What a finding says behind its message, a line each. A line begins with a word of ours, so that no text
/// of a repository stands where a reader looks for commands.
pub(super) fn notes(finding: &Finding) -> Vec<String> {
    let of_ref = !matches!(finding.subject.kind, SubjectKind::Worktree | SubjectKind::Index);
    let about = of_ref.then(|| format!("note: {}", subject_at(&finding.subject)));
    about.into_iter().chain(remarks(finding)).collect()
}

/// The same where the subject is shown already.
pub(super) fn remarks(finding: &Finding) -> Vec<String> {
    let reason = finding.excepted.as_ref().map(|reason| format!("note: accepted: {}", visible(reason)));
    let advice = help(finding).map(|help| format!("help: {help}"));
    reason.into_iter().chain(advice).collect()
}

/// What was judged and what was found, in one line.
pub(super) fn summary(report: &Report) -> String {
    let judged = judged(&report.judged);
    let found = found(report);
    if found.is_empty() {
        return format!("{judged} checked, nothing found");
    }
    let fixable = match (report.scope, report.fixable()) {
        (_, 0) => String::new(),
        ("worktree", number) => format!("; `relguard fix` mends {number}"),
        ("staged" | "pre-commit", number) => format!("; `relguard fix --staged` mends {number}"),
        // What is committed or pushed is mended by no command here.
        _ => String::new(),
    };
    format!("{judged} checked: {found}{fixable}")
}

/// How much was judged: the refs where there are any, else the charts.
fn judged(judged: &Judged) -> String {
    let refs = [
        (
            judged.branches,
            if judged.branches == 1 {
                "1 branch".to_owned()
            } else {
                format!("{} branches", judged.branches)
            },
        ),
        (judged.tags, count(judged.tags, "tag")),
    ];
    let refs: Vec<String> =
        refs.into_iter().filter(|(number, _)| *number > 0).map(|(_, words)| words).collect();
    if refs.is_empty() { count(judged.charts, "chart") } else { refs.join(" and ") }
}

/// How many findings of which weight: `1 error, 2 warnings`; empty where there is none.
pub(super) fn found(report: &Report) -> String {
    let (errors, warnings) = (report.errors(), report.warnings());
    let mut parts = Vec::new();
    if errors > 0 {
        parts.push(count(errors, "error"));
    }
    if warnings > 0 {
        parts.push(count(warnings, "warning"));
    }
    if report.excepted() > 0 {
        parts.push(format!("{} accepted", report.excepted()));
    }
    parts.join(", ")
}

fn count(number: usize, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}
