//! Writes that fail: every file stays as it was, and nothing is left behind.
#![cfg(unix)]

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

use crate::support::{Scratch, isolated, run};
use crate::{CHART, LOG, MENDED, VALUES, assert_same, in_shell, is_root, lacks, mends, project, sound};

fn set_mode(scratch: &Scratch, path: &str, mode: u32) {
    fs::set_permissions(scratch.path().join(path), fs::Permissions::from_mode(mode)).unwrap();
}

fn mode(scratch: &Scratch, path: &str) -> u32 {
    fs::metadata(scratch.path().join(path)).unwrap().permissions().mode() & 0o7777
}

/// relguard as a user whom permissions bind; root becomes somebody else, to whom the project is given.
fn as_ordinary_user(scratch: &Scratch, args: &[&str]) -> Option<Command> {
    let relguard = scratch.relguard_command(args);
    if !is_root() {
        return Some(relguard);
    }
    let nobody = |program: &OsStr| {
        let mut command = isolated("setpriv", &scratch.outside("."));
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(program);
        command.current_dir(scratch.outside("."));
        command
    };
    let there = nobody(OsStr::new("true")).status().is_ok_and(|status| status.success());
    if lacks("setpriv (util-linux), as this is root", there) {
        return None;
    }
    let mut chown = isolated("chown", &scratch.outside("."));
    chown.args(["-R", "65534:65534"]).arg(scratch.outside(""));
    run(chown).exits(0);
    // The program itself may lie where only root may look.
    let mut program = relguard.get_program().to_owned();
    if !nobody(&program).arg("--version").stdout(Stdio::null()).status().unwrap().success() {
        let mut copy = isolated("cp", &scratch.outside("."));
        copy.arg(&program).arg(scratch.outside("relguard-for-all"));
        run(copy).exits(0);
        program = scratch.outside("relguard-for-all").into();
    }
    let mut command = nobody(&program);
    command.args(relguard.get_args()).current_dir(scratch.path());
    Some(command)
}

#[test]
fn a_read_only_file_stays_as_it_is() {
    let scratch = project();
    set_mode(&scratch, VALUES, 0o444);
    let before = scratch.files();
    for args in [&["fix"] as &[&str], &["fix", "--staged"], &["fix", "--format", "json"]] {
        let ran = run(scratch.relguard_command(args));
        sound(&scratch, ran, 2, &[VALUES, "it is read-only", "nothing was changed", "writable"]);
        assert_same(&before, &scratch.files());
        assert_eq!(scratch.git(["status", "--short"]).stdout, "");
    }
    assert_eq!(mode(&scratch, VALUES), 0o444);
}

#[test]
fn modes_are_kept_and_new_files_get_the_umasks() {
    let scratch = project();
    set_mode(&scratch, CHART, 0o755);
    set_mode(&scratch, VALUES, 0o600);
    fs::remove_dir_all(scratch.path().join("docs")).unwrap();
    run(in_shell(&scratch, "umask 027; {}", &["fix"])).exits(0);
    assert_eq!((mode(&scratch, CHART), mode(&scratch, VALUES)), (0o755, 0o600));
    assert_eq!((mode(&scratch, LOG), mode(&scratch, "docs/CHANGELOG")), (0o640, 0o750));
}

#[test]
fn folders_and_files_that_permissions_close() {
    // What is closed, how, how each of `check`, `fix` and `fix --staged` ends, and what is said.
    let cases: [(&str, u32, [i32; 3], &str); 9] = [
        ("charts/a", 0o555, [1, 2, 2], "Permission denied"),
        (VALUES, 0o000, [1, 1, 0], "Permission denied"),
        (CHART, 0o000, [1, 1, 0], "Permission denied"),
        ("charts/a", 0o000, [2, 2, 2], "charts/a/Chart.yaml can't be looked at: Permission denied"),
        ("charts", 0o000, [2, 2, 2], "charts"),
        ("docs", 0o000, [2, 2, 2], "can't be looked at: Permission denied"),
        (".git/index", 0o000, [1, 0, 2], "index"),
        (".git", 0o555, [1, 0, 2], "index"),
        (".git/objects", 0o000, [2, 2, 2], ""),
    ];
    for (path, closed, ends, says) in cases {
        for (args, status) in [&["check"] as &[&str], &["fix"], &["fix", "--staged"]].into_iter().zip(ends) {
            let scratch = project();
            let before = scratch.files();
            let Some(command) = as_ordinary_user(&scratch, args) else { return };
            let open = mode(&scratch, path);
            set_mode(&scratch, path, closed);
            let ran = run(command);
            set_mode(&scratch, path, open);
            let place = format!("{path} {closed:o} {args:?}");
            assert_eq!(ran.status, status, "{place}: {}{}", ran.stdout, ran.stderr);
            let ran = sound(&scratch, ran, status, &[]);
            if status == 2 || args == ["check"] && says.starts_with("Perm") && closed == 0 {
                assert!(format!("{}{}", ran.stdout, ran.stderr).contains(says), "{place}: {}", ran.stderr);
            }
            if status == 2 {
                assert_same(&before, &scratch.files());
            }
        }
    }
}

/// A disk of which one more kilobyte is left, in effect.
const FULL: &str = "ulimit -f 1; trap '' XFSZ; {}";

#[test]
fn a_full_disk_changes_nothing() {
    for path in [VALUES, CHART] {
        let scratch = project();
        let long = format!("{}# {}\n", scratch.read(path), noise(40_000));
        scratch.write(path, long).commit("long");
        let before = scratch.files();
        for args in [&["fix"] as &[&str], &["fix", "--staged"], &["hook", "pre-commit", "--fix"]] {
            if args[0] == "hook" {
                scratch.write("docs/CHANGELOG/CHANGELOG-1.2.md", "# Changelog\n\n## v1.2.3\n\n- more\n");
                scratch.git(["add", "--all"]);
            }
            let ran = run(in_shell(&scratch, FULL, args));
            sound(&scratch, ran, 2, &["nothing was changed"]);
            if args[0] != "hook" {
                assert_same(&before, &scratch.files());
                assert_eq!(scratch.git(["status", "--short"]).stdout, "");
            }
        }
        scratch.git(["fsck", "--strict"]);
    }
}

/// Text that does not get shorter by packing.
fn noise(length: usize) -> String {
    let mut state = 1_u64;
    let step = |state: &mut u64| {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'a' + u8::try_from(*state >> 60).unwrap())
    };
    (0..length).map(|_| step(&mut state)).collect()
}

#[test]
fn what_is_made_for_a_failed_fix_goes_again() {
    let scratch = project();
    fs::remove_dir_all(scratch.path().join("docs")).unwrap();
    scratch.write(VALUES, format!("{}# {}\n", scratch.read(VALUES), noise(40_000)));
    let before = scratch.files();
    sound(&scratch, run(in_shell(&scratch, FULL, &["fix"])), 2, &["nothing was changed"]);
    assert_same(&before, &scratch.files());
    assert!(!scratch.path().join("docs").exists());
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let scratch = project();
    for script in ["{} | head --lines=0; exit ${PIPESTATUS[0]}", "{} >&-", "{} <&- 2>&-"] {
        for (args, status) in
            [(&["check"] as &[&str], 1), (&["check", "--format", "json"], 1), (&["rules"], 0)]
        {
            let ran = run(in_shell(&scratch, script, args)).exits(status);
            assert_eq!(ran.stderr, "", "{script} {args:?}");
        }
    }
    let ran = run(in_shell(&scratch, "{} >&-", &["fix"])).exits(0);
    assert_eq!(ran.stderr, "");
    assert!(scratch.read(VALUES).contains("v1.2.3"));
}

#[test]
fn a_standard_output_that_takes_nothing_is_an_error() {
    if lacks("/dev/full", fs::metadata("/dev/full").is_ok()) {
        return;
    }
    let scratch = project();
    for args in [&["check"] as &[&str], &["rules"], &["schema"], &["fix", "--diff"]] {
        let ran = run(in_shell(&scratch, "{} >/dev/full", args)).exits(2);
        assert!(ran.stderr.contains("standard output can't be written"), "{}", ran.stderr);
        run(in_shell(&scratch, "{} >/dev/full 2>/dev/full", args)).exits(2);
    }
}

#[test]
fn a_report_goes_to_a_file_or_a_device_whole() {
    let scratch = project();
    let to = |path: &str| run(scratch.relguard_command(&["check", "--output", path]));
    assert_eq!(to("report.txt").exits(1).stdout, "");
    assert!(scratch.read("report.txt").contains("appVersion is 1.2.2"));
    std::os::unix::fs::symlink("report.txt", scratch.path().join("link.txt")).unwrap();
    to("link.txt").exits(1);
    assert!(scratch.path().join("link.txt").is_symlink());
    // A device is written to, never replaced, and not read first.
    to("/dev/null").exits(1);
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
    assert!(to("/dev/stdout").exits(1).stdout.contains("appVersion is 1.2.2"));
    let ran = to("/dev/full").exits(2);
    assert!(ran.stderr.contains("/dev/full can't be written"), "{}", ran.stderr);
    let ran = to("charts").exits(2);
    assert!(ran.stderr.contains("charts can't be written"), "{}", ran.stderr);
    set_mode(&scratch, "report.txt", 0o444);
    sound(&scratch, to("report.txt"), 2, &["report.txt", "it is read-only"]);
}

#[test]
fn runs_at_the_same_time_leave_whole_files() {
    // Two at once: each file is one of the whole contents, and one of the two may say that it changed.
    let scratch = project();
    let start =
        || scratch.relguard_command(&["fix"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    for _ in 0..5 {
        let mut runs = [start(), start(), start()];
        for one in &mut runs {
            assert!(matches!(one.wait().unwrap().code(), Some(0 | 2)));
        }
        mends(&scratch, &["check"], 0, &[]);
        scratch.git(["checkout", "--quiet", "."]);
    }
    mends(&scratch, &["fix"], 0, &MENDED);
}
