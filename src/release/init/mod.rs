//! `init`: a config fitted to the repository, from what its own history shows. Only git's objects are asked.

mod carriers;
mod changelog;
mod chart_index;
mod charts;
mod found;
mod keys;
mod lines;
mod names;
mod past;
mod since;
mod tags;
mod values;
mod workflows;

use std::sync::Arc;

use anyhow::{Context as _, Result};

use super::plan::{Action, NewFile, Plan};
use crate::config::{self, CONFIG_FILE, Config};
use crate::domain::{Fail, RepoPath, SourceText};
use crate::engine::{Inspection, Judge, Judged, Report, Which};
use crate::git::Repo;
use crate::source::{self, Worktree};

pub use found::Fact;
use found::{Part, counted};
use past::Past;

/// The config's other name, which is not read.
const MISSPELLED: &str = ".relguard.yml";

/// What `init` comes to.
pub struct Init {
    /// What is written.
    pub plan: Plan,
    /// What was found, in the order of the config's keys.
    pub facts: Vec<Fact>,
    /// The config that is written; `None` where there is one already.
    pub config: Option<String>,
}

/// Plans to write a config, and with `workflows` the forge's workflows of the release process. `preview` says that
/// nothing will be written, so that it does not matter whether there is a config already, or no working tree.
pub fn init(repo: &Repo, preview: bool, workflows: bool) -> Result<Init> {
    if repo.is_shallow() {
        return Err(Fail::new("the clone's history is cut short, and the config is made from the history")
            .help("git fetch --unshallow --tags (in CI: fetch-depth: 0)")
            .into());
    }
    let standing = if workflows { standing_config(repo)? } else { None };
    if !preview && standing.is_none() {
        must_be_new(repo)?;
    }
    let mut plan = Plan::new("init", format!("write {CONFIG_FILE}"));
    let mut files = Vec::new();
    let (facts, text, config) = match standing {
        Some(config) => {
            plan.done.push(format!("{CONFIG_FILE} is there, and stays as it is"));
            (Vec::new(), None, config)
        }
        None => {
            let (parts, text, config) = fitted(repo)?;
            let (path, bytes) = (RepoPath::parse(CONFIG_FILE)?, text.clone().into_bytes());
            files.push(NewFile { path, before: None, bytes });
            plan.hints = findings(repo, config.clone())?;
            (parts.into_iter().flat_map(|part| part.facts).collect(), Some(text), config)
        }
    };
    if workflows {
        add_workflows(repo, &config, preview, &mut files, &mut plan)?;
    }
    if !files.is_empty() {
        let names: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
        plan.hints.push(format!("read what was written, then: git add {}", names.join(" ")));
        plan.actions.push(Action::WriteFiles(files));
    }
    if text.is_some() {
        plan.hints.push("guard this clone's commits and pushes: relguard install".to_owned());
    }
    Ok(Init { plan, facts, config: text })
}

/// The config on disk; the workflows are made for that where there is one.
fn standing_config(repo: &Repo) -> Result<Option<Config>> {
    match Worktree::new(repo) {
        Some(disk) => config::from_snapshot(&disk),
        None => Ok(None),
    }
}

/// Adds the workflows that are not there yet. One of the same name with another text is somebody's: it stays, and
/// nothing is written.
fn add_workflows(
    repo: &Repo,
    config: &Config,
    preview: bool,
    files: &mut Vec<NewFile>,
    plan: &mut Plan,
) -> Result<()> {
    let names = names::find(repo)?;
    let history = Past::of(repo, &names)?;
    let default = guarded_branch(repo, config, &names)?;
    let disk = Worktree::new(repo);
    let mut unpinned = None;
    for (path, text) in workflows::of(config, &default, &history.paths)? {
        let there = disk.as_ref().map(|disk| source::read(disk, &path)).transpose()?;
        let there = there.map(|read| {
            read.map_err(|why| Fail::new(format!("{path} can't be read: {why}")).help(why.way_out()))
        });
        let before = there.transpose()?.flatten().map(|file| file.bytes);
        match before {
            Some(bytes) if bytes == text.as_bytes() => plan.done.push(format!("{path} is there")),
            Some(_) if !preview => {
                return Err(Fail::new(format!(
                    "{path} is there with another content, and init overwrites nothing"
                ))
                .help("move it away, run init again, and compare the two")
                .into());
            }
            before => {
                unpinned = unpinned.or_else(|| workflows::unpinned(&text));
                files.push(NewFile { path, before, bytes: text.into_bytes() });
            }
        }
    }
    plan.hints.extend(unpinned);
    Ok(())
}

/// The default branch, for the gate; before the first commit the one that is checked out, where it has a usual name.
fn guarded_branch(repo: &Repo, config: &Config, names: &names::Names) -> Result<String> {
    let found =
        config.default_branch.clone().or_else(|| names.default.as_ref().map(|(name, _)| name.clone()));
    let unborn = || {
        let head = repo.head().ok().filter(|head| head.commit.is_none())?;
        head.branch.filter(|name| matches!(name.as_str(), "main" | "master"))
    };
    found.or_else(unborn).ok_or_else(|| {
        Fail::new("the gate guards the default branch, and nothing says which one that is: there is no HEAD of the remote, no main and no master")
            .help(format!(
                "ask the remote: git remote set-head {} --auto; or add `default-branch: NAME` to {CONFIG_FILE}, which \
                 init without --workflows writes",
                config.remote
            ))
            .into()
    })
}

/// Refuses where there is a config already, or nowhere to put one.
fn must_be_new(repo: &Repo) -> Result<()> {
    let disk = Worktree::new(repo).ok_or_else(|| {
        Fail::new("the repository is bare: there is no working tree to write the config to")
            .help("print it with: relguard init --dry-run --quiet")
    })?;
    for name in [CONFIG_FILE, MISSPELLED] {
        let there = source::Snapshot::stat(&disk, &RepoPath::parse(name)?)?.is_some();
        if there {
            return Err(Fail::new(format!("there is a {name} already, and init overwrites nothing"))
                .help(format!(
                    "compare: relguard init --dry-run --quiet | diff {name} -; to begin anew, move it away first"
                ))
                .into());
        }
    }
    Ok(())
}

/// The config with what it was made from. Each step builds on those before it.
fn fitted(repo: &Repo) -> Result<(Vec<Part>, String, Config)> {
    let mut names = names::find(repo)?;
    let history = Past::of(repo, &names)?;
    let [first, branches, mut tags] = std::mem::take(&mut names.parts);
    let charts = charts::find(&history)?;
    let carriers = carriers::find(&history, &charts)?;
    let changelog = changelog::find(&history)?;
    let index = chart_index::find(repo, &names)?;
    let mut parts = vec![first, charts.part, carriers, changelog, branches];
    let draft = {
        let own = tags.clone().below("tags");
        parse(&found::render(parts.iter().chain([&own, &index])))?
    };
    tags::find(&history, &names, &draft, &mut tags)?;
    parts.extend([tags.below("tags"), index]);
    let draft = parse(&found::render(&parts))?;
    if names.default.is_some() && !names.releases.is_empty() {
        let report = audit(repo, draft)?;
        parts.push(since::find(&names, &report));
    }
    let text = found::render(&parts);
    let config = parse(&text)?;
    Ok((parts, text, config))
}

/// The config that a text says: one that is not valid must never be written.
fn parse(text: &str) -> Result<Config> {
    let source = Arc::new(SourceText::new(RepoPath::parse(CONFIG_FILE)?, text));
    config::parse(&source).context("what the history shows makes no valid config; please report this")
}

fn audit(repo: &Repo, config: Config) -> Result<Report> {
    let judging = Judge::new(repo, Some(config.clone()));
    let (inspection, _) = Inspection::audit(repo, config, None)?;
    inspection.run(&judging)
}

/// What relguard finds by the new config, a line for each command.
fn findings(repo: &Repo, config: Config) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    let has_default = repo.default_branch(config.default_branch.as_deref(), &config.remote).is_some();
    let judging = Judge::new(repo, Some(config.clone()));
    if !repo.is_bare() {
        let state = judging.state(&Which::Worktree, None)?;
        let findings = state.findings_in(state.files())?;
        lines.push(outcome("check", &Report { scope: "worktree", findings, judged: Judged::default() }));
    }
    if has_default {
        lines.push(outcome("audit", &audit(repo, config)?));
    }
    Ok(lines)
}

/// What a command finds now, in one line.
fn outcome(command: &str, report: &Report) -> String {
    let (errors, warnings) = (report.errors(), report.warnings());
    let found = match (errors, warnings) {
        (0, 0) => "finds nothing".to_owned(),
        (0, warnings) => format!("finds {}", counted(warnings, "warning")),
        (errors, 0) => format!("finds {}", counted(errors, "error")),
        (errors, warnings) => {
            format!("finds {} and {}", counted(errors, "error"), counted(warnings, "warning"))
        }
    };
    format!("relguard {command} {found}")
}
