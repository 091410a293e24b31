//! Files that are no YAML, no text, no file, or far too much of it.

use std::fmt::Write as _;
use std::fs;

use crate::support::{Scratch, run};
use crate::{CHART, LOG, MENDED, VALUES, finds, in_shell, mends, project, refuses, sound};

/// What can stand in a YAML file's place, where the trouble is seen, and how it is called.
fn broken_yaml() -> Vec<(Vec<u8>, &'static str, &'static str)> {
    let nested = |open: &str| format!("a: {}\n", open.repeat(100_000)).into_bytes();
    vec![
        (b"a: [1\n".to_vec(), ":1:4", "not closed"),
        (b"a: }\n".to_vec(), ":1:4", "closed that was not opened"),
        (b"a: 'x\n".to_vec(), ":1:6", "a quote is not closed"),
        (b"a: \"\\q\"\n".to_vec(), ":1:", "escape"),
        (b"a: b: c\n".to_vec(), ":1:5", "`:`"),
        (b"a: 1\n  b: 2\n".to_vec(), ":2:4", "`:`"),
        (b"a:\n    b: 1\n  c: 2\n".to_vec(), ":3:", "indentation"),
        (b"a:\n\tb: 1\n".to_vec(), ":2:2", "a tab stands where YAML takes spaces only"),
        (b"a: *b\n".to_vec(), ":1:4", "anchor"),
        (b"a: @x\n".to_vec(), ":1:4", "can't begin with `@`"),
        (b"a: &x [*x]\n".to_vec(), ":1:8", "an alias stands inside what it names"),
        (b"a: 1\nb: 2\na: 3\n".to_vec(), ":3:1", "key `a` is there twice, first in line 1"),
        (b"a: 1\n---\na: 2\n".to_vec(), ":2:1", "a second YAML document begins here"),
        (b"- a\n- b\n".to_vec(), ":1:1", "keys and values are expected here"),
        (b"just words\n".to_vec(), ":1:1", "keys and values are expected here"),
        (b"a: 1\nb: \xff\n".to_vec(), ":2:4", "byte 0xff is not UTF-8"),
        (b"\xff\xfea\0:\0 \x001\0".to_vec(), ":1:1", "byte 0xff is not UTF-8"),
        (b"\x89PNG\r\n\x1a\n\0\0".to_vec(), ":1:1", "byte 0x89 is not UTF-8"),
        (nested("["), ":1:", "it is nested too deeply"),
        (nested("{a: "), ":1:", "it is nested too deeply"),
        (nested("- "), ":1:", ""),
        (alias_bomb(), ":", "its aliases stand for over a million values"),
    ]
}

fn alias_bomb() -> Vec<u8> {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let below = vec![format!("*a{}", level - 1); 10].join(", ");
        writeln!(text, "a{level}: &a{level} [{below}]").unwrap();
    }
    text.into_bytes()
}

#[test]
fn what_is_no_yaml_is_one_finding_at_the_place() {
    let scratch = project();
    for (path, rule) in [(CHART, "chart/version"), (VALUES, "chart/values-sync")] {
        for (bytes, place, cause) in broken_yaml() {
            scratch.write(path, &bytes);
            let shown = format!("{path}{place}");
            finds(
                &scratch,
                &["check"],
                &[rule, &format!("{path} can't be read: "), &shown, cause, "= help: "],
            );
            // A file that can't be read is left alone; what can be mended elsewhere is.
            let elsewhere: Vec<_> = MENDED.into_iter().filter(|(other, ..)| *other != path).collect();
            mends(&scratch, &["fix"], 1, if path == CHART { &[] } else { &elsewhere });
            scratch.git(["checkout", "--quiet", "."]);
        }
    }
}

#[test]
fn an_empty_or_null_file_is_no_panic() {
    let scratch = project();
    for text in ["", "\n", "\u{feff}", "---\n", "...\n", "~\n", "# only a comment", "%YAML 1.2\n---\n", "\0"]
    {
        scratch.write(CHART, text);
        finds(&scratch, &["check"], &["chart/version", CHART]);
        scratch.git(["checkout", "--quiet", "."]).exits(0);
        scratch.write(VALUES, text).write(LOG, text);
        refuses(&scratch, &["check"], 1, &[CHART]);
        scratch.git(["checkout", "--quiet", "."]);
    }
}

#[test]
fn a_folder_in_a_files_place_is_a_finding() {
    for (path, rule) in [(CHART, "chart/version"), (VALUES, "chart/values-sync"), (LOG, "changelog/file")] {
        let scratch = project();
        fs::remove_file(scratch.path().join(path)).unwrap();
        scratch.write(&format!("{path}/inside"), "");
        finds(&scratch, &["check"], &[rule, path, "a folder stands in its place", "put a plain file there"]);
        run(scratch.relguard_command(&["fix"])).exits(1);
        assert_eq!(scratch.read(&format!("{path}/inside")), "");
        scratch.git(["add", "--all"]);
        finds(&scratch, &["check", "--staged"], &[rule, path, "a folder stands in its place"]);
    }
    let scratch = project();
    scratch.write(".relguard.yaml/inside", "");
    refuses(&scratch, &["check"], 2, &[".relguard.yaml can't be read: a folder stands in its place"]);
    // Where the changelog's folder should be made, a file is in the way.
    let scratch = project();
    fs::remove_dir_all(scratch.path().join("docs")).unwrap();
    scratch.write("docs", "a file");
    refuses(&scratch, &["fix"], 2, &["docs is no folder"]);
    scratch.git(["add", "--all"]);
    refuses(&scratch, &["fix", "--staged"], 2, &["docs is no folder"]);
    assert_eq!(scratch.git(["show", ":docs"]).stdout, "a file");
}

#[test]
fn a_named_pipe_or_socket_is_not_waited_for() {
    let scratch = project();
    fs::remove_file(scratch.path().join(VALUES)).unwrap();
    let mut make = crate::isolated("mkfifo", &scratch.outside("."));
    make.arg(scratch.path().join(VALUES));
    run(make).exits(0);
    let ran = run(scratch.relguard_command(&["check"]));
    sound(&scratch, ran, 1, &[VALUES, "it is no file", "put a plain file there"]);
}

/// More than relguard may use for all that it does, the program itself included.
const SMALL: &str = "ulimit -v 90000 && {}";

#[test]
fn a_huge_file_is_not_read() {
    let scratch = project();
    for path in [VALUES, CHART, LOG] {
        let file = fs::OpenOptions::new().write(true).open(scratch.path().join(path)).unwrap();
        file.set_len(100 * 1024 * 1024).unwrap();
        drop(file);
        let says = [path, "it is over 10 MiB", "move the bulk elsewhere"];
        sound(&scratch, run(in_shell(&scratch, SMALL, &["check"])), 1, &says);
        let status = i32::from(path != CHART);
        sound(&scratch, run(in_shell(&scratch, SMALL, &["fix", "--diff"])), status, &[]);
        if path == VALUES {
            huge_blob(&scratch, &says);
        }
        scratch.git(["checkout", "--quiet", "HEAD~0", "--", "."]);
        scratch.git(["reset", "--quiet", "--hard", "HEAD"]);
    }
    let scratch = project();
    scratch.write(".relguard.yaml", vec![b'#'; 11 * 1024 * 1024]);
    refuses(&scratch, &["check"], 2, &[".relguard.yaml can't be read: it is over 10 MiB"]);
}

fn huge_blob(scratch: &Scratch, says: &[&str]) {
    scratch.git(["-c", "core.compression=1", "add", "--all"]);
    sound(scratch, run(in_shell(scratch, SMALL, &["check", "--staged"])), 1, says);
    sound(scratch, run(in_shell(scratch, SMALL, &["hook", "pre-commit"])), 1, says);
    let commit = scratch.commit("huge");
    sound(scratch, run(in_shell(scratch, SMALL, &["check", "--rev", &commit])), 1, says);
    scratch.git(["reset", "--quiet", "--hard", "HEAD~1"]);
}

#[test]
fn the_working_trees_line_ends_are_not_the_indexs() {
    for attributes in [true, false] {
        let scratch = project();
        if attributes {
            scratch.write(".gitattributes", "* text eol=crlf\n");
            scratch.commit("attributes");
        } else {
            scratch.git(["config", "core.autocrlf", "true"]);
        }
        for path in [CHART, VALUES, LOG] {
            fs::remove_file(scratch.path().join(path)).unwrap();
        }
        scratch.git(["checkout", "--quiet", "."]);
        assert!(scratch.read(VALUES).contains("v1.2.2 # kept\r\n"));
        mends(&scratch, &["fix", "--staged"], 0, &MENDED);
        assert_eq!(
            scratch.git(["show", ":charts/a/values.yaml"]).stdout,
            "# kept\nimage:\n  tag: v1.2.3 # kept\n"
        );
        assert_eq!(scratch.git(["diff", "--name-only"]).stdout, "");
        assert_eq!(scratch.git(["diff", "--cached", "--name-only"]).stdout, format!("{CHART}\n{VALUES}\n"));
    }
}

#[test]
fn a_huge_number_of_files_is_no_trouble() {
    let scratch = project();
    let folder = scratch.path().join("charts/a/files");
    fs::create_dir(&folder).unwrap();
    for number in 0..5_000 {
        fs::File::create(folder.join(number.to_string())).unwrap();
    }
    let mut deep = scratch.path().join("charts/a");
    for _ in 0..200 {
        deep.push("deep");
    }
    fs::create_dir_all(&deep).unwrap();
    finds(&scratch, &["check"], &["1 chart checked"]);
    scratch.git(["add", "--all"]);
    finds(&scratch, &["check", "--staged"], &["1 chart checked"]);
}
