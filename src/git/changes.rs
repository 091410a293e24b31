//! Which files commits change, and which commits may change the same in them.

use std::collections::{BTreeMap, hash_map};
use std::hash::{BuildHasher as _, DefaultHasher, Hash, Hasher as _};

use anyhow::Result;
use foldhash::quality::FixedState;

use super::{Repo, object_error};
use crate::domain::{Oid, OidMap, SortedMap, SortedSet};

/// The mode of a folder in a tree object.
pub(super) const FOLDER: u32 = 0o40_000;

/// That of a submodule, whose commit is no object of this repository.
const SUBMODULE: u32 = 0o160_000;

/// A file of more bytes is left to git.
pub(super) const LONGEST: usize = 10 << 20;

/// An entry of a folder: its object and its mode.
pub(super) type Entry = (Oid, u32);

/// What a commit changes: where, and what stands there before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// The paths, in order.
    pub paths: SortedSet<Vec<u8>>,
    /// Of each path what stands there before.
    before: Vec<Option<Entry>>,
    /// The same after.
    after: Vec<Option<Entry>>,
}

impl Changes {
    /// Whether one makes of the files what they are by the other.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        self.before == other.before && self.after == other.after
    }

    /// Whether one makes of the files what they were before the other.
    fn takes_back(&self, other: &Self) -> bool {
        self.before == other.after && self.after == other.before
    }
}

impl Repo {
    /// The id of a commit's root folder.
    pub fn root_of(&self, commit: Oid) -> Result<Oid> {
        let id = super::raw(commit)?;
        let found = self.inner.find_commit(id).map_err(|error| object_error(id, &error))?;
        Ok(super::oid(found.tree_id()))
    }

    /// What differs between two root folders; no folder is an empty one.
    pub fn changes(&self, before: Option<Oid>, after: Oid) -> Result<Changes> {
        let odb = self.inner.odb()?;
        let mut found: BTreeMap<Vec<u8>, [Option<Entry>; 2]> = BTreeMap::new();
        let mut open = vec![(Vec::new(), before, Some(after))];
        while let Some((folder, before, after)) = open.pop() {
            let (before, after) = (read_tree(&odb, before)?, read_tree(&odb, after)?);
            let mut names: BTreeMap<&[u8], [Option<Entry>; 2]> = BTreeMap::new();
            for (side, tree) in [&before, &after].into_iter().enumerate() {
                for (name, entry) in tree.iter().flat_map(|tree| Entries(tree.data())) {
                    names
                        .entry(name)
                        .or_default()
                        .get_mut(side)
                        .into_iter()
                        .for_each(|old| *old = Some(entry));
                }
            }
            for (name, sides) in names.into_iter().filter(|(_, [before, after])| before != after) {
                let files = sides.map(|entry| entry.filter(|(_, mode)| *mode != FOLDER));
                if let [before, after] = files
                    && before != after
                {
                    found.insert([&folder, name].concat(), files);
                }
                let folders = sides.map(|entry| entry.filter(|(_, mode)| *mode == FOLDER).map(|(id, _)| id));
                if let [before, after] = folders
                    && before != after
                {
                    open.push(([&folder, name, b"/"].concat(), before, after));
                }
            }
        }
        let (before, after) = found.values().map(|[before, after]| (*before, *after)).unzip();
        Ok(Changes { paths: found.into_keys().collect(), before, after })
    }
}

/// Which commits may change the same as others, or take it back.
#[derive(Debug, Default)]
pub(super) struct Alike {
    /// Those of which that is known from their files: what stands for the files before and for those after.
    pub(super) known: Vec<(Oid, u64, u64)>,
    /// Those whose diffs have to be compared.
    pub(super) asked: Vec<Oid>,
}

/// Which of some commits may change the same, or take it back: at the same paths, and the lines that are there more
/// often after it are the same. Those that make the same files of the same files do so for sure.
pub(super) fn may_be_alike(odb: &git2::Odb<'_>, commits: &OidMap<&Changes>) -> Alike {
    let mut alike = Alike::default();
    let mut sums = Sums { odb, known: OidMap::default() };
    let changing = commits.iter().filter(|(_, changes)| !changes.paths.is_empty());
    let groups = SortedMap::grouped(changing.map(|(commit, changes)| (&changes.paths, (*commit, *changes))));
    for group in groups.into_values().filter(|group| group.len() > 1) {
        let sums: Option<Vec<u64>> = if is_known(&group) {
            Some(vec![0; group.len()])
        } else {
            group.iter().map(|(_, changes)| sums.of(changes)).collect()
        };
        // What is not known of one may be that of any.
        let Some(sums) = sums else {
            alike.asked.extend(group.iter().map(|(commit, _)| *commit));
            continue;
        };
        // What takes it back has the opposite.
        let keys = sums.into_iter().map(|sum| sum.min(sum.wrapping_neg()));
        for class in SortedMap::grouped(keys.zip(group)).into_values().filter(|class| class.len() > 1) {
            if is_known(&class) {
                let known = |(commit, Changes { paths, before, after }): &(Oid, &Changes)| {
                    (*commit, hash(&(paths, before)), hash(&(paths, after)))
                };
                alike.known.extend(class.iter().map(known));
            } else {
                alike.asked.extend(class.iter().map(|(commit, _)| *commit));
            }
        }
    }
    alike
}

/// Whether each of them makes the same of the same files, or takes just that back.
fn is_known(class: &[(Oid, &Changes)]) -> bool {
    let Some(((_, first), rest)) = class.split_first() else { return true };
    rest.iter().all(|(_, other)| first.is_like(other) || first.takes_back(other))
}

fn hash(of: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}

/// What is there more often after a commit, as a sum over lines: two of the same diff have the same one, wherever in
/// its file that is. Many others have another one, and need no diff.
struct Sums<'repo> {
    odb: &'repo git2::Odb<'repo>,
    /// Those of files; none where the file is too long, or is not here.
    known: OidMap<Option<u64>>,
}

impl Sums<'_> {
    fn of(&mut self, changes: &Changes) -> Option<u64> {
        let mut sum = 0_u64;
        let sides = changes.before.iter().zip(&changes.after);
        for (path, (before, after)) in changes.paths.iter().zip(sides) {
            let more = self.of_entry(*after)?.wrapping_sub(self.of_entry(*before)?);
            sum = sum.wrapping_add(more.wrapping_mul(hash(path) | 1));
        }
        Some(sum)
    }

    fn of_entry(&mut self, entry: Option<Entry>) -> Option<u64> {
        match entry {
            None => Some(0),
            Some((commit, SUBMODULE)) => Some(hash(&commit)),
            Some((id, _)) => match self.known.entry(id) {
                hash_map::Entry::Occupied(known) => *known.get(),
                hash_map::Entry::Vacant(place) => *place.insert(of_file(self.odb, id)),
            },
        }
    }
}

/// The sum over the lines of a file, whatever ends them.
fn of_file(odb: &git2::Odb<'_>, id: Oid) -> Option<u64> {
    let id = super::raw(id).ok()?;
    let (length, _) = odb.read_header(id).ok()?;
    let file = (length <= LONGEST).then(|| odb.read(id).ok()).flatten()?;
    let lines = file.data().split_inclusive(|byte| *byte == b'\n');
    // Where two differ and have the same sum, no more is lost than time.
    let quick = FixedState::default();
    let text = |line: &'_ [u8]| {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        quick.hash_one(line.strip_suffix(b"\r").unwrap_or(line))
    };
    Some(lines.map(text).fold(0, u64::wrapping_add))
}

pub(super) fn read_tree<'odb>(
    odb: &'odb git2::Odb<'_>,
    id: Option<Oid>,
) -> Result<Option<git2::OdbObject<'odb>>> {
    let Some(id) = id.map(super::raw).transpose()? else { return Ok(None) };
    Ok(Some(odb.read(id).map_err(|error| object_error(id, &error))?))
}

/// The entries of a tree object, with their names.
pub(super) struct Entries<'a>(pub(super) &'a [u8]);

impl<'a> Iterator for Entries<'a> {
    type Item = (&'a [u8], Entry);

    fn next(&mut self) -> Option<Self::Item> {
        let (mode, rest) = self.0.split_at_checked(self.0.iter().position(|byte| *byte == b' ')?)?;
        let mode = mode.iter().fold(0, |mode, digit| mode << 3 | u32::from(digit & 7));
        let rest = rest.get(1..)?;
        let (name, rest) = rest.split_at_checked(rest.iter().position(|byte| *byte == 0)?)?;
        let (id, rest) = rest.get(1..)?.split_first_chunk::<20>()?;
        self.0 = rest;
        Some((name, (Oid::new(*id), mode)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Commits, each by what it makes of the files `x`, `y` and so on; which are known, and which are asked of git.
    fn alike(commits: &[&[(&str, &str)]], lost: &str) -> (Vec<u8>, Vec<u8>) {
        let odb = git2::Odb::new().unwrap();
        let _kept = odb.add_new_mempack_backend(1).unwrap();
        let blob = |text: &str| {
            let text = text.replace(',', "\n");
            let made =
                |text: &str| super::super::oid(odb.write(git2::ObjectType::Blob, text.as_bytes()).unwrap());
            let id = if text == lost { Oid::new([7; 20]) } else { made(&text) };
            Some((id, 0o100_644)).filter(|_| !text.is_empty())
        };
        let changes = commits.iter().map(|files| Changes {
            paths: (b'x'..).take(files.len()).map(|name| vec![name]).collect(),
            before: files.iter().map(|(before, _)| blob(before)).collect(),
            after: files.iter().map(|(_, after)| blob(after)).collect(),
        });
        let changes: Vec<(Oid, Changes)> =
            (1..).zip(changes).map(|(number, changes)| (Oid::new([number; 20]), changes)).collect();
        let found = may_be_alike(&odb, &changes.iter().map(|(id, changes)| (*id, changes)).collect());
        let numbers = |ids: Vec<Oid>| {
            let mut numbers: Vec<u8> = ids.iter().map(|id| id.as_bytes()[0]).collect();
            numbers.sort_unstable();
            numbers
        };
        (numbers(found.known.iter().map(|(id, ..)| *id).collect()), numbers(found.asked))
    }

    #[test]
    fn what_makes_the_same_files_or_takes_them_back_is_known() {
        let one = ("1,2,3,", "1,2,x,3,");
        assert_eq!(alike(&[&[one], &[one], &[(one.1, one.0)]], ""), (vec![1, 2, 3], vec![]));
        assert_eq!(alike(&[&[one], &[one]], "1\n2\n3\n"), (vec![1, 2], vec![]));
        assert_eq!(alike(&[&[("", "a")], &[("", "a")], &[("a", "")]], ""), (vec![1, 2, 3], vec![]));
        // Others of these paths make another difference.
        assert_eq!(alike(&[&[one], &[one], &[("1,", "1,y,")]], ""), (vec![1, 2], vec![]));
    }

    #[test]
    fn what_no_other_can_be_like_is_passed_over() {
        let one = ("1,2,3,", "1,2,x,3,");
        assert_eq!(
            alike(&[&[one], &[one, one], &[("1,", "1,y,")], &[("1,", "1,x,x,")]], ""),
            (vec![], vec![])
        );
        assert_eq!(alike(&[&[], &[]], ""), (vec![], vec![]));
        assert_eq!(alike(&[&[("", "a,"), ("", "b,")], &[("", "b,"), ("", "a,")]], ""), (vec![], vec![]));
    }

    #[test]
    fn what_may_be_alike_is_asked() {
        let one = ("1,2,3,", "1,2,x,3,");
        // In another version of the file, with other ends of lines, moved, and taken back.
        for other in
            [("0,1,2,3,", "0,1,2,x,3,"), ("1,\r,3", "1,\r,x\r,3"), ("x,a,x", "a,x,x,x"), ("0,x,", "0")]
        {
            assert_eq!(alike(&[&[one], &[other], &[("1,", "1,y,")]], ""), (vec![], vec![1, 2]), "{other:?}");
        }
        // What is not here may be anything.
        assert_eq!(alike(&[&[one], &[("1,", "1,y,")]], "1\ny\n"), (vec![], vec![1, 2]));
    }

    #[test]
    fn the_entries_of_a_tree() {
        let mut tree = b"40000 a b\0".to_vec();
        tree.extend([b' '; 20]);
        tree.extend(b"100644 c\0");
        tree.extend([0; 20]);
        let found: Vec<_> = Entries(&tree).collect();
        assert_eq!(
            found,
            [(&b"a b"[..], (Oid::new([b' '; 20]), FOLDER)), (&b"c"[..], (Oid::ZERO, 0o100_644))]
        );
        assert_eq!(Entries(b"40000 a\0short").next(), None);
    }
}
