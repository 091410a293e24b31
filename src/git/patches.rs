//! Whether two commits change the same in their files.

use std::hash::{DefaultHasher, Hasher as _};
use std::rc::Rc;

use anyhow::Result;
use foldhash::{HashMap, HashMapExt as _};

use super::changes::{Changes, Entries, Entry, FOLDER, LONGEST, may_be_alike, read_tree};
use super::commits::lines;
use super::{Git, Repo};
use crate::domain::{Oid, OidMap, SortedSet};

/// So many folders are remembered.
const REMEMBERED: usize = 10_000;

/// Where a commit changes more places than this, they are not looked up.
const MOST_HUNKS: usize = 1_000;

/// So many folders deep paths are told apart.
const DEEPEST: usize = 1_000;

/// Paths that are watched, in whatever commits.
pub struct Watched<'repo> {
    odb: git2::Odb<'repo>,
    /// The folders that lead to them, the root first: of each folder and file its names below, with their places
    /// here; a file has none.
    names: Vec<HashMap<Vec<u8>, usize>>,
    /// What folders hold of it, by the folder's id and its place.
    known: HashMap<(Oid, usize), Held>,
}

/// What a folder holds that is watched, by its place.
type Held = Rc<[(usize, Entry)]>;

impl Repo {
    /// Watches some paths.
    pub fn watch(&self, paths: &SortedSet<&[u8]>) -> Result<Watched<'_>> {
        let mut names: Vec<HashMap<Vec<u8>, usize>> = vec![HashMap::new()];
        for path in paths {
            let mut at = 0;
            for name in path.split(|byte| *byte == b'/').take(DEEPEST) {
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

    /// What some commits change, each of which does so at these paths. Those that change nothing, and those that
    /// no other one is like or takes back, may have none.
    pub fn patches(&self, commits: &OidMap<&Changes>) -> Result<Compared> {
        let alike = may_be_alike(&self.inner.odb()?, commits);
        let mut compared =
            if alike.asked.is_empty() { Compared::default() } else { self.diffs(&alike.asked)? };
        for (commit, before, after) in alike.known {
            compared.patches.insert(commit, Patch { before, after });
        }
        Ok(compared)
    }

    /// Whether it is certain where in its files a commit changes something: what stood there before, with the lines
    /// around it, stands nowhere else in the file. Not so where a file is too long to look, or is not here.
    #[must_use]
    pub fn has_one_place(&self, commit: Oid, compared: &Compared) -> bool {
        let Some(hunks) = compared.hunks.get(&commit).filter(|hunks| hunks.len() <= MOST_HUNKS) else {
            return false;
        };
        let mut files: OidMap<Option<Vec<u8>>> = OidMap::default();
        hunks.iter().all(|hunk| {
            let read = || self.blob(hunk.file, LONGEST as u64).ok().flatten();
            // There was no file.
            hunk.file == Oid::ZERO
                || files.entry(hunk.file).or_insert_with(read).as_ref().is_some_and(|text| hunk.is_once(text))
        })
    }

    /// What commits change, as git tells it. Merges, and commits that change nothing, have none.
    fn diffs(&self, commits: &[Oid]) -> Result<Compared> {
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
        Git::new(self)
            .read(&args, lines(commits).as_bytes(), &mut |piece| {
                for part in piece.split_inclusive(|byte| *byte == b'\n') {
                    line.extend_from_slice(part);
                    if part.ends_with(b"\n") {
                        patches.read(&line);
                        line.clear();
                    }
                }
            })
            .map_err(|error| self.not_compared(error))?;
        if !line.is_empty() {
            patches.read(&line);
        }
        let found = patches.found.into_iter();
        let (patches, hunks) =
            found.map(|found| ((found.commit, found.patch()), (found.commit, found.hunks))).unzip();
        Ok(Compared { patches, hunks })
    }
}

/// What some commits change.
#[derive(Debug, Default)]
pub struct Compared {
    /// Each one's patch.
    pub patches: OidMap<Patch>,
    /// The hunks of those whose diffs were read.
    hunks: OidMap<Vec<Hunk>>,
}

/// Where in a file a diff changes something.
#[derive(Debug, Clone, Copy)]
struct Hunk {
    /// The file as it is before.
    file: Oid,
    /// How many lines stand before it.
    at: usize,
    /// How many lines it has.
    lines: usize,
}

impl Hunk {
    /// Reads `@@ -FIRST,LINES …`.
    fn parse(file: Oid, line: &[u8]) -> Option<Self> {
        let range =
            std::str::from_utf8(line.strip_prefix(b"@@ -")?.split(|byte| *byte == b' ').next()?).ok()?;
        let (first, lines) = range.split_once(',').unwrap_or((range, "1"));
        let first: usize = first.parse().ok()?;
        Some(Self { file, at: first.saturating_sub(1), lines: lines.parse().ok()? })
    }

    /// Whether its lines are in their file once.
    fn is_once(&self, text: &[u8]) -> bool {
        let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').map(without_end).collect();
        let Some(wanted) = lines.get(self.at..).and_then(|rest| rest.get(..self.lines)) else { return false };
        if wanted.is_empty() {
            return lines.is_empty();
        }
        lines.windows(wanted.len()).filter(|other| *other == wanted).nth(1).is_none()
    }
}

/// A line without what ends it.
fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// What a commit changes: another commit of the same change has the same, wherever in its files that is, and
/// whatever ends their lines where it changes more than that. Spaces count: in YAML they say what belongs where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Patch {
    before: u64,
    after: u64,
}

impl Patch {
    /// What takes it back to the letter.
    #[must_use]
    pub fn reversed(self) -> Self {
        Self { before: self.after, after: self.before }
    }
}

/// Both sides of a diff.
const BOTH: [bool; 2] = [true, true];
/// What stood there before.
const BEFORE: [bool; 2] = [true, false];
/// What stands there after.
const AFTER: [bool; 2] = [false, true];

/// The diff of a commit.
struct Found {
    commit: Oid,
    /// What stood there before it, and what after it, whatever ends the lines.
    sides: [DefaultHasher; 2],
    /// The same to the byte.
    bytes: [DefaultHasher; 2],
    hunks: Vec<Hunk>,
}

impl Found {
    fn patch(&self) -> Patch {
        let patch = |sides: &[DefaultHasher; 2]| {
            let [before, after] = sides.each_ref().map(DefaultHasher::finish);
            Patch { before, after }
        };
        let text = patch(&self.sides);
        // What changes the ends of lines alone would be its own opposite.
        if text.before == text.after { patch(&self.bytes) } else { text }
    }
}

/// The diffs of commits, one after another, while git prints them.
#[derive(Default)]
struct Patches {
    /// The commits that were met, the current one last.
    found: Vec<Found>,
    /// The line with the blobs of the file that is open: all that is known of what is no text.
    blobs: Vec<u8>,
    /// Whether the lines are those of a hunk, and on which sides the last one is.
    in_hunk: Option<[bool; 2]>,
}

impl Patches {
    fn read(&mut self, line: &[u8]) {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        // Every line of a diff itself begins with something else.
        if let Some(commit) = Oid::from_hex(line) {
            let (sides, bytes) = Default::default();
            self.found.push(Found { commit, sides, bytes, hunks: Vec::new() });
            self.in_hunk = None;
        } else if line.starts_with(b"diff --git ") {
            self.in_hunk = None;
            self.write(BOTH, line);
        } else if line.starts_with(b"@@ ") {
            self.in_hunk = Some(BOTH);
            self.write(BOTH, b"@@");
            let [before, _] = blobs(&self.blobs);
            // What can't be read is nowhere.
            let hunk = Oid::from_hex(before).and_then(|file| Hunk::parse(file, line));
            let hunk = hunk.unwrap_or(Hunk { file: Oid::new([u8::MAX; 20]), at: 0, lines: 0 });
            self.found.last_mut().into_iter().for_each(|found| found.hunks.push(hunk));
        } else if let Some(last) = self.in_hunk {
            let (sides, text) = match line.split_first() {
                Some((b'-', text)) => (BEFORE, text),
                Some((b'+', text)) => (AFTER, text),
                Some((b' ', text)) => (BOTH, text),
                // No line break at the end of the line before.
                Some((b'\\', _)) => (last, line),
                _ => (BOTH, line),
            };
            self.in_hunk = Some(sides);
            self.write_line(sides, text);
        } else {
            self.read_head(line);
        }
    }

    /// A line between the name of a file and its first hunk.
    fn read_head(&mut self, line: &[u8]) {
        let modes: [(&[u8], [bool; 2]); 4] = [
            (b"new file mode ", AFTER),
            (b"deleted file mode ", BEFORE),
            (b"old mode ", BEFORE),
            (b"new mode ", AFTER),
        ];
        if line.starts_with(b"index ") {
            self.blobs = line.to_vec();
        } else if line.starts_with(b"Binary files ") {
            let line = std::mem::take(&mut self.blobs);
            let [before, after] = blobs(&line);
            self.write(BEFORE, before);
            self.write(AFTER, after);
        } else if let Some((word, sides)) = modes.iter().find(|(word, _)| line.starts_with(word)) {
            self.write(*sides, line.get(word.len()..).unwrap_or_default());
        } else if !line.starts_with(b"--- ") && !line.starts_with(b"+++ ") {
            // The file's name, which these two lines have once more, stands above.
            self.write(BOTH, line);
        }
    }

    fn write(&mut self, sides: [bool; 2], text: &[u8]) {
        self.write_both(sides, text, text);
    }

    /// A line of a file.
    fn write_line(&mut self, sides: [bool; 2], line: &[u8]) {
        self.write_both(sides, without_end(line), line);
    }

    fn write_both(&mut self, sides: [bool; 2], text: &[u8], bytes: &[u8]) {
        let Some(found) = self.found.last_mut() else { return };
        for (hashers, text) in [(&mut found.sides, text), (&mut found.bytes, bytes)] {
            for (hasher, _) in hashers.iter_mut().zip(sides).filter(|(_, is_there)| *is_there) {
                hasher.write(text);
                hasher.write_u8(b'\n');
            }
        }
    }
}

/// The blobs before and after of `index BEFORE..AFTER`, behind which the mode may stand.
fn blobs(line: &[u8]) -> [&[u8]; 2] {
    let mut ids = line.split(|byte| matches!(byte, b' ' | b'.')).filter(|id| !id.is_empty()).skip(1);
    [(); 2].map(|()| ids.next().unwrap_or_default())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn patch(diff: &str) -> Patch {
        let mut patches = Patches::default();
        let all = format!("{}\ndiff --git a/x b/x\n{diff}", "a".repeat(40));
        all.split_inclusive('\n').for_each(|line| patches.read(line.as_bytes()));
        patches.found[0].patch()
    }

    #[test]
    fn a_patch_is_the_same_wherever_it_stands() {
        let diff = |rest: &str| patch(&("index 1..2 100644\n--- a/x\n+++ b/x\n".to_owned() + rest));
        let wanted = diff("@@ -1,2 +1,3 @@\n a\n+b\n");
        assert_eq!(wanted, diff("@@ -8,2 +9,3 @@ fn a\n a\n+b\n"));
        assert_eq!(wanted, diff("@@ -1,2 +1,3 @@\n a\r\n+b\r\n"));
        assert_ne!(wanted, diff("@@ -1,2 +1,3 @@\n a\n+  b\n"));
        assert_ne!(wanted, diff("@@ -1,2 +1,3 @@\n a\n+b \n"));
        assert_ne!(wanted, diff("@@ -1,2 +1,3 @@\n a\n-b\n"));
        assert_ne!(wanted, diff("@@ -1,2 +1,3 @@\n a\n+b\n+\n"));
        assert_ne!(wanted, diff("@@ -1,2 +1,3 @@\n a\n+b\n\\ No newline at end of file\n"));
        let binary = "index 1..2 100644\nBinary files a/x and b/x differ\n";
        assert_ne!(patch(binary), patch(&binary.replace("1..2", "1..3")));
    }

    #[test]
    fn what_changes_the_ends_of_lines_alone_is_no_other_such_change() {
        let one = patch("@@ -1,2 +1,2 @@\n-a\n-b\n+a\r\n+b\r\n");
        assert_eq!(one, patch("@@ -1,2 +1,2 @@\n-a\n-b\n+a\r\n+b\r\n"));
        assert_ne!(one, one.reversed());
        assert_eq!(one.reversed(), patch("@@ -1,2 +1,2 @@\n-a\r\n-b\r\n+a\n+b\n"));
        assert_ne!(one, patch("@@ -1,2 +1,2 @@\n-a\n+a\r\n b\n"));
    }

    #[test]
    fn the_place_of_a_hunk() {
        let hunk = |line: &str| Hunk::parse(Oid::ZERO, line.as_bytes()).unwrap();
        let text = b"a:\n  x: 1\r\n  y: 2\nb:\n  x: 1\n  y: 2\n";
        assert!(hunk("@@ -1,2 +1,3 @@").is_once(text));
        assert!(!hunk("@@ -2,2 +2,3 @@ a:").is_once(text));
        assert!(hunk("@@ -3,2 +3,3 @@ a:").is_once(text));
        assert!(hunk("@@ -4 +4 @@ a:").is_once(text));
        assert!(!hunk("@@ -6 +6 @@ b:").is_once(text));
        assert!(hunk("@@ -0,0 +1 @@").is_once(b""));
        // Without lines around it, or where the file is another one, nobody can say.
        assert!(!hunk("@@ -1,0 +2 @@").is_once(text));
        assert!(!hunk("@@ -6,2 +6,2 @@").is_once(text));
        assert!(Hunk::parse(Oid::ZERO, b"@@ -x +1 @@").is_none());
    }

    #[test]
    fn a_patch_and_its_opposite() {
        let opposite = |one: &str, other: &str| assert_eq!(patch(one), patch(other).reversed());
        opposite(
            "@@ -1,2 +1,3 @@\n a\n--- b\n++ c\n d\n+e\n\\ No newline at end of file\n",
            "@@ -4,3 +5,2 @@ x\n a\n-+ c\n+-- b\n d\n-e\n\\ No newline at end of file\n",
        );
        opposite(
            "new file mode 100644\nindex 0..1\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+a\n",
            "deleted file mode 100644\nindex 1..0\n--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n",
        );
        opposite("old mode 100644\nnew mode 100755\n", "old mode 100755\nnew mode 100644\n");
        let binary = "index 1..2 100644\nBinary files a/x and b/x differ\n";
        opposite(binary, &binary.replace("1..2", "2..1"));
    }
}
