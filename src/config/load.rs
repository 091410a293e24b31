use std::sync::Arc;

use anyhow::Result;

use super::{Config, raw::RawConfig, validate};
use crate::document::{Broken, text_of, yaml};
use crate::domain::text::visible;
use crate::domain::{Fail, RepoPath, SourceText};
use crate::source::{Snapshot, read};

/// The config's file name, at the repository's root.
pub const CONFIG_FILE: &str = ".relguard.yaml";

const MISSPELLED: &str = ".relguard.yml";

/// The config of a state; `None` where it has none.
pub fn from_snapshot(files: &dyn Snapshot) -> Result<Option<Config>> {
    let path = RepoPath::parse(CONFIG_FILE)?;
    if files.stat(&RepoPath::parse(MISSPELLED)?)?.is_some() {
        return Err(Fail::new(format!("{MISSPELLED} is not read: the config's name is {CONFIG_FILE}"))
            .help(format!("git mv {MISSPELLED} {CONFIG_FILE}"))
            .into());
    }
    let file = match read(files, &path)? {
        Ok(Some(file)) => file,
        Ok(None) => return Ok(None),
        Err(why) => {
            return Err(Fail::new(format!("{CONFIG_FILE} can't be read: {why}")).help(why.way_out()).into());
        }
    };
    let source = text_of(&path, file).map_err(|broken| config_error(&broken))?;
    Ok(Some(parse(&source)?))
}

/// Reads and validates a config. An error names file, line, column and, for a key, the nearest valid one.
pub fn parse(source: &Arc<SourceText>) -> Result<Config, Fail> {
    let tree = yaml::parse(source).map_err(|broken| config_error(&broken))?;
    let raw: RawConfig = yaml::deserialize(&tree).map_err(|error| {
        let broken = Broken::at(source, error.range.unwrap_or(0..0), error.message);
        config_error(&match error.help {
            Some(help) => broken.help(help),
            None => broken,
        })
    })?;
    validate::validate(raw, Some(source))
}

/// A config's error with its place.
pub(super) fn config_error(broken: &Broken) -> Fail {
    let at = broken.location.start();
    let path = visible(broken.location.path().as_str()).into_owned();
    let fail = Fail::new(format!("{path}:{}:{}: {}", at.line, at.column, visible(&broken.cause)));
    match &broken.help {
        Some(help) => fail.help(visible(help)),
        None => fail.help("`relguard schema` prints what the config may hold"),
    }
}
