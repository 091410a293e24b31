use super::*;
use crate::domain::RepoPath;

const TIME: &str = "2026-01-02T03:04:05Z";

const PLAIN: &str = "apiVersion: v1
entries:
  app:
  # the newest
  - apiVersion: v2
    annotations:
      a: |
        - version: 9.9.9
    created: \"2025-01-01T00:00:00.1Z\"
    digest: aa
    name: app
    urls:
    - charts/app-1.2.0.tgz
    version: 1.2.0
  - created: \"2024-01-01T00:00:00Z\"
    digest: bb
    name: app
    urls: [charts/app-1.0.0.tgz]
    version: 1.0.0 # the first
  other:
  - name: other
    version: \"1.10\"
generated: \"2025-01-01T00:00:00.1Z\"
";

fn index(text: &str) -> ChartIndex {
    let path = RepoPath::parse("index.yaml").unwrap();
    ChartIndex::parse(&Arc::new(SourceText::new(path, text))).unwrap()
}

fn entry(chart: &str, version: &str) -> NewEntry {
    let lines = format!("name: {chart}\nversion: {version}\n");
    NewEntry { chart: chart.into(), version: version.into(), lines }
}

#[track_caller]
fn added(text: &str, entries: &[NewEntry]) -> String {
    index(text).with(entries, TIME).unwrap()
}

/// What was added, as a diff without context.
#[track_caller]
fn lines(text: &str, entries: &[NewEntry]) -> String {
    let after = added(text, entries);
    let diff = similar::TextDiff::from_lines(text, &after);
    let changes = diff.iter_all_changes().filter(|change| change.tag() != similar::ChangeTag::Equal);
    changes.fold(String::new(), |out, change| out + &change.tag().to_string() + change.value())
}

const GENERATED: &str = "-generated: \"2025-01-01T00:00:00.1Z\"\n+generated: \"2026-01-02T03:04:05Z\"\n";

#[test]
fn entries_are_read_with_their_places() {
    let index = index(PLAIN);
    let read: Vec<_> = index
        .entries()
        .map(|(chart, entry)| {
            let version = entry.version.as_ref().unwrap();
            let written = PLAIN.get(version.range.clone()).unwrap();
            assert_eq!(written.trim_matches('"'), version.text);
            (chart, version.text.as_str(), entry.sha256(), entry.urls.len())
        })
        .collect();
    let digest = |text: &str| Some(text.to_owned());
    assert_eq!(
        read,
        [("app", "1.2.0", digest("aa"), 1), ("app", "1.0.0", digest("bb"), 1), ("other", "1.10", None, 0)]
    );
}

#[test]
fn a_version_is_put_before_the_lower_ones() {
    let block = |version: &str| format!("+  - name: app\n+    version: {version}\n");
    assert_eq!(lines(PLAIN, &[entry("app", "1.3.0")]), block("1.3.0") + GENERATED);
    assert_eq!(lines(PLAIN, &[entry("app", "1.1.0")]), block("1.1.0") + GENERATED);
    assert_eq!(lines(PLAIN, &[entry("app", "0.9.0")]), block("0.9.0") + GENERATED);
    assert!(
        added(PLAIN, &[entry("app", "1.3.0")])
            .contains("  app:\n  - name: app\n    version: 1.3.0\n  # the newest\n")
    );
    assert!(
        added(PLAIN, &[entry("app", "0.9.0")])
            .contains("# the first\n  - name: app\n    version: 0.9.0\n  other:\n")
    );
    let both = [entry("app", "1.4.0-rc.1"), entry("app", "1.4.0")];
    assert_eq!(lines(PLAIN, &both), block("1.4.0") + &block("1.4.0-rc.1") + GENERATED);
}

#[test]
fn a_chart_is_put_in_its_place() {
    let block = |name: &str| format!("+  {name}:\n+  - name: {name}\n+    version: 1.0.0\n");
    for name in ["a", "b"] {
        assert_eq!(lines(PLAIN, &[entry(name, "1.0.0")]), block(name) + GENERATED, "{name}");
    }
    assert!(added(PLAIN, &[entry("z", "1.0.0")]).contains("version: \"1.10\"\n  z:\n"));
    assert!(added(PLAIN, &[entry("a", "1.0.0")]).contains("entries:\n  a:\n"));
}

#[test]
fn an_index_without_entries_gets_them() {
    let block = "  app:\n  - name: app\n    version: 1.0.0\n";
    let new = [entry("app", "1.0.0")];
    for entries in ["entries: {}", "entries:", "entries: null", "entries: {} # none"] {
        let after = added(&format!("apiVersion: v1\n{entries}\ngenerated: 2025-01-01T00:00:00Z\n"), &new);
        let comment = if entries.ends_with("none") { " # none" } else { "" };
        let block = block.trim_end();
        assert_eq!(
            after,
            format!("apiVersion: v1\nentries:\n{block}{comment}\ngenerated: {TIME}\n"),
            "{entries}"
        );
    }
    assert_eq!(added("", &new), format!("apiVersion: v1\nentries:\n{block}"));
    assert_eq!(added("# mine\n", &new), format!("# mine\napiVersion: v1\nentries:\n{block}"));
    assert_eq!(added("apiVersion: v1\n", &new), format!("apiVersion: v1\nentries:\n{block}"));
    assert_eq!(added("entries:\n", &new), format!("apiVersion: v1\nentries:\n{block}"));
    assert_eq!(new_index(&new, TIME), format!("apiVersion: v1\nentries:\n{block}generated: \"{TIME}\"\n"));
    for none in ["[]", "", "~"] {
        let after = added(&format!("apiVersion: v1\nentries:\n  app: {none}\n"), &new);
        assert_eq!(after, format!("apiVersion: v1\nentries:\n{block}"), "{none}");
    }
}

#[test]
fn the_files_own_form_is_kept() {
    let crlf = PLAIN.replace('\n', "\r\n");
    let after = added(&crlf, &[entry("app", "1.3.0"), entry("z", "1.0.0")]);
    assert_eq!(after.replace("\r\n", "\n"), added(PLAIN, &[entry("app", "1.3.0"), entry("z", "1.0.0")]));
    assert_eq!(after.matches('\n').count(), after.matches("\r\n").count());
    let open = "\u{feff}apiVersion: v1\nentries:\n    \"app\":\n      - version: 1.0.0";
    assert_eq!(
        added(open, &[entry("app", "0.1.0"), entry("b", "1.0.0")]),
        format!(
            "{open}\n      - name: app\n        version: 0.1.0\n    b:\n      - name: b\n        version: 1.0.0"
        )
    );
    let block =
        "apiVersion: v1\nentries:\n  a:\n  - version: 1.0.0\n    description: |\n      text\n\n\n  b: []\n";
    assert_eq!(added(block, &[entry("a", "0.1.0")]).replace("  - name: a\n    version: 0.1.0\n", ""), block);
}

#[test]
fn what_takes_no_lines_is_refused() {
    for text in [
        "{apiVersion: v1, entries: {}}",
        "apiVersion: v1\nentries: {app: [{version: 1.0.0}]}\n",
        "apiVersion: v1\nentries:\n  app: [{version: 1.0.0}]\n",
        "apiVersion: v1\nentries:\n  app:\n  -\n    version: 1.0.0\n",
        "apiVersion: v1\nentries:\n  ? app\n  : - version: 1.0.0\n",
    ] {
        let said = index(text).with(&[entry("app", "2.0.0")], TIME).unwrap_err().to_string();
        assert!(said.starts_with("the chart index index.yaml can't be added to: "), "{text}: {said}");
    }
}

const TEXT: &str = "1.10 is a number or a truth value, where Helm loads nothing but a text";

#[test]
fn what_helm_passes_over_is_known() {
    for (entry, why) in [
        ("name: a, version: \"1.10\"", None),
        ("name: a, version: !!str 1.10", None),
        ("name: a, version: 2026-01-02", None),
        ("name: a, digest: 12345, version: 1.0.0", None),
        ("name: a", Some("it has no version")),
        ("name: a, version: null", Some("it has no version")),
        ("name: a, version: abc", Some("its version abc is none that Helm knows")),
        ("version: 1.0.0", Some("it has no name")),
        ("name: ~, version: 1.0.0", Some("it has no name")),
        ("name: \"\", version: 1.0.0", Some("it has no name")),
        ("name: b/a, version: 1.0.0", Some("its name b/a is a path")),
        ("name: a, version: 1.0.0, type: foo", Some("its type foo is none that Helm knows")),
        ("name: a, version: 1.0.0, type: \"\"", None),
        (
            "name: a, version: 1.0.0, maintainers: [{}, ~]",
            Some("its maintainers hold an item without anything"),
        ),
        (
            "name: a, version: 1.0.0, dependencies: [~]",
            Some("its dependencies hold an item without anything"),
        ),
        (
            "name: a, version: 1.0.0, dependencies: [{alias: a.b}]",
            Some("its dependencies hold the alias a.b, which Helm refuses"),
        ),
        ("name: a, version: 1.0.0, dependencies: [{alias: \"\"}, {alias: ~}, {name: a}, {name: a}]", None),
        ("name: a, version: 1.0.0, keywords: [~], sources: ~, deprecated: y, urls: [1, ~]", None),
    ] {
        let index = index(&format!("entries: {{a: [{{{entry}}}]}}"));
        assert_eq!(index.entries().next().unwrap().1.passed_over().as_deref(), why, "{entry}");
    }
}

#[test]
fn what_is_no_chart_index_is_refused() {
    for (text, cause) in [
        ("[]", "apiVersion, entries and other keys are expected here"),
        ("entries: []", "the charts' names are expected here, each with its entries"),
        ("entries: {a: {}}", "the chart's entries are expected here, each after a `-`"),
        ("entries: {a: [1]}", "an entry's keys and values are expected here"),
        ("entries: {a: [{version: []}]}", "one value is expected here"),
        ("entries: {a: [{urls: x}]}", "a list is expected here"),
        ("entries: {a: [], a: []}", "key `a` is there twice"),
        ("entries: {a: [{digest: x, digest: y}]}", "key `digest` is there twice"),
        (
            "serverInfo: &x {x: &x [{version: 1}]}\nentries: {a: *x}",
            "an alias stands here, of which a chart index has none",
        ),
        (
            "serverInfo: {x: &x {version: 1}}\nentries: {a: [{<<: *x}]}",
            "a merge key stands here, of which a chart index has none",
        ),
        ("entries: {a: [null]}", "an entry without anything stands here, which Helm 3 breaks off at"),
        ("apiVersion:\nentries: {}", "apiVersion is empty, and Helm loads no index without one"),
        ("generated: 2020-01-02", "2020-01-02 is no time as Helm writes it, 2026-01-02T03:04:05Z"),
        ("entries: {a: [{version: 1.10}]}", TEXT),
        ("entries: {a: [{appVersion: 1.10}]}", TEXT),
        ("entries: {a: [{annotations: {x: 1.10}}]}", TEXT),
        ("serverInfo: {}\n---\nb: 1\n", "a second YAML document begins here; only one is read"),
    ] {
        let path = RepoPath::parse("index.yaml").unwrap();
        let said = ChartIndex::parse(&Arc::new(SourceText::new(path, text))).unwrap_err();
        assert_eq!(said.cause, cause, "{text}");
    }
    let shared = index("annotations: {v: &v 1.0.0}\nentries: {a: [{version: *v}, {}]}");
    let versions: Vec<_> =
        shared.entries().map(|(_, entry)| entry.semver().map(|it| it.to_string())).collect();
    assert_eq!(versions, [Some("1.0.0".to_owned()), None]);
}

#[test]
fn a_value_of_another_kind_is_refused_as_by_helm() {
    const WHOLE: &str = "is expected here, or Helm loads nothing of the whole index";
    const NUMBER: &str = "1 is a number or a truth value, where Helm loads nothing but a text";
    let unknown = |key: &str| {
        format!("`{key}` is no key that Helm knows here, and it loads nothing of the whole index")
    };
    for (field, cause) in [
        ("unknown: 1", unknown("unknown")),
        ("maintainers: [{name: a, x: 1}]", unknown("x")),
        ("dependencies: [{name: a, x: 1}]", unknown("x")),
        ("keywords: a", format!("a list of texts {WHOLE}")),
        ("keywords: [1]", NUMBER.to_owned()),
        ("sources: [[]]", "one value is expected here".to_owned()),
        ("maintainers: a", format!("a list of entries with keys and values {WHOLE}")),
        ("maintainers: [a]", "keys and values are expected here".to_owned()),
        ("maintainers: [{email: 1}]", NUMBER.to_owned()),
        ("dependencies: {}", format!("a list of entries with keys and values {WHOLE}")),
        ("dependencies: [{version: 1}]", NUMBER.to_owned()),
        ("dependencies: [{tags: x}]", format!("a list of texts {WHOLE}")),
        ("dependencies: [{enabled: \"true\"}]", format!("true or false {WHOLE}")),
        ("dependencies: [{import-values: {}}]", format!("a list {WHOLE}")),
        ("dependencies: [{alias: a, alias: b}]", "key `alias` is there twice".to_owned()),
        ("deprecated: \"true\"", format!("true or false {WHOLE}")),
        ("deprecated: 1", format!("true or false {WHOLE}")),
        ("removed: {}", format!("true or false {WHOLE}")),
        ("annotations: []", format!("keys with texts {WHOLE}")),
        ("annotations: {~: a}", "a key is expected here".to_owned()),
        ("annotations: {a: b, a: c}", "key `a` is there twice".to_owned()),
        ("engine: {}", "one value is expected here".to_owned()),
    ] {
        let text = format!("apiVersion: v1\nentries: {{a: [{{name: a, version: 1.0.0, {field}}}]}}\n");
        let path = RepoPath::parse("index.yaml").unwrap();
        let said = ChartIndex::parse(&Arc::new(SourceText::new(path, text))).unwrap_err();
        assert_eq!(said.cause, cause, "{field}");
    }
    // The case of letters is nothing to Helm, nor are keys that it does not know where the file is JSON.
    index(
        "apiVersion: v1\nentries: {a: [{name: a, version: 1.0.0, Keywords: [a], URL: x, dependencies: [{Name: a}]}]}",
    );
    let json = "{\"apiVersion\": \"v1\", \"x\": 1, \"entries\": {\"a\": [{\"name\": \"a\", \"x\": 1, \"digest\": \"d\"}]}}";
    index(json);
    let number = json.replace("\"d\"", "1");
    let path = RepoPath::parse("index.yaml").unwrap();
    assert_eq!(ChartIndex::parse(&Arc::new(SourceText::new(path, number))).unwrap_err().cause, NUMBER);
}

#[test]
fn a_time_in_lines_of_its_own_stays() {
    let new = [entry("a", "1.0.0")];
    for time in [
        "|\n  2020-01-01T00:00:00Z\nserverInfo: {}\n",
        ">-\n  2020-01-01T00:00:00Z",
        "\n  2020-01-01T00:00:00Z\nserverInfo: {}\n",
    ] {
        let after = added(&format!("apiVersion: v1\nentries: {{}}\ngenerated: {time}"), &new);
        assert!(after.ends_with(&format!("generated: {time}")), "{after}");
    }
}

#[test]
fn a_large_index_is_looked_at_where_it_changed() {
    let chart = |name: &str| {
        let entry = |z: usize| format!("  - name: {name}\n    digest: d{z}\n    version: 1.0.{z}\n");
        format!("  {name}:\n{}", (0..400).rev().map(entry).collect::<String>())
    };
    let names = ["a", "c", "e", "g", "i", "k", "m", "o", "q", "s", "u", "w", "y"].map(|name| name.repeat(9));
    let charts: String = names.iter().map(|name| chart(name)).collect();
    for text in [
        format!("apiVersion: v1\nentries:\n{charts}generated: \"2025-01-01T00:00:00Z\"\n"),
        format!("apiVersion: v1\ngenerated: \"2025-01-01T00:00:00Z\"\nentries:\n{charts}"),
    ] {
        assert!(text.len() > 256 * 1024);
        let index = index(&text);
        for name in ["0", "b", "z", &names[0], &names[12]] {
            let [was, _] = verify::window(&index, &[entry(name, "2.0.0")], &[]);
            let seen: std::collections::BTreeMap<String, serde_yaml::Value> =
                serde_yaml::from_str(text.get(was).unwrap()).unwrap();
            assert!(seen.len() < 5, "{name}: {:?}", seen.keys());
            for version in ["2.0.0", "0.1.0"] {
                let after = index.with(&[entry(name, version)], TIME).unwrap();
                assert_eq!(after.matches(&format!("- name: {name}\n    version: {version}\n")).count(), 1);
            }
        }
        added(&text, &[entry("b", "1.0.0"), entry(&names[9], "1.1.0"), entry("z", "1.0.0")]);
    }
}
