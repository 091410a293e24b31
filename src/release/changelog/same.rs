//! Which commits change the same as others: by the patch, whatever they are called.
//!
//! To compare all patches would cost more than all the rest. What a pick keeps tells most of them; the others are
//! found where the files that were changed stand differently along a line of history: what is as it was at both ends of a
//! stretch was not changed for good in it, and nothing in between is looked at.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher as _};

use anyhow::Result;

use super::fold::Commit;
use super::lines::Lines;
use crate::domain::Oid;
use crate::git::{Repo, Watched};

/// What tells a commit that was picked or applied: who wrote it and when, and what it is called. Git keeps both,
/// and those who say it anew mostly keep one.
type Marks = [u64; 2];

/// A commit as its files stand before it and after it.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) commit: Oid,
    parents: Vec<Oid>,
    /// The root folder of its first parent, where there is one.
    before: Option<Oid>,
    after: Oid,
    marks: Marks,
    /// Whether it was made on top of all the releases before: then it is in none of them.
    follows: bool,
}

impl Step {
    /// Its marks, each with which of them it is.
    fn marked(&self) -> impl Iterator<Item = (usize, u64)> {
        self.marks.into_iter().enumerate()
    }
}

/// The marks of a commit.
fn marks(commit: &Commit) -> Marks {
    let mut writing = DefaultHasher::new();
    (&commit.author.email, commit.authored).hash(&mut writing);
    let mut title = DefaultHasher::new();
    commit.message.title.hash(&mut title);
    [writing.finish(), title.finish()]
}

/// The commits of a log as steps; `tips` are the releases before.
pub(super) fn steps(repo: &Repo, log: &[Commit], tips: &[Oid]) -> Result<Vec<Step>> {
    let trees: OnceCell<HashMap<Oid, Oid>> = OnceCell::new();
    // Nothing follows all releases where one lies aside.
    let is_parent = |tip: &Oid| log.iter().any(|commit| commit.parents.contains(tip));
    let lies_aside = !tips.iter().all(is_parent);
    let mut following: Vec<HashSet<Oid>> = tips.iter().map(|tip| HashSet::from([*tip])).collect();
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

/// The commits among the `wanted` ones that do what some others do. Only those that change the same files are compared.
pub(super) fn same_patches(
    repo: &Repo,
    others: &[&Step],
    steps: &[Step],
    wanted: &HashSet<Oid>,
) -> Result<HashSet<Oid>> {
    let known: HashSet<(usize, u64)> = others.iter().flat_map(|step| step.marked()).collect();
    let is_single = |step: &Step| step.parents.len() < 2;
    let changed = |step: &Step| repo.changed_paths(step.before, step.after);
    let others: Vec<(Oid, BTreeSet<String>)> = others
        .iter()
        .filter(|step| is_single(step))
        .map(|step| Ok((step.commit, changed(step)?)))
        .collect::<Result<_>>()?;
    let sets: HashSet<&BTreeSet<String>> = others.iter().map(|(_, set)| set).collect();
    // What changes all of a set changes one of it; the longest is in the folder where least happens.
    let longest = sets.iter().filter_map(|set| set.iter().max_by_key(|path| path.len()));
    let paths: BTreeSet<&str> = longest.map(String::as_str).collect();
    if paths.is_empty() {
        return Ok(HashSet::new());
    }
    let wanted = |step: &Step| is_single(step) && !step.follows && wanted.contains(&step.commit);
    let is_marked = |step: &&Step| wanted(step) && step.marked().any(|mark| known.contains(&mark));
    let mut open: BTreeMap<Oid, &Step> =
        steps.iter().filter(is_marked).map(|step| (step.commit, step)).collect();
    open.extend(changing(repo.watch(&paths)?, steps, &wanted)?.into_iter().map(|step| (step.commit, step)));
    let mut alike: HashMap<Oid, BTreeSet<String>> = HashMap::new();
    for (id, step) in open {
        let set = changed(step)?;
        if sets.contains(&set) {
            alike.insert(id, set);
        }
    }
    if alike.is_empty() {
        return Ok(HashSet::new());
    }
    let mine: HashSet<&BTreeSet<String>> = alike.values().collect();
    let compared = others.iter().filter(|(_, set)| mine.contains(set)).map(|(id, _)| *id);
    let patches = repo.patches(&alike.keys().copied().chain(compared).collect::<Vec<_>>())?;
    let (mine, others): (Vec<_>, Vec<_>) = patches.into_iter().partition(|(id, _)| alike.contains_key(id));
    let others: HashSet<u64> = others.into_iter().map(|(_, patch)| patch).collect();
    Ok(mine.into_iter().filter(|(_, patch)| others.contains(patch)).map(|(id, _)| id).collect())
}

/// The commits that change one of the watched paths on their line of first parents, so that it stays changed.
fn changing<'s>(
    mut watched: Watched<'_>,
    steps: &'s [Step],
    wanted: &dyn Fn(&Step) -> bool,
) -> Result<Vec<&'s Step>> {
    let ids: Vec<Oid> = steps.iter().map(|step| step.commit).collect();
    let mut lines = Lines::new(ids.clone(), steps.iter().map(|step| step.parents.clone()).collect());
    let mut found: Vec<&Step> = Vec::new();
    for tip in ids {
        let line: Vec<&Step> = lines.line(tip).into_iter().filter_map(|at| steps.get(at)).collect();
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
