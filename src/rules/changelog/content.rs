//! `changelog/content`

use crate::config::Config;
use crate::document::changelog::{Changelog, Form, Section, is_link_target, is_placeholder, pattern};
use crate::domain::SortedSet;
use crate::finding::Severity;
use crate::project::Project;
use crate::rules::{Check, Draft, Findings, Fixable, Rule, RuleMeta};

pub(in crate::rules) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "changelog/content",
        severity: Some(Severity::Warning),
        fix: Fixable::No,
        summary: "the version's section holds nothing but placeholders",
    },
    check: Check::Files(check),
};

fn check(project: &Project, _config: &Config, findings: &mut Findings<'_>) {
    let Some(facts) = &project.changelog else { return };
    let Some(release) = &facts.release else { return };
    let Some(log) = facts.log_of(release) else { return };
    let [section] = log.sections_of(&release.release.version)[..] else { return };
    let standing = facts.form.as_ref().map(Form::standing_lines).unwrap_or_default();
    if !says_something(&log.body(section), &standing) {
        findings.add(empty(log, section).error_if(project.tag.is_some()));
    }
}

/// Whether a section's text has a line that is no comment, no placeholder, no target of links and not
/// part of every section.
fn says_something(body: &str, standing: &SortedSet<String>) -> bool {
    let text = without_comments(body);
    let mut lines = text.lines().map(str::trim).filter(|line| !is_link_target(line));
    lines.any(|line| !is_placeholder(line) && !standing.contains(&pattern(line)))
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
        let standing = SortedSet::from([pattern("Download v0.0.0 [here](https://x/v0.0.0).")]);
        let says = |body: &str| says_something(body, &standing);
        assert!(!says(
            "\nDownload v1.0.0 [here](https://y/v1.0.0).\nNone.\n\n- TBD\n* N/A\n1. TODO\n<!-- write\nhere -->\n---\n[1.0.0]: https://x\n"
        ));
        assert!(says("- a fix\n"));
        assert!(says("- None of the pods crash any more\n"));
    }
}
