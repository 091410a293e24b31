//! Which commits change the same as others: by the patch, whatever they are called.
//!
//! To compare all patches would cost more than all the rest. What a pick keeps tells most of them; the others are
//! found where the files that were changed stand differently along a line of history: what is as it was at both ends of a
//! stretch was not changed for good in it, and nothing in between is looked at.

use std::cell::OnceCell;
use std::hash::BuildHasher as _;

use anyhow::Result;
use foldhash::quality::FixedState;
use foldhash::{HashMap, HashMapExt as _, HashSet};

use super::fold::Commit;
use super::lines::Lines;
use crate::domain::{Oid, OidMap, OidSet, SortedMap, SortedSet};
use crate::git::{Changes, Compared, Parents, Patch, Repo, Watched};

/// What tells a commit that was picked or applied: who wrote it and when, and what it is called. Git keeps both,
/// and those who say it anew mostly keep one.
type Marks = [u64; 2];

/// A commit as its files stand before it and after it.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) commit: Oid,
    parents: Parents,
    /// The root folder of its first parent, where there is one.
    before: Option<Oid>,
    after: Oid,
    marks: Marks,
    /// Whether it was made on top of all the releases before: then it is in none of them.
    follows: bool,
}

impl Step {
    /// Whether it is no merge.
    fn is_single(&self) -> bool {
        self.parents.len() < 2
    }

    /// What it changes.
    fn changed(&self, repo: &Repo) -> Result<Changes> {
        repo.changes(self.before, self.after)
    }

    /// Its marks, each with which of them it is.
    fn marked(&self) -> impl Iterator<Item = (usize, u64)> {
        self.marks.into_iter().enumerate()
    }
}

/// The marks of a commit.
fn marks(commit: &Commit) -> Marks {
    let hash = FixedState::default();
    [hash.hash_one((&commit.author.email, commit.authored)), hash.hash_one(&commit.message.title)]
}

/// The commits of a log as steps; `tips` are the releases before.
pub(super) fn steps(repo: &Repo, log: &[Commit], tips: &[Oid]) -> Result<Vec<Step>> {
    let trees: OnceCell<OidMap<Oid>> = OnceCell::new();
    // Nothing follows all releases where one lies aside.
    let is_parent = |tip: &Oid| log.iter().any(|commit| commit.parents.contains(tip));
    let lies_aside = !tips.iter().all(is_parent);
    let mut following: Vec<OidSet> = tips.iter().map(|tip| OidSet::from_iter([*tip])).collect();
    for commit in log.iter().rev().take(if lies_aside { 0 } else { log.len() }) {
        for known in following.iter_mut().filter(|known| commit.parents.iter().any(|id| known.contains(id))) {
            known.insert(commit.id);
        }
    }
    // Mostly a parent stands below its child.
    let tree = |at: usize, id: Oid| match log.get(at + 1).filter(|next| next.id == id) {
        Some(next) => Ok(next.tree),
        None => {
            let trees = trees.get_or_init(|| log.iter().map(|commit| (commit.id, commit.tree)).collect());
            trees.get(&id).map_or_else(|| repo.root_of(id), |tree| Ok(*tree))
        }
    };
    let step = |(at, commit): (usize, &Commit)| {
        Ok(Step {
            commit: commit.id,
            parents: commit.parents.clone(),
            before: commit.parents.first().map(|parent| tree(at, *parent)).transpose()?,
            after: commit.tree,
            marks: marks(commit),
            follows: following.iter().all(|known| known.contains(&commit.id)),
        })
    };
    log.iter().enumerate().map(step).collect()
}

/// What is asked of the commits of earlier releases and of the new ones.
pub(super) struct Question<'a> {
    /// Those of earlier releases, the newest first.
    pub(super) earlier: &'a [Step],
    /// Which of them no new one is known to be.
    pub(super) open: &'a OidSet,
    /// Which of them some new one is known to be.
    pub(super) matched: &'a OidSet,
    /// The new ones, the newest first.
    pub(super) steps: &'a [Step],
    /// Which of them are known to be in an earlier release.
    pub(super) known: &'a OidSet,
}

/// What their patches say.
#[derive(Default)]
pub(super) struct Answer {
    /// The new commits that do what an open earlier one does, each with that one: one takes no more than one.
    pub(super) pairs: OidMap<Oid>,
    /// The earlier ones that a later one takes back to the letter, each with the last that does.
    pub(super) undone: OidMap<Oid>,
}

/// What tells that a new commit is an earlier one.
type Way<'a> = &'a dyn Fn(&Step, &Step) -> bool;

/// What is known of the changes that are compared.
struct Comparison<'a> {
    repo: &'a Repo,
    all: OidMap<&'a Changes>,
    found: Compared,
}

impl Comparison<'_> {
    /// Whether two commits make the same files of the same files.
    fn is_like(&self, new: Oid, old: Oid) -> bool {
        self.all.get(&new).zip(self.all.get(&old)).is_some_and(|(new, old)| new.is_like(old))
    }

    fn has_one_place(&self, commit: Oid) -> bool {
        self.repo.has_one_place(commit, &self.found)
    }
}

/// What some commits change.
type Changed = OidMap<Changes>;

/// The paths at which a commit changes something.
type Paths = SortedSet<Vec<u8>>;

impl Question<'_> {
    /// Compares those alone that change the same files.
    pub(super) fn ask(&self, repo: &Repo) -> Result<Answer> {
        let mut line = Changed::default();
        let is_open = |step: &&Step| step.is_single() && self.open.contains(&step.commit);
        if self.earlier.iter().any(|step| is_open(&step)) {
            let roots = |step: &Step| step.before.into_iter().chain([step.after]);
            repo.fetch_promised(self.earlier.iter().chain(self.steps).flat_map(roots))?;
        }
        for step in self.earlier.iter().filter(is_open) {
            line.insert(step.commit, step.changed(repo)?);
        }
        let sets: HashSet<&Paths> = line.values().map(|changes| &changes.paths).collect();
        // What changes all of a set changes one of it; the longest is in the folder where least happens.
        let longest = sets.iter().filter_map(|set| set.iter().max_by_key(|path| path.len()));
        let paths: SortedSet<&[u8]> = longest.map(Vec::as_slice).collect();
        if paths.is_empty() {
            return Ok(Answer::default());
        }
        let mut compared = self.alike(repo, &paths, &sets)?;
        let new: OidSet = compared.keys().copied().collect();
        let mut watched = repo.watch(&paths)?;
        for step in self.earlier.iter().filter(|step| step.is_single() && self.matched.contains(&step.commit))
        {
            if watched.differ(step.before, step.after)? {
                let changes = step.changed(repo)?;
                if sets.contains(&changes.paths) {
                    compared.insert(step.commit, changes);
                }
            }
        }
        let asked: HashSet<&Paths> = compared.values().map(|changes| &changes.paths).collect();
        let open = line.iter().filter(|(_, changes)| asked.contains(&changes.paths));
        let all = open.chain(&compared).map(|(id, changes)| (*id, changes)).collect();
        let found = repo.patches(&all)?;
        let comparison = Comparison { repo, all, found };
        Ok(Answer { pairs: self.pairs(&comparison, &new), undone: self.undone(&comparison.found.patches) })
    }

    /// The new commits that may be among those wanted: those that keep a mark of an open one, and those that change
    /// one of the paths for good; with what they change, where that is one of the sets.
    fn alike(&self, repo: &Repo, paths: &SortedSet<&[u8]>, sets: &HashSet<&Paths>) -> Result<Changed> {
        let open = self.earlier.iter().filter(|step| self.open.contains(&step.commit));
        let marks: HashSet<(usize, u64)> = open.flat_map(Step::marked).collect();
        let wanted = |step: &Step| step.is_single() && !step.follows && !self.known.contains(&step.commit);
        let is_marked = |step: &&Step| wanted(step) && step.marked().any(|mark| marks.contains(&mark));
        let mut found: SortedMap<Oid, &Step> =
            self.steps.iter().filter(is_marked).map(|step| (step.commit, step)).collect();
        let changing = changing(repo.watch(paths)?, self.steps, &wanted)?;
        found.extend(changing.into_iter().map(|step| (step.commit, step)));
        let mut alike = Changed::default();
        for (id, step) in found {
            let changes = step.changed(repo)?;
            if sets.contains(&changes.paths) {
                alike.insert(id, changes);
            }
        }
        Ok(alike)
    }

    /// Pairs those of one patch: by their marks, else where that can't be wrong. Which of two places of a file a
    /// patch means it does not say; then it is better to tell of a change twice than not at all.
    fn pairs(&self, comparison: &Comparison<'_>, new: &OidSet) -> OidMap<Oid> {
        let mut groups: HashMap<Patch, [Vec<&Step>; 2]> = HashMap::new();
        let steps = self.steps.iter().rev().filter(|step| new.contains(&step.commit)).map(|step| (0, step));
        let open = self.earlier.iter().rev().filter(|step| self.open.contains(&step.commit));
        for (side, step) in steps.chain(open.map(|step| (1, step))) {
            let Some(patch) = comparison.found.patches.get(&step.commit) else { continue };
            groups.entry(*patch).or_default().get_mut(side).into_iter().for_each(|group| group.push(step));
        }
        let mut pairs = OidMap::default();
        for [mut new, mut open] in groups.into_values() {
            let kept = |marks: &'static [usize]| {
                move |new: &Step, old: &Step| {
                    marks.iter().all(|mark| new.marks.get(*mark) == old.marks.get(*mark))
                }
            };
            let ways: [Way<'_>; 4] = [
                &kept(&[0, 1]),
                &kept(&[0]),
                &|new, old| comparison.is_like(new.commit, old.commit),
                &kept(&[1]),
            ];
            for is_same in ways {
                open.retain(|old| {
                    let Some(at) = new.iter().position(|new| is_same(new, old)) else { return true };
                    pairs.insert(new.remove(at).commit, old.commit);
                    false
                });
            }
            if new.len() <= open.len() {
                let both = new.iter().zip(&open).map(|(new, old)| (new.commit, old.commit));
                pairs.extend(
                    both.filter(|(new, old)| {
                        comparison.has_one_place(*new) && comparison.has_one_place(*old)
                    }),
                );
            }
        }
        pairs
    }

    /// The earlier commits that later ones take back.
    fn undone(&self, patches: &OidMap<Patch>) -> OidMap<Oid> {
        let mut undone = OidMap::default();
        let mut standing: HashMap<Patch, Vec<Oid>> = HashMap::new();
        for step in self.earlier.iter().rev() {
            let Some(patch) = patches.get(&step.commit) else { continue };
            let before = standing.remove(&patch.reversed()).unwrap_or_default();
            undone.extend(before.into_iter().map(|id| (id, step.commit)));
            standing.entry(*patch).or_default().push(step.commit);
        }
        undone
    }
}

/// The commits that change one of the watched paths on their line of first parents, so that it stays changed.
fn changing<'s>(
    mut watched: Watched<'_>,
    steps: &'s [Step],
    wanted: &dyn Fn(&Step) -> bool,
) -> Result<Vec<&'s Step>> {
    let ids = steps.iter().map(|step| step.commit).collect();
    let mut lines = Lines::new(ids, steps.iter().map(|step| step.parents.clone()).collect());
    let mut found: Vec<&Step> = Vec::new();
    for (at, tip) in steps.iter().enumerate() {
        let line = lines.line_at(tip.commit, at);
        // Most are on a line that was walked before.
        if line.is_empty() {
            continue;
        }
        let line: Vec<&Step> = line.into_iter().filter_map(|at| steps.get(at)).collect();
        let mut open = vec![line.as_slice()];
        while let Some(stretch) = open.pop() {
            let (Some(newest), Some(oldest)) = (stretch.first(), stretch.last()) else { continue };
            if !stretch.iter().any(|step| wanted(step)) || !watched.differ(oldest.before, newest.after)? {
                continue;
            }
            if stretch.len() == 1 {
                found.push(*newest);
            } else {
                let (newer, older) = stretch.split_at(stretch.len() / 2);
                open.extend([newer, older]);
            }
        }
    }
    Ok(found.into_iter().filter(|step| wanted(step)).collect())
}
