//! A chart of a commit, with all that goes into its archive.

use anyhow::Result;

use super::Absent;
use super::fetched::{Fetched, Lacking, Shelf};

use crate::document::archive::{ArchivedFile, CHART_LIMIT, FILE_LIMIT};
use crate::document::dependencies::{Dependency, dependencies};
use crate::document::packed::PackedChart;
use crate::domain::range::{LooseVersion, VersionRange};
use crate::domain::text::visible;
use crate::domain::{Fail, RepoPath, SortedSet};
use crate::finding::{Location, Subject};
use crate::project::{Chart, Local, Package};
use crate::source::{self, Snapshot};

/// How a file begins that only stands for one in Git LFS.
const LFS: &[u8] = b"version https://git-lfs.github.com/spec/";

/// A chart that was made ready.
pub(super) struct Built {
    pub(super) chart: PackedChart,
    /// The dependencies that were taken from the working tree, each with the place that asks for it.
    pub(super) fetched: Vec<(Fetched, Location)>,
    /// The dependencies that are not at hand.
    pub(super) missing: Vec<Missing>,
}

/// A dependency that is not at hand.
pub(super) struct Missing {
    pub(super) absent: Absent,
    /// Whether `helm dependency build` brings it.
    pub(super) can_be_fetched: bool,
    pub(super) at: Location,
    pub(super) subject: Subject,
    pub(super) lacking: Lacking,
}

/// Takes a chart from a commit as `helm dependency build` and `helm package` would: what lies in `charts/`
/// stays, a dependency with a `file://` repository that is not there is taken from its folder, and one with a
/// remote repository from the working tree, `disk`, where the commit's lock file names it.
pub(super) fn build(files: &dyn Snapshot, disk: Option<&dyn Snapshot>, chart: &Chart) -> Result<Built> {
    let mut own = gather(files, &chart.dir, &chart.package)?;
    let (mut local, mut taken, mut missing) = (Vec::new(), Vec::new(), Vec::new());
    let wanted = chart.file.as_ref().map(|file| dependencies(chart.package.asks(file))).unwrap_or_default();
    let mut sought = SortedSet::new();
    let shelf = Shelf::new(disk, chart);
    for dependency in &wanted {
        let Some(name) = &dependency.name else { continue };
        if is_vendored(chart, &wanted, dependency) || !sought.insert(what(dependency)) {
            continue;
        }
        let absent = Absent {
            chart: chart.dir.to_string(),
            name: name.text.clone(),
            repository: dependency.repository.as_ref().map(|repository| repository.text.clone()),
        };
        if let Some((at, lacking)) = moved_on(chart, dependency) {
            missing.push(Missing { absent, can_be_fetched: false, at, subject: files.subject(), lacking });
            continue;
        }
        if let Some(chart) = local_chart(files, chart, dependency)? {
            local.push(chart);
            continue;
        }
        let at = name.location.clone();
        match shelf.fetched(dependency)? {
            Ok((archive, file)) if own.iter().all(|had| had.path != file.path) => {
                own.push(file);
                taken.push((archive, at));
            }
            Ok(_) => {}
            Err(lacking) => {
                missing.push(Missing { absent, can_be_fetched: true, at, subject: files.subject(), lacking });
            }
        }
    }
    let mut packed = PackedChart::of_files(own, chart.dir.as_str())?;
    for local in local {
        let version = local.version.clone();
        let twice = packed.charts.insert(local.name.clone(), local);
        if let Some(twice) = twice.filter(|twice| twice.version != version) {
            return Err(over_each_other(&chart.dir, &twice.name).into());
        }
    }
    Ok(Built { chart: packed, fetched: taken, missing })
}

/// What a dependency asks for, whatever it is called: name, version, repository.
fn what(dependency: &Dependency) -> [Option<&str>; 3] {
    [&dependency.name, &dependency.version, &dependency.repository]
        .map(|value| value.as_ref().map(|value| value.text.as_str()))
}

/// Whether the commit has a dependency in `charts/`. Helm looks at the name alone; where others ask for another version of
/// that name, one chart can't be all of them.
fn is_vendored(chart: &Chart, wanted: &[Dependency], dependency: &Dependency) -> bool {
    let [name, range, _] = what(dependency);
    let is_alone = wanted.iter().map(what).all(|[other, version, _]| other != name || version == range);
    let range = range.and_then(VersionRange::parse);
    let fits = |version: &str| {
        let version = LooseVersion::parse(version);
        range.as_ref().zip(version).is_some_and(|(range, version)| range.contains(&version))
    };
    let mut vendored = chart.package.charts.values().flatten();
    vendored.any(|there| Some(there.name.as_str()) == name && (is_alone || fits(&there.version)))
}

fn over_each_other(dir: &RepoPath, name: &str) -> Fail {
    Fail::new(format!(
        "{dir} can't be packaged: it asks for two charts of the name {}, and in the archive one would lie over the other",
        visible(name)
    ))
    .help("give one of the charts another name, or ask for one version")
}

/// Why a chart of the repository is not the one that the lock file names, and where that stands: `helm dependency build`
/// fails on it, so that no Helm makes such an archive.
fn moved_on(chart: &Chart, dependency: &Dependency) -> Option<(Location, Lacking)> {
    let moved_on = chart.package.moved_on(chart.file.as_ref().ok()?);
    let is_it = |entry: &Dependency| {
        [&entry.name, &entry.repository].map(|it| it.as_ref().map(|it| &it.text))
            == [&dependency.name, &dependency.repository].map(|it| it.as_ref().map(|it| &it.text))
    };
    let (entry, there) = moved_on.into_iter().find(|(entry, _)| is_it(entry))?;
    let (locked, from) = (entry.version?, entry.repository?);
    let lock = locked.location.path().file_name();
    let why = format!(
        ", and {lock} has its version {}, but the chart at {} is {}",
        locked.text, from.text, there.version
    );
    let help =
        format!("run `helm dependency update {}` and commit {lock}, or the chart below charts/", chart.dir);
    Some((locked.location.clone(), Lacking { why, help }))
}

/// The chart that a `file://` repository names, as `helm dependency build` would put it into `charts/`.
fn local_chart(files: &dyn Snapshot, chart: &Chart, dependency: &Dependency) -> Result<Option<PackedChart>> {
    let Some(path) = dependency.local_path() else { return Ok(None) };
    let there =
        matches!(chart.package.local.get(path), Some(Local::There { .. } | Local::Closed | Local::Broken(_)));
    let (Ok(dir), true) = (chart.dir.join(path), there) else { return Ok(None) };
    let name = dependency.name.as_ref().map(|name| name.text.as_str()).unwrap_or_default();
    let package = Package::of_folder(files, &dir)?;
    if !package.is_packed("Chart.yaml") {
        return Err(Fail::new(format!(
            "the dependency {} of {} is not in this repository: {dir} is a submodule, or lies in one",
            visible(name),
            chart.dir
        ))
        .help("put the chart into charts/: helm dependency update, and commit what it puts there")
        .into());
    }
    let local = PackedChart::of_files(gather(files, &dir, &package)?, dir.as_str())?;
    let refuse = |why: String| {
        let what = format!("the dependency {} of {} can't be taken from {dir}", visible(name), chart.dir);
        Fail::new(format!("{what}: {why}")).help("correct the dependency in Chart.yaml, or the chart there")
    };
    if local.name != name {
        return Err(refuse(format!("the chart there is named {}", visible(&local.name))).into());
    }
    let Some(range) = dependency.version.as_ref().map(|range| range.text.as_str()) else {
        return Err(refuse("it asks for no version, and Helm wants one".to_owned()).into());
    };
    let version = LooseVersion::parse(&local.version);
    let parsed = VersionRange::parse(range).zip(version);
    if !parsed.is_some_and(|(range, version)| range.contains(&version)) {
        let found = visible(&local.version);
        let why = format!("the chart there has version {found}, which is not in `{}`", visible(range));
        return Err(refuse(why).into());
    }
    let archive = format!("charts/{}-{}.tgz", local.name, local.version);
    match chart.package.left_out(&archive) {
        Some(left_out) => {
            Err(refuse(format!("`{}` of .helmignore leaves {archive} out", visible(left_out.rule))).into())
        }
        None => Ok(Some(local)),
    }
}

/// The files of a chart's folder that Helm packs, with their bytes as they are committed.
fn gather(files: &dyn Snapshot, dir: &RepoPath, package: &Package) -> Result<Vec<ArchivedFile>> {
    let fail = |path: &str, why: &str| {
        Fail::new(format!("{} can't be packaged: {why}", dir.descendant(path)))
            .help("relguard explain chart/packageable tells what Helm takes")
    };
    if let Some(bad) = &package.bad_rule {
        let why =
            format!("Helm refuses the rule `{}` in line {}: {}", visible(&bad.rule), bad.line, bad.cause);
        return Err(fail(".helmignore", &why).into());
    }
    if let Some((path, why)) = package.dead_links.first() {
        return Err(fail(path, &format!("the link can't be followed: {why}")).into());
    }
    let mut elsewhere = package.elsewhere.iter().filter(|path| package.left_out(path).is_none());
    if let Some(path) = elsewhere.next() {
        return Err(fail(
            path,
            "it is a submodule, or leads into one, and its files are not in this repository",
        )
        .into());
    }
    let mut total = 0;
    let mut found = Vec::new();
    for (path, size) in package.packed() {
        total += size;
        if size > FILE_LIMIT {
            return Err(fail(path, &format!("it has over {} MiB", FILE_LIMIT >> 20)).into());
        }
        if total >= CHART_LIMIT {
            return Err(fail("", &format!("its files have over {} MiB together", CHART_LIMIT >> 20)).into());
        }
        let bytes = match source::read(files, &dir.descendant(path))? {
            Ok(Some(file)) => file.bytes,
            Ok(None) => return Err(fail(path, "it is gone").into()),
            Err(why) => return Err(fail(path, &why.to_string()).into()),
        };
        if bytes.starts_with(LFS) {
            return Err(
                fail(path, "it is kept in Git LFS, and the repository holds only a pointer to it").into()
            );
        }
        found.push(ArchivedFile { path: path.to_owned(), bytes });
    }
    Ok(found)
}
