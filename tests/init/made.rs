//! Histories made of templates: in each file `{v}` is the version of the commit.
#![allow(clippy::unwrap_used, reason = "a test that fails may panic")]

use crate::support::{Ran, Scratch};

/// A project that makes releases.
pub(crate) struct Made {
    pub(crate) scratch: Scratch,
    files: Vec<(String, String)>,
    /// What stands before a tag's version.
    pub(crate) tag: &'static str,
    /// What stands before a release branch's minor line; `None`: releases are tagged on the default branch.
    pub(crate) branch: Option<&'static str>,
    /// Whether a release has a section in the process's own changelog.
    pub(crate) log: bool,
}

impl Made {
    /// A project of one chart by the documented process, without a release.
    pub(crate) fn by_the_process() -> Self {
        let mut made = Self::empty();
        made.file(
            "charts/demo/Chart.yaml",
            "apiVersion: v2\nname: demo\nversion: {v}\nappVersion: \"{v}\"\n",
        );
        made.file("charts/demo/values.yaml", "image:\n  tag: v{v}\n");
        made
    }

    /// A project without files.
    pub(crate) fn empty() -> Self {
        Self { scratch: Scratch::new(), files: Vec::new(), tag: "v", branch: Some("release-"), log: true }
    }

    /// A file of every commit from now on.
    pub(crate) fn file(&mut self, path: &str, text: &str) -> &mut Self {
        self.files.retain(|(known, _)| known != path);
        self.files.push((path.to_owned(), text.to_owned()));
        self
    }

    /// Commits the files as they are at a version, on the branch that is checked out.
    pub(crate) fn commit(&self, version: &str) {
        for (path, text) in &self.files {
            self.scratch.write(path, text.replace("{v}", version));
        }
        self.scratch.commit(&format!("Set {version}"));
    }

    /// Releases x.y.0 from the default branch, or x.y.z from its release branch.
    pub(crate) fn release(&mut self, version: &str) -> &mut Self {
        let (line, patch) = version.rsplit_once('.').unwrap();
        let git = |args: &[&str]| {
            let [a, b, c] = [args[0], args.get(1).unwrap_or(&"--"), args.get(2).unwrap_or(&"--")];
            match args.len() {
                1 => self.scratch.git([a]),
                2 => self.scratch.git([a, b]),
                _ => self.scratch.git([a, b, c]),
            };
        };
        let branch = self.branch.map(|prefix| format!("{prefix}{line}"));
        if let Some(branch) = branch.as_deref().filter(|_| patch != "0") {
            git(&["checkout", "--quiet", branch]);
        }
        if self.log {
            self.log(version);
        }
        self.commit(version);
        if let Some(branch) = branch.as_deref().filter(|_| patch == "0") {
            git(&["branch", branch]);
        }
        git(&["tag", &format!("{}{version}", self.tag)]);
        git(&["checkout", "--quiet", "master"]);
        self
    }

    /// A section in the changelog of the process.
    fn log(&self, version: &str) {
        let line = version.rsplit_once('.').unwrap().0;
        let path = format!("docs/CHANGELOG/CHANGELOG-{line}.md");
        let before = std::fs::read_to_string(self.scratch.path().join(&path)).unwrap_or_default();
        self.scratch.write(&path, format!("# v{version}\n\n- A change.\n\n{before}"));
    }

    /// The config that `init` would write, without comments and empty lines.
    #[track_caller]
    pub(crate) fn config(&self) -> String {
        plain(&self.scratch.relguard(["init", "--dry-run", "--quiet"]).exits(0).stdout)
    }

    /// `init`, which must succeed.
    #[track_caller]
    pub(crate) fn init(&self) -> Ran {
        self.scratch.relguard(["init"]).exits(0)
    }
}

/// A config without comments and empty lines.
pub(crate) fn plain(config: &str) -> String {
    let lines = config.lines().filter(|line| !line.trim_start().starts_with('#') && !line.is_empty());
    lines.flat_map(|line| [line, "\n"]).collect()
}
