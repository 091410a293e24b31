//! Walks of the history: which commits reach which.
//!
//! The parents of a commit come from the commit-graph file where there is one, else from the commit
//! itself. Each is read once and kept as numbers, so that any count of questions costs one reading of the
//! history, and memory of about 25 bytes a commit besides its id. Every commit has a level, one above its
//! highest parent's (git calls it the topological level): a walk never goes below what it looks for.
//! Replace refs and grafts are ignored.

use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;
use git2::ObjectType;
use gix_commitgraph::{Graph, Position};

use super::numbers::Numbers;
use super::reach::{Node, Reach};
use super::{Peeled, Repo, environment, object_error};
use crate::domain::{Fail, Oid, OidSet};

/// So many commits are looked at before all levels are computed: what is sought mostly lies near.
const NEAR: usize = 2_000;

/// So many commits are looked at to say how far two commits are apart.
const FAR: usize = 5_000;

/// How many histories are open.
static OPEN: AtomicUsize = AtomicUsize::new(0);

/// The history of a repository, so far as it was asked for.
pub struct History<'repo> {
    repo: &'repo Repo,
    odb: git2::Odb<'repo>,
    graph: Option<Graph>,
    /// How many commits the graph has.
    known: u32,
    /// Their first parents, once a line of them was followed to its end; `NO_PARENT` where there is none.
    firsts: Vec<u32>,
    /// The other commits.
    ids: Vec<Oid>,
    numbers: Numbers,
    /// For each of them where its parents are in `edges`, start and end; unread where the start is the
    /// highest number.
    spans: Vec<(u32, u32)>,
    edges: Vec<Node>,
    /// Their levels; 0 where it is not known yet.
    levels: Vec<u32>,
    /// Room for the parents of a commit, where the first one alone is asked for.
    parents: Vec<Node>,
    /// The commits whose parents a shallow clone lacks.
    boundary: OidSet,
}

/// How far a commit is from others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distance {
    /// How many commits it has that the others lack; `None` where there are too many to count.
    pub ahead: Option<usize>,
    /// The newest commit that both have.
    pub base: Option<Oid>,
}

const UNREAD: (u32, u32) = (u32::MAX, 0);

/// No number of a commit: a graph ends far below.
const NO_PARENT: u32 = u32::MAX;

impl<'repo> History<'repo> {
    /// The history of a repository; nothing is read yet but the head of a commit-graph.
    pub fn open(repo: &'repo Repo) -> Result<Self> {
        // Each commit is read once: to keep them would only cost. The switch is one for all.
        OPEN.fetch_add(1, Ordering::Relaxed);
        git2::opts::enable_caching(false);
        let info = repo.common_dir().join("objects/info");
        // A graph that can't be used is as good as none; git itself says what is wrong with it.
        let graph = Graph::from_info_dir(&info, gix_hash::Kind::Sha1).ok().filter(has_levels);
        let known = graph.as_ref().map_or(0, Graph::num_commits);
        Ok(Self {
            repo,
            odb: repo.inner.odb()?,
            graph,
            known,
            firsts: Vec::new(),
            ids: Vec::new(),
            numbers: Numbers::default(),
            spans: Vec::new(),
            edges: Vec::new(),
            levels: Vec::new(),
            parents: Vec::new(),
            boundary: repo.shallow_boundary(),
        })
    }

    /// Whether the clone's history is cut short.
    pub fn is_cut(&self) -> bool {
        !self.boundary.is_empty()
    }

    /// The number of a commit, which need not be there.
    pub fn node(&mut self, id: Oid) -> Node {
        let in_graph = |graph: &Graph| graph.lookup(gix_hash::ObjectId::from(*id.as_bytes()));
        if let Some(position) = self.graph.as_ref().and_then(in_graph) {
            return Node(position.0);
        }
        let (at, is_new) = self.numbers.number(id, &self.ids);
        if is_new {
            self.ids.push(id);
            self.spans.push(UNREAD);
            self.levels.push(0);
        }
        Node(self.known + at)
    }

    /// Follows tag objects, one to the next, to what they name.
    pub fn peel(&self, id: Oid) -> Result<Peeled> {
        self.repo.peel_known(id, |id| self.knows(id))
    }

    /// Whether the commit-graph says that an id is a commit's: then its object need not be asked.
    fn knows(&self, id: Oid) -> bool {
        self.graph
            .as_ref()
            .is_some_and(|graph| graph.lookup(gix_hash::ObjectId::from(*id.as_bytes())).is_some())
    }

    /// The id of a commit.
    pub fn id(&self, node: Node) -> Oid {
        match (self.index(node), &self.graph) {
            (None, Some(graph)) => oid_of(graph.id_at(Position(node.0))),
            (index, _) => index.and_then(|at| self.ids.get(at)).copied().unwrap_or(Oid::ZERO),
        }
    }

    /// What `tips` reach. The walk ends once it has met all of `sought`, and does not go below them.
    pub fn reach(&mut self, tips: &[Oid], sought: &[Node]) -> Result<Reach> {
        let tips: Vec<Node> = tips.iter().map(|id| self.node(*id)).collect();
        self.reach_of(&tips, sought)
    }

    fn reach_of(&mut self, tips: &[Node], sought: &[Node]) -> Result<Reach> {
        if self.known == 0 {
            let near = self.walk(tips, sought, 0, NEAR)?;
            if let Some(near) = near {
                return Ok(near);
            }
        }
        let mut floor = u32::MAX;
        for node in sought {
            floor = floor.min(self.level(*node)?);
        }
        let floor = if sought.is_empty() { 0 } else { floor };
        Ok(self.walk(tips, sought, floor, usize::MAX)?.unwrap_or_default())
    }

    /// Everything that `tips` reach.
    pub fn all(&mut self, tips: &[Oid]) -> Result<Reach> {
        let tips: Vec<Node> = tips.iter().map(|id| self.node(*id)).collect();
        Ok(self.walk(&tips, &[], 0, usize::MAX)?.unwrap_or_default())
    }

    /// Whether `tip` is or reaches a commit; `None` where only history that a shallow clone lacks could tell.
    pub fn reaches(&mut self, tip: Oid, commit: Oid) -> Result<Option<bool>> {
        let (tip, commit) = (self.node(tip), self.node(commit));
        self.leads_to(tip, commit)
    }

    /// The same of commits whose numbers are known.
    pub fn leads_to(&mut self, tip: Node, commit: Node) -> Result<Option<bool>> {
        if tip == commit || self.descends(tip, commit)? {
            return Ok(Some(true));
        }
        let found = self.reach_of(&[tip], &[commit])?.has(commit);
        Ok((found || !self.is_cut()).then_some(found))
    }

    /// Why a question has no answer in a shallow clone.
    pub fn cut_short() -> Fail {
        Fail::new("the clone's history is cut short, and what is asked lies behind the cut")
            .help("git fetch --unshallow --tags (in CI: fetch-depth: 0)")
    }

    /// Whether a commit lies on the line of first parents: mostly it does, and that line is short.
    fn descends(&mut self, tip: Node, commit: Node) -> Result<bool> {
        let mut node = tip;
        for _ in 0..NEAR {
            if node == commit {
                return Ok(true);
            }
            let level = self.known_level(node).zip(self.known_level(commit));
            match self.first_parent(node)? {
                Some(first) if level.is_none_or(|(node, commit)| node > commit) => node = first,
                _ => return Ok(false),
            }
        }
        Ok(false)
    }

    /// Whether a commit's line of first parents leads to one that was reached before. Then the line is added to
    /// those, else only with `always`.
    pub fn joins(&mut self, tip: Oid, reach: &mut Reach, always: bool) -> Result<bool> {
        self.read_first_parents()?;
        let mut line = Vec::new();
        let mut next = Some(self.node(tip));
        while let Some(node) = next.filter(|node| !reach.has(*node)) {
            line.push(node);
            next = self.first_parent(node)?;
        }
        let joined = next.is_some();
        if joined || always {
            for node in line {
                reach.add(node);
            }
        }
        Ok(joined)
    }

    /// Whether a commit reaches any that was reached before; `None` where only history that a shallow clone
    /// lacks could tell.
    pub fn meets(&mut self, tip: Oid, reach: &Reach) -> Result<Option<bool>> {
        let mut seen = Reach::default();
        let mut open = vec![self.node(tip)];
        let mut parents = Vec::new();
        while let Some(node) = open.pop() {
            if reach.has(node) {
                return Ok(Some(true));
            }
            if !seen.add(node) {
                continue;
            }
            self.parents(node, &mut parents)?;
            open.append(&mut parents);
        }
        Ok((!self.is_cut()).then_some(false))
    }

    /// How far `commit` is from `others`.
    pub fn distance(&mut self, commit: Oid, others: &[Oid]) -> Result<Distance> {
        self.compare(commit, others, FAR)
    }

    /// The newest commit that `commit` and any of `others` both have; `None` where they share no history.
    /// An error where only history that a shallow clone lacks could tell.
    pub fn merge_base(&mut self, commit: Oid, others: &[Oid]) -> Result<Option<Oid>> {
        let base = self.compare(commit, others, usize::MAX)?.base;
        if base.is_none() && self.is_cut() { Err(Self::cut_short().into()) } else { Ok(base) }
    }

    /// The commits are visited from the highest level down, so that each is known to be on one side or on
    /// both before its parents are; `limit` of them at most.
    fn compare(&mut self, commit: Oid, others: &[Oid], limit: usize) -> Result<Distance> {
        const ONE: u8 = 1;
        const OTHER: u8 = 2;
        let mut sides: HashMap<Node, u8> = HashMap::new();
        let mut heap = BinaryHeap::new();
        let starts = std::iter::once((commit, ONE)).chain(others.iter().map(|id| (*id, OTHER)));
        for (id, side) in starts {
            let node = self.node(id);
            heap.push((self.level(node)?, node));
            *sides.entry(node).or_default() |= side;
        }
        let mut parents = Vec::new();
        // What waits on the commit's own side only; when nothing does, all that follows is common.
        let mut alone = heap.iter().filter(|(_, node)| sides.get(node) == Some(&ONE)).count();
        let (mut ahead, mut base, mut visited) = (0, None, 0);
        while let Some((_, node)) = heap.pop() {
            let side = sides.get(&node).copied().unwrap_or_default();
            visited += 1;
            if visited > limit {
                return Ok(Distance { ahead: None, base: None });
            }
            match side {
                ONE => (ahead, alone) = (ahead + 1, alone - 1),
                OTHER => {}
                _ if base.is_none() => base = Some(self.id(node)),
                _ => {}
            }
            if alone == 0 && base.is_some() {
                break;
            }
            self.parents(node, &mut parents)?;
            for parent in parents.drain(..) {
                let known = sides.get(&parent).copied();
                let now = known.unwrap_or_default() | side;
                match (known, now) {
                    (None, ONE) => alone += 1,
                    (Some(ONE), now) if now != ONE => alone -= 1,
                    _ => {}
                }
                sides.insert(parent, now);
                if known.is_none() {
                    heap.push((self.level(parent)?, parent));
                }
            }
        }
        Ok(Distance { ahead: Some(ahead), base })
    }

    /// Walks from `tips` down to `floor`; `None` where that takes more than `limit` commits.
    fn walk(&mut self, tips: &[Node], sought: &[Node], floor: u32, limit: usize) -> Result<Option<Reach>> {
        let mut wanted = Reach::default();
        let mut missing = sought.iter().filter(|node| wanted.add(**node)).count();
        let mut reach = Reach::default();
        let mut open: VecDeque<Node> = tips.iter().copied().collect();
        let mut parents = Vec::new();
        let mut visited = 0;
        while let Some(node) = open.pop_front() {
            if !reach.add(node) {
                continue;
            }
            visited += 1;
            if wanted.has(node) {
                missing -= 1;
                if missing == 0 {
                    break;
                }
            }
            if visited > limit {
                return Ok(None);
            }
            if floor > 0 && self.level(node)? <= floor {
                continue;
            }
            reach.cut |= self.parents(node, &mut parents)?;
            open.extend(parents.drain(..).filter(|parent| !reach.has(*parent)));
        }
        Ok(Some(reach))
    }

    fn index(&self, node: Node) -> Option<usize> {
        node.0.checked_sub(self.known).map(|at| at as usize)
    }

    /// Reads the first parents of all commits of the graph. Along a line they lie all over the file: in the
    /// file's order that is faster, where most of them are needed.
    fn read_first_parents(&mut self) -> Result<()> {
        let Some(graph) = self.graph.as_ref().filter(|_| self.firsts.is_empty()) else { return Ok(()) };
        let mut firsts = Vec::with_capacity(self.known as usize);
        graph.iter_commits().try_for_each(|commit| {
            let first = commit.parent1().map_err(|_| broken_graph())?;
            firsts.push(first.map_or(NO_PARENT, |position| position.0));
            Ok::<_, Fail>(())
        })?;
        self.firsts = firsts;
        Ok(())
    }

    fn first_parent(&mut self, node: Node) -> Result<Option<Node>> {
        if let Some(first) = self.firsts.get(node.0 as usize) {
            return Ok(Some(Node(*first)).filter(|_| *first != NO_PARENT));
        }
        if let (None, Some(graph)) = (self.index(node), &self.graph) {
            let first = graph.commit_at(Position(node.0)).parent1().map_err(|_| broken_graph())?;
            return Ok(first.map(|position| Node(position.0)));
        }
        let mut parents = std::mem::take(&mut self.parents);
        let read = self.parents(node, &mut parents);
        let first = parents.first().copied();
        self.parents = parents;
        read.map(|_| first)
    }

    /// Puts the parents of a commit into `into`. Whether it has more that the clone lacks.
    fn parents(&mut self, node: Node, into: &mut Vec<Node>) -> Result<bool> {
        into.clear();
        let Some(at) = self.index(node) else {
            let Some(graph) = &self.graph else { return Ok(false) };
            for parent in graph.commit_at(Position(node.0)).iter_parents() {
                into.push(Node(parent.map_err(|_| broken_graph())?.0));
            }
            return Ok(false);
        };
        let span = self.spans.get(at).copied().unwrap_or(UNREAD);
        let (start, end) = if span == UNREAD { self.read(at)? } else { span };
        into.extend_from_slice(self.edges.get(start as usize..end as usize).unwrap_or_default());
        Ok(self.is_cut() && self.boundary.contains(&self.id(node)))
    }

    /// Reads the parents of a commit from the commit itself.
    fn read(&mut self, at: usize) -> Result<(u32, u32)> {
        let id = self.ids.get(at).copied().unwrap_or(Oid::ZERO);
        let raw = super::raw(id)?;
        let object = self.odb.read(raw).map_err(|error| object_error(raw, &error))?;
        if object.kind() != ObjectType::Commit {
            return Err(Fail::new(format!("{id} is a parent of a commit, but is no commit itself"))
                .help("git fsck says what is broken")
                .into());
        }
        let lines = object.data().split(|byte| *byte == b'\n').skip(1);
        let parents = lines.map_while(|line| Oid::from_hex(line.strip_prefix(b"parent ")?));
        let parents: Vec<Oid> = parents.filter(|_| !self.boundary.contains(&id)).collect();
        drop(object);
        let start = number(self.edges.len())?;
        for parent in parents {
            let parent = self.node(parent);
            self.edges.push(parent);
        }
        let span = (start, number(self.edges.len())?);
        if let Some(slot) = self.spans.get_mut(at) {
            *slot = span;
        }
        Ok(span)
    }

    /// The level of a commit. Where the graph does not know it, everything below it is read.
    fn level(&mut self, node: Node) -> Result<u32> {
        let mut open = vec![node];
        let mut parents = Vec::new();
        while let Some(&top) = open.last() {
            if self.known_level(top).is_some() {
                open.pop();
                continue;
            }
            self.parents(top, &mut parents)?;
            let mut highest = Some(0);
            for parent in &parents {
                let level = self.known_level(*parent);
                if level.is_none() {
                    open.push(*parent);
                }
                highest = highest.zip(level).map(|(a, b)| a.max(b));
            }
            if let Some((level, slot)) = highest.zip(self.index(top).and_then(|at| self.levels.get_mut(at))) {
                *slot = level + 1;
            }
        }
        Ok(self.known_level(node).unwrap_or_default())
    }

    fn known_level(&self, node: Node) -> Option<u32> {
        match (self.index(node), &self.graph) {
            (None, Some(graph)) => Some(graph.commit_at(Position(node.0)).generation()),
            (index, _) => index.and_then(|at| self.levels.get(at)).copied().filter(|level| *level > 0),
        }
    }
}

impl Drop for History<'_> {
    fn drop(&mut self) {
        git2::opts::enable_caching(OPEN.fetch_sub(1, Ordering::Relaxed) == 1);
    }
}

/// Whether a graph says of its commits on which level they are; very old versions of git left that out.
fn has_levels(graph: &Graph) -> bool {
    graph.num_commits() > 0 && graph.commit_at(Position(0)).generation() > 0
}

fn oid_of(id: &gix_hash::oid) -> Oid {
    id.as_bytes().try_into().map_or(Oid::ZERO, Oid::new)
}

fn number(count: usize) -> Result<u32> {
    Ok(u32::try_from(count)?)
}

fn broken_graph() -> Fail {
    Fail::new("the commit-graph of the repository is broken")
        .help("write it anew: git commit-graph write --reachable")
}

impl Repo {
    /// Whether a shallow clone lacks parents of one of some commits.
    pub fn is_cut(&self, commits: impl IntoIterator<Item = Oid>) -> bool {
        let boundary = self.shallow_boundary();
        !boundary.is_empty() && commits.into_iter().any(|commit| boundary.contains(&commit))
    }

    /// The commits whose parents a shallow clone lacks; empty in a whole one.
    pub(super) fn shallow_boundary(&self) -> OidSet {
        let file = environment::variable("GIT_SHALLOW_FILE")
            .map_or_else(|| self.common_dir().join("shallow"), Into::into);
        let text = std::fs::read(file).unwrap_or_default();
        text.split(|byte| *byte == b'\n').filter_map(Oid::from_hex).collect()
    }
}
