use std::sync::Arc;

use anyhow::Result;

use super::load;
use super::vendored::{self, ChartName};
use crate::document::chart::ChartFile;
use crate::document::dependencies::{Dependency, dependencies};
use crate::document::helmignore::{BadRule, HelmIgnore};
use crate::document::yaml::{self, Yaml};
use crate::document::{Broken, check_json};
use crate::domain::{Fail, PathError, RepoPath, SortedMap, SortedSet, SourceText};
use crate::finding::SubjectKind;
use crate::source::{self, Snapshot, Stat, Unreadable, resolve};

/// How deep a chart's folders are looked into.
const DEPTH: usize = 64;

/// How many links to folders are followed in one chart.
const FOLDER_LINKS: usize = 256;

/// What `helm package` would meet in a chart's folder.
#[derive(Debug, Default)]
pub struct Package {
    /// Every path below the chart's folder, relative to it, as Helm walks it: links followed.
    pub files: SortedMap<String, Stat>,
    /// The links that can't be followed, each with the reason.
    pub dead_links: SortedMap<String, String>,
    /// The text of `.helmignore`, where there is one.
    pub helmignore: Option<Arc<SourceText>>,
    /// The rule of `.helmignore` for which Helm refuses the chart.
    pub bad_rule: Option<BadRule>,
    /// requirements.yaml, where there is one.
    pub requirements: Option<Yaml>,
    /// The lock file that Helm reads, where there is one.
    pub lock: Option<Yaml>,
    /// What Helm has to read of the chart and can't.
    pub broken: Vec<Broken>,
    /// For each dependency with a `file://` repository, by that: what is there.
    pub local: SortedMap<String, Local>,
    /// The charts in `charts/` that Helm packs, by the path of their Chart.yaml or archive; else what is
    /// wrong with one.
    pub charts: SortedMap<String, Result<ChartName, Fail>>,
    /// The paths whose files are another repository's: submodules, and links into them.
    pub elsewhere: SortedSet<String>,
    rules: Option<HelmIgnore>,
}

/// What is at the path of a `file://` repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Local {
    /// A chart.
    There {
        /// What it calls itself.
        chart: ChartName,
        /// The names of its own dependencies that are not in its `charts/`.
        lacks: Vec<String>,
    },
    /// Something that can't be looked into, such as a submodule.
    Closed,
    /// No chart.
    Missing {
        /// The folder.
        path: RepoPath,
        /// Why it may be missing though the project has it.
        absence: Option<String>,
    },
    /// Its Chart.yaml says no name and version, for this reason.
    Broken(String),
    /// It is no path inside the repository.
    Outside(PathError),
}

/// What Helm leaves out of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut<'rule, 'path> {
    /// The rule of `.helmignore`, as written.
    pub rule: &'rule str,
    /// The path that the rule is for: the one asked for, or a folder above it.
    pub path: &'path str,
}

impl Package {
    /// Lists a folder that holds a chart of another one.
    pub fn of_folder(files: &dyn Snapshot, dir: &RepoPath) -> Result<Self> {
        read(files, dir, None)
    }

    /// Whether, and for what rule, Helm leaves out a path.
    pub fn left_out<'path>(&self, path: &'path str) -> Option<LeftOut<'_, 'path>> {
        let rules = self.rules.as_ref()?;
        let folders = path.match_indices('/').filter_map(|(end, _)| path.get(..end)).map(|part| (part, true));
        let is_folder = matches!(self.files.get(path), Some(Stat::Folder)) || self.elsewhere.contains(path);
        let mut parts = folders.chain([(path, is_folder)]);
        parts.find_map(|(path, is_folder)| Some(LeftOut { rule: rules.ignores(path, is_folder)?, path }))
    }

    /// The files that Helm packs, with their sizes.
    pub fn packed(&self) -> impl Iterator<Item = (&str, u64)> {
        self.packed_below("")
    }

    /// The files that Helm packs of a folder, `charts/a/` with its slash, with their sizes.
    pub fn packed_below(&self, folder: &str) -> impl Iterator<Item = (&str, u64)> {
        let below =
            self.files.range(folder.to_owned()..).take_while(move |(path, _)| path.starts_with(folder));
        let files = below.filter_map(|(path, stat)| match stat {
            Stat::File { size } => Some((path.as_str(), *size)),
            _ => None,
        });
        files.filter(|(path, _)| self.left_out(path).is_none())
    }

    /// Whether Helm packs a file of this path.
    pub fn is_packed(&self, path: &str) -> bool {
        matches!(self.files.get(path), Some(Stat::File { .. })) && self.left_out(path).is_none()
    }

    /// The paths at which a dependency of this name is present in `charts/`: the Chart.yaml of a folder,
    /// or an archive.
    pub fn vendored(&self, name: &str) -> impl Iterator<Item = &str> {
        let below = self.files.range("charts/".to_owned()..).map(|(path, _)| path.as_str());
        let below = below.map_while(|path| Some((path, path.strip_prefix("charts/")?)));
        let known = |path: &str| Some(self.charts.get(path)?.as_ref().ok()?.name.as_str());
        let named = move |(path, rest): &(&str, &str)| match (rest.split_once('/'), known(path)) {
            _ if rest.starts_with(['_', '.']) => false,
            (Some((folder, "Chart.yaml")), known) => known.unwrap_or(folder) == name,
            (Some(_), _) => false,
            (None, Some(known)) => known == name,
            (None, None) => is_archive_of(name, rest),
        };
        below.filter(named).map(|(path, _)| path)
    }

    /// An archive in `charts/` that is named after a chart, and what it holds, which is another one.
    pub fn misnamed(&self, name: &str) -> Option<(&str, &ChartName)> {
        let mut held =
            self.charts.iter().filter_map(|(path, chart)| Some((path.as_str(), chart.as_ref().ok()?)));
        held.find(|(path, chart)| {
            chart.name != name && path.strip_prefix("charts/").is_some_and(|file| is_archive_of(name, file))
        })
    }
}

/// `NAME.tgz`, `NAME-1.2.3.tgz`, `NAME-v1.2.3.tgz`
fn is_archive_of(name: &str, file: &str) -> bool {
    let version = file.strip_suffix(".tgz").and_then(|stem| stem.strip_prefix(name));
    version.is_some_and(|rest| {
        let version = rest.strip_prefix('-').map(|rest| rest.strip_prefix('v').unwrap_or(rest));
        rest.is_empty() || version.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    })
}

/// Lists a chart's folder, and looks for the charts that it takes from elsewhere in the repository. `chart`
/// is its Chart.yaml, where that is at hand.
pub(super) fn read(files: &dyn Snapshot, dir: &RepoPath, chart: Option<&ChartFile>) -> Result<Package> {
    let mut package = Package::default();
    let Ok(Some((real, Stat::Folder))) = resolve(files, dir)? else { return Ok(package) };
    let text = helmignore(files, dir, &mut package.broken)?;
    match text.as_ref().map_or_else(|| Ok(HelmIgnore::defaults()), |source| HelmIgnore::parse(&source.text)) {
        Ok(rules) => package.rules = Some(rules),
        Err(bad) => package.bad_rule = Some(bad),
    }
    package.helmignore = text;
    Walk { files, package: &mut package, links: 0 }.folder("", &real, &[])?;
    package.requirements = document(files, dir, "requirements.yaml", &mut package)?;
    // Helm reads both where both are there, this one last.
    package.lock = document(files, dir, "requirements.lock", &mut package)?;
    if package.lock.is_none() {
        package.lock = document(files, dir, "Chart.lock", &mut package)?;
    }
    if let Some(schema) = packed_text(files, dir, "values.schema.json", &package)?
        && let Err(broken) = check_json(&schema)
    {
        package.broken.push(broken.help("helm package refuses the chart: the file has to be JSON"));
    }
    if let Some(chart) = chart {
        package.charts = vendored::read(files, dir, &package)?;
        let wanted = dependencies(package.asks(chart));
        for path in wanted.iter().filter_map(Dependency::local_path) {
            package.local.insert(path.to_owned(), local(files, dir, path)?);
        }
    }
    Ok(package)
}

/// The text of `.helmignore`, as Helm reads it: bytes that are not UTF-8 are no trouble.
fn helmignore(
    files: &dyn Snapshot,
    dir: &RepoPath,
    broken: &mut Vec<Broken>,
) -> Result<Option<Arc<SourceText>>> {
    let path = dir.child(".helmignore");
    match source::read(files, &path)? {
        Ok(Some(file)) => {
            let text = String::from_utf8_lossy(&file.bytes).into_owned();
            Ok(Some(Arc::new(SourceText::new(path, text))))
        }
        // A link that leads nowhere is one of the dead links.
        Ok(None) | Err(Unreadable::Link(_)) => Ok(None),
        Err(why) => {
            broken.push(Broken::unreadable(&path, &why));
            Ok(None)
        }
    }
}

/// The text of a file that Helm packs; `None` where there is none that we can read.
fn packed_text(
    files: &dyn Snapshot,
    dir: &RepoPath,
    name: &str,
    package: &Package,
) -> Result<Option<Arc<SourceText>>> {
    if package.is_packed(name) { Ok(load(files, &dir.child(name))?.ok().flatten()) } else { Ok(None) }
}

/// A YAML file that Helm reads, where there is one.
fn document(files: &dyn Snapshot, dir: &RepoPath, name: &str, package: &mut Package) -> Result<Option<Yaml>> {
    let Some(source) = packed_text(files, dir, name, package)? else { return Ok(None) };
    match yaml::parse(&source).and_then(|yaml| yaml.top_mapping().map(|_| yaml)) {
        Ok(yaml) => Ok(Some(yaml)),
        Err(broken) => {
            package.broken.push(broken);
            Ok(None)
        }
    }
}

/// What is at the path of a `file://` repository.
fn local(files: &dyn Snapshot, dir: &RepoPath, path: &str) -> Result<Local> {
    let path = match dir.join(path) {
        Ok(path) => path,
        Err(error) => return Ok(Local::Outside(error)),
    };
    let chart = path.child("Chart.yaml");
    match resolve(files, &chart)? {
        Ok(Some((_, Stat::Unmerged))) => return Ok(Local::Closed),
        Ok(Some((_, Stat::File { .. }))) => {
            return Ok(match vendored::elsewhere(files, &path)? {
                Ok((chart, lacks)) => Local::There { chart, lacks },
                Err(why) => Local::Broken(why.to_string()),
            });
        }
        _ if is_beyond(files, &path)? => return Ok(Local::Closed),
        _ => {}
    }
    let absence = files.absence(&path);
    Ok(Local::Missing { path, absence })
}

/// Whether a path lies in a submodule, whose files are not those of this repository.
fn is_beyond(files: &dyn Snapshot, path: &RepoPath) -> Result<bool> {
    let mut at = RepoPath::default();
    for part in path.parts() {
        at = at.child(part);
        if matches!(files.stat(&at)?, Some(Stat::Other)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The walk through a chart's folder.
struct Walk<'a> {
    files: &'a dyn Snapshot,
    package: &'a mut Package,
    links: usize,
}

impl Walk<'_> {
    /// Lists the folder `real`, which the chart has as `shown`; `above` are the folders whose links led here.
    fn folder(&mut self, shown: &str, real: &RepoPath, above: &[&RepoPath]) -> Result<()> {
        let above: Vec<&RepoPath> = above.iter().copied().chain([real]).collect();
        for (path, stat) in self.files.list(real, DEPTH)? {
            let Some(rest) = path.below(real) else { continue };
            let shown = if shown.is_empty() { rest.to_owned() } else { format!("{shown}/{rest}") };
            match stat {
                Stat::Symlink => self.link(shown, &path, &above)?,
                // In git that is a submodule, on disk a device, a pipe or a socket.
                Stat::Other if self.files.subject().kind != SubjectKind::Worktree => {
                    self.package.elsewhere.insert(shown);
                }
                _ => {
                    self.package.files.insert(shown, stat);
                }
            }
        }
        Ok(())
    }

    /// Helm follows a link before it asks whether to leave it out, but does not enter folders that it leaves
    /// out.
    fn link(&mut self, shown: String, path: &RepoPath, above: &[&RepoPath]) -> Result<()> {
        let folder = shown.rsplit_once('/').map_or("", |(folder, _)| folder);
        if self.package.left_out(folder).is_some() {
            return Ok(());
        }
        match resolve(self.files, path)? {
            Ok(Some((real, Stat::Folder))) => {
                self.package.files.insert(shown.clone(), Stat::Folder);
                if self.package.left_out(&shown).is_some() {
                    return Ok(());
                }
                self.links += 1;
                // The link can be reached from where it leads to.
                if path.below(&real).is_some() || above.contains(&&real) {
                    self.package.files.remove(&shown);
                    self.package.dead_links.insert(shown, "it leads in circles".to_owned());
                } else if self.links <= FOLDER_LINKS {
                    self.folder(&shown, &real, above)?;
                } else {
                    let many = format!("the chart has over {FOLDER_LINKS} links to folders");
                    self.package.dead_links.insert(shown, many);
                }
            }
            Ok(Some((_, Stat::Other))) if self.files.subject().kind != SubjectKind::Worktree => {
                self.package.elsewhere.insert(shown);
            }
            Ok(Some((_, stat))) => {
                self.package.files.insert(shown, stat);
            }
            Ok(None) => {}
            Err(why) => {
                let target = self.files.bytes(path)?.and_then(|target| String::from_utf8(target).ok());
                let is_known = match target.and_then(|target| path.parent().join(&target).ok()) {
                    Some(target) => !is_beyond(self.files, &target)?,
                    // Outside the repository it may well be there, so that Helm can leave it out.
                    None => self.package.left_out(&shown).is_none(),
                };
                if is_known {
                    let why = if let Unreadable::Link(why) = why { why } else { why.to_string() };
                    self.package.dead_links.insert(shown, why);
                } else if self.package.left_out(&shown).is_none() {
                    self.package.elsewhere.insert(shown);
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Subject;

    /// A state in memory that knows links and submodules: `-> target` is a link, `submodule` one.
    struct Fake(Vec<(RepoPath, &'static str)>);

    impl Fake {
        fn get(&self, path: &RepoPath) -> Option<&'static str> {
            self.0.iter().find(|(other, _)| other == path).map(|(_, content)| *content)
        }
    }

    impl Snapshot for Fake {
        fn subject(&self) -> Subject {
            Subject::index()
        }

        fn stat(&self, path: &RepoPath) -> Result<Option<Stat>> {
            Ok(match self.get(path) {
                Some("submodule") => Some(Stat::Other),
                Some(content) if content.starts_with("-> ") => Some(Stat::Symlink),
                Some(content) => Some(Stat::File { size: content.len() as u64 }),
                None => self.0.iter().any(|(other, _)| other.below(path).is_some()).then_some(Stat::Folder),
            })
        }

        fn bytes(&self, path: &RepoPath) -> Result<Option<Vec<u8>>> {
            let content = self.get(path).unwrap_or_default();
            Ok(Some(content.strip_prefix("-> ").unwrap_or(content).into()))
        }

        fn list(&self, folder: &RepoPath, _depth: usize) -> Result<Vec<(RepoPath, Stat)>> {
            let files = self.0.iter().map(|(path, _)| path).filter(|path| path.below(folder).is_some());
            files.map(|path| Ok((path.clone(), self.stat(path)?.unwrap()))).collect()
        }
    }

    fn package(entries: &[(&str, &'static str)]) -> Package {
        let entries = entries.iter().map(|(path, content)| (RepoPath::parse(path).unwrap(), *content));
        let files = Fake(entries.collect());
        let dir = RepoPath::parse("charts/a").unwrap();
        let source = load(&files, &dir.child("Chart.yaml")).unwrap().unwrap();
        read(&files, &dir, ChartFile::parse(&source.unwrap()).ok().as_ref()).unwrap()
    }

    const CHART: (&str, &str) = ("charts/a/Chart.yaml", "name: a");

    #[test]
    fn links_are_followed_into_files_and_folders() {
        let package = package(&[
            CHART,
            ("charts/a/file", "-> ../../shared/x"),
            ("charts/a/folder", "-> ../../shared"),
            ("shared/x", "text"),
            ("shared/deep/y", "-> ../x"),
        ]);
        let sizes: Vec<_> = package.packed().filter(|(path, _)| path.starts_with('f')).collect();
        assert_eq!(sizes, [("file", 4), ("folder/deep/y", 4), ("folder/x", 4)]);
        assert!(package.dead_links.is_empty());
    }

    #[test]
    fn a_link_that_helm_cannot_follow_is_dead() {
        let package = package(&[
            CHART,
            ("charts/a/.helmignore", "ignored*\n"),
            ("charts/a/ignored", "-> nowhere"),
            ("charts/a/ignored-outside", "-> /etc/hosts"),
            ("charts/a/ignored-folder/link", "-> nowhere"),
            ("charts/a/outside", "-> /etc/hosts"),
            ("charts/a/up", "-> .."),
            ("charts/a/other", "-> ../../shared"),
            ("shared/back", "-> ../charts/a"),
            ("charts/a/submodule", "-> ../../module/file"),
            ("module", "submodule"),
        ]);
        let dead: Vec<_> = package.dead_links.keys().map(String::as_str).collect();
        assert_eq!(dead, ["ignored", "other/back", "outside", "up"]);
        assert_eq!(*package.dead_links.get("up").unwrap(), "it leads in circles");
    }

    #[test]
    fn what_lies_in_a_submodule_is_taken_to_be_there() {
        let chart = r"
dependencies:
- {name: b, repository: file://../../module/b}
- {name: c, repository: file://../c}
- {name: d, repository: file:///d}
- {name: e, repository: file://../e}
";
        let package = package(&[
            ("charts/a/Chart.yaml", chart),
            ("charts/a/module", "submodule"),
            ("charts/e/Chart.yaml", "{name: e, version: 1.0.0}"),
            ("module", "submodule"),
        ]);
        let missing = Local::Missing { path: RepoPath::parse("charts/c").unwrap(), absence: None };
        assert_eq!(*package.local.get("../../module/b").unwrap(), Local::Closed);
        assert_eq!(*package.local.get("../c").unwrap(), missing);
        assert_eq!(*package.local.get("/d").unwrap(), Local::Outside(PathError::Absolute));
        let chart = ChartName { name: "e".into(), version: "1.0.0".into() };
        assert_eq!(*package.local.get("../e").unwrap(), Local::There { chart, lacks: Vec::new() });
        assert!(!package.files.contains_key("module") && package.elsewhere.contains("module"));
    }

    #[test]
    fn a_dependency_is_vendored_by_the_name_of_an_archive_or_of_a_chart() {
        let package = package(&[
            ("charts/a/Chart.yaml", "dependencies: [{name: b}, {name: c}, {name: d}, {name: common}]"),
            ("charts/a/charts/b/Chart.yaml", "name: b"),
            ("charts/a/charts/else/Chart.yaml", "{name: c, version: 1.0.0}"),
            ("charts/a/charts/_d/Chart.yaml", "name: d"),
            ("charts/a/charts/common-extra-1.0.0.tgz", ""),
            ("charts/a/charts/common-v1.0.0.tgz", ""),
        ]);
        let at = |name: &str| package.vendored(name).collect::<Vec<_>>();
        assert_eq!(at("b"), ["charts/b/Chart.yaml"]);
        assert_eq!(at("c"), ["charts/else/Chart.yaml"]);
        assert!(at("d").is_empty());
        assert_eq!(at("common"), ["charts/common-v1.0.0.tgz"]);
        assert_eq!(at("common-extra"), ["charts/common-extra-1.0.0.tgz"]);
    }

    #[test]
    fn helm_goes_by_requirements_and_its_lock_where_they_are_packed() {
        let files =
            [CHART, ("charts/a/Chart.lock", "digest: a"), ("charts/a/requirements.lock", "digest: b")];
        let path =
            |package: &Package| package.lock.as_ref().map(|lock| lock.source().path.file_name().to_owned());
        assert_eq!(path(&package(&files)).as_deref(), Some("requirements.lock"));
        let ignored = ("charts/a/.helmignore", "requirements.*");
        assert_eq!(path(&package(&[&files[..], &[ignored]].concat())).as_deref(), Some("Chart.lock"));
    }
}
