//! The commits of a range, as git itself tells them: messages in UTF-8 whatever they were written in, names as
//! `.mailmap` has them, patch ids.

use std::collections::{BTreeSet, HashMap, HashSet};

use anyhow::Result;

use super::{Git, Repo};
use crate::domain::Oid;

/// One NUL between the fields, and one behind each commit.
const FORMAT: &str = "--format=%H%x00%P%x00%aN%x00%aE%x00%at%x00%B";

/// How many fields that are.
const FIELDS: usize = 6;

/// So many commits' diffs are held at once.
const DIFFS: usize = 50;

/// A commit with what its message says, as `M`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit<M> {
    /// Its id.
    pub id: Oid,
    /// Its parents, in order.
    pub parents: Vec<Oid>,
    /// Who wrote it, as `.mailmap` says.
    pub author: Person,
    /// When it was written, in seconds since 1970, UTC.
    pub authored: i64,
    /// The message.
    pub message: M,
}

/// Somebody who wrote commits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Person {
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: String,
}

impl Repo {
    /// The commits that `tips` reach and `without` do not, the newest first. `read` reads each message, while git
    /// goes on; what is not UTF-8 in it, and does not say what it is, is U+FFFD.
    pub fn log<M>(&self, tips: &[Oid], without: &[Oid], read: impl Fn(&str) -> M) -> Result<Vec<Commit<M>>> {
        let args = ["log", "-z", "--no-show-signature", "--no-color", "--encoding=UTF-8", FORMAT, "--stdin"];
        let mut commits = Vec::new();
        // What is read of a commit that goes on, and how many of its fields are whole.
        let mut open: Vec<u8> = Vec::new();
        let mut whole = 0;
        Git::new(self).read(&args, range(tips, without).as_bytes(), &mut |piece| {
            open.extend_from_slice(piece);
            whole += piece.split(|byte| *byte == 0).count() - 1;
            let mut done = 0;
            while whole >= FIELDS
                && let Some((fields, length)) = next_fields(open.get(done..).unwrap_or_default())
            {
                commits.extend(commit(fields, &read));
                whole -= FIELDS;
                done += length;
            }
            open.drain(..done);
        })?;
        Ok(commits)
    }

    /// The commits, merges left out, of the same range that change one of some paths.
    pub fn touching(&self, tips: &[Oid], without: &[Oid], paths: &BTreeSet<String>) -> Result<Vec<Oid>> {
        let paths: String = paths.iter().flat_map(|path| [path.as_str(), "\n"]).collect();
        let input = format!("{}--\n{paths}", range(tips, without));
        let args = ["--literal-pathspecs", "rev-list", "--no-merges", "--full-history", "--stdin"];
        let out = Git::new(self).feed(&args, input.as_bytes())?;
        Ok(out.split(|byte| *byte == b'\n').filter_map(Oid::from_hex).collect())
    }

    /// The paths that each of some commits changes; merges change none. Those with a line break in their name
    /// are left out.
    pub fn changed_paths(&self, commits: &[Oid]) -> Result<HashMap<Oid, BTreeSet<String>>> {
        let mut paths: HashMap<Oid, BTreeSet<String>> = HashMap::new();
        if commits.is_empty() {
            return Ok(paths);
        }
        let asked: HashSet<Oid> = commits.iter().copied().collect();
        let args = ["diff-tree", "--stdin", "--root", "-r", "-z", "--no-renames", "--name-only"];
        let out = Git::new(self).feed(&args, lines(commits).as_bytes())?;
        let mut commit = Oid::ZERO;
        for part in out.split(|byte| *byte == 0).filter(|part| !part.is_empty()) {
            match (Oid::from_hex(part).filter(|id| asked.contains(id)), std::str::from_utf8(part)) {
                (Some(id), _) => commit = id,
                (None, Ok(path)) if !path.contains('\n') => {
                    paths.entry(commit).or_default().insert(path.to_owned());
                }
                _ => {}
            }
        }
        Ok(paths)
    }

    /// What some commits change, as a number that another commit of the same change has too. Merges, and
    /// commits that change nothing, have none.
    pub fn patch_ids(&self, commits: &[Oid]) -> Result<HashMap<Oid, Oid>> {
        let git = Git::new(self);
        let diff = [
            "diff-tree",
            "--stdin",
            "--root",
            "-p",
            "--no-ext-diff",
            "--no-textconv",
            "--no-renames",
            "--full-index",
        ];
        let mut ids = HashMap::new();
        for some in commits.chunks(DIFFS) {
            let diffs = git.feed(&diff, lines(some).as_bytes())?;
            let out = git.feed(&["patch-id", "--stable"], &diffs)?;
            for line in out.split(|byte| *byte == b'\n') {
                let (patch, commit) = line.split_at_checked(40).unwrap_or_default();
                let commit = commit.strip_prefix(b" ").and_then(Oid::from_hex);
                ids.extend(commit.zip(Oid::from_hex(patch)));
            }
        }
        Ok(ids)
    }

    /// People as `.mailmap` has them, who are named in messages.
    pub fn mapped(&self, people: Vec<Person>) -> Vec<Person> {
        let Ok(mailmap) = self.inner.mailmap() else { return people };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let mapped = |person: &Person| {
            let known = git2::Signature::new(&person.name, &person.email, &git2::Time::new(0, 0)).ok()?;
            let known = mailmap.resolve_signature(&known).ok()?;
            Some(Person { name: text(known.name_bytes()), email: text(known.email_bytes()) })
        };
        people.into_iter().map(|person| mapped(&person).unwrap_or(person)).collect()
    }
}

fn range(tips: &[Oid], without: &[Oid]) -> String {
    without.iter().fold(lines(tips), |text, commit| text + &format!("^{commit}\n"))
}

fn lines(commits: &[Oid]) -> String {
    commits.iter().fold(String::new(), |text, commit| text + &format!("{commit}\n"))
}

/// The fields of the first commit of a log, and how many bytes they are; `None` where it goes on.
fn next_fields(log: &[u8]) -> Option<([&[u8]; FIELDS], usize)> {
    let mut fields: [&[u8]; FIELDS] = [b""; FIELDS];
    let mut length = 0;
    for field in &mut fields {
        let rest = log.get(length..)?;
        let end = rest.iter().position(|byte| *byte == 0)?;
        *field = rest.get(..end)?;
        length += end + 1;
    }
    Some((fields, length))
}

fn commit<M>(fields: [&[u8]; FIELDS], read: impl Fn(&str) -> M) -> Option<Commit<M>> {
    let [id, parents, name, email, authored, message] = fields;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let authored = std::str::from_utf8(authored).ok().and_then(|time| time.parse().ok());
    Some(Commit {
        id: Oid::from_hex(id)?,
        parents: parents.split(|byte| *byte == b' ').filter_map(Oid::from_hex).collect(),
        author: Person { name: text(name), email: text(email) },
        authored: authored.unwrap_or_default(),
        message: read(&String::from_utf8_lossy(message)),
    })
}
