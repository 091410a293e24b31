//! The charts that lie in a chart's `charts/`, and those that it takes from the repository.

use std::collections::BTreeMap;

use anyhow::Result;

use super::{Package, load};
use crate::document::archive::ArchivedFile;
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

impl ChartName {
    fn of(chart: PackedChart) -> Self {
        Self { name: chart.name, version: chart.version }
    }
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
            Some((folder, "Chart.yaml")) => held(files, dir, package, &format!("charts/{folder}/"))?,
            None if rest.strip_suffix(".tgz").is_some() => archive(files, &place, &left)?,
            _ => continue,
        };
        found.insert(path.to_owned(), name);
    }
    Ok(found)
}

fn archive(files: &dyn Snapshot, place: &RepoPath, left: &Left) -> Result<Result<ChartName, Fail>> {
    Ok(match source::read(files, place)? {
        Ok(Some(file)) => PackedChart::of_archive(&file.bytes, place.as_str(), left).map(ChartName::of),
        Ok(None) => Err(Fail::new(format!("{place} is missing"))),
        Err(why) => Err(Fail::new(format!("{place} can't be read: {why}")).help(why.way_out())),
    })
}

/// A chart elsewhere in the repository, with the dependencies that are not in its own `charts/`: Helm takes it as it lies
/// there, and builds nothing for it.
pub(super) fn elsewhere(
    files: &dyn Snapshot,
    dir: &RepoPath,
) -> Result<Result<(ChartName, Vec<String>), Fail>> {
    let mut package = Package::of_folder(files, dir)?;
    let name = match held(files, dir, &package, "")? {
        Ok(name) => name,
        Err(why) => return Ok(Err(why)),
    };
    let Ok(Some(source)) = load(files, &dir.child("Chart.yaml"))? else { return Ok(Ok((name, Vec::new()))) };
    let Ok(chart) = ChartFile::parse(&source) else { return Ok(Ok((name, Vec::new()))) };
    package.charts = read(files, dir, &package)?;
    let names = dependencies(package.asks(&chart)).into_iter().filter_map(|wanted| wanted.name);
    let mut lacking: Vec<String> = names
        .filter(|name| package.vendored(&name.text).all(|path| package.left_out(path).is_some()))
        .map(|name| name.text)
        .collect();
    lacking.dedup();
    Ok(Ok((name, lacking)))
}

/// The chart in a part of a chart's folder, `below` in it, as Helm takes it.
pub(super) fn held(
    files: &dyn Snapshot,
    dir: &RepoPath,
    package: &Package,
    below: &str,
) -> Result<Result<ChartName, Fail>> {
    let mut held = Vec::new();
    for (path, _) in package.packed() {
        let Some(rest) = path.strip_prefix(below) else { continue };
        let mut bytes = Vec::new();
        if PackedChart::depends_on(rest) {
            let place = path.split('/').fold(dir.clone(), |at, part| at.child(part));
            bytes = match source::read(files, &place)? {
                Ok(Some(file)) => file.bytes,
                Ok(None) => return Ok(Err(Fail::new(format!("{place} is missing")))),
                Err(why) => {
                    let fail = Fail::new(format!("{place} can't be read: {why}"));
                    return Ok(Err(fail.help(why.way_out())));
                }
            };
        }
        held.push(ArchivedFile { path: rest.to_owned(), bytes });
    }
    let place = below.split('/').filter(|part| !part.is_empty()).fold(dir.clone(), |at, part| at.child(part));
    Ok(PackedChart::of_files(held, place.as_str()).map(ChartName::of))
}
