//! The charts that lie in a chart's `charts/`, and those that it takes from the repository.

use std::collections::BTreeMap;

use anyhow::Result;

use super::{Package, load};
use crate::document::chart::ChartFile;
use crate::document::dependencies::dependencies;
use crate::document::packed::{Left, PackedChart};
use crate::domain::{Fail, RepoPath};
use crate::source::{self, Snapshot};

/// What a chart calls itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartName {
    /// Its name.
    pub name: String,
    /// Its version, as Helm reads it.
    pub version: String,
}

/// The charts that Helm packs, by the path of their Chart.yaml or archive.
pub(super) fn read(
    files: &dyn Snapshot,
    dir: &RepoPath,
    package: &Package,
) -> Result<BTreeMap<String, Result<ChartName, Fail>>> {
    let mut found = BTreeMap::new();
    let left = Left::default();
    for (path, _) in package.packed() {
        let Some(rest) = path.strip_prefix("charts/").filter(|rest| !rest.starts_with(['_', '.'])) else {
            continue;
        };
        let place = path.split('/').fold(dir.clone(), |at, part| at.child(part));
        let name = match rest.split_once('/') {
            Some((_, "Chart.yaml")) => name_in(files, &place)?,
            None if rest.strip_suffix(".tgz").is_some() => archive(files, &place, &left)?,
            _ => continue,
        };
        found.insert(path.to_owned(), name);
    }
    Ok(found)
}

fn archive(files: &dyn Snapshot, place: &RepoPath, left: &Left) -> Result<Result<ChartName, Fail>> {
    Ok(match source::read(files, place)? {
        // What is in its own charts/ is read when it is packaged: no commit has to wait for that.
        Ok(Some(file)) => PackedChart::of_archive_alone(&file.bytes, place.as_str(), left)
            .map(|chart| ChartName { name: chart.name, version: chart.version }),
        Ok(None) => Err(Fail::new(format!("{place} is missing"))),
        Err(why) => Err(Fail::new(format!("{place} can't be read: {why}")).help(why.way_out())),
    })
}

/// The dependencies of a chart in the repository that are not in its own `charts/`: Helm takes it as it lies
/// there, and builds nothing for it.
pub(super) fn lacks(files: &dyn Snapshot, dir: &RepoPath) -> Result<Vec<String>> {
    let Ok(Some(source)) = load(files, &dir.child("Chart.yaml"))? else { return Ok(Vec::new()) };
    let Ok(chart) = ChartFile::parse(&source) else { return Ok(Vec::new()) };
    if dependencies(chart.yaml()).is_empty() && files.stat(&dir.child("requirements.yaml"))?.is_none() {
        return Ok(Vec::new());
    }
    let mut package = Package::of_folder(files, dir)?;
    package.charts = read(files, dir, &package)?;
    let names = dependencies(package.asks(&chart)).into_iter().filter_map(|wanted| wanted.name);
    let mut lacking: Vec<String> = names
        .filter(|name| package.vendored(&name.text).all(|path| package.left_out(path).is_some()))
        .map(|name| name.text)
        .collect();
    lacking.dedup();
    Ok(lacking)
}

/// What a Chart.yaml calls its chart.
pub(super) fn name_in(files: &dyn Snapshot, place: &RepoPath) -> Result<Result<ChartName, Fail>> {
    let unreadable =
        |why: &str| Fail::new(format!("{place} can't be read: {why}")).help("helm lint says more");
    let chart = match load(files, place)? {
        Ok(Some(source)) => ChartFile::parse(&source),
        Ok(None) => return Ok(Err(unreadable("it is missing"))),
        Err(broken) => Err(broken),
    };
    Ok(chart.map_err(|broken| unreadable(&broken.cause)).and_then(|chart| {
        let yaml = chart.yaml();
        let text = |key: &str| {
            let node = yaml.root().and_then(|root| yaml.value_of(root, key));
            let text = node.map(|node| yaml.helm_text(node)).filter(|text| !text.is_empty());
            text.ok_or_else(|| unreadable(&format!("it has no {key}")))
        };
        Ok(ChartName { name: text("name")?, version: text("version")? })
    }))
}
