//! The config, as a user meets it: what it may hold, and what every mistake in it says.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test that fails may panic"
)]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that fails may panic")]

mod support;

use support::{Ran, Scratch};

/// The contract's own example, with a value at every key.
const EVERY_KEY: &str = r#"
default-branch: master            # else: the remote's HEAD
remote: origin
charts:                           # else: every charts/*/Chart.yaml
  - path: charts/hami             # a folder; globs allowed
    app-version: "{version}"      # a template, or false: not compared
    values:
      - key: global.imageTag
        file: values.yaml
        value: "v{version}"
carriers:
  - { file: VERSION, value: "v{version}" }
  - { file: Cargo.toml, key: package.version }
  - { file: README.md, regex: 'relguard@v(?P<version>[0-9][^\s]*)' }
changelog:
  path: docs/CHANGELOG/CHANGELOG-{major}.{minor}.md
  format: docs/CHANGELOG/CHANGELOG-0.0.0.md
  on: release-branch
  order: newest-first
  prereleases: required
branches:
  release: "release-{major}.{minor}"
  ignore: []
tags:
  release: "v{version}"
  ignore: []
  prereleases-from: release-branch
  signed: false
index:
  branch: gh-pages
  path: index.yaml
  archives: charts
  url: https://example.github.io/project
since: v2.4.0
rules:
  tag/sequence: off
exceptions:
  - { rule: tag/version, on: v2.6.1, reason: shipped before the gate, until: 2027-01-01 }
"#;

/// A project in order: one chart, its values, its changelog.
fn project() -> Scratch {
    let scratch = Scratch::new();
    let chart = "apiVersion: v2\nname: hami\nversion: 1.2.3\nappVersion: \"1.2.3\"\n";
    scratch.write("charts/hami/Chart.yaml", chart);
    scratch.write("docs/CHANGELOG/CHANGELOG-1.2.md", "# v1.2.3\n\n- a fix\n");
    scratch
}

/// What `check` says with this config.
fn check(config: impl AsRef<[u8]>) -> Ran {
    let scratch = project();
    scratch.write(".relguard.yaml", config);
    scratch.relguard(["check"])
}

#[track_caller]
fn accepted(config: impl AsRef<[u8]>) {
    let ran = check(config).exits(0);
    assert_eq!(ran.stdout, "1 chart checked, nothing found\n");
    assert_eq!(ran.stderr, "");
}

/// The whole message: place, cause, and the line with the way out.
#[track_caller]
fn refused(config: impl AsRef<[u8]>, place: &str, cause: &str, help: &str) {
    let shown = String::from_utf8_lossy(config.as_ref()).into_owned();
    let ran = check(config).exits(2);
    assert_eq!(ran.stdout, "", "{shown}");
    let wanted = format!("error: .relguard.yaml:{place}: {cause}\n  = help: {help}\n");
    assert_eq!(ran.stderr, wanted, "{shown}");
}

#[test]
fn the_whole_example_is_a_config() {
    let scratch = project();
    scratch.write(".relguard.yaml", EVERY_KEY);
    scratch.write("charts/hami/values.yaml", "global:\n  imageTag: v1.2.3\n");
    scratch.write("VERSION", "v1.2.3\n");
    scratch.write("Cargo.toml", "[package]\nversion = \"1.2.3\"\n");
    scratch.write("README.md", "relguard@v1.2.3\n");
    scratch.write("docs/CHANGELOG/CHANGELOG-0.0.0.md", "# v0.0.0\n");
    let ran = scratch.relguard(["check"]).exits(0);
    assert_eq!(ran.stdout, "1 chart checked, nothing found\n");
}

#[test]
fn nothing_written_is_the_documented_process() {
    for config in ["", "\n\n", "# only a comment\n", "---\n", "---\n# a\n...\n", "{}\n", "null\n"] {
        accepted(config);
    }
}

#[test]
fn a_key_without_a_value_is_no_default() {
    // What is not there is placed where its key ends.
    let cases = [
        ("charts:\n", "1:7"),
        ("charts:\n  # - path: charts/a\n", "1:7"),
        ("charts: ~\n", "1:9"),
        ("tags:\n  signed:\n", "2:9"),
    ];
    for (config, place) in cases {
        refused(config, place, "nothing stands here", "write a value, or leave the key out");
    }
}

#[test]
fn line_breaks_and_marks_of_other_systems_are_read() {
    accepted("remote: origin\r\ntags:\r\n  release: \"v{version}\"\r\n");
    accepted("\u{feff}remote: origin\n");
    refused("\u{feff}remot: a\n", "1:1", "there is no key `remot` here", "did you mean `remote`?");
    refused("remote: a\r\n\r\nremot: b\r\n", "3:1", "there is no key `remot` here", "did you mean `remote`?");
}

#[test]
fn a_number_is_read_as_it_is_written() {
    accepted("since: 2.4.0\n");
    accepted("exceptions: [{rule: tag/version, on: 1.10, reason: 2, until: 2027-01-01}]\n");
    let scratch = project();
    scratch.write(".relguard.yaml", "carriers: [{file: VERSION, value: 1.10}]\n");
    scratch.write("VERSION", "1.1\n");
    let report = scratch.json(["check"]);
    assert_eq!(report["findings"][0]["fix"]["edits"][0]["replacement"], "1.10");
    refused("since: 2.4\n", "1:8", "`2.4` is no version", "write it as 1.2.3 or v1.2.3");
}

#[test]
fn aliases_stand_for_what_they_name() {
    let scratch = project();
    scratch.write(
        ".relguard.yaml",
        "tags: {release: &t \"v{version}\"}\ncarriers: [{file: VERSION, value: *t}]\n",
    );
    scratch.write("VERSION", "v1.2.3\n");
    scratch.relguard(["check"]).exits(0);
    // A bad value is named where it is used, not where it is anchored.
    refused(
        "default-branch: &x main\nsince: *x\n",
        "2:8",
        "`main` is no version",
        "write it as 1.2.3 or v1.2.3",
    );
}

#[test]
fn an_unknown_key_is_named_at_every_level() {
    let near = |config: &str, place: &str, key: &str, near: &str| {
        refused(config, place, &format!("there is no key `{key}` here"), &format!("did you mean `{near}`?"));
    };
    near("chart: []\n", "1:1", "chart", "charts");
    near("Remote: a\n", "1:1", "Remote", "remote");
    near("default_branch: a\n", "1:1", "default_branch", "default-branch");
    near("charts:\n  - pth: x\n", "2:5", "pth", "path");
    near("charts:\n  - path: x\n    appVersion: a\n", "3:5", "appVersion", "app-version");
    near("charts: [{path: x, values: [{key: a, valu: b}]}]\n", "1:38", "valu", "value");
    near("carriers: [{file: a, regexp: b}]\n", "1:22", "regexp", "regex");
    near("changelog: {pat: a}\n", "1:13", "pat", "path");
    near("branches: {releases: a}\n", "1:12", "releases", "release");
    near("tags: {prerelease-from: any}\n", "1:8", "prerelease-from", "prereleases-from");
    near("index: {archive: a}\n", "1:9", "archive", "archives");
    near("exceptions: [{rule: tag/name, on: a, reason: b, untill: c}]\n", "1:49", "untill", "until");
    refused("branches: {zzz: 1}\n", "1:12", "there is no key `zzz` here", "there are: release, ignore");
}

#[test]
fn a_key_that_is_needed_is_asked_for() {
    let schema = "`relguard schema` prints what the config may hold";
    let missing = |config: &str, place: &str, key: &str| {
        refused(config, place, &format!("key `{key}` is missing here"), schema);
    };
    missing("charts:\n  - app-version: false\n", "2:5", "path");
    missing("charts: [{path: a, values: [{file: b}]}]\n", "1:29", "key");
    missing("carriers: [{key: a}]\n", "1:12", "file");
    missing("exceptions: [{rule: tag/name, on: a}]\n", "1:14", "reason");
}

#[test]
fn a_word_that_is_none_of_the_choices_gets_them() {
    let word = |config: &str, place: &str, word: &str, help: &str| {
        refused(config, place, &format!("`{word}` is not a value for this key"), help);
    };
    let on = "did you mean `release-branch`? There are: release-branch, default-branch";
    word("changelog: {on: release-brnch}\n", "1:17", "release-brnch", on);
    word("changelog:\n  order: 3\n", "2:10", "3", "there are: newest-first, oldest-first, any");
    let prereleases = "did you mean `optional`? There are: required, optional";
    word("changelog: {prereleases: option}\n", "1:26", "option", prereleases);
    word("tags: {prereleases-from: xyz}\n", "1:26", "xyz", "there are: release-branch, any");
    let level = "did you mean `warning`? There are: off, warning, error";
    word("rules: {chart/version: warn}\n", "1:24", "warn", level);
    refused(
        "rules: {chart/verson: off}\n",
        "1:9",
        "there is no rule `chart/verson`",
        "did you mean `chart/version`?",
    );
    refused("rules: {xyz: off}\n", "1:9", "there is no rule `xyz`", "`relguard rules` lists them");
    refused(
        "exceptions: [{rule: tag/versio, on: a, reason: b}]\n",
        "1:21",
        "there is no rule `tag/versio`",
        "did you mean `tag/version`?",
    );
}

#[test]
fn a_value_of_another_kind_is_told_in_plain_words() {
    let schema = "`relguard schema` prints what the config may hold";
    let kind = |config: &str, place: &str, cause: &str| refused(config, place, cause, schema);
    kind("hello\n", "1:1", "a mapping of the config's keys is expected here, not \"hello\"");
    kind("charts: x\n", "1:9", "a list is expected here, not \"x\"");
    kind("charts: {path: x}\n", "1:9", "a list is expected here, not a mapping");
    kind("charts: [a]\n", "1:10", "a mapping with `path` is expected here, not \"a\"");
    kind("tags: {signed: yes}\n", "1:16", "true or false is expected here, not \"yes\"");
    kind("remote: [a]\n", "1:9", "a text is expected here, not a list");
    kind("remote: true\n", "1:9", "a text is expected here, not `true`");
    kind("rules: {tag/name: [off]}\n", "1:19", "one word is expected here");
    kind("? [a]\n: b\n", "1:3", "a key must be one word");
    let toggle = "write `false`, or the value itself";
    refused("changelog: true\n", "1:12", "`true` says nothing here", toggle);
    refused("index: {archives: true}\n", "1:19", "`true` says nothing here", toggle);
    refused("charts: [{path: a, app-version: true}]\n", "1:33", "`true` says nothing here", toggle);
}

#[test]
fn a_list_does_not_stand_for_a_mapping() {
    for config in ["- a\n", "tags: [\"v{version}\"]\n", "charts: [[charts/hami]]\n", "branches: []\n"] {
        let ran = check(config).exits(2);
        assert!(ran.stderr.contains("is expected here, not a list"), "{config}{}", ran.stderr);
    }
}

#[test]
fn a_template_holds_known_placeholders_and_those_it_needs() {
    let example = "for example: \"v{version}\"";
    let unknown = "there is no placeholder {verison}; there are {version}, {major}, {minor}, {patch}";
    refused("tags: {release: \"v{verison}\"}\n", "1:17", unknown, example);
    refused("carriers: [{file: a, value: \"v{verison}\"}]\n", "1:29", unknown, example);
    refused("charts: [{path: a, app-version: \"{verison}\"}]\n", "1:33", unknown, example);
    refused("tags: {release: \"v{version\"}\n", "1:17", "a `{` has no `}`", example);
    refused("tags: {release: \"\"}\n", "1:17", "nothing stands here", example);
    refused(
        "tags: {release: v}\n",
        "1:17",
        "a release tag stands for one version, so its name needs {version}",
        "for example: v{version}",
    );
    let line =
        "a release branch stands for a minor line, so its name needs {major} and {minor}, and only these";
    for template in ["release-{major}", "release-{version}", "{major}.{minor}.{patch}", "release"] {
        let config = format!("branches: {{release: \"{template}\"}}\n");
        refused(config, "1:21", line, "for example: release-{major}.{minor}");
    }
    refused(
        "changelog: {path: \"C-{version}.md\"}\n",
        "1:19",
        "a changelog is kept for a minor line, or for all of them",
        "use {major} and {minor}, or no placeholder",
    );
}

#[test]
fn a_regex_is_read_and_names_the_version() {
    let example = "write it as (?P<version>[0-9]+\\.[0-9]+\\.[0-9]+)";
    let carrier = |regex: &str| format!("carriers: [{{file: a, regex: '{regex}'}}]\n");
    refused(carrier("("), "1:29", "the regex can't be read: unclosed group", example);
    refused(carrier("[0-9]+"), "1:29", "the regex has no group named `version`", example);
    refused(carrier("(?P<v>x)"), "1:29", "the regex has no group named `version`", example);
    refused(
        "carriers: [{file: a, regex: '(?P<version>x)', key: b}]\n",
        "1:52",
        "a carrier has a key or a regex, not both",
        "make two carriers of it",
    );
    let scratch = project();
    scratch.write(".relguard.yaml", "carriers: [{file: a, regex: '(?i)image:V(?P<version>\\S+)'}]\n");
    scratch.write("a", "IMAGE:v1.2.3\n");
    scratch.relguard(["check"]).exits(0);
}

#[test]
fn a_glob_that_can_not_be_read_is_refused() {
    for config in [
        "branches: {ignore: [\"[a\"]}\n",
        "tags: {ignore: [\"v*\", \"[\"]}\n",
        "charts: [{path: \"charts/[\"}]\n",
    ] {
        let ran = check(config).exits(2);
        assert!(ran.stderr.contains(": the glob can't be read: "), "{config}{}", ran.stderr);
        assert!(
            ran.stderr.ends_with("  = help: `*` stays inside a name, `**` crosses `/`\n"),
            "{}",
            ran.stderr
        );
    }
    accepted("branches: {ignore: [\"release-*-wip\", \"topic/**\"]}\n");
}

#[test]
fn a_path_stays_in_the_repository() {
    let inside = "every path is inside the repository";
    let absolute = "the path is absolute; write it relative to the repository's root";
    let leaves = "the path leaves the repository's root";
    let backslash = "the path holds a backslash or NUL; write `/` between folders";
    let carrier = |path: &str| format!("carriers: [{{file: '{path}'}}]\n");
    refused(carrier("/etc/passwd"), "1:19", absolute, inside);
    refused(carrier("C:/x"), "1:19", absolute, inside);
    refused(carrier("c:\\x"), "1:19", absolute, inside);
    refused(carrier("a\\b"), "1:19", backslash, inside);
    refused(carrier("../x"), "1:19", leaves, inside);
    refused(carrier("a/../../x"), "1:19", leaves, inside);
    refused(carrier("a/.."), "1:19", "a carrier is a file", "name the file that carries the version");
    refused("charts: [{path: ../x}]\n", "1:17", leaves, inside);
    refused("changelog: {path: /C.md}\n", "1:19", absolute, inside);
    refused("changelog: {format: ../C.md}\n", "1:21", leaves, inside);
    refused("index: {path: ../i.yaml}\n", "1:15", leaves, inside);
    refused("index: {archives: /c}\n", "1:19", absolute, inside);
    let relative = "the path is relative to the chart's folder";
    let values =
        |path: &str| format!("charts: [{{path: charts/hami, values: [{{key: a, file: '{path}'}}]}}]\n");
    refused(values("../../../v.yaml"), "1:54", leaves, relative);
    refused(values("/v.yaml"), "1:54", absolute, relative);
    refused(values("../.."), "1:54", "a file is expected here", "for example: values.yaml");
}

#[test]
fn a_values_file_may_lie_beside_the_chart() {
    let scratch = project();
    let config = "charts: [{path: charts/hami, values: [{key: tag, file: ../common/values.yaml}]}]\n";
    scratch.write(".relguard.yaml", config);
    scratch.write("charts/common/values.yaml", "tag: 1.2.3\n");
    scratch.relguard(["check"]).exits(0);
    scratch.write("charts/common/values.yaml", "tag: 1.2.2\n");
    let report = scratch.json(["check"]);
    assert_eq!(report["findings"][0]["location"]["path"], "charts/common/values.yaml");
}

#[test]
fn names_days_and_addresses_are_looked_at() {
    let name = "for example: main";
    let branch = |text: &str| format!("default-branch: \"{text}\"\n");
    refused(branch("a b"), "1:17", "`a b` is no short name of a branch or remote", name);
    refused(
        branch("refs/heads/main"),
        "1:17",
        "`refs/heads/main` is no short name of a branch or remote",
        name,
    );
    let steering = "`\\u{1b}[31m` is no short name of a branch or remote";
    refused(branch("\\e[31m"), "1:17", steering, name);
    refused("remote: ''\n", "1:9", "nothing stands here", "write a value, or leave the key out");
    let own = "give it a branch of its own: gh-pages";
    for (config, place, what) in [
        ("default-branch: trunk\nindex: {branch: trunk}\n", "2:17", "trunk, which is the default branch"),
        ("index: {branch: release-1.2}\n", "1:17", "release-1.2, which is a release branch"),
    ] {
        refused(config, place, &format!("the chart index can't be on {what}"), own);
    }
    refused("index: {url: x}\n", "1:14", "`x` is no URL", "for example: https://example.github.io/project");
    let until = |day: &str| format!("exceptions: [{{rule: tag/name, on: a, reason: b, until: {day}}}]\n");
    for day in ["2027-02-30", "2027-13-01", "tomorrow", "01.01.2027", "2027-1-1"] {
        refused(until(day), "1:56", &format!("`{day}` is no day"), "write it as YYYY-MM-DD");
    }
    for key in ["a..b", "a[b]", ".", "a."] {
        let config = format!("carriers: [{{file: a, key: '{key}'}}]\n");
        refused(config, "1:27", &format!("`{key}` is no key"), "write it as image.tag or images[0].tag");
    }
}

#[test]
fn nothing_is_said_twice() {
    let keep = "keep one of the two";
    refused("remote: a\nremote: b\n", "2:1", "key `remote` is there twice, first in line 1", keep);
    refused(
        "tags:\n  signed: true\n  signed: true\n",
        "3:3",
        "key `signed` is there twice, first in line 2",
        keep,
    );
    refused("charts: [{path: a}, {path: ./a/}]\n", "1:28", "the chart a is listed twice", keep);
    refused("carriers: [{file: a}, {file: a, value: x}]\n", "1:30", "the carrier a is listed twice", keep);
    refused(
        "charts: [{path: a, values: [{key: b.c}, {key: b.c, value: x}]}]\n",
        "1:47",
        "the key b.c of values.yaml is listed twice",
        keep,
    );
    accepted("branches: {ignore: [a, a]}\n");
}

#[test]
fn what_is_no_yaml_document_says_where_and_why() {
    refused(
        "remote: a\n---\nremote: b\n",
        "2:1",
        "a second YAML document begins here; only one is read",
        "remove the `---` and what belongs to the other document",
    );
    refused(b"remote: \xff\n", "1:9", "byte 0xff is not UTF-8", "save the file as UTF-8");
    for (config, place) in
        [("tags:\n\trelease: x\n", "2:"), ("remote: \"a\n", ""), ("x: *a\n", "1:4"), ("a: [\n", "1:")]
    {
        let ran = check(config).exits(2);
        let start = format!("error: .relguard.yaml:{place}");
        assert!(ran.stderr.starts_with(&start), "{config}{}", ran.stderr);
        let cause = ran.stderr.lines().next().unwrap().rsplit_once(": ").unwrap().1;
        assert!(!cause.is_empty(), "no cause is given for {config}{}", ran.stderr);
    }
}

#[test]
fn no_charts_are_said_with_an_empty_list() {
    let scratch = Scratch::new();
    scratch.relguard(["check"]).exits(1);
    scratch.write(".relguard.yaml", "charts: []\n");
    let ran = scratch.relguard(["check"]).exits(0);
    assert_eq!(ran.stdout, "0 charts checked, nothing found\n");
}

#[test]
fn another_spelling_of_the_name_is_refused() {
    let scratch = project();
    scratch.write(".relguard.yml", "remote: a\n");
    let wanted = "error: .relguard.yml is not read: the config's name is .relguard.yaml\n  \
                  = help: git mv .relguard.yml .relguard.yaml\n";
    assert_eq!(scratch.relguard(["check"]).exits(2).stderr, wanted);
    scratch.write(".relguard.yaml", "remote: a\n");
    assert_eq!(scratch.relguard(["check"]).exits(2).stderr, wanted);
}

#[test]
fn something_else_than_a_file_is_refused() {
    let scratch = project();
    std::fs::create_dir(scratch.path().join(".relguard.yaml")).unwrap();
    let ran = scratch.relguard(["check"]).exits(2);
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.starts_with("error: .relguard.yaml can't be read: a folder"), "{}", ran.stderr);
}
