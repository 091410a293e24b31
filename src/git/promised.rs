//! What a partial clone leaves at its remote until somebody asks for it.

use anyhow::Result;
use git2::OdbLookupFlags;

use super::commits::lines;
use super::{Git, Repo, environment, said_by_git};
use crate::domain::{Fail, Oid, SortedSet};

impl Repo {
    /// The remote at which a partial clone leaves objects.
    fn promisor(&self) -> Option<String> {
        let is_promisor = |name: &String| self.config_flag(&format!("remote.{name}.promisor"));
        self.remotes().into_iter().find(is_promisor)
    }

    /// What git said when it could not compare files, and in a partial clone what may mend it.
    pub(super) fn not_compared(&self, error: anyhow::Error) -> anyhow::Error {
        match self.promisor() {
            Some(remote) => still_at(&remote, "files").said(said_by_git(&error)).into(),
            None => error,
        }
    }

    /// Fetches those of some objects that a partial clone has left at its remote, all at once: git fetches what it
    /// lacks too, one by one, and libgit2 does not. With folders come those below, and no files. An error where the
    /// remote does not hand them over, or git was told not to ask it (`GIT_NO_LAZY_FETCH`).
    pub fn fetch_promised(&self, objects: impl Iterator<Item = Oid>) -> Result<()> {
        let Some(remote) = self.promisor() else { return Ok(()) };
        let odb = self.inner.odb()?;
        let lacks =
            |id: &Oid| super::raw(*id).is_ok_and(|id| !odb.exists_ext(id, OdbLookupFlags::NO_REFRESH));
        let missing: SortedSet<Oid> = objects.filter(lacks).collect();
        let missing = Vec::from_iter(missing);
        if missing.is_empty() {
            return Ok(());
        }
        let fail = || still_at(&remote, &format!("{} of the folders", missing.len()));
        let may_not = |value: String| !matches!(value.to_lowercase().as_str(), "0" | "false" | "no" | "off");
        if environment::text("GIT_NO_LAZY_FETCH").is_some_and(may_not) {
            return Err(fail().into());
        }
        // As git itself asks for them.
        let args = [
            "-c",
            "fetch.negotiationAlgorithm=noop",
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-write-fetch-head",
            "--recurse-submodules=no",
            "--filter=blob:none",
            "--stdin",
            "--",
            &remote,
        ];
        match Git::new(self).feed(&args, lines(&missing).as_bytes()) {
            Ok(_) => Ok(()),
            Err(error) => Err(fail().said(said_by_git(&error)).into()),
        }
    }
}

fn still_at(remote: &str, what: &str) -> Fail {
    Fail::new(format!("this is a partial clone, and {what} that have to be compared are still at {remote}"))
        .help(format!("git fetch --refetch --no-filter {remote}"))
}
