//! What of a repository is unguarded, and why.

mod ci;
mod clone;
mod hooks;
mod server;
mod show;

use std::path::Path;
use std::time::SystemTime;

use anyhow::Result;

use crate::config::Config;
use crate::domain::order;
use crate::engine::Judge;
use crate::git::{Repo, Setting};

pub use hooks::{By, Guard};
pub use show::{human, json};

/// How much an observation weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Something passes without a judgement, or nothing passes at all.
    Hole,
    /// A judgement may go wrong, or come late.
    Warning,
    /// What is good to know.
    Note,
}

/// One observation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What kind it is; never changes its meaning.
    pub id: &'static str,
    /// How much it weighs.
    pub level: Level,
    /// What is seen.
    pub message: String,
    /// The file, and the line in it.
    pub place: Option<(String, Option<usize>)>,
    /// Why it matters.
    pub why: String,
    /// What to do.
    pub help: Option<String>,
}

impl Item {
    fn new(level: Level, id: &'static str, message: impl Into<String>, why: impl Into<String>) -> Self {
        Self { id, level, message: message.into(), place: None, why: why.into(), help: None }
    }

    fn hole(id: &'static str, message: impl Into<String>, why: impl Into<String>) -> Self {
        Self::new(Level::Hole, id, message, why)
    }

    fn warning(id: &'static str, message: impl Into<String>, why: impl Into<String>) -> Self {
        Self::new(Level::Warning, id, message, why)
    }

    fn note(id: &'static str, message: impl Into<String>, why: impl Into<String>) -> Self {
        Self::new(Level::Note, id, message, why)
    }

    fn at(mut self, place: impl Into<String>, line: Option<usize>) -> Self {
        self.place = Some((place.into(), line));
        self
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Everything that was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// The hooks that guard, or should.
    pub hooks: Vec<Guard>,
    /// The observations, the heaviest first.
    pub items: Vec<Item>,
}

impl Diagnosis {
    /// How many observations weigh so much.
    pub fn count(&self, level: Level) -> usize {
        self.items.iter().filter(|item| item.level == level).count()
    }
}

/// What is looked at.
struct Patient<'a> {
    repo: &'a Repo,
    config: Config,
    settings: Vec<Setting>,
}

impl Patient<'_> {
    /// The line of git's configuration that holds for a key, which is written in lower case.
    fn setting(&self, key: &str) -> Option<&Setting> {
        self.settings_of(key).last()
    }

    fn settings_of(&self, key: &str) -> impl Iterator<Item = &Setting> {
        self.settings.iter().filter(move |setting| setting.key == key)
    }

    /// A path as people know it: from the top of the working tree or of the bare repository.
    fn shown(&self, path: &Path) -> String {
        let top = self.repo.workdir().unwrap_or(self.repo.common_dir());
        path.strip_prefix(top).unwrap_or(path).display().to_string()
    }
}

/// Looks a repository over. `now` is what the age of the last fetch is measured against.
pub fn diagnose(judging: &Judge<'_>, now: SystemTime) -> Result<Diagnosis> {
    let repo = judging.repo();
    let patient = Patient { repo, config: judging.standing_config()?, settings: repo.settings()? };
    let mut items = Vec::new();
    let hooks = if repo.is_bare() {
        server::look(&patient, &mut items)?
    } else {
        let hooks = hooks::look(&patient, &mut items)?;
        clone::look(&patient, now, &mut items)?;
        hooks
    };
    items.extend(clone::git_too_old(repo)?);
    ci::look(&patient, &mut items)?;
    // What comes first of one weight stays first.
    order::sort_by_key(&mut items, |item| item.level);
    Ok(Diagnosis { hooks, items })
}
