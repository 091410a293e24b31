//! `relguard init --workflows github`. What the forge takes is for the clients' tests; here is what is written where.

use crate::made::Made;

const GATE: &str = ".github/workflows/relguard-gate.yml";
const RELEASE: &str = ".github/workflows/relguard-release.yml";

fn released() -> Made {
    let mut made = Made::by_the_process();
    made.branch = Some("release-v");
    made.file("Dockerfile", "FROM scratch\n").release("1.0.0").release("1.1.0");
    made
}

#[test]
fn the_workflows_name_this_projects_branches_and_tags() {
    let made = released();
    let ran = made.scratch.relguard(["init", "--workflows", "github"]).exits(0);
    let gate = made.scratch.read(GATE);
    assert!(gate.contains("branches: [\"master\", \"release-v[0-9]+.[0-9]+\"]"), "{gate}");
    let release = made.scratch.read(RELEASE);
    assert!(release.contains("tags: [\"v[0-9]+.[0-9]+.[0-9]+*\"]"), "{release}");
    for job in ["  prepare:", "  image:", "  release:", "  index:"] {
        assert!(release.contains(job), "{job}\n{release}");
    }
    assert!(made.scratch.read(".relguard.yaml").contains("release-v{major}.{minor}"));
    // What a lock file names is fetched before the chart is packaged.
    let at = |text: &str| release.find(text).unwrap_or_else(|| panic!("{text}\n{release}"));
    assert!(at("helm dependency build") < at("name: Package the chart"), "{release}");
    // By this `relguard release` knows that the pipeline publishes.
    assert!(release.contains("relguard publish"), "{release}");
    assert!(ran.stdout.contains(&format!("git add .relguard.yaml {GATE} {RELEASE}")), "{}", ran.stdout);
}

#[test]
fn a_dry_run_shows_the_workflows_and_writes_none() {
    let made = released();
    let before = made.scratch.files();
    let ran = made.scratch.relguard(["init", "--workflows", "github", "--dry-run"]).exits(0);
    assert!(ran.stdout.contains("name: release gate") && ran.stdout.contains(RELEASE), "{}", ran.stdout);
    let json = made.scratch.json(["init", "--workflows", "github", "--dry-run"]);
    let paths: Vec<_> = json["files"].as_array().unwrap().iter().map(|file| file["path"].clone()).collect();
    assert_eq!(paths, [".relguard.yaml", GATE, RELEASE]);
    assert_eq!(made.scratch.files(), before);
}

#[test]
fn what_is_there_stays_and_what_is_missing_comes() {
    let made = released();
    made.scratch.relguard(["init", "--workflows", "github"]).exits(0);
    let all = made.scratch.files();
    // All there already.
    let ran = made.scratch.relguard(["init", "--workflows", "github"]).exits(0);
    assert!(ran.stdout.contains(&format!("already done: {GATE} is there")), "{}", ran.stdout);
    assert_eq!(made.scratch.files(), all);
    // One is missing, as after a run that was cut off.
    std::fs::remove_file(made.scratch.path().join(RELEASE)).unwrap();
    made.scratch.relguard(["init", "--workflows", "github"]).exits(0);
    assert_eq!(made.scratch.files(), all);
    // One is another's: nothing is written.
    std::fs::remove_file(made.scratch.path().join(RELEASE)).unwrap();
    made.scratch.write(GATE, "name: mine\n");
    let ran = made.scratch.relguard(["init", "--workflows", "github"]).exits(2);
    assert!(ran.stderr.contains(GATE) && ran.stderr.contains("another content"), "{}", ran.stderr);
    assert_eq!(made.scratch.read(GATE), "name: mine\n");
    assert!(!made.scratch.path().join(RELEASE).exists());
}

#[test]
fn a_config_that_is_there_says_what_the_workflows_are_for() {
    let made = released();
    let config = "branches: { release: \"rel/{major}.{minor}\" }\ntags: { release: \"app-{version}\" }\n";
    made.scratch.write(".relguard.yaml", config);
    made.scratch.relguard(["init", "--workflows", "github"]).exits(0);
    assert_eq!(made.scratch.read(".relguard.yaml"), config);
    assert!(made.scratch.read(GATE).contains("\"rel/[0-9]+.[0-9]+\""));
    assert!(made.scratch.read(RELEASE).contains("TAG_PREFIX: \"app-\""));
    made.scratch.relguard(["init", "--workflows", "gitlab"]).exits(2);
}
