use std::collections::BTreeMap;

use anyhow::Result;

use super::load;
use crate::document::Parsed;
use crate::document::chart::ChartFile;
use crate::domain::RepoPath;
use crate::source::{Snapshot, Stat, resolve};

/// How deep a chart's folders are looked into.
const DEPTH: usize = 64;

/// What `helm package` would meet in a chart's folder.
#[derive(Debug, Default)]
pub struct Package {
    /// Every path below the chart's folder, relative to it.
    pub files: BTreeMap<String, Stat>,
    /// The text of `.helmignore`; `None` where there is none that can be read.
    pub helmignore: Option<std::sync::Arc<crate::domain::SourceText>>,
    /// The text of `Chart.lock` (of `requirements.lock` for charts of apiVersion v1).
    pub lock: Option<std::sync::Arc<crate::domain::SourceText>>,
    /// For each `file://` dependency, by its repository: whether a chart is there.
    pub local: BTreeMap<String, bool>,
}

/// How a dependency is present in a chart's `charts/` folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Vendored {
    /// As a folder of its own.
    Folder,
    /// As an archive of this name.
    Archive(String),
}

impl Package {
    /// How a dependency of this name is present in `charts/`; `None` where it is not.
    pub fn vendored(&self, name: &str) -> Option<Vendored> {
        if self.files.contains_key(&format!("charts/{name}/Chart.yaml")) {
            return Some(Vendored::Folder);
        }
        let archive = self.files.keys().find(|path| {
            let file = path.strip_prefix("charts/").and_then(|file| file.strip_suffix(".tgz"));
            let version =
                file.and_then(|file| file.strip_prefix(name)).and_then(|rest| rest.strip_prefix('-'));
            version.is_some_and(|version| version.starts_with(|c: char| c.is_ascii_digit() || c == 'v'))
        });
        archive.map(|path| Vendored::Archive(path.clone()))
    }
}

/// Lists a chart's folder, and looks for the charts that it takes from elsewhere in the repository.
pub(super) fn read(files: &dyn Snapshot, dir: &RepoPath, chart: &Parsed<ChartFile>) -> Result<Package> {
    let real = match resolve(files, dir)? {
        Ok(Some((real, Stat::Folder))) => real,
        _ => return Ok(Package::default()),
    };
    let listed = files.walk(&real, DEPTH)?.into_iter();
    let relative = listed.filter_map(|(path, stat)| path.below(&real).map(|path| (path.to_owned(), stat)));
    let mut package = Package { files: relative.collect(), ..Package::default() };
    package.helmignore = load(files, &dir.child(".helmignore"))?.ok().flatten();
    let Ok(chart) = chart else { return Ok(package) };
    let lock = if chart.field("apiVersion").is_some_and(|api| api.value.text == "v1") {
        "requirements.lock"
    } else {
        "Chart.lock"
    };
    package.lock = load(files, &dir.child(lock))?.ok().flatten();
    for dependency in chart.dependencies() {
        let Some(path) = dependency.repository.strip_prefix("file://") else { continue };
        let there = match dir.join(path) {
            Ok(target) => {
                matches!(resolve(files, &target.child("Chart.yaml"))?, Ok(Some((_, Stat::File { .. }))))
            }
            // What lies outside the repository can't be known from here.
            Err(_) => false,
        };
        package.local.insert(dependency.repository, there);
    }
    Ok(package)
}
