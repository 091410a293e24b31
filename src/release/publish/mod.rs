//! `publish`: archives of charts and their entries of the chart index, as one commit without a checkout.

mod archives;
mod base;

use std::path::PathBuf;

use anyhow::Result;

use super::plan::{Action, Plan, PushedRef};
use super::{preflight, remote};
use crate::config::Config;
use crate::document::chart_index::{ChartIndex, IndexEntry, NewEntry, new_index};
use crate::domain::text::{unfit_as_base, visible, without_password};
use crate::domain::{Fail, Oid, RepoPath, SortedMap, now, parse_version, timestamp};
use crate::engine::{Judged, judge_index};
use crate::finding::Finding;
use crate::git::{BranchCommit, Elsewhere, Mode, Repo, environment};
use crate::project::chart_index::{ArchiveFacts, Archived, IndexFacts, Lost, Places, index_at};
use crate::project::refs::Event;
use archives::Given;
use base::Base;

/// What the message of this step's commits begins with.
const PUBLISH: &str = "Publish ";

/// What is published, and where to.
#[derive(Debug, Clone)]
pub struct PublishOptions {
    /// The archives' files.
    pub archives: Vec<PathBuf>,
    /// What the entries' URLs start with; `None`: as the config says.
    pub url: Option<String>,
    /// Whether the branch is pushed.
    pub push: bool,
}

/// Plans to publish archives on the chart index's branch of this repository.
pub fn publish(repo: &Repo, config: &Config, options: &PublishOptions) -> Result<Plan> {
    preflight::must_be_clean(repo, "publish")?;
    must_be_fit(options)?;
    let given = archives::read(&options.archives)?;
    let base = base::of_project(repo, config)?;
    if options.push {
        let (name, _) = base.remote.as_ref().ok_or_else(|| remote::missing(config))?;
        remote::must_come_back(repo, name)?;
    }
    Publishing { repo, config, options, base, time: time() }.plan(given)
}

/// Plans to publish archives that were just made, by the names of their files, on the chart index's branch of this
/// repository, and to push it where there is a remote.
pub(super) fn publish_made(repo: &Repo, config: &Config, made: Vec<(String, Vec<u8>)>) -> Result<Plan> {
    let given = made.into_iter().map(|(file, bytes)| archives::given(file.clone(), &file, bytes));
    let given = given.collect::<Result<_>>()?;
    let base = base::of_project(repo, config)?;
    let options = &PublishOptions { archives: Vec::new(), url: None, push: base.remote.is_some() };
    Publishing { repo, config, options, base, time: time() }.plan(given)
}

/// Plans to publish archives on the chart index's branch of another repository; `project` is the one that it is
/// done from, where there is one.
pub fn publish_elsewhere(
    there: &Elsewhere,
    project: Option<&Repo>,
    config: &Config,
    options: &PublishOptions,
) -> Result<Plan> {
    project.map_or(Ok(()), |repo| preflight::must_be_clean(repo, "publish"))?;
    must_be_fit(options)?;
    let given = archives::read(&options.archives)?;
    let base = base::of_elsewhere(there);
    let options = &PublishOptions { push: true, ..options.clone() };
    Publishing { repo: there.repo(), config, options, base, time: time() }.plan(given)
}

/// Refuses an address that can't stand in the chart index.
fn must_be_fit(options: &PublishOptions) -> Result<(), Fail> {
    let Some((url, why)) = options.url.as_ref().and_then(|url| Some((url, unfit_as_base(url)?))) else {
        return Ok(());
    };
    Err(Fail::new(format!("{} can't stand in the chart index: {why}", visible(&without_password(url))))
        .help("name the address that users have: --url https://example.github.io/project"))
}

struct Publishing<'a> {
    repo: &'a Repo,
    config: &'a Config,
    options: &'a PublishOptions,
    base: Base,
    /// The time of all that is new.
    time: String,
}

/// Now, or the time that the caller says it is.
fn time() -> String {
    let told = environment::text("SOURCE_DATE_EPOCH").and_then(|text| text.parse().ok());
    timestamp(told.unwrap_or_else(now))
}

/// What the archives come to.
#[derive(Default)]
struct Changes {
    files: SortedMap<RepoPath, Vec<u8>>,
    entries: Vec<NewEntry>,
    archives: Vec<ArchiveFacts>,
    lost: Vec<Lost>,
    /// The charts that are new or were not whole, by name and version.
    named: Vec<String>,
    done: Vec<String>,
}

impl Publishing<'_> {
    fn plan(&self, given: Vec<Given>) -> Result<Plan> {
        let (branch, path) = (&self.config.index.branch, &self.config.index.path);
        let names: Vec<String> = given.iter().map(Given::title).collect();
        let mut plan = Plan::new("publish", format!("publish {} on {branch}", names.join(", ")));
        let index = self.base.parent.map(|tip| index_at(self.repo, tip, path)).transpose()?.flatten();
        let index = index.transpose().map_err(|broken| {
            let way = broken.help.clone().unwrap_or_else(|| "correct it".to_owned());
            Fail::from(broken).help(format!("on {branch}: {way}"))
        })?;
        let mut changes = self.changes(given, index.as_ref())?;
        plan.done.append(&mut changes.done);
        plan.report.judged = Judged::charts(names.len());
        let (findings, index) = self.judge(&mut changes, index)?;
        plan.report.findings = findings;
        if plan.report.errors() > 0 {
            return Ok(plan);
        }
        if !changes.named.is_empty() {
            plan.actions.push(self.commit(changes, index.as_ref())?);
        }
        self.push(&mut plan);
        let is_asked = |title: &str| names.iter().any(|name| name == title);
        for subject in &self.base.left {
            let titles = subject.strip_prefix(PUBLISH).unwrap_or(subject);
            if !titles.split(", ").all(is_asked) {
                plan.hints.push(format!("publish again what was never pushed, and is left behind: {titles}"));
            }
        }
        Ok(plan)
    }

    fn changes(&self, given: Vec<Given>, index: Option<&ChartIndex>) -> Result<Changes> {
        let places = self.places(index)?;
        let mut changes = Changes::default();
        for archive in given {
            let known: Vec<&IndexEntry> = index.map(|index| listed(index, &archive)).unwrap_or_default();
            let path = self.path_of(&archive);
            let was =
                path.as_ref().zip(places.as_ref()).map(|(path, places)| place(places, path)).transpose()?;
            let was = was.flatten();
            let title = archive.title();
            changes.archives.push(facts(&archive));
            if let Some(other) = known.iter().find(|entry| entry.sha256().as_ref() != Some(&archive.sha256)) {
                let was = other.sha256().unwrap_or_else(|| "none".to_owned());
                let entry = archive.entry(None);
                changes.lost.push(Lost::Digest { entry, was });
                continue;
            }
            let new_file = match (path, was) {
                (Some(path), None) => Some(path),
                (Some(path), Some(id)) if crate::git::blob_id(&archive.bytes) != Some(id) => {
                    let (chart, version) = (archive.name.clone(), archive.version.clone());
                    changes.lost.push(Lost::Archive { path, chart, version, replaced: true });
                    continue;
                }
                _ => None,
            };
            // The archive of an entry may lie where only the entry knows.
            let lies = known.iter().any(|entry| self.is_elsewhere(entry, places.as_ref()));
            if known.is_empty() {
                changes.entries.push(archive.new_entry(&self.url(&archive)?, &self.time));
            }
            match new_file.filter(|_| !lies) {
                Some(path) => drop(changes.files.insert(path, archive.bytes)),
                None if known.is_empty() => {}
                None => {
                    changes
                        .done
                        .push(format!("{title} is in the chart index on {}", self.config.index.branch));
                    continue;
                }
            }
            changes.named.push(title);
        }
        Ok(changes)
    }

    /// What the rules say of it, and the index again. What is published is never replaced, whatever they let through.
    fn judge(
        &self,
        changes: &mut Changes,
        before: Option<ChartIndex>,
    ) -> Result<(Vec<Finding>, Option<ChartIndex>)> {
        let index = &self.config.index;
        // What it lacks at its top comes with the entries.
        let (judged, aside) = if before.as_ref().is_some_and(ChartIndex::has_api_version) {
            (before, None)
        } else {
            (None, before)
        };
        let facts = IndexFacts {
            branch: index.branch.clone(),
            event: self.base.parent.map_or(Event::Created, |from| Event::Moved { from }),
            commit: self.base.parent,
            path: index.path.clone(),
            releases: judged.is_some().then(Vec::new),
            index: judged.map(Ok),
            archives: std::mem::take(&mut changes.archives),
            nowhere: Vec::new(),
            lost: std::mem::take(&mut changes.lost),
        };
        let findings = judge_index(&facts, self.config);
        let replaced = facts.lost.first().and_then(Lost::key);
        match replaced.filter(|_| !findings.iter().any(Finding::is_error)) {
            Some((chart, version)) => Err(Fail::new(format!(
                "{chart} {version} is published already, and this is another archive of it"
            ))
            .help("`publish` replaces nothing, whatever the rules let through: make the next release instead")
            .into()),
            None => Ok((findings, facts.index.and_then(Result::ok).or(aside))),
        }
    }

    fn commit(&self, changes: Changes, index: Option<&ChartIndex>) -> Result<Action> {
        let Changes { mut files, entries, named, .. } = changes;
        let config = &self.config.index;
        if !entries.is_empty() {
            let text = match index {
                Some(index) => index.with(&entries, &self.time)?,
                None => new_index(&entries, &self.time),
            };
            files.insert(config.path.clone(), text.into_bytes());
        }
        Ok(Action::CommitToBranch(BranchCommit {
            branch: config.branch.clone(),
            from: self.base.local,
            parent: self.base.parent,
            files: files.into_iter().collect(),
            message: format!("{PUBLISH}{}\n", named.join(", ")),
        }))
    }

    fn push(&self, plan: &mut Plan) {
        let branch = &self.config.index.branch;
        let Some((remote, there)) = &self.base.remote else { return };
        let full = format!("refs/heads/{branch}");
        if plan.actions.is_empty() && self.base.parent == *there {
            plan.done.push(format!("{branch} is on {remote}"));
        } else if self.options.push {
            let refs = vec![PushedRef { from: full.clone(), to: full, old: *there }];
            plan.actions.push(Action::Push { remote: remote.clone(), refs });
        } else {
            plan.hints.push(format!("push it: git push {remote} {branch}"));
        }
    }

    fn places(&self, index: Option<&ChartIndex>) -> Result<Option<Places<'_>>> {
        let Some(tip) = self.base.parent else { return Ok(None) };
        let mut places = Places::new(self.repo.tree(tip), self.config);
        if let Some(index) = index.filter(|_| !places.has_base()) {
            places.find_bases(index, self.config)?;
        }
        Ok(Some(places))
    }

    /// Whether an entry's archive lies where this step puts none: elsewhere, or in another folder of the branch.
    fn is_elsewhere(&self, entry: &IndexEntry, places: Option<&Places<'_>>) -> bool {
        let of_url = |url: &str| places.and_then(|places| places.path_of(url));
        let Some(path) = entry.urls.iter().find_map(|url| of_url(&url.text)) else { return true };
        self.config.index.archives.as_ref().is_none_or(|folder| path.parent() != *folder)
    }

    /// Where an archive goes; `None` where archives lie elsewhere.
    fn path_of(&self, archive: &Given) -> Option<RepoPath> {
        self.config.index.archives.as_ref().map(|folder| folder.child(&archive.file_name()))
    }

    /// The URL of an archive, as its entry has it.
    fn url(&self, archive: &Given) -> Result<String, Fail> {
        let index = &self.config.index;
        let base = self.options.url.as_ref().or(index.url.as_ref());
        let relative = match self.path_of(archive) {
            Some(path) => relative(&index.path.parent(), &path),
            None if base.is_none() => {
                return Err(Fail::new(
                    "the archives lie elsewhere (`index.archives: false`), and nothing says where",
                )
                .help("name what their URLs start with: --url BASE, or index.url in .relguard.yaml"));
            }
            None => archive.file_name(),
        };
        Ok(match base {
            Some(base) => format!("{}/{relative}", base.trim_end_matches('/')),
            None => relative,
        })
    }
}

/// What the rules are told of an archive, by the name that its file has.
fn facts(archive: &Given) -> ArchiveFacts {
    let found = Archived::File {
        sha256: archive.sha256.clone(),
        chart: Ok((archive.name.clone(), archive.version.clone())),
    };
    ArchiveFacts { path: RepoPath::default().child(&archive.file), entry: Some(archive.entry(None)), found }
}

/// The entries of an archive's version.
fn listed<'a>(index: &'a ChartIndex, archive: &Given) -> Vec<&'a IndexEntry> {
    let version = parse_version(&archive.version);
    let is_it = |entry: &&IndexEntry| {
        entry.version.as_ref().is_some_and(|text| text.text == archive.version)
            || (version.is_some() && entry.semver() == version)
    };
    let charts = index.charts().iter().filter(|chart| chart.name == archive.name);
    charts.flat_map(|chart| chart.entries.iter().filter(is_it)).collect()
}

/// The blob at the place of an archive; an error where something else is in its way.
fn place(places: &Places<'_>, path: &RepoPath) -> Result<Option<Oid>> {
    let in_the_way = |at: &RepoPath, mode: Mode| {
        Fail::new(format!("{at} can't hold what is published: {}", mode.words()))
            .help("name another folder in .relguard.yaml (index: archives), or take it away")
    };
    let mut above = path.parent();
    while !above.is_root() {
        if let Some(entry) = places.entry(&above)?.filter(|entry| entry.mode != Mode::Folder) {
            return Err(in_the_way(&above, entry.mode).into());
        }
        above = above.parent();
    }
    match places.entry(path)? {
        Some(entry) if matches!(entry.mode, Mode::File | Mode::Executable) => Ok(Some(entry.id)),
        Some(entry) => Err(in_the_way(path, entry.mode).into()),
        None => Ok(None),
    }
}

/// The path to a file from a folder.
fn relative(folder: &RepoPath, path: &RepoPath) -> String {
    let mut up = String::new();
    let mut folder = folder.clone();
    loop {
        match path.below(&folder) {
            Some(below) => return format!("{up}{below}"),
            None => {
                up.push_str("../");
                folder = folder.parent();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_relative_to_the_index() {
        let path = |text: &str| RepoPath::parse(text).unwrap();
        for (folder, file, wanted) in [
            ("", "charts/a.tgz", "charts/a.tgz"),
            ("helm", "helm/charts/a.tgz", "charts/a.tgz"),
            ("helm/stable", "charts/a.tgz", "../../charts/a.tgz"),
            ("charts", "charts/a.tgz", "a.tgz"),
        ] {
            assert_eq!(relative(&path(folder), &path(file)), wanted);
        }
    }
}
