//! `changelog/section`

use crate::config::{Config, SectionOrder};
use crate::document::changelog::{Changelog, Form, Order, Section};
use crate::domain::Version;
use crate::domain::text::BOM;
use crate::finding::{Edit, Fix, Severity};
use crate::project::{Project, ReleaseFacts};
use crate::rules::{Draft, Findings, Fixable, Rule, RuleMeta};

pub(in crate::rules) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "changelog/section",
        severity: Severity::Error,
        fix: Fixable::Sometimes,
        summary: "the changelog has no section for the version, or two",
        page: include_str!("../../../docs/rules/changelog/section.md"),
    },
    check,
};

fn check(project: &Project, config: &Config, findings: &mut Findings<'_>) {
    let Some((facts, changelog)) = project.changelog.as_ref().zip(config.changelog.as_ref()) else { return };
    let Some(release) = &facts.release else { return };
    let Some(log) = facts.log_of(release) else { return };
    match log.sections_of(&release.release.version).as_slice() {
        [] if release.optional => {}
        [] => {
            let form = facts.form.as_ref().ok().filter(|_| project.is_settled());
            let fix = form.map(|form| inserted(form, log, release, changelog.order));
            findings.add(missing(log, release).fix(fix));
        }
        [_] => {}
        [first, second, ..] => findings.add(twice(log, first, second)),
    }
}

/// The section, put where the file's order wants it.
fn inserted(form: &Form, log: &Changelog, release: &ReleaseFacts, order: SectionOrder) -> Fix {
    let version = &release.release.version;
    let oldest_first = match order {
        SectionOrder::NewestFirst => false,
        SectionOrder::OldestFirst => true,
        SectionOrder::Any => log.order() == Some(Order::OldestFirst),
    };
    let next = log.top_sections().find(|section| (section.version > *version) == oldest_first);
    let source = log.source();
    if source.text.trim_start_matches(BOM).trim().is_empty() {
        return written(log, &form.new_file(&release.release), version);
    }
    let line_break = source.line_break();
    let text = form.section_for(&release.release, log);
    let (at, replacement) = match next {
        Some(next) => (next.heading.start, format!("{text}{line_break}{line_break}")),
        None => {
            let gap = match source.text.as_str() {
                text if text.ends_with("\n\n") || text.ends_with("\n\r\n") => "",
                text if text.ends_with('\n') => line_break,
                _ => &line_break.repeat(2),
            };
            (source.text.len(), format!("{gap}{text}{line_break}"))
        }
    };
    let edit = Edit { path: source.path.clone(), range: at..at, replacement };
    Fix::safe(format!("insert a section for {version}"), vec![edit])
}

/// The text of a new file, in a file that holds nothing.
fn written(log: &Changelog, text: &str, version: &Version) -> Fix {
    let source = log.source();
    let start = source.text.len() - source.text.trim_start_matches(BOM).len();
    let range = start..source.text.len();
    let replacement = text.trim_start_matches(BOM).to_owned();
    let edit = Edit { path: source.path.clone(), range, replacement };
    Fix::safe(format!("insert a section for {version}"), vec![edit])
}

fn missing(log: &Changelog, release: &ReleaseFacts) -> Draft {
    let (path, version) = (&log.source().path, &release.release.version);
    let place = log
        .top_sections()
        .next()
        .map_or_else(|| crate::finding::Location::file(path), |first| log.location(first));
    Draft::new(format!("{path} has no section for {version}"))
        .at(place)
        .related("the chart's version", release.at.clone())
        .help("`relguard fix` inserts it in the project's format; then write down what changed")
}

fn twice(log: &Changelog, first: &Section, second: &Section) -> Draft {
    Draft::new(format!("{} has two sections for {}", log.source().path, second.version))
        .at(log.location(second))
        .related("the first one", Some(log.location(first)))
        .help("make one of the two")
}
