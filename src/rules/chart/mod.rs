//! Rules on Chart.yaml and on what must agree with it.

pub(super) mod app_version;
pub(super) mod carrier_sync;
pub(super) mod one_version;
pub(super) mod packageable;
pub(super) mod values_sync;
pub(super) mod version;
pub(super) mod version_order;
