use std::collections::BTreeSet;

use anyhow::Result;

use crate::config::Config;
use crate::document::{Parsed, yaml};
use crate::domain::{Fail, Version, parse_version, strip_v};
use crate::finding::Subject;
use crate::git::Repo;
use crate::project::load;
use crate::project::refs::RefView;
use crate::source::CommitFiles;

/// The versions in the chart index; `None` where its branch does not exist.
pub(super) fn read(repo: &Repo, config: &Config, view: &RefView) -> Result<Option<BTreeSet<Version>>> {
    let index = &config.index;
    let Some(tip) = view.branches.get(&index.branch).and_then(|tips| tips.judged()) else { return Ok(None) };
    let files = CommitFiles::new(repo, tip, Subject::branch(&index.branch, Some(tip)));
    let versions = match load(&files, &index.path)? {
        Ok(None) => return Ok(Some(BTreeSet::new())),
        Ok(Some(source)) => yaml::parse(&source).and_then(|index| versions(&index)),
        Err(broken) => Err(broken),
    };
    match versions {
        Ok(versions) => Ok(Some(versions)),
        Err(broken) => Err(Fail::new(format!(
            "the chart index {} on {} can't be read: {}",
            index.path, index.branch, broken.cause
        ))
        .help("make it anew with `helm repo index`, or name the right file in .relguard.yaml (index: path)")
        .into()),
    }
}

fn versions(index: &yaml::Yaml) -> Parsed<BTreeSet<Version>> {
    let Some(top) = index.top_mapping()? else { return Ok(BTreeSet::new()) };
    let Some(entries) = index.value_of(top, "entries") else { return Ok(BTreeSet::new()) };
    let of_charts = index.entries(entries).iter().flat_map(|(_, charts)| index.items(*charts));
    let texts = of_charts.filter_map(|entry| index.text(index.value_of(index.follow(*entry), "version")?));
    Ok(texts.filter_map(|text| parse_version(strip_v(text))).collect())
}
