//! `changelog/section`

use crate::config::{Config, SectionOrder};
use crate::document::changelog::{Changelog, Form, Order, Section};
use crate::domain::text::BOM;
use crate::finding::{Edit, Fix, Severity};
use crate::project::{Project, ReleaseFacts};
use crate::rules::{Check, Draft, Findings, Fixable, Rule, RuleMeta};

pub(in crate::rules) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "changelog/section",
        severity: Some(Severity::Error),
        fix: Fixable::Sometimes,
        summary: "the changelog has no section for the version, or two",
    },
    check: Check::Files(check),
};

fn check(project: &Project, config: &Config, findings: &mut Findings<'_>) {
    let Some((facts, changelog)) = project.changelog.as_ref().zip(config.changelog.as_ref()) else { return };
    let Some(release) = &facts.release else { return };
    let Some(log) = facts.log_of(release) else { return };
    match log.sections_of(&release.release.version).as_slice() {
        [] if release.optional => {}
        [] => {
            let form = facts.form.as_ref().ok().filter(|_| project.is_settled());
            let fix = form.and_then(|form| inserted(form, log, release, changelog.order));
            findings.add(missing(log, release, fix));
        }
        [_] => {}
        [first, second, ..] => findings.add(twice(log, first, second)),
    }
}

/// The section, put where the file's order wants it.
fn inserted(form: &Form, log: &Changelog, release: &ReleaseFacts, order: SectionOrder) -> Option<Fix> {
    let version = &release.release.version;
    let edit = if log.source().text.trim_start_matches(BOM).trim().is_empty() {
        written(form, log, release)
    } else {
        insertion(form, log, release, order)
    };
    // Below an open code block or comment it would be part of that.
    let is_read = log.edited(&edit)?.sections_of(version).len() == 1;
    is_read.then(|| Fix::safe(format!("insert a section for {version}"), vec![edit]))
}

fn insertion(form: &Form, log: &Changelog, release: &ReleaseFacts, order: SectionOrder) -> Edit {
    let version = &release.release.version;
    let oldest_first = match order {
        SectionOrder::NewestFirst => false,
        SectionOrder::OldestFirst => true,
        SectionOrder::Any => log.order() == Some(Order::OldestFirst),
    };
    let next = log.top_sections().find(|section| (section.version > *version) == oldest_first);
    let source = log.source();
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
            // A file without a final line break stays one.
            let end = if source.text.ends_with('\n') { line_break } else { "" };
            (source.text.len(), format!("{gap}{text}{end}"))
        }
    };
    Edit { path: source.path.clone(), range: at..at, replacement }
}

/// The text of a new file, in a file that holds nothing.
fn written(form: &Form, log: &Changelog, release: &ReleaseFacts) -> Edit {
    let source = log.source();
    let start = source.text.len() - source.text.trim_start_matches(BOM).len();
    let replacement = form.new_file(&release.release).trim_start_matches(BOM).to_owned();
    Edit { path: source.path.clone(), range: start..source.text.len(), replacement }
}

fn missing(log: &Changelog, release: &ReleaseFacts, fix: Option<Fix>) -> Draft {
    let (path, version) = (&log.source().path, &release.release.version);
    let place = log
        .top_sections()
        .next()
        .map_or_else(|| crate::finding::Location::file(path), |first| log.location(first));
    let help = match fix {
        Some(_) => "`relguard fix` inserts it in the project's format; then write down what changed",
        None => "write it in the project's format",
    };
    Draft::new(format!("{path} has no section for {version}"))
        .at(place)
        .related("the chart's version", release.at.clone())
        .help(help)
        .fix(fix)
}

fn twice(log: &Changelog, first: &Section, second: &Section) -> Draft {
    Draft::new(format!("{} has two sections for {}", log.source().path, second.version))
        .at(log.location(second))
        .related("the first one", Some(log.location(first)))
        .help("make one of the two")
}
