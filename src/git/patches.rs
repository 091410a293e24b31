//! What commits change: which files, and whether two commits change the same in them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hasher as _};
use std::rc::Rc;

use anyhow::Result;

use super::commits::lines;
use super::{Git, Repo, object_error};
use crate::domain::Oid;

/// So many folders are remembered.
const REMEMBERED: usize = 10_000;

/// So many folders deep paths are told apart.
const DEEPEST: usize = 1_000;

/// The mode of a folder in a tree object.
const FOLDER: u32 = 0o40_000;

/// Paths that are watched, in whatever commits.
pub struct Watched<'repo> {
    odb: git2::Odb<'repo>,
    /// The folders that lead to them, the root first: of each folder and file its names below, with their places
    /// here; a file has none.
    names: Vec<HashMap<Vec<u8>, usize>>,
    /// What folders hold of it, by the folder's id and its place.
    known: HashMap<(Oid, usize), Held>,
}

/// An entry of a folder: its object and its mode.
type Entry = (Oid, u32);

/// What a folder holds that is watched, by its place.
type Held = Rc<[(usize, Entry)]>;

impl Repo {
    /// The id of a commit's root folder.
    pub fn root_of(&self, commit: Oid) -> Result<Oid> {
        let id = super::raw(commit)?;
        let found = self.inner.find_commit(id).map_err(|error| object_error(id, &error))?;
        Ok(super::oid(found.tree_id()))
    }

    /// Watches some paths.
    pub fn watch(&self, paths: &BTreeSet<&str>) -> Result<Watched<'_>> {
        let mut names: Vec<HashMap<Vec<u8>, usize>> = vec![HashMap::new()];
        for path in paths {
            let mut at = 0;
            for name in path.split('/').take(DEEPEST) {
                let next = names.len();
                let below = names.get_mut(at).map(|below| *below.entry(name.into()).or_insert(next));
                at = below.unwrap_or_default();
                if at == next {
                    names.push(HashMap::new());
                }
            }
        }
        Ok(Watched { odb: self.inner.odb()?, names, known: HashMap::new() })
    }

    /// The paths at which two root folders differ; no folder is an empty one.
    pub fn changed_paths(&self, before: Option<Oid>, after: Oid) -> Result<BTreeSet<String>> {
        let odb = self.inner.odb()?;
        let mut paths = BTreeSet::new();
        let mut open = vec![(String::new(), before, Some(after))];
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
            for (name, sides) in names {
                let path = || format!("{folder}{}", String::from_utf8_lossy(name));
                let [before, after] = sides.map(|entry| entry.filter(|(_, mode)| *mode != FOLDER));
                if before != after {
                    paths.insert(path());
                }
                let folders = sides.map(|entry| entry.filter(|(_, mode)| *mode == FOLDER).map(|(id, _)| id));
                let [before, after] = folders;
                if before != after {
                    open.push((path() + "/", before, after));
                }
            }
        }
        Ok(paths)
    }

    /// What some commits change, as a number that another commit of the same change has too, wherever in its
    /// files that is, and whatever the spaces. Merges, and commits that change nothing, have none.
    pub fn patches(&self, commits: &[Oid]) -> Result<HashMap<Oid, u64>> {
        let args = [
            "diff-tree",
            "--stdin",
            "--root",
            "-p",
            "--no-ext-diff",
            "--no-textconv",
            "--no-renames",
            "--no-color",
            "--full-index",
        ];
        let mut patches = Patches::default();
        let mut line = Vec::new();
        Git::new(self).read(&args, lines(commits).as_bytes(), &mut || {}, &mut |piece| {
            for part in piece.split_inclusive(|byte| *byte == b'\n') {
                line.extend_from_slice(part);
                if part.ends_with(b"\n") {
                    patches.read(&line);
                    line.clear();
                }
            }
        })?;
        if !line.is_empty() {
            patches.read(&line);
        }
        Ok(patches.found.into_iter().map(|(commit, hasher)| (commit, hasher.finish())).collect())
    }
}

/// The diffs of commits, one after another, while git prints them.
#[derive(Default)]
struct Patches {
    /// The commits that were met, the current one last.
    found: Vec<(Oid, DefaultHasher)>,
    /// The blobs of the file that is open: all that is known of what is no text.
    blobs: Vec<u8>,
}

impl Patches {
    fn read(&mut self, line: &[u8]) {
        // Every line of a diff itself begins with something else.
        if let Some(commit) = line.strip_suffix(b"\n").and_then(Oid::from_hex) {
            self.found.push((commit, DefaultHasher::new()));
            return;
        }
        let Some((_, hasher)) = self.found.last_mut() else { return };
        if line.starts_with(b"index ") {
            self.blobs = line.to_vec();
            return;
        }
        if line.starts_with(b"Binary files ") {
            hasher.write(&self.blobs);
        }
        let line = if line.starts_with(b"@@ ") { b"@@" } else { line };
        for byte in line.iter().filter(|byte| !byte.is_ascii_whitespace()) {
            hasher.write_u8(*byte);
        }
        hasher.write_u8(b'\n');
    }
}

impl Watched<'_> {
    /// Whether one of the paths differs between two root folders; no folder is an empty one.
    pub fn differ(&mut self, before: Option<Oid>, after: Oid) -> Result<bool> {
        if self.known.len() > REMEMBERED {
            self.known.clear();
        }
        let sides = [before, Some(after)].map(|root| root.map(|id| (id, FOLDER)));
        self.differ_at(0, sides)
    }

    /// Whether two entries of one place differ at a path below it.
    fn differ_at(&mut self, place: usize, [before, after]: [Option<Entry>; 2]) -> Result<bool> {
        if before == after {
            return Ok(false);
        }
        let is_path = self.names.get(place).is_none_or(HashMap::is_empty);
        if is_path {
            return Ok(true);
        }
        let before = self.below(place, before)?;
        let after = self.below(place, after)?;
        let entry = |entries: &[(usize, Entry)], place: usize| {
            entries.iter().find(|(other, _)| *other == place).map(|(_, entry)| *entry)
        };
        for (place, one) in before.iter() {
            if self.differ_at(*place, [Some(*one), entry(&after, *place)])? {
                return Ok(true);
            }
        }
        for (place, one) in after.iter().filter(|(place, _)| entry(&before, *place).is_none()) {
            if self.differ_at(*place, [None, Some(*one)])? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What a folder holds that is watched.
    fn below(&mut self, place: usize, folder: Option<Entry>) -> Result<Held> {
        let Some((id, FOLDER)) = folder else { return Ok(Rc::new([])) };
        if let Some(entries) = self.known.get(&(id, place)) {
            return Ok(Rc::clone(entries));
        }
        let tree = read_tree(&self.odb, Some(id))?;
        let wanted = self.names.get(place);
        let of_entry = |(name, entry): (&[u8], Entry)| Some((*wanted?.get(name)?, entry));
        let entries: Held = tree.iter().flat_map(|tree| Entries(tree.data())).filter_map(of_entry).collect();
        self.known.insert((id, place), Rc::clone(&entries));
        Ok(entries)
    }
}

fn read_tree<'odb>(odb: &'odb git2::Odb<'_>, id: Option<Oid>) -> Result<Option<git2::OdbObject<'odb>>> {
    let Some(id) = id.map(super::raw).transpose()? else { return Ok(None) };
    Ok(Some(odb.read(id).map_err(|error| object_error(id, &error))?))
}

/// The entries of a tree object, with their names.
struct Entries<'a>(&'a [u8]);

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

    fn patch(diff: &str) -> Vec<u64> {
        let mut patches = Patches::default();
        diff.split_inclusive('\n').for_each(|line| patches.read(line.as_bytes()));
        patches.found.into_iter().map(|(_, hasher)| hasher.finish()).collect()
    }

    #[test]
    fn a_patch_is_the_same_wherever_it_stands() {
        let one = format!("{}\ndiff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n", "a".repeat(40));
        let diff = |rest: &str| patch(&(one.clone() + rest));
        let wanted = diff("@@ -1,2 +1,3 @@\n a\n+b\n");
        assert_eq!(wanted, diff("@@ -8,2 +9,3 @@ fn a\n a\n+  b\n"));
        assert_ne!(wanted, diff("@@ -1,2 +1,3 @@\n a\n-b\n"));
        assert_ne!(wanted, diff("@@ -1,2 +1,3 @@\n a\n+b\n+\n"));
        let binary = "Binary files a/x and b/x differ\n";
        assert_ne!(diff(binary), patch(&(one.replace("1..2", "1..3") + binary)));
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
