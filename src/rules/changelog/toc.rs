//! `changelog/toc`

use crate::config::Config;
use crate::document::changelog::{Changelog, Toc};
use crate::finding::{Edit, Fix, Location, Severity};
use crate::project::Project;
use crate::rules::{Check, Draft, Findings, Fixable, Rule, RuleMeta};

pub(in crate::rules) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "changelog/toc",
        severity: Some(Severity::Warning),
        fix: Fixable::Sometimes,
        summary: "the table of contents does not list the headings there are",
    },
    check: Check::Files(check),
};

fn check(project: &Project, _config: &Config, findings: &mut Findings<'_>) {
    let Some(facts) = &project.changelog else { return };
    for (_, log) in facts.logs() {
        if let Some(toc) = log.toc().filter(|toc| !toc.is_current()) {
            findings.add(stale(log, &toc).fix(Some(renewed(log, &toc))));
        }
    }
}

fn renewed(log: &Changelog, toc: &Toc) -> Fix {
    let source = log.source();
    let edit =
        Edit { path: source.path.clone(), range: toc.range.clone(), replacement: toc.render(&source.text) };
    Fix::safe("write the table of contents anew", vec![edit])
}

fn stale(log: &Changelog, toc: &Toc) -> Draft {
    let message = match toc.first_difference() {
        Some(title) => format!("the table of contents and the headings differ, first at `{title}`"),
        None => "the table of contents lists the headings in another order or depth".to_owned(),
    };
    let first_line =
        log.source().text.get(toc.range.clone()).and_then(|list| list.lines().next()).unwrap_or_default();
    let range = toc.range.start..toc.range.start + first_line.len();
    Draft::new(message)
        .at(Location::new(log.source(), range))
        .help("`relguard fix` writes it anew, as doctoc does")
}
