use anyhow::Result;
use git2::ErrorCode;

use super::{Repo, oid};
use crate::domain::{Fail, Oid};

/// What is checked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The branch's short name; `None` where HEAD is detached.
    pub branch: Option<String>,
    /// The commit; `None` before the first one.
    pub commit: Option<Oid>,
}

impl Repo {
    /// The branch and the commit checked out.
    pub fn head(&self) -> Result<Head> {
        self.supposed_head(self.real_head()?)
    }

    fn real_head(&self) -> Result<Head> {
        match self.inner.head() {
            Ok(head) => {
                let branch = head.is_branch().then(|| head.shorthand().ok().map(str::to_owned)).flatten();
                let commit = head.peel_to_commit().map_err(|error| {
                    Fail::new(format!("HEAD is no commit: {}", error.message()))
                        .help("git fsck says what is broken")
                })?;
                Ok(Head { branch, commit: Some(oid(commit.id())) })
            }
            Err(error) if matches!(error.code(), ErrorCode::UnbornBranch | ErrorCode::NotFound) => {
                let head = self.inner.find_reference("HEAD").ok();
                let target = head.and_then(|head| head.symbolic_target().ok().flatten().map(str::to_owned));
                let branch = target.and_then(|name| name.strip_prefix("refs/heads/").map(str::to_owned));
                Ok(Head { branch, commit: None })
            }
            Err(error) => Err(Fail::new(format!("HEAD can't be read: {}", error.message()))
                .help("git symbolic-ref HEAD says what it points at")
                .into()),
        }
    }

    /// The commit that a revision names, tags peeled.
    pub fn commit(&self, rev: &str) -> Result<Oid> {
        let unknown = |error: git2::Error| {
            Fail::new(format!("`{rev}` names no commit of this repository: {}", error.message())).help(
                if self.is_shallow() {
                    "the clone's history is cut short: git fetch --unshallow --tags (in CI: fetch-depth: 0)"
                } else {
                    "`git log --oneline --all` lists commits, `git branch --all` and `git tag` list names; \
                     a clone may lack them: git fetch --tags"
                },
            )
        };
        let object = self.inner.revparse_single(rev).map_err(unknown)?;
        Ok(oid(object.peel_to_commit().map_err(unknown)?.id()))
    }

    /// The commit of the default branch's tip: the configured one, else the remote's HEAD, else (in a
    /// bare repository) HEAD, else `main`, else `master`; the published tip before the local one.
    pub fn default_branch(&self, configured: Option<&str>, remote: &str) -> Option<(String, Oid)> {
        let names = match configured {
            Some(name) => vec![name.to_owned()],
            None => self.default_branch_names(remote),
        };
        names.into_iter().find_map(|name| Some((name.clone(), self.branch_tip(&name, remote)?)))
    }

    /// The names that the default branch may have where the config names none, the likeliest first.
    pub fn default_branch_names(&self, remote: &str) -> Vec<String> {
        let published = self.remote_head(remote);
        let own = self.is_bare().then(|| self.resolve_ref("HEAD"));
        let own = own.and_then(|to| to.strip_prefix("refs/heads/").map(str::to_owned));
        published.into_iter().chain(own).chain(["main".to_owned(), "master".to_owned()]).collect()
    }

    fn branch_tip(&self, name: &str, remote: &str) -> Option<Oid> {
        let published = if self.is_bare() { None } else { self.remote_branch(remote, name) };
        published.or_else(|| self.find_ref(&format!("refs/heads/{name}")).ok().flatten())
    }
}

impl Repo {
    /// The names of the remotes.
    pub fn remotes(&self) -> Vec<String> {
        let Ok(names) = self.inner.remotes() else { return Vec::new() };
        names.iter().filter_map(|name| name.ok().flatten()).map(str::to_owned).collect()
    }

    /// Whether there is a remote of a name.
    pub fn has_remote(&self, name: &str) -> bool {
        self.config(&format!("remote.{name}.url")).is_some()
    }

    /// The remote that is fetched from or pushed to at a URL.
    pub fn remote_with_url(&self, url: &str) -> Option<String> {
        let names = self.inner.remotes().ok()?;
        let mut names = names.iter().filter_map(|name| name.ok().flatten());
        let is = |name: &&str| {
            // As it is written, and as `url.*.insteadOf` makes it.
            let written = ["pushurl", "url"].map(|key| self.config(&format!("remote.{name}.{key}")));
            let remote = self.inner.find_remote(name).ok();
            let made = remote.as_ref().map(|remote| [remote.pushurl().ok().flatten(), remote.url().ok()]);
            written.iter().flatten().any(|known| known == url)
                || made.into_iter().flatten().flatten().any(|known| known == url)
        };
        names.find(is).map(str::to_owned)
    }

    /// The address of the project's page on its forge, from the URL of a remote: without `.git`, user
    /// names and passwords; `None` where the remote is a folder or unknown.
    pub fn web_address(&self, remote: &str) -> Option<String> {
        let url = self.config(&format!("remote.{remote}.url"))?;
        let (host, path) = match url.split_once("://") {
            Some(("https" | "http" | "ssh" | "git", rest)) => rest.split_once('/')?,
            Some(_) => return None,
            None => url.split_once(':')?,
        };
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        let host = host.split(':').next().filter(|host| host.contains('.') && !host.contains('/'))?;
        let path = path.trim_matches('/');
        let path = path.strip_suffix(".git").unwrap_or(path);
        (!path.is_empty()).then(|| format!("https://{host}/{path}"))
    }
}

impl Repo {
    /// What git is in the middle of, and the command that gives it up; `None` where it is idle.
    pub fn operation(&self) -> Option<(&'static str, &'static str)> {
        use git2::RepositoryState as State;
        match self.inner.state() {
            State::Clean => None,
            State::Merge => Some(("merge", "git merge --abort")),
            State::Revert | State::RevertSequence => Some(("revert", "git revert --abort")),
            State::CherryPick | State::CherryPickSequence => Some(("cherry-pick", "git cherry-pick --abort")),
            State::Bisect => Some(("bisect", "git bisect reset")),
            State::Rebase | State::RebaseInteractive | State::RebaseMerge => {
                Some(("rebase", "git rebase --abort"))
            }
            State::ApplyMailbox | State::ApplyMailboxOrRebase => Some(("am", "git am --abort")),
        }
    }
}

/// Whether git takes a short name for a branch or a tag.
pub fn is_ref_name(name: &str) -> bool {
    !name.starts_with("refs/") && git2::Reference::is_valid_name(&format!("refs/heads/{name}"))
}
