//! The process where the changelog is kept on the default branch (`changelog.on: default-branch`): what is on its way
//! to a release branch is asked for no section, and brings none.

use crate::chart::{LOG, NEW_LOG, edit};
use crate::support::Scratch;
use crate::{dry_then_real, guarded};

/// A project that released 1.0.0 so; the default branch goes on with 1.1.0 where it is asked to.
fn released(goes_on: bool) -> Scratch {
    let scratch = guarded();
    scratch.write(".relguard.yaml", "changelog: { on: default-branch }\n");
    scratch.commit("keep the changelog on master");
    scratch.git(["push", "--quiet", "origin", "master"]);
    scratch.relguard(["release", "--run"]).exits(0);
    if goes_on {
        scratch.relguard(["bump", "1.1.0", "--commit"]).exits(0);
        assert!(scratch.read(NEW_LOG).contains("# v1.1.0"), "on the default branch a section is begun");
        edit(&scratch, NEW_LOG, "# v1.1.0", "# v1.1.0\n\n- The next one.\n");
        scratch.commit("begin 1.1");
        scratch.git(["push", "--quiet", "origin", "master"]);
    }
    scratch
}

#[test]
fn a_z_release_on_a_topic_branch_brings_no_section() {
    for goes_on in [false, true] {
        let scratch = released(goes_on);
        scratch.git(["switch", "--quiet", "--create", "fix", "origin/release-1.0"]);
        // The hook judges the commit as well.
        scratch.relguard(["bump", "1.0.1", "--commit"]).exits(0);
        let changed = scratch.git(["show", "--format=", "--name-only"]).stdout;
        assert_eq!(changed, "charts/app/Chart.yaml\ncharts/app/values.yaml\n");
        scratch.relguard(["check", "--strict"]).exits(0);
        scratch.relguard(["check", "--strict", "--rev", "HEAD"]).exits(0);
    }
}

#[test]
fn what_is_on_its_way_to_the_default_branch_is_asked_for_its_section() {
    let scratch = released(true);
    scratch.git(["switch", "--quiet", "--create", "topic"]);
    scratch.relguard(["bump", "1.2.0"]).exits(0);
    let ran = scratch.relguard(["check"]).exits(1);
    assert!(ran.stdout.contains("error[changelog/file]"), "{}", ran.stdout);
    scratch.git(["checkout", "--quiet", "."]);
    // What the default branch carries itself is judged on the way there, too.
    edit(&scratch, NEW_LOG, "# v1.1.0", "# v1.1.1");
    let ran = scratch.relguard(["check"]).exits(1);
    assert!(ran.stdout.contains("error[changelog/section]"), "{}", ran.stdout);
}

#[test]
fn a_z_release_is_prepared_on_two_branches() {
    let scratch = released(true);
    crate::somebody_pushes(&scratch, "release-1.0", "fix.txt");
    scratch.git(["fetch", "--quiet", "origin"]);
    let plan = dry_then_real(&scratch, &["release", "1.0.1", "--run"]);
    let words = plan["actions"].to_string();
    assert!(words.contains("push prepare-1.0.1 to origin"), "{words}");
    assert!(!words.contains("docs/CHANGELOG"), "{words}");
    scratch.git(["push", "--quiet", "origin", "prepare-1.0.1:release-1.0"]);
    let plan = dry_then_real(&scratch, &["release", "1.0.1", "--run"]);
    assert!(plan["actions"].to_string().contains("push prepare-1.0.1-changelog to origin"), "{plan}");
    assert!(scratch.read(LOG).contains("# v1.0.1"), "{}", scratch.read(LOG));
    scratch.git(["push", "--quiet", "origin", "prepare-1.0.1-changelog:master"]);
    scratch.relguard(["release", "1.0.1", "--run"]).exits(0);
    assert!(crate::is_published(&scratch, "refs/tags/v1.0.1"));
    scratch.git(["switch", "--quiet", "master"]);
    scratch.git(["merge", "--quiet", "origin/master"]);
    scratch.relguard(["audit", "--strict"]).exits(0);
}

#[test]
fn a_section_tells_of_the_branch_that_is_released() {
    for config in ["changelog: { on: default-branch }\n", "charts: []\nchangelog: { on: default-branch }\n"] {
        let scratch = released(false);
        scratch.write(".relguard.yaml", config);
        scratch.commit("feat: only on master (#31)");
        scratch.git(["push", "--quiet", "origin", "master"]);
        scratch.git(["switch", "--quiet", "--create", "fix", "origin/release-1.0"]);
        scratch.write("fix.txt", "fixed").write(".relguard.yaml", config);
        scratch.commit("fix: only on release-1.0 (#40)");
        scratch.git(["push", "--quiet", "origin", "fix:release-1.0"]);
        scratch.relguard(["release", "1.0.1", "--run"]).exits(0);
        if !config.contains("charts") {
            scratch.git(["push", "--quiet", "origin", "prepare-1.0.1:release-1.0"]);
            scratch.relguard(["release", "1.0.1", "--run"]).exits(0);
        }
        let log = scratch.git(["show", &format!("prepare-1.0.1-changelog:{LOG}")]).stdout;
        let section = log.split("# v1.0.1\n").nth(1).unwrap().split("\n# v1.0.0\n").next().unwrap();
        assert!(section.contains("Only on release-1.0 (#40)"), "{log}");
        assert!(!section.contains("#31"), "{log}");
        // So does what is asked for by hand, on the default branch.
        scratch.git(["switch", "--quiet", "master"]);
        let shown = scratch.relguard(["changelog", "1.0.1", "--stdout"]).exits(0).stdout;
        assert!(shown.contains("#40") && !shown.contains("#31"), "{shown}");
        // What comes after it was written is missed in it.
        scratch.git(["push", "--quiet", "origin", "prepare-1.0.1-changelog:master"]);
        crate::somebody_pushes(&scratch, "release-1.0", "late.txt");
        let ran = scratch.relguard(["release", "1.0.1", "--run"]).exits(0);
        let note = "note: 1 change is in 1.0.1 that its section does not tell: relguard changelog 1.0.1\n";
        assert_eq!(ran.stderr, note, "it is said before the tag is made");
        assert!(ran.stdout.contains(note), "{}", ran.stdout);
    }
}
