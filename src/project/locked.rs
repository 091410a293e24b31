//! What a chart asks for, and what its lock file says of that.

use super::{ChartName, Local, Package};
use crate::document::chart::ChartFile;
use crate::document::dependencies::{self, Dependency, dependencies, lock_fits};
use crate::document::yaml::{Step, Yaml};
use crate::domain::SortedSet;
use crate::domain::range::{LooseVersion, VersionRange};

impl Package {
    /// The file whose `dependencies` Helm goes by: requirements.yaml, where it has any.
    pub fn asks<'a>(&'a self, chart: &'a ChartFile) -> &'a Yaml {
        let has_any = |file: &&Yaml| file.find(&[Step::Key(dependencies::KEY.to_owned())]).is_some();
        self.requirements.as_ref().filter(has_any).unwrap_or_else(|| chart.yaml())
    }

    /// Whether the lock file was made for what is asked for; `None` where there is none, or where that can't be
    /// known from here.
    pub fn lock_fits(&self, chart: &ChartFile) -> Option<bool> {
        // Where both files have dependencies, Helm lays one over the other.
        let is_plain = self.requirements.is_none() || dependencies(chart.yaml()).is_empty();
        let is_v1 = chart.field("apiVersion").is_none_or(|api| api.value.text == "v1");
        lock_fits(self.asks(chart), self.lock.as_ref().filter(|_| is_plain)?, is_v1)
    }

    /// The entries of the lock file for charts of the repository that have another version by now, each with the chart
    /// that is there: `helm dependency build` fails on each. None where the lock file is stale as a whole.
    pub fn moved_on(&self, chart: &ChartFile) -> Vec<(Dependency, &ChartName)> {
        let Some(lock) = self.lock.as_ref().filter(|_| self.lock_fits(chart) != Some(false)) else {
            return Vec::new();
        };
        let mut known = SortedSet::new();
        let entries = dependencies(lock).into_iter().filter_map(|entry| {
            let Some(Local::There { chart, .. }) = self.local.get(entry.local_path()?) else { return None };
            let text = entry.version.as_ref()?.text.as_str();
            // Helm reads it as a range, in which a version is itself, whatever its metadata.
            let is_there = VersionRange::parse(text)?.contains(&LooseVersion::parse(&chart.version)?);
            let is_it = entry.name.as_ref().is_some_and(|name| name.text == chart.name);
            let is_new = known.insert((chart.name.clone(), text.to_owned()));
            (is_it && !is_there && is_new).then_some((entry, chart))
        });
        entries.collect()
    }
}
