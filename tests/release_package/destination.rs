//! Where archives are written to, and what is there already.

use std::fs;

use crate::support::Scratch;
use crate::{cannot, chart, names, package};

#[test]
fn a_dry_run_tells_the_archive_and_writes_nothing() {
    let scratch = chart::project();
    let dry = scratch.relguard(["package", "-d", "../out", "--dry-run"]).exits(0);
    assert!(!scratch.outside("out").exists());
    let real = scratch.relguard(["package", "-d", "../out"]).exits(0);
    let (line, _) = real.stdout.split_once('\n').unwrap();
    let size = fs::metadata(scratch.outside("out/app-1.0.0.tgz")).unwrap().len();
    assert_eq!(dry.stdout, format!("{line}  (2 files, {size} bytes)\n"));
}

#[test]
fn json_tells_of_each_archive() {
    let scratch = chart::project();
    let plan = scratch.json(["package", "-d", "../out"]);
    let head = scratch.git(["rev-parse", "HEAD"]).stdout;
    let archive = &plan["archives"][0];
    assert_eq!((&plan["step"], &plan["refused"]), (&"package".into(), &false.into()));
    assert_eq!(archive["path"], "../out/app-1.0.0.tgz");
    assert_eq!((&archive["chart"], &archive["name"]), (&"charts/app".into(), &"app".into()));
    assert_eq!((&archive["version"], &archive["commit"]), (&"1.0.0".into(), &head.trim().into()));
    assert_eq!(archive["files"], 2);
    assert_eq!(archive["size"], fs::metadata(scratch.outside("out/app-1.0.0.tgz")).unwrap().len());
    let sum = fs::read_to_string(scratch.outside("out/app-1.0.0.tgz.sha256")).unwrap();
    assert_eq!(sum, format!("{}  app-1.0.0.tgz\n", archive["sha256"].as_str().unwrap()));
    assert_eq!(plan["actions"][0]["done"], true);
    let again = scratch.json(["package", "-d", "../out"]);
    assert_eq!((&again["archives"], &again["actions"]), (&plan["archives"], &serde_json::json!([])));
    let done = ["../out/app-1.0.0.tgz is there", "../out/app-1.0.0.tgz.sha256 is there"];
    assert_eq!(again["already_done"], serde_json::json!(done));
}

#[test]
fn what_is_there_already_is_found_and_what_is_missing_is_added() {
    let scratch = chart::project();
    let first = package(&scratch).exits(0);
    let archive = scratch.outside("out/app-1.0.0.tgz");
    let sum = scratch.outside("out/app-1.0.0.tgz.sha256");
    let time = fs::metadata(&archive).unwrap().modified().unwrap();
    fs::remove_file(&sum).unwrap();
    assert_eq!(package(&scratch).exits(0).stdout, first.stdout);
    assert!(sum.exists());
    assert_eq!(fs::metadata(&archive).unwrap().modified().unwrap(), time);
}

#[test]
fn an_archive_with_other_bytes_is_not_overwritten() {
    let scratch = chart::project();
    let out = scratch.outside("out");
    fs::create_dir(&out).unwrap();
    for name in ["app-1.0.0.tgz", "app-1.0.0.tgz.sha256"] {
        fs::write(out.join(name), "published").unwrap();
        let ran = package(&scratch).exits(2);
        assert!(ran.stderr.contains(&format!("{name} is there already, with other bytes")), "{}", ran.stderr);
        assert_eq!(fs::read_to_string(out.join(name)).unwrap(), "published");
        assert_eq!(fs::read_dir(&out).unwrap().count(), 1);
        fs::remove_file(out.join(name)).unwrap();
    }
}

#[test]
fn a_destination_that_can_not_be_written_to_is_named() {
    let scratch = chart::project();
    scratch.write("../file", "");
    let ran = scratch.relguard(["package", "-d", "../file"]).exits(2);
    assert!(ran.stderr.contains("../file/app-1.0.0.tgz"), "{}", ran.stderr);
    assert_eq!(fs::read_to_string(scratch.outside("file")).unwrap(), "");
}

#[test]
fn folders_are_made_and_the_current_one_is_meant_unless_told() {
    let scratch = chart::project();
    let ran = scratch.relguard(["package"]).exits(0);
    assert!(ran.stdout.ends_with("  app-1.0.0.tgz\n"), "{}", ran.stdout);
    scratch.relguard(["package", "-d", "a/b"]).exits(0);
    assert_eq!(names(&scratch.path().join("a/b/app-1.0.0.tgz")), ["app/Chart.yaml", "app/values.yaml"]);
}

#[test]
fn every_chart_is_packaged() {
    let scratch = two("other", "1.0.0");
    let ran = package(&scratch).exits(0);
    let lines: Vec<&str> = ran.stdout.lines().map(|line| line.rsplit('/').next().unwrap()).collect();
    assert_eq!(lines, ["app-1.0.0.tgz", "other-1.0.0.tgz"]);
    assert_eq!(fs::read_dir(scratch.outside("out")).unwrap().count(), 4);
}

#[test]
fn two_charts_can_not_be_one_archive() {
    cannot(&two("app", "1.0.0"), &[], "charts/app and charts/other would both be");
}

fn two(name: &str, version: &str) -> Scratch {
    let scratch = chart::project();
    let text = format!("apiVersion: v2\nname: {name}\nversion: {version}\nappVersion: {version}\n");
    scratch.write("charts/other/Chart.yaml", text);
    scratch.commit("Another chart");
    scratch
}
