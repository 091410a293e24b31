use std::sync::Arc;

use anyhow::Result;

use super::{Lead, Leader, Package, Scope, load, package};
use crate::config::{ChartConfig, Config};
use crate::document::chart::{ChartFile, Field};
use crate::document::yaml::{self, Yaml};
use crate::document::{Broken, Parsed};
use crate::domain::{RepoPath, SourceText, order, parse_version};
use crate::finding::Location;
use crate::git::Repo;
use crate::source::{Snapshot, Stat, resolve};

/// How many folders deep a chart is looked for that the config does not name.
const SEARCH_DEPTH: usize = 6;

/// A chart of the project.
#[derive(Debug)]
pub struct Chart {
    /// Its folder.
    pub dir: RepoPath,
    /// What the config says of it.
    pub config: ChartConfig,
    /// Its Chart.yaml.
    pub file: Parsed<ChartFile>,
    /// The values files that keys are looked for in, each once.
    pub values: Vec<ValuesFile>,
    /// What `helm package` would meet.
    pub package: Package,
    /// The same chart in the state that this one is compared with.
    pub base: Option<BaseChart>,
}

/// A values file of a chart.
#[derive(Debug)]
pub struct ValuesFile {
    /// Its name, as the config writes it.
    pub name: String,
    /// Its path.
    pub path: RepoPath,
    /// Its content; `Ok(None)` where it is missing.
    pub content: Parsed<Option<Yaml>>,
}

/// A chart as it was in the state that is compared with.
#[derive(Debug, Clone)]
pub struct BaseChart {
    /// `version` there.
    pub version: Option<String>,
    /// `appVersion` there.
    pub app_version: Option<String>,
    /// Whether that version has a tag: then it is released.
    pub is_tagged: bool,
}

/// A chart that is looked for and not found.
#[derive(Debug)]
pub struct MissingChart {
    /// The path or glob that found nothing.
    pub pattern: String,
    /// Where the config lists it.
    pub at: Option<Location>,
    /// Why it may be missing though the project has it.
    pub absence: Option<String>,
    /// The folders that do hold a Chart.yaml; looked for once, where no chart at all is found.
    pub elsewhere: Vec<RepoPath>,
}

impl Chart {
    /// `version` of Chart.yaml; `None` where the file can't be read or has none.
    pub fn version(&self) -> Option<Field> {
        self.file.as_ref().ok()?.version()
    }

    /// Whether `appVersion` is compared with `version`.
    pub fn compares_app_version(&self) -> bool {
        self.config.app_version.is_some() && !self.file.as_ref().is_ok_and(ChartFile::is_library)
    }

    /// Who leads where `version` and `appVersion` disagree; `None` where they don't, or are not compared.
    pub fn lead(&self) -> Option<Lead> {
        let file = self.file.as_ref().ok()?;
        let template = self.config.app_version.as_ref().filter(|_| self.compares_app_version())?;
        let version = file.version()?.value.text;
        let app_version = file.app_version().map(|field| field.value.text);
        let expected = template.fill_text(&version)?;
        let differ = app_version.as_deref() != Some(expected.as_str());
        differ.then(|| Lead::of(&version, app_version.as_deref(), template, self.base.as_ref()))
    }

    /// Whether it is certain that `version` is the chart's version: it is SemVer and nothing disputes it.
    pub fn is_settled(&self) -> bool {
        let semver = self.version().is_some_and(|field| parse_version(&field.value.text).is_some());
        semver && self.lead().is_none_or(|lead| lead.certain && lead.leader == Leader::Version)
    }

    /// The values file of a name.
    pub fn values_file(&self, name: &str) -> Option<&ValuesFile> {
        self.values.iter().find(|file| file.name == name)
    }
}

/// Reads the charts that the config names.
pub(super) fn read(
    files: &dyn Snapshot,
    config: &Config,
    scope: Scope<'_>,
) -> Result<(Vec<Chart>, Vec<MissingChart>)> {
    let mut charts: Vec<Chart> = Vec::new();
    let mut missing = Vec::new();
    for chart in config.charts.patterns() {
        let dirs = find(files, chart)?;
        if dirs.is_empty() {
            missing.push(missing_chart(files, chart)?);
        }
        for dir in dirs {
            if charts.iter().all(|other| other.dir != dir) {
                charts.push(read_chart(files, config, chart, &dir, scope)?);
            }
        }
    }
    if charts.is_empty()
        && let Some(first) = missing.first_mut()
    {
        // What can't be looked into holds nothing worth naming: the finding stands without.
        first.elsewhere = files.chart_folders(SEARCH_DEPTH).unwrap_or_default();
    }
    Ok((charts, missing))
}

/// The folders that a chart's path or glob names and that hold a Chart.yaml.
fn find(files: &dyn Snapshot, chart: &ChartConfig) -> Result<Vec<RepoPath>> {
    if chart.path.is_literal() {
        let dir = RepoPath::parse(chart.path.as_str())?;
        let there = exists(files, &dir.child("Chart.yaml"))?;
        return Ok(if there { vec![dir] } else { Vec::new() });
    }
    let folder = RepoPath::parse(chart.path.literal_folder())?;
    let mut dirs = Vec::new();
    for (path, stat) in files.walk(&folder, chart.path.depth().unwrap_or(usize::MAX))? {
        let may_be_folder = matches!(stat, Stat::Folder | Stat::Symlink);
        if may_be_folder && chart.path.matches(path.as_str()) && exists(files, &path.child("Chart.yaml"))? {
            dirs.push(path);
        }
    }
    Ok(dirs)
}

/// Whether something stands at a path, be it a file, a folder or a link that leads nowhere.
fn exists(files: &dyn Snapshot, path: &RepoPath) -> Result<bool> {
    Ok(!matches!(resolve(files, path)?, Ok(None)))
}

fn missing_chart(files: &dyn Snapshot, chart: &ChartConfig) -> Result<MissingChart> {
    let path = chart.path.as_str();
    let folder = if chart.path.is_literal() { path } else { chart.path.literal_folder() };
    let absence = files.absence(&RepoPath::parse(folder)?);
    let pattern = if path.is_empty() { "." } else { path }.to_owned();
    Ok(MissingChart { pattern, at: chart.at.clone(), absence, elsewhere: Vec::new() })
}

fn read_chart(
    files: &dyn Snapshot,
    config: &Config,
    chart: &ChartConfig,
    dir: &RepoPath,
    scope: Scope<'_>,
) -> Result<Chart> {
    let path = dir.child("Chart.yaml");
    let source = load(files, &path)?;
    let base = match scope.base {
        Some(base) => read_base(base, config, &path, &source, scope)?,
        None => None,
    };
    let file = match source {
        Ok(Some(source)) => ChartFile::parse(&source),
        Ok(None) => {
            Err(Broken { location: Location::file(&path), cause: "it is missing".to_owned(), help: None })
        }
        Err(broken) => Err(broken),
    };
    let package = package::read(files, dir, file.as_ref().ok())?;
    Ok(Chart {
        dir: dir.clone(),
        config: chart.clone(),
        values: read_values(files, chart, dir)?,
        file,
        package,
        base,
    })
}

fn read_base(
    base: &dyn Snapshot,
    config: &Config,
    path: &RepoPath,
    now: &Parsed<Option<Arc<SourceText>>>,
    scope: Scope<'_>,
) -> Result<Option<BaseChart>> {
    let Ok(Some(before)) = load(base, path)? else { return Ok(None) };
    let Ok(file) = ChartFile::parse(&before) else { return Ok(None) };
    let text = |field: Option<Field>| field.map(|field| field.value.text);
    let version = text(file.version());
    // The tags are asked only where the version may have changed.
    let unchanged = matches!(now, Ok(Some(now)) if now.text == before.text);
    let is_tagged = !unchanged
        && version.as_deref().is_some_and(|version| {
            let tag = parse_version(version).map(|version| config.tags.release.fill(&version));
            let named = |(repo, tag): (&Repo, _)| repo.find_ref(&format!("refs/tags/{tag}"));
            scope.repo.zip(tag).is_some_and(|both| named(both).is_ok_and(|id| id.is_some()))
        });
    Ok(Some(BaseChart { version, app_version: text(file.app_version()), is_tagged }))
}

fn read_values(files: &dyn Snapshot, chart: &ChartConfig, dir: &RepoPath) -> Result<Vec<ValuesFile>> {
    let mut names: Vec<&str> = match &chart.values {
        Some(keys) => keys.iter().map(|key| key.file.as_str()).collect(),
        None => vec!["values.yaml"],
    };
    order::sort(&mut names);
    names.dedup();
    let read = names.into_iter().map(|name| {
        let path = dir.join(name)?;
        let content = match load(files, &path)? {
            Ok(Some(source)) => yaml::parse(&source).and_then(|tree| tree.top_mapping().map(|_| Some(tree))),
            Ok(None) => Ok(None),
            Err(broken) => Err(broken),
        };
        Ok(ValuesFile { name: name.to_owned(), path, content })
    });
    read.collect()
}
