//! `bump`: the next version, in the charts and in everything that carries it.

use anyhow::{Context as _, Result};

use super::plan::{Action, NewFile, Plan};
use super::preflight;
use super::version::carried;
use crate::config::Config;
use crate::domain::text::nearest;
use crate::domain::{Fail, RepoPath, SortedMap, Version, parse_version, strip_v};
use crate::engine::{Judge, Judged, Report, judge};
use crate::finding::{Finding, Fix, Safety, Subject};
use crate::fix::{self, Mended};
use crate::git::Repo;
use crate::project::{Project, Scope};
use crate::source::{self, CommitFiles, MemoryFiles, Snapshot};

/// What may stand for a version.
const WORDS: [&str; 5] = ["major", "minor", "patch", "rc", "final"];

/// The rules whose fixes carry a version on from the charts.
const CARRIED: [&str; 3] = ["chart/app-version", "chart/values-sync", "chart/carrier-sync"];

/// The rules that no commit of a new version passes without its section, be it one that is still to be written.
const SECTION: [&str; 2] = ["changelog/file", "changelog/section"];

/// How the message of the commit begins that sets a version.
pub(super) const SET_VERSION: &str = "chore: set the version to ";

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
            _ => match nearest(text, WORDS).filter(|_| !text.contains(|c: char| c.is_ascii_digit())) {
                Some(word) => {
                    return Err(Fail::new(format!(
                        "`{text}` is neither a version nor a word that bump knows"
                    ))
                    .help(format!("did you mean `{word}`? It takes a version, {}", WORDS.join(", "))));
                }
                None => Self::Exactly(version_argument(text)?),
            },
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
            Self::Major => Version::new(next(now.major)?, 0, 0),
            Self::Minor if is_prerelease && now.patch == 0 => release,
            Self::Minor => Version::new(now.major, next(now.minor)?, 0),
            Self::Patch | Self::Final if is_prerelease => release,
            Self::Patch => Version::new(now.major, now.minor, next(now.patch)?),
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
        Fail::new(format!("`{text}` is no version: three numbers are needed, none with a leading zero, as in 1.2.0 or 1.2.0-rc.1"))
            .help("versions follow SemVer 2.0.0, with or without a leading v")
    })
}

/// The number after one.
fn next(number: u64) -> Result<u64, Fail> {
    number.checked_add(1).ok_or_else(|| {
        Fail::new(format!("no number that a version can hold comes after {number}"))
            .help("name the version itself")
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
                now.minor.saturating_add(1)
            )))
        }
        None => Err(Fail::new(format!("{now} is no release candidate of the form -rc.N"))
            .help(format!("name the candidate: relguard bump {release}-rc.1"))),
    }
}

/// Plans to set a version in every chart, and by the fixes of the rules in everything that carries it.
pub fn bump(judging: &Judge<'_>, to: &BumpTo, commit: bool) -> Result<Plan> {
    let repo = judging.repo();
    let disk = &*judging.checked_out()?;
    let config = judging.standing_config()?;
    let branch = repo.head()?.branch;
    let set_on = |files: &dyn Snapshot| -> Result<(Version, Changed)> {
        let version = target(files, &config, repo, to)?;
        let elsewhere = judging.keeps_changelog_elsewhere(&config, branch.as_deref(), &version);
        let with_section = commit && !elsewhere?;
        let changed = Setting { config: &config, repo, with_section }.set(files, &version)?;
        Ok((version, changed))
    };
    if commit {
        preflight::must_be_idle(repo, "bump --commit")?;
        // A run before this one may have been cut off between the files and their commit.
        let head = repo.head()?.commit.ok_or_else(no_commit)?;
        let (version, changed) = set_on(&CommitFiles::new(repo, head, Subject::commit("HEAD", head)))?;
        if let Some(left) = preflight::left_to_write(repo, &changed.files)? {
            let paths = changed.files.keys().cloned().collect();
            let mut files = changed.files;
            files.retain(|path, _| left.contains(path));
            let mut plan = plan(&version, changed.report);
            let files = new_files(disk, files)?;
            if files.is_empty() {
                plan.done.push(format!("the files carry {version}"));
            } else {
                plan.actions.push(Action::WriteFiles(files));
            }
            plan.actions.push(commit_of(paths, &version));
            return Ok(plan);
        }
        preflight::must_be_clean(repo, "bump --commit")?;
    }
    let (version, changed) = set_on(disk)?;
    let mut plan = plan(&version, changed.report);
    let files = new_files(disk, changed.files)?;
    if files.is_empty() {
        plan.done.push(format!("everything carries {version}"));
        return Ok(plan);
    }
    if commit {
        preflight::must_be_tracked(repo, &files)?;
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
    Action::Commit { paths, message: format!("{SET_VERSION}{version}\n") }
}

fn no_commit() -> Fail {
    Fail::new("there is no commit yet, so nothing can be committed on top of it")
        .help("commit the project's files first: git add, git commit")
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
    if config.charts.is_none() {
        return Err(Fail::new(
            "the config says that there are no charts (`charts: []`): the tag alone carries the version",
        )
        .help("there is nothing to bump; go on with `relguard changelog VERSION` and `relguard tag VERSION`")
        .into());
    }
    let carried = carried(files, config, repo)?;
    if carried.is_nothing() {
        return Err(Fail::new("no chart was found, so there is no version to bump")
            .help("relguard check says where it was looked for")
            .into());
    }
    Ok(carried.version())
}

/// What the files become, and what the rules find in that.
struct Changed {
    files: SortedMap<RepoPath, Vec<u8>>,
    report: Report,
}

/// How a version is set.
struct Setting<'a> {
    config: &'a Config,
    repo: &'a Repo,
    /// Whether its section in the changelog is begun, too.
    with_section: bool,
}

impl Setting<'_> {
    fn set(&self, before: &dyn Snapshot, version: &Version) -> Result<Changed> {
        let mut after = MemoryFiles::over(before);
        let project = Project::read(before, self.config, scope(self.repo))?;
        for chart in &project.charts {
            // One that can't be read is a finding below.
            let Ok(file) = &chart.file else { continue };
            let field = file.version().filter(|field| field.value.text != version.to_string());
            let Some(field) = field else { continue };
            let Some(edit) = file.set(&field, &version.to_string()) else {
                let at = field.value.location.start().line;
                return Err(Fail::new(format!(
                    "the version in {}:{at} is written as a block",
                    file.source().path
                ))
                .help("write it on the line of its key, as in `version: 1.2.0`")
                .into());
            };
            let text =
                fix::apply(&file.source().text, &[&edit]).context("the chart's version can't be set")?;
            after.insert(edit.path, text.into_bytes());
        }
        let carried = |rule: &str| CARRIED.contains(&rule) || (self.with_section && SECTION.contains(&rule));
        let matters =
            |rule: &str| (rule.starts_with("chart/") && rule != "chart/packageable") || carried(rule);
        let judged = |files: &dyn Snapshot| -> Result<Vec<Finding>> {
            let scope =
                Scope { base: Some(before), without_changelog: !self.with_section, ..scope(self.repo) };
            let mut findings = judge(&Project::read(files, self.config, scope)?, self.config);
            findings.retain(|finding| matters(finding.rule));
            Ok(findings)
        };
        let wanted = |finding: &Finding, fix: &Fix| carried(finding.rule) && fix.safety == Safety::Safe;
        let Mended { files, findings, .. } = fix::converge(&after, &judged, &wanted)?.whole()?;
        let (mut all, _) = after.into_files();
        all.extend(files);
        let report = Report { scope: "worktree", findings, judged: Judged::charts(project.charts.len()) };
        Ok(Changed { files: all, report })
    }
}

fn scope(repo: &Repo) -> Scope<'_> {
    Scope { repo: Some(repo), without_changelog: true, ..Scope::default() }
}

/// The new bytes of files, with the bytes that they must still have.
fn new_files(disk: &dyn Snapshot, files: SortedMap<RepoPath, Vec<u8>>) -> Result<Vec<NewFile>> {
    let mut new = Vec::new();
    for (path, bytes) in files {
        let before = source::read(disk, &path)?.ok().flatten().map(|file| file.bytes);
        if before.as_ref() != Some(&bytes) {
            new.push(NewFile { path, before, bytes });
        }
    }
    Ok(new)
}
