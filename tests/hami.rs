//! The release history of Project-HAMi/HAMi, made again from the facts in tests/data/hami.yaml: at
//! each of its refs exactly what is wrong there is found.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test that fails may panic"
)]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that fails may panic")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::Stdio;

use serde::Deserialize;
use support::{Scratch, isolated, run};

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Facts {
    config: serde_yaml::Value,
    default_branch: Ref,
    release_branches: Vec<Ref>,
    tags: Vec<Ref>,
}

/// What a ref's commit carries, and what is to be found there.
#[derive(Deserialize)]
struct Ref {
    name: String,
    version: String,
    #[serde(rename = "appVersion")]
    app_version: String,
    values: BTreeMap<String, String>,
    #[serde(rename = "VERSION")]
    carrier: String,
    #[serde(rename = "on-release-branch", default)]
    on_release_branch: serde_yaml::Value,
    expect: BTreeSet<String>,
}

/// The rules on files that the facts speak of.
const ON_FILES: [&str; 4] = ["chart/app-version", "chart/values-sync", "changelog/file", "changelog/section"];

/// The rules on branches and tags that the facts speak of.
const ON_REFS: [&str; 5] = ["tag/name", "tag/branch", "tag/version", "branch/name", "branch/version"];

fn facts() -> Facts {
    serde_yaml::from_str(include_str!("data/hami.yaml")).unwrap()
}

impl Ref {
    /// The release branch of a tag's line.
    fn branch(&self) -> String {
        format!("release-{}", self.name.rsplit_once('.').unwrap().0)
    }

    fn is_on_release_branch(&self) -> bool {
        self.on_release_branch.as_bool() == Some(true) || self.on_release_branch.as_str() == Some("yes")
    }

    /// The files that carry the version, as (path, text).
    fn files(&self) -> [(&'static str, String); 3] {
        let mut values = String::new();
        for (key, value) in &self.values {
            match key.split_once('.') {
                Some((parent, child)) => write!(values, "{parent}:\n  {child}: \"{value}\"\n").unwrap(),
                None => writeln!(values, "{key}: \"{value}\"").unwrap(),
            }
        }
        let (version, app_version) = (&self.version, &self.app_version);
        let chart =
            format!("apiVersion: v2\nname: hami\nversion: {version}\nappVersion: \"{app_version}\"\n");
        [
            ("charts/hami/Chart.yaml", chart),
            ("charts/hami/values.yaml", values),
            ("VERSION", format!("{}\n", self.carrier)),
        ]
    }

    /// The commands of `git fast-import` for a commit of these files at the tip of a branch.
    fn commit(&self, branch: &str, from: Option<&str>) -> String {
        let mut stream =
            format!("commit refs/heads/{branch}\ncommitter C <c@example.org> 1767225600 +0000\n");
        write!(stream, "data {}\n{}\n", self.name.len(), self.name).unwrap();
        if let Some(from) = from {
            writeln!(stream, "from refs/heads/{from}").unwrap();
        }
        for (path, text) in self.files() {
            write!(stream, "M 100644 inline {path}\ndata {}\n{text}\n", text.len()).unwrap();
        }
        stream
    }
}

/// The history as `git fast-import` reads it: a release branch leaves the default branch before the
/// first tag of its line, and each tag is where the facts say.
fn history(facts: &Facts) -> String {
    let mut stream = facts.tags[0].commit("master", None);
    let mut branches = BTreeSet::new();
    for tag in &facts.tags {
        let branch = tag.branch();
        let exists = facts.release_branches.iter().any(|known| known.name == branch);
        let is_new = exists && branches.insert(branch.clone());
        if is_new {
            write!(stream, "reset refs/heads/{branch}\nfrom refs/heads/master\n\n").unwrap();
        }
        let on = if tag.is_on_release_branch() { branch.as_str() } else { "master" };
        stream.push_str(&tag.commit(on, None));
        write!(stream, "reset refs/tags/{}\nfrom refs/heads/{on}\n\n", tag.name).unwrap();
    }
    for branch in facts.release_branches.iter().chain([&facts.default_branch]) {
        stream.push_str(&branch.commit(&branch.name, None));
    }
    stream
}

fn repository(facts: &Facts) -> Scratch {
    let scratch = Scratch::new();
    let mut command = isolated("git", &scratch.outside(""));
    command.args(["fast-import", "--quiet"]).current_dir(scratch.path()).stdin(Stdio::piped());
    let mut git = command.spawn().unwrap();
    git.stdin.take().unwrap().write_all(history(facts).as_bytes()).unwrap();
    assert!(git.wait().unwrap().success());
    scratch.git(["reset", "--quiet", "--hard"]);
    scratch
}

/// The rules that found something, of those asked for.
fn found(scratch: &Scratch, args: &[&str], rules: &[&str]) -> BTreeSet<String> {
    let mut all = args.to_vec();
    all.extend(["--config", "../config.yaml", "--format", "json"]);
    let ran = run(scratch.relguard_command(&all));
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).expect(&ran.stderr);
    let ids = report["findings"].as_array().unwrap().iter().map(|finding| finding["rule"].as_str().unwrap());
    ids.filter(|id| rules.contains(id)).map(str::to_owned).collect()
}

fn expected(at: &Ref, rules: &[&str]) -> BTreeSet<String> {
    at.expect.iter().filter(|id| rules.contains(&id.as_str())).cloned().collect()
}

#[test]
fn each_ref_has_exactly_the_findings_of_the_facts() {
    let facts = facts();
    let scratch = repository(&facts);
    scratch.write("../config.yaml", serde_yaml::to_string(&facts.config).unwrap());
    for at in facts.tags.iter().chain(&facts.release_branches).chain([&facts.default_branch]) {
        assert_eq!(
            found(&scratch, &["check", "--rev", &at.name], &ON_FILES),
            expected(at, &ON_FILES),
            "{}",
            at.name
        );
    }
}

#[test]
fn an_audit_finds_exactly_what_the_facts_say() {
    let facts = facts();
    let scratch = repository(&facts);
    scratch.write("../config.yaml", serde_yaml::to_string(&facts.config).unwrap());
    for misnamed in ["v1.0.0.0", "v2.0", "hami-2.3"] {
        scratch.git(["tag", misnamed, "v2.4.0"]);
    }
    let ran = scratch.relguard(["audit", "--config", "../config.yaml", "--format", "json"]).exits(1);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for finding in report["findings"].as_array().unwrap() {
        let rule = finding["rule"].as_str().unwrap();
        if ON_FILES.contains(&rule) || ON_REFS.contains(&rule) {
            found.entry(finding["subject"]["name"].as_str().unwrap()).or_default().insert(rule);
        }
    }
    let refs = facts.tags.iter().chain(&facts.release_branches).chain([&facts.default_branch]);
    let mut wanted: BTreeMap<&str, BTreeSet<&str>> =
        refs.map(|at| (at.name.as_str(), at.expect.iter().map(String::as_str).collect())).collect();
    for misnamed in ["v1.0.0.0", "v2.0", "hami-2.3"] {
        wanted.insert(misnamed, BTreeSet::from(["tag/name"]));
    }
    assert_eq!(found, wanted);
    let judged = serde_json::json!({"charts": 1, "branches": facts.release_branches.len() + 1, "tags": facts.tags.len() + 3});
    assert_eq!(report["summary"]["judged"], judged);
}

#[test]
fn a_branch_that_is_checked_out_is_judged_as_one() {
    let facts = facts();
    let scratch = repository(&facts);
    scratch.write("../config.yaml", serde_yaml::to_string(&facts.config).unwrap());
    let rules = [&ON_FILES[..], &["branch/version"]].concat();
    for branch in facts.release_branches.iter().chain([&facts.default_branch]) {
        scratch.git(["checkout", "--quiet", &branch.name]);
        assert_eq!(found(&scratch, &["check"], &rules), expected(branch, &rules), "{}", branch.name);
        assert_eq!(
            found(&scratch, &["check", "--staged"], &rules),
            expected(branch, &rules),
            "{}",
            branch.name
        );
    }
    // The line's name is what is compared: on another line's branch the same files are wrong.
    scratch.git(["checkout", "--quiet", "-B", "release-v2.11", "release-v2.10"]);
    assert!(found(&scratch, &["check"], &rules).contains("branch/version"));
}

#[test]
fn the_version_file_is_judged_once_the_config_lists_it() {
    let facts = facts();
    let scratch = repository(&facts);
    scratch.write("../config.yaml", "carriers: [{ file: VERSION, value: \"v{version}\" }]\n");
    let rule = ["chart/carrier-sync"];
    let mut apart = Vec::new();
    for at in facts.tags.iter().chain(&facts.release_branches).chain([&facts.default_branch]) {
        let differs = at.carrier != format!("v{}", at.version);
        assert_eq!(!found(&scratch, &["check", "--rev", &at.name], &rule).is_empty(), differs, "{}", at.name);
        apart.extend(differs.then_some(at.name.as_str()));
    }
    assert_eq!(apart, ["v2.6.1", "v2.7.1", "release-v2.7"]);
}
