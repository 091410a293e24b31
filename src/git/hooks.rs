use std::path::{Path, PathBuf};

use anyhow::Result;
use git2::ConfigLevel;

use super::{Git, Repo};
use crate::domain::Fail;

/// Where git looks for a repository's hooks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HooksFolder {
    /// The folder.
    pub path: PathBuf,
    /// Whether it lies outside the repository, so that others may have their hooks there too.
    pub shared: bool,
    /// Whether it lies among the checked-out files.
    pub in_worktree: bool,
}

impl Repo {
    /// The folder of the hooks as git itself finds it: `core.hooksPath` where it is set, else `hooks` of
    /// the git directory that all worktrees share.
    pub fn hooks_folder(&self) -> Result<HooksFolder> {
        let folder = Git::new(self).output(&["rev-parse", "--git-path", "hooks"])?;
        let folder = String::from_utf8(folder).map_err(|_| {
            Fail::new("the path of the hooks folder is not UTF-8")
                .help("see `git rev-parse --git-path hooks`")
        })?;
        let folder = Path::new(folder.strip_suffix('\n').unwrap_or(&folder));
        let empty = self.config("core.hooksPath").is_some_and(|path| path.is_empty());
        if empty || folder == Path::new("/dev/null") {
            return Err(Fail::new("core.hooksPath turns all hooks off")
                .help("git config --unset core.hooksPath, or set it to the folder of your hooks")
                .into());
        }
        // Git runs at the top of the working tree, so a relative path begins there.
        let path = self.workdir().unwrap_or(self.git_dir()).join(folder);
        let within = |home: &Path| real(&path).starts_with(real(home));
        let in_git_dir = within(self.common_dir()) || within(self.git_dir());
        let main = self.common_dir().parent().filter(|_| self.common_dir().ends_with(".git"));
        let in_worktree = !in_git_dir && self.workdir().into_iter().chain(main).any(within);
        Ok(HooksFolder { shared: !in_git_dir && !in_worktree, in_worktree, path })
    }

    /// Sets or removes a key of the repository's own config.
    pub fn set_local_config(&self, key: &str, value: Option<&str>) -> Result<()> {
        let mut config = self.inner.config()?.open_level(ConfigLevel::Local)?;
        match value {
            Some(value) => config.set_str(key, value)?,
            None if config.get_entry(key).is_ok() => config.remove(key)?,
            None => {}
        }
        Ok(())
    }
}

/// The path with symbolic links followed, so far as it is there.
fn real(path: &Path) -> PathBuf {
    let there = path.ancestors().find_map(|folder| Some((folder, folder.canonicalize().ok()?)));
    there.map_or_else(
        || path.to_owned(),
        |(folder, real)| real.join(path.strip_prefix(folder).unwrap_or(Path::new(""))),
    )
}
