//! Repositories that can't be judged, or only in part.

use std::fs;
use std::path::Path;

use crate::support::{Ran, Scratch, isolated, run};
use crate::{
    ArgAlso as _, CHART, MENDED, VALUES, finds, is_root, lacks, mends, project, project_in, refuses,
};

const DIED: i32 = 2;

/// Runs relguard in a folder that is no scratch repository of its own.
fn judge_in(scratch: &Scratch, folder: &Path, args: &[&str]) -> Ran {
    let mut command = scratch.relguard_command(args);
    command.current_dir(folder);
    run(command)
}

#[track_caller]
fn dies(ran: Ran, says: &[&str]) {
    let ran = ran.exits(DIED);
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains("= help: ") && !ran.stderr.contains("panicked"), "{}", ran.stderr);
    for part in says {
        assert!(ran.stderr.contains(part), "`{part}` is not said in: {}", ran.stderr);
    }
}

#[test]
fn no_repository() {
    let scratch = project();
    let folder = scratch.outside("plain");
    fs::create_dir(&folder).unwrap();
    for args in
        [&["check"] as &[&str], &["check", "--staged"], &["fix"], &["hook", "pre-commit"], &["install"]]
    {
        dies(judge_in(&scratch, &folder, args), &["there is no git repository here", "-C DIR"]);
        let mut command = scratch.relguard_command(args);
        command.env("GIT_DIR", "/no/such/folder");
        dies(run(command), &["GIT_DIR", "unset GIT_DIR"]);
    }
    assert_eq!(fs::read_dir(folder).unwrap().count(), 0);
}

#[test]
fn no_commit_yet() {
    let scratch = Scratch::new();
    finds(&scratch, &["check"], &["no chart found"]);
    finds(&scratch, &["check", "--staged"], &["no chart found"]);
    refuses(&scratch, &["check", "--rev", "HEAD"], DIED, &["`HEAD` names no commit"]);
    scratch.write(CHART, "apiVersion: v2\nname: a\nversion: 1.2.3\n");
    finds(&scratch, &["check"], &["1 chart checked"]);
    scratch.git(["add", "--all"]);
    finds(&scratch, &["check", "--staged"], &["1 chart checked"]);
    run(scratch.relguard_command(&["hook", "pre-commit"])).exits(1);
    run(scratch.relguard_command(&["fix", "--staged"])).exits(0);
    assert!(scratch.git(["show", ":charts/a/Chart.yaml"]).stdout.contains("appVersion: \"1.2.3\""));
}

#[test]
fn no_chart() {
    let scratch = Scratch::new();
    scratch.write("README.md", "no chart").commit("readme");
    for args in [&["check"] as &[&str], &["check", "--staged"], &["check", "--rev", "HEAD"]] {
        finds(
            &scratch,
            args,
            &["chart/version", "no chart found: there is no charts/*/Chart.yaml", "charts: []"],
        );
    }
    refuses(&scratch, &["fix", "--unsafe"], 1, &["no chart found"]);
    scratch.write(".relguard.yaml", "charts: []\n");
    refuses(&scratch, &["check"], 0, &[]);
}

#[test]
fn missing_and_broken_objects() {
    // What can be missing, and from which states it is missed.
    let states: [&[&str]; 3] = [&["check", "--staged"], &["check", "--rev", "HEAD"], &["check"]];
    let cases: [(&str, &[usize]); 4] = [
        ("HEAD:charts/a/values.yaml", &[0, 1]),
        ("HEAD:charts/a", &[1, 2]),
        ("HEAD^{tree}", &[1, 2]),
        ("HEAD", &[1, 2]),
    ];
    for (name, missed) in cases {
        for garbage in [false, true] {
            let scratch = project();
            let id = scratch.git(["rev-parse", name]).stdout.trim().to_owned();
            let object = scratch.path().join(format!(".git/objects/{}/{}", &id[..2], &id[2..]));
            fs::remove_file(&object).unwrap();
            if garbage {
                fs::write(&object, "garbage").unwrap();
            }
            for state in missed {
                let place = if name == "HEAD" { "HEAD" } else { id.as_str() };
                refuses(&scratch, states[*state], DIED, &[place]);
            }
            if missed.contains(&0) {
                refuses(&scratch, &["fix", "--staged"], DIED, &[&id]);
                mends(&scratch, &["fix"], 0, &MENDED);
            } else {
                refuses(&scratch, &["fix"], DIED, &[]);
            }
        }
    }
}

#[test]
fn broken_refs() {
    let scratch = project();
    fs::write(scratch.path().join(".git/refs/heads/master"), "garbage\n").unwrap();
    refuses(&scratch, &["check"], DIED, &["HEAD"]);
    fs::write(scratch.path().join(".git/HEAD"), "garbage\n").unwrap();
    refuses(&scratch, &["check"], DIED, &["HEAD"]);
    let scratch = project();
    let tree = scratch.git(["rev-parse", "HEAD^{tree}"]).stdout;
    fs::write(scratch.path().join(".git/refs/heads/tree"), tree).unwrap();
    refuses(&scratch, &["check", "--rev", "tree"], DIED, &["`tree` names no commit"]);
    refuses(&scratch, &["check", "--rev", ""], DIED, &["names no commit"]);
    refuses(&scratch, &["check", "--rev", "HEAD~9"], DIED, &["`HEAD~9` names no commit"]);
}

#[test]
fn a_shallow_clone() {
    let scratch = project();
    scratch.commit("second");
    let url = format!("file://{}", scratch.path().display());
    let clone = scratch.outside("shallow");
    scratch.git(["clone", "--quiet", "--depth=1", &url, clone.to_str().unwrap()]);
    for args in [&["check"] as &[&str], &["check", "--staged"], &["check", "--rev", "HEAD"]] {
        assert!(judge_in(&scratch, &clone, args).exits(1).stdout.contains("appVersion is 1.2.2"));
    }
    let says = ["`HEAD~1` names no commit", "git fetch --unshallow", "fetch-depth: 0"];
    dies(judge_in(&scratch, &clone, &["check", "--against", "HEAD~1"]), &says);
    dies(judge_in(&scratch, &clone, &["check", "--rev", "HEAD~1"]), &says);
    // The advice that was given works.
    scratch.git(["-C", clone.to_str().unwrap(), "fetch", "--quiet", "--unshallow", "--tags"]);
    judge_in(&scratch, &clone, &["check", "--rev", "HEAD~1"]).exits(1);
}

#[test]
fn a_partial_clone_with_missing_blobs() {
    let scratch = project();
    scratch.git(["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", scratch.path().display());
    let clone = scratch.outside("partial");
    let folder = clone.to_str().unwrap();
    scratch.git(["clone", "--quiet", "--no-checkout", "--filter=blob:none", &url, folder]);
    scratch.git(["-C", folder, "read-tree", "HEAD"]);
    let blob = scratch.git(["rev-parse", "HEAD:charts/a/Chart.yaml"]).stdout;
    let says = [blob.trim(), "is missing", "in a partial clone: git fetch --refetch --no-filter"];
    dies(judge_in(&scratch, &clone, &["check", "--rev", "HEAD"]), &says);
    dies(judge_in(&scratch, &clone, &["check", "--staged"]), &says);
    // The advice that was given works.
    // Git would go on to repack in the background, while the objects are read.
    let alone = "maintenance.auto=false";
    scratch.git(["-C", folder, "-c", alone, "fetch", "--quiet", "--refetch", "--no-filter"]);
    judge_in(&scratch, &clone, &["check", "--rev", "HEAD"]).exits(1);
    judge_in(&scratch, &clone, &["check", "--staged"]).exits(1);
}

/// A repository in a form of `git init`, where this git knows it.
fn initialised(option: &str) -> Option<Scratch> {
    let scratch = Scratch::new();
    fs::remove_dir_all(scratch.path().join(".git")).unwrap();
    let made = scratch.try_git(["init", "--quiet", "--initial-branch=master", option]).status == 0;
    // Git 2.46 and 2.47 migrate no reflogs.
    if made {
        scratch.git(["config", "core.logAllRefUpdates", "false"]);
    }
    (!lacks(&format!("a git that knows `init {option}`"), made)).then(|| project_in(scratch))
}

#[test]
fn object_and_ref_formats_that_are_not_read() {
    let states: [&[&str]; 4] = [&["check"], &["check", "--staged"], &["fix"], &["hook", "pre-commit"]];
    if let Some(scratch) = initialised("--object-format=sha256") {
        for args in states {
            refuses(&scratch, args, DIED, &["SHA-256", "use a repository in SHA-1"]);
        }
    }
    if let Some(scratch) = initialised("--ref-format=reftable") {
        for args in states {
            refuses(&scratch, args, DIED, &["reftable", "git refs migrate --ref-format=files"]);
        }
        // The advice that was given works.
        let migrated = scratch.try_git(["refs", "migrate", "--ref-format=files"]);
        if !lacks(&format!("git refs migrate, which says {}", migrated.stderr), migrated.status == 0) {
            refuses(&scratch, &["check"], 1, &["appVersion is 1.2.2"]);
        }
    }
}

#[test]
fn a_bare_repository() {
    let scratch = project();
    let bare = scratch.outside("bare.git");
    scratch.git(["clone", "--quiet", "--bare", ".", bare.to_str().unwrap()]);
    for args in [&["check"] as &[&str], &["check", "--staged"], &["fix"], &["fix", "--staged"]] {
        dies(judge_in(&scratch, &bare, args), &["the repository is bare", "--rev REV"]);
    }
    dies(judge_in(&scratch, &bare, &["hook", "pre-commit"]), &["the repository is bare"]);
    let ran = judge_in(&scratch, &bare, &["install"]).exits(0);
    assert!(ran.stdout.contains("hooks/pre-receive"), "{}", ran.stdout);
    let ran = judge_in(&scratch, &bare, &["check", "--rev", "master"]).exits(1);
    assert!(ran.stdout.contains("appVersion is 1.2.2"), "{}", ran.stdout);
}

#[test]
fn a_linked_worktree() {
    let scratch = project();
    let linked = scratch.outside("linked");
    scratch.git(["worktree", "add", "--quiet", "-b", "other", linked.to_str().unwrap()]);
    judge_in(&scratch, &linked, &["fix", "--staged"]).exits(0);
    let state = scratch.git(["-C", linked.to_str().unwrap(), "status", "--short"]).stdout;
    assert_eq!(state, format!("M  {CHART}\nM  {VALUES}\n"));
    assert_eq!(scratch.git(["status", "--short"]).stdout, "");
    // Its repository may go away.
    fs::remove_dir_all(scratch.path()).unwrap();
    dies(judge_in(&scratch, &linked, &["check"]), &["repository"]);
}

#[test]
fn a_repository_of_another_user() {
    let scratch = project();
    // Where this is not root, someone else's folder can only be made with its help.
    let chown = |owner: &str| {
        let (program, first) = if is_root() { ("chown", owner) } else { ("sudo", "-n") };
        let mut command = isolated(program, &scratch.outside(".")).arg_also(first);
        if first != owner {
            command.args(["chown", owner]);
        }
        command.arg(scratch.path()).arg(scratch.path().join(".git"));
        run(command).status == 0
    };
    let sudo = is_root()
        || isolated("sudo", &scratch.outside(".")).args(["-n", "true"]).status().is_ok_and(|s| s.success());
    if lacks("root, or sudo without a password", sudo && chown("65534")) {
        return;
    }
    for args in [&["check"] as &[&str], &["fix"], &["check", "--rev", "HEAD"]] {
        dies(judge_in(&scratch, &scratch.path(), args), &["belongs to another user", "safe.directory"]);
    }
    // The advice that was given works.
    let config = format!("[safe]\n\tdirectory = {}\n", scratch.path().display());
    fs::write(scratch.outside("gitconfig"), config).unwrap();
    let status = judge_in(&scratch, &scratch.path(), &["check"]).status;
    let mine = run(isolated("id", &scratch.outside(".")).arg_also("-u")).stdout.trim().to_owned();
    assert!(chown(&mine));
    assert_eq!(status, 1);
}
