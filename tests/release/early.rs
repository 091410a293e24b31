//! What would end a release halfway is found before anything is done, and by the dry run as well.

use std::fs;

use crate::chart;
use crate::support::{Ran, Scratch, isolated, run};
use crate::{dry_then_real, guarded, is_published, published, somebody_pushes};

/// A project whose 1.0.0 is released, and which has something to release after it.
fn released() -> Scratch {
    let scratch = guarded();
    scratch.relguard(["release", "--run"]).exits(0);
    scratch.write("a.txt", "a");
    scratch.commit("feat: the first thing (#1)");
    scratch.git(["push", "--quiet", "origin", "master"]);
    scratch
}

/// Both the dry run and the run refuse, and nothing is published.
#[track_caller]
fn neither_runs(scratch: &Scratch, args: &[&str], says: &[&str]) {
    let before = (published(scratch), scratch.git(["show-ref"]).stdout);
    for more in [&["--dry-run"][..], &[]] {
        let ran = run(scratch.relguard_command(&[args, more].concat())).exits(2);
        assert_eq!(ran.stdout, "");
        for words in says {
            assert!(ran.stderr.contains(words), "{words}: {}", ran.stderr);
        }
    }
    assert_eq!((published(scratch), scratch.git(["show-ref"]).stdout), before);
}

fn only_master_is_fetched(scratch: &Scratch, place: &str) {
    let spec = format!("+refs/heads/master:{place}/master");
    scratch.git(["config", "--replace-all", "remote.origin.fetch", &spec]);
}

#[test]
fn a_clone_of_one_branch_releases_all_the_same() {
    let scratch = crate::foreseen::with_index();
    only_master_is_fetched(&scratch, "refs/remotes/origin");
    dry_then_real(&scratch, &["release", "1.0.0", "--run"]);
    assert!(is_published(&scratch, "refs/tags/v1.0.0"));
    somebody_pushes(&scratch, "release-1.0", "theirs.txt");
    let plan = dry_then_real(&scratch, &["release", "1.0.0", "--run"]);
    assert_eq!(plan["actions"].as_array().unwrap().len(), 1, "{plan:#}");
}

#[test]
fn a_shallow_clone_is_told_so_before_anything_is_done() {
    let scratch = guarded();
    scratch.write("a.txt", "a");
    scratch.commit("feat: the first thing (#1)");
    scratch.git(["push", "--quiet", "origin", "master"]);
    let (server, folder) = (crate::server(&scratch), scratch.outside("shallow"));
    let (url, folder) = (format!("file://{}", server.display()), folder.to_str().unwrap().to_owned());
    let mut command = isolated("git", &scratch.outside(""));
    command.args(["clone", "--quiet", "--depth=1", &url, &folder]);
    run(command).exits(0);
    let release = |last: &str| run(scratch.relguard_command(&["-C", &folder, "release", "1.0.0", last]));
    let before = published(&scratch);
    for last in ["--dry-run", "--run"] {
        let ran = release(last).exits(2);
        assert!(ran.stderr.contains("git fetch --unshallow --tags"), "{}", ran.stderr);
    }
    assert_eq!(published(&scratch), before);
    // It still fetches no other branch.
    scratch.git(["-C", &folder, "fetch", "--quiet", "--unshallow", "--tags"]);
    let foreseen = crate::foreseen::lines(&release("--dry-run").exits(0), "would ");
    assert_eq!(crate::foreseen::lines(&release("--run").exits(0), "done: "), foreseen);
    assert!(is_published(&scratch, "refs/tags/v1.0.0"));
}

#[test]
fn each_step_goes_on_in_a_clone_of_one_branch() {
    let scratch = guarded();
    only_master_is_fetched(&scratch, "refs/remotes/origin");
    scratch.relguard(["branch", "--push"]).exits(0);
    let ours = scratch.git(["rev-parse", "refs/remotes/origin/release-1.0", "release-1.0"]).stdout;
    assert_eq!(ours.lines().next(), ours.lines().last());
    scratch.relguard(["tag", "--push"]).exits(0);
}

#[test]
fn what_a_clone_of_one_branch_lacks_comes_by_what_is_advised() {
    let scratch = guarded();
    only_master_is_fetched(&scratch, "refs/remotes/origin");
    scratch.relguard(["branch", "--push"]).exits(0);
    somebody_pushes(&scratch, "release-1.0", "theirs.txt");
    let ran = scratch.relguard(["tag", "--push"]).exits(2);
    let advice = "git remote set-branches origin '*' && git fetch --prune origin";
    assert!(ran.stderr.contains(advice), "{}", ran.stderr);
    scratch.git(["remote", "set-branches", "origin", "*"]);
    scratch.git(["fetch", "--quiet", "--prune", "origin"]);
    scratch.relguard(["tag", "--push"]).exits(0);
}

#[test]
fn a_clone_that_keeps_one_branch_in_a_place_of_its_own_is_told_so() {
    let scratch = guarded();
    only_master_is_fetched(&scratch, "refs/mirror");
    scratch.git(["fetch", "--quiet", "origin"]);
    let says = [
        "this clone does not fetch release-1.0 of origin",
        "git remote set-branches origin '*' && git fetch --prune origin",
    ];
    neither_runs(&scratch, &["release", "1.0.0", "--run"], &says);
    neither_runs(&scratch, &["branch", "--push"], &says);
}

#[test]
fn what_is_fetched_first_is_foreseen() {
    let scratch = guarded();
    scratch.git(["push", "--quiet", "origin", "master:topic"]);
    somebody_pushes(&scratch, "master", "theirs.txt");
    let theirs = scratch.outside("theirs");
    let theirs = theirs.to_str().unwrap();
    scratch.git(["-C", theirs, "tag", "--annotate", "--message=x", "nightly", "HEAD~"]);
    scratch.git(["-C", theirs, "push", "--quiet", "origin", "nightly", ":topic"]);
    let state = || (scratch.git(["count-objects", "--verbose"]).stdout, scratch.git(["show-ref"]).stdout);
    let before = state();
    let foreseen = scratch.relguard(["release", "1.0.0", "--dry-run"]).exits(0);
    assert_eq!(state(), before);
    let tip = scratch.git(["-C", theirs, "rev-parse", "HEAD"]).stdout;
    assert!(foreseen.stdout.contains(&format!("make the branch release-1.0 at {}", &tip[..7])));
    dry_then_real(&scratch, &["release", "1.0.0", "--run"]);
    assert!(is_published(&scratch, "refs/tags/v1.0.0"));
}

#[test]
fn a_branch_that_is_gone_elsewhere_is_foreseen_as_gone() {
    let scratch = guarded();
    scratch.relguard(["branch", "--push"]).exits(0);
    crate::open(&scratch);
    let server = crate::server(&scratch);
    scratch.git(["-C", server.to_str().unwrap(), "update-ref", "-d", "refs/heads/release-1.0"]);
    crate::accept(&scratch);
    let plan = dry_then_real(&scratch, &["release", "1.0.0", "--run"]);
    let pushed =
        plan["actions"].as_array().unwrap().iter().any(|it| it["text"] == "push release-1.0 to origin");
    assert!(pushed, "{plan:#}");
}

/// Neither the environment nor the config says who commits, and git may not guess.
fn nameless(scratch: &Scratch, args: &[&str]) -> Ran {
    let mut command = scratch.relguard_command(args);
    for name in ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"] {
        command.env_remove(name);
    }
    run(command)
}

#[test]
fn nothing_is_pushed_before_it_is_known_in_whose_name() {
    let scratch = guarded();
    scratch.git(["config", "user.useConfigOnly", "true"]);
    let before = (published(&scratch), scratch.git(["show-ref"]).stdout, scratch.files());
    for args in [
        &["release", "1.0.0", "--dry-run"][..],
        &["release", "1.0.0", "--run"],
        &["bump", "1.1.0", "--commit", "--dry-run"],
        &["bump", "1.1.0", "--commit"],
    ] {
        let ran = nameless(&scratch, args).exits(2);
        assert_eq!(ran.stdout, "");
        for words in ["does not know in whose name", "git config user.name", "user.email"] {
            assert!(ran.stderr.contains(words), "{args:?}: {}", ran.stderr);
        }
    }
    assert_eq!((published(&scratch), scratch.git(["show-ref"]).stdout, scratch.files()), before);
    // What makes neither a commit nor a tag needs no name.
    nameless(&scratch, &["branch", "--push"]).exits(0);
    for args in [&["tag", "--dry-run"][..], &["tag"]] {
        let ran = nameless(&scratch, args).exits(2);
        assert!(ran.stderr.contains("does not know in whose name"), "{}", ran.stderr);
    }
    scratch.git(["config", "user.name", "A"]);
    scratch.git(["config", "user.email", "a@example.org"]);
    nameless(&scratch, &["release", "1.0.0", "--run"]).exits(0);
}

#[test]
fn what_is_in_the_way_of_the_branch_is_seen_before_anything_is_done() {
    let scratch = released();
    scratch.git(["checkout", "--quiet", "HEAD~"]);
    scratch.write("a.txt", "mine");
    let says = ["prepare-1.1.0 can't be checked out", "a.txt"];
    neither_runs(&scratch, &["release", "1.1.0", "--run"], &says);
    assert_eq!(scratch.read("a.txt"), "mine");
    // What is ignored git takes away, and so it does here.
    scratch.write(".git/info/exclude", "a.txt\n");
    dry_then_real(&scratch, &["release", "1.1.0", "--run"]);
}

#[test]
fn a_branch_that_is_checked_out_elsewhere_is_named_with_its_place() {
    let scratch = released();
    let other = scratch.outside("other");
    scratch.git(["worktree", "add", "--quiet", "-b", "prepare-1.1.0", other.to_str().unwrap()]);
    let place = other.canonicalize().unwrap();
    let says = format!("prepare-1.1.0 is checked out in {}", place.display());
    neither_runs(&scratch, &["release", "1.1.0", "--run"], &[&says]);
}

#[test]
fn a_submodule_that_is_elsewhere_on_the_branch_is_named() {
    let scratch = released();
    let sub = scratch.outside("sub");
    let sub = sub.to_str().unwrap();
    scratch.git(["init", "--quiet", "--template=", sub]);
    scratch.git(["-C", sub, "commit", "--quiet", "--allow-empty", "-m", "one"]);
    scratch.git(["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", sub, "lib"]);
    scratch.commit("chore: a submodule");
    scratch.git(["-C", "lib", "commit", "--quiet", "--allow-empty", "-m", "two"]);
    scratch.commit("chore: its next commit");
    scratch.git(["push", "--quiet", "origin", "master"]);
    scratch.git(["checkout", "--quiet", "HEAD~"]);
    scratch.git(["submodule", "--quiet", "update"]);
    let says = ["the submodule lib is at another commit on prepare-1.1.0", "git submodule update --init"];
    neither_runs(&scratch, &["release", "1.1.0", "--run"], &says);
    // Git itself moves it, whichever word for true it is set to.
    for on in ["true", "yes"] {
        scratch.git(["config", "submodule.recurse", on]);
        scratch.relguard(["release", "1.1.0", "--run", "--dry-run"]).exits(0);
    }
    scratch.git(["config", "submodule.recurse", "off"]);
    neither_runs(&scratch, &["release", "1.1.0", "--run"], &says);
    scratch.git(["config", "--unset", "submodule.recurse"]);
    scratch.git(["checkout", "--quiet", "master"]);
    scratch.git(["submodule", "--quiet", "update"]);
    dry_then_real(&scratch, &["release", "1.1.0", "--run"]);
}

#[test]
fn what_a_dry_run_needs_lies_under_a_name_of_its_own_and_goes() {
    let scratch = guarded();
    let temporary = scratch.outside("tmp");
    fs::create_dir(&temporary).unwrap();
    // Git is asked while the folder is there.
    let names = scratch.outside("names");
    let text = format!(
        "#!/bin/sh\nls '{}' >>'{}'\nPATH=${{PATH#*:}}\nexec git \"$@\"\n",
        temporary.display(),
        names.display()
    );
    crate::support::script(&scratch.outside("bin").join("git"), &text);
    let path = format!("{}:{}", scratch.outside("bin").display(), std::env::var("PATH").unwrap());
    let mut command = scratch.relguard_command(&["release", "1.0.0", "--dry-run"]);
    command.env("TMPDIR", &temporary).env("PATH", path);
    run(command).exits(0);
    let names = fs::read_to_string(names).unwrap();
    assert!(!names.is_empty() && names.lines().all(|name| name.starts_with("relguard-")), "{names}");
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0);
}

#[test]
fn what_is_published_elsewhere_is_no_change_of_the_files_here() {
    let scratch = guarded();
    let config = "index: {url: https://charts.example.org}\nremote: upstream\n";
    scratch.write(".relguard.yaml", "remote: origin\n");
    scratch.commit("say where it is");
    scratch.write(".relguard.yaml", config);
    scratch.commit("say where the charts are");
    scratch.git(["remote", "rename", "origin", "upstream"]);
    scratch.git(["push", "--quiet", "upstream", "master"]);
    scratch.relguard(["branch", "--push"]).exits(0);
    // What is on disk and not committed still says it after the chart index was planned.
    scratch.git(["checkout", "--quiet", "HEAD~"]);
    scratch.write(".relguard.yaml", config);
    let foreseen = crate::foreseen::foreseen(&scratch, "1.0.0");
    assert!(foreseen.contains(&"push gh-pages to upstream".to_owned()), "{foreseen:?}");
    let ran = scratch.relguard(["release", "1.0.0", "--run"]).exits(0);
    let done = crate::foreseen::lines(&ran, "done: ");
    assert_eq!(done.len(), foreseen.len(), "{done:?} {foreseen:?}");
}

#[test]
fn the_same_problem_at_two_refs_is_two_findings() {
    let scratch = chart::project();
    scratch.write(chart::LOG, "# v1.0.0-rc.1\n\n- A try.\n\n# v1.0.0\n\n- The first one.\n");
    scratch.commit("turn the sections round");
    let plan = scratch.json(["release", "1.0.0", "--dry-run"]);
    let subjects: Vec<_> = plan["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding["rule"] == "changelog/order")
        .map(|finding| (finding["subject"]["kind"].clone(), finding["subject"]["name"].clone()))
        .collect();
    let wanted = [("branch", "release-1.0"), ("tag", "v1.0.0")];
    assert_eq!(subjects, wanted.map(|(kind, name)| (kind.into(), name.into())), "{plan:#}");
}

/// A project whose default branch is at 1.0.2, and whose line is not cut: the tag would leave a gap.
fn with_a_gap() -> Scratch {
    let scratch = guarded();
    chart::bump(&scratch, "1.0.2");
    scratch.relguard(["fix"]).exits(0);
    let text = scratch.read(chart::LOG);
    scratch.write(chart::LOG, text.replace("None.", "The second one."));
    scratch.commit("1.0.2");
    scratch.git(["push", "--quiet", "origin", "master"]);
    scratch
}

#[test]
fn nothing_is_published_where_a_later_step_would_be_refused() {
    let scratch = with_a_gap();
    let before = (published(&scratch), scratch.git(["show-ref"]).stdout);
    let run = scratch.relguard(["release", "--run", "--strict"]).exits(1);
    assert!(run.stdout.contains("warning[tag/sequence]: "), "{}", run.stdout);
    assert!(
        run.stdout.contains("note: nothing was published, as `tag v1.0.2` would be refused\n"),
        "{}",
        run.stdout
    );
    assert_eq!(crate::foreseen::lines(&run, "done: "), ["fetch origin"]);
    assert_eq!((published(&scratch), scratch.git(["show-ref"]).stdout), before);
    // Where the rule is no error, it is done.
    scratch.relguard(["release", "--run"]).exits(0);
    assert!(is_published(&scratch, "refs/tags/v1.0.2"));
}

#[test]
fn nothing_is_published_where_a_later_step_could_not_be_done() {
    let scratch = guarded();
    scratch.git(["tag", "--annotate", "--message=x", "v1.0.0"]);
    somebody_pushes(&scratch, "master", "theirs.txt");
    let before = published(&scratch);
    for more in ["--run", "--dry-run"] {
        let ran = scratch.relguard(["release", "1.0.0", more]).exits(2);
        let said = "the tag v1.0.0 is here at ";
        assert!(ran.stderr.contains(said) && ran.stderr.contains("git tag -d v1.0.0"), "{}", ran.stderr);
        assert_eq!(ran.stderr.contains("nothing was published"), more == "--run", "{}", ran.stderr);
    }
    assert_eq!(published(&scratch), before);
    assert_eq!(scratch.git(["branch", "--list", "release-*"]).stdout, "");
}

#[test]
fn what_a_person_does_in_between_is_not_foreseen() {
    let scratch = with_a_gap();
    scratch.relguard(["release", "--run"]).exits(0);
    scratch.git(["checkout", "--quiet", "--detach", "origin/release-1.0"]);
    scratch.write("a.txt", "a");
    scratch.commit("fix: something (#1)");
    scratch.git(["push", "--quiet", "origin", "HEAD:release-1.0"]);
    // The tag of 1.0.4 would leave a gap, and until the merge there may be a 1.0.3.
    scratch.relguard(["release", "1.0.4", "--run", "--strict"]).exits(0);
    assert!(is_published(&scratch, "refs/heads/prepare-1.0.4"));
}

/// Has git sign with a key that is made by this.
fn ssh_key(scratch: &Scratch) -> String {
    let key = scratch.outside("key").to_str().unwrap().to_owned();
    let mut keygen = isolated("ssh-keygen", &scratch.outside(""));
    keygen.args(["-q", "-t", "ed25519", "-N", "", "-C", "c@example.org", "-f", &key]);
    run(keygen).exits(0);
    scratch.git(["config", "gpg.format", "ssh"]);
    key
}

#[test]
fn nothing_is_written_where_git_can_not_sign_the_commit_of_it() {
    let scratch = guarded();
    scratch.git(["config", "commit.gpgSign", "true"]);
    scratch.git(["config", "gpg.program", "false"]);
    let before =
        (scratch.git(["status", "--porcelain", "--branch"]).stdout, scratch.git(["show-ref"]).stdout);
    let ran = scratch.relguard(["release", "1.0.1", "--run"]).exits(2);
    assert!(ran.stderr.contains("git can't sign"), "{}", ran.stderr);
    let after = (scratch.git(["status", "--porcelain", "--branch"]).stdout, scratch.git(["show-ref"]).stdout);
    assert_eq!(before, after);
}

#[test]
fn nothing_is_published_where_git_can_not_sign_what_comes_after_it() {
    for setting in ["tag.gpgSign", "commit.gpgSign"] {
        let scratch = crate::foreseen::with_index();
        let key = ssh_key(&scratch);
        scratch.git(["config", setting, "true"]);
        scratch.git(["config", "user.signingKey", "/nowhere/key"]);
        let before = (published(&scratch), scratch.git(["show-ref"]).stdout);
        let ran = scratch.relguard(["release", "1.0.0", "--run"]).exits(2);
        for words in ["git can't sign", "/nowhere/key", "git config user.signingKey", "nothing was published"]
        {
            assert!(ran.stderr.contains(words), "{setting}: {words}: {}", ran.stderr);
        }
        assert_eq!((published(&scratch), scratch.git(["show-ref"]).stdout), before, "{setting}");
        // A dry run signs nothing: it may be where no key is, and nobody to type the key's words.
        scratch.relguard(["release", "1.0.0", "--dry-run"]).exits(0);
        // What makes neither commit nor tag needs no key.
        scratch.relguard(["branch", "--push"]).exits(0);
        scratch.git(["config", "user.signingKey", &key]);
        let objects = scratch.git(["count-objects"]).stdout;
        scratch.relguard(["release", "1.0.0", "--dry-run"]).exits(0);
        assert_eq!(scratch.git(["count-objects"]).stdout, objects);
        scratch.relguard(["release", "1.0.0", "--run"]).exits(0);
        let signed = scratch.git(["cat-file", "-p", "v1.0.0"]).stdout.contains("BEGIN SSH SIGNATURE");
        assert_eq!(signed, setting != "commit.gpgSign", "{setting}");
    }
}

/// What is in the way of a run, as `release` tells it without one.
#[track_caller]
fn is_shown(scratch: &Scratch, line: &str, way_out: &str) {
    let said = |text: &str| text.contains(line.split("  ").last().unwrap().trim()) && text.contains(way_out);
    let ran = scratch.relguard(["release", "1.0.0"]).exits(0);
    let shown = ran.stdout.lines().any(|it| it.trim_start().starts_with(line) && said(it));
    assert!(shown, "{}", ran.stdout);
    let ran = scratch.relguard(["release", "1.0.0", "--run"]).exits(2);
    assert!(said(&ran.stderr), "{}", ran.stderr);
}

#[test]
fn what_is_in_the_way_of_a_run_is_shown_without_one() {
    let scratch = guarded();
    scratch.git(["tag", "--annotate", "--message=x", "v1.0.0"]);
    scratch.git(["branch", "release-1.0"]);
    scratch.relguard(["release", "1.0.0"]).exits(0);
    scratch.write("a.txt", "a");
    scratch.commit("feat: the first thing (#1)");
    scratch.git(["push", "--quiet", "origin", "master"]);
    let branch = "waiting  branch   release-1.0 is here at ";
    is_shown(&scratch, branch, "git branch -D release-1.0");
    scratch.git(["branch", "--quiet", "-D", "release-1.0"]);
    is_shown(&scratch, "later    tag      the tag v1.0.0 is here at ", "git tag -d v1.0.0");
    scratch.relguard(["branch", "--push"]).exits(0);
    is_shown(&scratch, "waiting  tag      the tag v1.0.0 is here at ", "one commit behind release-1.0");
    scratch.git(["tag", "-d", "v1.0.0"]);
    scratch.git(["tag", "v1.0.0"]);
    is_shown(&scratch, "waiting  tag      the tag v1.0.0 is here, ", "is no annotated tag");
    scratch.git(["tag", "-d", "v1.0.0"]);
    let ran = scratch.relguard(["release", "1.0.0"]).exits(0);
    assert!(ran.stdout.contains("next     tag      tag v1.0.0 on release-1.0"), "{}", ran.stdout);
    scratch.relguard(["release", "1.0.0", "--run"]).exits(0);
}

#[test]
fn what_a_dry_run_left_that_was_cut_off_goes_with_a_later_one() {
    let scratch = guarded();
    let temporary = scratch.outside("tmp");
    fs::create_dir(&temporary).unwrap();
    let names = || {
        let entries = fs::read_dir(&temporary).unwrap().map(Result::unwrap);
        entries.map(|entry| entry.file_name().into_string().unwrap()).collect::<Vec<_>>()
    };
    let dry_run = |path: &str| {
        let mut command = scratch.relguard_command(&["release", "1.0.0", "--dry-run"]);
        command.env("TMPDIR", &temporary).env("PATH", path);
        run(command)
    };
    let path = std::env::var("PATH").unwrap();
    let bin = scratch.outside("bin");
    let kill = "#!/bin/sh\nls \"$TMPDIR\" | grep -q . && kill -9 $PPID\nPATH=${PATH#*:}\nexec git \"$@\"\n";
    crate::support::script(&bin.join("git"), kill);
    dry_run(&format!("{}:{path}", bin.display())).exits(-1);
    let left = names();
    assert_eq!(left.len(), 1);
    // It may be that of a run that is not at its end.
    dry_run(&path).exits(0);
    assert_eq!(names(), left);
    let marker = "relguard-temporary";
    let mark = fs::read_to_string(temporary.join(&left[0]).join(marker)).unwrap();
    // Folders of somebody's, with what is in them, and a file.
    let others = [
        ("relguard-1-short", Some(mark.as_str())),
        ("relguard-notes-Ab3xY9", Some(&mark)),
        ("relguard-12-master", None),
        ("relguard-12-import", Some("mine")),
    ];
    for (folder, text) in others {
        fs::create_dir(temporary.join(folder)).unwrap();
        text.map_or(Ok(()), |text| fs::write(temporary.join(folder).join(marker), text)).unwrap();
    }
    fs::write(temporary.join("relguard-1-Ab3xY9"), &mark).unwrap();
    let mut kept: Vec<String> = names().into_iter().filter(|name| !left.contains(name)).collect();
    kept.sort();
    let begun = |hours: u64| {
        let then = std::time::SystemTime::now() - std::time::Duration::from_secs(hours * 60 * 60);
        for name in names() {
            let folder = temporary.join(name);
            let files = [folder.join(marker), folder];
            files.iter().filter(|path| path.exists()).for_each(|path| {
                fs::File::open(path).unwrap().set_modified(then).unwrap();
            });
        }
    };
    // Git may wait for a person.
    begun(23);
    dry_run(&path).exits(0);
    assert!(names().contains(&left[0]));
    begun(25);
    dry_run(&path).exits(0);
    let mut names = names();
    names.sort();
    assert_eq!(names, kept);
}
