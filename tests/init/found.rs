//! What is found in histories of many kinds.

use crate::made::{Made, plain};
use crate::support::Scratch;

#[test]
fn the_documented_process_needs_no_key() {
    let mut made = Made::by_the_process();
    made.release("1.0.0").release("1.1.0").release("1.0.1").release("1.2.0");
    let ran = made.init();
    assert_eq!(plain(&made.scratch.read(".relguard.yaml")), "");
    for line in [
        "release branches: release-{major}.{minor}\n    release-1.0 … release-1.2 (3 branches)\n",
        "release tags: v{version}\n    v1.0.0 … v1.2.0 (4 tags)\n",
        "chart: charts/demo\n    version is the tag's in 4 of 4 releases\n",
        "write .relguard.yaml\n",
        "next: relguard check finds nothing\n",
        "next: relguard audit finds nothing\n",
    ] {
        assert!(ran.stdout.contains(line), "{line}\n{}", ran.stdout);
    }
    made.scratch.relguard(["audit", "--strict"]).exits(0);
}

#[test]
fn what_carries_the_version_of_every_release_is_found() {
    let mut made = Made::by_the_process();
    made.branch = Some("release-v");
    made.file(
        "charts/demo/values.yaml",
        "app:\n  image: \"example.org/demo:{v}\"\n  version: v{v}\nother: 1.5.0\n",
    )
    .file("VERSION", "v{v}\n")
    .file(
        "package.json",
        "{\"name\": \"demo\", \"version\": \"{v}\", \"dependencies\": {\"x\": \"1.1.0\"}}\n",
    )
    .file("Cargo.toml", "[package]\nname = \"demo\"\nversion = \"{v}\"\n[dependencies]\nx = \"1.2.0\"\n")
    .file(
        "Cargo.lock",
        "[[package]]\nname = \"x\"\nversion = \"1.2.0\"\n\n[[package]]\nname = \"demo\"\nversion = \"{v}\"\n",
    )
    .file("deploy/kustomization.yaml", "images:\n  - name: demo\n    newTag: v{v}\n")
    .file("Makefile", "# 1.0.0 was the first\nVERSION ?= v{v}\nTOOL ?= v1.1.0\n")
    .file(
        "README.md",
        "# demo 1.0.0\n\n    helm install demo/demo --version {v}\n\nSince 1.1.0 it is good.\n",
    )
    .file("docs/unrelated.md", "Since v1.2.0.\n");
    made.release("1.0.0").release("1.1.0").release("1.1.1").release("1.2.0");
    assert_eq!(
        made.config(),
        r#"charts:
  - path: "charts/demo"
    values:
      - { key: "app.image", value: "example.org/demo:{version}" }
      - { key: "app.version", value: "v{version}" }
carriers:
  - { file: "Cargo.lock", regex: 'name = "demo"\nversion = "(?P<version>[0-9]+\.[0-9]+\.[0-9]+[0-9A-Za-z.+-]*)' }
  - { file: "Cargo.toml", key: "package.version" }
  - { file: "Makefile", regex: 'VERSION \?= v(?P<version>[0-9]+\.[0-9]+\.[0-9]+[0-9A-Za-z.+-]*)' }
  - { file: "README.md", regex: '--version (?P<version>[0-9]+\.[0-9]+\.[0-9]+[0-9A-Za-z.+-]*)' }
  - { file: "VERSION", value: "v{version}" }
  - { file: "deploy/kustomization.yaml", key: "images[0].newTag", value: "v{version}" }
  - { file: "package.json", key: "version" }
branches:
  release: "release-v{major}.{minor}"
"#
    );
    made.init();
    made.scratch.relguard(["audit", "--strict"]).exits(0);
    made.scratch.relguard(["check", "--strict"]).exits(0);
    // And the next version goes everywhere.
    made.scratch.relguard(["bump", "1.3.0"]).exits(0);
    for file in
        ["VERSION", "package.json", "Cargo.toml", "Makefile", "README.md", "deploy/kustomization.yaml"]
    {
        assert!(made.scratch.read(file).contains("1.3.0"), "{file}");
    }
    let lock = made.scratch.read("Cargo.lock");
    assert!(
        lock.contains("\"x\"\nversion = \"1.2.0\"") && lock.contains("\"demo\"\nversion = \"1.3.0\""),
        "{lock}"
    );
}

#[test]
fn a_file_that_is_late_or_that_the_default_branch_leaves_open_is_no_carrier() {
    let mut made = Made::by_the_process();
    for (version, before) in [("1.0.0", "0.9.0"), ("1.1.0", "1.0.0"), ("1.2.0", "1.1.0"), ("1.3.0", "1.2.0")]
    {
        made.file("LATE", before).file("version.txt", "{v}\n").release(version);
    }
    made.file("version.txt", "latest\n").commit("1.3.0");
    let ran = made.scratch.relguard(["init", "--dry-run"]).exits(0);
    assert_eq!(made.config(), "");
    let noted = "carrier: version.txt is {version} — in 4 of 4 releases, but latest on the default branch";
    assert!(ran.stdout.contains(noted), "{}", ran.stdout);
    assert!(!ran.stdout.contains("LATE"), "{}", ran.stdout);
}

#[test]
fn tags_of_other_things_are_ignored_and_misnamed_ones_are_not() {
    let mut made = Made::by_the_process();
    made.tag = "controller-v";
    made.release("1.0.0").release("1.1.0").release("1.2.0");
    for tag in
        ["helm-chart-4.0.0", "helm-chart-4.1.0", "api/v1.0.0", "api/v1.1.0", "v9.9", "controller-1.2.0"]
    {
        made.scratch.git(["tag", tag]);
    }
    let wanted =
        "tags:\n  release: \"controller-v{version}\"\n  ignore:\n    - \"api/v*\"\n    - \"helm-chart-*\"\n";
    assert_eq!(made.config(), wanted);
    made.init();
    let ran = made.scratch.relguard(["audit"]).exits(1);
    assert!(ran.stdout.contains("v9.9") && ran.stdout.contains("controller-1.2.0"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("helm-chart"), "{}", ran.stdout);
}

#[test]
fn charts_lie_elsewhere_and_say_what_they_deploy() {
    let mut made = Made::empty();
    made.file("deploy/chart/Chart.yaml", "apiVersion: v2\nname: a\nversion: {v}\nappVersion: v{v}\n")
        .file("deploy/chart/charts/sub/Chart.yaml", "apiVersion: v2\nname: sub\nversion: 0.1.0\n")
        .file("tests/chart/Chart.yaml", "apiVersion: v2\nname: t\nversion: {v}\n")
        .file("charts/crds/Chart.yaml", "apiVersion: v2\nname: crds\nversion: {v}\nappVersion: \"7\"\n")
        .file("charts/tool/Chart.yaml", "apiVersion: v2\nname: tool\nversion: 0.0.1\n");
    made.release("1.0.0").release("1.1.0");
    assert_eq!(
        made.config(),
        "charts:\n  - path: \"charts/crds\"\n    app-version: false\n  - path: \"deploy/chart\"\n    \
         app-version: \"v{version}\"\n"
    );
}

#[test]
fn charts_whose_version_is_never_the_tags_are_none() {
    let mut made = Made::empty();
    made.file("charts/demo/Chart.yaml", "apiVersion: v2\nname: demo\nversion: 0.0.0\nappVersion: v{v}\n");
    made.file("VERSION", "{v}");
    made.release("1.0.0").release("1.1.0");
    assert_eq!(made.config(), "charts: []\n");
    made.init();
    made.scratch.relguard(["audit", "--strict"]).exits(0);
}

#[test]
fn a_changelog_is_found_where_it_is_kept() {
    let log = "# Changes\n\n## [1.1.0] - 2026-02-01\n\n- More.\n\n## [1.0.0] - 2026-01-01\n\n- All.\n";
    // In one file, at the tags.
    let mut made = Made::by_the_process();
    made.log = false;
    made.file("CHANGELOG.md", log).release("1.0.0").release("1.1.0");
    assert_eq!(made.config(), "changelog:\n  path: \"CHANGELOG.md\"\n");
    // On the default branch alone, for finals, the oldest on top.
    let mut made = Made::by_the_process();
    made.log = false;
    made.release("1.0.0").release("1.1.0").release("1.1.1").commit("1.2.0-alpha.0");
    made.scratch.git(["tag", "v1.2.0-alpha.0"]);
    made.commit("1.1.1");
    made.scratch.write("docs/log/CHANGELOG-1.0.md", "# v1.0.0\n\n- All.\n");
    made.scratch.write("docs/log/CHANGELOG-1.1.md", "# v1.1.0\n\n- All.\n\n# v1.1.1\n\n- More.\n");
    made.scratch.write("docs/log/TEMPLATE.md", "# v0.0.0\n\n- What.\n");
    made.scratch.commit("Describe the releases");
    assert_eq!(
        made.config(),
        "changelog:\n  path: \"docs/log/CHANGELOG-{major}.{minor}.md\"\n  on: default-branch\n  \
         order: oldest-first\n  format: \"docs/log/TEMPLATE.md\"\n  prereleases: optional\ntags:\n  \
         prereleases-from: any\n"
    );
}

#[test]
fn a_project_without_a_changelog_or_with_one_a_release_has_none() {
    let mut made = Made::by_the_process();
    made.file("changes/1.0.0.md", "# 1.0.0\n\n- x\n");
    made.commit("1.0.0");
    made.scratch.git(["branch", "release-1.0"]);
    made.scratch.git(["tag", "v1.0.0"]);
    let ran = made.scratch.relguard(["init", "--dry-run"]).exits(0);
    assert_eq!(made.config(), "changelog: false\n");
    assert!(ran.stdout.contains("each release has a file of its own, as changes/1.0.0.md"), "{}", ran.stdout);
}

#[test]
fn the_audit_begins_where_most_releases_keep_the_rules() {
    let mut made = Made::by_the_process();
    made.branch = None;
    made.release("0.1.0").release("0.2.0").release("0.2.1");
    made.branch = Some("release-");
    made.release("1.0.0").release("1.1.0").release("1.2.0").release("1.2.1");
    // One that broke a rule since stays to be seen.
    made.scratch.git(["tag", "v1.3.0", "release-1.2"]);
    assert_eq!(made.config(), "since: \"1.0.0\"\n");
    let ran = made.init();
    assert!(ran.stdout.contains("3 refs before it break rules: tag/branch 3"), "{}", ran.stdout);
    let audit = made.scratch.relguard(["audit"]).exits(1);
    assert!(audit.stdout.contains("v1.3.0") && !audit.stdout.contains("v0.2.0"), "{}", audit.stdout);
}

#[test]
fn the_chart_index_is_read_from_its_branch() {
    let entry =
        |version: &str, url: &str| format!("  - {{name: demo, version: {version}, urls: [\"{url}\"]}}\n");
    let index = |entries: &str| format!("apiVersion: v1\nentries:\n  demo:\n{entries}");
    let ran = |archive: &str, entries: &str| {
        let mut made = Made::by_the_process();
        made.release("1.0.0").release("1.1.0");
        made.scratch.git(["checkout", "--quiet", "--orphan", "gh-pages"]);
        made.scratch.git(["rm", "--quiet", "-rf", "."]);
        made.scratch.write("index.yaml", index(entries)).write(archive, "x");
        made.scratch.commit("Publish");
        made.scratch.git(["checkout", "--quiet", "master"]);
        made.scratch.relguard(["init", "--dry-run", "--quiet"]).exits(0).stdout
    };
    let config = |archive: &str, url: &str| plain(&ran(archive, &entry("1.0.0", url)));
    assert_eq!(config("charts/demo-1.0.0.tgz", "charts/demo-1.0.0.tgz"), "");
    assert_eq!(
        config("demo-1.0.0.tgz", "https://example.org/demo/demo-1.0.0.tgz"),
        "index:\n  archives: \".\"\n  url: \"https://example.org/demo\"\n"
    );
    assert_eq!(
        config("README.md", "https://example.org/archives/demo-1.0.0.tgz"),
        "index:\n  archives: false\n  url: \"https://example.org/archives\"\n"
    );
    // What lies in a folder for each release is at no one address: `publish` asks for it.
    let url =
        |version: &str| format!("https://github.com/o/r/releases/download/demo-{version}/demo-{version}.tgz");
    let one = entry("1.0.0", &url("1.0.0"));
    for entries in [one.clone(), entry("1.1.0", &url("1.1.0")) + &one] {
        let text = ran("README.md", &entries);
        assert_eq!(plain(&text), "index:\n  archives: false\n");
        let way = "relguard publish --url https://github.com/o/r/releases/download/TAG ARCHIVE";
        assert!(text.contains(way), "{text}");
    }
    let elsewhere = |version: &str| entry(version, &format!("https://e.org/{version}/demo.tgz"));
    let text = ran("README.md", &(elsewhere("1.1.0") + &elsewhere("1.0.0")));
    assert_eq!(plain(&text), "index:\n  archives: false\n");
    assert!(text.contains("relguard publish --url https://e.org/{version} ARCHIVE"), "{text}");
}

#[test]
fn the_remote_and_the_default_branch_are_those_of_the_releases() {
    let mut made = Made::by_the_process();
    made.release("1.0.0").release("1.1.0");
    made.scratch.git(["branch", "--move", "master", "trunk"]);
    let other = Scratch::new();
    other.git(["remote", "add", "upstream", &made.scratch.path().to_string_lossy()]);
    other.git(["fetch", "--quiet", "upstream"]);
    other.git(["remote", "set-head", "upstream", "trunk"]);
    other.git(["checkout", "--quiet", "--track", "upstream/trunk"]);
    let ran = other.relguard(["init", "--dry-run", "--quiet"]).exits(0);
    assert_eq!(plain(&ran.stdout), "remote: \"upstream\"\ndefault-branch: \"trunk\"\n");
    // A fork at origin, without the release branches.
    other.git(["update-ref", "refs/remotes/origin/trunk", "upstream/trunk"]);
    other.git(["remote", "add", "origin", "https://example.org/fork.git"]);
    let ran = other.relguard(["init", "--dry-run", "--quiet"]).exits(0);
    assert!(plain(&ran.stdout).starts_with("remote: \"upstream\"\n"), "{}", ran.stdout);
}

#[test]
fn a_default_branch_that_nothing_names_is_the_one_beside_the_releases() {
    let mut made = Made::by_the_process();
    made.release("1.0.0").release("1.1.0");
    made.scratch.git(["branch", "--move", "master", "trunk"]);
    assert_eq!(made.config(), "default-branch: \"trunk\"\n");
    // Published branches say more than those of the clone.
    let bare = made.scratch.outside("bare.git").to_string_lossy().into_owned();
    made.scratch.git(["init", "--quiet", "--bare", &bare]);
    made.scratch.git(["remote", "add", "origin", &bare]);
    made.scratch.git(["push", "--quiet", "origin", "trunk", "release-1.0", "release-1.1"]);
    made.scratch.git(["checkout", "--quiet", "-b", "topic"]);
    assert_eq!(made.config(), "default-branch: \"trunk\"\n");
    // Of two it could be either.
    made.scratch.git(["push", "--quiet", "origin", "topic"]);
    let ran = made.scratch.relguard(["init", "--dry-run"]).exits(0);
    assert!(ran.stdout.contains("default branch: not known"), "{}", ran.stdout);
    assert_eq!(made.config(), "");
}

#[test]
fn of_main_and_master_the_head_that_names_one_is_the_evidence_where_there_is_one() {
    let mut made = Made::by_the_process();
    made.release("1.0.0").release("1.1.0");
    let scratch = &made.scratch;
    scratch.git(["branch", "main", "master"]);
    let evidence = || {
        let shown = scratch.relguard(["init", "--dry-run"]).exits(0).stdout;
        let line = shown.lines().position(|line| line.starts_with("default-branch: ")).unwrap();
        shown.lines().skip(line - 1).take(2).collect::<Vec<_>>().join("|")
    };
    let guess =
        "# there are both main and master, and no HEAD says which: main goes first|default-branch: \"main\"";
    assert_eq!(evidence(), guess);
    let bare = scratch.outside("bare.git").to_str().unwrap().to_owned();
    scratch.git(["clone", "--quiet", "--bare", ".", &bare]);
    scratch.git(["remote", "add", "origin", &bare]);
    scratch.git(["fetch", "--quiet", "origin"]);
    scratch.git(["update-ref", "--no-deref", "-d", "refs/remotes/origin/HEAD"]);
    assert_eq!(evidence(), guess);
    for name in ["master", "main"] {
        scratch.git(["remote", "set-head", "origin", name]);
        let wanted =
            format!("# HEAD of the remote; there are both main and master|default-branch: \"{name}\"");
        assert_eq!(evidence(), wanted);
    }
    let shown = scratch.relguard(["-C", &bare, "init", "--dry-run"]).exits(0).stdout;
    let wanted = "# HEAD of this repository; there are both main and master\ndefault-branch: \"master\"";
    assert!(shown.contains(wanted), "{shown}");
}
