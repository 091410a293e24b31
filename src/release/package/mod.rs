//! `package`: the charts of a commit as archives, the same bytes wherever and whenever they are made.

mod build;
mod fetched;
mod pick;
mod write;

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::plan::{Action, Plan};
use crate::config::Config;
use crate::document::hex_sha256;
use crate::document::packed::PackedChart;
use crate::domain::text::visible;
use crate::domain::{Fail, Oid, SortedMap, order};
use crate::engine::{Judge, Judged, judge};
use crate::finding::{Finding, Location, Severity};
use crate::git::Repo;
use crate::project::{Chart, Project, Scope};
use crate::source::{Snapshot, Worktree, outside};
use build::{Built, Missing, build};
use pick::Picked;

pub use fetched::Fetched;

/// A chart's archive that was made.
#[derive(Debug)]
pub struct Packaged {
    /// Where it is written to.
    pub path: PathBuf,
    /// The chart's folder.
    pub chart: String,
    /// The chart's name.
    pub name: String,
    /// The chart's version.
    pub version: String,
    /// The commit that it was made from.
    pub commit: Oid,
    /// How many files it holds.
    pub files: usize,
    /// Its size in bytes.
    pub size: usize,
    /// The SHA-256 of its bytes, in hex.
    pub sha256: String,
    /// The dependencies in it that are not the commit's.
    pub fetched: Vec<Fetched>,
}

/// What `package` comes to.
#[derive(Debug)]
pub struct Packaging {
    /// The plan that writes the archives.
    pub plan: Plan,
    /// The archives; empty where the rules refuse it.
    pub archives: Vec<Packaged>,
    /// The dependencies for which it is refused and that can be fetched: they are neither in the commit nor, as it locks
    /// them, on disk.
    pub missing: Vec<Absent>,
}

/// A dependency that is not at hand.
#[derive(Debug)]
pub struct Absent {
    /// The folder of the chart that asks for it.
    pub chart: String,
    /// Its name.
    pub name: String,
    /// Where it comes from; `None` where nothing says so.
    pub repository: Option<String>,
}

/// Plans to write the archives of all charts of a commit into a folder: of the tag, branch or commit `rev`,
/// else of what is checked out. `progress` is told what is done, where it may take a while.
pub fn package(
    judging: &Judge<'_>,
    rev: Option<&str>,
    folder: &Path,
    progress: &mut dyn FnMut(&str),
) -> Result<Packaging> {
    write_plan(make(judging, rev, folder, progress)?)
}

/// The archives of a commit's charts, and a plan that does not write them yet.
pub(super) struct Made {
    pub(super) plan: Plan,
    /// Each with its bytes; none where the rules refuse it.
    pub(super) archives: Vec<(Packaged, Vec<u8>)>,
    missing: Vec<Absent>,
}

impl Made {
    /// The rules refuse it.
    fn refused(plan: Plan) -> Self {
        Self { plan, archives: Vec::new(), missing: Vec::new() }
    }
}

/// Makes the archives of all charts of a commit.
pub(super) fn make(
    judging: &Judge<'_>,
    rev: Option<&str>,
    folder: &Path,
    progress: &mut dyn FnMut(&str),
) -> Result<Made> {
    let picked = Picked::find(judging, rev)?;
    let files = picked.files(judging.repo());
    let config = picked.config(judging)?;
    if config.charts.is_none() {
        return Err(Fail::new("the config says that there are no charts (`charts: []`)")
            .help("there is nothing to package; list the charts in .relguard.yaml where there are some")
            .into());
    }
    let tag = picked.version(&config);
    let scope =
        Scope { repo: Some(judging.repo()), tag: tag.as_ref(), without_changelog: true, ..Scope::default() };
    let project = Project::read(&files, &config, scope)?;
    let mut plan = judged(&project, &config, format!("package {}", picked.words()));
    if plan.report.errors() > 0 {
        return Ok(Made::refused(plan));
    }
    if project.charts.is_empty() {
        return Err(Fail::new(format!("{} has no chart to package", picked.words()))
            .help("list the charts in .relguard.yaml (charts: [{path: FOLDER}])")
            .into());
    }
    let time = judging.repo().commit_time(picked.commit)?;
    let disk = Worktree::new(judging.repo());
    let disk = disk.as_ref().map(|disk| disk as &dyn Snapshot);
    let mut made = Vec::new();
    let mut missing = Vec::new();
    for chart in &project.charts {
        progress(&format!("package {}", chart.dir));
        names_must_be_text(judging.repo(), &picked, chart)?;
        let built = build(&files, disk, chart)?;
        for (fetched, at) in &built.fetched {
            plan.notes.push(fetched.words());
            plan.report.findings.retain(|finding| !is_absence(finding, at));
        }
        if built.missing.is_empty() {
            let bytes = write::archive(&built.chart, time)?;
            made.push((packaged(built, &bytes, chart, (picked.commit, folder)), bytes));
        } else {
            missing.extend(built.missing);
        }
    }
    if !missing.is_empty() {
        let mut refused = Made::refused(plan);
        let findings = &mut refused.plan.report.findings;
        for missing in missing {
            let can_be_fetched = missing.can_be_fetched;
            let absent = refuse(findings, missing);
            refused.missing.extend(Some(absent).filter(|_| can_be_fetched));
        }
        order::sort_by(findings, Finding::order);
        return Ok(refused);
    }
    Ok(Made { plan, archives: made, missing: Vec::new() })
}

fn packaged(built: Built, bytes: &[u8], chart: &Chart, (commit, folder): (Oid, &Path)) -> Packaged {
    let Built { chart: PackedChart { name, version, .. }, .. } = &built;
    let file = format!("{name}-{version}.tgz");
    Packaged {
        path: if folder == Path::new(".") { PathBuf::from(&file) } else { folder.join(&file) },
        chart: chart.dir.to_string(),
        commit,
        files: built.chart.count(),
        size: bytes.len(),
        sha256: hex_sha256(bytes),
        name: name.clone(),
        version: version.clone(),
        fetched: built.fetched.into_iter().map(|(fetched, _)| fetched).collect(),
    }
}

/// The step, with what the rules say of the charts.
fn judged(project: &Project, config: &Config, title: String) -> Plan {
    let mut plan = Plan::new("package", title);
    plan.report.judged = Judged::charts(project.charts.len());
    plan.report.findings = judge(project, config);
    plan.report
        .findings
        .retain(|finding| finding.rule.starts_with("chart/") || finding.rule == "tag/version");
    plan
}

/// Refuses a chart's folder with a name that is not UTF-8: the file would be left out in silence.
fn names_must_be_text(repo: &Repo, picked: &Picked, chart: &Chart) -> Result<()> {
    match repo.tree(picked.commit).odd_name(&chart.dir)? {
        Some(name) => Err(Fail::new(format!(
            "{} can't be packaged: the name of a file in it is not UTF-8: {}",
            chart.dir,
            visible(&name)
        ))
        .help("git mv it to another name")
        .into()),
        None => Ok(()),
    }
}

/// Whether a finding says of the dependency at a place that it is not there.
fn is_absence(finding: &Finding, place: &Location) -> bool {
    let at = finding.location.as_ref().map(|at| (at.path(), &at.range));
    let is_there = at == Some((place.path(), &place.range));
    finding.rule == "chart/packageable" && finding.excepted.is_none() && is_there
}

/// A dependency that is not at hand is a warning elsewhere, as a pipeline may bring it; this can't.
fn refuse(findings: &mut Vec<Finding>, missing: Missing) -> Absent {
    let Missing { absent, at, subject, lacking, .. } = missing;
    let message = format!("the dependency {} is not in charts/{}", absent.name, lacking.why);
    let (message, help) = (visible(&message).into_owned(), visible(&lacking.help).into_owned());
    if let Some(finding) = findings.iter_mut().find(|finding| is_absence(finding, &at)) {
        finding.severity = Severity::Error;
        finding.message = message;
        finding.help = Some(help);
        return absent;
    }
    findings.push(Finding {
        rule: "chart/packageable",
        severity: Severity::Error,
        message,
        help: Some(help),
        subject,
        location: Some(at),
        related: Vec::new(),
        fix: None,
        excepted: None,
    });
    absent
}

/// What is to be written of what was made: an archive that is there already stays, one with other bytes is
/// not overwritten.
fn write_plan(Made { mut plan, archives: made, missing }: Made) -> Result<Packaging> {
    let mut files: SortedMap<PathBuf, Vec<u8>> = SortedMap::new();
    let mut archives: Vec<Packaged> = Vec::new();
    for (packaged, bytes) in made {
        if let Some(other) = archives.iter().find(|other| other.path == packaged.path) {
            return Err(Fail::new(format!(
                "{} and {} would both be {}",
                other.chart,
                packaged.chart,
                packaged.path.display()
            ))
            .help("give the charts names of their own")
            .into());
        }
        let file_name = format!("{}-{}.tgz", packaged.name, packaged.version);
        let sum = packaged.path.with_file_name(format!("{file_name}.sha256"));
        let line = format!("{}  {file_name}\n", packaged.sha256);
        for (path, bytes) in [(packaged.path.clone(), bytes), (sum, line.into_bytes())] {
            if is_there(&path, &bytes)? {
                plan.done.push(format!("{} is there", path.display()));
            } else {
                files.insert(path, bytes);
            }
        }
        archives.push(packaged);
    }
    if !files.is_empty() {
        plan.actions.push(Action::PutFiles(files));
    }
    Ok(Packaging { plan, archives, missing })
}

/// Whether a file is there with these bytes; refuses where it has others.
fn is_there(path: &Path, bytes: &[u8]) -> Result<bool> {
    match outside::holds(path, bytes) {
        Ok(Some(true)) => Ok(true),
        Ok(None) => Ok(false),
        Ok(Some(false)) => Err(Fail::new(format!("{} is there already, with other bytes", path.display()))
            .help("a published archive never changes: release another version, or remove the file if it was never published")
            .into()),
        Err(error) => Err(Fail::new(format!("{} can't be read: {error}", path.display()))
            .help("-d takes a folder that can be written to")
            .into()),
    }
}
