//! The charts that lie in a chart's `charts/`, and those that it takes from the repository.

use anyhow::Result;

use super::{Package, load};
use crate::document::archive::ArchivedFile;
use crate::document::chart::ChartFile;
use crate::document::dependencies::dependencies;
use crate::document::packed::{Left, PackedChart};
use crate::domain::{Fail, RepoPath, SortedMap};
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
) -> Result<SortedMap<String, Result<ChartName, Fail>>> {
    let mut found = SortedMap::new();
    let left = Left::default();
    for (path, _) in package.packed_below("charts/") {
        let Some(rest) = path.strip_prefix("charts/").filter(|rest| !rest.starts_with(['_', '.'])) else {
            continue;
        };
        let chart = match rest.split_once('/') {
            Some((folder, "Chart.yaml")) => held(files, dir, package, &format!("charts/{folder}/"))?,
            None if rest.strip_suffix(".tgz").is_some() => archive(files, &dir.descendant(path), &left)?,
            _ => continue,
        };
        found.insert(path.to_owned(), chart.map(ChartName::of));
    }
    Ok(found)
}

fn archive(files: &dyn Snapshot, place: &RepoPath, left: &Left) -> Result<Result<PackedChart, Fail>> {
    Ok(bytes(files, place)?.and_then(|bytes| PackedChart::of_archive(&bytes, place.as_str(), left)))
}

fn bytes(files: &dyn Snapshot, place: &RepoPath) -> Result<Result<Vec<u8>, Fail>> {
    Ok(match source::read(files, place)? {
        Ok(Some(file)) => Ok(file.bytes),
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
    let package = Package::of_folder(files, dir)?;
    let packed = match held(files, dir, &package, "")? {
        Ok(packed) => packed,
        Err(why) => return Ok(Err(why)),
    };
    let chart = load(files, &dir.child("Chart.yaml"))?.ok().flatten();
    let chart = chart.and_then(|source| ChartFile::parse(&source).ok());
    let wanted = chart.as_ref().map(|chart| dependencies(package.asks(chart))).unwrap_or_default();
    let names = wanted.into_iter().filter_map(|wanted| Some(wanted.name?.text));
    let mut lacking: Vec<String> = names.filter(|name| !packed.charts.contains_key(name)).collect();
    lacking.dedup();
    Ok(Ok((ChartName::of(packed), lacking)))
}

/// The chart in a part of a chart's folder, `below` in it, as Helm takes it. Of the files that only have to be there the
/// bytes are not read.
fn held(
    files: &dyn Snapshot,
    dir: &RepoPath,
    package: &Package,
    below: &str,
) -> Result<Result<PackedChart, Fail>> {
    let mut held = Vec::new();
    for (path, _) in package.packed_below(below) {
        let Some(rest) = path.strip_prefix(below) else { continue };
        let read =
            if PackedChart::depends_on(rest) { bytes(files, &dir.descendant(path))? } else { Ok(Vec::new()) };
        match read {
            Ok(bytes) => held.push(ArchivedFile { path: rest.to_owned(), bytes }),
            Err(why) => return Ok(Err(why)),
        }
    }
    Ok(PackedChart::of_files(held, dir.descendant(below).as_str()))
}
