//! The one place that acts: what a plan says, in its order, and nothing else.

use anyhow::Result;

use super::plan::{Action, NewFile, PushedRef};
use super::remote;
use crate::domain::{Fail, RepoPath};
use crate::git::{Git, Repo, said_by_git};
use crate::source::Worktree;
use crate::source::write::Batch;

/// Carries out one action. An error says what was not done; the actions before it stand, and the step can be
/// run again.
pub fn execute(repo: &Repo, action: &Action) -> Result<()> {
    let git = Git::new(repo);
    match action {
        Action::WriteFiles(files) => write(repo, files),
        Action::Fetch { remote } => repo.fetch(remote),
        Action::Switch { branch, at: Some(at) } => {
            run(&git, &["switch", "--quiet", "--no-track", "--create", branch, &at.to_string()])
        }
        Action::Switch { branch, at: None } => run(&git, &["switch", "--quiet", "--no-guess", branch]),
        Action::Commit { paths, message } => {
            let mut add = vec!["--literal-pathspecs", "add", "--"];
            add.extend(paths.iter().map(RepoPath::as_str));
            run(&git, &add)?;
            // Nothing else is staged: the plan asked for a clean tree. Of some paths alone git would not take what the
            // project's own hook adds to the commit.
            git.feed(&["commit", "--quiet", "-F", "-"], message.as_bytes()).map(drop)
        }
        Action::CreateBranch { name, at } => {
            run(&git, &["branch", "--no-track", "--", name, &at.to_string()])
        }
        Action::CreateTag { name, at, message, sign } => {
            let sign = match sign {
                Some(true) => "--sign",
                Some(false) => "--no-sign",
                None => "--annotate",
            };
            let args =
                ["tag", "--annotate", sign, "--cleanup=verbatim", "-F", "-", "--", name, &at.to_string()];
            git.feed(&args, message.as_bytes()).map(drop)
        }
        Action::CommitToBranch(commit) => repo.commit_to_branch(commit).map(drop),
        Action::Push { remote, refs } => {
            push(&git, remote, refs).map_err(|error| match remote::met_by_push(repo, remote, refs) {
                Some(fail) => fail.said(said_by_git(&error)).into(),
                None => with_way_out(error),
            })?;
            for pushed in refs {
                if let Some(at) = repo.find_ref(&pushed.from)? {
                    repo.keep_pushed(remote, &pushed.to, at)?;
                }
            }
            Ok(())
        }
        Action::PutFiles(files) => {
            let mut batch = Batch::default();
            for (path, bytes) in files {
                batch.replace(path, None, bytes)?;
            }
            batch.commit()
        }
    }
}

fn write(repo: &Repo, files: &[NewFile]) -> Result<()> {
    let disk = Worktree::new(repo).ok_or_else(|| {
        Fail::new("the repository is bare: it has no files to write").help("run it in a clone: git clone")
    })?;
    let mut batch = Batch::default();
    for file in files {
        batch.replace(&disk.on_disk(&file.path), file.before.clone(), &file.bytes)?;
    }
    batch.commit()
}

/// Pushes all or nothing. A ref that is there only moves on, as git has it of itself; one that is new must
/// not have come meanwhile.
fn push(git: &Git<'_>, remote: &str, refs: &[PushedRef]) -> Result<()> {
    let new = refs.iter().filter(|pushed| pushed.old.is_none());
    // Nothing goes along that the plan does not name, whatever the user's git is set to.
    let mut args: Vec<String> =
        ["push", "--quiet", "--atomic", "--no-follow-tags", "--recurse-submodules=no"]
            .map(str::to_owned)
            .into();
    args.extend(new.map(|pushed| format!("--force-with-lease={}:", pushed.to)));
    args.extend(["--".to_owned(), remote.to_owned()]);
    args.extend(refs.iter().map(|pushed| format!("{}:{}", pushed.from, pushed.to)));
    run(git, &args.iter().map(String::as_str).collect::<Vec<_>>())
}

/// A refused push may be anything: a protected branch, the access, a hook, the line.
fn with_way_out(error: anyhow::Error) -> anyhow::Error {
    error.downcast::<Fail>().map_or_else(
        |error| error,
        |fail| match fail.way_out() {
            Some(_) => fail.into(),
            None => fail
                .help("mend what git names, or have it pushed by who may; then run the same command again")
                .into(),
        },
    )
}

fn run(git: &Git<'_>, args: &[&str]) -> Result<()> {
    git.output(args).map(drop)
}
