//! The charts that `helm dependency build` fetched: they lie in the working tree alone. Only what the commit's own
//! lock file names is taken of them, or its Chart.yaml by one exact version, so that one commit and one archive of a
//! version make the same bytes.

use anyhow::Result;

use crate::document::archive::{ArchivedFile, FILE_LIMIT};
use crate::document::chart::is_path;
use crate::document::dependencies::{Dependency, dependencies};
use crate::document::hex_sha256;
use crate::document::packed::{Left, PackedChart};
use crate::domain::range::{LooseVersion, VersionRange};
use crate::domain::text::visible;
use crate::domain::{RepoPath, parse_version};
use crate::project::Chart;
use crate::source::{self, Snapshot};

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
type Taken = (Fetched, ArchivedFile);

/// Takes a dependency with a remote repository from the working tree.
pub(super) fn fetched(
    disk: Option<&dyn Snapshot>,
    chart: &Chart,
    dependency: &Dependency,
) -> Result<Result<Taken, Lacking>> {
    let dir = &chart.dir;
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
    let lacking = |why: String| Ok(Err(Lacking { why, help: format!("{help}; or commit it below charts/") }));
    let Some(disk) = disk else {
        return lacking(", and a bare repository has no working tree to take it from".to_owned());
    };
    let path = dir.child("charts").child(&format!("{name}-{version}.tgz"));
    match take(disk, chart, &path, (&name, &version))? {
        Ok(Some(taken)) => Ok(Ok(taken)),
        Ok(None) => lacking(format!(", and the working tree has no {path}")),
        Err(why) => lacking(format!(", and {path} of the working tree can't be taken: {why}")),
    }
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
