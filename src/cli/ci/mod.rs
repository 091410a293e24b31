//! `relguard ci`

mod about;
mod environment;
mod github;
mod gitlab;
mod judge;

use anyhow::Result;

use super::args::{CiArgs, Common, Format};
use super::console::Console;
use super::{Status, forced_config};
use crate::domain::text::visible;
use crate::engine::{Judge, find_commit, find_ref};
use crate::git::Repo;
use crate::project::refs::{Event, RefName};
use about::{About, Run};
use environment::Environment;
use judge::Gate;

/// Judges what this CI run is about, and prints what was found.
pub(super) fn run(args: &CiArgs, common: &Common, console: &mut Console) -> Result<Status> {
    let repo = Repo::open()?;
    let judging = Judge::new(&repo, forced_config(common)?);
    let environment = Environment::of_process();
    // The clone that a forge makes has one remote; anywhere else the config may name another.
    let (run, remote) = match &args.ref_name {
        Some(name) => {
            let config = judging.standing_config()?;
            (named(&repo, &config.remote, name, &environment)?, config.remote)
        }
        None => (Run::of(&environment)?, "origin".to_owned()),
    };
    console.detail(&describe(&run.about));
    let gate = Gate {
        judging: &judging,
        remote: &remote,
        deepen: run.deepen,
        default_branch: run.default_branch.clone(),
        base: args.base.as_deref().map(|rev| find_commit(&repo, &remote, rev)).transpose()?,
    };
    let report = gate.judge(run)?;
    console.report(&report, common.format);
    if let (Format::Github, Some(file)) = (common.format, environment.get("GITHUB_STEP_SUMMARY")) {
        console.summarise(&report, file);
    }
    Ok(if report.fails(common.strict) { Status::Failed } else { Status::Passed })
}

/// What the command line names: a branch or a tag as it stands, else a commit on its way to one.
fn named(repo: &Repo, remote: &str, name: &str, environment: &Environment) -> Result<Run> {
    // What the forge says of the default branch holds for every ref; all else of it is overridden.
    let default_branch = Run::of(environment).ok().and_then(|run| run.default_branch);
    let about = match find_ref(repo, remote, name) {
        Ok(name) => About::Ref { name, event: Event::Stands, objects: Vec::new() },
        Err(unknown)
            if name != "HEAD" && (!name.starts_with("refs/") || RefName::of_full(name).is_some()) =>
        {
            return Err(unknown);
        }
        Err(_) => {
            let commits = vec![repo.commit(name)?];
            About::Change { name: name.to_owned(), commits, target: None, bases: Vec::new() }
        }
    };
    Ok(Run { about, default_branch, deepen: "fetch-depth: 0" })
}

fn describe(about: &About) -> String {
    match about {
        About::Ref { name: RefName::Branch(name), event, .. } => {
            format!("judging the branch {} ({})", visible(name), word(*event))
        }
        About::Ref { name: RefName::Tag(name), event, .. } => {
            format!("judging the tag {} ({})", visible(name), word(*event))
        }
        About::Change { name, target: Some(target), .. } => {
            format!("judging {}, which goes to {}", visible(name), visible(target))
        }
        About::Change { name, target: None, .. } => format!("judging {}", visible(name)),
    }
}

fn word(event: Event) -> &'static str {
    match event {
        Event::Stands => "as it stands",
        Event::Created => "new",
        Event::Moved { .. } => "moved",
        Event::Deleted { .. } => "deleted",
    }
}
