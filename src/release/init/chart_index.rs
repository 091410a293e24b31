//! The chart index: its branch, its file, where archives lie.

use std::collections::BTreeMap;

use anyhow::Result;

use super::found::{Fact, Part, counted, quoted};
use super::names::Names;
use crate::document::yaml::{self, Yaml};
use crate::domain::{Oid, RepoPath};
use crate::finding::Subject;
use crate::git::Repo;
use crate::project::load;
use crate::source::CommitFiles;

/// Where an index mostly lies on its branch.
const FILES: [&str; 4] = ["index.yaml", "charts/index.yaml", "docs/index.yaml", "stable/index.yaml"];

/// Finds the chart index.
pub(super) fn find(repo: &Repo, names: &Names) -> Result<Part> {
    let mut part = Part::default();
    let usual = ["gh-pages", "charts", "helm-charts", "pages"];
    for name in usual {
        let Some(tip) = names.view.branches.get(name).and_then(|tips| tips.judged()) else { continue };
        for file in FILES {
            let path = RepoPath::parse(file)?;
            let files = CommitFiles::new(repo, tip, Subject::branch(name, Some(tip)));
            let Some(source) = load(&files, &path)?.ok().flatten() else { continue };
            let Ok(index) = yaml::parse(&source) else { continue };
            describe(repo, tip, (name, &path), &urls(&index), &mut part)?;
            return Ok(part.below("index"));
        }
    }
    if names.view.branches.contains_key("gh-pages") {
        part.note(Fact::of("chart index", "index", "none", "the branch gh-pages holds no index.yaml"));
    }
    Ok(part)
}

/// The first URL of each entry, the newest entries of each chart alone.
fn urls(index: &Yaml) -> Vec<String> {
    const OF_A_CHART: usize = 5;
    let charts = index.root().and_then(|root| index.value_of(root, "entries"));
    let charts = charts.map(|charts| index.entries(charts)).unwrap_or_default();
    let entries = charts.iter().flat_map(|(_, entries)| index.items(*entries).iter().take(OF_A_CHART));
    let first = entries.filter_map(|entry| {
        let urls = index.value_of(index.follow(*entry), "urls")?;
        index.text(*index.items(urls).first()?).map(str::to_owned)
    });
    first.collect()
}

fn describe(
    repo: &Repo,
    tip: Oid,
    (branch, path): (&str, &RepoPath),
    urls: &[String],
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
    let mut places: BTreeMap<(Option<String>, Option<String>), usize> = BTreeMap::new();
    for url in urls {
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
        *places.entry(found.unwrap_or_else(elsewhere)).or_default() += 1;
    }
    match places.len() {
        0 => {}
        1 => archives(part, &places, urls.len()),
        _ => many(part, &places),
    }
    Ok(())
}

type Places = BTreeMap<(Option<String>, Option<String>), usize>;

fn archives(part: &mut Part, places: &Places, count: usize) {
    let Some(((base, folder), _)) = places.first_key_value() else { return };
    let evidence = format!("{} of the index say so", counted(count, "entry"));
    match folder.as_deref() {
        Some("charts") => part.note(Fact::of("archives", "index.archives", "charts", evidence.as_str())),
        Some(folder) => {
            let shown = if folder.is_empty() { "." } else { folder };
            part.fact(Fact::of("archives", "index.archives", shown, evidence.as_str()));
            part.line(0, &format!("archives: {}", quoted(shown)));
        }
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

/// Archives in several places: those on the branch lead; else the address that all have in common.
fn many(part: &mut Part, places: &Places) {
    let on_branch =
        places.iter().filter(|((_, folder), _)| folder.is_some()).max_by_key(|(_, count)| **count);
    let total: usize = places.values().sum();
    if let Some((place, count)) = on_branch.filter(|(_, count)| **count * 2 >= total) {
        let only = BTreeMap::from([(place.clone(), *count)]);
        archives(part, &only, *count);
        return;
    }
    let mut bases = places.keys().filter_map(|(base, _)| base.as_deref());
    let first = bases.next().unwrap_or_default().to_owned();
    let common = bases.fold(first, |common, base| {
        let shared = common.split('/').zip(base.split('/')).take_while(|(a, b)| a == b);
        shared.map(|(part, _)| part).collect::<Vec<_>>().join("/")
    });
    let only = BTreeMap::from([((Some(common).filter(|common| common.split('/').count() > 3), None), total)]);
    archives(part, &only, total);
}
