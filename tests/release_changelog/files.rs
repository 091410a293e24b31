//! Into what a person wrote: beneath the right heading, byte for byte beside it, and only once.

use crate::history::Play;
use crate::support::{Ran, files_below};

const LOG: &str = "docs/CHANGELOG/CHANGELOG-1.0.md";
const FIX: &str = "- The fault ([#1](https://github.com/o/r/pull/1))";

/// A history that brings a feature, two fixes and a chore to 1.0.1, and a file that is there already.
fn project(log: &str) -> Play {
    let mut play = Play::new();
    play.follow(
        "commit feat: begin\ntag v1.0.0\ncommit fix: the fault (#1)\ncommit feat: a feature (#2)\n\
         commit fix: another fault (#3)\ncommit chore: a chore (#4)",
    );
    play.scratch.write(LOG, log);
    play
}

fn write(play: &Play) -> Ran {
    let ran = play.scratch.relguard(["changelog", "1.0.1"]).exits(0);
    let once = play.scratch.files();
    let again = play.scratch.relguard(["changelog", "1.0.1"]).exits(0);
    assert_eq!(again.stdout, "already done: the section for 1.0.1 has every change of v1.0.0..HEAD\n");
    assert_eq!(play.scratch.files(), once);
    ran
}

/// The file after a file before.
#[track_caller]
fn becomes(before: &str, after: &str) {
    let play = project(before);
    write(&play);
    assert_eq!(play.scratch.read(LOG), after);
}

#[test]
fn what_is_written_by_hand_stays_and_is_not_told_twice() {
    becomes(
        "# v1.0.1\nA word before.\n\n## Features\n* Mine.\n\n## Bug Fixes\nNone.\n\nSee pull request #3.\n\n\
         ## Notes\nMind the gap.\n\n# v1.0.0\n- The first.\n",
        "# v1.0.1\nA word before.\n\n## Features\n* Mine.\n* A feature ([#2](https://github.com/o/r/pull/2))\n\n\
         ## Bug Fixes\nNone.\n\nSee pull request #3.\n\n- The fault ([#1](https://github.com/o/r/pull/1))\n\n\
         ## Others\n- A chore ([#4](https://github.com/o/r/pull/4))\n\n\
         ## Notes\nMind the gap.\n\n## Contributors\n- A\n\n# v1.0.0\n- The first.\n",
    );
}

#[test]
fn a_placeholder_gives_way() {
    becomes(
        "# v1.0.1\n## Features\nNone.\n## Bug Fixes\n- TBD\n\n## Others\n<!-- none yet -->\n",
        &format!(
            "# v1.0.1\n## Features\n- A feature ([#2](https://github.com/o/r/pull/2))\n## Bug Fixes\n{FIX}\n\
             - Another fault ([#3](https://github.com/o/r/pull/3))\n\n## Others\n\
             <!-- none yet -->\n\n- A chore ([#4](https://github.com/o/r/pull/4))\n\n## Contributors\n- A\n"
        ),
    );
}

#[test]
fn a_change_can_be_left_out_for_good() {
    let play = project("# v1.0.1\n## Features\n## Bug Fixes\n<!-- not for users: #1 #3 -->\n## Others\n");
    write(&play);
    let text = play.scratch.read(LOG);
    assert!(!text.contains("fault") && text.contains("A chore"), "{text}");
}

#[test]
fn line_breaks_marks_and_the_end_of_the_file_stay() {
    becomes(
        "\u{feff}# v1.0.1\r\n\r\n## Bug Fixes\r\n- Mine.\r\n\r\n# v1.0.0\r\n\r\nold\ttext \r\nno end",
        "\u{feff}# v1.0.1\r\n\r\n## Features\r\n- A feature ([#2](https://github.com/o/r/pull/2))\r\n\r\n\
         ## Bug Fixes\r\n- Mine.\r\n- The fault ([#1](https://github.com/o/r/pull/1))\r\n\
         - Another fault ([#3](https://github.com/o/r/pull/3))\r\n\r\n## Others\r\n\
         - A chore ([#4](https://github.com/o/r/pull/4))\r\n\r\n## Contributors\r\n- A\r\n\r\n\
         # v1.0.0\r\n\r\nold\ttext \r\nno end",
    );
    becomes(
        "# v1.0.1\n## Features\n## Bug Fixes\n## Others\n- Mine (#4)\n## Contributors\n- Me",
        "# v1.0.1\n## Features\n- A feature ([#2](https://github.com/o/r/pull/2))\n\n## Bug Fixes\n\
         - The fault ([#1](https://github.com/o/r/pull/1))\n- Another fault ([#3](https://github.com/o/r/pull/3))\n\n\
         ## Others\n- Mine (#4)\n## Contributors\n- Me\n- A",
    );
}

#[test]
fn what_is_no_list_is_kept_apart() {
    becomes(
        "# v1.0.1\n## Features\n1. One\n2. Two\n\n## Bug Fixes\n<details>\n\n- inside\n\n</details>\n\n\
         ## Others\n| a | b |\n|---|---|\n| 1 | 2 |\n\n---\n[x]: https://x.y\n",
        "# v1.0.1\n## Features\n1. One\n2. Two\n\n- A feature ([#2](https://github.com/o/r/pull/2))\n\n\
         ## Bug Fixes\n<details>\n\n- inside\n\n</details>\n\n- The fault ([#1](https://github.com/o/r/pull/1))\n\
         - Another fault ([#3](https://github.com/o/r/pull/3))\n\n\
         ## Others\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- A chore ([#4](https://github.com/o/r/pull/4))\n\n\
         ## Contributors\n- A\n\n---\n[x]: https://x.y\n",
    );
}

#[test]
fn a_list_goes_on_below_whatever_its_last_item_holds() {
    for last in ["\t- nested", "  - nested\n\n    ```\n    code\n    ```", "\n  A paragraph of it.\n\n\tcode"]
    {
        let play = project(&format!(
            "Log\n===\n\nv1.0.1\n---\n\n### Bug Fixes ###\n* Mine.\n{last}\n\nv1.0.0\n---\n"
        ));
        write(&play);
        let text = play.scratch.read(LOG);
        let wanted =
            format!("* Mine.\n{last}\n* The fault ([#1](https://github.com/o/r/pull/1))\n* Another fault");
        assert!(text.contains(&wanted), "{text}");
    }
}

#[test]
fn a_section_without_kinds_of_a_project_without_them_is_one_list() {
    let play = project("# v1.0.1\nIn short: better.\n\n# v1.0.0\n");
    play.scratch.write("docs/CHANGELOG/CHANGELOG-0.0.0.md", "# v0.0.0\n\n- None.\n");
    play.scratch.git(["commit", "--quiet", "--allow-empty", "-m", "feat!: another way (#5)"]);
    write(&play);
    assert_eq!(
        play.scratch.read(LOG),
        "# v1.0.1\nIn short: better.\n\n- **Breaking:** Another way ([#5](https://github.com/o/r/pull/5))\n\
         - A feature ([#2](https://github.com/o/r/pull/2))\n- The fault ([#1](https://github.com/o/r/pull/1))\n\
         - Another fault ([#3](https://github.com/o/r/pull/3))\n- A chore ([#4](https://github.com/o/r/pull/4))\n\n\
         ## Contributors\n- A\n\n# v1.0.0\n"
    );
}

#[test]
fn headings_of_kinds_are_known_by_other_names() {
    becomes(
        "# v1.0.1\n### ✨ New Features\n### 🐛 Bug Fixes\n### Other (Cleanup or Flake)\n",
        "# v1.0.1\n### ✨ New Features\n- A feature ([#2](https://github.com/o/r/pull/2))\n\n### 🐛 Bug Fixes\n\
         - The fault ([#1](https://github.com/o/r/pull/1))\n- Another fault ([#3](https://github.com/o/r/pull/3))\n\n\
         ### Other (Cleanup or Flake)\n- A chore ([#4](https://github.com/o/r/pull/4))\n\n## Contributors\n- A\n",
    );
}

#[test]
fn one_file_for_all_with_what_is_not_released_on_top() {
    let before = "# Changelog\n\n## [Unreleased]\n### Added\n- Soon.\n\n## [1.0.0] - 2026-01-02\n### Added\n- All.\n\n\
                  [Unreleased]: https://github.com/o/r/compare/v1.0.0...HEAD\n[1.0.0]: https://github.com/o/r/commits/v1.0.0\n";
    let play = project("");
    std::fs::remove_dir_all(play.scratch.path().join("docs")).unwrap();
    play.scratch.write(".relguard.yaml", "changelog: { path: CHANGELOG.md }\n").write("CHANGELOG.md", before);
    write(&play);
    let text = play.scratch.read("CHANGELOG.md");
    let (head, rest) = text.split_once("## [1.0.1]\n").unwrap();
    let (section, old) = rest.split_once("## [1.0.0]").unwrap();
    assert_eq!(format!("{head}## [1.0.0]{old}"), before);
    assert!(section.contains(FIX) && section.contains("- A feature"), "{section}");
    assert!(!old.contains("Contributors"), "{old}");
}

#[test]
fn the_words_of_a_kept_changelog_are_its_own() {
    becomes(
        "# Changelog\n\n## [1.0.1] - 2026-11-22\n\n### Fixed\n\n- Mine.\n\n## [1.0.0]\n",
        "# Changelog\n\n## [1.0.1] - 2026-11-22\n\n### Features\n- A feature ([#2](https://github.com/o/r/pull/2))\n\n\
         ### Fixed\n\n- Mine.\n- The fault ([#1](https://github.com/o/r/pull/1))\n\
         - Another fault ([#3](https://github.com/o/r/pull/3))\n\n### Others\n\
         - A chore ([#4](https://github.com/o/r/pull/4))\n\n### Contributors\n- A\n\n## [1.0.0]\n",
    );
}

#[test]
fn oldest_first_goes_to_the_end() {
    let play = project("# v1.0.0\n- The first.\n");
    play.scratch.write(".relguard.yaml", "changelog: { order: oldest-first }\n");
    write(&play);
    let text = play.scratch.read(LOG);
    assert!(text.starts_with("# v1.0.0\n- The first.\n\n# v1.0.1 (since v1.0.0)\n"), "{text}");
}

#[test]
fn the_table_of_contents_follows() {
    let head =
        "<!-- START doctoc -->\n\n- [v1.0.0](#v100)\n\n<!-- END doctoc -->\n\n# v1.0.0\n- The first.\n";
    let play = project(head);
    play.scratch
        .write("docs/CHANGELOG/CHANGELOG-0.9.md", head.replace("1.0.0", "0.9.0").replace("(#v100)", "(#x)"));
    write(&play);
    let text = play.scratch.read(LOG);
    assert!(
        text.contains("- [v1.0.1 (since v1.0.0)](#v101-since-v100)\n  - [Features](#features)\n"),
        "{text}"
    );
    // Another file's is not this step's.
    let other = play.scratch.read("docs/CHANGELOG/CHANGELOG-0.9.md");
    assert!(other.contains("(#x)"), "{other}");
}

#[test]
fn a_new_minor_gets_a_file_in_the_built_in_form() {
    let mut play = project("# v1.0.0\n- The first.\n");
    std::fs::remove_file(play.scratch.path().join("docs/CHANGELOG/CHANGELOG-0.0.0.md")).unwrap();
    play.follow("commit-written docs: none");
    play.scratch.relguard(["changelog", "v1.1.0"]).exits(0);
    let text = play.scratch.read("docs/CHANGELOG/CHANGELOG-1.1.md");
    let expected = "# v1.1.0\n## Downloads for v1.1.0\n\n\
         Download v1.1.0 in the [v1.1.0 release page](https://github.com/o/r/releases/tag/v1.1.0).\n\n\
         ## Changelog since v1.0.0\n### Changes by Kind\n#### Features\n- A feature ([#2](https://github.com/o/r/pull/2))\n\n\
         #### Bug Fixes\n- The fault ([#1](https://github.com/o/r/pull/1))\n\
         - Another fault ([#3](https://github.com/o/r/pull/3))\n\n\
         #### Others\n- A chore ([#4](https://github.com/o/r/pull/4))\n- None (";
    assert!(text.contains(expected), "{text}");
    assert!(text.ends_with("))\n\n### Contributors\n- A\n"), "{text}");
    assert!(text.contains("  - [Contributors](#contributors)\n\n<!-- END doctoc"), "{text}");
    // The other rules agree with it.
    play.scratch
        .write("charts/a/Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.1.0\nappVersion: \"1.1.0\"\n");
    play.scratch.relguard(["check", "--strict"]).exits(0);
}

#[test]
fn replaced_is_written_anew_and_nothing_else_goes() {
    let before =
        "# Log\n\n# v1.0.1\nMine.\n## Odd\n- x\n\n---\n[1.0.0]: https://x.y\n\n# v1.0.0\n- The first.\n";
    let play = project(before);
    let shown = play.scratch.relguard(["changelog", "1.0.1", "--replace", "--stdout"]).exits(0).stdout;
    play.scratch.relguard(["changelog", "1.0.1", "--replace"]).exits(0);
    let text = play.scratch.read(LOG);
    let (head, rest) = text.split_once("# v1.0.1").unwrap();
    assert_eq!(head, "# Log\n\n");
    assert!(rest.starts_with(" (since v1.0.0)\n## Features\n- A feature"), "{text}");
    assert!(text.ends_with("- A\n\n---\n[1.0.0]: https://x.y\n\n# v1.0.0\n- The first.\n"), "{text}");
    assert!(!text.contains("Mine") && text.contains(&shown), "{text}");
    let again = play.scratch.relguard(["changelog", "1.0.1", "--replace"]).exits(0);
    assert!(again.stdout.starts_with("already done"), "{}", again.stdout);
}

#[test]
fn a_released_section_changes_only_on_purpose() {
    let mut play = project("# v1.0.1\n- Mine.\n\n# v1.0.0\n");
    play.follow("commit-written docs: the log\ntag v1.0.1\ncommit fix: later (#9)");
    let before = play.scratch.files();
    let ran = play.scratch.relguard(["changelog", "1.0.1"]).exits(2);
    assert!(ran.stderr.contains("v1.0.1 is released"), "{}", ran.stderr);
    assert!(ran.stdout.is_empty());
    let ran = play.scratch.relguard(["changelog", "1.0.1", "--stdout"]).exits(0);
    assert!(
        ran.stdout.contains("- Mine.") && ran.stdout.contains(FIX) && !ran.stdout.contains("#9"),
        "{}",
        ran.stdout
    );
    assert_eq!(play.scratch.files(), before);
    play.scratch.relguard(["changelog", "1.0.1", "--replace"]).exits(0);
    assert!(play.scratch.read(LOG).contains(FIX));
}

#[test]
fn looking_at_it_writes_nothing() {
    let play = project("# v1.0.0\n");
    let before = files_below(&play.scratch.path());
    let ran = play.scratch.relguard(["changelog", "1.0.1", "--dry-run"]).exits(0);
    assert!(ran.stdout.contains("would write docs/CHANGELOG/CHANGELOG-1.0.md\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("+++ b/docs/CHANGELOG/CHANGELOG-1.0.md\n"), "{}", ran.stdout);
    let json = play.scratch.json(["changelog", "1.0.1", "--dry-run"]);
    assert_eq!(
        (json["step"].as_str(), json["actions"][0]["done"].as_bool()),
        (Some("changelog"), Some(false))
    );
    let shown = play.scratch.json(["changelog", "1.0.1", "--stdout"]);
    assert_eq!((shown["version"].as_str(), shown["schema_version"].as_u64()), (Some("1.0.1"), Some(1)));
    assert!(shown["section"].as_str().unwrap().starts_with("# v1.0.1"), "{shown}");
    assert_eq!(files_below(&play.scratch.path()), before);
}

#[test]
fn the_charts_version_is_meant_where_none_is_named() {
    let play = project("# v1.0.0\n");
    play.scratch
        .write("charts/a/Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.0.1\nappVersion: \"1.0.1\"\n");
    assert!(play.scratch.relguard(["changelog", "--stdout"]).exits(0).stdout.starts_with("# v1.0.1"));
    play.scratch.write("charts/a/Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.0\n");
    let ran = play.scratch.relguard(["changelog"]).exits(2);
    assert!(ran.stderr.contains("`1.0` is not SemVer"), "{}", ran.stderr);
    play.scratch.write(".relguard.yaml", "charts: []\n");
    assert!(play.scratch.relguard(["changelog"]).exits(2).stderr.contains("name the version"));
    play.scratch.relguard(["changelog", "1.0.1"]).exits(0);
}

#[test]
fn where_the_changelog_is_kept_elsewhere_that_is_said() {
    let mut play = project("# v1.0.0\n");
    play.scratch.write(".relguard.yaml", "changelog: { on: default-branch }\n");
    play.follow("on release-1.0 master");
    let ran = play.scratch.relguard(["changelog", "1.0.1"]).exits(0);
    assert!(ran.stdout.contains("next: this project keeps its changelog on master"), "{}", ran.stdout);
}

#[test]
fn a_prerelease_that_needs_no_section_gets_one_when_asked() {
    let play = project("# v1.0.0\n");
    play.scratch.write(".relguard.yaml", "changelog: { prereleases: optional }\n");
    play.scratch.relguard(["changelog", "1.0.1-rc.1"]).exits(0);
    assert!(play.scratch.read(LOG).starts_with("# v1.0.1-rc.1 (since v1.0.0)\n"));
}

#[test]
fn a_later_run_adds_what_came_since() {
    let mut play = project("# v1.0.0\n");
    write(&play);
    let before = play.scratch.read(LOG);
    play.follow("as Zoe <z@example.org>\ncommit fix: a third fault (#5)\ncommit build(deps): bump a/b from 1.0 to 1.1 (#6)");
    write(&play);
    play.follow("commit build(deps): bump a/b from 1.1 to 1.2 (#7)");
    write(&play);
    let after = play.scratch.read(LOG);
    let new = [
        "- A third fault ([#5](https://github.com/o/r/pull/5))\n",
        "- Bump a/b from 1.0 to 1.1 ([#6](https://github.com/o/r/pull/6))\n",
        "- Bump a/b from 1.1 to 1.2 ([#7](https://github.com/o/r/pull/7))\n",
        "- Zoe\n",
    ];
    let without = new.iter().fold(after.clone(), |text, line| {
        assert_eq!(text.matches(line).count(), 1, "{line}: {after}");
        text.replace(line, "")
    });
    assert_eq!(without, before);
}
