//! `changelog/content`

use crate::config::Config;
use crate::document::changelog::{Changelog, Section};
use crate::document::markdown;
use crate::finding::Severity;
use crate::project::Project;
use crate::rules::{Draft, Findings, Fixable, Rule, RuleMeta};

pub(in crate::rules) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "changelog/content",
        severity: Severity::Warning,
        fix: Fixable::No,
        summary: "the version's section holds nothing but placeholders",
        page: include_str!("../../../docs/rules/changelog/content.md"),
    },
    check,
};

/// Words that stand for text still to be written, letters and digits only.
const PLACEHOLDERS: [&str; 11] =
    ["none", "na", "nothing", "nochanges", "tbd", "tba", "todo", "wip", "fixme", "placeholder", "comingsoon"];

fn check(project: &Project, _config: &Config, findings: &mut Findings<'_>) {
    let Some(facts) = &project.changelog else { return };
    let Some(release) = &facts.release else { return };
    let Some(log) = facts.log_of(release) else { return };
    let [section] = log.sections_of(&release.release.version)[..] else { return };
    let standing = facts.form.as_ref().map(|form| form.standing_lines(&release.release)).unwrap_or_default();
    if !says_something(log.body(section), &standing) {
        findings.add(empty(log, section).error_if(project.tag.is_some()));
    }
}

/// Whether a section's body has a line that is no heading, no comment, no placeholder and not part of
/// every section.
fn says_something(body: &str, standing: &[String]) -> bool {
    let mut text = body.to_owned();
    for heading in markdown::headings(body).into_iter().rev() {
        text.replace_range(heading.range, "\n");
    }
    let text = without_comments(&text);
    text.lines().map(str::trim).filter(|line| !standing.iter().any(|standing| standing == line)).any(|line| {
        let word: String =
            line.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        !word.is_empty() && !PLACEHOLDERS.contains(&word.as_str())
    })
}

fn without_comments(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, comment)) = rest.split_once("<!--") {
        out.push_str(before);
        rest = comment.split_once("-->").map_or("", |(_, after)| after);
    }
    out + rest
}

fn empty(log: &Changelog, section: &Section) -> Draft {
    Draft::new(format!("the section for {} holds nothing but placeholders", section.version))
        .at(log.location(section))
        .help("write down what changed for the users of the chart")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_written_for_this_release_counts() {
        let standing = ["Download v1.0.0 here.".to_owned()];
        let says = |body: &str| says_something(body, &standing);
        assert!(!says(
            "\n## Downloads\nDownload v1.0.0 here.\n### Fixes\nNone.\n\n- TBD\n* N/A\n<!-- write\nhere -->\n---\n"
        ));
        assert!(says("## Fixes\n- a fix\n"));
        assert!(says("## Fixes\n- None of the pods crash any more\n"));
    }
}
