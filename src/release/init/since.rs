//! Where an audit may begin: the release from which on most keep to the rules.

use super::found::{Fact, Part, counted, quoted};
use super::names::Names;
use crate::domain::{SortedMap, SortedSet, Version, order};
use crate::engine::Report;
use crate::finding::{Finding, SubjectKind};
use crate::project::refs::names::leading_numbers;

/// Proposes a start where releases before it break rules; what breaks after it stays to be seen. `report` is the
/// audit of everything.
pub(super) fn find(names: &Names, report: &Report) -> Part {
    let mut part = Part::default();
    let errors = || report.findings.iter().filter(|finding| finding.is_error());
    let of_tags = errors().filter(|one| one.subject.kind == SubjectKind::Tag);
    let broken: SortedSet<&str> = of_tags.map(|one| one.subject.name.as_str()).collect();
    let mut releases: Vec<(&str, &Version)> =
        names.releases.iter().map(|(tag, version, _)| (tag.as_str(), version)).collect();
    order::sort_by(&mut releases, |a, b| b.1.cmp_precedence(a.1));
    let Some((tag, since)) = start(&releases, &broken) else { return part };
    let is_older = |finding: &&Finding| {
        let known = names.releases.iter().find(|(tag, ..)| *tag == finding.subject.name);
        let version =
            known.map(|(_, version, _)| version.clone()).or_else(|| leading_numbers(&finding.subject.name));
        version.is_some_and(|version| version.cmp_precedence(since).is_lt())
    };
    let of_refs = |finding: &&Finding| matches!(finding.subject.kind, SubjectKind::Tag | SubjectKind::Branch);
    let mut rules: SortedMap<&str, SortedSet<&str>> = SortedMap::new();
    for finding in errors().filter(of_refs).filter(is_older) {
        rules.get_or_default(finding.rule).insert(&finding.subject.name);
    }
    if rules.is_empty() {
        return part;
    }
    let older: SortedSet<&str> = rules.values().flatten().copied().collect();
    let mut words: Vec<(usize, &str)> = rules.iter().map(|(rule, refs)| (refs.len(), *rule)).collect();
    order::sort_by(&mut words, |a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    let shown: Vec<String> = words.iter().take(3).map(|(count, rule)| format!("{rule} {count}")).collect();
    let more = if words.len() > shown.len() { ", and more" } else { "" };
    let evidence = format!(
        "{} before it break rules: {}{more}; without this line `relguard audit` shows them",
        counted(older.len(), "ref"),
        shown.join(", ")
    );
    part.fact(Fact::of("start of the audit", "since", tag, evidence));
    part.line(0, &format!("since: {}", quoted(&since.to_string())));
    part
}

/// The release from which on the rules are kept best: each that keeps them speaks for a longer history, each that
/// does not speaks twice against it. A final one, where there is any. Where none keeps the rules it is the newest: an
/// audit can't begin later.
fn start<'a>(
    releases: &[(&'a str, &'a Version)],
    broken: &SortedSet<&str>,
) -> Option<(&'a str, &'a Version)> {
    let has_finals = releases.iter().any(|(name, version)| version.pre.is_empty() && !broken.contains(name));
    let mut score = 0;
    let mut best: Option<(i32, (&'a str, &'a Version))> = None;
    for release in releases {
        if broken.contains(release.0) {
            score -= 2;
            continue;
        }
        score += 1;
        let may_begin = !has_finals || release.1.pre.is_empty();
        if may_begin && best.is_none_or(|(most, _)| score >= most) {
            best = Some((score, *release));
        }
    }
    let newest = || releases.iter().find(|(_, version)| version.pre.is_empty()).or(releases.first());
    best.map(|(_, release)| release).or_else(|| newest().copied())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::parse_version;

    /// The start where the releases, the newest first, are broken (`x`) or not.
    fn start_of(kept: &str) -> Option<usize> {
        let names: Vec<(String, Version)> = (0..kept.len())
            .map(|at| (format!("v1.0.{}", 99 - at), parse_version("1.0.0").unwrap()))
            .collect();
        let releases: Vec<(&str, &Version)> =
            names.iter().map(|(tag, version)| (tag.as_str(), version)).collect();
        let broken = kept.char_indices().filter(|(_, c)| *c == 'x');
        let broken: SortedSet<&str> = broken.map(|(at, _)| releases[at].0).collect();
        let (tag, _) = start(&releases, &broken)?;
        releases.iter().position(|(name, _)| *name == tag)
    }

    #[test]
    fn a_start_is_where_most_begin_to_keep_the_rules() {
        assert_eq!(start_of("......"), Some(5));
        assert_eq!(start_of("...x..x.xxxxxxxxx"), Some(5));
        assert_eq!(start_of("......x..xxxxx.xxx."), Some(8));
        assert_eq!(start_of("x.xxx."), Some(1));
        assert_eq!(start_of("..xxxx.xx"), Some(1));
        assert_eq!(start_of("x..xxx"), Some(2));
        assert_eq!(start_of("xxxx"), Some(0));
        assert_eq!(start_of(""), None);
    }

    #[test]
    fn a_final_release_is_the_better_start() {
        let versions = ["1.1.0", "1.1.0-rc.1", "1.0.0"].map(|version| parse_version(version).unwrap());
        let releases: Vec<(&str, &Version)> = ["a", "b", "c"].into_iter().zip(&versions).collect();
        let tag_of = |broken: &[&'static str]| start(&releases, &broken.iter().copied().collect()).unwrap().0;
        assert_eq!(tag_of(&["c"]), "a");
        assert_eq!(tag_of(&["a", "c"]), "b");
    }
}
