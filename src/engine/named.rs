//! What a name on the command line means.

use anyhow::Result;

use crate::domain::text::nearest;
use crate::domain::{Fail, Oid};
use crate::git::Repo;
use crate::project::refs::{RefName, RefView};

/// The branch or tag that a name means: a short one, or a full one where both are there. A branch may be
/// named as one of the remote.
pub fn find_ref(repo: &Repo, remote: &str, name: &str) -> Result<RefName> {
    let view = RefView::of_repository(repo, remote)?;
    let mut found = there(&view, remote, name).into_iter();
    match (found.next(), found.next()) {
        (Some(found), None) => Ok(found),
        (Some(_), Some(_)) => Err(Fail::new(format!("{name} is a branch and a tag"))
            .help(format!("write which one: refs/heads/{name} or refs/tags/{name}"))
            .into()),
        (None, _) => {
            let known = view.branches.keys().map(String::as_str).chain(view.tags.keys().map(|name| &**name));
            let near = nearest(name, known).map(|near| format!("did you mean `{near}`? "));
            Err(Fail::new(format!("there is no branch or tag {name}"))
                .help(format!(
                    "{}`git branch --all` and `git tag` list them; fetch missing ones: git fetch --tags",
                    near.unwrap_or_default()
                ))
                .into())
        }
    }
}

/// The commit that a revision names, with the branch's name where it is one, of the clone or of the remote;
/// else whatever git takes.
pub fn find_commit(repo: &Repo, remote: &str, rev: &str) -> Result<(Oid, Option<String>)> {
    let view = RefView::of_repository(repo, remote)?;
    let branch = there(&view, remote, rev).into_iter().find_map(|name| match name {
        RefName::Branch(name) => Some((view.branches.get(&name)?.judged()?, Some(name))),
        RefName::Tag(_) => None,
    });
    branch.map_or_else(|| Ok((repo.commit(rev)?, None)), Ok)
}

/// The branches and tags of a view that a name may mean; as one of the remote only where it is no other.
fn there(view: &RefView, remote: &str, name: &str) -> Vec<RefName> {
    let is_there = |name: &RefName| match name {
        RefName::Branch(name) => view.branches.contains_key(name),
        RefName::Tag(name) => view.tags.contains_key(name.as_str()),
    };
    let short = [RefName::Branch(name.to_owned()), RefName::Tag(name.to_owned())];
    let meant = RefName::of_full(name).map_or_else(|| short.to_vec(), |full| vec![full]);
    let found: Vec<RefName> = meant.into_iter().filter(is_there).collect();
    if !found.is_empty() {
        return found;
    }
    let of_remote = name.strip_prefix("refs/remotes/").unwrap_or(name).strip_prefix(remote);
    let short = of_remote.and_then(|rest| rest.strip_prefix('/'));
    short.map(|name| RefName::Branch(name.to_owned())).filter(is_there).into_iter().collect()
}
