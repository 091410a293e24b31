//! What can't be written is refused, and then nothing is.

use std::process::Stdio;

use crate::history::Play;
use crate::support::{Scratch, isolated, run};

const LOG: &str = "docs/CHANGELOG/CHANGELOG-1.0.md";

fn project(log: &str) -> Play {
    let mut play = Play::new();
    play.follow("commit feat: begin\ntag v1.0.0\ncommit fix: the fault (#1)");
    play.scratch.write(LOG, log);
    play
}

/// Runs `changelog 1.0.1`, which must end so, say so, and write nothing.
#[track_caller]
fn refuses(play: &Play, status: i32, words: &str) {
    let before = play.scratch.files();
    let ran = play.scratch.relguard(["changelog", "1.0.1"]).exits(status);
    let said = if status == 2 { &ran.stderr } else { &ran.stdout };
    assert!(said.contains(words), "{said}");
    assert!(status == 1 || ran.stdout.is_empty(), "{}", ran.stdout);
    assert_eq!(play.scratch.files(), before);
}

#[test]
fn a_file_that_can_not_take_a_section_is_refused_by_the_rule() {
    refuses(&project("# v1.0.1\na\n\n# v1.0.0\n\n# v1.0.1\nb\n"), 1, "has two sections for 1.0.1");
    refuses(&project("Words.\n\n<!-- open\n\n# v1.0.0\n"), 1, "has no section for 1.0.1");
    refuses(&project("```\n# v1.0.0\n"), 1, "has no section for 1.0.1");
    let play = project("# v1.0.0\n");
    play.scratch.write(LOG, b"# v1.0.0\n\xff\n");
    refuses(&play, 1, "is not UTF-8");
    play.scratch.write("docs/CHANGELOG/CHANGELOG-0.0.0.md", "no section\n");
    play.scratch.write(LOG, "# v1.0.0\n");
    refuses(&play, 1, "has no section for 0.0.0");
}

#[test]
fn what_is_open_in_the_section_is_not_written_into() {
    for log in [
        "# v1.0.1\n## Features\n## Bug Fixes\n```\ncode\n",
        "# v1.0.1\n## Others\nx\n\n## Bug Fixes\n<!--\nnot yet\n",
        "# v1.0.1\n## Bug Fixes\n~~~~\n```\n",
    ] {
        refuses(&project(log), 2, "would be part of a code block, a comment or HTML");
    }
    // What is closed again is no hindrance.
    for log in ["# v1.0.1\n## Bug Fixes\n```\ncode\n```\n", "# v1.0.1\n## Bug Fixes\n<div>\nx\n</div>\n"] {
        let play = project(log);
        play.scratch.relguard(["changelog", "1.0.1"]).exits(0);
        let text = play.scratch.read(LOG);
        assert!(text.starts_with(log.trim_end()) && text.contains("\n\n- The fault (["), "{text}");
    }
}

#[test]
fn headings_of_any_look_are_sections() {
    for log in [
        "v1.0.1\n===\n\n#### Bug Fixes ####\n\n- Mine.\n\nv1.0.0\n===\n",
        "###### v1.0.1\n###### v1.0.0\n",
        "# Log\n### [1.0.1](u) (2026-01-02)\n\nv1.0.0\n---\n",
        "<!-- START doctoc -->\nbroken [(\n<!-- END doctoc -->\n# v1.0.1\n\n# v1.0.0\n",
        "<!-- END doctoc -->\n<!-- START doctoc -->\n# v1.0.1\n\n# v1.0.0\n",
    ] {
        let play = project(log);
        play.scratch.relguard(["changelog", "1.0.1"]).exits(0);
        let text = play.scratch.read(LOG);
        let told = text.find("- The fault").unwrap();
        assert!(told < text.rfind("v1.0.0").unwrap(), "{text}");
        let again = play.scratch.relguard(["changelog", "1.0.1"]).exits(0);
        assert!(again.stdout.contains("already done"), "{}", again.stdout);
        assert_eq!(play.scratch.read(LOG), text);
    }
}

#[test]
fn a_repository_that_can_not_say_is_told_so() {
    let scratch = Scratch::new();
    let ran = scratch.relguard(["changelog", "1.0.0"]).exits(2);
    assert!(ran.stderr.contains("there is no commit yet"), "{}", ran.stderr);
    let ran = scratch.relguard(["changelog"]).exits(2);
    assert!(ran.stderr.contains("no chart was found that says the version"), "{}", ran.stderr);
    let ran = scratch.relguard(["changelog", "1.0"]).exits(2);
    assert!(ran.stderr.contains("`1.0` is no version"), "{}", ran.stderr);
    scratch.write(".relguard.yaml", "changelog: false\n");
    scratch.commit("chore: begin");
    let ran = scratch.relguard(["changelog", "1.0.0"]).exits(2);
    assert!(ran.stderr.contains("keeps no changelog"), "{}", ran.stderr);
    let ran = scratch.relguard(["changelog", "1.0.0", "--format", "sarif"]).exits(2);
    assert!(ran.stderr.contains("--format takes human or json here"), "{}", ran.stderr);
    let bare = scratch.outside("bare.git");
    scratch.git(["clone", "--quiet", "--bare", ".", bare.to_str().unwrap()]);
    let ran = scratch.relguard(["-C", bare.to_str().unwrap(), "changelog", "1.0.0"]).exits(2);
    assert!(ran.stderr.contains("bare"), "{}", ran.stderr);
}

#[test]
fn a_shallow_clone_is_enough_only_where_it_has_the_range() {
    let play = project("# v1.0.0\n");
    let here = format!("file://{}", play.scratch.path().display());
    let clone = |options: &[&str]| {
        let into = play.scratch.outside("shallow");
        let _ = std::fs::remove_dir_all(&into);
        let mut command = isolated("git", &play.scratch.outside(""));
        command.args(["clone", "--quiet"]).args(options).arg(&here).arg(&into).stderr(Stdio::null());
        assert_eq!(run(command).status, 0);
        let mut command = play.scratch.relguard_command(&["changelog", "1.0.1", "--stdout"]);
        command.current_dir(into);
        run(command)
    };
    for options in [&["--depth=1"][..], &["--depth=1", "--no-tags"], &["--depth=2", "--no-tags"]] {
        let ran = clone(options).exits(2);
        assert!(ran.stderr.contains("git fetch --unshallow") && ran.stdout.is_empty(), "{}", ran.stderr);
    }
    // `--depth` brings the tags of the commits that it brings.
    assert!(clone(&["--depth=2"]).exits(0).stdout.contains("- The fault"), "the range is there");
}

#[test]
fn a_partial_clone_has_handed_over_what_is_compared() {
    let mut play = Play::new();
    play.follow(
        "write x 1\\n2\\n3\\n4\\n5\\n6\\n7\\n8\\n\ncommit-written feat: begin\ntag v1.0.0\n\
         write x 1\\n2\\n3\\n4\\n5\\n6\\nhalf\\n7\\n8\\n\ncommit-written fix: the fault\n\
         commit fix: another fault\non release-1.0 v1.0.0\nas B <b@example.org>\n\
         write x 0\\n1\\n2\\n3\\n4\\n5\\n6\\n7\\n8\\n\ncommit-written chore: of the line\n\
         write x 0\\n1\\n2\\n3\\n4\\n5\\n6\\nhalf\\n7\\n8\\n\ncommit-written Said in other words\n\
         tag v1.0.1\non master\n\
         git config uploadpack.allowFilter true\ngit config uploadpack.allowAnySHA1InWant true",
    );
    let from = format!("file://{}", play.scratch.path().display());
    let into = play.scratch.outside("partial");
    let git = |args: &[&str]| {
        let mut command = isolated("git", &play.scratch.outside(""));
        command.args(args);
        assert_eq!(run(command).status, 0, "git {args:?}");
    };
    let changelog = |no_lazy_fetch: &str| {
        let mut command = play.scratch.relguard_command(&["changelog", "1.1.0", "--stdout"]);
        command.current_dir(&into).env("GIT_NO_LAZY_FETCH", no_lazy_fetch);
        run(command)
    };
    let there = into.to_str().unwrap();
    for filter in ["--filter=tree:0", "--filter=blob:none"] {
        let _ = std::fs::remove_dir_all(&into);
        git(&["clone", "--quiet", filter, &from, there]);
        git(&["-C", there, "config", "remote.origin.promisor", "yes"]);
        let ran = changelog("0").exits(0);
        assert!(
            ran.stdout.contains("- Another fault") && !ran.stdout.contains("- The fault"),
            "{}",
            ran.stdout
        );
    }
    let wanted = "git fetch --refetch --no-filter origin";
    for filter in ["--filter=blob:none", "--filter=tree:0"] {
        let _ = std::fs::remove_dir_all(&into);
        git(&["clone", "--quiet", filter, &from, there]);
        git(&["-C", there, "config", "remote.origin.promisor", "1"]);
        git(&["-C", there, "remote", "set-url", "origin", "file:///nowhere"]);
        let ran = changelog("1").exits(2);
        assert!(ran.stderr.contains(wanted) && ran.stdout.is_empty(), "{}", ran.stderr);
    }
    let ran = changelog("0").exits(2);
    assert!(ran.stderr.contains(wanted) && ran.stderr.contains("/nowhere"), "{}", ran.stderr);
    // What it says to do is enough.
    git(&["-C", there, "remote", "set-url", "origin", &from]);
    // Git would go on to repack in the background, while the objects are read.
    let alone = "maintenance.auto=false";
    git(&["-C", there, "-c", alone, "fetch", "--quiet", "--refetch", "--no-filter", "origin"]);
    git(&["-C", there, "remote", "set-url", "origin", "file:///nowhere"]);
    changelog("1").exits(0);
}

#[test]
fn tags_of_other_things_are_passed_over() {
    let mut play = Play::new();
    play.follow("commit feat: begin\ntag v1.0.0\ncommit fix: the fault (#1)\ngit tag v1.0.5 HEAD^{tree}\ngit tag nightly");
    let ran = play.scratch.relguard(["changelog", "1.0.6", "--stdout"]).exits(0);
    assert!(
        ran.stdout.contains("# v1.0.6 (since v1.0.0)") && ran.stdout.contains("The fault"),
        "{}",
        ran.stdout
    );
    let ran = play.scratch.relguard(["changelog", "1.0.5", "--stdout"]).exits(2);
    assert!(
        ran.stderr.contains("the tag v1.0.5 names a folder (a tree object), no commit"),
        "{}",
        ran.stderr
    );
}

#[test]
fn unrelated_histories_have_all_of_theirs() {
    let mut play = Play::new();
    play.follow(
        "commit feat: begin\ntag v1.0.0\ngit checkout --quiet --orphan other\ncommit fix: elsewhere (#1)",
    );
    let ran = play.scratch.relguard(["changelog", "1.0.1", "--stdout"]).exits(0);
    assert!(ran.stdout.contains("- Elsewhere") && !ran.stdout.contains("Begin"), "{}", ran.stdout);
    let ran = play.scratch.relguard(["changelog", "1.1.0", "--stdout"]).exits(0);
    assert!(ran.stdout.starts_with("# v1.1.0\n"), "{}", ran.stdout);
}

/// A commit with a message of any bytes.
fn commit_raw(play: &Play, header: &str, message: &[u8]) {
    let tree = play.scratch.git(["rev-parse", "HEAD^{tree}"]).stdout;
    let parent = play.scratch.git(["rev-parse", "HEAD"]).stdout;
    let mut object = format!(
        "tree {tree}parent {parent}author J\u{fc}rgen <j@example.org> 1767225600 +0000\n\
         committer C <c@example.org> 1767225600 +0000\n{header}\n"
    )
    .into_bytes();
    object.extend(message);
    play.scratch.write("object", &object);
    let id = play.scratch.git(["hash-object", "-t", "commit", "-w", "--literally", "object"]).stdout;
    std::fs::remove_file(play.scratch.path().join("object")).unwrap();
    play.scratch.git(["reset", "--quiet", "--soft", id.trim()]);
}

#[test]
fn messages_of_any_bytes_are_told() {
    let play = project("# v1.0.0\n");
    commit_raw(&play, "encoding ISO-8859-1\n", b"fix: gr\xf6\xdfer (#2)\n");
    commit_raw(&play, "", b"fix: no \xff text (#3)\n");
    commit_raw(&play, "", b"");
    commit_raw(&play, "", b"\n\n  \n");
    commit_raw(&play, "", b"fix: with\0nothing behind it\n");
    commit_raw(&play, "", &[b"feat: enormous (#4)\n\n".to_vec(), b"`*[<".repeat(1_000_000)].concat());
    commit_raw(&play, "", &[b"feat: ".to_vec(), b"x`".repeat(1_000_000)].concat());
    commit_raw(&play, "", "fix: right\u{202e}to left\u{7} (#5)".as_bytes());
    let ran = play.scratch.relguard(["changelog", "1.0.1", "--stdout"]).exits(0);
    for line in ["- größer (", "- No \u{fffd} text (", "- Enormous (", "- With (", "- Rightto left ("] {
        assert!(ran.stdout.contains(line), "{line}: {}", ran.stdout);
    }
    assert!(ran.stdout.len() < 10_000, "{}", ran.stdout.len());
}

#[test]
fn thousands_of_nested_merges_are_no_matter() {
    let play = project("# v1.0.0\n");
    let mut stream = String::new();
    let mut commit = |mark: usize, parents: &[String], subject: &str| {
        stream.extend([format!(
            "commit refs/heads/deep\nmark :{mark}\ncommitter C <c@example.org> {} +0000\ndata {}\n{subject}\n",
            1_767_300_000 + mark,
            subject.len()
        )]);
        for (word, parent) in ["from", "merge"].iter().zip(parents) {
            stream.extend([word, " ", parent.as_str(), "\n"]);
        }
        stream.push('\n');
    };
    commit(1, &["refs/heads/master".into()], "fix: at the bottom");
    for step in 1..=3_000 {
        commit(2 * step, &[":1".into()], &format!("fix: number {step}"));
        commit(
            2 * step + 1,
            &[format!(":{}", 2 * step), format!(":{}", 2 * step - 1)],
            "Merge branch 'master'",
        );
    }
    play.scratch.write("stream", &stream);
    let mut command = isolated("git", &play.scratch.outside(""));
    command.args(["fast-import", "--quiet"]).current_dir(play.scratch.path());
    command.stdin(std::fs::File::open(play.scratch.path().join("stream")).unwrap());
    assert!(command.status().unwrap().success());
    play.scratch.git(["checkout", "--quiet", "--force", "deep"]);
    let ran = play.scratch.relguard(["changelog", "1.0.1", "--stdout"]).exits(0);
    assert_eq!(ran.stdout.matches("- Number ").count(), 3_000);
    assert_eq!(ran.stdout.matches("- At the bottom").count(), 1);
}
