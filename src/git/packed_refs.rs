//! The file `packed-refs`: an id and a name a line, sorted by name since git 2.18 (its header says so). A
//! repository may hold tens of thousands of refs that are none of a release's; so the file is searched, and
//! only the part that was asked for is read. Format: git's `refs/packed-backend.c`.

use std::cell::RefCell;
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::Result;

use crate::domain::{Fail, Oid};

/// Fewer bytes than this are read through rather than searched.
const SMALL: u64 = 4096;

/// The packed refs of a repository.
pub(super) struct Packed {
    path: PathBuf,
    /// `None` where there is no such file.
    file: Option<RefCell<BufReader<File>>>,
    /// Its size in bytes.
    size: u64,
    /// Whether its lines are sorted by name.
    sorted: bool,
}

impl Packed {
    /// Opens the file, which may be missing.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let none = Self { path: path.to_owned(), file: None, size: 0, sorted: false };
        let open = || -> io::Result<(BufReader<File>, u64, Vec<u8>)> {
            let file = File::open(path)?;
            let size = file.metadata()?.len();
            let mut reader = BufReader::new(file);
            let mut header = Vec::new();
            reader.by_ref().take(SMALL).read_until(b'\n', &mut header)?;
            Ok((reader, size, header))
        };
        match open() {
            Ok((reader, size, header)) => {
                let says = |word: &[u8]| header.windows(word.len()).any(|window| window == word);
                let sorted = header.starts_with(b"# pack-refs with:") && says(b" sorted");
                Ok(Self { file: Some(RefCell::new(reader)), size, sorted, ..none })
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(none),
            Err(error) => Err(none.unreadable(&error).into()),
        }
    }

    /// The object that a ref names by its full name.
    pub(super) fn get(&self, name: &str) -> Result<Option<Oid>> {
        let mut found = None;
        self.visit_from(name.as_bytes(), |id, line| {
            if line == name.as_bytes() {
                found = Some(id);
            }
            line < name.as_bytes() || (!self.sorted && found.is_none())
        })?;
        Ok(found)
    }

    /// All refs whose full name starts with `prefix`, without it, sorted where the file is.
    pub(super) fn below(&self, prefix: &str) -> Result<Vec<(Rc<str>, Oid)>> {
        let mut found = Vec::new();
        self.visit_from(prefix.as_bytes(), |id, name| match name.strip_prefix(prefix.as_bytes()) {
            Some(rest) => {
                found.push((String::from_utf8_lossy(rest).into(), id));
                true
            }
            None => !self.sorted || name < prefix.as_bytes(),
        })?;
        Ok(found)
    }

    /// Shows the refs in the order of their lines, from some place before the first whose name is not below
    /// `name`, for as long as `visit` wants more.
    fn visit_from(&self, name: &[u8], mut visit: impl FnMut(Oid, &[u8]) -> bool) -> Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let mut file = file.borrow_mut();
        let mut go = || -> io::Result<()> {
            let start = if self.sorted { search(&mut file, self.size, name)? } else { 0 };
            file.seek(SeekFrom::Start(start))?;
            let mut line = Vec::new();
            loop {
                line.clear();
                if file.read_until(b'\n', &mut line)? == 0 {
                    return Ok(());
                }
                let wants_more = parse(&line).is_none_or(|(id, name)| visit(id, name));
                if !wants_more {
                    return Ok(());
                }
            }
        };
        go().map_err(|error| self.unreadable(&error).into())
    }

    fn unreadable(&self, error: &io::Error) -> Fail {
        Fail::new(format!("{} can't be read: {error}", self.path.display()))
            .help("make it readable for the user who runs relguard")
    }
}

/// The start of a line before which all names are below `name`, and from which on it is not far to others.
fn search(file: &mut BufReader<File>, size: u64, name: &[u8]) -> io::Result<u64> {
    let (mut low, mut high) = (0, size);
    let mut line = Vec::new();
    while high - low > SMALL {
        let middle = low + (high - low) / 2;
        file.seek(SeekFrom::Start(middle))?;
        line.clear();
        // The rest of a line, then whole ones; that of a peeled object has no name.
        let mut start = middle + file.read_until(b'\n', &mut line)? as u64;
        let found = loop {
            line.clear();
            let length = file.read_until(b'\n', &mut line)? as u64;
            match parse(&line) {
                Some((_, found)) => break Some(found < name),
                None if length == 0 => break None,
                None => start += length,
            }
        };
        match found {
            Some(true) if start < high => low = start,
            _ => high = middle,
        }
    }
    Ok(low)
}

/// An id and a full name; `None` for comments, peeled objects and what is no line of the format.
fn parse(line: &[u8]) -> Option<(Oid, &[u8])> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let (id, name) = line.split_at_checked(40)?;
    Some((Oid::from_hex(id)?, name.strip_prefix(b" ")?))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::io::Write as _;

    use super::*;

    fn packed(text: &str) -> Packed {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        Packed::open(file.path()).unwrap()
    }

    fn id(digit: char) -> String {
        digit.to_string().repeat(40)
    }

    #[test]
    fn a_ref_is_found_wherever_it_lies() {
        for header in ["# pack-refs with: peeled fully-peeled sorted \n", ""] {
            let names: Vec<String> = (0..999).map(|n| format!("refs/tags/v1.{n:03}")).collect();
            let mut text = header.to_owned();
            for (at, name) in names.iter().enumerate() {
                writeln!(text, "{} {name}", id('a')).unwrap();
                for _ in 0..at % 3 {
                    writeln!(text, "^{}", id('b')).unwrap();
                }
            }
            let packed = packed(&text);
            for name in &names {
                assert!(packed.get(name).unwrap().is_some(), "{name}");
            }
            for name in ["refs/tags/v1.", "refs/tags/v1.0000", "refs/tags/v2", "refs/heads/x", "refs/zzz"] {
                assert_eq!(packed.get(name).unwrap(), None, "{name}");
            }
            assert_eq!(packed.below("refs/tags/").unwrap().len(), 999);
            assert_eq!(packed.below("refs/tags/v1.5").unwrap().len(), 100);
            assert!(packed.below("refs/heads/").unwrap().is_empty());
        }
    }

    #[test]
    fn what_is_no_line_is_passed_over() {
        let packed = packed("# pack-refs with: peeled fully-peeled sorted \nxx\n\n^zz\n");
        assert_eq!(packed.get("refs/tags/v1").unwrap(), None);
        assert!(packed.below("refs/tags/").unwrap().is_empty());
    }
}
