//! What is published, as a step needs to know it: from this clone, held against what the remote says now.

use std::collections::BTreeMap;

use anyhow::Result;

use super::version;

use crate::config::Config;
use crate::domain::{Fail, MinorLine, Oid, Version, parse_version};
use crate::engine::{Inspection, Judge, Report, must_have_default};
use crate::finding::Subject;
use crate::git::{RefUpdate, Repo};
use crate::project::refs::RefView;
use crate::project::{Chart, Project, Scope};
use crate::source::{CommitFiles, Snapshot};

/// What is published.
pub(super) struct Published<'a> {
    judging: &'a Judge<'a>,
    /// The config of the default branch as it is published.
    pub(super) config: Config,
    /// The refs as they are published, as far as this clone knows.
    pub(super) view: RefView,
    /// The default branch's name.
    pub(super) default: String,
    /// Its newest commit.
    pub(super) default_tip: Oid,
    /// The remote; `None` where there is none, and this repository is all there is.
    pub(super) remote: Option<String>,
}

impl<'a> Published<'a> {
    /// Reads what this clone knows.
    pub(super) fn read(judging: &'a Judge<'a>) -> Result<Self> {
        let repo = judging.repo();
        let name = judging.standing_config()?.remote;
        let remote = repo.config(&format!("remote.{name}.url")).map(|_| name.clone());
        let view = match &remote {
            Some(remote) => RefView::of_remote(repo, Some(remote))?,
            None => RefView::of_repository(repo, &name)?,
        };
        let config = judging.config_of_default(&view)?.map_or_else(Config::built_in, Ok)?;
        must_have_default(&config, &[&view])?;
        let found = view.default_branch(config.default_branch.as_deref());
        let tip = found.and_then(|name| Some((name.to_owned(), view.branches.get(name)?.judged()?)));
        let Some((default, default_tip)) = tip else {
            return Err(Fail::new("there is no default branch that is published")
                .help("push it first, or fetch it: git fetch origin && git remote set-head origin --auto")
                .into());
        };
        Ok(Self { judging, config, view, default, default_tip, remote })
    }

    pub(super) fn repo(&self) -> &'a Repo {
        self.judging.repo()
    }

    /// The published tip of a branch; `None` where it is not published.
    pub(super) fn tip(&self, branch: &str) -> Option<Oid> {
        self.view.branches.get(branch)?.judged()
    }

    /// What the remote says that these refs are now, by their full names; nothing without a remote.
    pub(super) fn ask(&self, names: &[&str]) -> Result<BTreeMap<String, Oid>> {
        let Some(remote) = &self.remote else { return Ok(BTreeMap::new()) };
        self.repo().ask_remote(remote, names)
    }

    /// Refuses where the remote has another tip of a branch than this clone knows of. `asked` is what the
    /// remote said.
    pub(super) fn must_be_fresh(&self, branch: &str, asked: &BTreeMap<String, Oid>) -> Result<()> {
        let Some(remote) = &self.remote else { return Ok(()) };
        let (there, here) = (asked.get(&format!("refs/heads/{branch}")), self.tip(branch));
        if there.copied() == here {
            return Ok(());
        }
        let what = match there {
            Some(there) => {
                format!("{remote} has {branch} at {}, which this clone does not know of", there.short())
            }
            None => format!("{remote} no longer has {branch}"),
        };
        Err(Fail::new(what)
            .help(format!("git fetch --prune {remote}, then run the same command again"))
            .into())
    }

    /// The version that the first chart has at a commit; `None` where it is not SemVer.
    pub(super) fn version_at(&self, commit: Oid) -> Result<Option<Version>> {
        let files = CommitFiles::new(self.repo(), commit, Subject::commit(&commit.short(), commit));
        chart_version(&files, &self.config, self.repo())
    }

    /// What the rules say if a ref were published with this object.
    pub(super) fn judge(&self, name: &str, object: Oid) -> Result<Report> {
        let update = RefUpdate { name: name.to_owned(), old: None, new: Some(object) };
        Inspection::of_planned(&self.view, &[update], self.config.clone()).run(self.judging)
    }
}

/// The version of a state's first chart; `None` where it is not SemVer.
pub(super) fn chart_version(files: &dyn Snapshot, config: &Config, repo: &Repo) -> Result<Option<Version>> {
    let scope = Scope { repo: Some(repo), without_changelog: true, ..Scope::default() };
    let project = Project::read(files, config, scope)?;
    let version = project.leading_chart().and_then(Chart::version);
    Ok(version.and_then(|field| parse_version(&field.value.text)))
}

/// The release that a command is about: the one that it names, else the one of the charts on disk.
pub(super) fn version_or_charts(judging: &Judge<'_>, named: Option<&Version>) -> Result<Version> {
    match named {
        Some(version) => Ok(version.clone()),
        None => version::asked(None, &judging.worktree()?, &judging.standing_config()?),
    }
}

/// The minor line that an argument names: 1.2.
pub fn line_argument(text: &str) -> Result<MinorLine, Fail> {
    let number = |text: &str| text.parse::<u64>().ok().filter(|number| number.to_string() == text);
    let (major, minor) = text.strip_prefix('v').unwrap_or(text).split_once('.').unwrap_or_default();
    match (number(major), number(minor)) {
        (Some(major), Some(minor)) => Ok(MinorLine { major, minor }),
        _ => Err(Fail::new(format!("`{text}` is no minor line")).help("name two numbers, as in 1.2")),
    }
}
