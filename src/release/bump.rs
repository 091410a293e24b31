//! `bump`: the next version, in the charts and in everything that carries it.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};

use super::plan::{Action, NewFile, Plan};
use super::preflight;
use crate::config::Config;
use crate::domain::{Fail, RepoPath, Version, parse_version, strip_v};
use crate::engine::{Judge, Judged, Report, judge};
use crate::finding::{Finding, Fix, Safety, Subject};
use crate::fix::{self, Mended};
use crate::git::Repo;
use crate::project::{Chart, Project, Scope};
use crate::source::{self, CommitFiles, MemoryFiles, Snapshot};

/// The rules whose fixes carry a version on from the charts.
const CARRIED: [&str; 3] = ["chart/app-version", "chart/values-sync", "chart/carrier-sync"];

/// The version to go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BumpTo {
    /// This one.
    Exactly(Version),
    /// The next x.0.0.
    Major,
    /// The next x.y.0.
    Minor,
    /// The next x.y.z; of a prerelease the release that it is for.
    Patch,
    /// The next release candidate of the same release.
    Rc,
    /// The release that a prerelease is for.
    Final,
}

impl BumpTo {
    /// What the command line says: a version with or without `v`, or one of the words.
    pub fn parse(text: &str) -> Result<Self, Fail> {
        Ok(match text {
            "major" => Self::Major,
            "minor" => Self::Minor,
            "patch" => Self::Patch,
            "rc" => Self::Rc,
            "final" => Self::Final,
            _ => Self::Exactly(version_argument(text)?),
        })
    }

    /// The version that follows `now`.
    pub fn after(&self, now: &Version) -> Result<Version, Fail> {
        let is_prerelease = !now.pre.is_empty();
        let release = Version::new(now.major, now.minor, now.patch);
        Ok(match self {
            Self::Exactly(version) => version.clone(),
            // A prerelease of that very kind of release becomes it.
            Self::Major if is_prerelease && (now.minor, now.patch) == (0, 0) => release,
            Self::Major => Version::new(now.major + 1, 0, 0),
            Self::Minor if is_prerelease && now.patch == 0 => release,
            Self::Minor => Version::new(now.major, now.minor + 1, 0),
            Self::Patch | Self::Final if is_prerelease => release,
            Self::Patch => Version::new(now.major, now.minor, now.patch + 1),
            Self::Final => {
                return Err(Fail::new(format!("{now} is no prerelease: it is final already"))
                    .help("name the next release: relguard bump patch, minor or major"));
            }
            Self::Rc => next_candidate(now, release)?,
        })
    }
}

/// A version of the command line, with or without `v`.
pub fn version_argument(text: &str) -> Result<Version, Fail> {
    parse_version(strip_v(text)).ok_or_else(|| {
        Fail::new(format!("`{text}` is no version: three numbers are needed, as in 1.2.0 or 1.2.0-rc.1"))
            .help("versions follow SemVer 2.0.0, with or without a leading v")
    })
}

/// -rc.N to -rc.N+1.
fn next_candidate(now: &Version, mut release: Version) -> Result<Version, Fail> {
    let number = now.pre.strip_prefix("rc.").and_then(|number| number.parse::<u64>().ok());
    let next =
        number.and_then(|number| semver::Prerelease::new(&format!("rc.{}", number.checked_add(1)?)).ok());
    match next {
        Some(next) => {
            release.pre = next;
            Ok(release)
        }
        None if now.pre.is_empty() => {
            Err(Fail::new(format!("{now} is final: no release candidate comes after it")).help(format!(
                "begin the next release: relguard bump {}.{}.0-rc.1",
                now.major,
                now.minor + 1
            )))
        }
        None => Err(Fail::new(format!("{now} is no release candidate of the form -rc.N"))
            .help(format!("name the candidate: relguard bump {release}-rc.1"))),
    }
}

/// Plans to set a version in every chart, and by the fixes of the rules in everything that carries it.
pub fn bump(judging: &Judge<'_>, to: &BumpTo, commit: bool) -> Result<Plan> {
    let repo = judging.repo();
    let disk = judging.worktree()?;
    let config = judging.standing_config()?;
    let set_on = |files: &dyn Snapshot| -> Result<(Version, Changed)> {
        let version = target(files, &config, repo, to)?;
        let changed = set(files, &config, repo, &version)?;
        Ok((version, changed))
    };
    if commit {
        preflight::must_be_idle(repo, "bump --commit")?;
        // A run before this one may have been cut off between the files and their commit.
        let head = repo.commit("HEAD")?;
        let (version, changed) = set_on(&CommitFiles::new(repo, head, Subject::commit("HEAD", head)))?;
        if preflight::changed_are(repo, &changed.files)? {
            let paths = changed.files.into_keys().collect();
            let mut plan = plan(&version, changed.report);
            plan.done.push(format!("the files carry {version}"));
            plan.actions.push(commit_of(paths, &version));
            return Ok(plan);
        }
        preflight::must_be_clean(repo, "bump --commit")?;
    }
    let (version, changed) = set_on(&disk)?;
    let mut plan = plan(&version, changed.report);
    let files = new_files(&disk, changed.files)?;
    if files.is_empty() {
        plan.done.push(format!("everything carries {version}"));
        return Ok(plan);
    }
    let paths = files.iter().map(|file| file.path.clone()).collect();
    plan.actions.push(Action::WriteFiles(files));
    plan.actions.extend(commit.then(|| commit_of(paths, &version)));
    plan.hints.push(format!("write its section of the changelog: relguard changelog {version}"));
    Ok(plan)
}

fn plan(version: &Version, report: Report) -> Plan {
    let title = format!("set the version to {version}");
    Plan { report, ..Plan::new("bump", title) }
}

fn commit_of(paths: Vec<RepoPath>, version: &Version) -> Action {
    Action::Commit { paths, message: format!("chore: set the version to {version}\n") }
}

/// The version to go to from a state's own; one that is released already is refused.
fn target(files: &dyn Snapshot, config: &Config, repo: &Repo, to: &BumpTo) -> Result<Version> {
    let now = current(files, config, repo)?;
    let version = match (to, &now) {
        (BumpTo::Exactly(version), _) => version.clone(),
        (_, Some(now)) => to.after(now)?,
        (_, None) => {
            return Err(Fail::new("the chart's version is not SemVer, so nothing follows it")
                .help("name the version: relguard bump 1.2.0")
                .into());
        }
    };
    let tag = config.tags.release.fill(&version);
    if now.as_ref() != Some(&version) && repo.find_ref(&format!("refs/tags/{tag}"))?.is_some() {
        return Err(Fail::new(format!("{version} is released already: the tag {tag} is there"))
            .help("name a version that comes after it")
            .into());
    }
    Ok(version)
}

/// The charts' version; `None` where it is not SemVer.
fn current(files: &dyn Snapshot, config: &Config, repo: &Repo) -> Result<Option<Version>> {
    let project = read(files, config, repo, None)?;
    if config.charts.is_none() {
        return Err(Fail::new(
            "the config says that there are no charts (`charts: []`): the tag alone carries the version",
        )
        .help("there is nothing to bump; go on with `relguard changelog VERSION` and `relguard tag VERSION`")
        .into());
    }
    let version = project.leading_chart().and_then(Chart::version);
    if project.charts.is_empty() {
        return Err(Fail::new("no chart was found, so there is no version to bump")
            .help("relguard check says where it was looked for")
            .into());
    }
    Ok(version.and_then(|field| parse_version(&field.value.text)))
}

/// What the files become, and what the rules find in that.
struct Changed {
    files: BTreeMap<RepoPath, Vec<u8>>,
    report: Report,
}

fn set(disk: &dyn Snapshot, config: &Config, repo: &Repo, version: &Version) -> Result<Changed> {
    let mut after = MemoryFiles::over(disk);
    let project = read(disk, config, repo, None)?;
    for chart in &project.charts {
        // One that can't be read is a finding below.
        let Ok(file) = &chart.file else { continue };
        let field = file.version().filter(|field| field.value.text != version.to_string());
        let Some(edit) = field.and_then(|field| file.set(&field, &version.to_string())) else { continue };
        let text = fix::apply(&file.source().text, &[&edit]).context("the chart's version can't be set")?;
        after.insert(edit.path, text.into_bytes());
    }
    let judged = |files: &dyn Snapshot| -> Result<Vec<Finding>> {
        let mut findings = judge(&read(files, config, repo, Some(disk))?, config);
        findings.retain(|finding| finding.rule.starts_with("chart/") && finding.rule != "chart/packageable");
        Ok(findings)
    };
    let wanted = |finding: &Finding, fix: &Fix| CARRIED.contains(&finding.rule) && fix.safety == Safety::Safe;
    let Mended { files, findings, .. } = fix::converge(&after, &judged, &wanted)?;
    let (mut all, _) = after.into_files();
    all.extend(files);
    let report = Report { scope: "worktree", findings, judged: Judged::charts(project.charts.len()) };
    Ok(Changed { files: all, report })
}

fn read(files: &dyn Snapshot, config: &Config, repo: &Repo, base: Option<&dyn Snapshot>) -> Result<Project> {
    let scope = Scope { base, repo: Some(repo), without_changelog: true, ..Scope::default() };
    Project::read(files, config, scope)
}

/// The new bytes of files, with the bytes that they must still have.
fn new_files(disk: &dyn Snapshot, files: BTreeMap<RepoPath, Vec<u8>>) -> Result<Vec<NewFile>> {
    let mut new = Vec::new();
    for (path, bytes) in files {
        let before = source::read(disk, &path)?.ok().flatten().map(|file| file.bytes);
        if before.as_ref() != Some(&bytes) {
            new.push(NewFile { path, before, bytes });
        }
    }
    Ok(new)
}
