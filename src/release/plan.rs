use std::path::PathBuf;

use crate::domain::{Oid, RepoPath, SortedMap};
use crate::engine::{Judged, Report};
use crate::git::BranchCommit;

/// What a step of the process comes to: the judgement that it depends on, and what it does. Nothing has
/// happened yet; `--dry-run` prints the plan that a real run executes.
#[derive(Debug)]
pub struct Plan {
    /// The step, by its command's name: `bump`, `tag`.
    pub step: &'static str,
    /// What it brings about, in a few words: `tag 1.2.0`.
    pub title: String,
    /// What the rules find in what it would bring about; an error refuses it.
    pub report: Report,
    /// What it does, in this order; empty where everything is done already.
    pub actions: Vec<Action>,
    /// What is there already, each in a line: a step that is run again finds what it did before.
    pub done: Vec<String>,
    /// What to do after it, each in a line: the next step, or what a person has to do.
    pub hints: Vec<String>,
    /// What goes into it that nobody would look for there, each in a line.
    pub notes: Vec<String>,
}

/// One thing that a plan does. Each is whole or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Files of the working tree get new bytes: all of them, or none.
    WriteFiles(Vec<NewFile>),
    /// What is published is fetched, with its tags.
    Fetch {
        /// The remote's name.
        remote: String,
    },
    /// A branch is checked out.
    Switch {
        /// Its short name.
        branch: String,
        /// The commit that it is made from; `None` where it is there.
        at: Option<Oid>,
    },
    /// The commit of these files as they are on disk, by `git commit`, so with the user's hooks.
    Commit {
        /// The files; nothing else that is staged goes with them.
        paths: Vec<RepoPath>,
        /// The whole message.
        message: String,
    },
    /// A branch is made; none of that name may be there.
    CreateBranch {
        /// Its short name.
        name: String,
        /// Its commit.
        at: Oid,
    },
    /// An annotated tag is made by git, so that it is signed with the user's key; none of that name may be there.
    CreateTag {
        /// Its short name.
        name: String,
        /// The commit.
        at: Oid,
        /// The whole message.
        message: String,
        /// Whether it is signed; `None`: as `tag.gpgSign` says.
        sign: Option<bool>,
    },
    /// Refs are pushed by `git push`, all of them or none, through the user's hooks.
    Push {
        /// The remote's name or URL.
        remote: String,
        /// The refs.
        refs: Vec<PushedRef>,
    },
    /// A commit is made on a branch that is not checked out.
    CommitToBranch(BranchCommit),
    /// Files outside the working tree are written, all of them or none: an archive and its checksum. None of
    /// them may be there.
    PutFiles(SortedMap<PathBuf, Vec<u8>>),
}

/// A file of the working tree that gets new bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    /// Its path.
    pub path: RepoPath,
    /// The bytes that it must still have; `None` for a file that is new.
    pub before: Option<Vec<u8>>,
    /// Its new bytes.
    pub bytes: Vec<u8>,
}

/// A ref that a push gives to a remote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushedRef {
    /// The object, as git finds it here: an id, or a ref's full name.
    pub from: String,
    /// The ref's full name there.
    pub to: String,
    /// The id that the ref had there when the plan was made, from which git only moves it on; `None`: it must not be
    /// there.
    pub old: Option<Oid>,
}

impl Action {
    /// Its name in JSON.
    pub fn name(&self) -> &'static str {
        match self {
            Self::WriteFiles(_) => "write-files",
            Self::Fetch { .. } => "fetch",
            Self::Switch { .. } => "switch",
            Self::Commit { .. } => "commit",
            Self::CreateBranch { .. } => "create-branch",
            Self::CreateTag { .. } => "create-tag",
            Self::Push { .. } => "push",
            Self::CommitToBranch(_) => "commit-to-branch",
            Self::PutFiles(_) => "put-files",
        }
    }

    /// What it does, as an order in one line.
    pub fn words(&self) -> String {
        match self {
            Self::WriteFiles(files) => format!("write {}", list(files.iter().map(|file| file.path.as_str()))),
            Self::Fetch { remote } => format!("fetch {remote}"),
            Self::Switch { branch, at: Some(at) } => {
                format!("make the branch {branch} at {} and check it out", at.short())
            }
            Self::Switch { branch, at: None } => format!("check out {branch}"),
            Self::Commit { paths, message } => format!(
                "commit {}: {}",
                list(paths.iter().map(RepoPath::as_str)),
                message.lines().next().unwrap_or_default()
            ),
            Self::CreateBranch { name, at } => format!("make the branch {name} at {}", at.short()),
            Self::CreateTag { name, at, sign, .. } => {
                let kind = if *sign == Some(true) { "signed tag" } else { "annotated tag" };
                format!("make the {kind} {name} at {}", at.short())
            }
            Self::Push { remote, refs } => {
                let names = refs.iter().map(|pushed| short(&pushed.to));
                format!("push {} to {remote}", list(names))
            }
            Self::CommitToBranch(commit) => {
                let paths = commit.files.iter().map(|(path, _)| path.as_str());
                let subject = commit.message.lines().next().unwrap_or_default();
                format!("commit {} on {}: {subject}", list(paths), commit.branch)
            }
            Self::PutFiles(files) => {
                let paths: Vec<String> = files.keys().map(|path| path.display().to_string()).collect();
                format!("write {}", list(paths.iter().map(String::as_str)))
            }
        }
    }
}

impl Action {
    /// The files of the working tree that it writes.
    pub fn written(&self) -> impl Iterator<Item = &RepoPath> {
        let files = if let Self::WriteFiles(files) = self { files.as_slice() } else { &[] };
        files.iter().map(|file| &file.path)
    }
}

impl Plan {
    /// A step that does nothing yet, and that no rule speaks of.
    pub fn new(step: &'static str, title: String) -> Self {
        let report = Report { scope: step, findings: Vec::new(), judged: Judged::default() };
        let (done, hints, notes) = (Vec::new(), Vec::new(), Vec::new());
        Self { step, title, report, actions: Vec::new(), done, hints, notes }
    }

    /// Whether the rules refuse it; under `strict` warnings count as well.
    pub fn is_refused(&self, strict: bool) -> bool {
        self.report.fails(strict)
    }
}

/// A ref's name as people say it.
pub(super) fn short(name: &str) -> &str {
    ["refs/heads/", "refs/tags/"].iter().find_map(|kind| name.strip_prefix(kind)).unwrap_or(name)
}

fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}
