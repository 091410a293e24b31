//! What releases before this one have already: the same change, picked from one branch to another.

use std::collections::HashSet;

use anyhow::Result;

use super::entries::is_step;
use super::fold::{Change, Commit, changes, without_reverted};
use super::message::{Message, Reverted};
use super::same::{self, Step};
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

/// Leaves out of the changes those that an earlier release has; `steps` are the commits that the changes are of.
pub(super) fn without_earlier(
    repo: &Repo,
    earlier: Vec<Commit>,
    steps: &[Step],
    new: Vec<Change>,
) -> Result<Vec<Change>> {
    if earlier.is_empty() {
        return Ok(new);
    }
    let tips: Vec<Oid> = earlier.iter().map(|commit| commit.id).collect();
    let of_earlier = same::steps(repo, &earlier, &[])?;
    let mut earlier = without_reverted(changes(earlier, &tips));
    let taken_back: Vec<&Reverted> = new.iter().flat_map(Change::reverts).collect();
    earlier.retain(|change| !taken_back.iter().any(|reverted| is_of(change, reverted)));
    let keys = Keys::of(&earlier);
    let (mut left, known): (Vec<Change>, Vec<Change>) = new.into_iter().partition(|change| !keys.has(change));
    // Commits that are accounted for need not be compared.
    let found = Keys::of(&known);
    let open = earlier.iter().filter(|change| !found.accounts_for(change) && !is_step(change));
    let open: HashSet<Oid> = open.flat_map(Change::commits).collect();
    let open: Vec<&Step> = of_earlier.iter().filter(|step| open.contains(&step.commit)).collect();
    let parts: HashSet<Oid> = left.iter().flat_map(Change::commits).collect();
    let same = same::same_patches(repo, &open, steps, &parts)?;
    left.retain(|change| !change.commits().all(|id| same.contains(&id)));
    Ok(left)
}

/// Whether it is a change of an earlier release that is taken back.
fn is_of(change: &Change, reverted: &Reverted) -> bool {
    match reverted {
        Reverted::Commit(id) => {
            change.id == *id
                || change.commits().any(|part| part == *id)
                || change.message.rest().picked_from.contains(id)
        }
        Reverted::Number(number) => change.message.numbers.contains(number),
        // Many things may be called alike.
        Reverted::Title(_) => false,
    }
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
        self.ids.extend(&message.rest().picked_from);
        self.numbers.extend(&message.numbers);
        self.numbers.extend(&message.rest().picked_numbers);
    }

    /// Whether a change of an earlier release is one of them, by any number that it has.
    fn accounts_for(&self, change: &Change) -> bool {
        let numbers = change.message.numbers.iter().chain(&change.message.rest().picked_numbers);
        self.has(change) || numbers.into_iter().any(|number| self.numbers.contains(number))
    }

    /// Whether a change is one of them: by its number, by its commit, or by all the commits that it is made of.
    fn has(&self, change: &Change) -> bool {
        let picked = |message: &Message| message.rest().picked_from.iter().any(|id| self.ids.contains(id));
        let parts = || change.parts.iter().all(|part| self.ids.contains(&part.id) || picked(&part.message));
        change.number.is_some_and(|number| self.numbers.contains(&number))
            || self.ids.contains(&change.id)
            || picked(&change.message)
            || (!change.parts.is_empty() && parts())
    }
}
