//! `changelog`: a release's section, from the commits since the release before it.

mod earlier;
mod entries;
mod fold;
mod lines;
mod message;
mod picked;
mod present;
mod range;
mod render;
mod said;
mod same;
mod template;
mod write;

use std::rc::Rc;

use anyhow::Result;

use super::plan::{Action, NewFile, Plan};
use super::version;
use crate::config::{Config, On};
use crate::domain::{Date, Fail, Forge, MinorLine, Oid, Version};
use crate::engine::{Judge, Judged, Report};
use crate::finding::Subject;
use crate::git::Repo;
use crate::source::CommitFiles;
use entries::Entry;
use range::Range;

pub use template::{Template, read_template};

use super::bump::SET_VERSION;

/// How the message of the commit begins that brings a section.
pub(super) const WRITE_CHANGELOG: &str = "docs: write the changelog of ";

/// What is asked of the changelog.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked<'a> {
    /// The release; `None`: the chart's version.
    pub version: Option<&'a str>,
    /// The revision where its changes begin; `None`: the release before it.
    pub from: Option<&'a str>,
    /// Whether what stands in the section is given up.
    pub replace: bool,
    /// The project's own form of the section.
    pub template: Option<&'a Template>,
    /// Whether the section is only looked at.
    pub only_shown: bool,
}

/// A section as it comes to stand in its file.
#[derive(Debug)]
pub struct Written {
    /// What writes it.
    pub plan: Plan,
    /// The release.
    pub version: Version,
    /// The section, its heading with it.
    pub section: String,
}

/// What a release brings.
struct News {
    range: Range,
    entries: Vec<Rc<Entry>>,
    contributors: Vec<String>,
    forge: Option<Forge>,
    tag: String,
    date: Date,
}

/// Plans to write a release's section into the changelog of its minor line.
pub fn changelog(judging: &Judge<'_>, asked: &Asked<'_>) -> Result<Written> {
    let repo = judging.repo();
    let disk = &*judging.checked_out()?;
    let config = judging.standing_config()?;
    let Some(place) = &config.changelog else {
        return Err(Fail::new("the config says that the project keeps no changelog (`changelog: false`)")
            .help("take that out of .relguard.yaml, or say where the changelog is")
            .into());
    };
    let version = version::asked(asked.version, disk, &config, repo)?;
    let tip = released_from(repo, &config, place.on, &version)?;
    let tip = tip.as_ref().map(|(name, tip)| (name.as_str(), *tip));
    let news = News::read(repo, &config, &version, asked.from, tip)?;
    let draft =
        write::write(&write::Target { repo, disk, config: &config, version: &version, asked, news: &news })?;
    let report = Report { scope: "worktree", findings: draft.findings, judged: Judged::charts(draft.charts) };
    let mut plan = Plan { report, ..Plan::new("changelog", format!("write the section for {version}")) };
    if let Some(tag) = &news.range.all_in {
        plan.notes
            .push(format!("nothing is new in {version}: {tag} is at the same commit, and has all of it"));
    }
    if let Some(new) = draft.file {
        if let Some(tag) = news.range.tag.as_ref().filter(|_| !asked.replace && !asked.only_shown) {
            return Err(Fail::new(format!("{tag} is released, and its section would change"))
                .help("--stdout prints it; --replace writes it anew")
                .into());
        }
        plan.hints.push(if news.entries.is_empty() {
            format!("write down what changed: {} brings nothing to tell", news.range.words())
        } else {
            format!("look it over, then commit {}", new.path)
        });
        plan.actions.push(Action::WriteFiles(vec![new]));
    } else if plan.report.errors() == 0 {
        plan.done.push(format!("the section for {version} has every change of {}", news.range.words()));
    }
    if place.on == On::DefaultBranch {
        let default = repo.default_branch(config.default_branch.as_deref(), &config.remote);
        let branch = repo.head()?.branch;
        if let Some((name, _)) = default.filter(|(name, _)| branch.as_ref() != Some(name)) {
            plan.hints.push(format!("this project keeps its changelog on {name}: bring it there"));
        }
    }
    Ok(Written { plan, version, section: draft.section })
}

/// The release branch with its newest commit, where the changelog is kept on the default branch: what is checked out
/// there is not what is released. `None` before the branch is cut, and where it is checked out itself.
fn released_from(repo: &Repo, config: &Config, on: On, version: &Version) -> Result<Option<(String, Oid)>> {
    let branch = config.branches.release.fill_line(MinorLine::from(version));
    if on != On::DefaultBranch || repo.head()?.branch.as_ref() == Some(&branch) {
        return Ok(None);
    }
    let tip = match repo.remote_branch(&config.remote, &branch) {
        Some(tip) => Some(tip),
        None => repo.find_ref(&format!("refs/heads/{branch}"))?,
    };
    Ok(tip.map(|tip| (branch, tip)))
}

/// How many changes of a release that is made at a branch's tip the section does not tell that is in the files of
/// the commit `kept`; none where it needs no section and has none.
pub(super) fn untold(
    repo: &Repo,
    config: &Config,
    version: &Version,
    made: (&str, Oid),
    kept: Oid,
) -> Result<usize> {
    let news = News::read(repo, config, version, None, Some(made))?;
    let files = CommitFiles::new(repo, kept, Subject::commit(&kept.short(), kept));
    let asked = &Asked::default();
    write::untold(&write::Target { repo, disk: &files, config, version, asked, news: &news })
}

impl News {
    fn read(
        repo: &Repo,
        config: &Config,
        version: &Version,
        from: Option<&str>,
        tip: Option<(&str, Oid)>,
    ) -> Result<Self> {
        let (range, commits) = Range::find(repo, config, version, from, tip)?;
        let at_end = commits.new.iter().find(|commit| commit.id == range.end).filter(|_| range.tag.is_some());
        let made = at_end.map(|commit| commit.authored.try_into().unwrap_or_default());
        let changes = fold::changes(commits.new, &[range.end]);
        let mut changes = earlier::without_earlier(repo, commits.earlier, &commits.steps, changes)?;
        changes.retain(|change| !entries::is_step(change));
        Ok(Self {
            contributors: entries::contributors(&changes, |people| repo.mapped(people)),
            entries: entries::entries(changes),
            date: made.map_or_else(Date::today, Date::of_seconds),
            forge: repo.web_address(&config.remote).map(|web| Forge::of(&web)),
            tag: config.tags.release.fill(version),
            range,
        })
    }

    /// The release before; `None` where the range begins elsewhere.
    fn previous(&self) -> Option<&Version> {
        self.range.start.as_ref()?.version.as_ref()
    }
}

/// What becomes of the changelog.
struct Draft {
    section: String,
    findings: Vec<crate::finding::Finding>,
    /// How many charts there are.
    charts: usize,
    /// `None` where nothing changes.
    file: Option<NewFile>,
}
