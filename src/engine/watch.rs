use anyhow::Result;

use crate::config::{CONFIG_FILE, Config};
use crate::domain::{Oid, RepoPath, SortedMap};
use crate::git::{IndexEntry, IndexFiles, Mode, Repo};
use crate::source::SIZE_LIMIT;

/// How the repository of a dependency begins that lies in the same file system.
const LOCAL: &[u8] = b"file://";

/// Whether the index holds what a commit holds, as far as relguard reads it: then a new commit brings
/// nothing to judge. It costs reading the index and the trees of the charts.
pub fn is_untouched(repo: &Repo, index: &IndexFiles, commit: Oid, config: &Config) -> Result<bool> {
    let tree = repo.tree(commit);
    let roots = watched(config)?;
    if leads_elsewhere(index, &roots, config) {
        return Ok(false);
    }
    for root in &roots {
        let below = index.below(root).map(|(path, entry)| {
            (path.as_str(), if entry.unmerged { (Mode::Folder, entry.id) } else { (entry.mode, entry.id) })
        });
        let itself = index.get(root).map(|entry| (root.as_str(), (entry.mode, entry.id)));
        let staged: SortedMap<&str, (Mode, Oid)> = below.chain(itself).collect();
        let mut committed = tree.walk(root, usize::MAX)?;
        committed.extend(tree.entry(root)?);
        committed.retain(|entry| entry.mode != Mode::Folder);
        let same =
            |entry: &crate::git::TreeEntry| staged.get(entry.path.as_str()) == Some(&(entry.mode, entry.id));
        if committed.len() != staged.len() || !committed.iter().all(same) {
            return Ok(false);
        }
    }
    // Last, as it reads files.
    Ok(!takes_local_charts(repo, index, &roots)?)
}

/// Whether what a check reads may lie outside the roots: behind a symbolic link, or behind `..` in the
/// name of a values file.
fn leads_elsewhere(index: &IndexFiles, roots: &[RepoPath], config: &Config) -> bool {
    let is_link = |entry: IndexEntry| entry.mode == Mode::Symlink;
    let behind_link = roots.iter().any(|root| {
        let mut above = RepoPath::default();
        let led = root.parts().any(|part| {
            above = above.child(part);
            index.get(&above).is_some_and(is_link)
        });
        led || index.below(root).any(|(_, entry)| is_link(entry))
    });
    let mut values = config.charts.patterns().iter().flat_map(|chart| chart.values.iter().flatten());
    behind_link || values.any(|key| key.file.split('/').any(|part| part == ".."))
}

/// Whether a chart depends on another one by `file://`, which may lie outside the roots.
fn takes_local_charts(repo: &Repo, index: &IndexFiles, roots: &[RepoPath]) -> Result<bool> {
    for (path, entry) in roots.iter().flat_map(|root| index.below(root)) {
        let lists = matches!(path.file_name(), "Chart.yaml" | "requirements.yaml");
        let text = if lists { repo.blob(entry.id, SIZE_LIMIT)?.unwrap_or_default() } else { Vec::new() };
        if text.windows(LOCAL.len()).any(|window| window == LOCAL) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The files and folders that a check reads. A chart's neighbours belong to it: links may lead there.
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
