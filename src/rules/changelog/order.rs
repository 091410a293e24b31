//! `changelog/order`

use std::cmp::Ordering;

use crate::config::{Config, SectionOrder};
use crate::document::changelog::{Changelog, Section};
use crate::domain::order;
use crate::finding::{Edit, Fix, Safety, Severity};
use crate::project::Project;
use crate::rules::{Check, Draft, Findings, Fixable, Rule, RuleMeta};

pub(in crate::rules) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "changelog/order",
        severity: Some(Severity::Warning),
        fix: Fixable::Unsafe,
        summary: "the sections of a changelog are out of order",
    },
    check: Check::Files(check),
};

fn check(project: &Project, config: &Config, findings: &mut Findings<'_>) {
    let Some((facts, changelog)) = project.changelog.as_ref().zip(config.changelog.as_ref()) else { return };
    let wanted = match changelog.order {
        SectionOrder::NewestFirst => Ordering::Greater,
        SectionOrder::OldestFirst => Ordering::Less,
        SectionOrder::Any => return,
    };
    for (_, log) in facts.logs() {
        let sections: Vec<&Section> = log.top_sections().collect();
        let wrong = sections.windows(2).find_map(|pair| match pair {
            [above, below] if above.version.cmp_precedence(&below.version) == wanted.reverse() => {
                Some((*above, *below))
            }
            _ => None,
        });
        if let Some((above, below)) = wrong {
            let fix = sorted(log, &sections, wanted);
            findings.add(out_of_order(log, above, below, changelog.order, fix));
        }
    }
}

/// The same sections in order, the space between them left in its place. What a person meant by the
/// order that is there can't be known, and a section takes along what stands below it.
fn sorted(log: &Changelog, sections: &[&Section], wanted: Ordering) -> Option<Fix> {
    let source = log.source();
    let start = sections.first()?.range.start;
    let ends = sections.iter().skip(1).map(|next| next.range.start).chain([source.text.len()]);
    let mut blocks: Vec<(&Section, &str)> = Vec::new();
    let mut gaps = Vec::new();
    for (section, end) in sections.iter().zip(ends) {
        let whole = source.text.get(section.range.start..end)?;
        let block = whole.trim_end_matches(['\n', '\r']);
        gaps.push(whole.strip_prefix(block)?);
        blocks.push((section, block));
    }
    order::sort_by(&mut blocks, |(a, _), (b, _)| match wanted {
        Ordering::Greater => b.version.cmp_precedence(&a.version),
        _ => a.version.cmp_precedence(&b.version),
    });
    let blank = source.line_break().repeat(2);
    let last = blocks.len() - 1;
    let mut text = String::new();
    for (number, ((_, block), gap)) in blocks.iter().zip(gaps).enumerate() {
        // Without an empty line, an underlined heading would be one with the text above it.
        let gap = if number < last && gap.matches('\n').count() < 2 { &blank } else { gap };
        text.push_str(block);
        text.push_str(gap);
    }
    let edit = Edit { path: source.path.clone(), range: start..source.text.len(), replacement: text };
    // A section that holds an open code block or comment swallows what is put below it.
    let mended = log.edited(&edit)?;
    let read = mended.top_sections().map(|section| (&section.version, section.level));
    let is_sorted = read.eq(blocks.iter().map(|(section, _)| (&section.version, section.level)));
    let title = "put the sections in order".to_owned();
    is_sorted.then(|| Fix { safety: Safety::Unsafe, title, edits: vec![edit] })
}

fn out_of_order(
    log: &Changelog,
    above: &Section,
    below: &Section,
    order: SectionOrder,
    fix: Option<Fix>,
) -> Draft {
    let way = if fix.is_some() { "`relguard fix --unsafe` puts" } else { "put" };
    let first = if order == SectionOrder::OldestFirst { "oldest" } else { "newest" };
    Draft::new(format!(
        "{} stands below {}, but the {first} release comes first",
        below.version, above.version
    ))
    .at(log.location(below))
    .related("the section above", Some(log.location(above)))
    .help(format!("{way} the sections in order, or set `changelog.order` in .relguard.yaml"))
    .fix(fix)
}
