//! Refs as the repository's own files hold them: loose ones in folders, the rest in `packed-refs`.
//!
//! libgit2 parses all packed refs to answer for one, which takes 40 ms where there are 41,000. Format: git's
//! documentation of gitrepository-layout.

use std::cell::{OnceCell, RefCell};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::Result;

use super::Repo;
use super::packed_refs::Packed;
use crate::domain::{Fail, Oid, SortedMap};

/// How many symbolic refs may lead from one to the next, as in git.
const LINK_LIMIT: usize = 5;

/// The refs of a repository.
pub(super) struct RefStore {
    folder: PathBuf,
    packed: OnceCell<Packed>,
    /// The lists that were asked for: all questions are answered as of the first one.
    lists: RefCell<SortedMap<String, Rc<RefList>>>,
}

/// Refs below a folder, by what follows it in their names. A push is judged by a copy of thousands, which shares the
/// names.
pub type RefList = SortedMap<Rc<str>, Oid>;

/// What a loose ref's file says.
enum Loose {
    Id(Oid),
    Symbolic(String),
}

impl RefStore {
    /// The refs of a repository's git directory; each is read when it is asked for.
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), packed: OnceCell::new(), lists: RefCell::default() }
    }

    /// The object that a ref names by its full name, symbolic refs followed; `None` where there is no such
    /// ref, or only one that leads to none.
    pub(super) fn get(&self, name: &str) -> Result<Option<Oid>> {
        let mut name = name.to_owned();
        for _ in 0..LINK_LIMIT {
            match self.loose(&name)? {
                Some(Loose::Id(id)) => return Ok(Some(id)),
                Some(Loose::Symbolic(to)) => name = to,
                None => return self.packed()?.get(&name),
            }
        }
        Ok(None)
    }

    /// The ref that a symbolic ref names; `None` where it is none.
    pub(super) fn symbolic(&self, name: &str) -> Option<String> {
        match self.loose(name) {
            Ok(Some(Loose::Symbolic(to))) => Some(to),
            _ => None,
        }
    }

    /// The ref that a name stands for in the end, symbolic refs followed: that one changes where git writes
    /// to the name.
    pub(super) fn resolve(&self, name: &str) -> String {
        let mut name = name.to_owned();
        for _ in 0..LINK_LIMIT {
            match self.symbolic(&name) {
                Some(to) => name = to,
                None => break,
            }
        }
        name
    }

    /// All refs whose full name starts with `prefix`, which ends in `/`, without it. Bytes of a name that
    /// are no UTF-8 become U+FFFD; refs that lead to nothing are left out.
    pub(super) fn list(&self, prefix: &str) -> Result<Rc<RefList>> {
        if let Some(list) = self.lists.borrow().get(prefix) {
            return Ok(Rc::clone(list));
        }
        let list = Rc::new(self.read_list(prefix)?);
        self.lists.borrow_mut().insert(prefix.to_owned(), Rc::clone(&list));
        Ok(list)
    }

    fn read_list(&self, prefix: &str) -> Result<RefList> {
        // As git does: a ref that is packed meanwhile is found in the file that is opened afterwards.
        let loose = self.read_loose_list(prefix)?;
        let mut found: RefList = self.packed()?.below(prefix)?.into_iter().collect();
        if !loose.is_empty() {
            found.extend(loose);
        }
        Ok(found)
    }

    fn read_loose_list(&self, prefix: &str) -> Result<Vec<(Rc<str>, Oid)>> {
        let root = self.folder.join(prefix);
        let mut found = Vec::new();
        for entry in walkdir::WalkDir::new(&root).follow_links(true) {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) if error.io_error().is_some_and(is_absence) => continue,
                Err(error) => return Err(unreadable(&root, &error).into()),
            };
            let below = entry.path().strip_prefix(&root).ok().filter(|_| entry.file_type().is_file());
            let Some(below) = below else { continue };
            let name = below.as_os_str().to_string_lossy().into_owned();
            // Git takes the lock of a push for no ref, nor what else lies about.
            if !git2::Reference::is_valid_name(&format!("{prefix}{name}")) {
                continue;
            }
            if let Some(id) = self.loose_at(entry.path(), &name)? {
                found.push((name.into(), id));
            }
        }
        Ok(found)
    }

    fn packed(&self) -> Result<&Packed> {
        if let Some(packed) = self.packed.get() {
            return Ok(packed);
        }
        let packed = Packed::open(&self.folder.join("packed-refs"))?;
        Ok(self.packed.get_or_init(|| packed))
    }

    fn loose_at(&self, file: &Path, name: &str) -> Result<Option<Oid>> {
        match read_loose(file, name)? {
            Some(Loose::Id(id)) => Ok(Some(id)),
            Some(Loose::Symbolic(to)) => self.get(&to),
            None => Ok(None),
        }
    }

    fn loose(&self, name: &str) -> Result<Option<Loose>> {
        if name != "HEAD" && !git2::Reference::is_valid_name(name) {
            return Ok(None);
        }
        read_loose(&self.folder.join(name), name)
    }
}

impl Repo {
    /// The object that a ref names by its full name, symbolic refs followed.
    pub fn find_ref(&self, name: &str) -> Result<Option<Oid>> {
        self.supposed_ref(name, || self.ref_store().get(name))
    }

    /// The full name of the ref that a full name stands for in the end, symbolic refs followed.
    pub fn resolve_ref(&self, name: &str) -> String {
        self.ref_store().resolve(name)
    }

    /// All refs below a prefix such as `refs/tags/`, by what follows it.
    pub fn list_refs(&self, prefix: &str) -> Result<Rc<RefList>> {
        Ok(self.with_supposed(prefix, self.ref_store().list(prefix)?))
    }
}

/// Whether a file is simply not there, or a folder of other refs stands in its place.
fn is_absence(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::IsADirectory)
}

fn unreadable(path: &Path, error: &dyn std::fmt::Display) -> Fail {
    Fail::new(format!("the refs in {} can't be read: {error}", path.display()))
        .help("make them readable for the user who runs relguard")
}

fn read_loose(file: &Path, name: &str) -> Result<Option<Loose>> {
    let bytes = match fs::read(file) {
        Ok(bytes) => bytes,
        Err(error) if is_absence(&error) => return Ok(None),
        Err(error) => return Err(unreadable(file, &error).into()),
    };
    let text = bytes.trim_ascii();
    if let Some(to) = text.strip_prefix(b"ref:") {
        return Ok(Some(Loose::Symbolic(String::from_utf8_lossy(to.trim_ascii()).into_owned())));
    }
    let id = text.get(..40).filter(|_| text.len() == 40).and_then(Oid::from_hex);
    match id {
        Some(id) => Ok(Some(Loose::Id(id))),
        None => Err(Fail::new(format!("the ref {name} is broken: its file holds no object's id"))
            .help("git fsck says what is broken; fetch the ref again, or delete its file")
            .into()),
    }
}
