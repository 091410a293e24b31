//! Sets of commits, a bit for each.

/// A commit, as a number: those of the commit-graph first, the others in the order in which they were met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Node(pub(super) u32);

/// The commits that were reached from some others.
#[derive(Default)]
pub struct Reach {
    seen: Vec<u64>,
    /// Whether the walk came to commits whose parents the clone lacks.
    pub cut: bool,
}

impl Reach {
    /// Whether a commit was reached.
    pub fn has(&self, node: Node) -> bool {
        let word = self.seen.get(node.0 as usize / 64).copied().unwrap_or_default();
        word >> (node.0 % 64) & 1 == 1
    }

    /// Adds a commit; whether it is new.
    pub(super) fn add(&mut self, node: Node) -> bool {
        let at = node.0 as usize / 64;
        if at >= self.seen.len() {
            self.seen.resize((at + 1).next_power_of_two(), 0);
        }
        let bit = 1 << (node.0 % 64);
        let Some(word) = self.seen.get_mut(at) else { return false };
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }
}
