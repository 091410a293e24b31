//! What holds for every chart, every values file, every changelog and every heap of bytes: fixing twice is
//! fixing once, no byte changes but those of the values meant, and nothing panics.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "tests may fail")]
#![expect(clippy::disallowed_methods, reason = "how many cases there are is asked for in the environment")]

#[path = "properties/project.rs"]
mod project;

use std::sync::Arc;

use project::{Form, LOG, Line, Pieces as _, chart, fixed, judged, log_of, path, values, version};
use proptest::prelude::*;
use relguard::config;
use relguard::document::carrier::{self, Carries};
use relguard::document::changelog::Changelog;
use relguard::document::chart::ChartFile;
use relguard::document::{markdown, text_of, yaml};
use relguard::domain::text::is_unprintable;
use relguard::domain::{RepoPath, SourceText, Template};
use relguard::engine::{Judged, Report};
use relguard::report::{Detail, Width, human, json};
use relguard::source::File;
use serde_yaml::Value;

/// So many cases, or those that `PROPTEST_CASES` asks for.
fn cases(number: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|asked| asked.parse().ok());
    ProptestConfig { cases: asked.unwrap_or(number), failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(200))]

    /// The generated files know where their versions stand, so what a fix must make of them is known to the byte.
    #[test]
    fn fixing_sets_the_values_meant_and_no_other_byte(
        (new, old) in (version(), version()).prop_filter("two versions", |(a, b)| a != b),
        chart in chart(),
        values in values(),
        form in any::<Form>(),
    ) {
        let render = |pieces: &[Line], now: bool| form.render(&pieces.text(&new, &old, now));
        // The old version is known for one of this chart only while appVersion still says it.
        let lags = chart.lags();
        let before = [("charts/a/Chart.yaml", render(&chart, false)), ("charts/a/values.yaml", render(&values, false)),
            (LOG, log_of(&new))];
        let wanted = [("charts/a/Chart.yaml", render(&chart, true)), ("charts/a/values.yaml", render(&values, lags))];
        let after = fixed(&before, false)?;
        for (path, wanted) in &wanted {
            prop_assert_eq!(&after[*path], wanted, "{}", path);
        }
        for (path, text) in &before[..2] {
            only_meant_values_differ(text, &after[*path], &new)?;
        }
        let again: Vec<_> = after.iter().map(|(path, text)| (path.as_str(), text.clone())).collect();
        prop_assert_eq!(fixed(&again, false)?, after);
    }

    /// The same files with bytes broken out of them or put into them: whatever the fix makes of it, it is
    /// stable, and another reader of YAML sees no value changed but to the chart's version.
    #[test]
    fn fixing_what_is_damaged_is_stable_and_harmless(
        (new, old) in (version(), version()),
        chart in chart(),
        values in values(),
        form in any::<Form>(),
        damage in project::damage(),
        in_chart in any::<bool>(),
        unsafe_too in any::<bool>(),
    ) {
        let mut texts = [&chart, &values].map(|pieces| form.render(&pieces.text(&new, &old, false)));
        damage.apply(&mut texts[usize::from(!in_chart)]);
        let before =
            [("charts/a/Chart.yaml", texts[0].clone()), ("charts/a/values.yaml", texts[1].clone()), (LOG, log_of(&new))];
        let after = fixed(&before, unsafe_too)?;
        let again: Vec<_> = after.iter().map(|(path, text)| (path.as_str(), text.clone())).collect();
        prop_assert_eq!(&fixed(&again, unsafe_too)?, &after);
        let source = SourceText::new(path("charts/a/Chart.yaml"), after["charts/a/Chart.yaml"].clone());
        let leading = ChartFile::parse(&Arc::new(source)).ok().and_then(|chart| chart.version());
        let leading = leading.map(|field| field.value.text).unwrap_or_default();
        for (path, text) in &before[..2] {
            only_meant_values_differ(text, &after[*path], &leading)?;
        }
    }

    /// A changelog only gets longer: all its lines stay, in their order, and the release has one section.
    #[test]
    fn a_changelog_keeps_all_its_lines(new in version(), lines in project::changelog_lines(), form in any::<Form>()) {
        let chart = format!("apiVersion: v2\nname: a\nversion: {new}\nappVersion: {new}\n");
        let log = form.render(&lines.join("\n"));
        // A file without a word in it is written anew.
        prop_assume!(!log.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}').is_empty());
        let name = LOG.to_owned();
        let before = [("charts/a/Chart.yaml", chart), (name.as_str(), log.clone())];
        let after = fixed(&before, false)?;
        let mut rest = after[&name].trim_start_matches('\u{feff}').lines();
        for line in log.trim_start_matches('\u{feff}').lines() {
            prop_assert!(rest.any(|other| other == line), "{line:?} is lost in {}", after[&name]);
        }
        let source = Arc::new(SourceText::new(path(&name), after[&name].clone()));
        let parsed = semver::Version::parse(&new).unwrap();
        let written = !Changelog::parse(&source).sections_of(&parsed).is_empty();
        // Where the file ends inside a comment or a block of code, no section can be put behind it.
        let bytes: Vec<_> = after.iter().map(|(path, text)| (path.as_str(), text.clone().into_bytes())).collect();
        let told = judged(&bytes)?.iter().any(|finding| finding.rule == "changelog/section");
        prop_assert!(written != told, "{}", after[&name]);
        let again: Vec<_> = after.iter().map(|(path, text)| (path.as_str(), text.clone())).collect();
        prop_assert_eq!(fixed(&again, false)?, after);
    }
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in project::heap()) {
        let pattern = regex::Regex::new(r"(?P<version>v?\d+\.\S*)").unwrap();
        for name in ["Chart.yaml", "a.toml", "a.json", "VERSION", "CHANGELOG-1.2.md"] {
            let at = path(name);
            let Ok(source) = text_of(&at, File { path: at.clone(), bytes: bytes.clone() }) else { continue };
            let _ = yaml::parse(&source);
            let _ = ChartFile::parse(&source).map(|chart| (chart.version(), chart.app_version()));
            let _ = config::parse(&source);
            let _ = markdown::outline(&source.text);
            let log = Changelog::parse(&source);
            for section in log.sections() {
                prop_assert!(source.text.get(section.range.clone()).is_some());
                let _ = log.body(section);
            }
            let key = yaml::key_path("a.version").unwrap();
            for carries in [Carries::Whole, Carries::Key(key), Carries::Matches(pattern.clone())] {
                for carried in carrier::read(&source, &carries).unwrap_or_default() {
                    prop_assert!(source.text.get(carried.value.location.range.clone()).is_some());
                    let _ = carried.set("1.2.3");
                }
            }
        }
    }

    /// Every node lies in the text, and a scalar is where it says.
    #[test]
    fn the_two_readers_of_yaml_agree(value in project::document(), form in any::<Form>()) {
        // Without its last line break a block scalar is another one.
        let text = form.with_last_break().render(&serde_yaml::to_string(&value).unwrap());
        let source = Arc::new(SourceText::new(path("a.yaml"), text));
        let tree = yaml::parse(&source).map_err(|broken| TestCaseError::fail(format!("{broken:?}")))?;
        let Some(root) = tree.root() else { return Ok(()) };
        same_document(&tree, root, &value)?;
    }

    #[test]
    fn no_files_make_a_check_or_a_report_panic(files in proptest::array::uniform3(project::heap())) {
        let names = ["charts/a/Chart.yaml", "charts/a/values.yaml", "docs/CHANGELOG/CHANGELOG-1.2.md"];
        let files: Vec<_> = names.into_iter().zip(files).collect();
        let findings = judged(&files)?;
        let report = Report { scope: "worktree", findings, judged: Judged::charts(1) };
        let texts = [
            anstream::adapter::strip_str(&human(&report, Width(80), Detail::Full)).to_string(),
            json(&report),
        ];
        for text in texts {
            prop_assert!(!text.contains(|c: char| c != '\n' && is_unprintable(c)), "{text:?}");
        }
    }

    #[test]
    fn small_texts_are_read_without_a_panic(text in "\\PC{0,40}|[a-z0-9.*{}\\[\\]/\\\\-]{0,24}") {
        let _ = Template::parse(&text).map(|template| (template.version_in(&text), template.line_in(&text)));
        let _ = yaml::key_path(&text);
        let _ = RepoPath::parse(&text);
        let _ = relguard::domain::Glob::parse(&text).map(|glob| (glob.matches(&text), glob.depth()));
        let _ = relguard::domain::Date::parse(&text);
    }
}

fn same_document(tree: &yaml::Yaml, id: yaml::NodeId, value: &Value) -> Result<(), TestCaseError> {
    let range = tree.node(id).range.clone();
    prop_assert!(tree.source().text.get(range.clone()).is_some(), "{range:?}");
    match value {
        Value::Mapping(entries) => {
            prop_assert_eq!(tree.entries(id).len(), entries.len());
            for ((key, node), (name, value)) in tree.entries(id).iter().zip(entries) {
                prop_assert_eq!(tree.text(*key), name.as_str());
                same_document(tree, *node, value)?;
            }
        }
        Value::Sequence(items) => {
            prop_assert_eq!(tree.items(id).len(), items.len());
            for (node, value) in tree.items(id).iter().zip(items) {
                same_document(tree, *node, value)?;
            }
        }
        Value::Null => prop_assert!(tree.is_null(id)),
        Value::String(text) => {
            prop_assert_eq!(tree.text(id), Some(text.as_str()));
            // For Helm, which reads YAML 1.1, `yes` and `no` are truth values, and dates are no texts.
            let short = text.len() <= 3 || text.starts_with(|c: char| c.is_ascii_digit());
            prop_assert!(tree.is_string(id) || short, "{text:?} is no text");
        }
        other => {
            let written = serde_yaml::to_string(other).unwrap();
            prop_assert_eq!(tree.text(id), Some(written.trim()));
            prop_assert!(!tree.is_string(id));
        }
    }
    Ok(())
}

/// Reads both with `serde_yaml`: the same document, but for values that became the version.
fn only_meant_values_differ(before: &str, after: &str, version: &str) -> Result<(), TestCaseError> {
    let read = |text: &str| serde_yaml::from_str::<Value>(text.trim_start_matches('\u{feff}'));
    let (Ok(before), after) = (read(before), read(after)) else { return Ok(()) };
    let after = after.map_err(|error| TestCaseError::fail(format!("it is no YAML any more: {error}")))?;
    differ(&before, &after, version)
}

fn differ(before: &Value, after: &Value, version: &str) -> Result<(), TestCaseError> {
    match (before, after) {
        (Value::Mapping(before), Value::Mapping(after)) => {
            for (key, value) in after {
                match before.get(key) {
                    Some(old) => differ(old, value, version)?,
                    None => prop_assert_eq!(value.as_str(), Some(version), "{:?} is new", key),
                }
            }
            prop_assert!(before.keys().all(|key| after.contains_key(key)));
        }
        (Value::Sequence(before), Value::Sequence(after)) => {
            prop_assert_eq!(before.len(), after.len());
            for (before, after) in before.iter().zip(after) {
                differ(before, after, version)?;
            }
        }
        (Value::Tagged(before), Value::Tagged(after)) => differ(&before.value, &after.value, version)?,
        (before, after) if before == after => {}
        (_, after) => {
            let text = after.as_str().unwrap_or_default();
            prop_assert_eq!(text.strip_prefix('v').unwrap_or(text), version);
        }
    }
    Ok(())
}
