//! What the tags of releases name.

use anyhow::Result;

use crate::domain::text::visible;
use crate::domain::{Fail, Oid};
use crate::git::{ObjectKind, Repo};

/// The commit of a release's tag, by the tag's short name and its object; an error where that leads to something else.
pub(super) fn commit_of_release(repo: &Repo, tag: &str, object: Oid) -> Result<Oid> {
    let target = repo.peel(object)?;
    if target.kind == ObjectKind::Commit {
        return Ok(target.id);
    }
    Err(Fail::new(format!("the tag {} names {}, no commit", visible(tag), target.kind.words()))
        .help("git show says what it names")
        .into())
}
