//! A chart as Helm takes it from a list of files, and as it lays it out in an archive.

use std::cell::Cell;
use std::sync::Arc;

use super::archive::{ArchivedFile, CHART_LIMIT, ChartArchive};
use super::chart::is_path;
use super::dependencies::{dependencies, is_alias};
use super::metadata::{DEPENDENCIES, FIELDS, VERSION, misfits};
use super::rewritten::{chart_yaml, lock_yaml, metadata};
use super::yaml::go::Value;
use super::yaml::{self, Stream, Token, Yaml, is_beyond_json};
use super::{Broken, check_json};
use crate::domain::range::LooseVersion;
use crate::domain::text::visible;
use crate::domain::{Fail, RepoPath, SortedMap, SourceText, order};

/// How deep charts may lie in charts.
const DEPTH: usize = 16;

/// How many archives may lie in one another; `helm package` lays out as folders what it finds in archives.
const ARCHIVES_DEEP: usize = 4;

/// What all archives in a chart may hold together: each of a few bytes can hold as much as Helm takes, and more
/// archives.
const ARCHIVES: usize = 250;
const FILES: usize = 50_000;
const UNPACKED: u64 = 2 * CHART_LIMIT;

/// The bytes that Helm takes off the beginning of every file.
const BOM: &[u8] = "\u{feff}".as_bytes();

/// A chart as it goes into an archive.
#[derive(Debug)]
pub struct PackedChart {
    /// Its name; never a path.
    pub name: String,
    /// Its version, as Helm reads it.
    pub version: String,
    /// Its own files, those of its charts left out, in the order of the archive.
    pub files: Vec<ArchivedFile>,
    /// The charts in its `charts/`, by name.
    pub charts: SortedMap<String, PackedChart>,
}

impl PackedChart {
    /// Takes a chart from the files of its folder, as Helm does; `place` is what an error calls it. An error
    /// says what Helm would refuse.
    pub fn of_files(files: Vec<ArchivedFile>, place: &str) -> Result<Self, Fail> {
        Load { place, depth: 0, archives_deep: 0, left: &Left::default() }.chart(files)
    }

    /// Takes a chart from its archive in the same way. `left` is for all archives of one chart.
    pub fn of_archive(bytes: &[u8], place: &str, left: &Left) -> Result<Self, Fail> {
        Load { place, depth: 0, archives_deep: 1, left }.archive(bytes)
    }

    /// Whether what a file holds, and not only that it is there, is of weight for whether Helm takes the chart; its path
    /// may lead through other charts.
    pub fn depends_on(path: &str) -> bool {
        let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
        let is_document = matches!(
            name,
            "Chart.yaml"
                | "Chart.lock"
                | "requirements.yaml"
                | "requirements.lock"
                | "values.yaml"
                | "values.schema.json"
        );
        is_document || name.strip_suffix(".tgz").is_some()
    }

    /// How many files it has, with those of its charts.
    pub fn count(&self) -> usize {
        self.files.len() + self.charts.values().map(Self::count).sum::<usize>()
    }
}

struct Load<'a> {
    place: &'a str,
    depth: usize,
    archives_deep: usize,
    left: &'a Left,
}

/// What may still be taken out of a chart's archives, wherever in it they lie.
pub struct Left {
    archives: Cell<usize>,
    files: Cell<usize>,
    bytes: Cell<u64>,
}

impl Default for Left {
    fn default() -> Self {
        Self { archives: Cell::new(ARCHIVES), files: Cell::new(FILES), bytes: Cell::new(UNPACKED) }
    }
}

impl Left {
    /// Takes an archive off; `false` where that is more than is left, and then nothing is.
    fn take(&self, archive: &ChartArchive) -> bool {
        let files = self.files.get().checked_sub(archive.files.len());
        let bytes = self.bytes.get().checked_sub(archive.unpacked());
        self.files.set(files.unwrap_or_default());
        self.bytes.set(bytes.filter(|_| files.is_some()).unwrap_or_default());
        files.and(bytes).is_some()
    }
}

/// The files of a chart, by what becomes of them.
#[derive(Default)]
struct Sorted {
    requirements: Option<Yaml>,
    lock: Option<Yaml>,
    values: Vec<ArchivedFile>,
    templates: Vec<ArchivedFile>,
    others: Vec<ArchivedFile>,
    /// The files in `charts/`, by the name that comes next.
    charts: SortedMap<String, Vec<ArchivedFile>>,
}

impl Load<'_> {
    fn fail(&self, why: impl std::fmt::Display) -> Fail {
        Fail::new(format!("{} can't be packaged: {why}", visible(self.place)))
            .help("helm lint says more; helm package refuses it as well")
    }

    fn chart(&self, mut files: Vec<ArchivedFile>) -> Result<PackedChart, Fail> {
        if self.depth > DEPTH {
            return Err(self.fail("its charts lie in one another without end"));
        }
        order::sort_by(&mut files, |a, b| a.path.split('/').cmp(b.path.split('/')));
        for file in files.iter_mut().filter(|file| file.bytes.starts_with(BOM)) {
            file.bytes.drain(..BOM.len());
        }
        let chart = files.iter().find(|file| file.path == "Chart.yaml");
        let chart = chart.ok_or_else(|| self.fail("it holds no Chart.yaml"))?;
        let chart = self.yaml(chart)?;
        let is_v1 = chart.root().is_none_or(|root| {
            let api = chart.value_of(root, "apiVersion").map(|value| chart.helm_text(value));
            api.is_none_or(|api| matches!(api.as_str(), "" | "v1"))
        });
        let sorted = self.sort(files, is_v1)?;
        self.assemble(&chart, sorted, is_v1)
    }

    fn archive(&self, bytes: &[u8]) -> Result<PackedChart, Fail> {
        if self.archives_deep > ARCHIVES_DEEP {
            return Err(self.fail(format!("over {ARCHIVES_DEEP} archives lie in one another")));
        }
        self.chart(self.unpack(bytes)?.files)
    }

    fn unpack(&self, bytes: &[u8]) -> Result<ChartArchive, Fail> {
        // Asked before anything is unpacked.
        let archives = self.left.archives.get().checked_sub(1);
        let left = archives.ok_or_else(|| self.fail(format!("over {ARCHIVES} archives lie in the chart")))?;
        self.left.archives.set(left);
        let too_much = || {
            self.fail(format!(
                "the archives in the chart hold over {FILES} files, or over {} MiB, together",
                UNPACKED >> 20
            ))
        };
        if self.left.bytes.get() == 0 {
            return Err(too_much());
        }
        let archive = ChartArchive::read(bytes, self.place)?;
        if self.left.take(&archive) { Ok(archive) } else { Err(too_much()) }
    }

    fn sort(&self, files: Vec<ArchivedFile>, is_v1: bool) -> Result<Sorted, Fail> {
        let mut sorted = Sorted::default();
        for file in files {
            match file.path.as_str() {
                "Chart.yaml" => {}
                // Of two lock files Helm takes the one that comes last.
                "Chart.lock" => sorted.lock = Some(self.yaml(&file)?),
                "requirements.lock" => {
                    sorted.lock = Some(self.yaml(&file)?);
                    sorted.others.extend(is_v1.then_some(file));
                }
                "requirements.yaml" => {
                    sorted.requirements = Some(self.yaml(&file)?);
                    sorted.others.extend(is_v1.then_some(file));
                }
                "values.yaml" => {
                    self.values(&file)?;
                    sorted.values.insert(0, file);
                }
                "values.schema.json" => {
                    check_json(&self.text(&file)?).map_err(|broken| self.broken(&file.path, &broken))?;
                    sorted.values.push(file);
                }
                path if path.starts_with("templates/") => sorted.templates.push(file),
                path => match path.strip_prefix("charts/") {
                    Some(rest) if path.strip_suffix(".prov").is_none() => {
                        let name = rest.split('/').next().unwrap_or_default().to_owned();
                        sorted.charts.get_or_default(name).push(file);
                    }
                    _ => sorted.others.push(file),
                },
            }
        }
        Ok(sorted)
    }

    fn assemble(&self, chart: &Yaml, sorted: Sorted, is_v1: bool) -> Result<PackedChart, Fail> {
        let tables = [FIELDS, VERSION, DEPENDENCIES];
        if let Some(misfit) = tables.into_iter().flat_map(|fields| misfits(chart, fields)).next() {
            return Err(self.fail(format!("{} of its Chart.yaml is not {}", misfit.field, misfit.wanted)));
        }
        let fields = metadata(chart, sorted.requirements.as_ref());
        let text = |key: &str| match fields.get(key) {
            Some(Value::Text(text)) => Ok(text.clone()),
            _ => Err(self.fail(format!("its Chart.yaml has no {key}"))),
        };
        let (name, version) = (text("name")?, text("version")?);
        if is_path(&name) {
            return Err(self.fail(format!("its name {} is a path", visible(&name))));
        }
        if LooseVersion::parse(&version).is_none() {
            return Err(self.fail(format!("its version {} is none", visible(&version))));
        }
        if let Some(Value::Text(kind)) = fields.get("type")
            && !matches!(kind.as_str(), "application" | "library")
        {
            return Err(self.fail(format!("its type {} is neither application nor library", visible(kind))));
        }
        let wanted = [Some(chart), sorted.requirements.as_ref()];
        for dependency in wanted.into_iter().flatten().flat_map(dependencies) {
            if let Some(alias) = dependency.alias.filter(|alias| !is_alias(&alias.text)) {
                return Err(self.fail(format!("its alias {} is none for Helm", visible(&alias.text))));
            }
        }
        let charts = self.charts(sorted.charts)?;
        let made =
            |path: &str, text: String| ArchivedFile { path: path.to_owned(), bytes: text.into_bytes() };
        let mut files = vec![made("Chart.yaml", chart_yaml(fields))];
        if let Some(lock) = sorted.lock.filter(|_| !is_v1) {
            let lock =
                lock_yaml(&lock).map_err(|why| self.fail(format!("in its lock file {}", visible(&why))))?;
            files.extend(lock.map(|text| made("Chart.lock", text)));
        }
        files.extend(sorted.values.into_iter().chain(sorted.templates).chain(sorted.others));
        Ok(PackedChart { name, version, files, charts })
    }

    fn charts(
        &self,
        found: SortedMap<String, Vec<ArchivedFile>>,
    ) -> Result<SortedMap<String, PackedChart>, Fail> {
        let mut charts = SortedMap::new();
        for (entry, files) in found {
            if entry.starts_with(['_', '.']) {
                continue;
            }
            let place = format!("{}/charts/{entry}", self.place);
            let load = Load { place: &place, depth: self.depth + 1, ..*self };
            let chart = match files.as_slice() {
                [archive]
                    if archive.path == format!("charts/{entry}") && entry.strip_suffix(".tgz").is_some() =>
                {
                    Load { archives_deep: self.archives_deep + 1, ..load }.archive(&archive.bytes)?
                }
                _ => {
                    let prefix = format!("charts/{entry}/");
                    let below = files.into_iter().filter_map(|file| {
                        Some(ArchivedFile {
                            path: file.path.strip_prefix(&prefix)?.to_owned(),
                            bytes: file.bytes,
                        })
                    });
                    load.chart(below.collect())?
                }
            };
            if let Some(twice) = charts.insert(chart.name.clone(), chart) {
                let name = visible(&twice.name).into_owned();
                return Err(self.fail(format!(
                    "charts/ holds two charts of the name {name}, and in the archive one would lie over the other"
                )));
            }
        }
        Ok(charts)
    }

    fn text(&self, file: &ArchivedFile) -> Result<Arc<SourceText>, Fail> {
        let text = String::from_utf8(file.bytes.clone());
        let text = text.map_err(|_| self.fail(format!("its {} is not UTF-8", file.path)))?;
        Ok(Arc::new(SourceText::new(RepoPath::default().child(&file.path), text)))
    }

    fn yaml(&self, file: &ArchivedFile) -> Result<Yaml, Fail> {
        let yaml = yaml::parse(&self.text(file)?).and_then(|yaml| yaml.top_mapping().map(|_| yaml));
        let yaml = yaml.map_err(|broken| self.broken(&file.path, &broken))?;
        match yaml.beyond_json() {
            Some(_) => Err(self.beyond_json(&file.path)),
            None => Ok(yaml),
        }
    }

    fn beyond_json(&self, path: &str) -> Fail {
        self.fail(format!("its {path} holds `.inf` or `.nan`, and Helm reads nothing of such a file"))
    }

    /// Judges values as Helm reads them: the first document alone, and keys that are there twice are no trouble.
    fn values(&self, file: &ArchivedFile) -> Result<(), Fail> {
        let text = self.text(file)?;
        let mut stream = Stream::new(&text);
        let mut has_odd = false;
        let read = stream.advance().and_then(|first| match first {
            Some(Token::Mapping { .. }) => {
                let mut depth = 1;
                while depth > 0 {
                    match stream.advance()? {
                        Some(Token::Mapping { .. } | Token::Sequence { .. }) => depth += 1,
                        Some(Token::Scalar(scalar)) => {
                            has_odd |= scalar.plain && is_beyond_json(&scalar.text);
                        }
                        Some(Token::End) | None => depth -= 1,
                        Some(Token::Alias(_)) => {}
                    }
                }
                Ok(true)
            }
            Some(Token::Scalar(scalar)) => Ok(scalar.is_null()),
            other => Ok(other.is_none()),
        });
        match read {
            Ok(true) if has_odd => Err(self.beyond_json(&file.path)),
            Ok(true) => Ok(()),
            Ok(false) => Err(self.fail(format!("its {} holds no keys and values", file.path))),
            Err(broken) => Err(self.broken(&file.path, &broken)),
        }
    }

    fn broken(&self, path: &str, broken: &Broken) -> Fail {
        let line = broken.location.source.position(broken.location.range.start).line;
        self.fail(format!("its {path} can't be read in line {line}: {}", visible(&broken.cause)))
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use tar::{Builder, Header};

    use super::*;

    fn archive(name: &str, files: &[(&str, &[u8])]) -> Vec<u8> {
        let chart = format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n");
        let mut tar = Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        for (path, bytes) in std::iter::once(("Chart.yaml", chart.as_bytes())).chain(files.iter().copied()) {
            let mut header = Header::new_ustar();
            header.set_size(bytes.len() as u64);
            tar.append_data(&mut header, format!("{name}/{path}"), bytes).unwrap();
        }
        tar.into_inner().unwrap().finish().unwrap()
    }

    #[test]
    fn all_archives_of_a_chart_share_what_may_be_unpacked() {
        let inner = archive("b", &[("x", b"1"), ("y", b"2")]);
        let outer = archive("a", &[("charts/b.tgz", &inner)]);
        let unpacked = [&inner, &outer].map(|bytes| ChartArchive::read(bytes, "x").unwrap().unpacked());
        let enough = (2, 5, unpacked.iter().sum::<u64>());
        let take = |(archives, files, bytes): (usize, usize, u64)| {
            let left = Left { archives: archives.into(), files: files.into(), bytes: bytes.into() };
            let load = Load { place: "x", depth: 0, archives_deep: 0, left: &left };
            load.archive(&outer).map(|chart| chart.count()).map_err(|fail| fail.to_string())
        };
        assert_eq!(take(enough), Ok(4));
        let refused = |left| take(left).unwrap_err();
        let together = "x/charts/b.tgz can't be packaged: the archives in the chart hold over 50000 files, or over \
                        200 MiB, together";
        assert_eq!(refused((2, 4, enough.2)), together);
        assert_eq!(refused((2, 5, enough.2 - 1)), together);
        assert!(refused((1, 5, enough.2)).ends_with("over 250 archives lie in the chart"));
    }
    #[test]
    fn what_is_too_much_is_not_unpacked_again() {
        let bytes = archive("a", &[("x", b"1")]);
        let unpacked = ChartArchive::read(&bytes, "x").unwrap().unpacked();
        let left = Left { bytes: (2 * unpacked - 1).into(), ..Left::default() };
        let alone = |bytes: &[u8]| match PackedChart::of_archive(bytes, "x", &left) {
            Ok(chart) => chart.name,
            Err(why) => why.to_string(),
        };
        let together =
            "x can't be packaged: the archives in the chart hold over 50000 files, or over 200 MiB, together";
        assert_eq!(alone(&bytes), "a");
        assert_eq!(alone(&bytes), together);
        // Read, it would be no archive.
        assert_eq!(alone(b"<html>"), together);
    }
}
