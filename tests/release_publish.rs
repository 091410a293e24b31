//! `relguard publish`, with git as the judge of what it made.
#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "tests make the files that they judge by, and fail by a panic"
)]

#[path = "support/archive.rs"]
mod archive;
#[path = "support/chart.rs"]
mod chart;
#[path = "release_publish/elsewhere.rs"]
mod elsewhere;
#[path = "release_publish/refused.rs"]
mod refused;
#[path = "release_publish/remote.rs"]
mod remote;
mod support;

use std::path::PathBuf;

use support::{Ran, Scratch, run};

/// The time of all that is published in these tests.
const TIME: &str = "2026-01-02T03:03:15Z";

/// A project, and archives beside it.
struct Project {
    scratch: Scratch,
}

impl Project {
    fn new() -> Self {
        Self { scratch: chart::project() }
    }

    /// Writes an archive beside the repository, under the name that Helm gives it.
    fn archive(&self, name: &str, version: &str) -> String {
        self.put(&format!("{name}-{version}.tgz"), &archive::chart(name, version))
    }

    fn put(&self, file: &str, bytes: &[u8]) -> String {
        let path: PathBuf = self.scratch.outside(file);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn publish(&self, args: &[&str]) -> Ran {
        let mut command = self.scratch.relguard_command(&[&["publish"], args].concat());
        command.env("SOURCE_DATE_EPOCH", "1767322995");
        run(command)
    }

    fn git<const N: usize>(&self, args: [&str; N]) -> String {
        self.scratch.git(args).stdout.trim_end().to_owned()
    }

    /// Every ref with what it names.
    fn refs(&self) -> String {
        self.git(["for-each-ref", "--format=%(refname) %(objectname)"])
    }

    /// Publishes what must be refused, by status 1 for a rule or 2. Nothing may change by it.
    #[track_caller]
    fn refuses(&self, status: i32, cause: &str, args: &[&str]) -> Ran {
        let before = (self.refs(), self.git(["status", "--short"]));
        let ran = self.publish(args).exits(status);
        assert!(ran.stderr.contains(cause) || ran.stdout.contains(cause), "{}{}", ran.stdout, ran.stderr);
        assert!(status == 1 || ran.stdout.is_empty(), "{}", ran.stdout);
        assert_eq!((self.refs(), self.git(["status", "--short"])), before, "{cause}");
        ran
    }
}

fn entry(name: &str, version: &str, digest: &str) -> String {
    format!(
        "  - apiVersion: v2\n    appVersion: {version}\n    created: \"{TIME}\"\n    digest: {digest}\n    \
         name: {name}\n    urls:\n    - charts/{name}-{version}.tgz\n    version: {version}\n"
    )
}

#[test]
fn the_first_archive_makes_the_branch() {
    let project = Project::new();
    let path = project.archive("app", "1.0.0");
    let before = project.git(["rev-parse", "HEAD"]);
    let ran = project.publish(&[&path]).exits(0);
    let words = "commit charts/app-1.0.0.tgz, index.yaml on gh-pages: Publish app 1.0.0";
    assert_eq!((ran.stdout, ran.stderr), (format!("done: {words}\n"), String::new()));
    let bytes = archive::chart("app", "1.0.0");
    let index = format!(
        "apiVersion: v1\nentries:\n  app:\n{}generated: \"{TIME}\"\n",
        entry("app", "1.0.0", &archive::sha256(&bytes))
    );
    assert_eq!(project.scratch.git(["show", "gh-pages:index.yaml"]).stdout, index);
    assert_eq!(project.git(["ls-tree", "-r", "--name-only", "gh-pages"]), "charts/app-1.0.0.tgz\nindex.yaml");
    let id = project.git(["hash-object", &path]);
    assert_eq!(project.git(["rev-parse", "gh-pages:charts/app-1.0.0.tgz"]), id);
    assert_eq!(project.git(["log", "--format=%s %an %cn %P", "gh-pages"]), "Publish app 1.0.0 A C");
    // What is checked out is as it was.
    assert_eq!(
        (project.git(["rev-parse", "HEAD"]), project.git(["status", "--short"])),
        (before, String::new())
    );
    assert_eq!(project.git(["symbolic-ref", "HEAD"]), "refs/heads/master");
    project.scratch.git(["fsck", "--strict"]);
}

#[test]
fn other_entries_keep_their_bytes() {
    let project = Project::new();
    project.scratch.git(["checkout", "--quiet", "--orphan", "gh-pages"]);
    project.scratch.git(["rm", "-r", "--quiet", "-f", "."]);
    let known = "# ours\napiVersion: v1\nentries:\n  app:\n    - version: 1.2.0\n      created: \"2020-01-01T00:00:00Z\"   # long ago\n  \
                 other: [{version: 9.0.0}]\n";
    project.scratch.write("index.yaml", known).write("README.md", "Pages.\n");
    let parent = project.scratch.commit("Pages");
    project.scratch.git(["checkout", "--quiet", "master"]);
    let (one, other) = (project.archive("app", "1.3.0"), project.archive("app", "1.1.0"));
    project.publish(&[&other, &one]).exits(0);
    let index = project.scratch.git(["show", "gh-pages:index.yaml"]).stdout;
    let kept: Vec<&str> = index.lines().filter(|line| known.lines().any(|known| known == *line)).collect();
    assert_eq!(kept, known.lines().collect::<Vec<_>>());
    let versions: Vec<&str> =
        index.lines().filter(|line| line.contains(" version: ")).map(str::trim).collect();
    assert_eq!(versions, ["version: 1.3.0", "- version: 1.2.0", "version: 1.1.0"]);
    assert_eq!(
        project.git(["log", "-1", "--format=%P %s", "gh-pages"]),
        format!("{parent} Publish app 1.1.0, app 1.3.0")
    );
    assert_eq!(project.git(["show", "gh-pages:README.md"]), "Pages.");
    assert_eq!(project.git(["rev-list", "--count", "gh-pages"]), "2");
}

#[test]
fn what_is_there_already_changes_nothing() {
    let project = Project::new();
    let path = project.archive("app", "1.0.0");
    project.publish(&[&path]).exits(0);
    let before = project.refs();
    let ran = project.publish(&[&path]).exits(0);
    assert_eq!(ran.stdout, "already done: app 1.0.0 is in the chart index on gh-pages\n");
    assert_eq!(project.refs(), before);
    // Of two archives one may be new.
    let other = project.archive("app", "1.1.0");
    let ran = project.publish(&[&path, &other]).exits(0);
    assert!(
        ran.stdout.contains("done: commit charts/app-1.1.0.tgz, index.yaml on gh-pages"),
        "{}",
        ran.stdout
    );
    assert_eq!(project.git(["rev-list", "--count", "gh-pages"]), "2");
}

#[test]
fn an_archive_that_its_entry_lacks_is_put_there() {
    let project = Project::new();
    let path = project.archive("app", "1.0.0");
    project.publish(&[&path]).exits(0);
    let index = project.scratch.git(["show", "gh-pages:index.yaml"]).stdout;
    let tree = project.git(["rev-parse", "gh-pages:charts"]);
    project.scratch.git(["worktree", "add", "--quiet", "../pages", "gh-pages"]);
    project.scratch.git(["-C", "../pages", "rm", "-r", "--quiet", "charts"]);
    project.scratch.git(["-C", "../pages", "commit", "--quiet", "-m", "Lose it"]);
    project.scratch.git(["worktree", "remove", "../pages"]);
    project.publish(&[&path]).exits(0);
    assert_eq!(project.scratch.git(["show", "gh-pages:index.yaml"]).stdout, index);
    assert_eq!(project.git(["rev-parse", "gh-pages:charts"]), tree);
}

#[test]
fn a_dry_run_tells_the_plan_and_does_nothing() {
    let project = Project::new();
    let path = project.archive("app", "1.0.0");
    let before = (project.refs(), project.git(["count-objects"]));
    let ran = project.publish(&[&path, "--dry-run"]).exits(0);
    assert_eq!(ran.stdout, "would commit charts/app-1.0.0.tgz, index.yaml on gh-pages: Publish app 1.0.0\n");
    let ran = project.publish(&[&path, "--dry-run", "--format", "json"]).exits(0);
    let plan: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&plan["step"], &plan["title"]), (&"publish".into(), &"publish app 1.0.0 on gh-pages".into()));
    assert_eq!(plan["actions"][0]["action"], "commit-to-branch");
    assert_eq!((&plan["dry_run"], &plan["refused"]), (&true.into(), &false.into()));
    assert_eq!((project.refs(), project.git(["count-objects"])), before);
}

#[test]
fn the_config_says_where_things_go() {
    let publish = |config: &str, args: &[&str]| {
        let project = Project::new();
        project.scratch.write(".relguard.yaml", config);
        project.scratch.commit("Configure");
        let path = project.archive("app", "1.0.0+b.1");
        project.publish(&[&[path.as_str()], args].concat()).exits(0);
        let branch = project.git([
            "for-each-ref",
            "--format=%(refname:short)",
            "refs/heads/gh-pages",
            "refs/heads/pages",
        ]);
        let files = project.git(["ls-tree", "-r", "--name-only", &branch]).replace('\n', " ");
        let index = if files.contains("helm/index.yaml") { "helm/index.yaml" } else { "index.yaml" };
        let index = project.git(["show", &format!("{branch}:{index}")]);
        let url = index.lines().skip_while(|line| !line.ends_with("urls:")).nth(1).unwrap().trim().to_owned();
        format!("{branch}: {files}: {url}")
    };
    let name = "app-1.0.0+b.1.tgz";
    for (config, args, wanted) in [
        ("index: { branch: pages }\n", &[][..], format!("pages: charts/{name} index.yaml: - charts/{name}")),
        (
            "index: { path: helm/index.yaml, archives: helm/archives, url: https://example.org/helm }\n",
            &[],
            format!(
                "gh-pages: helm/archives/{name} helm/index.yaml: - https://example.org/helm/archives/{name}"
            ),
        ),
        (
            "index: { path: helm/index.yaml }\n",
            &[],
            format!("gh-pages: charts/{name} helm/index.yaml: - ../charts/{name}"),
        ),
        (
            "index: { archives: false, url: https://example.org/x/ }\n",
            &[],
            format!("gh-pages: index.yaml: - https://example.org/x/{name}"),
        ),
        (
            "index: { archives: ., url: https://example.org }\n",
            &["--url", "https://other.example.org/"],
            format!("gh-pages: {name} index.yaml: - https://other.example.org/{name}"),
        ),
    ] {
        assert_eq!(publish(config, args), wanted, "{config}");
    }
}

#[test]
fn a_bare_repository_publishes_too() {
    let project = Project::new();
    let path = project.archive("app", "1.0.0");
    project.scratch.git(["clone", "--quiet", "--bare", ".", "../bare.git"]);
    project.scratch.git(["-C", "../bare.git", "remote", "remove", "origin"]);
    let ran = project.scratch.relguard(["-C", "../bare.git", "publish", &path]).exits(0);
    assert!(ran.stdout.contains("done: commit"), "{}", ran.stdout);
    assert_eq!(project.git(["-C", "../bare.git", "rev-list", "--count", "gh-pages"]), "1");
}
