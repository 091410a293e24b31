//! The charts that a chart takes in.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, EntryType, Header};

use crate::support::Scratch;
use crate::{cannot, chart, content, names, package, refused};

/// A chart with these dependencies, in YAML's short form.
pub(crate) fn with(dependencies: &str) -> Scratch {
    let scratch = chart::project();
    let text = format!("{}dependencies: [{dependencies}]\n", scratch.read(chart::CHART));
    scratch.write(chart::CHART, text);
    scratch
}

/// A chart's text.
pub(crate) fn named(name: &str, version: &str) -> String {
    format!("apiVersion: v2\nname: {name}\nversion: {version}\n")
}

/// A gzipped tar of files.
pub(crate) fn archive(entries: &[(&str, EntryType, &str)]) -> Vec<u8> {
    let mut tar = Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, kind, text) in entries {
        let mut header = Header::new_ustar();
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(*kind);
        header.set_size(text.len() as u64);
        header.set_cksum();
        tar.append(&header, text.as_bytes()).unwrap();
    }
    let mut gzip = tar.into_inner().unwrap();
    gzip.flush().unwrap();
    gzip.finish().unwrap()
}

#[test]
fn charts_of_the_repository_are_taken_in() {
    let scratch = with("{name: common, version: ^0.1, repository: 'file://../../libs/common'}");
    scratch.write("libs/common/Chart.yaml", format!("{}unknown: 1\n", named("common", "0.1.7")));
    scratch.write("libs/common/.helmignore", "*.md\n").write("libs/common/README.md", "x");
    scratch
        .write("libs/common/templates/_a.tpl", "a\n")
        .write("libs/common/charts/own/Chart.yaml", named("own", "1.0.0"));
    scratch.commit("A library");
    package(&scratch).exits(0);
    let made = scratch.outside("out/app-1.0.0.tgz");
    let expected = [
        "Chart.yaml",
        "values.yaml",
        "charts/common/Chart.yaml",
        "charts/common/templates/_a.tpl",
        "charts/common/.helmignore",
        "charts/common/charts/own/Chart.yaml",
    ];
    assert_eq!(names(&made), expected.map(|name| format!("app/{name}")));
    assert_eq!(content(&made, "app/charts/common/Chart.yaml"), named("common", "0.1.7"));
}

#[test]
fn what_lies_in_charts_comes_first() {
    let scratch = with("{name: common, version: ^0.1, repository: 'file://../../libs/common'}");
    scratch.write("libs/common/Chart.yaml", named("common", "0.1.7"));
    let old = named("common", "0.1.1");
    let vendored = archive(&[
        ("common/Chart.yaml", EntryType::Regular, &old),
        ("common/templates/a.yaml", EntryType::Regular, "a: 1\n"),
        ("common/.helmignore", EntryType::Regular, "*\n"),
    ]);
    scratch.write("charts/app/charts/common-0.1.1.tgz", vendored);
    scratch.commit("Vendored");
    package(&scratch).exits(0);
    let made = scratch.outside("out/app-1.0.0.tgz");
    assert_eq!(content(&made, "app/charts/common/Chart.yaml"), old);
    assert_eq!(content(&made, "app/charts/common/templates/a.yaml"), "a: 1\n");
}

#[test]
fn a_lock_file_that_names_an_older_chart_of_the_repository_is_refused_as_by_helm() {
    let scratch = with("{name: common, version: ^0.1, repository: 'file://../../libs/common'}");
    // The digest is helm's own.
    let lock = "dependencies:\n- name: common\n  repository: file://../../libs/common\n  version: 0.1.6\n\
                digest: sha256:9217ae3887f9f199dc205af900dae5bff70408c97c5364a35cf1e4d82eb6f5d3\ngenerated: \"2026-01-02T03:04:05Z\"\n";
    scratch.write("charts/app/Chart.lock", lock).write("libs/common/Chart.yaml", named("common", "0.1.7"));
    scratch.commit("A newer library");
    scratch.relguard(["check", "--rev", "HEAD"]).exits(0);
    let said = "is not in charts/, and Chart.lock has its version 0.1.6, but the chart at file://../../libs/common is 0.1.7";
    refused(&scratch, &[], &format!("error[chart/packageable]: the dependency common {said}"));
    let ran = scratch.relguard(["package", "--dry-run", "--format", "json"]);
    // `helm dependency build` does not bring it.
    assert!(ran.stdout.contains("\"missing\": []"), "{}", ran.stdout);
    // What lies in charts/ is what is locked, and Helm packs it.
    scratch.write("charts/app/charts/common/Chart.yaml", named("common", "0.1.6"));
    scratch.commit("Vendor it");
    package(&scratch).exits(0);
    let made = scratch.outside("out/app-1.0.0.tgz");
    assert_eq!(content(&made, "app/charts/common/Chart.yaml"), named("common", "0.1.6"));
}

#[test]
fn a_chart_from_elsewhere_has_to_be_vendored() {
    let scratch = with("{name: redis, version: ^1, repository: 'https://charts.example.org'}");
    scratch.commit("Redis");
    // For the gate it is a warning, as a pipeline may bring it.
    scratch.relguard(["check", "--rev", "HEAD"]).exits(0);
    refused(&scratch, &[], "error[chart/packageable]: the dependency redis is not in charts/");
    scratch.write(".relguard.yaml", "rules: {chart/packageable: off}\n");
    scratch.commit("Off");
    refused(&scratch, &[], "error[chart/packageable]: the dependency redis is not in charts/");
    let redis = archive(&[("redis/Chart.yaml", EntryType::Regular, &named("redis", "1.4.0"))]);
    scratch.write("charts/app/charts/redis-1.4.0.tgz", redis);
    scratch.commit("Vendor it");
    package(&scratch).exits(0);
    assert!(names(&scratch.outside("out/app-1.0.0.tgz")).contains(&"app/charts/redis/Chart.yaml".to_owned()));
}

#[test]
fn what_a_chart_of_the_repository_lacks_is_not_left_out_in_silence() {
    let scratch = with("{name: common, version: ^0.1, repository: 'file://../../libs/common'}");
    let common = format!(
        "{}dependencies: [{{name: base, version: ^1, repository: 'file://../base'}}]\n",
        named("common", "0.1.7")
    );
    scratch.write("libs/common/Chart.yaml", common).write("libs/base/Chart.yaml", named("base", "1.0.0"));
    scratch.commit("A library of a library");
    refused(&scratch, &[], "the dependency common lacks what it depends on itself: base");
    // Under any name that Helm takes for a chart's archive.
    let base = archive(&[("base/Chart.yaml", EntryType::Regular, &named("base", "1.0.0"))]);
    scratch.write("libs/common/charts/newest.tgz", base);
    scratch.commit("Vendor it");
    package(&scratch).exits(0);
    let made = names(&scratch.outside("out/app-1.0.0.tgz"));
    assert!(made.contains(&"app/charts/common/charts/base/Chart.yaml".to_owned()), "{made:?}");
}

#[test]
fn what_a_file_repository_lacks_is_refused_with_and_without_the_rule() {
    let local = "{name: common, version: ^2, repository: 'file://../../libs/common'}";
    let cases = [
        (
            named("common", "0.1.7"),
            "version 0.1.7, which is not in `^2`",
            "version 0.1.7, which is not in `^2`",
        ),
        (named("other", "2.0.0"), "the chart there is named other", "the chart there is named other"),
        ("a: [".to_owned(), "its Chart.yaml can't be read", "its Chart.yaml can't be read"),
        (named("common", "latest"), "its version latest is none", "its version latest is none"),
    ];
    for (text, by_rule, without) in cases {
        let scratch = with(local);
        scratch.write("libs/common/Chart.yaml", text);
        scratch.commit("A library");
        refused(&scratch, &[], by_rule);
        scratch.write(".relguard.yaml", "rules: {chart/packageable: off}\n");
        scratch.commit("Off");
        cannot(&scratch, &[], without);
    }
    let scratch = with(local);
    scratch.commit("Nothing");
    refused(&scratch, &[], "the dependency common is not at libs/common");
}

#[test]
fn an_archive_that_lies_is_refused_by_name_and_entry() {
    let chart = named("evil", "1.0.0");
    let good = ("evil/Chart.yaml", EntryType::Regular, chart.as_str());
    let big = "0".repeat(5 * 1024 * 1024 + 1);
    let cases: [(Vec<u8>, &str); 8] = [
        (
            archive(&[good, ("evil/../../.bashrc", EntryType::Regular, "x")]),
            "its entry evil/../../.bashrc leads out",
        ),
        (
            archive(&[good, ("/etc/cron.d/x", EntryType::Regular, "x")]),
            "its entry /etc/cron.d/x is an absolute path",
        ),
        (archive(&[good, ("evil/x", EntryType::Symlink, "")]), "its entry evil/x is a link"),
        (archive(&[good, ("evil/x", EntryType::Char, "")]), "its entry evil/x is no file"),
        (archive(&[good, ("evil/x", EntryType::Regular, &big)]), "its file x has over 5 MiB"),
        (archive(&[("evil/values.yaml", EntryType::Regular, "")]), "it holds no Chart.yaml"),
        (archive(&[good])[..60].to_vec(), "it is cut off"),
        (b"<html>".to_vec(), "it is not compressed by gzip"),
    ];
    for (bytes, said) in cases {
        let scratch = with("{name: evil, version: ^1, repository: 'https://charts.example.org'}");
        scratch.write("charts/app/charts/evil-1.0.0.tgz", &bytes);
        scratch.commit("Evil");
        let whole = format!("charts/app/charts/evil-1.0.0.tgz is no chart's archive: {said}");
        refused(&scratch, &[], &whole);
        scratch.write(".relguard.yaml", "rules: {chart/packageable: off}\n");
        scratch.commit("Off");
        cannot(&scratch, &[], &whole);
    }
}

/// The archive of a chart with archives in its charts/.
fn holding(name: &str, version: &str, charts: &[(String, &[u8])]) -> Vec<u8> {
    let text = named(name, version);
    let mut tar = Builder::new(GzEncoder::new(Vec::new(), Compression::best()));
    let files = charts.iter().map(|(file, bytes)| (format!("{name}/charts/{file}"), *bytes));
    for (path, bytes) in std::iter::once((format!("{name}/Chart.yaml"), text.as_bytes())).chain(files) {
        let mut header = Header::new_ustar();
        header.set_size(bytes.len() as u64);
        tar.append_data(&mut header, path, bytes).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}

/// A project that takes in the chart `a` of an archive.
fn vendoring(archive: &[u8]) -> Scratch {
    let scratch = with("{name: a, version: ^1, repository: 'https://charts.example.org'}");
    scratch.write("charts/app/charts/a-1.0.0.tgz", archive);
    scratch.commit("Vendored");
    scratch
}

/// A chart in an archive in an archive, so many of them.
fn nested(archives: usize) -> Vec<u8> {
    let inner = holding("a", "1.0.0", &[]);
    (1..archives).fold(inner, |inner, _| holding("a", "1.0.0", &[("a-1.0.0.tgz".to_owned(), &inner)]))
}

#[test]
fn charts_in_charts_end_somewhere() {
    let scratch = vendoring(&nested(4));
    package(&scratch).exits(0);
    let deepest = "app/charts/a/charts/a/charts/a/charts/a/Chart.yaml".to_owned();
    assert!(names(&scratch.outside("out/app-1.0.0.tgz")).contains(&deepest));
    refused(&vendoring(&nested(5)), &[], "over 4 archives lie in one another");
}

#[test]
fn archives_in_archives_share_one_limit() {
    // 20 in each of 20 in each of 20: 8000 at the bottom.
    let level = |below: Vec<(String, Vec<u8>)>| -> Vec<(String, Vec<u8>)> {
        let charts: Vec<_> = below.iter().map(|(file, bytes)| (file.clone(), bytes.as_slice())).collect();
        (0..20).map(|n| (format!("c{n}.tgz"), holding(&format!("c{n}"), "1.0.0", &charts))).collect()
    };
    let levels: Vec<_> = (0..3).fold(Vec::new(), |below, _| level(below));
    let bomb = |archives: usize| {
        let charts = levels.iter().take(archives).map(|(file, bytes)| (file.clone(), bytes.as_slice()));
        vendoring(&holding("a", "1.0.0", &charts.collect::<Vec<_>>()))
    };
    refused(&bomb(20), &[], "over 250 archives lie in the chart");
    // As many as may lie in a chart: 1 + 11 * 21.
    let two = level(level(Vec::new()));
    let charts: Vec<_> = two.iter().take(11).map(|(file, bytes)| (file.clone(), bytes.as_slice())).collect();
    package(&vendoring(&holding("a", "1.0.0", &charts))).exits(0);
}

#[test]
fn two_versions_of_one_name_would_lie_over_each_other() {
    let ask = |alias: &str, version: &str| {
        format!(
            "{{name: redis, alias: {alias}, version: {version}, repository: 'https://charts.example.org'}}"
        )
    };
    let redis = |version| archive(&[("redis/Chart.yaml", EntryType::Regular, &named("redis", version))]);
    let scratch = with(&format!("{}, {}", ask("cache", "1.2.0"), ask("queue", "2.0.0")));
    for version in ["1.2.0", "2.0.0"] {
        scratch.write(&format!("charts/app/charts/redis-{version}.tgz"), redis(version));
    }
    scratch.write(".gitignore", "*.tgz\n");
    scratch.commit("Not vendored");
    refused(&scratch, &[], "two versions of redis are asked for");
    scratch.git(["add", "-f", "charts/app/charts/redis-1.2.0.tgz"]);
    scratch.commit("One is");
    refused(&scratch, &[], "two versions of redis are asked for");
    // One version under two names is one chart.
    let scratch = with(&format!("{}, {}", ask("cache", "1.2.0"), ask("queue", "1.2.0")));
    scratch.write("charts/app/charts/redis-1.2.0.tgz", redis("1.2.0"));
    scratch.commit("Vendored");
    package(&scratch).exits(0);
}

/// What Helm says of a chart within a chart, as one in a folder, one in an archive, and one at a `file://` repository.
#[test]
fn a_chart_within_a_chart_is_judged_as_helm_loads_it() {
    let fine = named("sub", "1.0.0");
    let aliased =
        |alias: &str| format!("{fine}dependencies: [{{name: x, version: 1.0.0, alias: '{alias}'}}]\n");
    let refused_ones = [
        ("values.yaml", "a: 1\n  b: 2\n", "its values.yaml can't be read in line 2"),
        ("values.yaml", "- a\n", "its values.yaml holds no keys and values"),
        ("values.yaml", "text\n", "its values.yaml holds no keys and values"),
        ("values.schema.json", "{", "its values.schema.json can't be read"),
        ("Chart.lock", "a: [", "its Chart.lock can't be read"),
        ("Chart.yaml", &format!("{fine}type: xx\n"), "its type xx is neither application nor library"),
        ("Chart.yaml", &format!("{fine}keywords: gpu\n"), "keywords of its Chart.yaml is not a list"),
        ("Chart.yaml", &named("sub", "abc"), "its version abc is none"),
        ("Chart.yaml", &named("../evil", "1.0.0"), "../evil"),
        ("Chart.yaml", &aliased("a.b"), "its alias a.b is none for Helm"),
        ("charts/README.md", "junk", "holds no Chart.yaml"),
    ];
    let taken = ["", "null\n", "a: 1\na: 2\n", "a: 1\n---\nb: {\n", "1: a\n"];
    let taken = taken.map(|values| ("values.yaml", values, ""));
    for (path, text, said) in refused_ones.into_iter().chain(taken) {
        let mut files = vec![("Chart.yaml", fine.as_str()), ("values.yaml", "a: 1\n")];
        files.retain(|(other, _)| *other != path);
        files.push((path, text));
        for scratch in [in_folder(&files), in_archive(&files), in_repository(&files)] {
            scratch.commit("A chart within");
            if said.is_empty() {
                package(&scratch).exits(0);
            } else {
                refused(&scratch, &[], said);
            }
        }
    }
}

fn in_folder(files: &[(&str, &str)]) -> Scratch {
    let scratch = chart::project();
    for (path, text) in files {
        scratch.write(&format!("charts/app/charts/sub/{path}"), text);
    }
    scratch
}

fn in_archive(files: &[(&str, &str)]) -> Scratch {
    let scratch = chart::project();
    let named: Vec<_> = files.iter().map(|(path, text)| (format!("sub/{path}"), *text)).collect();
    let entries: Vec<_> =
        named.iter().map(|(path, text)| (path.as_str(), EntryType::Regular, *text)).collect();
    scratch.write("charts/app/charts/sub-1.0.0.tgz", archive(&entries));
    scratch
}

fn in_repository(files: &[(&str, &str)]) -> Scratch {
    let scratch = with("{name: sub, version: '>=0', repository: 'file://../../libs/sub'}");
    for (path, text) in files {
        scratch.write(&format!("libs/sub/{path}"), text);
    }
    scratch
}
