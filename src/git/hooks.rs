use std::path::{Path, PathBuf};

use anyhow::Result;
use git2::ConfigLevel;

use super::Repo;
use crate::domain::Fail;

/// Where git looks for a repository's hooks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HooksFolder {
    /// The folder.
    pub path: PathBuf,
    /// Whether other repositories look there too: `core.hooksPath` of the user or the system says so.
    pub shared: bool,
    /// Whether it lies among the checked-out files.
    pub in_worktree: bool,
}

impl Repo {
    /// The folder of the hooks: `core.hooksPath` where it is set, else `hooks` of the git directory that
    /// all worktrees share.
    pub fn hooks_folder(&self) -> Result<HooksFolder> {
        let Some(path) = self.config_path("core.hooksPath") else {
            let path = self.common_dir().join("hooks");
            return Ok(HooksFolder { path, shared: false, in_worktree: false });
        };
        let config = self.inner.config()?;
        let level = config.get_entry("core.hooksPath").map(|entry| entry.level());
        let shared = matches!(
            level,
            Ok(ConfigLevel::Global | ConfigLevel::XDG | ConfigLevel::System | ConfigLevel::ProgramData)
        );
        // Git runs hooks at the top of the working tree, so a relative path begins there.
        let top = self.workdir().unwrap_or_else(|| self.git_dir());
        if path.as_os_str().is_empty() || path == Path::new("/dev/null") {
            return Err(Fail::new("core.hooksPath turns all hooks off")
                .help("git config --unset core.hooksPath, or set it to the folder of your hooks")
                .into());
        }
        let path = top.join(path);
        let in_worktree =
            self.workdir().is_some_and(|top| path.starts_with(top)) && !path.starts_with(self.common_dir());
        Ok(HooksFolder { path, shared, in_worktree })
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
