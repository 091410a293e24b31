use super::environment::{Environment, OR_NAME_IT};
use super::{github, gitlab};
use crate::domain::{Fail, Oid};
use crate::project::refs::{Event, RefName};

/// What a CI run is about, as its environment tells it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// What is to be judged.
    pub(super) about: About,
    /// The default branch's name, where the forge says it.
    pub(super) default_branch: Option<String>,
    /// How a whole history is asked for there.
    pub(super) deepen: &'static str,
}

/// What is to be judged.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum About {
    /// A branch or a tag.
    Ref {
        /// Its name.
        name: RefName,
        /// What happened to it.
        event: Event,
        /// What it names now: ids by which the forge knows that, the likeliest first. Where there is none,
        /// the clone says it.
        objects: Vec<Oid>,
    },
    /// A change that is to go onto a branch.
    Change {
        /// What reports call it.
        name: String,
        /// Its commit: ids by which the forge knows it, the likeliest first.
        commits: Vec<Oid>,
        /// The branch that it goes to.
        target: Option<String>,
        /// Where that branch stood, as far as the forge says.
        bases: Vec<Oid>,
    },
}

impl Run {
    /// Reads it from the environment of GitHub Actions and those like it, or of GitLab CI.
    pub(super) fn of(environment: &Environment) -> Result<Self, Fail> {
        if environment.get("GITHUB_EVENT_NAME").is_some() {
            return github::read(environment);
        }
        if environment.get("CI_PIPELINE_SOURCE").is_some() {
            return gitlab::read(environment);
        }
        Err(Fail::new(
            "nothing says what this CI run is about: neither GITHUB_EVENT_NAME (GitHub, Gitea and Forgejo Actions) \
             nor CI_PIPELINE_SOURCE (GitLab CI) is set",
        )
        .help(OR_NAME_IT))
    }
}

/// What happened to a ref that was pushed.
pub(super) fn pushed(before: Option<Oid>) -> Event {
    before.map_or(Event::Created, |from| Event::Moved { from })
}
