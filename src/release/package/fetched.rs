//! The charts that `helm dependency build` fetched: they lie in the working tree alone. Only what the commit's own
//! lock file names is taken of them, or its Chart.yaml by one exact version, so that one commit and one archive of a
//! version make the same bytes.

use std::cell::OnceCell;

use anyhow::Result;

use crate::document::archive::{ArchivedFile, FILE_LIMIT};
use crate::document::chart::is_path;
use crate::document::dependencies::{Dependency, dependencies};
use crate::document::hex_sha256;
use crate::document::packed::{Left, PackedChart};
use crate::domain::range::{LooseVersion, VersionRange};
use crate::domain::text::visible;
use crate::domain::{RepoPath, SortedMap, parse_version};
use crate::project::Chart;
use crate::source::{self, Snapshot, Stat};

/// How many archives under other names are looked into.
const ARCHIVES: usize = 250;

/// A chart's archive that was taken from the working tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The chart's name.
    pub name: String,
    /// Its version, as the commit's lock file and its own Chart.yaml have it.
    pub version: String,
    /// Where it lies.
    pub path: RepoPath,
    /// The SHA-256 of its bytes, in hex.
    pub sha256: String,
}

impl Fetched {
    /// What was taken, in one line: it is no part of the commit, and never taken in silence.
    pub(super) fn words(&self) -> String {
        let Self { name, version, path, sha256 } = self;
        format!("the dependency {name} {version} is taken from the working tree: {path} (sha256 {sha256})")
    }
}

/// Why a dependency can't be had, and what to do.
pub(super) struct Lacking {
    /// What follows on "the dependency redis is not in charts/".
    pub(super) why: String,
    pub(super) help: String,
}

/// Why nothing says which version of a dependency to take.
struct Unlocked {
    /// What follows on "the dependency redis is not in charts/".
    why: String,
    /// Whether the lock file has several versions of it, which no other lock file mends.
    is_twice: bool,
}

/// An archive with the file as it would lie in the chart's folder.
pub(super) type Taken = (Fetched, ArchivedFile);

/// The working tree's `charts/` of one chart.
pub(super) struct Shelf<'a> {
    disk: Option<&'a dyn Snapshot>,
    chart: &'a Chart,
    /// The archives under other names than Helm's, by what they hold; looked into when the first is asked for.
    others: OnceCell<SortedMap<(String, String), Vec<RepoPath>>>,
}

impl<'a> Shelf<'a> {
    pub(super) fn new(disk: Option<&'a dyn Snapshot>, chart: &'a Chart) -> Self {
        Self { disk, chart, others: OnceCell::new() }
    }

    /// Takes a dependency with a remote repository from the working tree.
    pub(super) fn fetched(&self, dependency: &Dependency) -> Result<Result<Taken, Lacking>> {
        let (chart, dir) = (self.chart, &self.chart.dir);
        let Some(repository) = dependency.repository.as_ref().filter(|_| dependency.local_path().is_none())
        else {
            let help = "commit the chart below charts/".to_owned();
            return Ok(Err(Lacking { why: String::new(), help }));
        };
        let from = &repository.text;
        let help = format!("run `helm dependency build {dir}`, which gets it from {from}, then this again");
        let (name, version) = match locked(chart, dependency) {
            Ok(locked) => locked,
            Err(Unlocked { why, is_twice }) => {
                let help = if is_twice {
                    "in the archive one would lie over the other: ask for one version, or give one of the charts another name"
                        .to_owned()
                } else {
                    format!("commit the lock file that `helm dependency update {dir}` makes; then {help}")
                };
                return Ok(Err(Lacking { why, help }));
            }
        };
        let lacking =
            |why: String| Ok(Err(Lacking { why, help: format!("{help}; or commit it below charts/") }));
        let Some(disk) = self.disk else {
            return lacking(", and a bare repository has no working tree to take it from".to_owned());
        };
        let named = dir.child("charts").child(&format!("{name}-{version}.tgz"));
        let wanted = (name.as_str(), version.as_str());
        let path = match disk.stat(&named)? {
            Some(_) => named.clone(),
            // Helm keeps the last part of the URL that it fetched from.
            None => match self.others(disk)?.get(&(name.clone(), version.clone())).map(Vec::as_slice) {
                Some([path]) => path.clone(),
                Some([path, other, ..]) => {
                    return lacking(format!(
                        ", and {path} and {other} of the working tree both hold {version}"
                    ));
                }
                _ => named.clone(),
            },
        };
        if !is_taken(path.file_name()) {
            let why = format!(", and Helm packs none that is named as {path} of the working tree");
            let help = format!("rename it: mv {path} {named}");
            return Ok(Err(Lacking { why, help }));
        }
        match take(disk, chart, &path, wanted)? {
            Ok(Some(taken)) => Ok(Ok(taken)),
            Ok(None) => lacking(format!(", and the working tree has no {path}")),
            Err(why) => lacking(format!(", and {path} of the working tree can't be taken: {why}")),
        }
    }

    /// The archives that the commit does not have, by name and version; those that can't be read are none.
    fn others(&self, disk: &dyn Snapshot) -> Result<&SortedMap<(String, String), Vec<RepoPath>>> {
        if let Some(known) = self.others.get() {
            return Ok(known);
        }
        let mut found: SortedMap<(String, String), Vec<RepoPath>> = SortedMap::new();
        let files = disk.list(&self.chart.dir.child("charts"), 1)?.into_iter();
        let is_new = |path: &RepoPath| {
            let shown = format!("charts/{}", path.file_name());
            !self.chart.package.files.contains_key(&shown)
        };
        let files = files.filter(|(path, stat)| {
            matches!(stat, Stat::Symlink | Stat::File { size: 0..=FILE_LIMIT }) && is_new(path)
        });
        let left = Left::default();
        for (path, _) in files.take(ARCHIVES) {
            let Ok(Some(file)) = source::read(disk, &path)? else { continue };
            if let Ok(held) = PackedChart::of_archive(&file.bytes, path.as_str(), &left) {
                found.get_or_default((held.name, held.version)).push(path);
            }
        }
        Ok(self.others.get_or_init(|| found))
    }
}

/// Whether Helm takes a file in `charts/` for an archive of a chart, by its name.
fn is_taken(file: &str) -> bool {
    file.strip_suffix(".tgz").is_some() && !file.starts_with(['_', '.'])
}

/// Takes an archive, `None` where there is none; the inner error says why it can't be that chart in that version.
fn take(
    disk: &dyn Snapshot,
    chart: &Chart,
    path: &RepoPath,
    (name, version): (&str, &str),
) -> Result<Result<Option<Taken>, String>> {
    let bytes = match source::read(disk, path)? {
        Ok(Some(found)) => found.bytes,
        Ok(None) => return Ok(Ok(None)),
        Err(why) => return Ok(Err(why.to_string())),
    };
    if bytes.len() as u64 > FILE_LIMIT {
        return Ok(Err(format!("it has over {} MiB", FILE_LIMIT >> 20)));
    }
    let there = match PackedChart::of_archive(&bytes, path.as_str(), &Left::default()) {
        Ok(there) => there,
        Err(why) => return Ok(Err(why.to_string())),
    };
    if (there.name.as_str(), there.version.as_str()) != (name, version) {
        return Ok(Err(format!("it holds {} {}, and {version} is asked for", there.name, there.version)));
    }
    let shown = format!("charts/{}", path.file_name());
    if let Some(left_out) = chart.package.left_out(&shown) {
        return Ok(Err(format!("`{}` of .helmignore leaves it out", left_out.rule)));
    }
    let (name, version) = (there.name, there.version);
    let fetched = Fetched { name, version, path: path.clone(), sha256: hex_sha256(&bytes) };
    Ok(Ok(Some((fetched, ArchivedFile { path: shown, bytes }))))
}

/// The name and the version that the commit's lock file has of a dependency, or without one an exact version that
/// is asked for; else why there is none.
fn locked(chart: &Chart, dependency: &Dependency) -> Result<(String, String), Unlocked> {
    let unlocked = |why: String| Unlocked { why, is_twice: false };
    let name = dependency.name.as_ref().map(|name| name.text.as_str()).unwrap_or_default();
    let asked = dependency.version.as_ref().map(|version| version.text.as_str()).unwrap_or_default();
    let Some(lock) = &chart.package.lock else {
        let exact =
            parse_version(asked).filter(|_| !is_path(name)).map(|_| (name.to_owned(), asked.to_owned()));
        let why = ", and without a lock file nothing says which version to take";
        return exact.ok_or_else(|| unlocked(why.to_owned()));
    };
    let file = lock.source().path.file_name().to_owned();
    if chart.file.as_ref().is_ok_and(|file| chart.package.lock_fits(file) == Some(false)) {
        return Err(unlocked(format!(", and {file} is stale")));
    }
    let same = |entry: &Dependency| entry.name.as_ref().is_some_and(|entry| entry.text == name);
    let mut versions: Vec<String> =
        dependencies(lock).into_iter().filter(same).filter_map(|entry| Some(entry.version?.text)).collect();
    versions.dedup();
    let [version] = versions.as_slice() else {
        let is_twice = !versions.is_empty();
        let found = if is_twice { "has it in several versions" } else { "does not have it" };
        return Err(Unlocked { why: format!(", and {file} {found}"), is_twice });
    };
    // A lock file that Helm did not make may say anything.
    let both = VersionRange::parse(asked).zip(LooseVersion::parse(version));
    let fits = both.is_some_and(|(range, version)| range.contains(&version));
    if !fits || is_path(name) || is_path(version) {
        let version = visible(version);
        return Err(unlocked(format!(", and the version {version} of {file} is not what is asked for")));
    }
    Ok((name.to_owned(), version.clone()))
}
