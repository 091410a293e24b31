//! The commits of a log as lines of first parents: each is on one of them.

use std::cell::OnceCell;

use crate::domain::{Oid, OidMap, order};
use crate::git::Parents;

/// The commits of a log by their places in it, the newest first.
pub(super) struct Lines {
    ids: Vec<Oid>,
    parents: Vec<Parents>,
    /// Where each is, once that is asked: mostly a parent stands below its child.
    places: OnceCell<OidMap<usize>>,
    /// Which ones have been handed out.
    taken: Vec<bool>,
}

impl Lines {
    /// The commits of a log, and the parents of each.
    pub(super) fn new(ids: Vec<Oid>, parents: Vec<Parents>) -> Self {
        Self { taken: vec![false; ids.len()], ids, parents, places: OnceCell::new() }
    }

    /// The parents of a commit but for its first one.
    pub(super) fn sides(&self, at: usize) -> &[Oid] {
        self.parents.get(at).and_then(|parents| parents.get(1..)).unwrap_or_default()
    }

    /// The commits that are not taken yet on the line of first parents, the newest first.
    pub(super) fn line(&mut self, tip: Oid) -> Vec<usize> {
        self.line_at(tip, 0)
    }

    /// The same from a commit that is likely at one place.
    pub(super) fn line_at(&mut self, tip: Oid, likely: usize) -> Vec<usize> {
        let mut line = Vec::new();
        let mut next = self.take(tip, likely);
        while let Some(at) = next {
            line.push(at);
            let parent = self.parents.get(at).and_then(|parents| parents.first().copied());
            next = parent.and_then(|id| self.take(id, at + 1));
        }
        line
    }

    /// All commits that are not taken yet and that some reach, the oldest first.
    pub(super) fn all(&mut self, tips: &[Oid]) -> Vec<usize> {
        let mut found = Vec::new();
        let mut open = tips.to_vec();
        while let Some(id) = open.pop() {
            let Some(at) = self.take(id, 0) else { continue };
            found.push(at);
            open.extend(self.parents.get(at).into_iter().flatten());
        }
        // The log has the newest first.
        order::sort_by(&mut found, |one, other| other.cmp(one));
        found
    }

    /// Takes a commit, which may be at one place.
    fn take(&mut self, id: Oid, likely: usize) -> Option<usize> {
        let places = || self.ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
        let at = match self.ids.get(likely) {
            Some(other) if *other == id => likely,
            _ => *self.places.get_or_init(places).get(&id)?,
        };
        let taken = self.taken.get_mut(at)?;
        (!std::mem::replace(taken, true)).then_some(at)
    }
}
