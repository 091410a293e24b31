//! What Helm refuses or loses of the files in a chart's folder.

use std::sync::Arc;

use crate::document::archive::{CHART_LIMIT, FILE_LIMIT};
use crate::document::helmignore::BadRule;
use crate::domain::{Fail, RepoPath, SortedMap, SortedSet, SourceText};
use crate::finding::Location;
use crate::project::{Package, Stat};
use crate::rules::{Draft, Findings};

use super::place_of;

/// How many paths one message names.
const NAMED: usize = 3;

pub(super) fn check(package: &Package, dir: &RepoPath, findings: &mut Findings<'_>) {
    let place = |path: &str| place(dir, path);
    for (path, why) in &package.dead_links {
        findings.add(dead_link(&place(path), why));
    }
    if let Some((bad, source)) = package.bad_rule.as_ref().zip(package.helmignore.as_ref()) {
        // Helm stops there, and what the other rules leave out is not known.
        return findings.add(bad_rule(bad, source));
    }
    for (rule, paths) in losses(package) {
        findings.add(left_out(rule, &paths, package.helmignore.as_ref()));
    }
    for entry in strays(package) {
        findings.add(stray(&place(entry), entry));
    }
    for (path, chart) in &package.charts {
        if let Err(why) = chart {
            findings.add(unusable(&place(path), why));
        }
    }
    for (path, first, name) in twice(package) {
        findings.add(there_twice(&place(path), &place(first), name));
    }
    for (path, stat) in &package.files {
        if *stat == Stat::Other && package.left_out(path).is_none() {
            findings.add(irregular(&place(path)));
        }
    }
    sizes(package, dir, findings);
}

/// A path of the package in the repository.
fn place(dir: &RepoPath, path: &str) -> RepoPath {
    dir.descendant(path)
}

fn sizes(package: &Package, dir: &RepoPath, findings: &mut Findings<'_>) {
    let (mut total, mut largest) = (0, (0, ""));
    for (path, size) in package.packed() {
        total += size;
        largest = largest.max((size, path));
        if size > FILE_LIMIT {
            findings.add(too_large(&place(dir, path), size));
        }
    }
    if total >= CHART_LIMIT {
        findings.add(too_large_together(dir, total, &place(dir, largest.1), largest.0));
    }
}

/// What the chart would lack, by the rule that leaves it out; folders end with `/`.
fn losses(package: &Package) -> SortedMap<&str, SortedSet<String>> {
    let mut losses: SortedMap<&str, SortedSet<String>> = SortedMap::new();
    for (path, stat) in &package.files {
        let is_folder = *stat == Stat::Folder;
        if !is_needed(path, is_folder) {
            continue;
        }
        let Some(lost) = package.left_out(path) else { continue };
        let whole = if lost.path.len() < path.len() || is_folder { "/" } else { "" };
        losses.get_or_default(lost.rule).insert(format!("{}{whole}", lost.path));
    }
    losses
}

/// Whether a package without this is another chart than the repository shows.
fn is_needed(path: &str, is_folder: bool) -> bool {
    let has = |extensions: &[&str]| {
        !is_folder && path.rsplit_once('.').is_some_and(|(_, extension)| extensions.contains(&extension))
    };
    match path.split_once('/') {
        None if is_folder => matches!(path, "templates" | "crds"),
        None => matches!(path, "Chart.yaml" | "values.yaml"),
        Some(("templates", rest)) => {
            let is_hidden = rest.split('/').any(|part| part.starts_with('.'));
            !is_hidden && has(&["yaml", "yml", "tpl", "txt", "json"])
        }
        Some(("crds", _)) => has(&["yaml", "yml", "json"]),
        Some(_) => false,
    }
}

/// The entries of `charts/` that Helm takes for charts though they are none.
fn strays(package: &Package) -> SortedSet<&str> {
    let mut strays = SortedSet::new();
    for (path, _) in package.packed_below("charts/") {
        let Some(rest) = path.strip_prefix("charts/") else { continue };
        let (entry, is_folder) = rest.split_once('/').map_or((rest, false), |(entry, _)| (entry, true));
        let Some(place) = path.get(.."charts/".len() + entry.len()) else { continue };
        if rest.strip_suffix(".prov").is_some() || entry.starts_with(['_', '.']) || strays.contains(place) {
            continue;
        }
        let is_archive = entry.strip_suffix(".tgz").is_some();
        let is_chart =
            is_archive != is_folder && (is_archive || package.is_packed(&format!("{place}/Chart.yaml")));
        if !is_chart {
            strays.insert(place);
        }
    }
    strays
}

/// The charts in `charts/` whose name another one has: their paths, and the name.
fn twice(package: &Package) -> Vec<(&str, &str, &str)> {
    let mut known: SortedMap<&str, &str> = SortedMap::new();
    let named = package.charts.iter().filter_map(|(path, chart)| Some((path, &chart.as_ref().ok()?.name)));
    let again = named.filter_map(|(path, name)| match known.get(name.as_str()) {
        Some(first) => Some((path.as_str(), *first, name.as_str())),
        None => {
            known.insert(name, path);
            None
        }
    });
    again.collect()
}

fn unusable(path: &RepoPath, why: &Fail) -> Draft {
    Draft::new(why.to_string()).at(Location::file(path)).help(why.way_out().unwrap_or("helm lint says more"))
}

fn there_twice(path: &RepoPath, first: &RepoPath, name: &str) -> Draft {
    Draft::new(format!("charts/ holds a second chart of the name {name}, which would lie over the first one"))
        .at(Location::file(path))
        .related("the first one", Some(Location::file(first)))
        .help("remove the one that is outdated")
}

fn dead_link(path: &RepoPath, why: &str) -> Draft {
    Draft::new(format!("the link {path} can't be packed: {why}")).at(Location::file(path)).help(
        "helm package fails on a link to nothing, .helmignore or not: point it at a file of the repository",
    )
}

fn bad_rule(bad: &BadRule, source: &Arc<SourceText>) -> Draft {
    Draft::new(format!("Helm refuses the rule `{}`: {}", bad.rule, bad.cause))
        .at(Location::new(source, bad.range.clone()))
        .help("correct the rule: Helm's patterns are those of a shell, and not gitignore's")
}

fn left_out(rule: &str, paths: &SortedSet<String>, helmignore: Option<&Arc<SourceText>>) -> Draft {
    let below = |path: &String| path.trim_end_matches('/').contains('/');
    let help = if rule.starts_with('!') {
        "for Helm, a rule with `!` leaves out all that does not match: take it out".to_owned()
    } else if below(&rule.to_owned()) || !paths.iter().all(below) {
        "take the rule out, or narrow it".to_owned()
    } else {
        format!("a rule without `/` counts in every folder: `/{rule}` is for what lies beside Chart.yaml")
    };
    Draft::new(format!("`{rule}` leaves {} out of the package", named(paths)))
        .help(help)
        .at(place_of(rule, helmignore))
}

/// `a`, `a and b`, `a, b, c and 2 more`
fn named(paths: &SortedSet<String>) -> String {
    let mut shown: Vec<&str> = paths.iter().map(String::as_str).take(NAMED).collect();
    let more = paths.len() - shown.len();
    let last = if more > 0 { format!("{more} more") } else { shown.pop().unwrap_or_default().to_owned() };
    if shown.is_empty() { last } else { format!("{} and {last}", shown.join(", ")) }
}

fn stray(path: &RepoPath, entry: &str) -> Draft {
    Draft::new(format!("{path} is no chart, but Helm takes all in charts/ for charts"))
        .at(Location::file(path))
        .help(format!("move it elsewhere, or leave it out with `/{entry}` in .helmignore"))
}

fn irregular(path: &RepoPath) -> Draft {
    Draft::new(format!("{path} is no file but a device, a pipe or a socket"))
        .at(Location::file(path))
        .help("remove it, or name it in .helmignore")
}

fn too_large(path: &RepoPath, size: u64) -> Draft {
    Draft::new(format!("{path} has {size} bytes, but Helm reads files of {FILE_LIMIT} (5 MiB) at most"))
        .at(Location::file(path))
        .help("move it out of the chart's folder, or name it in .helmignore")
}

fn too_large_together(dir: &RepoPath, total: u64, largest: &RepoPath, size: u64) -> Draft {
    Draft::new(format!(
        "the files of {dir} have {total} bytes, but Helm installs less than {CHART_LIMIT} (100 MiB)"
    ))
    .at(Location::file(&dir.child("Chart.yaml")))
    .related(format!("the largest: {size} bytes"), Some(Location::file(largest)))
    .help("move files out of the chart's folder, or name them in .helmignore")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Finding, Subject};

    fn found(files: &[(&str, u64)]) -> Vec<Finding> {
        let mut package = Package::default();
        let stat = |size| Stat::File { size };
        package.files.extend(files.iter().map(|(path, size)| ((*path).to_owned(), stat(*size))));
        let mut found = Vec::new();
        let subject = Subject::worktree();
        let mut findings = Findings::new(&mut found, &super::super::RULE.meta, None, &subject);
        check(&package, &RepoPath::parse("charts/a").unwrap(), &mut findings);
        found
    }

    #[test]
    fn a_file_may_have_five_mebibytes() {
        assert!(found(&[("a", FILE_LIMIT)]).is_empty());
        let [finding] = found(&[("a/b", FILE_LIMIT + 1)]).try_into().unwrap();
        assert_eq!(
            finding.message,
            "charts/a/a/b has 5242881 bytes, but Helm reads files of 5242880 (5 MiB) at most"
        );
        assert_eq!(finding.location.unwrap().path().as_str(), "charts/a/a/b");
    }

    #[test]
    fn a_chart_has_less_than_a_hundred_mebibytes() {
        let names: Vec<String> = (0..20).map(|number| number.to_string()).collect();
        let mut files: Vec<_> = names.iter().map(|name| (name.as_str(), FILE_LIMIT)).collect();
        let [finding] = found(&files).try_into().unwrap();
        assert!(finding.message.starts_with("the files of charts/a have 104857600 bytes"));
        files[7].1 -= 1;
        assert!(found(&files).is_empty());
    }

    #[test]
    fn what_is_not_a_chart_in_charts_is_a_stray() {
        let files = [
            "charts/.gitkeep",
            "charts/_off/x",
            "charts/README.md",
            "charts/a-1.0.0.tgz",
            "charts/a-1.0.0.tgz.prov",
            "charts/b/Chart.yaml",
            "charts/b/charts/x/y",
            "charts/c.tgz/Chart.yaml",
            "charts/d/templates/Chart.yaml",
            "charts/d/x",
        ];
        let mut package = Package::default();
        package.files.extend(files.map(|path| (path.to_owned(), Stat::File { size: 1 })));
        assert_eq!(Vec::from_iter(strays(&package)), ["charts/README.md", "charts/c.tgz", "charts/d"]);
    }

    #[test]
    fn a_message_names_three_paths() {
        let named = |paths: &[&str]| named(&paths.iter().map(ToString::to_string).collect());
        assert_eq!(named(&["a"]), "a");
        assert_eq!(named(&["a", "b"]), "a and b");
        assert_eq!(named(&["a", "b", "c"]), "a, b and c");
        assert_eq!(named(&["a", "b", "c", "d", "e"]), "a, b, c and 2 more");
    }
}
