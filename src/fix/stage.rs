use anyhow::Result;

use super::converge::{Mended, converge, permitted, real_path};
use crate::domain::{Fail, RepoPath, SortedMap, SortedSet};
use crate::engine::State;
use crate::finding::{Finding, Fix};
use crate::git::{IndexFiles, LockedIndex, NewIndex, Repo, blob_id};
use crate::source::write::Batch;
use crate::source::{MemoryFiles, Snapshot, StagedFiles, Worktree, read};

/// The bytes of files.
type Contents = SortedMap<RepoPath, Vec<u8>>;

/// Mends the files on disk. Nothing is written under `dry_run`.
pub fn fix_worktree(
    state: &State<'_>,
    files: &Worktree<'_>,
    unsafe_too: bool,
    dry_run: bool,
) -> Result<Mended> {
    let mended = converge(files, &|files| state.findings_in(files), &|_, fix| permitted(fix, unsafe_too))?;
    if !dry_run {
        prepare(files, &mended.files, &mended.before)?.commit()?;
    }
    Ok(mended)
}

/// Mends what is staged, and in the same way the files on disk that it was staged from, so that what was
/// not staged stays so. Nothing is written under `dry_run`.
pub fn fix_staged(
    repo: &Repo,
    staged: &State<'_>,
    disk: &Worktree<'_>,
    unsafe_too: bool,
    dry_run: bool,
) -> Result<Mended> {
    let wanted = |_: &Finding, fix: &Fix| {
        permitted(fix, unsafe_too) && hidden_file(staged.files(), disk, fix).is_none()
    };
    let mut mended = converge(staged.files(), &|files| staged.findings_in(files), &wanted)?;
    advise_to_add(&mut mended.findings, staged.files(), disk);
    if dry_run || mended.files.is_empty() {
        return Ok(mended);
    }
    let (changed, before) = mend_alike(staged, disk, &mended, unsafe_too)?;
    let batch = prepare(disk, &changed, &before)?;
    let entries = repo.index()?;
    still_staged(&entries, &mended)?;
    let mut indexes = vec![NewIndex::prepare(repo, &repo.index_file(), &entries, &mended.files)?];
    // After `git commit FILE`, git goes on with another index than the one that it commits.
    if let Some(file) = repo.index_after_partial_commit() {
        let later = StagedFiles::at(repo, &file)?;
        let (changed, _) = mend_alike(staged, &later, &mended, unsafe_too)?;
        indexes.push(NewIndex::prepare(repo, &file, later.entries(), &changed)?);
    }
    let locked = indexes.into_iter().map(NewIndex::lock).collect::<Result<Vec<_>>>()?;
    batch.commit()?;
    locked.into_iter().try_for_each(LockedIndex::put)?;
    Ok(mended)
}

/// Where a fix would make a file that is on disk and only was not added, the advice is to add it: what
/// the fix makes would take its place in the commit.
pub fn advise_to_add(findings: &mut [Finding], staged: &dyn Snapshot, disk: &Worktree<'_>) {
    for finding in findings {
        let hidden = finding.fix.as_ref().and_then(|fix| hidden_file(staged, disk, fix));
        if let Some(path) = hidden.cloned() {
            finding.help = Some(format!("it is on disk, and only not staged: git add {path}"));
            finding.fix = None;
        }
    }
}

fn hidden_file<'fix>(staged: &dyn Snapshot, disk: &Worktree<'_>, fix: &'fix Fix) -> Option<&'fix RepoPath> {
    let there = |files: &dyn Snapshot, path: &RepoPath| files.stat(path).is_ok_and(|stat| stat.is_some());
    let paths = fix.edits.iter().map(|edit| &edit.path);
    paths.into_iter().find(|path| !there(staged, path) && there(disk, path))
}

/// Refuses where another git command staged something since the index was judged.
fn still_staged(entries: &IndexFiles, mended: &Mended) -> Result<()> {
    let staged = |path: &RepoPath| entries.get(path).map(|entry| entry.id);
    let judged = |path: &RepoPath| mended.before.get(path).and_then(|bytes| blob_id(bytes));
    if mended.files.keys().all(|path| staged(path) == judged(path)) {
        return Ok(());
    }
    Err(Fail::new("the git index changed while it was judged; nothing was changed")
        .help("run the same command again")
        .into())
}

/// What other files become that are to follow what was mended in the index, and what they were made from:
/// they are judged for themselves, and the same rules mend the same files. One that held the same as the index holds the
/// same afterwards, and whatever is to be mended on top of that.
fn mend_alike(
    staged: &State<'_>,
    files: &dyn Snapshot,
    mended: &Mended,
    unsafe_too: bool,
) -> Result<(Contents, Contents)> {
    let paths =
        mended.applied.iter().flat_map(|applied| applied.paths.iter().map(|path| (applied.rule, path)));
    let alike: SortedSet<(&str, &RepoPath)> = paths.collect();
    let wanted = |finding: &Finding, fix: &Fix| {
        let mended_there =
            |path: &RepoPath| real_path(files, path).is_ok_and(|path| alike.contains(&(finding.rule, &path)));
        permitted(fix, unsafe_too) && fix.edits.iter().all(|edit| mended_there(&edit.path))
    };
    let converge = |files: &dyn Snapshot| converge(files, &|files| staged.findings_in(files), &wanted);
    let by_themselves = converge(files)?;
    let (mut after, mut before) = (MemoryFiles::over(files), by_themselves.before);
    for (path, bytes) in by_themselves.files {
        after.insert(path, bytes);
    }
    for (path, bytes) in &mended.files {
        if hold_the_same(staged.files(), files, path)? {
            after.insert(path.clone(), bytes.clone());
            before.extend(mended.before.get(path).map(|bytes| (path.clone(), bytes.clone())));
        }
    }
    let on_top = converge(&after)?;
    before.extend(on_top.before.into_iter().filter(|(path, _)| !after.files().contains_key(path)));
    let (mut changed, _) = after.into_files();
    changed.extend(on_top.files);
    Ok((changed, before))
}

/// Whether two states hold the same bytes at a path, or both nothing.
fn hold_the_same(one: &dyn Snapshot, other: &dyn Snapshot, path: &RepoPath) -> Result<bool> {
    Ok(match (read(one, path)?, read(other, path)?) {
        (Ok(None), Ok(None)) => true,
        (Ok(Some(one)), Ok(Some(other))) => one.path == other.path && one.bytes == other.bytes,
        _ => false,
    })
}

fn prepare(files: &Worktree<'_>, changed: &Contents, before: &Contents) -> Result<Batch> {
    let mut batch = Batch::default();
    for (path, bytes) in changed {
        batch.replace(&files.on_disk(path), before.get(path).cloned(), bytes)?;
    }
    Ok(batch)
}
