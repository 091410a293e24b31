//! What releases before this one have already: the same change, picked from one branch to another.

use std::collections::{BTreeSet, HashSet};

use anyhow::Result;

use super::entries::is_step;
use super::fold::{Change, Commit, changes, without_reverted};
use super::message::Message;
use super::range::Range;
use crate::domain::Oid;
use crate::git::Repo;

/// What tells a change of an earlier release.
#[derive(Default)]
struct Keys {
    /// The commits, and those that they were picked from.
    ids: HashSet<Oid>,
    /// The pull requests.
    numbers: HashSet<u64>,
}

/// Leaves out of the changes those that an earlier release has.
pub(super) fn without_earlier(
    repo: &Repo,
    range: &Range,
    earlier: Vec<Commit>,
    new: Vec<Change>,
) -> Result<Vec<Change>> {
    if earlier.is_empty() {
        return Ok(new);
    }
    let tips: Vec<Oid> = earlier.iter().map(|commit| commit.id).collect();
    let earlier = without_reverted(changes(earlier, &tips));
    let keys = Keys::of(&earlier);
    let (mut left, known): (Vec<Change>, Vec<Change>) = new.into_iter().partition(|change| !keys.has(change));
    // Commits that are accounted for need not be compared.
    let found = Keys::of(&known);
    let open: Vec<Oid> = earlier
        .iter()
        .filter(|change| !found.accounts_for(change) && !is_step(change))
        .flat_map(Change::commits)
        .collect();
    let same = same_patches(repo, range, &open, &left)?;
    left.retain(|change| !change.commits().all(|id| same.contains(&id)));
    Ok(left)
}

/// The commits of some changes that do what some others do. Only those that change the same files are compared.
fn same_patches(repo: &Repo, range: &Range, others: &[Oid], changes: &[Change]) -> Result<HashSet<Oid>> {
    let of_others = repo.changed_paths(others)?;
    let sets: HashSet<&BTreeSet<String>> = of_others.values().collect();
    let paths: BTreeSet<String> = sets.iter().flat_map(|set| set.iter().cloned()).collect();
    if paths.is_empty() {
        return Ok(HashSet::new());
    }
    let parts: HashSet<Oid> = changes.iter().flat_map(Change::commits).collect();
    let (end, without) = range.ends();
    let mut touching = repo.touching(&[end], &without, &paths)?;
    touching.retain(|id| parts.contains(id));
    let alike = repo.changed_paths(&touching)?;
    touching.retain(|id| alike.get(id).is_some_and(|set| sets.contains(set)));
    if touching.is_empty() {
        return Ok(HashSet::new());
    }
    let patches: HashSet<Oid> = repo.patch_ids(others)?.into_values().collect();
    let mine = repo.patch_ids(&touching)?;
    Ok(mine.into_iter().filter(|(_, patch)| patches.contains(patch)).map(|(id, _)| id).collect())
}

impl Keys {
    fn of(changes: &[Change]) -> Self {
        let mut keys = Self::default();
        for change in changes {
            keys.ids.insert(change.id);
            keys.numbers.extend(change.number);
            keys.add_message(&change.message);
            for part in &change.parts {
                keys.ids.insert(part.id);
                keys.add_message(&part.message);
            }
        }
        keys
    }

    fn add_message(&mut self, message: &Message) {
        self.ids.extend(message.picked_from());
        self.numbers.extend(&message.numbers);
        self.numbers.extend(&message.picked_numbers);
    }

    /// Whether a change of an earlier release is one of them, by any number that it has.
    fn accounts_for(&self, change: &Change) -> bool {
        let numbers = change.message.numbers.iter().chain(&change.message.picked_numbers);
        self.has(change) || numbers.into_iter().any(|number| self.numbers.contains(number))
    }

    /// Whether a change is one of them: by its number, by its commit, or by all the commits that it is made of.
    fn has(&self, change: &Change) -> bool {
        let picked = |message: &Message| message.picked_from().any(|id| self.ids.contains(&id));
        let parts = || change.parts.iter().all(|part| self.ids.contains(&part.id) || picked(&part.message));
        change.number.is_some_and(|number| self.numbers.contains(&number))
            || self.ids.contains(&change.id)
            || picked(&change.message)
            || (!change.parts.is_empty() && parts())
    }
}
