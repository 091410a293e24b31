//! `changelog/order`

use std::cmp::Ordering;
use std::sync::Arc;

use crate::config::{Config, SectionOrder};
use crate::document::changelog::{Changelog, Section};
use crate::domain::SourceText;
use crate::finding::{Edit, Fix, Safety, Severity};
use crate::project::Project;
use crate::rules::{Draft, Findings, Fixable, Rule, RuleMeta};

pub(in crate::rules) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "changelog/order",
        severity: Severity::Warning,
        fix: Fixable::Unsafe,
        summary: "the sections of a changelog are out of order",
        page: include_str!("../../../docs/rules/changelog/order.md"),
    },
    check,
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
            findings
                .add(out_of_order(log, above, below, changelog.order).fix(sorted(log, &sections, wanted)));
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
    blocks.sort_by(|(a, _), (b, _)| match wanted {
        Ordering::Greater => b.version.cmp_precedence(&a.version),
        _ => a.version.cmp_precedence(&b.version),
    });
    let text: String = blocks.iter().zip(gaps).flat_map(|((_, block), gap)| [*block, gap]).collect();
    let edit = Edit { path: source.path.clone(), range: start..source.text.len(), replacement: text };
    let fix =
        Fix { safety: Safety::Unsafe, title: "put the sections in order".to_owned(), edits: vec![edit] };
    reads_as(log, &fix, &blocks).then_some(fix)
}

/// Whether the file then has the sections as wanted. It has not where one held an open code block or
/// comment, which swallows what is put below it.
fn reads_as(log: &Changelog, fix: &Fix, wanted: &[(&Section, &str)]) -> bool {
    let [edit] = fix.edits.as_slice() else { return false };
    let source = log.source();
    let head = source.text.get(..edit.range.start).unwrap_or_default();
    let text = format!("{head}{}", edit.replacement);
    let after = Changelog::parse(&Arc::new(SourceText { path: source.path.clone(), text }));
    let wanted = wanted.iter().map(|(section, _)| (&section.version, section.level));
    after.top_sections().map(|section| (&section.version, section.level)).eq(wanted)
}

fn out_of_order(log: &Changelog, above: &Section, below: &Section, order: SectionOrder) -> Draft {
    let first = if order == SectionOrder::OldestFirst { "oldest" } else { "newest" };
    Draft::new(format!(
        "{} stands below {}, but the {first} release comes first",
        below.version, above.version
    ))
    .at(log.location(below))
    .related("the section above", Some(log.location(above)))
    .help("`relguard fix --unsafe` puts the sections in order, or set `changelog.order` in .relguard.yaml")
}
