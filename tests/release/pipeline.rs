//! Who publishes the charts of a release: the project's CI, where a tag or a release starts it and a step of it does so,
//! else relguard.

use crate::support::Scratch;
use crate::{archive, chart, guarded, is_published};

const GITHUB: &str = ".github/workflows/charts.yml";

/// A released 1.0.0 of a project with a file of CI, up to its charts: what stands of the step `publish`, and whether
/// the chart index is on the server.
fn published_by(path: &str, text: &str) -> (String, bool) {
    let scratch = guarded();
    scratch.write(".relguard.yaml", "index: {url: https://charts.example.org}\n");
    scratch.write(path, text);
    scratch.commit("say where the charts are");
    scratch.git(["push", "--quiet", "origin", "master"]);
    (stage(&scratch), is_published(&scratch, "refs/heads/gh-pages"))
}

fn stage(scratch: &Scratch) -> String {
    let ran = scratch.relguard(["release", "1.0.0", "--run"]).exits(0);
    let stage = ran.stdout.lines().find(|line| line.split_whitespace().nth(1) == Some("publish"));
    stage.unwrap_or_else(|| panic!("{}", ran.stdout)).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_pipeline_of_the_tag_publishes() {
    let push = "jobs: {a: {steps: [{run: helm push app.tgz oci://example.org}]}}\n";
    for (path, text) in [
        (GITHUB, format!("on:\n  push:\n    tags: ['v*']\n{push}")),
        (GITHUB, format!("on:\n  release:\n    types: [published]\n{push}")),
        (
            ".gitlab-ci.yml",
            "a:\n  rules:\n    - if: $CI_COMMIT_TAG\n  script:\n    - relguard publish dist/*.tgz\n".into(),
        ),
    ] {
        let (stage, there) = published_by(path, &text);
        assert!(stage.starts_with(&format!("waiting publish {path} publishes 1.0.0")), "{text}{stage}");
        assert!(!there, "{text}");
    }
}

#[test]
fn a_pipeline_is_told_of_before_it_made_the_chart_index() {
    for (command, is_told) in
        [("relguard publish --url BASE dist/*.tgz", true), ("helm push app.tgz oci://x", false)]
    {
        let scratch = guarded();
        let steps = format!("jobs: {{a: {{steps: [{{run: {command}}}]}}}}\n");
        scratch.write(GITHUB, format!("on:\n  push:\n    tags: ['v*']\n{steps}"));
        scratch.commit("publish charts");
        scratch.git(["push", "--quiet", "origin", "master"]);
        let ran = scratch.relguard(["release", "1.0.0", "--run"]).exits(0);
        assert!(is_published(&scratch, "refs/tags/v1.0.0"));
        assert_eq!(
            ran.stdout.contains(&format!("waiting  publish  {GITHUB} publishes 1.0.0")),
            is_told,
            "{}",
            ran.stdout
        );
    }
}

#[test]
fn any_other_pipeline_leaves_it_to_relguard() {
    let image = "jobs:\n  a:\n    steps:\n      - uses: docker/build-push-action@v6\n        with:\n          tags: example.org/app\n";
    for (path, text) in [
        (
            GITHUB,
            format!(
                "on:\n  push:\n    branches: [master]\n{image}      - run: helm push app.tgz oci://example.org\n"
            ),
        ),
        (GITHUB, format!("on:\n  push:\n    tags: ['v*']\n{image}      # - run: helm push app.tgz\n")),
    ] {
        let (stage, there) = published_by(path, &text);
        assert!(stage.starts_with("done publish"), "{text}{stage}");
        assert!(there, "{text}");
    }
}

#[test]
fn what_is_taken_from_the_working_tree_is_said() {
    let scratch = guarded();
    scratch.write(".relguard.yaml", "index: {url: https://charts.example.org}\n");
    let from = "https://redis.example.org";
    let entry = |version| format!(r#"{{"name":"redis","version":"{version}","repository":"{from}"}}"#);
    let digest = archive::sha256(format!("[[{}],[{}]]", entry("^1"), entry("1.4.0")).as_bytes());
    let chart = format!("{}dependencies: [{}]\n", scratch.read(chart::CHART), entry("^1"));
    scratch.write(chart::CHART, chart);
    let lock = format!("dependencies: [{}]\ndigest: sha256:{digest}\n", entry("1.4.0"));
    scratch.write("charts/app/Chart.lock", lock);
    scratch.commit("take in redis");
    scratch.git(["push", "--quiet", "origin", "master"]);
    // Who publishes it may be a pipeline that is not known as one, so that it is tagged.
    let ran = scratch.relguard(["release", "1.0.0", "--run"]).exits(1);
    let missing = "the dependency redis is not in charts/, and the working tree has no charts/app/charts/redis-1.4.0.tgz";
    assert!(ran.stdout.contains(missing), "{}", ran.stdout);
    let said = format!("note: 1.0.0 will be tagged, and this run can't publish it: {missing}");
    assert_eq!(ran.stderr.matches(&said).count(), 1, "{}", ran.stderr);
    assert!(is_published(&scratch, "refs/tags/v1.0.0"));

    scratch.write("charts/app/charts/redis-1.4.0.tgz", archive::chart("redis", "1.4.0"));
    let ran = scratch.relguard(["release", "1.0.0", "--run"]).exits(0);
    let note = "note: the dependency redis 1.4.0 is taken from the working tree: charts/app/charts/redis-1.4.0.tgz (sha256 ";
    assert!(ran.stdout.contains(note), "{}", ran.stdout);
    assert!(is_published(&scratch, "refs/heads/gh-pages"));
}

#[test]
fn what_fails_behind_the_tag_is_said_before_it() {
    let scratch = guarded();
    scratch.write(".relguard.yaml", "index: {url: https://charts.example.org}\n");
    scratch.commit("say where the charts are");
    scratch.git(["push", "--quiet", "origin", "master"]);
    let other = scratch.outside("pages").to_str().unwrap().to_owned();
    scratch.git(["worktree", "add", "--quiet", "-b", "gh-pages", &other]);
    let dry = scratch.relguard(["release", "1.0.0", "--dry-run"]).exits(2);
    let run = scratch.relguard(["release", "1.0.0", "--run"]).exits(2);
    for (ran, before) in [(dry, "planned before it: fetch"), (run, "done: fetch")] {
        assert!(
            ran.stderr.contains(before) && ran.stderr.contains("gh-pages is checked out in "),
            "{}",
            ran.stderr
        );
        let noted = ran.stderr.contains("note: 1.0.0 will be tagged, and this run can't publish it: ");
        assert_eq!(noted, before.starts_with("done"), "{}", ran.stderr);
    }
    assert!(is_published(&scratch, "refs/tags/v1.0.0"));
    assert!(!is_published(&scratch, "refs/heads/gh-pages"));
}
