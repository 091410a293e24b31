//! `index/archive`

use crate::config::Config;
use crate::domain::{RepoPath, parse_version, strip_v};
use crate::finding::{Location, Severity};
use crate::project::chart_index::{ArchiveFacts, Archived, EntryFacts, IndexFacts};
use crate::rules::{Check, Draft, Findings, Fixable, Rule, RuleMeta};

pub(in crate::rules) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "index/archive",
        severity: Some(Severity::Error),
        fix: Fixable::No,
        summary: "an archive holds another version than its entry or its name says",
    },
    check: Check::Index(check),
};

fn check(facts: &IndexFacts, _config: &Config, findings: &mut Findings<'_>) {
    for ArchiveFacts { path, entry, found } in &facts.archives {
        let Archived::File { chart, .. } = found else { continue };
        match (chart, entry) {
            (Err(why), Some(entry)) => findings.add(unreadable(why, entry)),
            // What nobody is sent to need be no chart.
            (Err(_), None) => {}
            (Ok((name, version)), entry) => {
                let other = entry.as_ref().filter(|entry| entry.chart != *name || entry.version != *version);
                if let Some(entry) = other {
                    findings.add(of_another_entry(path, (name, version), entry));
                } else if names_another(path.file_name(), name, version) {
                    let at = entry.as_ref().and_then(|entry| entry.at.clone());
                    findings.add(misnamed(path, (name, version), at));
                }
            }
        }
    }
}

/// Whether a file's name is that of an archive of another chart or version. A name without a version says
/// nothing.
fn names_another(file: &str, name: &str, version: &str) -> bool {
    let Some(stem) = file.strip_suffix(".tgz") else { return false };
    if stem == format!("{name}-{version}") {
        return false;
    }
    let mut dashes = stem.match_indices('-').map(|(at, _)| stem.split_at(at));
    dashes.any(|(_, rest)| rest.get(1..).is_some_and(|rest| parse_version(strip_v(rest)).is_some()))
}

fn unreadable(why: &str, entry: &EntryFacts) -> Draft {
    Draft::new(why).at(entry.at.clone()).help("put back the archive that was published")
}

fn of_another_entry(path: &RepoPath, (name, version): (&str, &str), entry: &EntryFacts) -> Draft {
    let wanted = format!("{} {}", entry.chart, entry.version);
    Draft::new(format!("{path} holds {name} {version}, but its entry is {}", wanted.trim_end()))
        .at(entry.at.clone())
        .help("set the entry right, or put the archive there that belongs to it")
}

fn misnamed(path: &RepoPath, (name, version): (&str, &str), at: Option<Location>) -> Draft {
    Draft::new(format!("{path} holds {name} {version}, and its name says another"))
        .at(at.unwrap_or_else(|| Location::file(path)))
        .help(format!("name it as Helm does, {name}-{version}.tgz, or package the chart anew"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_archives_say_a_chart_and_a_version() {
        for (file, another) in [
            ("app-1.2.0.tgz", false),
            ("app.tgz", false),
            ("app-latest.tgz", false),
            ("app-1.2.0.zip", false),
            ("app-1.2.0-rc.1.tgz", true),
            ("app-v1.2.0.tgz", true),
            ("other-1.2.0.tgz", true),
        ] {
            assert_eq!(names_another(file, "app", "1.2.0"), another, "{file}");
        }
        assert!(!names_another("my-app-1.2.0-rc.1+b.tgz", "my-app", "1.2.0-rc.1+b"));
    }
}
