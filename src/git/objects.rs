use anyhow::Result;
use git2::ObjectType;

use super::{Repo, object_error, oid};
use crate::domain::{Fail, Oid};

/// What kind of object an id names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectKind {
    /// A commit.
    Commit,
    /// A folder.
    Tree,
    /// A file.
    Blob,
    /// An annotated tag.
    Tag,
}

/// What a tag names in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peeled {
    /// The object that is no tag.
    pub id: Oid,
    /// Its kind.
    pub kind: ObjectKind,
    /// The name that the outermost tag object gives itself; `None` where the tag is a plain ref.
    pub own_name: Option<String>,
}

impl ObjectKind {
    /// With its article, as messages call it.
    pub fn words(self) -> &'static str {
        match self {
            Self::Commit => "a commit",
            Self::Tree => "a folder (a tree object)",
            Self::Blob => "a file (a blob object)",
            Self::Tag => "a tag object",
        }
    }
}

impl Peeled {
    /// The commit; `None` where it is something else.
    pub fn commit(&self) -> Option<Oid> {
        (self.kind == ObjectKind::Commit).then_some(self.id)
    }
}

/// What a tag object names, and the name that it gives itself: its message, which may be long, is not looked at.
fn head_of_tag(bytes: &[u8]) -> Option<(Oid, &[u8])> {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let target = Oid::from_hex(lines.next()?.strip_prefix(b"object ")?)?;
    lines.next()?.strip_prefix(b"type ")?;
    Some((target, lines.next()?.strip_prefix(b"tag ")?))
}

fn no_tag(id: git2::Oid) -> Fail {
    Fail::new(format!("object {id} can't be read: it says that it is a tag, and has not the form of one"))
        .help("git fsck says what is broken")
}

impl Repo {
    /// Follows tag objects, one to the next, to what they name.
    pub fn peel(&self, id: Oid) -> Result<Peeled> {
        self.peel_known(id, |_| false)
    }

    /// The same, where it is known of some ids that they are commits' without asking the objects.
    pub(super) fn peel_known(&self, id: Oid, is_commit: impl Fn(Oid) -> bool) -> Result<Peeled> {
        let odb = self.inner.odb()?;
        let mut at = super::raw(id)?;
        let mut own_name = None;
        loop {
            if is_commit(oid(at)) {
                return Ok(Peeled { id: oid(at), kind: ObjectKind::Commit, own_name });
            }
            let (_, kind) = odb.read_header(at).map_err(|error| object_error(at, &error))?;
            let kind = match kind {
                ObjectType::Tag => {
                    let tag = odb.read(at).map_err(|error| object_error(at, &error))?;
                    let (target, name) = head_of_tag(tag.data()).ok_or_else(|| no_tag(at))?;
                    own_name.get_or_insert_with(|| String::from_utf8_lossy(name).into_owned());
                    at = super::raw(target)?;
                    continue;
                }
                ObjectType::Tree => ObjectKind::Tree,
                ObjectType::Blob => ObjectKind::Blob,
                _ => ObjectKind::Commit,
            };
            return Ok(Peeled { id: oid(at), kind, own_name });
        }
    }

    /// The commit that a tag's or a branch's object names; `None` where it names something else.
    pub fn commit_of(&self, object: Oid) -> Result<Option<Oid>> {
        Ok(self.peel(object)?.commit())
    }

    /// When a commit was made, in seconds since 1970; its committer's time, whatever the zone.
    pub fn commit_time(&self, commit: Oid) -> Result<i64> {
        let id = super::raw(commit)?;
        let commit = self.inner.find_commit(id).map_err(|error| object_error(id, &error))?;
        Ok(commit.time().seconds())
    }

    /// Whether a tag's object holds a signature, be it valid or not.
    pub fn has_signature(&self, tag: Oid) -> Result<bool> {
        let id = super::raw(tag)?;
        let odb = self.inner.odb()?;
        let object = odb.read(id).map_err(|error| object_error(id, &error))?;
        let text = String::from_utf8_lossy(object.data());
        Ok(object.kind() == ObjectType::Tag
            && text.lines().any(|line| line.starts_with("-----BEGIN ") && line.ends_with(" SIGNATURE-----")))
    }

    /// Whether the repository has an object.
    pub fn has_object(&self, id: Oid) -> bool {
        super::raw(id).ok().zip(self.inner.odb().ok()).is_some_and(|(id, odb)| odb.exists(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_a_tag_object() {
        let id = "a".repeat(40);
        let text = format!("object {id}\ntype commit\ntag v1.0.0\ntagger A <a@b> 1 +0000\n\nobject x\n");
        let wanted = Oid::from_hex(id.as_bytes()).unwrap();
        assert_eq!(head_of_tag(text.as_bytes()), Some((wanted, &b"v1.0.0"[..])));
        for broken in
            ["", "object x\ntype commit\ntag a\n", &text.replace("type ", ""), &text.replace("tag ", "")]
        {
            assert_eq!(head_of_tag(broken.as_bytes()), None, "{broken}");
        }
    }
}
