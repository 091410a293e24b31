use std::cell::RefCell;

use anyhow::Result;

use crate::config::Config;
use crate::document::chart_index::ChartIndex;
use crate::domain::{Oid, RepoPath, SortedMap};
use crate::git::{Mode, Tree, TreeEntry};

/// So many addresses of one folder are told apart; nobody moves more often.
const BASES: usize = 16;

/// The files of the chart index's branch, each folder read once, and which of them an entry's URL names.
pub struct Places<'repo> {
    tree: Tree<'repo>,
    folders: RefCell<SortedMap<RepoPath, SortedMap<String, TreeEntry>>>,
    /// The folder of the index, which relative URLs start from.
    home: RepoPath,
    /// The addresses of that folder that are known.
    bases: Vec<String>,
}

impl<'repo> Places<'repo> {
    /// The files of a commit.
    pub fn new(tree: Tree<'repo>, config: &Config) -> Self {
        let home = config.index.path.parent();
        let base = config.index.url.as_deref().filter(|_| config.index.archives.is_some());
        Self { tree, folders: RefCell::default(), home, bases: base.map(str::to_owned).into_iter().collect() }
    }

    /// The entry at a path; `None` where there is none.
    pub fn entry(&self, path: &RepoPath) -> Result<Option<TreeEntry>> {
        let folder = path.parent();
        if let Some(known) = self.folders.borrow().get(&folder) {
            return Ok(known.get(path.file_name()).cloned());
        }
        let listed = self.tree.walk(&folder, 1)?.into_iter();
        let listed: SortedMap<_, _> = listed.map(|it| (it.path.file_name().to_owned(), it)).collect();
        let found = listed.get(path.file_name()).cloned();
        self.folders.borrow_mut().insert(folder, listed);
        Ok(found)
    }

    /// The blob of the file at a path; `None` where there is no file.
    pub fn file(&self, path: &RepoPath) -> Result<Option<Oid>> {
        let entry = self.entry(path)?;
        Ok(entry.filter(|entry| matches!(entry.mode, Mode::File | Mode::Executable)).map(|entry| entry.id))
    }

    /// The archives in a folder.
    pub fn archives(&self, folder: &RepoPath) -> Result<Vec<(RepoPath, Oid)>> {
        let listed = self.tree.walk(folder, 1)?.into_iter();
        let is_archive = |entry: &TreeEntry| {
            matches!(entry.mode, Mode::File | Mode::Executable)
                && entry.path.file_name().rsplit_once('.').is_some_and(|(_, extension)| extension == "tgz")
        };
        Ok(listed.filter(is_archive).map(|entry| (entry.path, entry.id)).collect())
    }

    /// Finds out addresses of the index's folder besides the config's: what a URL begins with whose end is the
    /// path of an archive that is there.
    pub fn find_bases(&mut self, index: &ChartIndex, config: &Config) -> Result<()> {
        let Some(archives) = config.index.archives.as_ref().filter(|folder| !folder.is_root()) else {
            return Ok(());
        };
        let Some(below) = archives.below(&self.home) else { return Ok(()) };
        for (_, entry) in index.entries() {
            let Some(url) = entry.urls.first().filter(|url| url.text.contains("://")) else { continue };
            let Some((folder, name)) = url.text.rsplit_once('/') else { continue };
            let base = folder.strip_suffix(below).and_then(|base| base.strip_suffix('/'));
            let is_new = |base: &&str| !base.ends_with('/') && !self.bases.iter().any(|known| known == base);
            if let Some(base) = base.filter(is_new)
                && self.file(&archives.child(name))?.is_some()
            {
                self.bases.push(base.to_owned());
                if self.bases.len() >= BASES {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Whether it is known at which address the index's folder is.
    pub fn has_base(&self) -> bool {
        !self.bases.is_empty()
    }

    /// The path on the branch that a URL names; `None` where it lies elsewhere.
    pub fn path_of(&self, url: &str) -> Option<RepoPath> {
        Some(self.named(url)?.1)
    }

    /// The path on the branch that a URL names, and the address that the URL begins with; without one it is
    /// relative.
    pub fn named(&self, url: &str) -> Option<(Option<&str>, RepoPath)> {
        let url = url.split(['?', '#']).next()?;
        if !url.contains("://") {
            // Before a colon stands a scheme.
            let is_relative = !url.split('/').next()?.contains(':');
            return Some((None, self.below_home(url).filter(|_| is_relative)?));
        }
        self.bases.iter().find_map(|base| {
            let start = base.trim_end_matches('/');
            url.get(..start.len()).filter(|text| text.eq_ignore_ascii_case(start))?;
            let rest = url.get(start.len()..)?.strip_prefix('/')?;
            Some((Some(base.as_str()), self.below_home(rest)?))
        })
    }

    fn below_home(&self, relative: &str) -> Option<RepoPath> {
        let path = self.home.join(&decoded(relative)).ok()?;
        (!path.is_root()).then_some(path)
    }
}

/// The text with `%2B` and the like resolved; as it is where they do not make a text.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut parts = text.split('%');
    bytes.extend_from_slice(parts.next().unwrap_or_default().as_bytes());
    for part in parts {
        let byte = part.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match byte {
            Some(byte) => {
                bytes.push(byte);
                bytes.extend_from_slice(part.get(2..).unwrap_or_default().as_bytes());
            }
            None => {
                bytes.push(b'%');
                bytes.extend_from_slice(part.as_bytes());
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_of_urls_are_resolved() {
        for (text, wanted) in
            [("a-1.0.0%2Bb.tgz", "a-1.0.0+b.tgz"), ("a%b", "a%b"), ("%ff", "%ff"), ("%2", "%2")]
        {
            assert_eq!(decoded(text), wanted);
        }
    }
}
