//! Rules on Chart.yaml and on what must agree with it.

pub(super) mod app_version;
pub(super) mod carrier_sync;
pub(super) mod one_version;
pub(super) mod packageable;
pub(super) mod values_sync;
pub(super) mod version;
pub(super) mod version_order;

use crate::domain::parse_version;

/// What has to stand in a place that follows the chart's version, and why no fix writes it yet.
fn what_to_write(expected: &str, version: &str, settled: bool) -> String {
    if parse_version(version).is_none() {
        return "correct the chart's version first".to_owned();
    }
    let waits = if settled { "" } else { ", once version and appVersion agree" };
    format!("it has to be {expected}{waits}")
}
