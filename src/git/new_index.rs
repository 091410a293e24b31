//! Writing the index: git makes the new one, and it takes the old one's place as git itself does it.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use tempfile::TempPath;

use super::{Git, IndexFiles, Mode, Repo};
use crate::domain::{Fail, RepoPath, SortedMap};

/// The next content of an index file. Nothing has changed yet.
pub struct NewIndex {
    file: PathBuf,
    before: Vec<u8>,
    next: TempPath,
}

/// The same with the index locked against others, until it is put in place or dropped.
pub struct LockedIndex {
    file: PathBuf,
    lock: TempPath,
}

impl Repo {
    /// The index that the environment names (`GIT_INDEX_FILE`), else the worktree's own.
    pub fn index_file(&self) -> PathBuf {
        self.index_of_environment().unwrap_or_else(|| self.git_dir().join("index"))
    }

    /// The worktree's next index, where the environment names one that is only for this commit: for
    /// `git commit FILE`, git holds it ready in its lock file.
    pub fn index_after_partial_commit(&self) -> Option<PathBuf> {
        let partial = self.index_file().file_name()?.to_str()?.starts_with("next-index-");
        Some(self.git_dir().join("index.lock")).filter(|lock| partial && lock.exists())
    }
}

impl NewIndex {
    /// Has git write an index in which files have new contents, into a file beside it; `entries` are
    /// those that it holds now. Modes and the marks of a sparse checkout stay.
    pub fn prepare(
        repo: &Repo,
        file: &Path,
        entries: &IndexFiles,
        changed: &SortedMap<RepoPath, Vec<u8>>,
    ) -> Result<Self> {
        let unwritten = |error: anyhow::Error| {
            let cause = error.root_cause();
            let what =
                format!("the git index {} can't be written: {cause}; nothing was changed", file.display());
            Fail::new(what).help("make room on the disk, and the index and its folder writable")
        };
        let io = |error: std::io::Error| unwritten(error.into());
        let before = fs::read(file).map_err(io)?;
        let folder = file.parent().unwrap_or(Path::new("."));
        let next = tempfile::Builder::new().prefix("index.relguard-").tempfile_in(folder);
        let next = next.map_err(io)?.into_temp_path();
        fs::copy(file, &next).map_err(io)?;
        let git = Git::new(repo).with_index(&next);
        let marks = Marks::read(&git, changed.keys()).map_err(unwritten)?;
        let mut lines = String::new();
        for (path, bytes) in changed {
            let executable = entries.get(path).is_some_and(|entry| entry.mode == Mode::Executable);
            let mode = if executable { "100755" } else { "100644" };
            lines.extend([mode, " ", &repo.write_blob(bytes)?.to_string(), "\t", path.as_str(), "\0"]);
        }
        // Git adds an entry beside the folder that holds it, where that is folded into a sparse index.
        let args = ["-c", "index.sparse=false", "update-index", "-z", "--index-info"];
        git.feed(&args, lines.as_bytes()).map_err(unwritten)?;
        marks.set(&git).map_err(unwritten)?;
        Ok(Self { file: file.to_owned(), before, next })
    }

    /// Locks the index as git does, with what comes next in the lock file.
    pub fn lock(self) -> Result<LockedIndex> {
        let mut lock = self.file.clone().into_os_string();
        lock.push(".lock");
        let lock = PathBuf::from(lock);
        match self.next.persist_noclobber(&lock) {
            Ok(()) => {}
            Err(error) if error.error.kind() == ErrorKind::AlreadyExists => {
                return Err(Fail::new(format!("{} is there; nothing was changed", lock.display()))
                    .help(
                        "another git command is writing the index: wait for it; if none is, remove the file",
                    )
                    .into());
            }
            Err(error) => return Err(error.error).context("the git index can't be locked"),
        }
        let locked = LockedIndex { lock: TempPath::try_from_path(lock)?, file: self.file };
        if fs::read(&locked.file).ok().as_deref() != Some(self.before.as_slice()) {
            return Err(Fail::new("the git index changed while it was judged; nothing was changed")
                .help("run the same command again")
                .into());
        }
        Ok(locked)
    }
}

impl LockedIndex {
    /// Puts the new index in the old one's place, which ends the lock.
    pub fn put(self) -> Result<()> {
        let unwritten = format!("the git index {} can't be replaced", self.file.display());
        self.lock.persist(&self.file).context(unwritten)
    }
}

/// What else than content is noted of entries: git forgets it with the content.
#[derive(Default)]
struct Marks {
    skip_worktree: Vec<u8>,
    assume_unchanged: Vec<u8>,
}

impl Marks {
    fn read<'a>(git: &Git<'_>, paths: impl Iterator<Item = &'a RepoPath>) -> Result<Self> {
        let mut args = vec!["--literal-pathspecs", "ls-files", "-v", "-z", "--"];
        args.extend(paths.map(RepoPath::as_str));
        let mut marks = Self::default();
        for line in git.output(&args)?.split_inclusive(|byte| *byte == 0) {
            let [tag, b' ', path @ ..] = line else { continue };
            if tag.eq_ignore_ascii_case(&b'S') {
                marks.skip_worktree.extend(path);
            }
            if tag.is_ascii_lowercase() {
                marks.assume_unchanged.extend(path);
            }
        }
        Ok(marks)
    }

    fn set(&self, git: &Git<'_>) -> Result<()> {
        let marked =
            [("--skip-worktree", &self.skip_worktree), ("--assume-unchanged", &self.assume_unchanged)];
        for (mark, paths) in marked.into_iter().filter(|(_, paths)| !paths.is_empty()) {
            git.feed(&["update-index", mark, "-z", "--stdin"], paths)?;
        }
        Ok(())
    }
}
