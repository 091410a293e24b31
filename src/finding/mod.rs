//! What a rule says: the finding, where it points, and the fix it offers.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

use crate::domain::{Oid, Position, RepoPath, SourceText};

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Shown; counts only under `--strict`.
    Warning,
    /// Makes the check fail.
    Error,
}

/// What kind of state a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SubjectKind {
    /// The files on disk.
    Worktree,
    /// What `git commit` would record.
    Index,
    /// A commit, named by the revision that was given.
    Commit,
    /// A branch, by its short name.
    Branch,
    /// A tag, by its short name.
    Tag,
    /// The branch that holds the chart index.
    IndexBranch,
}

/// The state that a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// Its kind.
    pub kind: SubjectKind,
    /// A ref's short name, the revision as given, `worktree` or `index`.
    pub name: String,
    /// The commit, where there is one.
    pub commit: Option<Oid>,
}

/// A range of a file, with the file's text, so that any report can show it.
#[derive(Debug, Clone)]
pub struct Location {
    /// The file.
    pub source: Arc<SourceText>,
    /// The bytes meant.
    pub range: Range<usize>,
}

/// Another place that has a part in the finding.
#[derive(Debug, Clone)]
pub struct Related {
    /// What stands there, in a few words.
    pub message: String,
    /// The place.
    pub location: Location,
}

/// Whether a fix may be applied without a person looking at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Safety {
    /// It may pick the wrong one of two answers: applied with `--unsafe` only.
    Unsafe,
    /// There is one right answer, and this is it.
    Safe,
}

/// Bytes of one file to be replaced. In a file that is not there the range is empty, and the edit makes the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The file.
    pub path: RepoPath,
    /// The bytes of the file as it was judged.
    pub range: Range<usize>,
    /// What takes their place.
    pub replacement: String,
}

/// A change that mends a finding; it is applied whole or not at all.
#[derive(Debug, Clone)]
pub struct Fix {
    /// Whether a person has to look at it first.
    pub safety: Safety,
    /// What it does, as an order: `set appVersion to "1.2.3"`.
    pub title: String,
    /// The edits, in any order, over any number of files.
    pub edits: Vec<Edit>,
}

/// One thing that is wrong, somewhere.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule's id, `group/name`.
    pub rule: &'static str,
    /// How much it weighs here.
    pub severity: Severity,
    /// What is wrong, with the values, in one line.
    pub message: String,
    /// What to do about it, in one line.
    pub help: Option<String>,
    /// The state it was found in.
    pub subject: Subject,
    /// The place.
    pub location: Option<Location>,
    /// The other places.
    pub related: Vec<Related>,
    /// How to mend it, where that can be known.
    pub fix: Option<Fix>,
    /// The reason the project gives for living with it; then it does not count.
    pub excepted: Option<String>,
}

impl Subject {
    /// The files on disk.
    pub fn worktree() -> Self {
        Self { kind: SubjectKind::Worktree, name: "worktree".to_owned(), commit: None }
    }

    /// The git index.
    pub fn index() -> Self {
        Self { kind: SubjectKind::Index, name: "index".to_owned(), commit: None }
    }

    /// A commit, by the revision that names it.
    pub fn commit(name: &str, commit: Oid) -> Self {
        Self { kind: SubjectKind::Commit, name: name.to_owned(), commit: Some(commit) }
    }

    /// A tag, by its short name.
    pub fn tag(name: &str, commit: Option<Oid>) -> Self {
        Self { kind: SubjectKind::Tag, name: name.to_owned(), commit }
    }

    /// The branch of the chart index, by its short name.
    pub fn index_branch(name: &str, commit: Option<Oid>) -> Self {
        Self { kind: SubjectKind::IndexBranch, name: name.to_owned(), commit }
    }

    /// A branch, by its short name.
    pub fn branch(name: &str, commit: Option<Oid>) -> Self {
        Self { kind: SubjectKind::Branch, name: name.to_owned(), commit }
    }
}

impl Location {
    /// A range of a file.
    pub fn new(source: &Arc<SourceText>, range: Range<usize>) -> Self {
        Self { source: Arc::clone(source), range }
    }

    /// A whole file, or a file that has no text to point into.
    pub fn file(path: &RepoPath) -> Self {
        let source = SourceText::new(path.clone(), String::new());
        Self { source: Arc::new(source), range: 0..0 }
    }

    /// The file's path.
    pub fn path(&self) -> &RepoPath {
        &self.source.path
    }

    /// Where it begins.
    pub fn start(&self) -> Position {
        self.source.position(self.range.start)
    }

    /// Where it ends: the place after the last character.
    pub fn end(&self) -> Position {
        self.source.position(self.range.end)
    }
}

impl Fix {
    /// A fix that may be applied unasked.
    pub fn safe(title: impl Into<String>, edits: Vec<Edit>) -> Self {
        Self { safety: Safety::Safe, title: title.into(), edits }
    }

    /// The same fix, but only for `--unsafe`.
    #[must_use]
    pub fn unsafe_unless(mut self, safe: bool) -> Self {
        if !safe {
            self.safety = Safety::Unsafe;
        }
        self
    }
}

impl Finding {
    /// The order of reports: subject, path, position, rule.
    pub fn order(&self, other: &Self) -> Ordering {
        fn place(finding: &Finding) -> Option<(&RepoPath, usize, usize)> {
            finding.location.as_ref().map(|at| (at.path(), at.range.start, at.range.end))
        }
        (self.subject.cmp(&other.subject))
            .then_with(|| place(self).cmp(&place(other)))
            .then_with(|| self.rule.cmp(other.rule))
            .then_with(|| self.message.cmp(&other.message))
    }

    /// What it says, and of which file, in whatever state it was found.
    pub fn words(&self) -> (&'static str, &str, Option<&RepoPath>) {
        (self.rule, &self.message, self.location.as_ref().map(Location::path))
    }

    /// Whether it makes the check fail.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error && self.excepted.is_none()
    }
}
