//! From commits to changes: a merged pull request is one, and so is every commit that came without.

use std::collections::HashMap;

use super::message::{Message, Reverted, mentioned};
use crate::domain::Oid;
use crate::git::{Commit, Person};

/// A change: a pull request, or a commit of its own.
#[derive(Debug, Clone)]
pub(super) struct Change {
    /// The commit that brought it: the merge, or the commit itself.
    pub(super) id: Oid,
    /// What the change is called; the first line, and what stands below it.
    pub(super) message: Message,
    /// Its pull request.
    pub(super) number: Option<u64>,
    /// The commits that it is made of, merges left out, the oldest first.
    pub(super) parts: Vec<Part>,
    /// Who wrote it.
    pub(super) people: Vec<Person>,
}

/// One commit of a change.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// Its id.
    pub(super) id: Oid,
    /// Its message.
    pub(super) message: Message,
}

/// The changes of a range of commits, the oldest first. `tip` is its newest commit.
pub(super) fn changes(commits: &[Commit], tips: &[Oid]) -> Vec<Change> {
    let mut range = Range {
        places: commits.iter().enumerate().map(|(at, commit)| (commit.id, at)).collect(),
        taken: vec![false; commits.len()],
        commits,
    };
    let mut found = Vec::new();
    for tip in tips {
        // What is still to be looked at, the next one last.
        let mut open = range.line(*tip);
        while let Some(at) = open.pop() {
            let Some(commit) = commits.get(at) else { continue };
            let message = Message::parse(&commit.message);
            let sides = commit.parents.get(1..).unwrap_or_default();
            if sides.is_empty() {
                found.push(single(commit, message));
            } else if let Some((title, number)) = request(&message) {
                let side = range.side(sides);
                let side: Vec<&Commit> = side.into_iter().filter_map(|at| commits.get(at)).collect();
                found.push(merged(commit, (title, number), &side));
            } else {
                // A merge of branches: what it brings stands for itself.
                for side in sides.iter().rev() {
                    open.extend(range.line(*side));
                }
            }
        }
    }
    found
}

/// Takes out of a list what is taken back in it, together with what takes it back.
pub(super) fn without_reverted(changes: Vec<Change>) -> Vec<Change> {
    let ids: HashMap<Oid, usize> = changes
        .iter()
        .enumerate()
        .flat_map(|(at, change)| {
            // A pull request of several commits is not taken back with one of them.
            let alone = change.parts.first().filter(|_| change.parts.len() == 1).map(|part| (part.id, at));
            std::iter::once((change.id, at)).chain(alone)
        })
        .collect();
    let numbers: HashMap<u64, usize> =
        changes.iter().enumerate().filter_map(|(at, change)| Some((change.number?, at))).collect();
    let mut titles: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, change) in changes.iter().enumerate() {
        titles.entry(&change.message.title).or_default().push(at);
    }
    let mut gone = vec![false; changes.len()];
    for (at, change) in changes.iter().enumerate().rev() {
        if gone.get(at).copied().unwrap_or_default() {
            continue;
        }
        let standing = |other: &usize| *other < at && !gone.get(*other).copied().unwrap_or_default();
        let target = change.reverts().into_iter().find_map(|reverted| match reverted {
            Reverted::Commit(id) => ids.get(&id).copied().filter(standing),
            Reverted::Number(number) => numbers.get(&number).copied().filter(standing),
            Reverted::Title(title) => {
                titles.get(title.as_str())?.iter().rev().copied().find(|other| standing(other))
            }
        });
        if let Some(target) = target {
            for taken in [at, target] {
                gone.get_mut(taken).into_iter().for_each(|gone| *gone = true);
            }
        }
    }
    changes.into_iter().zip(gone).filter(|(_, gone)| !gone).map(|(change, _)| change).collect()
}

impl Change {
    /// What it takes back, as a whole.
    fn reverts(&self) -> Vec<Reverted> {
        let own = self.message.reverts();
        match self.parts.as_slice() {
            [part] if own.is_empty() => part.message.reverts(),
            _ => own,
        }
    }
}

struct Range<'a> {
    commits: &'a [Commit],
    places: HashMap<Oid, usize>,
    /// Which commits belong to a change, or to a line that is being looked at.
    taken: Vec<bool>,
}

impl Range<'_> {
    /// The commits that are not taken yet on the line of first parents, the newest first.
    fn line(&mut self, tip: Oid) -> Vec<usize> {
        let mut line = Vec::new();
        let mut next = Some(tip);
        while let Some(at) = next.and_then(|id| self.take(id)) {
            line.push(at);
            next = self.commits.get(at).and_then(|commit| commit.parents.first().copied());
        }
        line
    }

    /// All commits that are not taken yet and that some reach, the oldest first.
    fn side(&mut self, tips: &[Oid]) -> Vec<usize> {
        let mut found = Vec::new();
        let mut open = tips.to_vec();
        while let Some(id) = open.pop() {
            let Some(at) = self.take(id) else { continue };
            found.push(at);
            open.extend(self.commits.get(at).into_iter().flat_map(|commit| &commit.parents));
        }
        // The log has the newest first.
        found.sort_unstable_by(|one, other| other.cmp(one));
        found
    }

    fn take(&mut self, id: Oid) -> Option<usize> {
        let at = *self.places.get(&id)?;
        let taken = self.taken.get_mut(at)?;
        (!std::mem::replace(taken, true)).then_some(at)
    }
}

fn single(commit: &Commit, message: Message) -> Change {
    let people = std::iter::once(commit.author.clone()).chain(message.co_authors()).collect();
    let part = Part { id: commit.id, message: message.clone() };
    Change { id: commit.id, number: message.number(), message, parts: vec![part], people }
}

/// A merge of a pull request: one change, called as the request was.
fn merged(commit: &Commit, (title, number): (Option<Message>, u64), side: &[&Commit]) -> Change {
    let brought = side.iter().filter(|part| part.parents.len() < 2);
    let parts: Vec<Part> =
        brought.clone().map(|part| Part { id: part.id, message: Message::parse(&part.message) }).collect();
    let first = parts.first().map(|part| part.message.clone());
    let mut people: Vec<Person> = Vec::new();
    for (part, commit) in parts.iter().zip(brought) {
        people.push(commit.author.clone());
        people.extend(part.message.co_authors());
    }
    let message = title.or(first).unwrap_or_else(|| Message::parse(&commit.message));
    Change { id: commit.id, message, number: Some(number), parts, people }
}

/// What a merge says of the pull request that it brings: its title with its description, where they are there,
/// and its number; `None` for a merge of branches.
fn request(message: &Message) -> Option<(Option<Message>, u64)> {
    let title = message.title.as_str();
    let number = |text: &str| mentioned(text).first().copied();
    let below = || {
        let below = Message::parse(&message.body);
        Some(below).filter(|below| !below.title.is_empty())
    };
    if let Some(rest) = title.strip_prefix("Merge pull request ") {
        // Gitea has the title in quotes before the number.
        if let Some((title, rest)) = rest.strip_prefix('\'').and_then(|rest| rest.rsplit_once("' (")) {
            return Some((Some(Message { title: title.to_owned(), ..message.clone() }), number(rest)?));
        }
        return Some((below(), number(rest)?));
    }
    if let Some((_, rest)) = title.split_once("(pull request ").filter(|_| title.starts_with("Merged in ")) {
        return Some((below(), number(rest)?));
    }
    if let Some(line) = message.body.lines().rfind(|line| line.trim().starts_with("See merge request ")) {
        return Some((below().filter(|below| !below.title.starts_with("See merge request")), number(line)?));
    }
    let is_plain = ["Merge ", "Merged "].iter().any(|word| title.starts_with(word));
    message.number().filter(|_| !is_plain).map(|number| (Some(message.clone()), number))
}
