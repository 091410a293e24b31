//! The images that a chart deploys in one version, as its values name them.

use anyhow::Result;

use crate::document::chart::ChartFile;
use crate::document::yaml::{self, Kind, NodeId, Yaml, key_path};
use crate::domain::{SortedSet, Version, strip_v};
use crate::project::{Chart, load};
use crate::source::Snapshot;

/// Keys that carry the version for all images, where the config names none.
const SHARED: [&str; 3] = ["global.imageTag", "image.tag", "version"];

/// The images of a chart that carry a version: `registry/repository:tag`. One without a tag of its own counts
/// where it is called after the chart: it has the tag that all share.
pub(super) fn images(files: &dyn Snapshot, chart: &Chart, version: &Version) -> Result<Vec<String>> {
    let path = chart.dir.child("values.yaml");
    let Ok(Some(source)) = load(files, &path)? else { return Ok(Vec::new()) };
    let Ok(values) = yaml::parse(&source) else { return Ok(Vec::new()) };
    let file = chart.file.as_ref().ok();
    let name = file.and_then(|file| file.field("name")).map(|field| field.value.text).unwrap_or_default();
    let app_version = file.and_then(ChartFile::app_version).map(|field| field.value.text);
    let version = version.to_string();
    let shared = shared_tag(&values, chart, &version).or(app_version).unwrap_or_else(|| version.clone());
    let mut looking = Looking {
        values: &values,
        version: &version,
        name: name.to_lowercase(),
        shared,
        found: SortedSet::new(),
    };
    let mut seen = SortedSet::new();
    let mut open: Vec<NodeId> = values.root().into_iter().collect();
    while let Some(node) = open.pop() {
        let node = values.follow(node);
        // An anchor that many refer to is looked at once.
        if !seen.insert(values.node(node).range.start)
            && !matches!(values.node(node).kind, Kind::Scalar { .. })
        {
            continue;
        }
        looking.look(node);
        open.extend(values.entries(node).iter().map(|(_, value)| *value));
        open.extend(values.items(node));
    }
    Ok(looking.found.into_iter().collect())
}

/// The tag that images without one of their own have.
fn shared_tag(values: &Yaml, chart: &Chart, version: &str) -> Option<String> {
    let configured = chart.config.values.iter().flatten().map(|key| key.steps.clone());
    let keys = configured.chain(SHARED.iter().filter_map(|key| key_path(key)));
    let mut texts = keys.filter_map(|steps| values.text(values.find(&steps)?.node).map(str::to_owned));
    texts.find(|text| strip_v(text) == version)
}

struct Looking<'a> {
    values: &'a Yaml,
    version: &'a str,
    name: String,
    shared: String,
    found: SortedSet<String>,
}

impl Looking<'_> {
    fn look(&mut self, node: NodeId) {
        // A whole image in one text.
        if let Some(text) = self.values.text(node) {
            let tag = text.rsplit_once(':').filter(|(repository, _)| is_repository(repository));
            if tag.is_some_and(|(_, tag)| strip_v(tag) == self.version) {
                self.found.insert(text.to_owned());
            }
            return;
        }
        let text = |key: &str| {
            let text = self.values.text(self.values.value_of(node, key)?)?;
            Some(text.to_owned()).filter(|text| !text.is_empty() && text != "null" && text != "~")
        };
        let Some(repository) = text("repository").filter(|repository| is_repository(repository)) else {
            return;
        };
        let tag = match text("tag") {
            Some(tag) if strip_v(&tag) == self.version => tag,
            None if self.is_own(&repository) => self.shared.clone(),
            _ => return,
        };
        let registry = text("registry").map(|registry| format!("{}/", registry.trim_end_matches('/')));
        self.found.insert(format!("{}{repository}:{tag}", registry.unwrap_or_default()));
    }

    fn is_own(&self, repository: &str) -> bool {
        let last = repository.rsplit('/').next().unwrap_or_default().to_lowercase();
        !self.name.is_empty() && last.contains(&self.name)
    }
}

fn is_repository(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/:".contains(c);
    text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(plain) && !text.contains("//")
}
