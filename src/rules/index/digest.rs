//! `index/digest`

use crate::config::Config;
use crate::domain::RepoPath;
use crate::finding::{Location, Severity};
use crate::project::chart_index::{ArchiveFacts, Archived, EntryFacts, IndexFacts, Lost};
use crate::project::refs::Event;
use crate::rules::{Check, Draft, Findings, Fixable, Rule, RuleMeta};

pub(in crate::rules) static RULE: Rule = Rule {
    meta: RuleMeta {
        id: "index/digest",
        severity: Some(Severity::Error),
        fix: Fixable::No,
        summary: "an entry's digest is not its archive's, or what is published changes or disappears",
    },
    check: Check::Index(check),
};

/// What is published is taken as it is by all who have it.
const STAYS: &str = "what is published stays what it is: make the next release instead";

const FIRST_URL: &str = "keep its first URL, the one that Helm takes; others may follow it. If the archives move, \
                         `index.url` on the default branch says where to";

fn check(facts: &IndexFacts, _config: &Config, findings: &mut Findings<'_>) {
    for lost in &facts.lost {
        findings.add(match lost {
            Lost::Branch => deleted(&facts.branch),
            Lost::Index { entries } => unreadable(facts, *entries),
            Lost::Entry { chart, version } => gone(facts, chart, version),
            Lost::Digest { entry, was } => changed(entry, was),
            Lost::Url { entry, at, was, is } => {
                redirected(entry, was, is.as_deref()).at(at.clone()).help(FIRST_URL)
            }
            Lost::Archive { path, chart, version, replaced } => {
                archive_gone(path, &format!("{chart} {version}"), *replaced)
            }
        });
    }
    // An audit warns of it by index/entry.
    for entry in facts.nowhere.iter().filter(|_| facts.event != Event::Stands) {
        findings.add(nowhere(entry));
    }
    let changes: Vec<_> = facts.lost.iter().filter_map(Lost::key).collect();
    for ArchiveFacts { path, entry, found } in &facts.archives {
        let Some(entry) = entry else { continue };
        // That it is another one, or none any more, is said already.
        if changes.contains(&(entry.chart.as_str(), entry.version.as_str())) {
            continue;
        }
        match found {
            Archived::Missing | Archived::NoFile => findings.add(missing(facts, path, entry)),
            Archived::File { sha256, .. } if entry.sha256.as_ref() != Some(sha256) => {
                findings.add(differs(path, entry, sha256));
            }
            Archived::File { .. } => {}
        }
    }
}

fn deleted(branch: &str) -> Draft {
    Draft::new(format!("{branch} holds the chart index, and would be deleted"))
        .help("keep it: users install the charts from there")
}

fn unreadable(facts: &IndexFacts, entries: usize) -> Draft {
    let path = &facts.path;
    let what = if entries == 1 { "its entry".to_owned() } else { format!("its {entries} entries") };
    match &facts.index {
        Some(Err(broken)) => {
            Draft::new(format!("{path} could no longer be read, with {what}: {}", broken.cause))
                .at(broken.location.clone())
                .help(
                    broken
                        .help
                        .as_deref()
                        .unwrap_or("put it back as it was, and let `relguard publish` add to it"),
                )
        }
        _ => Draft::new(format!("{path} would disappear, with {what}"))
            .at(Location::file(path))
            .help("keep it: users install the charts by it"),
    }
}

fn gone(facts: &IndexFacts, chart: &str, version: &str) -> Draft {
    Draft::new(format!("{chart} {version} is published, and would disappear from the chart index"))
        .at(Location::file(&facts.path))
        .help("keep its entry: users have the version pinned")
}

fn changed(entry: &EntryFacts, was: &str) -> Draft {
    let EntryFacts { chart, version, sha256, digest_at, .. } = entry;
    let now = sha256.as_ref().map_or_else(|| "none".to_owned(), |sha256| short(sha256));
    Draft::new(format!(
        "{chart} {version} is published with the digest {}, which would become {now}",
        short(was)
    ))
    .at(digest_at.clone())
    .help(STAYS)
}

fn redirected(entry: &EntryFacts, was: &str, is: Option<&str>) -> Draft {
    let EntryFacts { chart, version, .. } = entry;
    Draft::new(match is {
        Some(is) => format!("{chart} {version} is published at {was}, and would be taken from {is}"),
        None => format!("{chart} {version} is published at {was}, and would have no URL"),
    })
}

fn archive_gone(path: &RepoPath, what: &str, replaced: bool) -> Draft {
    let change = if replaced { "be replaced" } else { "disappear" };
    Draft::new(format!("{path} is the archive of {what}, which is published, and would {change}"))
        .at(Location::file(path))
        .help(STAYS)
}

fn missing(facts: &IndexFacts, path: &RepoPath, entry: &EntryFacts) -> Draft {
    let EntryFacts { chart, version, at, .. } = entry;
    Draft::new(format!("the archive of {chart} {version}, {path}, is not on {}", facts.branch))
        .at(at.clone())
        .help("put the archive there that was published, or correct the entry's URL")
}

fn nowhere(entry: &EntryFacts) -> Draft {
    let EntryFacts { chart, version, at, .. } = entry;
    Draft::new(format!("{chart} {version} names no archive, and its digest can be held against nothing"))
        .at(at.clone())
        .help("write its URL; `relguard publish` makes the entry of an archive")
}

fn differs(path: &RepoPath, entry: &EntryFacts, sha256: &str) -> Draft {
    let EntryFacts { chart, version, digest_at, .. } = entry;
    let says = match &entry.sha256 {
        Some(digest) => format!("the digest of {chart} {version} is {}", short(digest)),
        None => format!("{chart} {version} has no digest"),
    };
    Draft::new(format!("{says}, but its archive {path} has {}", short(sha256)))
        .at(digest_at.clone())
        .help("put back the archive that was published; if it is this one, set the digest to what `sha256sum` says of it")
}

/// The first digits of a digest, enough to tell two apart.
fn short(digest: &str) -> String {
    match digest.char_indices().nth(12) {
        Some((end, _)) => format!("{}…", digest.get(..end).unwrap_or_default()),
        None => digest.to_owned(),
    }
}
