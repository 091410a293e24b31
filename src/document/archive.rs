//! A chart's archive, as `helm package` makes it: a gzipped tar whose files lie in one folder.
//!
//! Nothing in an archive is trusted: what Helm refuses is refused here, and links and devices too, which
//! Helm would take for files.

use std::io::{ErrorKind, Read};
use std::sync::Arc;

use flate2::read::MultiGzDecoder;
use tar::{Archive, Entry, EntryType};

use super::chart::{ChartFile, is_path};
use crate::domain::text::visible;
use crate::domain::{Fail, RepoPath, SortedSet, SourceText};

/// The largest file that Helm takes out of an archive, in bytes.
pub const FILE_LIMIT: u64 = 5 * 1024 * 1024;

/// What Helm takes out of an archive at most, in bytes.
pub const CHART_LIMIT: u64 = 100 * 1024 * 1024;

/// What may be unpacked at most, in bytes: the files, and what the tar says of each.
const UNPACKED_LIMIT: u64 = 2 * CHART_LIMIT;

/// An archive that holds a chart.
#[derive(Debug)]
pub struct ChartArchive {
    /// Its files, in the archive's order, no path twice.
    pub files: Vec<ArchivedFile>,
    chart: ChartFile,
    name: String,
    version: String,
    unpacked: u64,
}

/// A file of a chart's archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedFile {
    /// Its path below the chart's folder, with `/` and without `.` and `..`.
    pub path: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl ChartArchive {
    /// Reads an archive; `name` is what an error calls it: its path. An error says what is wrong with it,
    /// with the entry where it is one: not gzip, not tar, cut off, a path that leaves the chart's folder, a
    /// link or a device, a file twice, more than Helm unpacks, no Chart.yaml with a name and a version.
    pub fn read(bytes: &[u8], name: &str) -> Result<Self, Fail> {
        let bad = |why: String| {
            Fail::new(format!("{} is no chart's archive: {why}", visible(name)))
                .help("make it anew: helm package, or relguard package")
        };
        let (files, unpacked) = unpack(bytes).map_err(bad)?;
        let chart = files.iter().find(|file| file.path == "Chart.yaml");
        let chart = chart.ok_or_else(|| bad("it holds no Chart.yaml in a folder of its own".to_owned()))?;
        let chart = chart_file(&chart.bytes).map_err(bad)?;
        let field = |key: &str| {
            let field = chart.field(key).map(|field| field.value.text);
            field.ok_or_else(|| bad(format!("its Chart.yaml has no {key}")))
        };
        let (chart_name, version) = (field("name")?, field("version")?);
        if is_path(&chart_name) {
            return Err(bad(format!("its Chart.yaml has a path for a name: {}", visible(&chart_name))));
        }
        Ok(Self { files, chart, name: chart_name, version, unpacked })
    }

    /// Its Chart.yaml.
    pub fn chart(&self) -> &ChartFile {
        &self.chart
    }

    /// The chart's name; never a path.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The chart's version as its Chart.yaml has it, SemVer or not.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// How much it is unpacked, in bytes: its files, and what the tar says of each.
    pub fn unpacked(&self) -> u64 {
        self.unpacked
    }
}

/// Reads the Chart.yaml of an archive.
fn chart_file(bytes: &[u8]) -> Result<ChartFile, String> {
    let text = String::from_utf8(bytes.to_vec()).map_err(|_| "its Chart.yaml is not UTF-8".to_owned())?;
    let source = Arc::new(SourceText::new(RepoPath::default().child("Chart.yaml"), text));
    ChartFile::parse(&source).map_err(|broken| {
        let line = broken.location.source.position(broken.location.range.start).line;
        format!("its Chart.yaml can't be read in line {line}: {}", visible(&broken.cause))
    })
}

/// The files of an archive, and how many bytes were unpacked for them; else what is wrong with it.
fn unpack(bytes: &[u8]) -> Result<(Vec<ArchivedFile>, u64), String> {
    // What has no such beginning gets a plainer word than the decoder has.
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Err("it is not compressed by gzip".to_owned());
    }
    let mut archive = Archive::new(MultiGzDecoder::new(bytes).take(UNPACKED_LIMIT));
    let mut files = Vec::new();
    let mut known = SortedSet::new();
    let mut total = 0;
    for entry in archive.entries().map_err(cut_off)? {
        let mut entry = entry.map_err(cut_off)?;
        let kind = entry.header().entry_type();
        if kind.is_dir() || kind.is_pax_global_extensions() {
            continue;
        }
        let shown = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let path = checked(&entry).map_err(|why| format!("its entry {} {why}", visible(&shown)))?;
        total += entry.size();
        if entry.size() > FILE_LIMIT {
            return Err(format!("its file {} has over {} MiB", visible(&path), FILE_LIMIT >> 20));
        }
        if total >= CHART_LIMIT {
            return Err(format!("its files have over {} MiB together", CHART_LIMIT >> 20));
        }
        if !known.insert(path.clone()) {
            return Err(format!("it holds the file {} twice", visible(&path)));
        }
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(cut_off)?;
        files.push(ArchivedFile { path, bytes });
    }
    // The checksum stands behind the last byte.
    let mut rest = archive.into_inner();
    std::io::copy(&mut rest, &mut std::io::sink()).map_err(cut_off)?;
    Ok((files, UNPACKED_LIMIT - rest.limit()))
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
fn cut_off(error: std::io::Error) -> String {
    // The tar reader's own words quote the archive's bytes.
    let why = if error.kind() == ErrorKind::UnexpectedEof { "it is cut off" } else { "it is broken" };
    format!("{why}, so that it can't be unpacked")
}

/// The path of an entry below the chart's folder; else what is wrong with the entry.
fn checked<R: Read>(entry: &Entry<'_, R>) -> Result<String, String> {
    match entry.header().entry_type() {
        EntryType::Regular | EntryType::Continuous => {}
        EntryType::Symlink | EntryType::Link => return Err("is a link".to_owned()),
        _ => return Err("is no file".to_owned()),
    }
    let name = entry.path_bytes();
    let name = std::str::from_utf8(&name).map_err(|_| "has a name that is not UTF-8".to_owned())?;
    below_folder(name).map_err(str::to_owned)
}

/// The path below an archive's one folder. Archives from Windows may have backslashes.
fn below_folder(name: &str) -> Result<String, &'static str> {
    let separator = if name.contains('\\') { '\\' } else { '/' };
    let parts: Vec<&str> = name.split(separator).flat_map(|part| part.split('/')).collect();
    let drive = |part: &&str| part.len() == 2 && part.ends_with(':');
    match parts.as_slice() {
        ["", ..] => return Err("is an absolute path"),
        parts if parts.contains(&"..") => return Err("leads out of the chart's folder"),
        [_, "", ..] => return Err("is an absolute path"),
        [_, first, ..] if first.starts_with("..") || drive(first) => {
            return Err("has a name that Helm refuses");
        }
        _ => {}
    }
    let below = parts.into_iter().skip(1).filter(|part| !matches!(*part, "" | "."));
    let below: Vec<&str> = below.collect();
    if below.is_empty() { Err("lies in no folder") } else { Ok(below.join("/")) }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;
    use tar::{Builder, Header};

    use super::*;

    const CHART: &str = "apiVersion: v2\nname: app\nversion: 1.2.3\n";

    /// A tar whose names are written as they are.
    fn tar(entries: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
        let mut tar = Builder::new(Vec::new());
        for (name, kind, bytes) in entries {
            let mut header = Header::new_ustar();
            header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
            header.set_entry_type(*kind);
            header.set_size(bytes.len() as u64);
            header.set_cksum();
            tar.append(&header, *bytes).unwrap();
        }
        tar.into_inner().unwrap()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(bytes).unwrap();
        gzip.finish().unwrap()
    }

    fn with(name: &str, kind: EntryType) -> String {
        let entries =
            [("app/Chart.yaml", EntryType::Regular, CHART.as_bytes()), (name, kind, b"x".as_slice())];
        said(&gzip(&tar(&entries)))
    }

    fn said(bytes: &[u8]) -> String {
        match ChartArchive::read(bytes, "x.tgz") {
            Ok(archive) => archive.files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>().join(", "),
            Err(fail) => fail.to_string().strip_prefix("x.tgz is no chart's archive: ").unwrap().to_owned(),
        }
    }

    #[test]
    fn an_archive_gives_its_files_and_its_chart() {
        let entries = [
            ("app/", EntryType::Directory, b"".as_slice()),
            ("app/Chart.yaml", EntryType::Regular, CHART.as_bytes()),
            ("app/./templates//a.yaml", EntryType::Regular, b"a: b\n".as_slice()),
        ];
        let archive = ChartArchive::read(&gzip(&tar(&entries)), "x.tgz").unwrap();
        assert_eq!((archive.name(), archive.version()), ("app", "1.2.3"));
        assert_eq!(archive.chart().field("apiVersion").unwrap().value.text, "v2");
        assert_eq!(
            archive.files[1],
            ArchivedFile { path: "templates/a.yaml".into(), bytes: b"a: b\n".into() }
        );
    }

    #[test]
    fn a_path_stays_in_the_charts_folder() {
        let regular = |name| with(name, EntryType::Regular);
        assert_eq!(regular("app/../../x"), "its entry app/../../x leads out of the chart's folder");
        assert_eq!(regular("../x"), "its entry ../x leads out of the chart's folder");
        assert_eq!(regular("app\\..\\..\\x"), "its entry app\\..\\..\\x leads out of the chart's folder");
        assert_eq!(regular("/etc/passwd"), "its entry /etc/passwd is an absolute path");
        assert_eq!(regular("app//etc/passwd"), "its entry app//etc/passwd is an absolute path");
        assert_eq!(regular("app/c:/x"), "its entry app/c:/x has a name that Helm refuses");
        assert_eq!(regular("app/..data"), "its entry app/..data has a name that Helm refuses");
        assert_eq!(regular("x"), "its entry x lies in no folder");
        assert_eq!(regular("app/Chart.yaml"), "it holds the file Chart.yaml twice");
        assert_eq!(regular("app\\a\\b"), "Chart.yaml, a/b");
        assert_eq!(
            regular("app/\u{1b}[31m/../x"),
            "its entry app/\\u{1b}[31m/../x leads out of the chart's folder"
        );
    }

    #[test]
    fn links_and_devices_are_no_files() {
        assert_eq!(with("app/x", EntryType::Symlink), "its entry app/x is a link");
        assert_eq!(with("app/x", EntryType::Link), "its entry app/x is a link");
        for kind in [EntryType::Fifo, EntryType::Char, EntryType::Block] {
            assert_eq!(with("app/x", kind), "its entry app/x is no file");
        }
    }

    #[test]
    fn what_is_no_chart_is_refused() {
        let chart =
            |text: &str| said(&gzip(&tar(&[("app/Chart.yaml", EntryType::Regular, text.as_bytes())])));
        assert_eq!(said(b""), "it is not compressed by gzip");
        assert_eq!(said(CHART.as_bytes()), "it is not compressed by gzip");
        assert_eq!(said(&gzip(b"")), "it holds no Chart.yaml in a folder of its own");
        assert_eq!(said(&gzip(&[b'x'; 600])), "it is broken, so that it can't be unpacked");
        assert_eq!(chart("name: app\n"), "its Chart.yaml has no version");
        assert_eq!(chart("version: 1.0.0\n"), "its Chart.yaml has no name");
        assert_eq!(chart("version: 1.0.0\nname: a/b\n"), "its Chart.yaml has a path for a name: a/b");
        assert!(chart("a: 'b\n").starts_with("its Chart.yaml can't be read in line"), "{}", chart("a: 'b\n"));
    }

    #[test]
    fn a_broken_archive_is_refused_wherever_it_breaks() {
        let whole = gzip(&tar(&[("app/Chart.yaml", EntryType::Regular, CHART.as_bytes())]));
        assert_eq!(said(&whole), "Chart.yaml");
        for end in 2..whole.len() {
            assert_ne!(said(&whole[..end]), "Chart.yaml", "cut at {end}");
        }
        let mut other = whole.clone();
        *other.iter_mut().nth_back(5).unwrap() ^= 1;
        assert_eq!(said(&other), "it is broken, so that it can't be unpacked");
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let size = usize::try_from(FILE_LIMIT).unwrap();
        let (zeros, large) = (vec![0; size], vec![0; size + 1]);
        assert_eq!(said(&gzip(&tar(&[("a/x", EntryType::Regular, &large)]))), "its file x has over 5 MiB");
        let names: Vec<String> = (0..21).map(|number| format!("a/{number}")).collect();
        let many: Vec<_> =
            names.iter().map(|name| (name.as_str(), EntryType::Regular, zeros.as_slice())).collect();
        assert_eq!(said(&gzip(&tar(&many))), "its files have over 100 MiB together");
    }
}
