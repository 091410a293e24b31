//! Where nothing can be written, or nothing is there yet.

use crate::made::{Made, plain};
use crate::support::{Scratch, isolated, run};

#[test]
fn a_config_that_is_there_is_never_overwritten() {
    let mut made = Made::by_the_process();
    made.release("1.0.0");
    for name in [".relguard.yaml", ".relguard.yml"] {
        made.scratch.write(name, "since: v1.0.0\n");
        let ran = made.scratch.relguard(["init"]).exits(2);
        assert_eq!(ran.stdout, "");
        assert!(
            ran.stderr.contains(name) && ran.stderr.contains("relguard init --dry-run"),
            "{}",
            ran.stderr
        );
        assert_eq!(made.scratch.read(name), "since: v1.0.0\n");
        std::fs::remove_file(made.scratch.path().join(name)).unwrap();
    }
}

#[test]
fn a_dry_run_prints_the_config_and_writes_nothing() {
    let mut made = Made::by_the_process();
    made.file("VERSION", "{v}\n").release("1.0.0").release("1.1.0");
    let before = made.scratch.files();
    let shown = made.scratch.relguard(["init", "--dry-run", "--quiet"]).exits(0).stdout;
    let whole = made.scratch.relguard(["init", "--dry-run"]).exits(0).stdout;
    assert!(whole.starts_with(&shown) && plain(&whole) == plain(&shown), "{whole}");
    assert!(
        whole.contains("# would write .relguard.yaml\n# next: relguard check finds nothing\n"),
        "{whole}"
    );
    let json = made.scratch.json(["init", "--dry-run"]);
    assert_eq!(made.scratch.files(), before);
    assert_eq!(json["config"], shown.as_str());
    assert_eq!(json["step"], "init");
    assert_eq!(json["actions"][0]["action"], "write-files");
    assert_eq!(json["actions"][0]["done"], false);
    let carrier = json["found"].as_array().unwrap().iter().find(|fact| fact["key"] == "carriers").unwrap();
    assert_eq!(carrier["value"], "VERSION is {version}");
    assert_eq!(carrier["evidence"], "in 2 of 2 releases");
    assert_eq!(carrier["written"], true);
    made.init();
    assert_eq!(made.scratch.read(".relguard.yaml"), shown);
    // With a config in place it shows what a new one would be.
    assert_eq!(made.scratch.relguard(["init", "--dry-run", "--quiet"]).exits(0).stdout, shown);
}

#[test]
fn a_new_project_gets_what_the_process_says() {
    let empty = Scratch::new();
    let ran = empty.relguard(["init", "--dry-run"]).exits(0);
    assert_eq!(plain(&empty.relguard(["init", "--dry-run", "--quiet"]).exits(0).stdout), "charts: []\n");
    assert!(ran.stdout.contains("there is no Chart.yaml"), "{}", ran.stdout);

    let made = Made::by_the_process();
    made.commit("0.1.0");
    let ran = made.scratch.relguard(["init"]).exits(0);
    assert_eq!(plain(&made.scratch.read(".relguard.yaml")), "");
    assert!(ran.stdout.contains("in no release yet") && ran.stdout.contains("no tag"), "{}", ran.stdout);
}

#[test]
fn without_a_release_nothing_is_an_exception() {
    // As `helm create` makes it.
    for (version, app, way) in [
        ("0.1.0", "1.16.0", "relguard fix --unsafe"),
        ("1.0.0", "v0.9.0", "relguard fix --unsafe"),
        ("1.0.0", "0.9.0", "relguard fix"),
    ] {
        let made = Scratch::new();
        let chart = format!("apiVersion: v2\nname: demo\nversion: {version}\nappVersion: \"{app}\"\n");
        made.write("charts/demo/Chart.yaml", chart);
        made.write("docs/CHANGELOG/CHANGELOG-0.1.md", "# v0.1.0\n\n- All.\n");
        made.write("docs/CHANGELOG/CHANGELOG-1.0.md", "# v1.0.0\n\n- All.\n");
        made.commit("Create the chart");
        let ran = made.relguard(["init"]).exits(0);
        assert_eq!(plain(&made.read(".relguard.yaml")), "");
        let said = format!("it is {app} now, version is {version}: {way} sets it");
        assert!(ran.stdout.contains(&said), "{}", ran.stdout);
        assert!(!ran.stdout.contains("most releases"), "{}", ran.stdout);
        run(made.relguard_command(&way.split(' ').skip(1).collect::<Vec<_>>())).exits(0);
        made.relguard(["check"]).exits(0);
    }
}

#[test]
fn a_shallow_clone_is_refused_with_its_way_out() {
    let mut made = Made::by_the_process();
    made.release("1.0.0").release("1.1.0");
    let mut clone = isolated("git", &made.scratch.outside("home"));
    let url = format!("file://{}", made.scratch.path().display());
    clone.args(["clone", "--quiet", "--depth=1", &url]).arg(made.scratch.outside("shallow"));
    run(clone).exits(0);
    let mut init = isolated(env!("CARGO_BIN_EXE_relguard"), &made.scratch.outside("home"));
    init.args(["init", "--dry-run"]).current_dir(made.scratch.outside("shallow"));
    let ran = run(init).exits(2);
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains("fetch --unshallow"), "{}", ran.stderr);
}

#[test]
fn a_bare_repository_can_only_be_asked() {
    let mut made = Made::by_the_process();
    made.file("VERSION", "{v}\n").release("1.0.0").release("1.1.0");
    let bare = made.scratch.outside("bare.git").to_string_lossy().into_owned();
    let here = made.scratch.path().to_string_lossy().into_owned();
    made.scratch.git(["clone", "--quiet", "--bare", &here, &bare]);
    let ran = made.scratch.relguard(["-C", &bare, "init"]).exits(2);
    assert!(ran.stderr.contains("bare") && ran.stderr.contains("--dry-run"), "{}", ran.stderr);
    let ran = made.scratch.relguard(["-C", &bare, "init", "--dry-run", "--quiet"]).exits(0);
    assert_eq!(plain(&ran.stdout), "carriers:\n  - { file: \"VERSION\" }\n");
}

#[test]
fn strange_names_make_a_valid_config_and_no_output_of_their_own() {
    let mut made = Made::by_the_process();
    made.file("it's \"a\" {file}: #1.txt", "{v}\n")
        .file("line\nbreak", "{v}\n")
        .file("charts/a: b/Chart.yaml", "apiVersion: v2\nname: b\nversion: {v}\nappVersion: {v}\n")
        .file("charts/demo/values.yaml", "a.b: [{'x[0]\"': \"v{v}\"}]\n")
        .file("odd.yaml", "\"k'\\u202e\": {v}\n");
    made.release("1.0.0").release("1.1.0");
    for tag in ["a'b\"c-1.0.0", "a'b\"c-1.1.0", "{x}1.0.0", "é\u{202e}-1.0.0", "é\u{202e}-1.1.0"] {
        made.scratch.git(["tag", tag]);
    }
    let ran = made.init();
    assert!(!ran.stdout.contains('\u{202e}') && !ran.stdout.contains("line\nbreak"), "{}", ran.stdout);
    let text = made.scratch.read(".relguard.yaml");
    assert!(text.contains("ignore:") && text.contains("a\\\\.b[0].x\\\\[0\\\\]"), "{text}");
    let ran = made.scratch.relguard(["check"]);
    assert_ne!(ran.status, 2, "{text}{}", ran.stderr);
}
