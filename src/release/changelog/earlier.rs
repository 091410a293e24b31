//! What releases before this one have already: the same change, picked from one branch to another.

use anyhow::Result;

use super::entries::is_step;
use super::fold::{Change, Commit, changes, reverted, without_reverted};
use super::message::{Message, Reverted};
use super::same::{self, Question, Step};
use crate::domain::{Oid, OidMap, OidSet, SortedMap, SortedSet};
use crate::git::Repo;

/// The commits of earlier releases, by what tells that a new change is one of them.
struct Known<'a> {
    earlier: &'a [Change],
    /// By their ids, and by those of the commits that they were picked from.
    by_id: OidMap<Vec<Oid>>,
    /// By the pull requests that they say to bring along.
    by_picked: SortedMap<u64, Vec<Oid>>,
    /// The changes, by the numbers in their titles and of their merges.
    by_number: SortedMap<u64, Vec<&'a Change>>,
    /// By the new commits that do the same.
    by_patch: OidMap<Oid>,
    /// The new commits that are known by anything else.
    told: OidSet,
    /// From which place among the new changes on they do not count any more, as they are taken back.
    until: OidMap<usize>,
}

/// Takes out of the new changes what is taken back among them, and what an earlier release has; `steps` are the
/// commits that they are of. What takes back what an earlier release has stays.
pub(super) fn without_earlier(
    repo: &Repo,
    earlier: Vec<Commit>,
    steps: &[Step],
    new: Vec<Change>,
) -> Result<Vec<Change>> {
    if earlier.is_empty() {
        return Ok(without_reverted(new));
    }
    let tips: Vec<Oid> = earlier.iter().map(|commit| commit.id).collect();
    let line = same::steps(repo, &earlier, &[])?;
    let earlier = without_reverted(changes(earlier, &tips));
    let pairs = reverted(&new);
    let mut known = Known::of(&earlier);
    // What is taken back among the new ones takes nothing back itself.
    let paired: SortedSet<usize> = pairs.iter().flat_map(|(one, other)| [*one, *other]).collect();
    for (_, change) in new.iter().enumerate().filter(|(at, _)| !paired.contains(at)) {
        known.forget(change, 0);
    }
    known.compare(repo, &line, steps, &new)?;
    Ok(known.left(new, &pairs))
}

/// Whether it is a change of an earlier release that is taken back.
fn is_of(change: &Change, reverted: &Reverted) -> bool {
    match reverted {
        Reverted::Commit(id) => {
            change.id == *id
                || change.commits().any(|part| part == *id)
                || change.message.rest().picked_from.contains(id)
        }
        Reverted::Number(number) => change.message.numbers.contains(number) || change.number == Some(*number),
        // Many things may be called alike.
        Reverted::Title(_) => false,
    }
}

impl<'a> Known<'a> {
    fn of(earlier: &'a [Change]) -> Self {
        let mut by_id: OidMap<Vec<Oid>> = OidMap::default();
        let mut by_picked: Vec<(u64, Oid)> = Vec::new();
        let mut by_number: Vec<(u64, &Change)> = Vec::new();
        for change in earlier {
            let mut add = |id: Oid, message: &Message, commits: &[Oid]| {
                for id in std::iter::once(&id).chain(&message.rest().picked_from) {
                    by_id.entry(*id).or_default().extend(commits);
                }
                for number in &message.rest().picked_numbers {
                    by_picked.extend(commits.iter().map(|commit| (*number, *commit)));
                }
            };
            add(change.id, &change.message, &change.commits().collect::<Vec<_>>());
            change.parts.iter().for_each(|part| add(part.id, &part.message, &[part.id]));
            for number in change.message.numbers.iter().copied().chain(change.merged_number()) {
                by_number.push((number, change));
            }
        }
        let (by_picked, by_number) = (SortedMap::grouped(by_picked), SortedMap::grouped(by_number));
        let (by_patch, told, until) = (OidMap::default(), OidSet::default(), OidMap::default());
        Self { earlier, by_id, by_picked, by_number, by_patch, told, until }
    }

    /// No more counts what a change takes back, from a place among the new ones on.
    fn forget(&mut self, change: &Change, from: usize) {
        for reverted in change.reverts() {
            let taken = self.earlier.iter().filter(|earlier| is_of(earlier, reverted));
            self.forget_commits(taken.flat_map(Change::commits), from);
        }
    }

    fn forget_commits(&mut self, commits: impl IntoIterator<Item = Oid>, from: usize) {
        for id in commits {
            let until = self.until.entry(id).or_insert(from);
            *until = from.min(*until);
        }
    }

    /// Compares by what they do the commits that nothing else tells.
    fn compare(&mut self, repo: &Repo, line: &[Step], steps: &[Step], new: &[Change]) -> Result<()> {
        let mut matched = OidSet::default();
        let mut known = OidSet::default();
        for (at, change) in new.iter().enumerate() {
            let commits = self.commits_of(change, at);
            if !commits.is_empty() {
                known.extend(change.commits());
            }
            matched.extend(commits);
        }
        let open = self.earlier.iter().filter(|change| !is_step(change)).flat_map(Change::commits);
        let open = open.filter(|id| !matched.contains(id) && self.stands(*id, 0)).collect();
        let question = Question { earlier: line, open: &open, matched: &matched, steps, known: &known };
        let answer = question.ask(repo)?;
        matched.extend(answer.pairs.values());
        self.by_patch = answer.pairs;
        self.told = known;
        for (id, by) in &answer.undone {
            // What takes it back may be picked too, or was taken back itself.
            if !matched.contains(by) && !answer.undone.contains_key(by) {
                self.until.insert(*id, 0);
            }
        }
        Ok(())
    }

    /// The new changes that are to be told of.
    fn left(mut self, new: Vec<Change>, pairs: &SortedMap<usize, usize>) -> Vec<Change> {
        let mut gone: SortedSet<usize> = pairs.values().copied().collect();
        for (at, change) in new.iter().enumerate() {
            // Most are new: nothing that was found since could make them known.
            let may_be =
                change.commits().any(|id| self.told.contains(&id) || self.by_patch.contains_key(&id));
            let commits = if may_be { self.commits_of(change, at) } else { Vec::new() };
            let by = pairs.get(&at);
            if by.is_some() || !commits.is_empty() {
                gone.insert(at);
            }
            if let Some((by, taking)) = by.and_then(|by| Some((*by, new.get(*by)?)))
                && !commits.is_empty()
            {
                gone.remove(&by);
                self.forget_commits(commits, by);
                self.forget(taking, by);
            }
        }
        new.into_iter().enumerate().filter(|(at, _)| !gone.contains(at)).map(|(_, change)| change).collect()
    }

    /// Whether a commit of an earlier release is not taken back where a new change stands.
    fn stands(&self, id: Oid, at: usize) -> bool {
        self.until.get(&id).is_none_or(|until| at < *until)
    }

    /// The commits of earlier releases that a new change, which stands at a place, is one of; none where it is new.
    fn commits_of(&self, change: &Change, at: usize) -> Vec<Oid> {
        let mut found = self.with_number(change);
        found.extend(self.commits_of_one(change.id, &change.message, at));
        let parts = change.parts.iter().map(|part| self.commits_of_one(part.id, &part.message, at));
        found.extend(all(parts));
        found.retain(|id| self.stands(*id, at));
        found
    }

    /// The same of one commit: by its id, by what it does, or by all the commits that it was picked from.
    fn commits_of_one(&self, id: Oid, message: &Message, at: usize) -> Vec<Oid> {
        let with_id = |id: &Oid| -> Vec<Oid> {
            let found = self.by_id.get(id).into_iter().flatten().copied();
            found.filter(|id| self.stands(*id, at)).collect()
        };
        let mut found = with_id(&id);
        found.extend(self.by_patch.get(&id).filter(|id| self.stands(**id, at)));
        found.extend(all(message.rest().picked_from.iter().map(with_id)));
        found
    }

    /// The same by its pull request: people write the numbers of issues into titles too, so that a number there
    /// counts only with the same title.
    fn with_number(&self, change: &Change) -> Vec<Oid> {
        let Some(number) = change.number.or_else(|| change.merged_number()) else { return Vec::new() };
        let is_same = |earlier: &&&Change| {
            earlier.message.title == change.message.title
                || change.merged_number() == Some(number) && earlier.merged_number() == Some(number)
        };
        let same = self.by_number.get(&number).into_iter().flatten().filter(is_same);
        let picked = self.by_picked.get(&number).into_iter().flatten().copied();
        picked.chain(same.flat_map(|change| change.commits())).collect()
    }
}

/// What is found of each, where there is something of all.
fn all(each: impl Iterator<Item = Vec<Oid>>) -> Vec<Oid> {
    let each: Option<Vec<Vec<Oid>>> =
        each.map(|found| Some(found).filter(|found| !found.is_empty())).collect();
    each.unwrap_or_default().concat()
}
