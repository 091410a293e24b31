use std::path::PathBuf;

use anyhow::Result;

use super::{Git, Repo};

/// A line of git's configuration, and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// `system`, `global`, `local`, `worktree` or `command`; `None` where this git can't tell.
    pub scope: Option<String>,
    /// The key, its section and its name in lower case.
    pub key: String,
    /// The value.
    pub value: String,
}

impl Repo {
    /// All of git's configuration as git itself reads it; a later line overrides an earlier one.
    pub fn settings(&self) -> Result<Vec<Setting>> {
        let git = Git::new(self);
        // Git before 2.26 does not know of scopes.
        let (scoped, listed) = match git.output(&["config", "--list", "-z", "--show-scope"]) {
            Ok(listed) => (true, listed),
            Err(_) => (false, git.output(&["config", "--list", "-z"])?),
        };
        let listed = String::from_utf8_lossy(&listed).into_owned();
        let mut parts = listed.split_terminator('\0');
        let mut settings = Vec::new();
        while let Some(part) = parts.next() {
            let (scope, line) =
                if scoped { (Some(part), parts.next().unwrap_or_default()) } else { (None, part) };
            // A key without a value is true.
            let (key, value) = line.split_once('\n').unwrap_or((line, "true"));
            let [key, value] = [key, value].map(str::to_owned);
            settings.push(Setting { scope: scope.map(str::to_owned), key, value });
        }
        Ok(settings)
    }

    /// The version of the git program, its first two numbers; `None` where it says none.
    pub fn git_version(&self) -> Result<Option<(u32, u32)>> {
        let said = Git::new(self).output(&["version"])?;
        let said = String::from_utf8_lossy(&said).into_owned();
        let mut numbers = said.split_whitespace().nth(2).unwrap_or_default().split('.');
        let mut next = || numbers.next()?.parse().ok();
        Ok(next().zip(next()))
    }

    /// The file that git writes with every fetch, of this worktree and of the repository.
    pub fn fetch_heads(&self) -> [PathBuf; 2] {
        [self.git_dir(), self.common_dir()].map(|folder| folder.join("FETCH_HEAD"))
    }
}
