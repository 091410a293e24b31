//! From commits to changes: a merged pull request is one, and so is every commit that came without.

use std::rc::Rc;

use foldhash::{HashMap, HashMapExt as _};
use smallvec::SmallVec;

use super::lines::Lines;
use super::message::{Message, Reverted};
use crate::domain::{Oid, OidMap, SortedMap, SortedSet};
use crate::git::Person;

/// Those who wrote a change, who are hardly ever more than two.
pub(super) type People = SmallVec<[Rc<Person>; 2]>;

/// A commit as it is read.
pub(super) type Commit = crate::git::Commit<Message>;

/// A change: a pull request, or a commit of its own.
#[derive(Debug, Clone)]
pub(super) struct Change {
    /// The commit that brought it: the merge, or the commit itself.
    pub(super) id: Oid,
    /// What the change is called; the first line, and what stands below it.
    pub(super) message: Message,
    /// Its pull request.
    pub(super) number: Option<u64>,
    /// The commits of a pull request, merges left out, the oldest first; none where the change is one itself.
    pub(super) parts: Vec<Part>,
    /// Who wrote it.
    pub(super) people: People,
}

/// One commit of a change.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// Its id.
    pub(super) id: Oid,
    /// Its message.
    pub(super) message: Message,
}

/// The changes of a range of commits, the oldest first. `tips` are its newest commits.
pub(super) fn changes(mut commits: Vec<Commit>, tips: &[Oid]) -> Vec<Change> {
    let ids = commits.iter().map(|commit| commit.id).collect();
    let parents = commits.iter_mut().map(|commit| std::mem::take(&mut commit.parents)).collect();
    let mut lines = Lines::new(ids, parents);
    let mut found = Vec::with_capacity(commits.len());
    for tip in tips {
        // What is still to be looked at, the next one last.
        let mut open = lines.line(*tip);
        while let Some(at) = open.pop() {
            let Some(commit) = commits.get_mut(at) else { continue };
            let sides = lines.sides(at).to_vec();
            if sides.is_empty() {
                found.push(single(commit));
            } else if let Some((title, number)) = request(&commit.message) {
                let merge = (commit.id, title, number);
                let side = lines.all(&sides);
                found.push(merged(merge, &mut commits, &side, &lines));
            } else {
                // A merge of branches: what it brings stands for itself.
                for side in sides.iter().rev() {
                    open.extend(lines.line(*side));
                }
            }
        }
    }
    found
}

/// Takes out of a list what is taken back in it, together with what takes it back.
pub(super) fn without_reverted(changes: Vec<Change>) -> Vec<Change> {
    let pairs = reverted(&changes);
    let gone: SortedSet<usize> = pairs.iter().flat_map(|(one, other)| [*one, *other]).collect();
    changes.into_iter().enumerate().filter(|(at, _)| !gone.contains(at)).map(|(_, change)| change).collect()
}

/// What is taken back in a list: the places of changes, each with the place of what takes it back.
pub(super) fn reverted(changes: &[Change]) -> SortedMap<usize, usize> {
    if changes.iter().all(|change| change.reverts().is_empty()) {
        return SortedMap::new();
    }
    let mut pairs = Vec::new();
    let mut ids: OidMap<usize> = OidMap::default();
    // A release branch may call what it takes back as the branch does that it was picked from.
    for (at, change) in changes.iter().enumerate() {
        ids.extend(change.message.rest().picked_from.iter().map(|id| (*id, at)));
    }
    for (at, change) in changes.iter().enumerate() {
        // A pull request of several commits is not taken back with one of them.
        let alone = change.parts.first().filter(|_| change.parts.len() == 1).map(|part| (part.id, at));
        ids.extend(std::iter::once((change.id, at)).chain(alone));
    }
    let numbers: SortedMap<u64, usize> =
        changes.iter().enumerate().filter_map(|(at, change)| Some((change.number?, at))).collect();
    let mut titles: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, change) in changes.iter().enumerate() {
        titles.entry(&change.message.title).or_default().push(at);
    }
    let mut gone = vec![false; changes.len()];
    let is_gone = |gone: &[bool], at: usize| gone.get(at).copied().unwrap_or_default();
    for (at, change) in changes.iter().enumerate().rev().filter(|(_, change)| !change.reverts().is_empty()) {
        if is_gone(&gone, at) {
            continue;
        }
        let standing = |other: &usize| *other < at && !is_gone(&gone, *other);
        let target = change.reverts().iter().find_map(|reverted| match reverted {
            Reverted::Commit(id) => ids.get(id).copied().filter(standing),
            Reverted::Number(number) => numbers.get(number).copied().filter(standing),
            Reverted::Title(title) => {
                titles.get(title.as_str())?.iter().rev().copied().find(|other| standing(other))
            }
        });
        if let Some(target) = target {
            for at in [at, target] {
                gone.get_mut(at).into_iter().for_each(|gone| *gone = true);
            }
            pairs.push((target, at));
        }
    }
    pairs.into_iter().collect()
}

impl Change {
    /// The commits that it is made of.
    pub(super) fn commits(&self) -> impl Iterator<Item = Oid> {
        let own = Some(self.id).filter(|_| self.parts.is_empty());
        own.into_iter().chain(self.parts.iter().map(|part| part.id))
    }

    /// The number of the pull request that it is the merge of.
    pub(super) fn merged_number(&self) -> Option<u64> {
        let picked = self.message.rest().request.as_ref().map(|(_, number)| *number);
        self.number.filter(|_| !self.parts.is_empty()).or(picked)
    }

    /// What it takes back, as a whole.
    pub(super) fn reverts(&self) -> &[Reverted] {
        let own = &self.message.rest().reverts;
        match self.parts.as_slice() {
            [part] if own.is_empty() => &part.message.rest().reverts,
            _ => own,
        }
    }
}

fn single(commit: &mut Commit) -> Change {
    let message = std::mem::take(&mut commit.message);
    let people = std::iter::once(Rc::clone(&commit.author));
    let people = people.chain(message.rest().co_authors.iter().cloned().map(Rc::new)).collect();
    Change { id: commit.id, number: message.number(), message, parts: Vec::new(), people }
}

/// A merge of a pull request: one change, called as the request was. `side` are the commits that it brings.
fn merged(
    (id, title, number): (Oid, Option<Message>, u64),
    commits: &mut [Commit],
    side: &[usize],
    lines: &Lines,
) -> Change {
    let mut parts = Vec::new();
    let mut people = People::new();
    for at in side.iter().filter(|at| lines.sides(**at).is_empty()) {
        let Some(commit) = commits.get_mut(*at) else { continue };
        let part = Part { id: commit.id, message: std::mem::take(&mut commit.message) };
        people.push(Rc::clone(&commit.author));
        people.extend(part.message.rest().co_authors.iter().cloned().map(Rc::new));
        parts.push(part);
    }
    let first = parts.first().map(|part| part.message.clone());
    let message = title.or(first).unwrap_or_default();
    Change { id, message, number: Some(number), parts, people }
}

/// What a merge says of the pull request that it brings: its title with its description, where they are there,
/// and its number; `None` for a merge of branches.
fn request(message: &Message) -> Option<(Option<Message>, u64)> {
    if let Some(request) = &message.rest().request {
        return Some(request.clone());
    }
    let is_plain = ["Merge ", "Merged "].iter().any(|word| message.title.starts_with(word));
    message.number().filter(|_| !is_plain).map(|number| (Some(message.clone()), number))
}
