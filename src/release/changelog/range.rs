//! Which commits a release brings: since which release, up to which commit.

use anyhow::Result;

use super::fold::Commit;
use super::message::Reader;
use super::same::{self, Step};
use crate::config::Config;
use crate::domain::{Fail, Forge, MinorLine, Oid, OidMap, OidSet, SortedMap, Version, order};
use crate::git::{History, Repo};
use crate::project::refs::{Meaning, names};
use crate::release::tagged;

/// The range of a release.
#[derive(Debug, Clone)]
pub(super) struct Range {
    /// The newest commit.
    pub(super) end: Oid,
    /// What that is called.
    end_name: String,
    /// The release's own tag, where it is made.
    pub(super) tag: Option<String>,
    /// Where it begins; `None`: with the first commit.
    pub(super) start: Option<Start>,
    /// The z releases of the line before, whose changes are not new.
    z_releases: Vec<Oid>,
    /// The tag of the one at the newest commit, which has everything.
    pub(super) all_in: Option<String>,
}

/// Where a range begins.
#[derive(Debug, Clone)]
pub(super) struct Start {
    /// The release before; `None` where a revision was named that is none.
    pub(super) version: Option<Version>,
    /// What it is called: a tag's short name, or the revision as it was given.
    pub(super) name: String,
    /// Its commit.
    pub(super) commit: Oid,
}

/// The commits of a range.
pub(super) struct Commits {
    /// What the release brings.
    pub(super) new: Vec<Commit>,
    /// What releases before it have that lies aside: cherry-picks, and what only they needed.
    pub(super) earlier: Vec<Commit>,
    /// The new ones once more, to be compared with these; empty where there are none.
    pub(super) steps: Vec<Step>,
}

/// The tags of releases.
struct Releases<'a> {
    repo: &'a Repo,
    reader: Reader<'a>,
    history: History<'a>,
    tags: SortedMap<Version, (String, Oid)>,
}

impl Range {
    /// The range of a release with its commits: since `from`, else since the release before it, up to its tag, else
    /// to `tip`, else to what is checked out. An error where a shallow clone lacks some of them.
    pub(super) fn find(
        repo: &Repo,
        config: &Config,
        version: &Version,
        from: Option<&str>,
        tip: Option<(&str, Oid)>,
    ) -> Result<(Self, Commits)> {
        let mut releases = Releases::read(repo, config)?;
        let tag = releases.tags.get(version).cloned();
        let end = match &tag {
            Some((name, object)) => tagged::commit_of_release(repo, name, *object)?,
            None => tip
                .map_or_else(|| repo.head().map(|head| head.commit), |(_, tip)| Ok(Some(tip)))?
                .ok_or_else(|| {
                    Fail::new("there is no commit yet, so nothing has changed").help("commit something first")
                })?,
        };
        let tag = tag.map(|(name, _)| name);
        let start = match from {
            Some(rev) => Some(releases.named(rev)?),
            None => releases.candidates(version)?.into_iter().next(),
        };
        let end_name = tag.as_deref().or(tip.map(|(name, _)| name)).unwrap_or("HEAD").to_owned();
        let mut range = Self { end, end_name, tag, start, z_releases: Vec::new(), all_in: None };
        let (mut new, mut aside) = range.new_commits(&releases, version, from)?;
        // Mostly the release before is an ancestor, and no question about the whole history has to be asked.
        if from.is_none() && !range.goes_on(&new) {
            range.start = releases.before(version, end)?;
            (new, aside) = range.new_commits(&releases, version, from)?;
        }
        if new.is_empty() && range.passes_over_later(&mut releases)? {
            (new, aside) = range.read(&releases)?;
        }
        if range.z_releases.contains(&range.end) {
            range.all_in = releases.z_at(range.end, version)?;
        }
        let tips = range.ends().1;
        let base = range.base(&mut releases, version, &new)?;
        let at_start = range.start.as_ref().map(|start| start.commit) == base;
        let earlier = match (base, aside.filter(|_| at_start)) {
            (Some(_), Some(known)) => known,
            (Some(base), None) if tips.iter().any(|tip| *tip != base) => {
                repo.log(&tips, &[base], |text| releases.reader.read(text))?
            }
            _ => Vec::new(),
        };
        if repo.is_cut(new.iter().chain(&earlier).map(|commit| commit.id)) {
            return Err(History::cut_short().into());
        }
        let steps = if earlier.is_empty() { Vec::new() } else { same::steps(repo, &new, &tips)? };
        Ok((range, Commits { new, earlier, steps }))
    }

    /// What is new, and what the z releases have that the release before them has not: mostly that is asked for next.
    fn new_commits(
        &mut self,
        releases: &Releases<'_>,
        version: &Version,
        from: Option<&str>,
    ) -> Result<(Vec<Commit>, Option<Vec<Commit>>)> {
        if from.is_none() && version.patch == 0 {
            let start = self.start.as_ref().and_then(|start| start.version.as_ref());
            self.z_releases = releases.z_of(start, version)?;
        }
        self.read(releases)
    }

    /// Passes over the z releases that were made on top of this one, whether there are any. One at its very commit is
    /// none of them: what it has was told there.
    fn passes_over_later(&mut self, releases: &mut Releases<'_>) -> Result<bool> {
        let mut before = Vec::new();
        for release in &self.z_releases {
            if *release == self.end || !releases.reaches(*release, self.end)? {
                before.push(*release);
            }
        }
        let some = before.len() < self.z_releases.len();
        self.z_releases = before;
        Ok(some)
    }

    /// The commits since the releases before it, and those that the z releases among these have besides.
    fn read(&self, releases: &Releases<'_>) -> Result<(Vec<Commit>, Option<Vec<Commit>>)> {
        let (end, without) = self.ends();
        let read = |text: &str| releases.reader.read(text);
        let start = self.start.as_ref().map(|start| start.commit).filter(|_| !self.z_releases.is_empty());
        let Some(start) = start else { return Ok((releases.repo.log(&[end], &without, read)?, None)) };
        // Git walks once for both.
        let tips: Vec<Oid> = std::iter::once(end).chain(self.z_releases.iter().copied()).collect();
        let (aside, new) = split(releases.repo.log(&tips, &[start], read)?, &self.z_releases);
        Ok((new, Some(aside)))
    }

    /// The newest commit that the releases before have in common with all that is new: what they have since then
    /// may be in it once more. `None` where they have nothing in common.
    fn base(&self, releases: &mut Releases<'_>, version: &Version, new: &[Commit]) -> Result<Option<Oid>> {
        let Some(start) = self.start.as_ref().filter(|_| !new.is_empty()) else { return Ok(None) };
        // Where picks go, a merge may bring what was picked before. A new minor begins where its branch left the
        // line of the one before: topic branches that are older than that are merged every day.
        let of_line = start
            .version
            .as_ref()
            .map_or(version.patch > 0, |before| MinorLine::from(before) == MinorLine::from(version));
        let forks = if of_line { forks(new) } else { fork(new, self.end).into_iter().collect() };
        let mut common = forks.first().copied();
        for fork in forks.iter().skip(1) {
            if let Some(base) = common {
                common = releases.history.merge_base(base, &[*fork])?.or(common);
            }
        }
        Ok(common)
    }

    /// Whether one of its commits follows its start at once: then that is an ancestor of its end.
    fn goes_on(&self, new: &[Commit]) -> bool {
        let Some(start) = &self.start else { return true };
        start.commit == self.end || new.iter().any(|commit| commit.parents.contains(&start.commit))
    }

    /// The range as git writes it, for people.
    pub(super) fn words(&self) -> String {
        let end = &self.end_name;
        self.start.as_ref().map_or_else(|| end.clone(), |start| format!("{}..{end}", start.name))
    }

    /// The tips and what they lack, for more questions about the new commits.
    pub(super) fn ends(&self) -> (Oid, Vec<Oid>) {
        let without = self.start.iter().map(|start| start.commit).chain(self.z_releases.iter().copied());
        (self.end, without.collect())
    }
}

impl<'a> Releases<'a> {
    fn read(repo: &'a Repo, config: &'a Config) -> Result<Self> {
        let mut tags = SortedMap::new();
        for (name, object) in repo.list_refs("refs/tags/")?.iter() {
            if let Meaning::Release(version) = names::tag(config, name) {
                tags.insert(version, (name.to_string(), *object));
            }
        }
        let forge = repo.web_address(&config.remote).map(|web| Forge::of(&web));
        let marks = Forge::marks_of(forge.as_ref());
        let reader = Reader { branches: &config.branches.release, marks };
        Ok(Self { repo, reader, history: History::open(repo)?, tags })
    }

    /// The revision of `--from`, which may be a release's tag.
    fn named(&self, rev: &str) -> Result<Start> {
        let commit = self.repo.commit(rev)?;
        let name = rev.strip_prefix("refs/tags/").unwrap_or(rev);
        let tag = self.tags.iter().find(|(_, (tag, _))| tag == name);
        let version = tag.map(|(version, _)| version.clone());
        Ok(Start { version, name: name.to_owned(), commit })
    }

    fn start(&self, version: &Version) -> Result<Option<Start>> {
        let Some((name, object)) = self.tags.get(version) else { return Ok(None) };
        let commit = self.repo.commit_of(*object)?;
        let start = |commit| Start { version: Some(version.clone()), name: name.clone(), commit };
        Ok(commit.map(start))
    }

    /// What may be the release before one, the likeliest first: of a candidate the one before it, of a x.y.z the
    /// line's highest final, else the x.y.0 below it.
    fn candidates(&self, version: &Version) -> Result<Vec<Start>> {
        let numbers = (version.major, version.minor, version.patch);
        let line = MinorLine::from(version);
        let lower = || self.tags.range(..version).rev().map(|(version, _)| version);
        let of_line = lower().find(|other| {
            let candidate = !version.pre.is_empty() && (other.major, other.minor, other.patch) == numbers;
            candidate && !other.pre.is_empty()
                || version.patch > 0 && other.pre.is_empty() && MinorLine::from(*other) == line
        });
        if let Some(start) = of_line.map(|version| self.start(version)).transpose()?.flatten() {
            return Ok(vec![start]);
        }
        let firsts = lower().filter(|other| other.pre.is_empty() && other.patch == 0);
        let found = firsts.filter_map(|version| self.start(version).transpose());
        found.collect()
    }

    /// The release before one: the first of the candidates that the history goes on from.
    fn before(&mut self, version: &Version, end: Oid) -> Result<Option<Start>> {
        let mut candidates = self.candidates(version)?.into_iter().peekable();
        while let Some(start) = candidates.next() {
            let of_line = start.version.as_ref().map(MinorLine::from) == Some(MinorLine::from(version));
            let before = candidates.peek().map(|start| start.commit);
            if of_line || self.goes_on_from(end, start.commit, before)? {
                return Ok(Some(start));
            }
        }
        Ok(None)
    }

    /// Whether a commit's history goes on from a release: the release is in it, or was made on a branch that
    /// was cut from it, later than the release before that one.
    fn goes_on_from(&mut self, end: Oid, release: Oid, before: Option<Oid>) -> Result<bool> {
        if self.reaches(end, release)? {
            return Ok(true);
        }
        let Some(base) = self.history.merge_base(end, &[release])? else { return Ok(false) };
        Ok(match before {
            Some(before) => !self.reaches(before, base)?,
            None => true,
        })
    }

    fn reaches(&mut self, tip: Oid, commit: Oid) -> Result<bool> {
        Ok(self.history.reaches(tip, commit)?.ok_or_else(History::cut_short)?)
    }

    /// The tag of the highest z release at a commit that is lower than another version.
    fn z_at(&self, commit: Oid, version: &Version) -> Result<Option<String>> {
        for (_, (name, object)) in self.tags.range(..version).rev().filter(|(lower, _)| lower.patch > 0) {
            if self.repo.commit_of(*object)? == Some(commit) {
                return Ok(Some(name.clone()));
            }
        }
        Ok(None)
    }

    /// The z releases of a release's line that are lower than another version.
    fn z_of(&self, release: Option<&Version>, version: &Version) -> Result<Vec<Oid>> {
        let Some(release) = release.filter(|release| release.pre.is_empty()) else { return Ok(Vec::new()) };
        let line = MinorLine::from(release);
        let later = self.tags.range(release..version).skip(1);
        let of_line = later.filter(|(version, _)| version.pre.is_empty() && MinorLine::from(version) == line);
        let mut found = Vec::new();
        for (_, (_, object)) in of_line {
            found.extend(self.repo.commit_of(*object)?);
        }
        Ok(found)
    }
}

/// A log as what some of its commits reach, and all the rest.
fn split(mut log: Vec<Commit>, tips: &[Oid]) -> (Vec<Commit>, Vec<Commit>) {
    let mut reached: OidSet = tips.iter().copied().collect();
    let mut found = 0;
    // Mostly parents stand below their children, and nothing is left to be found the second time.
    loop {
        for commit in log.iter().filter(|commit| !commit.parents.is_empty()) {
            if reached.contains(&commit.id) {
                reached.extend(&commit.parents);
            }
        }
        if reached.len() == found {
            // Mostly they are few: the others stay where they are.
            let aside = log.extract_if(.., |commit| reached.contains(&commit.id)).collect();
            return (aside, log);
        }
        found = reached.len();
    }
}

/// The commits before the new ones.
fn forks(new: &[Commit]) -> Vec<Oid> {
    let ids: OidSet = new.iter().map(|commit| commit.id).collect();
    let mut forks: Vec<Oid> = new
        .iter()
        .flat_map(|commit| &commit.parents)
        .filter(|parent| !ids.contains(parent))
        .copied()
        .collect();
    order::sort(&mut forks);
    forks.dedup();
    forks
}

/// The commit before the new ones on the line of first parents.
fn fork(new: &[Commit], end: Oid) -> Option<Oid> {
    let mut next = end;
    for commit in new {
        if commit.id == next {
            next = *commit.parents.first()?;
        }
    }
    if new.iter().all(|commit| commit.id != next) {
        return Some(next);
    }
    // Where clocks differ a log may have a parent before a child.
    let parents: OidMap<Option<Oid>> =
        new.iter().map(|commit| (commit.id, commit.parents.first().copied())).collect();
    while let Some(parent) = parents.get(&next) {
        next = (*parent)?;
    }
    Some(next)
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::release::changelog::message::Message;

    fn id(digit: u8) -> Oid {
        Oid::new([digit; 20])
    }

    fn commit(digit: u8, parents: &[u8]) -> Commit {
        Commit {
            id: id(digit),
            tree: Oid::ZERO,
            parents: parents.iter().copied().map(id).collect(),
            author: Rc::default(),
            authored: 0,
            message: Message::default(),
        }
    }

    #[test]
    fn the_fork_of_a_log_in_any_order() {
        let [newest, middle, oldest] = [commit(4, &[3]), commit(3, &[2]), commit(2, &[1])];
        let log = [oldest.clone(), newest.clone(), middle.clone()];
        assert_eq!(fork(&log, id(4)), Some(id(1)));
        assert_eq!(fork(&[newest, middle, oldest], id(4)), Some(id(1)));
        assert_eq!(fork(&[], id(4)), Some(id(4)));
    }

    #[test]
    fn what_the_z_releases_reach_in_any_order() {
        // 5 and 6 are theirs, with the 3 that they merged; 7 is new, and follows 4 and 3.
        let log = [commit(7, &[4, 3]), commit(6, &[5]), commit(5, &[2, 3]), commit(4, &[2]), commit(3, &[2])];
        let split = |log: Vec<Commit>| {
            let digits =
                |commits: Vec<Commit>| commits.iter().map(|c| c.id.as_bytes()[0]).collect::<Vec<_>>();
            let (aside, new) = split(log, &[id(6)]);
            (digits(aside), digits(new))
        };
        assert_eq!(split(log.to_vec()), (vec![6, 5, 3], vec![7, 4]));
        assert_eq!(split(log.iter().rev().cloned().collect()), (vec![3, 5, 6], vec![4, 7]));
        assert_eq!(split(vec![]), (vec![], vec![]));
    }
}
