//! Refs as the repository's own files hold them: loose ones in folders, the rest in `packed-refs`.
//!
//! A repository may hold tens of thousands of refs that are none of a release's. libgit2 parses all packed
//! ones to answer for one (40 ms for 41,000); here the sorted file is searched, and only the part that was
//! asked for is read. Format: git's documentation of gitrepository-layout and git-pack-refs.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::Repo;
use crate::domain::{Fail, Oid};

/// How many symbolic refs may lead from one to the next, as in git.
const LINK_LIMIT: usize = 5;

/// The refs of a repository.
pub(super) struct RefStore {
    folder: PathBuf,
    packed: Vec<u8>,
    /// Whether the lines of the packed refs are sorted by name.
    sorted: bool,
}

/// What a loose ref's file says.
enum Loose {
    Id(Oid),
    Symbolic(String),
}

impl RefStore {
    /// Reads the packed refs of a repository; loose ones are read when they are asked for.
    pub(super) fn open(folder: &Path) -> Result<Self> {
        let file = folder.join("packed-refs");
        let packed = match fs::read(&file) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => {
                return Err(Fail::new(format!("{} can't be read: {error}", file.display()))
                    .help("make it readable for the user who runs relguard")
                    .into());
            }
        };
        let header = packed.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let sorted = header.starts_with(b"# pack-refs with:") && contains(header, b" sorted");
        Ok(Self { folder: folder.to_owned(), packed, sorted })
    }

    /// The object that a ref names by its full name, symbolic refs followed; `None` where there is no such
    /// ref, or only one that leads to none.
    pub(super) fn get(&self, name: &str) -> Result<Option<Oid>> {
        let mut name = name.to_owned();
        for _ in 0..LINK_LIMIT {
            match self.loose(&name)? {
                Some(Loose::Id(id)) => return Ok(Some(id)),
                Some(Loose::Symbolic(to)) => name = to,
                None => return Ok(self.packed(&name)),
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

    /// All refs whose full name starts with `prefix`, which ends in `/`, without it. Bytes of a name that
    /// are no UTF-8 become U+FFFD; refs that lead to nothing are left out.
    pub(super) fn list(&self, prefix: &str) -> Result<BTreeMap<String, Oid>> {
        let mut found = BTreeMap::new();
        for line in self.lines_from(prefix.as_bytes()) {
            let Some((id, name)) = parse_line(line) else { continue };
            match name.strip_prefix(prefix.as_bytes()) {
                Some(rest) => {
                    found.insert(String::from_utf8_lossy(rest).into_owned(), id);
                }
                None if self.sorted => break,
                None => {}
            }
        }
        let root = self.folder.join(prefix);
        for entry in walkdir::WalkDir::new(&root).follow_links(true).into_iter().filter_map(Result::ok) {
            let below = entry.path().strip_prefix(&root).ok().filter(|_| entry.file_type().is_file());
            let Some(below) = below else { continue };
            let name = below.as_os_str().to_string_lossy().into_owned();
            let is_lock = below.extension().is_some_and(|extension| extension == "lock");
            if let Some(id) = self.loose_at(entry.path(), &name)?.filter(|_| !is_lock) {
                found.insert(name, id);
            }
        }
        Ok(found)
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

    fn packed(&self, name: &str) -> Option<Oid> {
        for line in self.lines_from(name.as_bytes()) {
            match parse_line(line) {
                Some((id, found)) if found == name.as_bytes() => return Some(id),
                Some(_) if self.sorted => break,
                _ => {}
            }
        }
        None
    }

    /// The lines of the packed refs, from the first whose name is not below `name` where they are sorted.
    fn lines_from(&self, name: &[u8]) -> impl Iterator<Item = &[u8]> {
        let start = if self.sorted { self.search(name) } else { 0 };
        let rest = self.packed.get(start..).unwrap_or_default();
        rest.split(|byte| *byte == b'\n').filter(|line| !line.starts_with(b"#") && !line.starts_with(b"^"))
    }

    /// The place in bytes of the first line whose name is not below `name`.
    fn search(&self, name: &[u8]) -> usize {
        let line_at = |at: usize| {
            let rest = self.packed.get(at..).unwrap_or_default();
            rest.split(|byte| *byte == b'\n').next().unwrap_or_default()
        };
        let (mut low, mut high) = (0, self.packed.len());
        while low < high {
            let middle = low + (high - low) / 2;
            let before = self.packed.get(low..middle).unwrap_or_default();
            let start = before.iter().rposition(|byte| *byte == b'\n').map_or(low, |at| low + at + 1);
            // A peeled object's line has no name: it goes with the next line that has one.
            let mut at = start;
            let mut line = line_at(at);
            while at < high && parse_line(line).is_none() {
                at += line.len() + 1;
                line = line_at(at);
            }
            match parse_line(line) {
                Some((_, found)) if at < high && found < name => low = at + line.len() + 1,
                _ => high = start,
            }
        }
        low
    }
}

impl Repo {
    /// The object that a ref names by its full name, symbolic refs followed.
    pub fn find_ref(&self, name: &str) -> Result<Option<Oid>> {
        self.ref_store()?.get(name)
    }

    /// All refs below a prefix such as `refs/tags/`, by what follows it.
    pub fn list_refs(&self, prefix: &str) -> Result<BTreeMap<String, Oid>> {
        self.ref_store()?.list(prefix)
    }
}

/// An id and a full name; `None` for comments, peeled objects and what is no line of the format.
fn parse_line(line: &[u8]) -> Option<(Oid, &[u8])> {
    let (id, name) = line.split_at_checked(40)?;
    Some((Oid::from_hex(id)?, name.strip_prefix(b" ")?))
}

fn read_loose(file: &Path, name: &str) -> Result<Option<Loose>> {
    let Ok(bytes) = fs::read(file) else { return Ok(None) };
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

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    fn store(packed: &str) -> RefStore {
        let sorted = packed.starts_with("# pack-refs with: peeled fully-peeled sorted");
        RefStore { folder: PathBuf::from("/nowhere"), packed: packed.into(), sorted }
    }

    fn id(digit: char) -> String {
        digit.to_string().repeat(40)
    }

    #[test]
    fn a_packed_ref_is_found_wherever_it_lies() {
        for header in ["# pack-refs with: peeled fully-peeled sorted \n", ""] {
            let names: Vec<String> = (0..50).map(|n| format!("refs/tags/v1.{n:02}")).collect();
            let mut text = header.to_owned();
            for (at, name) in names.iter().enumerate() {
                writeln!(text, "{} {name}", id('a')).unwrap();
                if at % 3 == 0 {
                    writeln!(text, "^{}", id('b')).unwrap();
                }
            }
            let store = store(&text);
            for name in &names {
                assert!(store.get(name).unwrap().is_some(), "{name}");
            }
            for name in ["refs/tags/v1.", "refs/tags/v1.000", "refs/tags/v2", "refs/heads/x", "refs/zzz"] {
                assert_eq!(store.get(name).unwrap(), None, "{name}");
            }
            assert_eq!(store.list("refs/tags/").unwrap().len(), 50);
            assert!(store.list("refs/heads/").unwrap().is_empty());
        }
    }

    #[test]
    fn what_is_no_line_is_passed_over() {
        let store = store("# pack-refs with: peeled fully-peeled sorted \nxx\n\n^zz\n");
        assert_eq!(store.get("refs/tags/v1").unwrap(), None);
        assert!(store.list("refs/tags/").unwrap().is_empty());
    }
}
