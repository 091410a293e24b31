use anyhow::Result;

use crate::config::Config;
use crate::domain::{Fail, SortedMap, Version};
use crate::git::Repo;
use crate::project::chart_index::index_at;
use crate::project::refs::RefView;

/// The versions in the chart index by the chart's name, charts of other projects among them.
pub(super) type Listed = SortedMap<String, Vec<Version>>;

/// Reads the chart index; `None` where its branch does not exist.
pub(super) fn read(repo: &Repo, config: &Config, view: &RefView) -> Result<Option<Listed>> {
    let index = &config.index;
    let Some(tip) = view.branches.get(&index.branch).and_then(|tips| tips.judged()) else { return Ok(None) };
    let read = match index_at(repo, tip, &index.path)? {
        None => return Ok(Some(Listed::new())),
        Some(read) => read.map_err(|broken| {
            Fail::new(format!(
                "the chart index {} on {} can't be read: {}",
                index.path, index.branch, broken.cause
            ))
            .help(
                "make it anew with `helm repo index`, or name the right file in .relguard.yaml (index: path)",
            )
        })?,
    };
    let versions = read.entries().filter_map(|(chart, entry)| Some((chart.to_owned(), entry.semver()?)));
    Ok(Some(Listed::grouped(versions)))
}
