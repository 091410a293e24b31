//! The release board: where each minor line stands, and what its next step is. All of it is read from the
//! objects of git.

mod listed;
mod next;

use anyhow::Result;

use crate::config::{Config, On};
use crate::domain::{MinorLine, Oid, SortedMap, SortedSet, Version, order, parse_version};
use crate::finding::Subject;
use crate::git::{History, Repo};
use crate::project::refs::{Meaning, RefView, Tips, names};
use crate::project::{ChangelogFacts, Project, Scope};
use crate::source::CommitFiles;

pub use next::{Next, Step};

/// Where all lines stand, the coming one first.
#[derive(Debug)]
pub struct Board {
    /// The rows.
    pub rows: Vec<Row>,
}

/// Where one minor line stands.
#[derive(Debug, Clone)]
pub struct Row {
    /// The line; `None` where the default branch does not say which one is coming.
    pub line: Option<MinorLine>,
    /// The branch; `None` where the line has none.
    pub branch: Option<String>,
    /// Whether that is the default branch.
    pub is_default: bool,
    /// The branch's newest commit.
    pub tip: Option<Oid>,
    /// The newest tag of the line.
    pub tag: Option<String>,
    /// The chart's version there, as written.
    pub chart: Option<String>,
    /// Whether the changelog has a section for that version; `None` where it needs none.
    pub changelog: Option<bool>,
    /// The line's newest version in the chart index.
    pub published: Option<Version>,
    /// What is to be done next.
    pub next: Next,
}

/// What a branch's newest commit says.
struct Tip {
    name: String,
    tips: Tips,
    commit: Oid,
    /// The names of the charts.
    charts: Vec<String>,
    /// The chart's version as written.
    text: Option<String>,
    /// The same, where it is SemVer.
    version: Option<Version>,
    /// Whether the changelog there has its section; `None` where none is needed.
    changelog: Option<bool>,
    /// All versions that the changelog there has sections for.
    sections: SortedSet<Version>,
}

/// A release tag.
struct Tagged {
    name: String,
    version: Version,
    commit: Option<Oid>,
}

/// All that the rows are made of.
struct Gathering<'a> {
    repo: &'a Repo,
    config: &'a Config,
    view: RefView,
    history: History<'a>,
    default: Option<Tip>,
    /// The tags by line, the newest last.
    tags: SortedMap<MinorLine, Vec<Tagged>>,
    /// The versions in the chart index; `None` where there is no such branch.
    listed: Option<listed::Listed>,
}

impl Board {
    /// Reads where the lines stand. `default` is the default branch's name.
    pub fn read(repo: &Repo, config: &Config, default: Option<&str>) -> Result<Self> {
        let view = RefView::of_repository(repo, &config.remote)?;
        let mut gathering = Gathering {
            repo,
            config,
            history: History::open(repo)?,
            default: None,
            tags: tags(repo, config, &view)?,
            listed: listed::read(repo, config, &view)?,
            view,
        };
        gathering.default = default.map(|name| gathering.tip(name)).transpose()?.flatten();
        let lines = gathering.lines();
        let mut rows: Vec<Row> = gathering.default_row().into_iter().collect();
        for (line, branch) in lines.into_iter().rev() {
            rows.extend(gathering.row(line, branch)?);
        }
        Ok(Self { rows })
    }
}

impl Gathering<'_> {
    /// The lines that have a branch or a tag, with the branch. Older ones than the config's `since` are
    /// passed over.
    fn lines(&self) -> SortedMap<MinorLine, Option<String>> {
        let branches = self.view.branches.keys().filter_map(|name| match names::branch(self.config, name) {
            Meaning::Release(line) => Some((line, Some(name.clone()))),
            _ => None,
        });
        let mut lines: SortedMap<_, _> = self.tags.keys().map(|line| (*line, None)).collect();
        lines.extend(branches);
        if let Some(since) = &self.config.since {
            lines.retain(|line, _| *line >= MinorLine::from(since));
        }
        lines
    }

    fn tip(&self, name: &str) -> Result<Option<Tip>> {
        let Some((tips, commit)) =
            self.view.branches.get(name).and_then(|tips| Some((*tips, tips.judged()?)))
        else {
            return Ok(None);
        };
        let files = CommitFiles::new(self.repo, commit, Subject::branch(name, Some(commit)));
        let project =
            Project::read(&files, self.config, Scope { repo: Some(self.repo), ..Scope::default() })?;
        let names = project.charts.iter().filter_map(|chart| chart.file.as_ref().ok()?.field("name"));
        let charts = names.map(|name| name.value.text).collect();
        let text = project.leading_chart().and_then(|chart| Some(chart.version()?.value.text));
        let version = text.as_deref().and_then(parse_version);
        let logs = project.changelog.iter().flat_map(ChangelogFacts::logs);
        let sections: SortedSet<Version> =
            logs.flat_map(|(_, log)| log.sections()).map(|section| section.version.clone()).collect();
        let release = project.changelog.as_ref().and_then(|changelog| changelog.release.as_ref());
        let needed = release.filter(|release| !release.optional).and(version.as_ref());
        let changelog = needed.map(|version| sections.contains(version));
        Ok(Some(Tip { name: name.to_owned(), tips, commit, charts, text, version, changelog, sections }))
    }

    fn default_row(&self) -> Option<Row> {
        let tip = self.default.as_ref()?;
        let line = tip.version.as_ref().map(MinorLine::from);
        Some(Row {
            line,
            branch: Some(tip.name.clone()),
            is_default: true,
            tip: Some(tip.commit),
            tag: line.and_then(|line| self.newest(line)).map(|tag| tag.name.clone()),
            chart: tip.text.clone(),
            changelog: tip.changelog,
            published: line.and_then(|line| self.newest_listed(line, Some(tip))),
            next: next::of_default(tip, line, self),
        })
    }

    fn row(&mut self, line: MinorLine, branch: Option<String>) -> Result<Option<Row>> {
        let is_coming = self.default.as_ref().and_then(|tip| tip.version.as_ref()).map(MinorLine::from);
        let Some(branch) = branch else {
            // The default branch's row tells of it.
            let row = || Row {
                line: Some(line),
                branch: None,
                is_default: false,
                tip: None,
                tag: self.newest(line).map(|tag| tag.name.clone()),
                chart: None,
                changelog: None,
                published: self.newest_listed(line, self.default.as_ref()),
                next: Next::closed(),
            };
            return Ok((is_coming != Some(line)).then(row));
        };
        let Some(mut tip) = self.tip(&branch)? else { return Ok(None) };
        if self.on_default()
            && let (Some(version), Some(default)) = (&tip.version, &self.default)
        {
            tip.changelog = tip.changelog.map(|_| default.sections.contains(version));
        }
        let ahead = self.ahead(line, &tip)?;
        Ok(Some(Row {
            line: Some(line),
            branch: Some(branch),
            is_default: false,
            tip: Some(tip.commit),
            tag: self.newest(line).map(|tag| tag.name.clone()),
            chart: tip.text.clone(),
            changelog: tip.changelog,
            published: self.newest_listed(line, Some(&tip)),
            next: next::of_line(&tip, line, ahead, self),
        }))
    }

    /// How far the branch is ahead of the line's newest tag.
    fn ahead(&mut self, line: MinorLine, tip: &Tip) -> Result<next::Ahead> {
        let Some(tagged) = self.newest(line).map(|tag| tag.commit) else { return Ok(next::Ahead::Untagged) };
        let Some(tagged) = tagged else { return Ok(next::Ahead::Apart) };
        for tip in tip.tips.all() {
            if self.history.reaches(tip, tagged)?.ok_or_else(History::cut_short)? {
                let commits = self.history.distance(tip, &[tagged])?.ahead;
                return Ok(next::Ahead::By(commits));
            }
        }
        Ok(next::Ahead::Apart)
    }

    fn newest(&self, line: MinorLine) -> Option<&Tagged> {
        self.tags.get(&line)?.last()
    }

    fn is_tagged(&self, version: &Version) -> bool {
        let of_line = self.tags.get(&MinorLine::from(version));
        of_line.is_some_and(|tags| tags.iter().any(|tag| tag.version == *version))
    }

    /// The newest version of a line that the chart index has of the project's own charts, as a tip names them.
    fn newest_listed(&self, line: MinorLine, tip: Option<&Tip>) -> Option<Version> {
        let of_line = |version: &&Version| MinorLine::from(*version) == line;
        let own = tip?.charts.iter().filter_map(|chart| self.listed.as_ref()?.get(chart));
        own.flatten().filter(of_line).max().cloned()
    }

    /// Whether the chart index lacks a version of one of the charts; not where there is no such branch.
    fn lacks(&self, version: &Version, tip: &Tip) -> bool {
        let Some(listed) = &self.listed else { return false };
        let has = |chart: &String| listed.get(chart).is_some_and(|versions| versions.contains(version));
        !tip.charts.iter().all(has)
    }

    /// Whether the changelog is kept on the default branch alone.
    fn on_default(&self) -> bool {
        self.config.changelog.as_ref().is_some_and(|changelog| changelog.on == On::DefaultBranch)
    }
}

fn tags(repo: &Repo, config: &Config, view: &RefView) -> Result<SortedMap<MinorLine, Vec<Tagged>>> {
    let mut found: SortedMap<MinorLine, Vec<Tagged>> = SortedMap::new();
    for (name, object) in view.tags.iter() {
        let Meaning::Release(version) = names::tag(config, name) else { continue };
        let commit = repo.commit_of(*object)?;
        let line = found.get_or_default(MinorLine::from(&version));
        line.push(Tagged { name: name.to_string(), version, commit });
    }
    for tags in found.values_mut() {
        order::sort_by(tags, |one, other| one.version.cmp(&other.version));
    }
    Ok(found)
}
