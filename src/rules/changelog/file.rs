//! `changelog/file`

use crate::config::Config;
use crate::document::Broken;
use crate::finding::{Edit, Fix, Severity};
use crate::project::{ChangelogFacts, Project, ReleaseFacts};
use crate::rules::{Check, Draft, Findings, Fixable, Rule, RuleMeta};

pub(in crate::rules) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "changelog/file",
        severity: Some(Severity::Error),
        fix: Fixable::Sometimes,
        summary: "the changelog of the version's minor line is missing or can't be read",
    },
    check: Check::Files(check),
};

fn check(project: &Project, _config: &Config, findings: &mut Findings<'_>) {
    let Some(facts) = &project.changelog else { return };
    for file in facts.files.iter().filter(|file| file.fits) {
        if let Err(broken) = &file.content {
            findings.add(Draft::unreadable(broken, "save it as UTF-8 text"));
        }
    }
    if let Err(broken) = &facts.form {
        findings.add(no_form(broken));
    }
    let Some(release) = facts.release.as_ref().filter(|release| !release.optional) else { return };
    if facts.file_of(release).is_none() {
        let fix = made(facts, release).filter(|_| project.is_settled());
        findings.add(missing(release, fix));
    }
}

/// The file, made in the project's form, with the release's section in it.
fn made(facts: &ChangelogFacts, release: &ReleaseFacts) -> Option<Fix> {
    let text = facts.form.as_ref().ok()?.new_file(&release.release);
    let edit = Edit { path: release.path.clone(), range: 0..0, replacement: text };
    Some(Fix::safe(format!("create {}", release.path), vec![edit]))
}

fn missing(release: &ReleaseFacts, fix: Option<Fix>) -> Draft {
    let version = &release.release.version;
    let help = match fix {
        Some(_) => "`relguard fix` creates it in the project's format; then write down what changed",
        None => "write it in the project's format",
    };
    Draft::new(format!("{} is missing; {version} needs a section in it", release.path))
        .at(release.at.clone())
        .help(help)
        .fix(fix)
}

fn no_form(broken: &Broken) -> Draft {
    let draft = Draft::new(broken.cause.clone()).at(broken.location.clone());
    draft.help(broken.help.clone().unwrap_or_else(|| "correct the format sample".to_owned()))
}
