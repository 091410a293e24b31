use std::collections::BTreeMap;

use anyhow::Result;

use crate::config::{CONFIG_FILE, Config};
use crate::domain::{Oid, RepoPath};
use crate::git::{IndexFiles, Mode, Repo};

/// Whether the index holds what a commit holds, as far as relguard reads it: then a new commit brings
/// nothing to judge. It costs reading the index and the trees of the charts.
pub fn is_untouched(repo: &Repo, index: &IndexFiles, commit: Oid, config: &Config) -> Result<bool> {
    let tree = repo.tree(commit)?;
    for root in watched(config)? {
        let staged: BTreeMap<&str, (Mode, Oid)> = index
            .below(&root)
            .map(|(path, entry)| {
                (
                    path.as_str(),
                    if entry.unmerged { (Mode::Folder, entry.id) } else { (entry.mode, entry.id) },
                )
            })
            .chain(index.get(&root).map(|entry| (root.as_str(), (entry.mode, entry.id))))
            .collect();
        let mut committed = tree.walk(&root, usize::MAX)?;
        committed.extend(tree.entry(&root)?);
        committed.retain(|entry| entry.mode != Mode::Folder);
        let same =
            |entry: &crate::git::TreeEntry| staged.get(entry.path.as_str()) == Some(&(entry.mode, entry.id));
        if committed.len() != staged.len() || !committed.iter().all(same) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The files and folders that a check reads. A chart's neighbours belong to it: `file://` dependencies
/// and links lead there.
fn watched(config: &Config) -> Result<Vec<RepoPath>> {
    let mut roots = vec![RepoPath::parse(CONFIG_FILE)?, RepoPath::parse(".relguard.yml")?];
    for chart in config.charts.patterns() {
        let folder = RepoPath::parse(chart.path.literal_folder())?;
        let own = RepoPath::parse(chart.path.as_str())?;
        roots.push(if folder.is_root() && chart.path.is_literal() { own } else { folder });
    }
    roots.extend(config.carriers.iter().map(|carrier| carrier.file.clone()));
    if let Some(changelog) = &config.changelog {
        let fixed = changelog.path.literal_prefix();
        let folder = if changelog.path.has_fields() {
            fixed.rsplit_once('/').map_or("", |(folder, _)| folder)
        } else {
            fixed
        };
        roots.push(RepoPath::parse(folder)?);
        roots.push(changelog.format.clone());
    }
    Ok(roots)
}
