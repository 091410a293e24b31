//! The commits of a range, as git itself tells them: messages in UTF-8 whatever they were written in, names as
//! `.mailmap` has them.

use std::borrow::Cow;
use std::ffi::CStr;
use std::hash::BuildHasher as _;
use std::rc::Rc;

use anyhow::Result;
use foldhash::HashMap;
use foldhash::quality::FixedState;
use smallvec::SmallVec;

use super::{Git, Repo};
use crate::domain::Oid;

/// One NUL between the fields, and one behind each commit.
const FORMAT: &str = "--format=%H%x00%T%x00%P%x00%aN%x00%aE%x00%at%x00%B";

/// How many fields that are.
const FIELDS: usize = 7;

/// A commit with what its message says, as `M`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit<M> {
    /// Its id.
    pub id: Oid,
    /// Its files: the id of the root folder.
    pub tree: Oid,
    /// Its parents, in order.
    pub parents: Parents,
    /// Who wrote it, as `.mailmap` says.
    pub author: Rc<Person>,
    /// When it was written, in seconds since 1970, UTC.
    pub authored: i64,
    /// The message.
    pub message: M,
}

/// The parents of a commit, of which there are hardly ever more than two.
pub type Parents = SmallVec<[Oid; 2]>;

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
        let mut authors = Authors::default();
        // What is read of a commit that goes on, where its fields end, and how far that was looked for.
        let mut open: Vec<u8> = Vec::new();
        let mut ends = Vec::with_capacity(FIELDS);
        let mut seen = 0;
        Git::new(self).read(&args, range(tips, without).as_bytes(), &mut |piece| {
            open.extend_from_slice(piece);
            let mut done = 0;
            while let Some(field) = open.get(seen..).and_then(|rest| CStr::from_bytes_until_nul(rest).ok()) {
                ends.push(seen + field.count_bytes());
                seen += field.count_bytes() + 1;
                if ends.len() == FIELDS {
                    commits.extend(commit(fields(&open, done, &ends), &mut authors, &read));
                    ends.clear();
                    done = seen;
                }
            }
            seen = open.len() - done;
            for end in &mut ends {
                *end -= done;
            }
            open.drain(..done);
        })?;
        Ok(commits)
    }

    /// People as `.mailmap` has them, who are named in messages.
    pub fn mapped(&self, people: Vec<Person>) -> Vec<Person> {
        let Ok(mailmap) = self.inner.mailmap() else { return people };
        let mapped = |person: &Person| {
            let known = git2::Signature::new(&person.name, &person.email, &git2::Time::new(0, 0)).ok()?;
            let known = mailmap.resolve_signature(&known).ok()?;
            Some(Person {
                name: text(known.name_bytes()).into_owned(),
                email: text(known.email_bytes()).into_owned(),
            })
        };
        people.into_iter().map(|person| mapped(&person).unwrap_or(person)).collect()
    }
}

fn range(tips: &[Oid], without: &[Oid]) -> String {
    without.iter().fold(lines(tips), |text, commit| text + &format!("^{commit}\n"))
}

/// Commits as git reads them from its standard input, one a line.
pub(super) fn lines(commits: &[Oid]) -> String {
    commits.iter().fold(String::new(), |text, commit| text + &format!("{commit}\n"))
}

/// The fields that end there, each with a NUL; the first one begins somewhere.
fn fields<'a>(log: &'a [u8], mut begin: usize, ends: &[usize]) -> [&'a [u8]; FIELDS] {
    let mut fields: [&[u8]; FIELDS] = [b""; FIELDS];
    for (field, end) in fields.iter_mut().zip(ends) {
        *field = log.get(begin..*end).unwrap_or_default();
        begin = end + 1;
    }
    fields
}

/// Those who wrote commits, by a hash of their names and addresses: most wrote many.
#[derive(Default)]
struct Authors(HashMap<u64, Vec<Rc<Person>>>);

impl Authors {
    fn named(&mut self, name: &str, email: &str) -> Rc<Person> {
        let alike = self.0.entry(FixedState::default().hash_one((name, email))).or_default();
        if let Some(known) = alike.iter().find(|person| person.name == name && person.email == email) {
            return Rc::clone(known);
        }
        let person = Rc::new(Person { name: name.to_owned(), email: email.to_owned() });
        alike.push(Rc::clone(&person));
        person
    }
}

fn commit<M>(fields: [&[u8]; FIELDS], authors: &mut Authors, read: impl Fn(&str) -> M) -> Option<Commit<M>> {
    let [id, tree, parents, name, email, authored, message] = fields;
    let authored = std::str::from_utf8(authored).ok().and_then(|time| time.parse().ok());
    Some(Commit {
        id: Oid::from_hex(id)?,
        tree: Oid::from_hex(tree)?,
        parents: parents.split(|byte| *byte == b' ').filter_map(Oid::from_hex).collect(),
        author: authors.named(&text(name), &text(email)),
        authored: authored.unwrap_or_default(),
        message: read(&text(message)),
    })
}

/// Bytes as text; most are UTF-8, and to see that is cheap.
fn text(bytes: &[u8]) -> Cow<'_, str> {
    std::str::from_utf8(bytes).map_or_else(|_| String::from_utf8_lossy(bytes), Cow::Borrowed)
}
