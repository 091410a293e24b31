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

/// The two workflows for a config, with what was printed.
fn written(config: &str) -> [String; 3] {
    let made = released();
    made.scratch.write(".relguard.yaml", config);
    let ran = made.scratch.relguard(["init", "--workflows", "github"]).exits(0);
    [made.scratch.read(GATE), made.scratch.read(RELEASE), ran.stdout]
}

#[test]
fn a_tag_with_a_text_behind_its_version_starts_the_release() {
    let [_, release, _] = written("tags: { release: \"v{version}-final\" }\n");
    assert!(release.contains("tags: [\"v[0-9]+.[0-9]+.[0-9]+*-final\"]"), "{release}");
    assert!(release.contains("TAG_PREFIX: \"v\"\n  TAG_SUFFIX: \"-final\"\n"), "{release}");
    let cut = "version=${GITHUB_REF_NAME#\"$TAG_PREFIX\"} && version=${version%\"$TAG_SUFFIX\"}\n";
    assert_eq!(release.matches("${GITHUB_REF_NAME#").count(), release.matches(cut).count(), "{release}");
    let [_, release, _] = written("tags: { release: \"v{major}.{minor}.{patch}\" }\n");
    assert!(release.contains("tags: [\"v[0-9]+.[0-9]+.[0-9]+\"]"), "{release}");
    // A version that a script can't find in its tag.
    let made = released();
    made.scratch.write(".relguard.yaml", "tags: { release: \"v{major}-{minor}-{patch}\" }\n");
    let ran = made.scratch.relguard(["init", "--workflows", "github"]).exits(2);
    assert!(ran.stderr.contains("tags.release: v{major}-{minor}-{patch}"), "{}", ran.stderr);
    assert!(!made.scratch.path().join(GATE).exists());
}

#[test]
fn the_gate_guards_a_default_branch_that_is_there() {
    let made = released();
    made.scratch.git(["branch", "--move", "master", "trunk"]);
    made.scratch.relguard(["init", "--workflows", "github"]).exits(0);
    let gate = made.scratch.read(GATE);
    assert!(gate.contains("branches: [\"trunk\", \"release-v[0-9]+.[0-9]+\"]"), "{gate}");
    // Where there are several and nothing tells which one it is, none is guessed.
    let made = released();
    made.scratch.git(["branch", "--move", "master", "trunk"]);
    made.scratch.git(["branch", "develop"]);
    let ran = made.scratch.relguard(["init", "--workflows", "github"]).exits(2);
    assert!(ran.stderr.contains("default-branch: NAME"), "{}", ran.stderr);
    assert!(!made.scratch.path().join(".relguard.yaml").exists() && !made.scratch.path().join(GATE).exists());
    made.scratch.write(".relguard.yaml", "default-branch: develop\n");
    made.scratch.relguard(["init", "--workflows", "github"]).exits(0);
    assert!(made.scratch.read(GATE).contains("branches: [\"develop\", "));
    // Before the first commit.
    let empty = crate::support::Scratch::new();
    empty.relguard(["init", "--workflows", "github"]).exits(0);
    assert!(empty.read(GATE).contains("branches: [\"master\", "), "{}", empty.read(GATE));
}

#[test]
fn archives_that_lie_with_their_release_are_published_at_its_address() {
    let url = "--url \"$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/releases/download/$GITHUB_REF_NAME\"\n";
    let [_, release, _] = written("index: { archives: false }\n");
    assert_eq!(release.matches(url).count(), 2, "{release}");
    for config in ["", "index: { archives: false, url: \"https://e.org/x\" }\n"] {
        let [_, release, _] = written(config);
        assert!(!release.contains("--url"), "{release}");
    }
}

#[test]
fn an_action_without_its_commit_is_told_of() {
    let [gate, _, said] = written("");
    let pinned = option_env!("RELGUARD_COMMIT").is_some();
    assert_eq!(gate.contains("relguard/relguard@v"), !pinned, "{gate}");
    let way = "git ls-remote https://github.com/relguard/relguard 'v";
    assert_eq!(said.matches(way).count(), usize::from(!pinned), "{said}");
    // The token of one repository never goes to another.
    let [_, release, _] = written("");
    assert!(release.contains("INDEX_TOKEN: ${{ secrets.RELGUARD_INDEX_TOKEN }}\n"), "{release}");
}
