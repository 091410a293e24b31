use relguard::rules::RULES;
use serde_json::{Value, json};

use crate::support::Scratch;
use crate::{
    FOLDER, assert_points_at_the_image_tag, check, findings, hostile, in_order, marked, number, text,
};

fn log(scratch: &Scratch, status: i32) -> Value {
    let log: Value = serde_json::from_str(&check(scratch, "sarif").exits(status).stdout).unwrap();
    assert_eq!(log["version"], "2.1.0");
    assert_eq!(log["runs"].as_array().unwrap().len(), 1);
    log["runs"][0].clone()
}

fn results(scratch: &Scratch) -> Vec<Value> {
    log(scratch, 1)["results"].as_array().unwrap().clone()
}

/// The path that a place's URI stands for, below the root that the run names.
fn path(place: &Value) -> String {
    let artifact = &place["artifactLocation"];
    assert_eq!(artifact["uriBaseId"], "%SRCROOT%");
    let uri = text(artifact, "uri");
    assert!(uri.bytes().all(|b| b.is_ascii_alphanumeric() || b"/-._~%".contains(&b)), "{uri}");
    let mut parts = uri.split('%');
    let mut bytes = parts.next().unwrap().as_bytes().to_vec();
    for part in parts {
        bytes.push(u8::from_str_radix(&part[..2], 16).unwrap());
        bytes.extend(part[2..].bytes());
    }
    String::from_utf8(bytes).unwrap()
}

fn assert_same_place(place: &Value, location: &Value) {
    assert_eq!(path(place), text(location, "path"));
    let keys = [
        ("startLine", "line"),
        ("startColumn", "column"),
        ("endLine", "end_line"),
        ("endColumn", "end_column"),
    ];
    for (key, of) in keys {
        assert_eq!(place["region"][key], location[of], "{place}");
    }
}

#[test]
fn a_finding_is_a_result_at_its_place() {
    let scratch = hostile();
    let (findings, run) = (findings(&scratch), log(&scratch, 1));
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    assert!(run["originalUriBaseIds"]["%SRCROOT%"]["uri"].is_null(), "no path of this machine");
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), findings.len());
    for (result, finding) in results.iter().zip(&findings) {
        assert_eq!(result["ruleId"], finding["rule"]);
        assert_eq!(run["tool"]["driver"]["rules"][number(result, "ruleIndex")]["id"], finding["rule"]);
        assert_eq!(result["level"], finding["severity"]);
        let message = text(&result["message"], "text").replace("]\\(", "](").replace("\\](", "](");
        assert!(message.starts_with(text(finding, "message")), "{message}");
        assert!(message.contains(finding["help"].as_str().unwrap_or_default()), "{message}");
        let location = &result["locations"][0];
        assert_same_place(&location["physicalLocation"], &finding["location"]);
        let related = result["relatedLocations"].as_array().into_iter().flatten();
        let wanted = finding["related"].as_array().unwrap();
        assert_eq!(related.clone().count(), wanted.len());
        for (place, wanted) in related.zip(wanted) {
            assert_same_place(&place["physicalLocation"], &wanted["location"]);
            assert_eq!(place["message"]["text"], wanted["message"]);
        }
        let region = &location["physicalLocation"]["region"];
        if result["ruleId"] == "chart/values-sync" {
            let columns = [number(region, "startColumn"), number(region, "endColumn")];
            assert_points_at_the_image_tag(&scratch, number(region, "startLine"), columns);
        }
    }
}

#[test]
fn a_range_is_the_text_that_the_finding_is_about() {
    let scratch = hostile();
    let results = results(&scratch);
    let of = |rule: &str| results.iter().find(|result| result["ruleId"] == rule).unwrap();
    let version = &of("chart/app-version")["relatedLocations"][0]["physicalLocation"]["region"];
    let columns = [number(version, "startColumn"), number(version, "endColumn")];
    assert_eq!(marked(&scratch, "charts/a/Chart.yaml", number(version, "startLine"), columns), "1.2.3");
    let there = format!("{FOLDER}/Chart.yaml");
    assert!(results.iter().any(|result| path(&result["locations"][0]["physicalLocation"]) == there));
}

#[test]
fn a_fix_is_the_bytes_of_its_edits() {
    let scratch = hostile();
    let (findings, results) = (findings(&scratch), results(&scratch));
    let mut edits = 0;
    for (result, finding) in results.iter().zip(&findings) {
        let Some(wanted) = finding["fix"]["edits"].as_array() else {
            assert!(result["fixes"].is_null());
            continue;
        };
        let fix = &result["fixes"][0];
        assert_eq!(fix["description"]["text"], finding["fix"]["title"]);
        assert_eq!(fix["properties"]["safety"], finding["fix"]["safety"]);
        for change in fix["artifactChanges"].as_array().unwrap() {
            for replacement in change["replacements"].as_array().unwrap() {
                let region = &replacement["deletedRegion"];
                let start = number(region, "byteOffset");
                let edit = json!({
                    "path": path(change),
                    "start_byte": start,
                    "end_byte": start + number(region, "byteLength"),
                    "replacement": replacement["insertedContent"]["text"],
                });
                assert!(wanted.contains(&edit), "{edit}");
                edits += 1;
            }
        }
    }
    assert!(edits > 1);
}

#[test]
fn an_accepted_finding_is_suppressed_and_a_ref_is_a_place() {
    let scratch = hostile();
    for (result, finding) in results(&scratch).iter().zip(&findings(&scratch)) {
        let suppressions = result["suppressions"].as_array().unwrap();
        assert_eq!(suppressions.len(), usize::from(!finding["excepted"].is_null()));
        for suppression in suppressions {
            assert_eq!(
                (&suppression["kind"], &suppression["status"]),
                (&json!("external"), &json!("accepted"))
            );
            assert_eq!(suppression["justification"], finding["excepted"]);
        }
        let branch = finding["subject"]["kind"] == "branch";
        let places = result["locations"][0]["logicalLocations"].as_array().into_iter().flatten();
        let names: Vec<_> = places.map(|place| (text(place, "kind"), text(place, "name"))).collect();
        let wanted = if branch { vec![("branch", "release-1.1")] } else { vec![] };
        assert_eq!(names, wanted);
    }
}

#[test]
fn a_fingerprint_stays_when_lines_move_and_is_one_findings_own() {
    let scratch = hostile();
    let prints = || {
        let results = results(&scratch);
        let print = |result: &Value| text(&result["partialFingerprints"], "relguard/v1").to_owned();
        results.iter().map(print).collect::<Vec<_>>()
    };
    let before = prints();
    let mut unique = before.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), before.len(), "{before:?}");
    for file in ["charts/a/Chart.yaml", "charts/a/values.yaml"] {
        scratch.write(file, format!("# one\n# two\n{}", scratch.read(file)));
    }
    assert_eq!(prints(), before);
    // Nor does it matter in which state the same is found.
    let commit = scratch.commit("all");
    let of_commit = scratch.relguard(["check", "--rev", &commit, "--format", "sarif"]).exits(1).stdout;
    let log: Value = serde_json::from_str(&of_commit).unwrap();
    for result in log["runs"][0]["results"].as_array().unwrap() {
        let print = text(&result["partialFingerprints"], "relguard/v1").to_owned();
        // Some words depend on the base; the rest is known.
        assert!(result["ruleId"] != "chart/values-sync" || before.contains(&print), "{result}");
    }
}

#[test]
fn every_rule_is_described_also_where_nothing_is_found() {
    let run = log(&in_order(), 0);
    assert_eq!(run["results"], json!([]));
    let driver = &run["tool"]["driver"];
    assert_eq!((text(driver, "name"), text(driver, "version")), ("relguard", env!("CARGO_PKG_VERSION")));
    assert_eq!(driver["informationUri"], "https://github.com/relguard/relguard");
    let rules = driver["rules"].as_array().unwrap();
    assert_eq!(rules.len(), RULES.len());
    for (rule, known) in rules.iter().zip(RULES) {
        assert_eq!(rule["id"], known.meta.id);
        assert_eq!(rule["shortDescription"]["text"], known.meta.summary);
        let page = text(rule, "helpUri")
            .strip_prefix("https://github.com/relguard/relguard/blob/main/docs/rules/")
            .unwrap();
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules").join(page);
        assert!(file.is_file(), "{page}");
        assert!(matches!(text(&rule["defaultConfiguration"], "level"), "error" | "warning"));
    }
}

#[test]
fn a_finding_of_no_file_lies_at_the_config_and_names_its_state() {
    let scratch = Scratch::new();
    scratch.write("README.md", "no chart");
    let results = results(&scratch);
    let location = &results[0]["locations"][0];
    // GitHub's code scanning refuses a result that lies in no file.
    let place = &location["physicalLocation"];
    assert_eq!((path(place).as_str(), number(&place["region"], "startLine")), (".relguard.yaml", 1));
    assert_eq!(location["logicalLocations"], json!([{"name": "worktree", "kind": "worktree"}]));
}
