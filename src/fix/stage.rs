use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::Result;

use super::converge::{Mended, converge, permitted, real_path};
use crate::domain::{Oid, RepoPath};
use crate::engine::State;
use crate::finding::{Finding, Fix};
use crate::git::{Git, Mode, Repo};
use crate::source::write::Batch;
use crate::source::{Snapshot, StagedFiles, Worktree, resolve};

/// Mends the files on disk. Nothing is written under `dry_run`.
pub fn fix_worktree(
    state: &State<'_>,
    files: &Worktree<'_>,
    unsafe_too: bool,
    dry_run: bool,
) -> Result<Mended> {
    let mended = converge(files, &|files| state.findings_in(files), &|_, fix| permitted(fix, unsafe_too))?;
    if !dry_run {
        prepare(files, &mended.files)?.commit()?;
    }
    Ok(mended)
}

/// Mends what is staged, and in the same way the files on disk that it was staged from: each is judged
/// for itself and gets edits of its own, so what was not staged stays so. `worktree` is the judge of the
/// files on disk; nothing is written under `dry_run`.
pub fn fix_staged(
    repo: &Repo,
    staged: &State<'_>,
    worktree: Option<(&State<'_>, &Worktree<'_>)>,
    unsafe_too: bool,
    dry_run: bool,
) -> Result<Mended> {
    let on_disk = worktree.map(|(_, files)| files);
    let wanted = |_: &Finding, fix: &Fix| {
        permitted(fix, unsafe_too) && !would_hide_a_file(staged.files(), on_disk, fix)
    };
    let mended = converge(staged.files(), &|files| staged.findings_in(files), &wanted)?;
    if dry_run || mended.files.is_empty() {
        return Ok(mended);
    }
    let batch = match worktree {
        Some((state, files)) => {
            let also = mend_alike(state, files, &mended, unsafe_too)?;
            Some(prepare(files, &also.files)?)
        }
        None => None,
    };
    let update = IndexUpdate::new(repo, &mended.files)?;
    update.run(repo)?;
    if let Some(batch) = batch {
        batch.commit().or_else(|error| update.undo(repo).and(Err(error)))?;
    }
    Ok(mended)
}

/// A fix that makes a file would put a stub into the commit where the real file only was not added.
fn would_hide_a_file(staged: &dyn Snapshot, worktree: Option<&Worktree<'_>>, fix: &Fix) -> bool {
    let there = |files: &dyn Snapshot, path: &RepoPath| files.stat(path).is_ok_and(|stat| stat.is_some());
    worktree.is_some_and(|disk| {
        fix.edits.iter().any(|edit| !there(staged, &edit.path) && there(disk, &edit.path))
    })
}

/// The same fixes on the files on disk: the same rules, in the same files.
fn mend_alike(state: &State<'_>, files: &Worktree<'_>, staged: &Mended, unsafe_too: bool) -> Result<Mended> {
    let alike: BTreeSet<(&str, &RepoPath)> = staged
        .applied
        .iter()
        .flat_map(|applied| applied.paths.iter().map(|path| (applied.rule, path)))
        .collect();
    let wanted = |finding: &Finding, fix: &Fix| {
        let same =
            |path: &RepoPath| real_path(files, path).is_ok_and(|path| alike.contains(&(finding.rule, &path)));
        permitted(fix, unsafe_too) && fix.edits.iter().all(|edit| same(&edit.path))
    };
    converge(files, &|files| state.findings_in(files), &wanted)
}

fn prepare(files: &Worktree<'_>, changed: &BTreeMap<RepoPath, Vec<u8>>) -> Result<Batch> {
    let mut batch = Batch::default();
    for (path, bytes) in changed {
        let before = match resolve(files, path)? {
            Ok(Some(_)) => files.bytes(path)?,
            _ => None,
        };
        batch.replace(&files.on_disk(path), before, bytes)?;
    }
    Ok(batch)
}

/// New blobs for entries of the index, written by git itself, whatever form its index has.
struct IndexUpdate {
    /// The index files to update, `None` for the one of the environment, with what each gets.
    updates: Vec<(Option<PathBuf>, Vec<Entry>)>,
}

struct Entry {
    path: RepoPath,
    old: Option<(Mode, Oid)>,
    new: Oid,
}

impl IndexUpdate {
    fn new(repo: &Repo, changed: &BTreeMap<RepoPath, Vec<u8>>) -> Result<Self> {
        let index = StagedFiles::new(repo)?;
        let entries = changed.iter().map(|(path, bytes)| {
            let old = index.entries().get(path).map(|entry| (entry.mode, entry.id));
            Ok(Entry { path: path.clone(), old, new: repo.write_blob(bytes)? })
        });
        let entries: Vec<Entry> = entries.collect::<Result<_>>()?;
        let mut updates = Vec::new();
        if let Some(kept) = index_of_partial_commit(repo) {
            updates.push((Some(kept), Vec::new()));
        }
        // `git commit FILE` commits an index of its own and then goes on with the real one, which it has
        // made ready in index.lock: what is staged there from the same bytes is mended as well.
        for (file, entries_there) in &mut updates {
            let file: Option<&PathBuf> = file.as_ref();
            let Some(file) = file else { continue };
            let listing = Git::new(repo).with_index(file).output(&["ls-files", "--stage", "-z"])?;
            let listing = String::from_utf8_lossy(&listing).into_owned();
            for entry in &entries {
                let same = entry
                    .old
                    .is_none_or(|(_, id)| listing.contains(&format!("{id} 0\t{}\0", entry.path.as_str())));
                if same {
                    entries_there.push(Entry { path: entry.path.clone(), old: entry.old, new: entry.new });
                }
            }
        }
        updates.push((None, entries));
        Ok(Self { updates })
    }

    fn run(&self, repo: &Repo) -> Result<()> {
        self.write(repo, |entry| Some((entry.old.map_or(Mode::File, |(mode, _)| mode), entry.new)))
    }

    fn undo(&self, repo: &Repo) -> Result<()> {
        self.write(repo, |entry| entry.old)
    }

    fn write(&self, repo: &Repo, content: impl Fn(&Entry) -> Option<(Mode, Oid)>) -> Result<()> {
        for (file, entries) in &self.updates {
            let mut lines = String::new();
            for entry in entries {
                let path = entry.path.as_str();
                lines.push_str(&match content(entry) {
                    Some((Mode::Executable, id)) => format!("100755 {id}\t{path}\0"),
                    Some((_, id)) => format!("100644 {id}\t{path}\0"),
                    None => format!("0 {}\t{path}\0", "0".repeat(40)),
                });
            }
            let git = Git::new(repo);
            let git = match file {
                Some(file) => git.with_index(file),
                None => git,
            };
            git.feed(&["update-index", "-z", "--index-info"], lines.as_bytes())?;
        }
        Ok(())
    }
}

/// The real index, while git commits another one (`git commit FILE`).
fn index_of_partial_commit(repo: &Repo) -> Option<PathBuf> {
    let given: OsString = std::env::var_os("GIT_INDEX_FILE")?;
    let name = PathBuf::from(given);
    let partial = name.file_name()?.to_str()?.starts_with("next-index-");
    let lock = repo.git_dir().join("index.lock");
    (partial && lock.exists()).then_some(lock)
}
