//! The index file as git writes it (gitformat-index), versions 2 to 4.
//!
//! libgit2 can read it as well, but hashes the file first, with a slow SHA-1 that looks for attacks, and
//! keeps every entry twice and in a map: that would be half of what a hook costs. Git itself does not look
//! at the hash when it reads.

use std::ffi::CStr;

use super::IndexEntry;
use super::index::file_mode;
use crate::domain::{Oid, RepoPath};

/// The length in bytes of the hash at the end of the file.
const HASH: usize = 20;

/// The flag of an entry that has a second field of flags.
const EXTENDED: u16 = 1 << 14;

/// The flags of the second field: a sparse checkout leaves the file out; it is only announced.
const SKIP_WORKTREE: u16 = 1 << 14;
const INTENT_TO_ADD: u16 = 1 << 13;

/// The entries of an index file, but for those that are only announced and names that are not UTF-8;
/// `None` where only git can say what the file holds: it is split, sparse, broken or of a later version.
pub(super) fn read(file: &[u8]) -> Option<Vec<(RepoPath, IndexEntry)>> {
    let (content, _) = file.split_at_checked(file.len().checked_sub(HASH)?)?;
    let mut rest = Rest(content);
    let signature = rest.take::<4>()?;
    let version = rest.number()?;
    if signature != b"DIRC" || !(2..=4).contains(&version) {
        return None;
    }
    let count = rest.number()?;
    let mut entries = Vec::new();
    let mut path = Vec::new();
    for _ in 0..count {
        read_entry(&mut rest, version, &mut path, &mut entries)?;
    }
    while !rest.0.is_empty() {
        let extension = rest.take::<4>()?;
        let size = rest.number()?;
        rest.skip(usize::try_from(size).ok()?)?;
        // Without the others the entries are not the whole index.
        if !extension.first()?.is_ascii_uppercase() {
            return None;
        }
    }
    Some(entries)
}

/// Reads one entry. `path` is that of the entry before, which version 4 goes on from, and becomes this one's.
fn read_entry(
    rest: &mut Rest<'_>,
    version: u32,
    path: &mut Vec<u8>,
    entries: &mut Vec<(RepoPath, IndexEntry)>,
) -> Option<()> {
    let before = rest.0.len();
    // When it was made and changed, on which device, under which number.
    rest.skip(24)?;
    let mode = rest.number()?;
    // Whose it is.
    rest.skip(8)?;
    let disk_size = rest.number()?;
    let id = Oid::new(*rest.take()?);
    let flags = rest.short()?;
    let more_flags = if flags & EXTENDED == 0 { 0 } else { rest.short()? };
    let kept = if version == 4 { path.len().checked_sub(rest.offset()?)? } else { 0 };
    path.truncate(kept);
    path.extend_from_slice(rest.name()?);
    if version < 4 {
        // One NUL ends the name; as many follow as make the entry's length a multiple of eight.
        let length = before - rest.0.len();
        rest.skip(length.next_multiple_of(8) - length)?;
    }
    let known = file_mode(mode).filter(|_| more_flags & INTENT_TO_ADD == 0);
    if let Some((mode, path)) = known.zip(std::str::from_utf8(path).ok()) {
        let unmerged = (flags >> 12) & 3 != 0;
        let skip_worktree = more_flags & SKIP_WORKTREE != 0;
        let entry = IndexEntry { mode, id, unmerged, skip_worktree, disk_size };
        entries.push((RepoPath::default().child(path), entry));
    }
    Some(())
}

/// What is left of the file.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take<const LENGTH: usize>(&mut self) -> Option<&'a [u8; LENGTH]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(taken)
    }

    fn skip(&mut self, length: usize) -> Option<()> {
        self.0 = self.0.get(length..)?;
        Some(())
    }

    fn number(&mut self) -> Option<u32> {
        self.take().copied().map(u32::from_be_bytes)
    }

    fn short(&mut self) -> Option<u16> {
        self.take().copied().map(u16::from_be_bytes)
    }

    /// A number of seven bits a byte, the highest first, in which no value can be written in two ways.
    fn offset(&mut self) -> Option<usize> {
        let mut value = 0_usize;
        loop {
            let [byte] = *self.take()?;
            value = value.checked_mul(128)? + usize::from(byte & 127);
            if byte & 128 == 0 {
                return Some(value);
            }
            value += 1;
        }
    }

    /// The bytes up to a NUL, which is taken too.
    fn name(&mut self) -> Option<&'a [u8]> {
        let name = CStr::from_bytes_until_nul(self.0).ok()?.to_bytes();
        self.skip(name.len() + 1)?;
        Some(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::Mode;

    const FILE: u32 = 0o100_644;

    fn header(version: u32, count: u32) -> Vec<u8> {
        [b"DIRC".as_slice(), &version.to_be_bytes(), &count.to_be_bytes()].concat()
    }

    /// An entry up to its name; `flags` are those of the first field and, where they say so, the second.
    fn head(mode: u32, flags: &[u16]) -> Vec<u8> {
        let flags: Vec<u8> = flags.iter().flat_map(|flags| flags.to_be_bytes()).collect();
        [&[7; 24], mode.to_be_bytes().as_slice(), &[7; 8], &5_u32.to_be_bytes(), &[9; HASH], &flags].concat()
    }

    fn padded(mode: u32, flags: &[u16], name: &str) -> Vec<u8> {
        let mut entry = head(mode, flags);
        entry.extend(name.as_bytes());
        entry.resize((entry.len() + 1).next_multiple_of(8), 0);
        entry
    }

    fn file(parts: &[Vec<u8>]) -> Vec<u8> {
        [parts.concat(), vec![0; HASH]].concat()
    }

    fn paths(file: &[u8]) -> Option<Vec<String>> {
        let entries = read(file)?;
        Some(entries.into_iter().map(|(path, _)| path.as_str().to_owned()).collect())
    }

    #[test]
    fn entries_are_read_with_what_is_noted_of_them() {
        let entries = read(&file(&[
            header(3, 4),
            padded(FILE, &[3], "a/b"),
            padded(0o120_000, &[1 << 12], "link"),
            padded(FILE, &[EXTENDED, INTENT_TO_ADD], "new"),
            padded(0o100_755, &[EXTENDED, SKIP_WORKTREE], "left-out"),
            b"TREE\0\0\0\x02xx".to_vec(),
        ]));
        let facts = |(path, entry): (RepoPath, IndexEntry)| {
            assert_eq!((entry.disk_size, entry.id.as_bytes()), (5, &[9; HASH]));
            (path.as_str().to_owned(), entry.mode, entry.unmerged, entry.skip_worktree)
        };
        let entries: Vec<_> = entries.unwrap().into_iter().map(facts).collect();
        let expected = [
            ("a/b".to_owned(), Mode::File, false, false),
            ("link".to_owned(), Mode::Symlink, true, false),
            ("left-out".to_owned(), Mode::Executable, false, true),
        ];
        assert_eq!(entries, expected);
    }

    #[test]
    fn names_of_version_4_go_on_from_the_one_before() {
        let name = |cut: &[u8], rest: &str| [&head(FILE, &[0]), cut, rest.as_bytes(), b"\0"].concat();
        let long = "x".repeat(300);
        let index = file(&[
            header(4, 4),
            name(&[0], "dir/a"),
            name(&[1], "b"),
            name(&[0], &long),
            // 300 more than one byte says, which are 128.
            name(&[0x81, 0x2c], "c"),
        ]);
        let expected = ["dir/a", "dir/b", &format!("dir/b{long}"), "dir/bc"];
        assert_eq!(paths(&index).unwrap(), expected);
    }

    #[test]
    fn what_only_git_understands_is_left_to_it() {
        let plain = file(&[header(2, 1), padded(FILE, &[1], "a")]);
        assert_eq!(paths(&plain).unwrap(), ["a"]);
        let split = file(&[header(2, 0), b"link\0\0\0\x01x".to_vec()]);
        let later = file(&[header(5, 0)]);
        let too_long = file(&[header(2, 0), b"TREE\0\0\0\x02x".to_vec()]);
        let short = file(&[header(2, 2), padded(FILE, &[1], "a")]);
        let cut_too_far = file(&[header(4, 1), head(FILE, &[0]), b"\x01a\0".to_vec()]);
        for broken in [split, later, too_long, short, cut_too_far, b"garbage".to_vec(), Vec::new()] {
            assert_eq!(paths(&broken), None, "{broken:?}");
        }
        for end in 0..plain.len() {
            assert_eq!(paths(&plain[..end]), None, "{end}");
        }
    }
}
