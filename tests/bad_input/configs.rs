//! Configs that say what can't be: file, line, column and the nearest right word, and never the defaults.

use crate::{project, refuses};

#[test]
fn what_is_wrong_is_named_with_its_place() {
    let cases: &[(&[u8], &str, &[&str])] = &[
        (b"chart: []\n", "1:1", &["`chart`", "did you mean `charts`?"]),
        (b"charts:\n  - path: charts/a\n    vales: []\n", "3:5", &["`vales`", "did you mean `values`?"]),
        (b"tags:\n  relase: v1\n", "2:3", &["`relase`", "did you mean `release`?"]),
        (b"rules:\n  chart/versoin: off\n", "2:3", &["`chart/versoin`", "did you mean `chart/version`?"]),
        (b"rules:\n  chart/version: of\n", "2:18", &["`of`", "did you mean `off`?"]),
        (b"changelog:\n  order: newest\n", "2:10", &["`newest`", "newest-first"]),
        (b"charts:\n  - path: ../x\n", "2:11", &["leaves the repository's root"]),
        (b"charts:\n  - path: charts/../../x\n", "2:11", &["leaves the repository's root"]),
        (b"charts:\n  - path: /etc\n", "2:11", &["absolute"]),
        (b"charts:\n  - path: 'C:\\x'\n", "2:11", &["absolute"]),
        (b"charts:\n  - path: 'charts\\a'\n", "2:11", &["backslash"]),
        (b"carriers:\n  - file: ../VERSION\n", "2:11", &["leaves the repository's root"]),
        (b"carriers:\n  - file: /VERSION\n", "2:11", &["absolute"]),
        (b"changelog:\n  path: ../CHANGELOG-{major}.{minor}.md\n", "2:9", &["leaves the repository's root"]),
        (b"changelog:\n  format: /CHANGELOG-0.0.0.md\n", "2:11", &["absolute"]),
        (b"index:\n  path: ../index.yaml\n", "2:9", &["leaves the repository's root"]),
        (b"tags:\n  release: 'v{verison}'\n", "2:12", &["{verison}", "{version}"]),
        (b"tags:\n  release: 'v{version'\n", "2:12", &["help"]),
        (b"tags:\n  release: v1.2.3\n", "2:12", &["help"]),
        (b"branches:\n  release: release\n", "2:12", &["{major}"]),
        (b"carriers:\n  - file: V\n    regex: '('\n", "3:12", &["unclosed group"]),
        (b"carriers:\n  - file: V\n    regex: 'v(.*)'\n", "3:12", &["group named `version`"]),
        (b"carriers:\n  - file: V\n    regex: '(?P<version>(a{999}){999})'\n", "3:12", &["regex"]),
        (b"tags:\n  ignore: ['[a']\n", "2:12", &["glob"]),
        (b"since: soon\n", "1:8", &["`soon` is no version"]),
        (b"charts: 3\n", "1:9", &["list"]),
        (b"- a\n", "1:1", &["help"]),
        (b"charts: [\n", "1:9", &["not closed"]),
        (b"charts:\n\t- path: a\n", "2:2", &["a tab stands"]),
        (b"remote: a\nremote: b\n", "2:1", &["key `remote` is there twice, first in line 1"]),
        (b"remote: a\n---\nremote: b\n", "2:1", &["a second YAML document"]),
        (b"remote: \xff\n", "1:9", &["byte 0xff is not UTF-8"]),
        (b"'\xe2\x80\xae\\e[31m': 1\n", "1:1", &["\\u{202e}"]),
        (b"remote: \"\\e[31m\\u202E\"\n", "1:9", &["\\u{1b}[31m\\u{202e}"]),
    ];
    let scratch = project();
    for (config, place, says) in cases {
        scratch.write(".relguard.yaml", config);
        let place = format!("error: .relguard.yaml:{place}: ");
        for args in [&["check"] as &[&str], &["fix"], &["check", "--format", "json"]] {
            refuses(&scratch, args, 2, &[&[place.as_str()], *says].concat());
        }
        scratch.git(["add", "--all"]);
        refuses(&scratch, &["check", "--staged"], 2, &[&place]);
        refuses(&scratch, &["hook", "pre-commit"], 2, &[&place]);
        scratch.git(["rm", "--quiet", "--cached", ".relguard.yaml"]);
    }
}

#[test]
fn the_misspelled_config_is_refused_in_every_state() {
    let scratch = project();
    scratch.write(".relguard.yml", "rules: { chart/app-version: off }\n");
    let says = [".relguard.yml is not read: the config's name is .relguard.yaml"];
    refuses(&scratch, &["check"], 2, &says);
    refuses(&scratch, &["fix"], 2, &says);
    scratch.git(["add", "--all"]);
    refuses(&scratch, &["check", "--staged"], 2, &says);
    refuses(&scratch, &["hook", "pre-commit"], 2, &says);
    let commit = scratch.commit("config");
    refuses(&scratch, &["check", "--rev", &commit], 2, &says);
}

#[test]
fn a_config_of_the_command_line_is_no_less_strict() {
    let scratch = project();
    std::fs::write(scratch.outside("typo.yaml"), "chart: []\n").unwrap();
    refuses(
        &scratch,
        &["check", "--config", "../typo.yaml"],
        2,
        &["typo.yaml:1:1", "did you mean `charts`?"],
    );
    refuses(&scratch, &["check", "--config", "../missing.yaml"], 2, &["../missing.yaml can't be read"]);
    refuses(&scratch, &["check", "--config", "charts"], 2, &["charts can't be read"]);
}

#[test]
fn what_the_config_names_and_is_not_there_is_an_error() {
    let scratch = project();
    for (config, says) in [
        ("charts: [{ path: charts/b }]", "charts/b"),
        ("charts: [{ path: charts/a }, { path: charts/b }]", "charts/b"),
        ("charts: [{ path: 'helm/*' }]", "helm/*"),
        ("charts: [{ path: charts/a, values: [{ key: no.such }] }]", "no.such"),
        ("charts: [{ path: charts/a, values: [{ key: a, file: no.yaml }] }]", "no.yaml"),
        ("carriers: [{ file: VERSION }]", "VERSION"),
        ("changelog: { format: SAMPLE.md }", "SAMPLE.md"),
    ] {
        scratch.write(".relguard.yaml", format!("{config}\n"));
        crate::finds(&scratch, &["check"], &[says]);
    }
}
