use std::path::Path;
use std::sync::Arc;

use anyhow::Result;

use super::{Config, raw::RawConfig, validate};
use crate::document::{Broken, text_of, yaml};
use crate::domain::text::visible;
use crate::domain::{Fail, Oid, RepoPath, SourceText};
use crate::source::{CommitFiles, SIZE_LIMIT, Snapshot, outside, read};

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

/// The file of a commit's config: commits with the same one have the same config. `None` where it takes more
/// than that file to tell, or there is none.
pub fn config_file(files: &CommitFiles<'_>) -> Result<Option<Oid>> {
    if files.stat(&RepoPath::parse(MISSPELLED)?)?.is_some() {
        return Ok(None);
    }
    files.blob_id(&RepoPath::parse(CONFIG_FILE)?)
}

/// The config in a file outside of what is judged.
pub fn from_file(file: &Path) -> Result<Config> {
    let text = outside::text(file, SIZE_LIMIT).map_err(|why| {
        Fail::new(format!("the config {} can't be read: {why}", file.display()))
            .help("name the path of a text file in UTF-8")
    })?;
    // Outside the repository a path is only a name.
    let path = RepoPath::default().child(&file.to_string_lossy());
    Ok(parse(&Arc::new(SourceText::new(path, text)))?)
}

/// Reads and validates a config. An error names file, line, column and, for a key, the nearest valid one.
pub fn parse(source: &Arc<SourceText>) -> Result<Config, Fail> {
    let tree = yaml::parse(source).map_err(|broken| config_error(&broken))?;
    let raw: RawConfig = yaml::deserialize(&tree).map_err(|error| {
        let (cause, way_out) = in_words(&error.message);
        let broken = Broken::at(source, error.range.unwrap_or(0..0), cause);
        config_error(&match error.help.or(way_out) {
            Some(help) => broken.help(help),
            None => broken,
        })
    })?;
    validate::validate(raw, Some(source))
}

/// What the reader says, in words of the config: its cause and, in a second line, its way out.
fn in_words(message: &str) -> (String, Option<String>) {
    if let Some((cause, help)) = message.split_once('\n') {
        return (cause.to_owned(), Some(help.to_owned()));
    }
    let types = message.strip_prefix("invalid type: ").and_then(|types| types.split_once(", expected "));
    let Some((found, expected)) = types else { return (message.to_owned(), None) };
    let expected = match expected {
        "a sequence" => "a list",
        "a boolean" => "true or false",
        "a string" => "a text",
        "a map" => "a mapping of keys to values",
        other => other,
    };
    let found = match found {
        "map" => "a mapping",
        "sequence" => "a list",
        "unit value" => "nothing",
        other => other.strip_prefix("string ").or(other.strip_prefix("boolean ")).unwrap_or(other),
    };
    (format!("{expected} is expected here, not {found}"), None)
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
