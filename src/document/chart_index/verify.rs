//! The last look before anything is written: a second reader, independent of the one that made the changes,
//! must see the entries that were there and the new ones, and nothing else.

use std::ops::Range;

use serde::Deserialize;
use serde_yaml::Value;

use super::insert::{Change, NewEntry};
use super::{ChartIndex, Held};
use crate::domain::text::BOM;
use crate::domain::{SortedMap, SortedSet};

/// A file up to this size, in bytes, is read again as a whole; of a larger one the charts that changed, with
/// their neighbours.
const SMALL: usize = 256 * 1024;

type Charts = SortedMap<String, Option<Vec<Option<Value>>>>;

#[derive(Deserialize)]
struct Whole {
    #[serde(rename = "apiVersion")]
    api_version: Option<Value>,
    entries: Option<Charts>,
}

/// What is wrong with a result; nothing where it is as it should be.
pub(super) fn verify(
    before: &ChartIndex,
    new: &[NewEntry],
    changes: &[Change],
    after: &str,
) -> Result<(), String> {
    let old = &before.source.text;
    let lined = matches!(before.top.entries, Some((_, Held::Lines)));
    if after.len() > SMALL && lined && before.top.has_api_version {
        let [was, is] = window(before, new, changes);
        let read = |text: Option<&str>| serde_yaml::from_str::<Charts>(text?).ok();
        // What an alias names may lie outside: then all of it is read.
        if let (Some(was), Some(is)) = (read(old.get(was)), read(after.get(is))) {
            return compare(was, new, is);
        }
    }
    let was = serde_yaml::from_str::<Option<Whole>>(old.trim_start_matches(BOM));
    let was = was.map_err(|error| format!("another reader can't read it ({error})"))?;
    let is = serde_yaml::from_str::<Whole>(after.trim_start_matches(BOM));
    let is = is.map_err(|error| format!("the result would not read as a chart index ({error})"))?;
    if is.api_version.is_none() {
        return Err("the result would have no apiVersion".to_owned());
    }
    compare(was.and_then(|was| was.entries).unwrap_or_default(), new, is.entries.unwrap_or_default())
}

/// The lines of the charts that were touched and of their neighbours, in the file as it was and in the result.
pub(super) fn window(before: &ChartIndex, new: &[NewEntry], changes: &[Change]) -> [Range<usize>; 2] {
    let charts = &before.charts;
    let mut touched = SortedSet::new();
    for entry in new {
        match charts.iter().position(|chart| chart.name == entry.chart) {
            Some(at) => touched.insert(at),
            None => {
                let at = charts.iter().position(|chart| chart.name > entry.chart).unwrap_or(charts.len());
                touched.insert(at) | touched.insert(at.saturating_sub(1))
            }
        };
    }
    let first = touched.first().map_or(0, |at| at.saturating_sub(1));
    let last = touched.last().map_or(0, |at| at + 2);
    let line_of = |number: usize| charts.get(number).map(|chart| before.line_start(chart.key.start));
    let key = before.top.entries.as_ref().map_or(0, |(key, _)| *key);
    // The line of the key `entries` itself is none of a chart's.
    let start = line_of(first).filter(|_| first > 0).unwrap_or(before.line_end(key + 1));
    let end = charts.last().map_or(before.top.end, |chart| chart.end);
    let end = line_of(last).unwrap_or(before.line_end(end));
    let moved = |to: usize, inclusive: bool| {
        let earlier =
            changes.iter().filter(|change| change.range.end < to || (inclusive && change.range.end == to));
        earlier.fold(to, |to, change| to + change.text.len() - change.range.len())
    };
    [start..end, moved(start, false)..moved(end, true)]
}

/// Whether the charts are those of before with the new entries.
fn compare(mut was: Charts, new: &[NewEntry], mut is: Charts) -> Result<(), String> {
    for entry in new {
        let value: Option<Value> = serde_yaml::from_str(&entry.lines).map_err(|error| {
            format!("the entry of {} {} is no YAML ({error})", entry.chart, entry.version)
        })?;
        let list = is.get_mut(&entry.chart).and_then(Option::as_mut);
        let at = list.as_ref().and_then(|list| list.iter().position(|found| *found == value));
        match (list, at) {
            (Some(list), Some(at)) => drop(list.remove(at)),
            _ => return Err(format!("the result would lack {} {}", entry.chart, entry.version)),
        }
        was.get_or_default(entry.chart.clone());
    }
    let same = was.len() == is.len()
        && was.iter().zip(&is).all(|((name, was), (other, is))| {
            name == other && was.as_deref().unwrap_or_default() == is.as_deref().unwrap_or_default()
        });
    if same { Ok(()) } else { Err("the result would have other entries".to_owned()) }
}
