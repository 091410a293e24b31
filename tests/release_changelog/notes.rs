//! `relguard notes`: what a release's page says.

use crate::history::Play;
use crate::support::run;

const LOG: &str = "docs/CHANGELOG/CHANGELOG-1.1.md";

/// A released 1.1.0; in the working tree everything is otherwise.
fn project() -> Play {
    let mut play = Play::new();
    play.scratch
        .write("charts/app/Chart.yaml", "apiVersion: v2\nname: app\nversion: 1.1.0\nappVersion: \"1.1.0\"\n")
        .write(
            "charts/app/values.yaml",
            "global:\n  imageTag: v1.1.0\nserver:\n  image: &image\n    registry: ghcr.io/\n    repository: o/app\n    tag: \"\"\n\
             job:\n  image: *image\nother:\n  image: { repository: library/busybox, tag: \"1.36\" }\n\
             scheduler:\n  image: { repository: google/kube-scheduler, tag: \"\" }\n\
             agent: docker.io/o/agent:1.1.0\nhook:\n  repository: o/hook\n  tag: v1.1.0\n",
        )
        .write(
            LOG,
            "# Log\n\n## v1.1.0\n### Features\n- A feature ([#2]).\n\n## v1.1.0-rc.1\n- x\n\n\
             [#2]: https://github.com/o/r/pull/2\n[#3]: https://github.com/o/r/pull/3\n",
        );
    play.follow("commit-written feat: begin\ntag v1.1.0\ngit branch gh-pages");
    play
}

#[test]
fn a_release_is_described_from_its_tag() {
    let play = project();
    let expected = "### Features\n- A feature ([#2]).\n\n[#2]: https://github.com/o/r/pull/2\n\n\
         **Changelog:** [CHANGELOG-1.1.md](https://github.com/o/r/blob/v1.1.0/docs/CHANGELOG/CHANGELOG-1.1.md#v110)\n\n\
         ## Install\n```sh\nhelm repo add r https://o.github.io/r\nhelm repo update r\n\
         helm install app r/app --version 1.1.0\n```\n\n\
         ## Images\n- `docker.io/o/agent:1.1.0`\n- `ghcr.io/o/app:v1.1.0`\n- `o/hook:v1.1.0`\n";
    assert_eq!(play.scratch.relguard(["notes"]).exits(0).stdout, expected);
    // The files on disk play no part once the tag is made.
    play.scratch.write(LOG, "").write("charts/app/values.yaml", "");
    assert_eq!(play.scratch.relguard(["notes", "v1.1.0"]).exits(0).stdout, expected);
    let json = play.scratch.json(["notes", "1.1.0"]);
    assert_eq!((json["notes"].as_str(), json["refused"].as_bool()), (Some(expected), Some(false)));
    play.scratch.relguard(["notes", "1.1.0", "--dry-run", "--output", "notes.md"]).exits(0);
    assert_eq!(play.scratch.read("notes.md"), expected);
}

#[test]
fn a_file_of_notes_holds_what_was_written() {
    let play = project();
    play.scratch.git(["tag", "--delete", "v1.1.0"]);
    let section = "- By 👩\u{200d}💻, می\u{200c}خواهم:\n```\n::set x\n  ##[group]\n```\n";
    play.scratch.write(LOG, format!("# v1.1.0\n{section}"));
    let notes = |more: &[&str]| {
        let mut command = play.scratch.relguard_command(&[&["notes"], more].concat());
        command.env("GITHUB_ACTIONS", "true");
        run(command).exits(0).stdout
    };
    assert_eq!(notes(&["--output", "notes.md"]), "");
    let file = play.scratch.read("notes.md");
    assert!(file.starts_with(section), "{file}");
    // What is printed is read by the runner, which takes such lines for its commands.
    let printed = notes(&[]);
    assert!(printed.contains("👩\u{200d}💻") && printed.contains(":\\u003aset x"), "{printed}");
}

#[test]
fn before_the_tag_the_files_on_disk_say_it() {
    let play = project();
    play.scratch.git(["tag", "--delete", "v1.1.0"]);
    play.scratch.write(LOG, "# v1.1.0\r\n- Of the disk.\r\n\r\n# v1.1.0\r\n");
    let ran = play.scratch.relguard(["notes"]).exits(1);
    assert!(ran.stdout.contains("has two sections for 1.1.0"), "{}", ran.stdout);
    play.scratch.write(LOG, "# v1.1.0\r\n- Of the disk.\r\n");
    let ran = play.scratch.relguard(["notes"]).exits(0);
    assert!(ran.stdout.starts_with("- Of the disk.\n\n**Changelog:** "), "{}", ran.stdout);
}

#[test]
fn the_index_of_the_config_is_where_charts_are_installed_from() {
    let mut play = project();
    play.scratch.git(["tag", "--delete", "v1.1.0"]);
    for (index, line) in [
        (
            "{ url: 'https://charts.example.org/', path: stable/index.yaml }",
            "helm repo add r https://charts.example.org/stable\n",
        ),
        (
            "{ url: 'oci://ghcr.io/o/charts' }",
            "helm install app oci://ghcr.io/o/charts/app --version 1.1.0\n",
        ),
    ] {
        play.scratch.write(".relguard.yaml", format!("index: {index}\n"));
        let ran = play.scratch.relguard(["notes"]).exits(0);
        assert!(ran.stdout.contains(line), "{}", ran.stdout);
    }
    // Where archives lie is not where the chart index lies.
    play.scratch.write(".relguard.yaml", "index: { archives: false, url: 'https://dl.example.org/x' }\n");
    let ran = play.scratch.relguard(["notes"]).exits(0);
    assert!(ran.stdout.contains("helm repo add r https://o.github.io/r\n"), "{}", ran.stdout);
    play.follow("git branch -D gh-pages\ngit remote set-url origin /srv/r.git");
    play.scratch.write(".relguard.yaml", "");
    let ran = play.scratch.relguard(["notes"]).exits(0);
    assert!(!ran.stdout.contains("Install"), "{}", ran.stdout);
    assert!(ran.stdout.contains("**Changelog:** docs/CHANGELOG/CHANGELOG-1.1.md#v110\n"), "{}", ran.stdout);
}

#[test]
fn a_release_without_words_is_refused() {
    let play = project();
    let ran = play.scratch.relguard(["notes", "1.2.0"]).exits(1);
    assert!(ran.stdout.contains("error[changelog/file]"), "{}", ran.stdout);
    let ran = play.scratch.relguard(["notes", "1.1.5"]).exits(1);
    assert!(ran.stdout.contains("error[changelog/section]"), "{}", ran.stdout);
    play.scratch.write("docs/CHANGELOG/CHANGELOG-1.2.md", "# v1.2.0\n## Features\nNone.\n");
    let ran = play.scratch.relguard(["notes", "1.2.0"]).exits(1);
    assert!(ran.stdout.contains("error[changelog/content]"), "{}", ran.stdout);
    let json = play.scratch.json(["notes", "1.2.0"]);
    assert_eq!((json["refused"].as_bool(), json["notes"].is_null()), (Some(true), true));
}

#[test]
fn a_project_without_a_changelog_describes_how_its_release_is_used() {
    let mut play = project();
    play.scratch.write(".relguard.yaml", "changelog: false\n");
    std::fs::remove_file(play.scratch.path().join(LOG)).unwrap();
    play.follow("commit-written chore: keep none\ngit tag --force v1.1.0");
    let expected = "## Install\n```sh\nhelm repo add r https://o.github.io/r\nhelm repo update r\n\
         helm install app r/app --version 1.1.0\n```\n\n\
         ## Images\n- `docker.io/o/agent:1.1.0`\n- `ghcr.io/o/app:v1.1.0`\n- `o/hook:v1.1.0`\n";
    assert_eq!(play.scratch.relguard(["notes", "1.1.0"]).exits(0).stdout, expected);
    // A slip of the keyboard is no release.
    let ran = play.scratch.relguard(["notes", "1.2.0"]).exits(2);
    assert!(
        ran.stderr.contains("there is no tag v1.2.0, and no chart here is of that version"),
        "{}",
        ran.stderr
    );
    assert_eq!(ran.stdout, "");
    // With nothing to install and no image there is still a description.
    play.scratch.write(".relguard.yaml", "changelog: false\ncharts: []\n");
    assert_eq!(play.scratch.relguard(["notes", "1.2.0"]).exits(0).stdout, "Release v1.2.0.\n");
}

#[test]
fn a_changelog_kept_on_the_default_branch_is_read_there() {
    let mut play = project();
    play.scratch.write(".relguard.yaml", "changelog: { on: default-branch, path: CHANGELOG.md }\n");
    play.follow("commit-written chore: move\ngit tag --force v1.1.0");
    play.scratch.write("CHANGELOG.md", "# Log\n## v1.1.0\n- On master.\n");
    play.follow("commit-written docs: write it");
    let ran = play.scratch.relguard(["notes", "1.1.0"]).exits(0);
    let link = "[CHANGELOG.md](https://github.com/o/r/blob/master/CHANGELOG.md#v110)";
    assert!(ran.stdout.starts_with("- On master.") && ran.stdout.contains(link), "{}", ran.stdout);
}

#[test]
fn anchors_are_told_apart_as_the_forge_does() {
    let play = project();
    play.scratch.git(["tag", "--delete", "v1.1.0"]);
    play.scratch.write(LOG, "# v11.0 of old\n# 1.1.0: *the* `big` one\n- x\n# 1.1.0\u{a0}the-big-one\n");
    let ran = play.scratch.relguard(["notes"]).exits(0);
    assert!(ran.stdout.contains("CHANGELOG-1.1.md#110-the-big-one)"), "{}", ran.stdout);
}
