use std::fmt;

/// A path inside the repository: `/` between the parts, relative to its root, normalised, UTF-8.
/// The root itself is the empty path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct RepoPath(String);

/// Why a text is no path inside the repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathError {
    /// It begins at the file system's root (or with a drive).
    Absolute,
    /// Its `..` lead out of the repository.
    Leaves,
    /// It holds a NUL or a backslash, which no path of the config may.
    BadCharacter,
}

impl RepoPath {
    /// Normalises a path relative to the root: `./a//b/` is `a/b`, `a/../b` is `b`.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        Self::default().join(text)
    }

    /// The path that `text` names when read in this folder.
    pub fn join(&self, text: &str) -> Result<Self, PathError> {
        let drive = matches!(text.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic());
        if text.starts_with('/') || drive {
            return Err(PathError::Absolute);
        }
        if text.contains(['\0', '\\']) {
            return Err(PathError::BadCharacter);
        }
        let mut parts: Vec<&str> = self.parts().collect();
        for part in text.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop().ok_or(PathError::Leaves)?;
                }
                part => parts.push(part),
            }
        }
        Ok(Self(parts.join("/")))
    }

    /// The path of an entry of this folder; `name` is one path component as git or the disk gave it.
    #[must_use]
    pub fn child(&self, name: &str) -> Self {
        if self.0.is_empty() { Self(name.to_owned()) } else { Self([&self.0, "/", name].concat()) }
    }

    /// The folder that holds it; the root holds itself.
    #[must_use]
    pub fn parent(&self) -> Self {
        Self(self.0.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned()))
    }

    /// The last component; empty for the root.
    pub fn file_name(&self) -> &str {
        self.0.rsplit_once('/').map_or(self.0.as_str(), |(_, name)| name)
    }

    /// The components from the root on.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.0.split('/').filter(|part| !part.is_empty())
    }

    /// The path that stands as `path` in a list of what lies below this folder; it leads nowhere else.
    #[must_use]
    pub fn descendant(&self, path: &str) -> Self {
        path.split('/').filter(|part| !part.is_empty()).fold(self.clone(), |at, part| at.child(part))
    }

    /// The rest of this path below `folder`; `None` where it does not lie in it.
    pub fn below(&self, folder: &Self) -> Option<&str> {
        if folder.0.is_empty() {
            return Some(&self.0);
        }
        self.0.strip_prefix(&folder.0).and_then(|rest| rest.strip_prefix('/'))
    }

    /// Whether it is the repository's root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The path as git writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "." } else { &self.0 })
    }
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Absolute => "the path is absolute; write it relative to the repository's root",
            Self::Leaves => "the path leaves the repository's root",
            Self::BadCharacter => "the path holds a backslash or NUL; write `/` between folders",
        })
    }
}

impl std::error::Error for PathError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_normalised_and_stay_inside() {
        assert_eq!(RepoPath::parse("./a//b/").unwrap().as_str(), "a/b");
        assert_eq!(RepoPath::parse("a/../b").unwrap().as_str(), "b");
        assert!(RepoPath::parse(".").unwrap().is_root());
        assert_eq!(RepoPath::parse("../x"), Err(PathError::Leaves));
        assert_eq!(RepoPath::parse("/etc"), Err(PathError::Absolute));
        assert_eq!(RepoPath::parse("C:/x"), Err(PathError::Absolute));
        assert_eq!(RepoPath::parse("a\\b"), Err(PathError::BadCharacter));
    }

    #[test]
    fn below_needs_a_whole_component() {
        let charts = RepoPath::parse("charts/a").unwrap();
        assert_eq!(RepoPath::parse("charts/a/x").unwrap().below(&charts), Some("x"));
        assert_eq!(RepoPath::parse("charts/ab/x").unwrap().below(&charts), None);
    }
}
