use std::sync::Arc;

use anyhow::Result;

use super::{ArchiveFacts, Archived, EntryFacts, IndexFacts, Lost, Places, Released, redirect};
use crate::config::Config;
use crate::document::archive::{CHART_LIMIT, ChartArchive};
use crate::document::chart_index::{ChartIndex, INDEX_LIMIT, IndexEntry};
use crate::document::{Broken, Parsed, hex_sha256, text_of};
use crate::domain::{Oid, OidMap, RepoPath, SortedMap, SortedSet, SourceText, Version};
use crate::finding::Location;
use crate::git::{Mode, Repo};
use crate::project::refs::Event;

/// What is asked of the chart index.
#[derive(Debug)]
pub struct IndexAsked<'a> {
    /// What happens to its branch.
    pub event: Event,
    /// The branch's commit; `None` where it is deleted.
    pub commit: Option<Oid>,
    /// Entries of lower versions are passed over.
    pub since: Option<&'a Version>,
    /// The releases whose charts it should list; `None` where that is not asked.
    pub releases: Option<Vec<Released>>,
}

/// One state of the branch.
pub(super) struct State<'repo> {
    index: Option<Parsed<ChartIndex>>,
    pub(super) places: Places<'repo>,
}

/// Entries by chart and version.
type Versions<'a> = SortedMap<(&'a str, &'a str), Vec<&'a IndexEntry>>;

/// What a file is that was read: archives that two entries name are read once.
type Known = OidMap<(String, Result<(String, String), String>)>;

/// Gathers the facts. An update reads the archives that it brings or changes alone.
pub fn gather(repo: &Repo, config: &Config, asked: IndexAsked<'_>) -> Result<IndexFacts> {
    let IndexAsked { event, commit, since, releases } = asked;
    let before = match event {
        // What is published may still have the addresses of before the config's.
        Event::Moved { from } => Some(State::read(repo, from, config, true)?),
        _ => None,
    };
    let mut after = commit.map(|commit| State::read(repo, commit, config, false)).transpose()?;
    let mut facts = IndexFacts {
        branch: config.index.branch.clone(),
        event,
        commit,
        path: config.index.path.clone(),
        index: None,
        archives: Vec::new(),
        nowhere: Vec::new(),
        lost: Vec::new(),
        releases,
    };
    if let Some(before) = &before {
        facts.lost = lost(before, after.as_ref(), config)?;
    } else if matches!(event, Event::Deleted { .. }) {
        facts.lost.push(Lost::Branch);
    }
    if let Some(after) = &mut after {
        let gathering = Gathering { repo, config, after, before: before.as_ref(), since };
        facts.archives = gathering.archives()?;
        facts.nowhere = gathering.nowhere();
        facts.index = after.index.take();
    }
    Ok(facts)
}

/// The chart index of a commit; `None` where the file is missing.
pub fn index_at(repo: &Repo, commit: Oid, path: &RepoPath) -> Result<Option<Parsed<ChartIndex>>> {
    let Some(entry) = repo.tree(commit).entry(path)? else { return Ok(None) };
    let broken = |cause: &str, help: &str| {
        let location = Location::file(path);
        Ok(Some(Err(Broken { location, cause: cause.to_owned(), help: Some(help.to_owned()) })))
    };
    if !matches!(entry.mode, Mode::File | Mode::Executable) {
        return broken(entry.mode.words(), "put a plain file there");
    }
    let Some(bytes) = repo.blob(entry.id, INDEX_LIMIT)? else {
        let cause = format!("it is over {} MiB", INDEX_LIMIT >> 20);
        return broken(&cause, "take old versions out of it, or share it among several");
    };
    let file = crate::source::File { path: path.clone(), bytes };
    Ok(Some(text_of(path, file).and_then(|source: Arc<SourceText>| ChartIndex::parse(&source))))
}

impl<'repo> State<'repo> {
    fn read(repo: &'repo Repo, commit: Oid, config: &Config, all_bases: bool) -> Result<Self> {
        let index = index_at(repo, commit, &config.index.path)?;
        let mut places = Places::new(repo.tree(commit), config);
        if let Some(Ok(index)) = &index
            && (all_bases || !places.has_base())
        {
            places.find_bases(index, config)?;
        }
        Ok(Self { index, places })
    }

    fn at(&self, range: &std::ops::Range<usize>) -> Option<Location> {
        self.index.as_ref().and_then(|index| index.as_ref().ok()).map(|index| index.at(range))
    }

    fn entries(&self) -> impl Iterator<Item = (&str, &IndexEntry)> {
        let index = self.index.as_ref().and_then(|index| index.as_ref().ok());
        index.into_iter().flat_map(ChartIndex::entries)
    }

    /// The entries by the names of their charts and their versions as written.
    fn by_version(&self) -> Versions<'_> {
        SortedMap::grouped(self.entries().map(|(chart, entry)| {
            let version = entry.version.as_ref().map_or("", |version| version.text.as_str());
            ((chart, version), entry)
        }))
    }

    /// Where the archive of an entry lies on the branch; `None` where it lies elsewhere.
    fn path_of(&self, entry: &IndexEntry) -> Option<RepoPath> {
        entry.urls.iter().find_map(|url| self.places.path_of(&url.text))
    }
}

struct Gathering<'a, 'repo> {
    repo: &'repo Repo,
    config: &'a Config,
    after: &'a State<'repo>,
    before: Option<&'a State<'repo>>,
    since: Option<&'a Version>,
}

impl Gathering<'_, '_> {
    fn archives(&self) -> Result<Vec<ArchiveFacts>> {
        let mut known = Known::default();
        let mut named = Vec::new();
        let mut facts = Vec::new();
        let standing = self.standing()?;
        for (chart, entry) in self.after.entries() {
            let Some(path) = self.after.path_of(entry) else { continue };
            named.push(path.clone());
            let is_older =
                |since: &Version| entry.semver().is_some_and(|version| version.cmp_precedence(since).is_lt());
            if self.since.is_some_and(is_older) {
                continue;
            }
            let entry = entry_facts(self.after, chart, entry);
            let place = self.after.places.entry(&path)?;
            let id = place.as_ref().map(|place| place.id);
            if standing.contains(&(chart, entry.version.as_str(), entry.sha256.clone(), path.clone(), id)) {
                continue;
            }
            let found = match place {
                None => Archived::Missing,
                Some(place) if matches!(place.mode, Mode::File | Mode::Executable) => {
                    self.read(place.id, &path, &mut known)?
                }
                Some(_) => Archived::NoFile,
            };
            facts.push(ArchiveFacts { path, entry: Some(entry), found });
        }
        for (path, id) in self.unnamed(&named.into_iter().collect())? {
            let found = self.read(id, &path, &mut known)?;
            facts.push(ArchiveFacts { path, entry: None, found });
        }
        Ok(facts)
    }

    /// The entries that Helm can't get, as they have no URL, and that did not stand there before.
    fn nowhere(&self) -> Vec<EntryFacts> {
        let lacks_url = |entry: &IndexEntry| {
            entry.passed_over().is_none() && entry.urls.first().is_none_or(|url| url.text.is_empty())
        };
        let before = self.before.map(State::by_version).unwrap_or_default();
        let is_new = |chart: &str, entry: &IndexEntry| {
            let version = entry.version.as_ref().map_or("", |version| &version.text);
            !before.contains_key(&(chart, version))
        };
        let entries = self.after.entries().filter(|(chart, entry)| lacks_url(entry) && is_new(chart, entry));
        entries.map(|(chart, entry)| entry_facts(self.after, chart, entry)).collect()
    }

    /// The entries of before with their archives.
    #[expect(clippy::type_complexity, reason = "it is looked into in one place")]
    fn standing(&self) -> Result<SortedSet<(&str, &str, Option<String>, RepoPath, Option<Oid>)>> {
        let Some(before) = self.before else { return Ok(SortedSet::new()) };
        let mut standing = Vec::new();
        for (chart, entry) in before.entries() {
            let Some(path) = before.path_of(entry) else { continue };
            let id = before.places.entry(&path)?.map(|place| place.id);
            let version = entry.version.as_ref().map_or("", |version| version.text.as_str());
            standing.push((chart, version, entry.sha256(), path, id));
        }
        Ok(standing.into_iter().collect())
    }

    /// The archives in their folder that no entry names, and that were not there before.
    fn unnamed(&self, named: &SortedSet<RepoPath>) -> Result<Vec<(RepoPath, Oid)>> {
        let Some(folder) = &self.config.index.archives else { return Ok(Vec::new()) };
        let mut found = self.after.places.archives(folder)?;
        found.retain(|(path, _)| !named.contains(path));
        if let Some(before) = self.before {
            let known: SortedSet<_> = before.places.archives(folder)?.into_iter().collect();
            found.retain(|archive| !known.contains(archive));
        }
        Ok(found)
    }

    fn read(&self, id: Oid, path: &RepoPath, known: &mut Known) -> Result<Archived> {
        if let Some((sha256, chart)) = known.get(&id).cloned() {
            return Ok(Archived::File { sha256, chart });
        }
        let Some(bytes) = self.repo.blob(id, CHART_LIMIT)? else {
            let why = Err(format!("{path} is over {} MiB", CHART_LIMIT >> 20));
            return Ok(Archived::File { sha256: String::new(), chart: why });
        };
        let sha256 = hex_sha256(&bytes);
        let chart = ChartArchive::read(&bytes, path.as_str());
        let chart = chart.map(|it| (it.name().to_owned(), it.version().to_owned()));
        let chart = chart.map_err(|fail| fail.to_string());
        known.insert(id, (sha256.clone(), chart.clone()));
        Ok(Archived::File { sha256, chart })
    }
}

fn entry_facts(state: &State<'_>, chart: &str, entry: &IndexEntry) -> EntryFacts {
    let at = |range| state.at(range);
    EntryFacts {
        chart: chart.to_owned(),
        version: entry.version.as_ref().map(|version| version.text.clone()).unwrap_or_default(),
        sha256: entry.sha256(),
        at: at(entry.place()),
        digest_at: at(entry.digest.as_ref().map_or(entry.place(), |digest| &digest.range)),
    }
}

/// What an update takes away of what was there.
fn lost(before: &State<'_>, after: Option<&State<'_>>, config: &Config) -> Result<Vec<Lost>> {
    let Some(after) = after else { return Ok(vec![Lost::Branch]) };
    let entries = before.entries().count();
    if !matches!(after.index, Some(Ok(_))) {
        return Ok(if entries > 0 { vec![Lost::Index { entries }] } else { Vec::new() });
    }
    let standing = after.by_version();
    let published = Versions::grouped(
        before
            .entries()
            .filter_map(|(chart, entry)| Some(((chart, entry.version.as_ref()?.text.as_str()), entry))),
    );
    let mut lost = Vec::new();
    for (chart, entry) in before.entries() {
        let Some(version) = &entry.version else { continue };
        let first = published.get(&(chart, version.text.as_str())).and_then(|entries| entries.first());
        let is_first = first.is_some_and(|first| std::ptr::eq(*first, entry));
        let named = || (chart.to_owned(), version.text.clone());
        if !standing.contains_key(&(chart, version.text.as_str())) {
            if is_first {
                let (chart, version) = named();
                lost.push(Lost::Entry { chart, version });
            }
            continue;
        }
        let Some(path) = before.path_of(entry) else { continue };
        let Some(was) = before.places.file(&path)? else { continue };
        let is = after.places.file(&path)?;
        // What has a digest is held against it; one that comes along with another archive guards nothing.
        if is.is_none() || (is != Some(was) && entry.sha256().is_none()) {
            let (chart, version) = named();
            lost.push(Lost::Archive { path, chart, version, replaced: is.is_some() });
        }
    }
    for ((chart, version), was) in &published {
        let was: SortedSet<Option<String>> = was.iter().map(|entry| entry.sha256()).collect();
        for entry in standing.get(&(*chart, *version)).into_iter().flatten() {
            let is = entry.sha256();
            // One that had none may get one.
            if let Some(Some(first)) = was.last().filter(|_| !was.contains(&is) && !was.contains(&None)) {
                let (entry, was) = (entry_facts(after, chart, entry), first.clone());
                lost.push(Lost::Digest { entry, was });
            }
        }
    }
    let published = before.by_version();
    for ((chart, version), entries) in &standing {
        let was = published.get(&(*chart, *version)).filter(|_| !version.is_empty());
        for entry in was.into_iter().flat_map(|_| entries) {
            let was = was.map(Vec::as_slice).unwrap_or_default();
            if let Some(was) = redirect::redirected((before, was), (after, entry), config)? {
                let first = entry.urls.first();
                let entry = entry_facts(after, chart, entry);
                let at = first.and_then(|url| after.at(&url.range)).or_else(|| entry.at.clone());
                lost.push(Lost::Url { entry, at, was, is: first.map(|url| url.text.clone()) });
            }
        }
    }
    Ok(lost)
}
