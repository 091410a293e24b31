//! `changelog/name`

use crate::config::{ChangelogConfig, Config};
use crate::document::changelog::{Changelog, Section};
use crate::domain::{MinorLine, RepoPath};
use crate::finding::{Location, Severity};
use crate::project::Project;
use crate::rules::{Check, Draft, Findings, Fixable, Rule, RuleMeta};

pub(in crate::rules) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "changelog/name",
        severity: Some(Severity::Error),
        fix: Fixable::No,
        summary: "a changelog's name does not fit, or it holds a section of another minor line",
    },
    check: Check::Files(check),
};

fn check(project: &Project, config: &Config, findings: &mut Findings<'_>) {
    let Some((facts, changelog)) = project.changelog.as_ref().zip(config.changelog.as_ref()) else { return };
    if !changelog.path.tells_lines_apart() {
        return;
    }
    for file in facts.files.iter().filter(|file| !file.fits) {
        findings.add(misnamed(&file.path, changelog));
    }
    for (file, log) in facts.logs() {
        let Some(line) = changelog.path.line_in(file.path.as_str()) else { continue };
        let strays = log.top_sections().filter(|section| MinorLine::from(&section.version) != line);
        strays.for_each(|section| findings.add(stray(log, section, changelog)));
    }
}

fn misnamed(path: &RepoPath, config: &ChangelogConfig) -> Draft {
    let template = config.path.as_str();
    Draft::new(format!("{path} is not named as changelogs are: {template}"))
        .at(Location::file(path))
        .help("rename it, or move it out of the changelogs' folder")
}

fn stray(log: &Changelog, section: &Section, config: &ChangelogConfig) -> Draft {
    let version = &section.version;
    Draft::new(format!("{} holds a section for {version}", log.source().path))
        .at(log.location(section))
        .help(format!("move it to {}", config.path.fill(version)))
}
