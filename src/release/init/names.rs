//! The names of branches and tags: which template the project's releases follow.

use anyhow::Result;

use super::chart_index;
use super::found::{Fact, Part, counted, quoted, span};
use crate::domain::{Glob, MinorLine, Oid, SortedMap, SortedSet, Version, order, parse_version};
use crate::git::Repo;
use crate::project::refs::RefView;

/// How releases are named here.
pub(super) struct Names {
    /// The default branch and its tip.
    pub(super) default: Option<(String, Oid)>,
    /// All branches and tags.
    pub(super) view: RefView,
    /// The tags that fit it.
    pub(super) releases: Vec<(String, Version, Oid)>,
    /// What the config says of them: first the default branch and the remote, then branches, then tags.
    pub(super) parts: [Part; 3],
}

/// Tags that are a text and a version behind it.
#[derive(Default)]
struct TagFamily {
    tags: Vec<(String, Version, Oid)>,
}

/// Branches that are a text, a minor line, and a text.
#[derive(Default)]
struct BranchFamily {
    names: SortedMap<MinorLine, String>,
}

/// A branch family is named by what stands before and behind its minor line.
type Around = (String, String);

/// Finds the templates.
pub(super) fn find(repo: &Repo) -> Result<Names> {
    let (remote, mut first) = remote(repo)?;
    let view = RefView::of_repository(repo, &remote)?;
    let named = view.default_branch(None).map(str::to_owned);
    let alone = if named.is_none() { only_lasting(&view) } else { None };
    let tip = |name: &String| view.branches.get(name).and_then(|tips| tips.judged());
    let default = named.or_else(|| alone.clone()).and_then(|name| tip(&name).map(|tip| (name, tip)));
    match &default {
        Some((name, _)) if alone.is_some() => {
            let evidence = "the only branch that is none of a release; no HEAD of a remote says it";
            write_default_branch(name, evidence, &mut first);
        }
        Some((name, _)) => {
            let evidence = head(repo, &remote, name)?;
            default_branch(&view, name, evidence, &mut first);
        }
        None if view.branches.is_empty() => {}
        None => {
            let evidence =
                "there is no HEAD of a remote, no main and no master; write `default-branch: NAME`";
            first.note(Fact::of("default branch", "default-branch", "not known", evidence));
        }
    }
    let families = tag_families(&view);
    let branches = branch_families(&view);
    let (around, prefix) = choose(&branches, &families);
    let own = families.get(prefix.as_str());
    let lines = around.as_ref().and_then(|around| branches.get(around));
    let branch_part = branch_part(around.as_ref(), lines, own);
    let tag_part = tag_part(&prefix, &families, &view);
    Ok(Names {
        default,
        releases: own.map(|family| family.tags.clone()).unwrap_or_default(),
        parts: [first, branch_part, tag_part],
        view,
    })
}

/// The remote that holds what is published: `origin`, unless it has no release branch and another one has.
fn remote(repo: &Repo) -> Result<(String, Part)> {
    let mut part = Part::default();
    let names = repo.remotes();
    let mut counts = Vec::new();
    for name in &names {
        let branches = repo.remote_branches(name)?;
        counts.push((branches.keys().filter(|branch| around_line(branch).is_some()).count(), name));
    }
    let of_origin = counts.iter().find(|(_, name)| *name == "origin").map(|(count, _)| *count);
    let best = counts.iter().max_by(|a, b| a.0.cmp(&b.0).then(b.1.cmp(a.1)));
    if let Some((count, name)) = best.filter(|(count, _)| of_origin.is_none_or(|own| own == 0 && *count > 0))
    {
        let evidence = match of_origin {
            Some(_) => format!("{} of releases there, none on origin", counted(*count, "branch")),
            None => "there is no remote `origin`".to_owned(),
        };
        part.fact(Fact::of("remote", "remote", name.as_str(), evidence));
        part.line(0, &format!("remote: {}", quoted(name)));
        return Ok(((*name).clone(), part));
    }
    Ok(("origin".to_owned(), part))
}

/// Which HEAD names a branch; `None` where none does, and it goes by its name.
fn head(repo: &Repo, remote: &str, name: &str) -> Result<Option<&'static str>> {
    Ok(if repo.remote_head(remote).as_deref() == Some(name) {
        Some("HEAD of the remote")
    } else if repo.is_bare() && repo.head()?.branch.as_deref() == Some(name) {
        Some("HEAD of this repository")
    } else {
        None
    })
}

/// A default branch of another name than everywhere has to be written down: a CI's checkout knows no HEAD of its
/// remote.
fn default_branch(view: &RefView, name: &str, head: Option<&str>, part: &mut Part) {
    let usual = ["main", "master"];
    let both = usual.iter().all(|name| view.branches.contains_key(*name));
    if usual.contains(&name) && !both {
        part.note(Fact::of("default branch", "default-branch", name, "the only branch of that name"));
        return;
    }
    let evidence = match head {
        Some(head) if both => format!("{head}; there are both main and master"),
        Some(head) => head.to_owned(),
        None => "there are both main and master, and no HEAD says which: main goes first".to_owned(),
    };
    write_default_branch(name, &evidence, part);
}

fn write_default_branch(name: &str, evidence: &str, part: &mut Part) {
    part.fact(Fact::of("default branch", "default-branch", name, evidence));
    part.line(0, &format!("default-branch: {}", quoted(name)));
}

/// The branch that is alone beside those of releases and of the chart index: of those that are published, where
/// any are, since a clone holds topics as well.
fn only_lasting(view: &RefView) -> Option<String> {
    let lasts = |name: &str| around_line(name).is_none() && !chart_index::BRANCHES.contains(&name);
    let all = || view.branches.iter().filter(|(name, _)| lasts(name));
    let published: Vec<_> = all().filter(|(_, tips)| tips.published.is_some()).collect();
    let candidates = if published.is_empty() { all().collect() } else { published };
    let [(name, _)] = candidates[..] else { return None };
    Some(name.clone())
}

/// The tags by what stands before their version.
fn tag_families(view: &RefView) -> SortedMap<String, TagFamily> {
    let mut families: SortedMap<String, TagFamily> = SortedMap::new();
    for (name, object) in view.tags.iter() {
        let Some((prefix, version)) = before_version(name) else { continue };
        let family = families.get_or_default(prefix.to_owned());
        family.tags.push((name.to_string(), version, *object));
    }
    families
}

/// What stands before the version that ends a name.
fn before_version(name: &str) -> Option<(&str, Version)> {
    let mut before = '-';
    for (at, c) in name.char_indices() {
        let begins = c.is_ascii_digit() && !before.is_ascii_digit() && before != '.';
        before = c;
        if !begins {
            continue;
        }
        if let Some((prefix, version)) = name.split_at_checked(at)
            && let Some(version) = parse_version(version)
        {
            return Some((prefix, version)).filter(|(prefix, _)| !prefix.contains(['{', '}']));
        }
    }
    None
}

/// The branches by what stands around their minor line.
fn branch_families(view: &RefView) -> SortedMap<Around, BranchFamily> {
    let mut families: SortedMap<Around, BranchFamily> = SortedMap::new();
    for name in view.branches.keys() {
        let Some((around, line)) = around_line(name) else { continue };
        families.get_or_default(around).names.insert(line, name.clone());
    }
    families
}

/// The minor line that a name ends with, and what stands around it; a last `.x` may follow the line.
fn around_line(name: &str) -> Option<(Around, MinorLine)> {
    let (rest, suffix) = name.strip_suffix(".x").map_or((name, ""), |rest| (rest, ".x"));
    let (rest, minor) = rest.rsplit_once('.')?;
    let prefix = rest.trim_end_matches(|c: char| c.is_ascii_digit());
    let major = rest.strip_prefix(prefix)?;
    let number = |text: &str| text.parse::<u64>().ok().filter(|number| number.to_string() == text);
    let line = MinorLine { major: number(major)?, minor: number(minor)? };
    let is_more = prefix.ends_with('.') || prefix.contains(['{', '}']);
    (!is_more).then(|| ((prefix.to_owned(), suffix.to_owned()), line))
}

/// The pair of families in which most branches are of a line that has a tag; without such a pair the branches
/// that are called after releases, and the tags that are no more than a version, or those that are most.
fn choose(
    branches: &SortedMap<Around, BranchFamily>,
    tags: &SortedMap<String, TagFamily>,
) -> (Option<Around>, String) {
    let mut best: Option<(usize, bool, usize, &Around, &String)> = None;
    for (around, family) in branches {
        for (prefix, tags) in tags {
            let lines: SortedSet<MinorLine> =
                tags.tags.iter().map(|(_, version, _)| MinorLine::from(version)).collect();
            let shared = family.names.keys().filter(|line| lines.contains(line)).count();
            let pair = (shared, is_plain(prefix), tags.tags.len(), around, prefix);
            let beats = |best: &(usize, bool, usize, &Around, &String)| {
                (pair.0, pair.1, pair.2) > (best.0, best.1, best.2)
            };
            if shared > 0 && (shared > 1 || says_release(around)) && best.as_ref().is_none_or(beats) {
                best = Some(pair);
            }
        }
    }
    if let Some((_, _, _, around, prefix)) = best {
        return (Some(around.clone()), prefix.clone());
    }
    let most = tags.values().map(|family| family.tags.len()).max().unwrap_or_default();
    let plain = tags.iter().filter(|(prefix, family)| is_plain(prefix) && family.tags.len() * 10 >= most);
    let chosen = plain.chain(tags).max_by_key(|(prefix, family)| {
        (is_plain(prefix) && family.tags.len() * 10 >= most, family.tags.len())
    });
    let named = branches.iter().filter(|(around, _)| says_release(around));
    let around = named.max_by_key(|(_, family)| family.names.len()).map(|(around, _)| around.clone());
    (around, chosen.map_or("v".to_owned(), |(prefix, _)| prefix.clone()))
}

fn is_plain(prefix: &str) -> bool {
    matches!(prefix, "v" | "")
}

fn says_release((prefix, _): &Around) -> bool {
    prefix.to_ascii_lowercase().starts_with("rel")
}

fn branch_part(around: Option<&Around>, family: Option<&BranchFamily>, tags: Option<&TagFamily>) -> Part {
    let mut part = Part::default();
    let (Some((prefix, suffix)), Some(family)) = (around, family) else {
        let evidence = match tags {
            Some(tags) => format!(
                "no branch is called after a minor line, and by the process each of the {} needs one",
                counted(tags.tags.len(), "release")
            ),
            None => "there is none yet".to_owned(),
        };
        part.note(Fact::of("release branches", "branches.release", "release-{major}.{minor}", evidence));
        return part;
    };
    let names: Vec<&str> = family.names.values().map(String::as_str).collect();
    let template = format!("{prefix}{{major}}.{{minor}}{suffix}");
    let evidence = span(&names, "branch");
    if template == "release-{major}.{minor}" {
        part.note(Fact::of("release branches", "branches.release", template, evidence));
        return part;
    }
    part.fact(Fact::of("release branches", "branches.release", template.as_str(), evidence));
    part.line(0, &format!("release: {}", quoted(&template)));
    part.below("branches")
}

fn tag_part(prefix: &str, families: &SortedMap<String, TagFamily>, view: &RefView) -> Part {
    let mut part = Part::default();
    let template = format!("{prefix}{{version}}");
    let mut tags: Vec<_> =
        families.get(prefix).map(|family| family.tags.iter().collect()).unwrap_or_default();
    order::sort_by(&mut tags, |a, b| a.1.cmp_precedence(&b.1));
    let names: Vec<&str> = tags.iter().map(|(name, ..)| name.as_str()).collect();
    let evidence = span(&names, "tag");
    if prefix == "v" {
        part.note(Fact::of("release tags", "tags.release", template, evidence));
    } else {
        part.fact(Fact::of("release tags", "tags.release", template.as_str(), evidence));
        part.line(0, &format!("release: {}", quoted(&template)));
    }
    let mut globs = Vec::new();
    for (other, family) in families.iter().filter(|(other, _)| other.as_str() != prefix) {
        let of_project = |glob: &Glob| names.iter().any(|name| glob.matches(name));
        let text = format!("{other}*");
        let is_other = family.tags.len() > 1 && has_name(other) && !other.contains(['*', '?', '[']);
        let covered =
            |known: &(String, Glob, usize)| family.tags.iter().all(|(name, ..)| known.1.matches(name));
        match Glob::parse(&text) {
            Ok(glob) if is_other && !of_project(&glob) && !globs.iter().any(covered) => {
                let count = view.tags.keys().filter(|name| glob.matches(name)).count();
                globs.push((text, glob, count));
            }
            _ => {}
        }
    }
    ignored(&mut part, &globs);
    part
}

fn ignored(part: &mut Part, globs: &[(String, Glob, usize)]) {
    const SHOWN: usize = 5;
    if globs.is_empty() {
        return;
    }
    let mut words: Vec<String> = globs
        .iter()
        .take(SHOWN)
        .map(|(glob, _, count)| format!("{} {glob}", counted(*count, "tag")))
        .collect();
    if globs.len() > SHOWN {
        words.push(format!("{} more", globs.len() - SHOWN));
    }
    let evidence = format!("versions of something else: {}", words.join(", "));
    let value: Vec<&str> = globs.iter().map(|(glob, ..)| glob.as_str()).collect();
    part.fact(Fact::of("other tags", "tags.ignore", value.join(", "), evidence));
    part.line(0, "ignore:");
    for glob in value {
        part.line(1, &format!("- {}", quoted(glob)));
    }
}

/// Whether what stands before a version names something; a `v` alone does not.
fn has_name(prefix: &str) -> bool {
    let name = prefix.strip_suffix('v').unwrap_or(prefix);
    name.chars().filter(char::is_ascii_alphabetic).count() > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_ends_a_tag() {
        let prefix = |name: &str| before_version(name).map(|(prefix, version)| format!("{prefix}|{version}"));
        assert_eq!(prefix("v1.2.3-rc.1").as_deref(), Some("v|1.2.3-rc.1"));
        assert_eq!(prefix("cmd/ctl/v1.2.3").as_deref(), Some("cmd/ctl/v|1.2.3"));
        assert_eq!(prefix("chart-2-1.2.3").as_deref(), Some("chart-2-|1.2.3"));
        for name in ["v1.2", "v1.1.1.5", "hami-2.3", "latest", "v1.2.3_1"] {
            assert_eq!(prefix(name), None, "{name}");
        }
    }

    #[test]
    fn a_line_ends_a_branch() {
        let around = |name: &str| around_line(name).map(|((a, b), line)| format!("{a}|{line}|{b}"));
        assert_eq!(around("release-v2.10").as_deref(), Some("release-v|2.10|"));
        assert_eq!(around("release/1.2.x").as_deref(), Some("release/|1.2|.x"));
        for name in ["release-1.2.3", "release-01.2", "main", "release-1.x", "release-1.2-fix"] {
            assert_eq!(around(name), None, "{name}");
        }
    }
}
