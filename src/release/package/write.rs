//! The archive's bytes: the same ones for the same chart and time, on any machine.

use std::io::{self, Write};

use anyhow::{Context as _, Result};
use flate2::{Compression, GzBuilder};
use tar::{Builder, EntryType, Header};

use crate::document::packed::PackedChart;

/// How hard it is compressed. A published archive's bytes hang on it, as on all else here. The usual 6 takes half
/// as long again, and longer than helm where a chart has megabytes, for four to eight hundredths of the size.
const LEVEL: u32 = 4;

/// The operating system of a gzip header that names none.
const UNKNOWN_SYSTEM: u8 = 255;

/// A chart as a gzipped tar. Every file has the time of the commit, in seconds since 1970, and nothing of
/// who made it: no user, no group, no mode of a disk.
pub(super) fn archive(chart: &PackedChart, time: i64) -> Result<Vec<u8>> {
    let gzip = GzBuilder::new().mtime(0).operating_system(UNKNOWN_SYSTEM);
    let mut tar = Builder::new(gzip.write(Vec::new(), Compression::new(LEVEL)));
    let time = u64::try_from(time).unwrap_or_default();
    put(&mut tar, chart, "", time).with_context(|| format!("the archive of {} can't be made", chart.name))?;
    Ok(tar.into_inner()?.finish()?)
}

fn put<W: Write>(tar: &mut Builder<W>, chart: &PackedChart, above: &str, time: u64) -> io::Result<()> {
    let folder = format!("{above}{}", chart.name);
    for file in &chart.files {
        let mut header = Header::new_ustar();
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o644);
        // Left alone these fields are empty, which is no number.
        header.set_uid(0);
        header.set_gid(0);
        header.set_device_major(0)?;
        header.set_device_minor(0)?;
        header.set_mtime(time);
        header.set_size(file.bytes.len() as u64);
        tar.append_data(&mut header, format!("{folder}/{}", file.path), file.bytes.as_slice())?;
    }
    chart.charts.values().try_for_each(|chart| put(tar, chart, &format!("{folder}/charts/"), time))
}
