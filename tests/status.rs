//! `relguard status`: the release board of a project on its way through the process.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    reason = "a test that fails may panic"
)]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that fails may panic")]

#[path = "support/chart.rs"]
mod chart;
#[allow(dead_code, reason = "the tests of `ci` use the rest of it")]
#[path = "ci/forge.rs"]
mod forge;
mod support;

use forge::Forge;
use serde_json::Value;

/// The rows: line, branch, tag, chart, changelog, published, step: words.
#[track_caller]
fn shows(forge: &Forge, wanted: &[&str]) {
    let board: Value = forge.dev.json(["status"]);
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let row = |row: &Value| {
        let changelog = match row["changelog"].as_bool() {
            Some(true) => "yes",
            Some(false) => "no",
            None => "-",
        };
        let cells = ["line", "branch", "tag", "chart"].map(|key| text(&row[key])).join(" ");
        let published = text(&row["published"]);
        format!(
            "{cells} {changelog} {published} {}: {}",
            text(&row["next"]["step"]),
            text(&row["next"]["text"])
        )
    };
    let rows: Vec<String> = board["lines"].as_array().unwrap().iter().map(row).collect();
    assert_eq!(rows, wanted);
    assert_eq!((board["schema_version"].as_u64(), &board["default_branch"]), (Some(1), &"master".into()));
}

const MASTER: &str = "1.0 master v1.0.0 1.0.0 yes - bump: 1.0.0 is out; bump master when the next one begins";
const LINE: &str = "1.0 release-1.0 v1.0.0 1.0.0 yes - none: released; nothing to do";

#[test]
fn a_new_line_from_its_changelog_to_its_tag() {
    let forge = Forge::new();
    shows(&forge, &[MASTER, LINE]);
    forge.bump("1.1.0");
    forge.dev.commit("Begin 1.1");
    forge.push(&["master"]);
    shows(&forge, &["1.1 master - 1.1.0 no - changelog: write the changelog of 1.1.0 on master", LINE]);
    forge.release("1.1.0");
    forge.push(&["master"]);
    shows(&forge, &["1.1 master - 1.1.0 yes - branch: cut release-1.1 from master", LINE]);
    forge.push(&["master:refs/heads/release-1.1"]);
    let follows = "1.1 master - 1.1.0 yes - none: 1.1.0 goes on in release-1.1";
    shows(&forge, &[follows, "1.1 release-1.1 - 1.1.0 yes - tag: tag v1.1.0 at release-1.1", LINE]);
    forge.dev.git(["tag", "v1.1.0"]);
    let out = "1.1 master v1.1.0 1.1.0 yes - bump: 1.1.0 is out; bump master when the next one begins";
    shows(&forge, &[out, "1.1 release-1.1 v1.1.0 1.1.0 yes - none: released; nothing to do", LINE]);
}

#[test]
fn a_z_release_from_the_default_branch_to_its_tag() {
    let forge = Forge::new();
    forge.switch("release-1.0", None);
    forge.dev.write("README.md", "Mended.\n");
    forge.dev.commit("Mend");
    forge.push(&["release-1.0"]);
    let row = |next: &str| format!("1.0 release-1.0 v1.0.0 1.0.0 yes - {next}");
    shows(&forge, &[MASTER, &row("bump: released; one commit waits for 1.0.1")]);

    forge.switch("master", None);
    forge.dev.write(chart::LOG, "# v1.0.1\n\n- Mended.\n\n# v1.0.0\n\n- The first one.\n");
    forge.dev.commit("Write the changelog of 1.0.1");
    forge.push(&["master"]);
    shows(&forge, &[MASTER, &row("merge: merge the changelog of 1.0.1 into release-1.0")]);
    forge.bump("1.0.1");
    forge.dev.commit("Bump to 1.0.1");
    forge.push(&["master"]);
    let follows = "1.0 master v1.0.0 1.0.1 yes - none: 1.0.1 goes on in release-1.0";
    shows(&forge, &[follows, &row("merge: merge 1.0.1 into release-1.0")]);

    forge.switch("release-1.0", None);
    forge.bump("1.0.1");
    forge.dev.commit("Bump to 1.0.1, and forget the changelog");
    forge.push(&["release-1.0"]);
    let row = |rest: &str| format!("1.0 release-1.0 v1.0.0 1.0.1 {rest}");
    shows(&forge, &[follows, &row("no - merge: merge the changelog of 1.0.1 into release-1.0")]);
    forge.dev.git(["checkout", "--quiet", "master", "--", chart::LOG]);
    forge.dev.commit("Merge the changelog of 1.0.1");
    forge.push(&["release-1.0"]);
    shows(&forge, &[follows, &row("yes - tag: tag v1.0.1 at release-1.0")]);
}

#[test]
fn what_is_out_of_step_is_named() {
    let forge = Forge::new();
    forge.switch("release-1.0", None);
    forge.dev.git(["tag", "v1.0.1"]);
    shows(
        &forge,
        &[
            "1.0 master v1.0.1 1.0.0 yes - bump: 1.0.0 is out; bump master when the next one begins",
            "1.0 release-1.0 v1.0.1 1.0.0 yes - bump: bump release-1.0 to 1.0.2: v1.0.1 is out",
        ],
    );
    forge.dev.git(["tag", "--delete", "v1.0.1"]);
    forge.dev.git(["checkout", "--quiet", "--detach"]);
    forge.dev.write("README.md", "Aside.\n");
    let aside = forge.release("1.0.1");
    forge.dev.git(["tag", "v1.0.1", &aside]);
    forge.switch("release-1.0", None).release("1.0.1");
    forge.push(&["release-1.0"]);
    let line = "1.0 release-1.0 v1.0.1 1.0.1 yes - merge: merge v1.0.1 into release-1.0, which lacks it";
    let master = MASTER.replace("v1.0.0", "v1.0.1");
    shows(&forge, &[&master, line]);
    forge.bump("2.0.0");
    forge.dev.commit("The wrong line");
    forge.push(&["release-1.0"]);
    let words = "set a version 1.0.x on release-1.0: 2.0.0 is of another line";
    shows(&forge, &[&master, &format!("1.0 release-1.0 v1.0.1 2.0.0 no - bump: {words}")]);
    forge.dev.write(chart::CHART, "version: [\n");
    forge.dev.commit("Break it");
    forge.push(&["release-1.0"]);
    let words = "set its chart right: relguard check --ref release-1.0";
    shows(&forge, &[&master, &format!("1.0 release-1.0 v1.0.1 - - - mend: {words}")]);
}

#[test]
fn the_chart_index_says_what_is_published() {
    let forge = Forge::new();
    let publish = |text: &str| {
        forge.dev.git(["checkout", "--quiet", "--orphan", "pages"]);
        forge.dev.git(["rm", "-rfq", "."]);
        forge.dev.write("index.yaml", text);
        forge.dev.commit("Publish");
        forge.push(&["HEAD:gh-pages"]);
        forge.dev.git(["checkout", "--quiet", "master"]);
        forge.dev.git(["branch", "--quiet", "-D", "pages"]);
    };
    publish("apiVersion: v1\nentries: {}\n");
    shows(
        &forge,
        &[
            MASTER,
            &LINE.replace(
                "none: released; nothing to do",
                "publish: publish the chart of 1.0.0: gh-pages lacks it",
            ),
        ],
    );
    // Charts of other projects are none of this one's.
    let other = "  other:\n  - {version: 1.0.9}\n  - {version: 1.0.0}\n";
    publish(&format!("apiVersion: v1\nentries:\n{other}"));
    shows(
        &forge,
        &[
            MASTER,
            &LINE.replace(
                "none: released; nothing to do",
                "publish: publish the chart of 1.0.0: gh-pages lacks it",
            ),
        ],
    );
    publish(&format!(
        "apiVersion: v1\nentries:\n  app:\n  - {{version: 1.0.0}}\n  - {{version: 0.9.0}}\n{other}"
    ));
    shows(&forge, &[&MASTER.replace("yes - ", "yes 1.0.0 "), &LINE.replace("yes - ", "yes 1.0.0 ")]);
    publish("entries: [\n");
    let ran = forge.dev.relguard(["status"]).exits(2);
    assert!(
        ran.stdout.is_empty() && ran.stderr.contains("the chart index index.yaml on gh-pages can't be read"),
        "{}",
        ran.stderr
    );
}

#[test]
fn only_git_objects_are_read_and_the_working_trees_config() {
    let forge = Forge::new();
    forge.dev.write(chart::CHART, "nothing: of this\n");
    shows(&forge, &[MASTER, LINE]);
    forge.dev.write(".relguard.yaml", "since: v2.0.0\nchangelog: false\n");
    shows(&forge, &["1.0 master v1.0.0 1.0.0 - - bump: 1.0.0 is out; bump master when the next one begins"]);
    forge.dev.write(".relguard.yaml", "branches: { release: 'r{major}.{minor}' }\ncharts: []\n");
    shows(
        &forge,
        &[
            "- master - - - - branch: when the next line begins, cut its branch from master, be it r1.1: relguard branch 1.1",
            "1.0 - v1.0.0 - - - none: released; it has no branch",
        ],
    );
    forge.dev.write(".relguard.yaml", "default-branch: trunk\n");
    let ran = forge.dev.relguard(["status"]).exits(2);
    assert!(
        ran.stderr.contains("the default branch trunk of .relguard.yaml does not exist"),
        "{}",
        ran.stderr
    );
    forge.dev.write(".relguard.yaml", "sinc: v2.0.0\n");
    assert!(forge.dev.relguard(["status"]).exits(2).stderr.contains("`since`"));
}

#[test]
fn a_bare_repository_has_a_board_too() {
    let forge = Forge::new();
    let folder = forge.dev.outside("forge.git");
    let ran = forge.dev.relguard(["-C", folder.to_str().unwrap(), "status"]).exits(0);
    assert_eq!(
        ran.stdout,
        "line  branch       tag     chart  changelog  published  next\n\
         1.0   master       v1.0.0  1.0.0  yes        -          1.0.0 is out; bump master when the next one\n\
         \x20                                                       begins\n\
         1.0   release-1.0  v1.0.0  1.0.0  yes        -          released; nothing to do\n"
    );
}

#[test]
fn what_can_not_be_shown_is_an_error() {
    let forge = Forge::new();
    let ran = forge.dev.relguard(["status", "--format", "sarif"]).exits(2);
    assert!(
        ran.stdout.is_empty() && ran.stderr.contains("--format takes human or json here"),
        "{}",
        ran.stderr
    );
    let ran = support::Scratch::new().relguard(["status"]).exits(2);
    assert!(ran.stderr.contains("there is no line to show"), "{}", ran.stderr);
}
