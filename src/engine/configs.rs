use std::cell::RefCell;
use std::rc::Rc;

use anyhow::Result;

use super::Judge;
use crate::config::{Config, config_file};
use crate::domain::{Oid, OidMap};
use crate::finding::Subject;
use crate::source::CommitFiles;

/// The configs that the commits of one inspection are judged by, where each brings its own. Every commit is
/// asked once, and commits with the same file share one config: there may be thousands of tags.
#[derive(Default)]
pub(super) struct Configs {
    of_commits: RefCell<OidMap<Rc<Config>>>,
    of_files: RefCell<OidMap<Rc<Config>>>,
}

impl Configs {
    /// A commit's own config, with what always is the governing one's. `otherwise` is what judges where it has
    /// none; without that the clone's default branch is asked.
    pub(super) fn of(
        &self,
        judging: &Judge<'_>,
        (commit, subject): (Oid, Subject),
        governing: &Config,
        otherwise: Option<&Rc<Config>>,
    ) -> Result<Rc<Config>> {
        if let Some(known) = self.of_commits.borrow().get(&commit) {
            return Ok(Rc::clone(known));
        }
        let files = CommitFiles::new(judging.repo(), commit, subject);
        let file = config_file(&files)?;
        let shared = file.and_then(|file| self.of_files.borrow().get(&file).cloned());
        let config = match (shared, otherwise) {
            (Some(shared), _) => shared,
            (None, otherwise) => match (judging.own_config(&files)?, otherwise) {
                (None, Some(otherwise)) => Rc::clone(otherwise),
                (own, _) => Rc::new(judging.config(own, Some(governing))?),
            },
        };
        if let Some(file) = file {
            self.of_files.borrow_mut().insert(file, Rc::clone(&config));
        }
        self.of_commits.borrow_mut().insert(commit, Rc::clone(&config));
        Ok(config)
    }
}
