//! The chart index: its branch, its file, where archives lie.

use anyhow::Result;

use super::found::{Fact, Part, counted, quoted};
use super::names::Names;
use super::past;
use crate::document::yaml::{self, Yaml};
use crate::domain::{Oid, RepoPath, SortedMap, strip_v};
use crate::finding::Subject;
use crate::git::Repo;
use crate::project::load;
use crate::source::CommitFiles;

/// The branches that mostly hold it.
pub(super) const BRANCHES: [&str; 4] = ["gh-pages", "charts", "helm-charts", "pages"];

/// Where an index mostly lies on its branch.
const FILES: [&str; 4] = ["index.yaml", "charts/index.yaml", "docs/index.yaml", "stable/index.yaml"];

/// Finds the chart index.
pub(super) fn find(repo: &Repo, names: &Names) -> Result<Part> {
    let mut part = Part::default();
    for name in BRANCHES {
        let Some(tip) = names.view.branches.get(name).and_then(|tips| tips.judged()) else { continue };
        for file in FILES {
            let path = RepoPath::parse(file)?;
            let files = CommitFiles::new(repo, tip, Subject::branch(name, Some(tip)));
            let Some(source) = load(&files, &path)?.ok().flatten() else { continue };
            let Ok(index) = yaml::parse(&source) else { continue };
            describe(repo, tip, (name, &path), &listed(&index), &mut part)?;
            return Ok(part.below("index"));
        }
    }
    if names.view.branches.contains_key("gh-pages") {
        part.note(Fact::of("chart index", "index", "none", "the branch gh-pages holds no index.yaml"));
    }
    Ok(part)
}

/// An entry's first URL, and its version.
type Entry = (String, String);

/// The entries with a URL, the newest of each chart alone.
fn listed(index: &Yaml) -> Vec<Entry> {
    const OF_A_CHART: usize = 5;
    let charts = index.root().and_then(|root| index.value_of(root, "entries"));
    let charts = charts.map(|charts| index.entries(charts)).unwrap_or_default();
    let entries = charts.iter().flat_map(|(_, entries)| index.items(*entries).iter().take(OF_A_CHART));
    let first = entries.filter_map(|entry| {
        let entry = index.follow(*entry);
        let url = index.text(*index.items(index.value_of(entry, "urls")?).first()?)?;
        let version = index.value_of(entry, "version").and_then(|version| index.text(version));
        Some((url.to_owned(), version.unwrap_or_default().to_owned()))
    });
    first.collect()
}

fn describe(
    repo: &Repo,
    tip: Oid,
    (branch, path): (&str, &RepoPath),
    entries: &[Entry],
    part: &mut Part,
) -> Result<()> {
    let evidence = format!("{path} on the branch {branch}");
    part.note(Fact::of("chart index", "index", branch, evidence.as_str()));
    if branch != "gh-pages" {
        part.comment(0, &evidence);
        part.line(0, &format!("branch: {}", quoted(branch)));
    }
    if path.as_str() != "index.yaml" {
        part.comment(0, &evidence);
        part.line(0, &format!("path: {}", quoted(path.as_str())));
    }
    let tree = repo.tree(tip);
    let mut places: SortedMap<(Option<String>, Option<String>), usize> = SortedMap::new();
    for (url, _) in entries {
        // The folder on the branch that holds the archive: the longest end of the URL that is a file there.
        let mut found = None;
        for (at, _) in std::iter::once((0, "")).chain(url.match_indices('/')) {
            let rest = url.get(at..).unwrap_or_default().trim_start_matches('/');
            let below = if url.contains("://") { RepoPath::parse(rest) } else { path.parent().join(rest) };
            let Ok(file) = below else { continue };
            if !file.is_root() && tree.entry(&file)?.is_some() {
                let base = url.strip_suffix(rest).unwrap_or_default().trim_end_matches('/').to_owned();
                found = Some((Some(base), Some(file.parent().as_str().to_owned())));
                break;
            }
        }
        let elsewhere = || (url.rsplit_once('/').map(|(base, _)| base.to_owned()), None);
        *places.get_or_default(found.unwrap_or_else(elsewhere)) += 1;
    }
    match places.len() {
        0 => {}
        1 => archives(part, &places, entries),
        _ => many(part, &places, entries),
    }
    Ok(())
}

type Places = SortedMap<(Option<String>, Option<String>), usize>;

fn archives(part: &mut Part, places: &Places, entries: &[Entry]) {
    let Some(((base, folder), count)) = places.first() else { return };
    let evidence = format!("{} of the index say so", counted(*count, "entry"));
    match folder.as_deref() {
        Some("charts") => part.note(Fact::of("archives", "index.archives", "charts", evidence.as_str())),
        Some(folder) => {
            let shown = if folder.is_empty() { "." } else { folder };
            part.fact(Fact::of("archives", "index.archives", shown, evidence.as_str()));
            part.line(0, &format!("archives: {}", quoted(shown)));
        }
        None if base.is_none() || entries.iter().any(has_own_folder) => return scattered(part, entries),
        None => {
            part.fact(Fact::of("archives", "index.archives", "not on the branch", evidence.as_str()));
            part.line(0, "archives: false");
        }
    }
    if let Some(base) = base.as_deref().filter(|base| base.contains("://")) {
        part.fact(Fact::of("archives' address", "index.url", base, evidence));
        part.line(0, &format!("url: {}", quoted(base)));
    }
}

/// Whether an archive lies in a folder of its version, as the files of a forge's release do.
fn has_own_folder((url, version): &Entry) -> bool {
    let base = url.rsplit_once('/').map_or("", |(base, _)| base);
    !version.is_empty() && !past::places(base, strip_v(version)).is_empty()
}

/// Archives elsewhere, each in a folder of its own: there is no one address to write down.
fn scattered(part: &mut Part, entries: &[Entry]) {
    let Some((url, version)) = entries.iter().find(|entry| has_own_folder(entry)).or(entries.first()) else {
        return;
    };
    let base = url.rsplit_once('/').map_or(url.as_str(), |(base, _)| base);
    let address = match base.split_once("/releases/download/") {
        Some((project, _)) => format!("{project}/releases/download/TAG"),
        None => past::template_of(base, strip_v(version)).unwrap_or_else(|| "BASE".to_owned()),
    };
    let evidence = format!(
        "{} looked at: no address is right for the next release as well, since an archive lies at {url}; publish with: \
         relguard publish --url {address} ARCHIVE",
        counted(entries.len(), "entry")
    );
    part.fact(Fact::of("archives", "index.archives", "not on the branch, and at no one address", evidence));
    part.line(0, "archives: false");
}

/// Archives in several places: those on the branch lead.
fn many(part: &mut Part, places: &Places, entries: &[Entry]) {
    let on_branch = places.iter().filter(|((_, folder), _)| folder.is_some()).max_by_key(|(_, count)| *count);
    match on_branch.filter(|(_, count)| *count * 2 >= entries.len()) {
        Some((place, count)) => archives(part, &SortedMap::from([(place.clone(), *count)]), entries),
        None => scattered(part, entries),
    }
}
