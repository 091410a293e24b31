use std::ffi::OsString;
use std::path::Path;

use serde::Deserialize;

use crate::domain::text::visible;
use crate::domain::{Fail, Oid, SortedMap};
use crate::git::environment;

/// The variables that a CI system sets: all that `relguard ci` knows of them comes through here.
pub(super) struct Environment(SortedMap<String, OsString>);

/// What the forge wrote of the event that started a run, as far as it matters here. GitHub, Gitea and
/// Forgejo write the same keys.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Event {
    pub(super) before: Option<String>,
    pub(super) after: Option<String>,
    pub(super) deleted: bool,
    #[serde(rename = "ref")]
    pub(super) ref_name: Option<String>,
    pub(super) ref_type: Option<String>,
    pub(super) number: Option<u64>,
    pub(super) pull_request: Option<PullRequest>,
    pub(super) merge_group: Option<MergeGroup>,
    pub(super) release: Option<Release>,
    pub(super) repository: Option<Repository>,
}

/// A pull request in an event.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PullRequest {
    pub(super) base: Side,
    pub(super) head: Side,
    pub(super) merge_commit_sha: Option<String>,
}

/// One side of a pull request.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Side {
    #[serde(rename = "ref")]
    pub(super) name: Option<String>,
    pub(super) sha: Option<String>,
}

/// Pull requests that wait to be merged together.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct MergeGroup {
    pub(super) base_ref: Option<String>,
    pub(super) base_sha: Option<String>,
    pub(super) head_sha: Option<String>,
}

/// A release on the forge.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Release {
    pub(super) tag_name: Option<String>,
}

/// The repository that an event is about.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Repository {
    pub(super) default_branch: Option<String>,
}

impl Environment {
    /// The variables of this process.
    pub(super) fn of_process() -> Self {
        Self(environment::variables().collect())
    }

    /// A variable's value; `None` where it is not set, empty, or no text.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.to_str().filter(|value| !value.is_empty())
    }

    /// A variable's value, which must be there.
    pub(super) fn need(&self, name: &str) -> Result<&str, Fail> {
        self.get(name).ok_or_else(|| {
            Fail::new(format!("{name} is not set, and it says what this CI run is about")).help(OR_NAME_IT)
        })
    }

    /// A variable that holds an object's id; `None` for the one that stands for no object.
    pub(super) fn id(&self, name: &str) -> Result<Option<Oid>, Fail> {
        self.get(name).map_or(Ok(None), |text| id(name, text))
    }

    /// What the forge wrote of the event; nothing where it does not say where.
    pub(super) fn event(&self) -> Result<Event, Fail> {
        let Some(file) = self.0.get("GITHUB_EVENT_PATH").filter(|file| !file.is_empty()) else {
            return Ok(Event::default());
        };
        let fail = |cause: String| {
            Fail::new(format!("the event file {} can't be read: {cause}", Path::new(file).display()))
                .help(format!("GITHUB_EVENT_PATH names the file that the forge wrote; {OR_NAME_IT}"))
        };
        let bytes = std::fs::read(file).map_err(|error| fail(error.to_string()))?;
        serde_json::from_slice(&bytes).map_err(|error| fail(error.to_string()))
    }
}

/// The way out wherever the environment does not say enough.
pub(super) const OR_NAME_IT: &str = "name what to judge instead: `relguard ci --ref REFNAME --base REV`";

/// An object's id as a forge writes it; `None` for the zeros that stand for no object.
pub(super) fn id(of: &str, text: &str) -> Result<Option<Oid>, Fail> {
    match Oid::from_hex(text.as_bytes()) {
        Some(id) => Ok(Some(id).filter(|id| *id != Oid::ZERO)),
        None => {
            Err(Fail::new(format!("{of} is `{}`, which is no commit's id", visible(text))).help(OR_NAME_IT))
        }
    }
}

/// The same for a key of an event, which may not be there.
pub(super) fn id_of(of: &str, text: Option<&String>) -> Result<Option<Oid>, Fail> {
    text.filter(|text| !text.is_empty()).map_or(Ok(None), |text| id(of, text))
}
