//! Files that carry the version in a place the config names: the whole file, a key, or every match
//! of a pattern.

use std::ops::Range;
use std::sync::Arc;

use regex::Regex;

use super::yaml::{self, Step, Yaml};
use super::{Parsed, Value, json, toml};
use crate::domain::SourceText;
use crate::domain::text::BOM;
use crate::finding::{Edit, Location};

/// How a file carries the version.
#[derive(Debug, Clone)]
pub enum Carries {
    /// The whole file, trimmed.
    Whole,
    /// One key of a YAML, TOML or JSON file, by the file's extension.
    Key(Vec<Step>),
    /// Every match of the group `version`.
    Matches(Regex),
}

/// One place of a file that carries the version.
#[derive(Debug, Clone)]
pub struct Carried {
    /// What stands there.
    pub value: Value,
    form: Form,
}

#[derive(Debug, Clone)]
enum Form {
    /// The text itself.
    Bare,
    /// A scalar of a YAML file that keeps its quotes.
    Yaml(Arc<Yaml>, yaml::NodeId),
    /// In double quotes, as JSON and TOML escape.
    Quoted,
    /// In single quotes, as TOML writes literals.
    Literal,
}

/// The places of a file that carry the version; empty where the key or a match is missing.
pub fn read(source: &Arc<SourceText>, carries: &Carries) -> Parsed<Vec<Carried>> {
    match carries {
        Carries::Whole => Ok(vec![bare(source, trimmed(&source.text))]),
        Carries::Matches(pattern) => Ok(pattern
            .captures_iter(&source.text)
            .filter_map(|captures| captures.name("version"))
            .map(|group| {
                bare(source, group.start()..group.start() + without_punctuation(group.as_str()).len())
            })
            .collect()),
        Carries::Key(path) => Ok(at_key(source, path)?.into_iter().collect()),
    }
}

fn at_key(source: &Arc<SourceText>, path: &[Step]) -> Parsed<Option<Carried>> {
    let extension = source.path.file_name().rsplit_once('.').map_or("", |(_, extension)| extension);
    let (text, range, form) = match extension {
        "toml" => match toml::find(source, path)? {
            Some(found) => {
                (found.text, found.range, if found.literal { Form::Literal } else { Form::Quoted })
            }
            None => return Ok(None),
        },
        "json" => match json::find(source, path)? {
            Some((text, range)) => (text, range, Form::Quoted),
            None => return Ok(None),
        },
        _ => {
            let tree = Arc::new(yaml::parse(source)?);
            let Some(found) = tree.find(path) else { return Ok(None) };
            let Some(text) = tree.text(found.node) else { return Ok(None) };
            let text = if tree.is_null(found.node) { String::new() } else { text.to_owned() };
            let range = tree.node(found.node).range.clone();
            (text, range, Form::Yaml(Arc::clone(&tree), found.node))
        }
    };
    Ok(Some(Carried { value: Value { text, location: Location::new(source, range) }, form }))
}

impl Carried {
    /// The edit that puts another text in its place; `None` where it is a block scalar, or several lines,
    /// which are more than a version.
    pub fn set(&self, value: &str) -> Option<Edit> {
        let location = &self.value.location;
        let range = location.range.clone();
        let (range, replacement) = match &self.form {
            Form::Bare if self.value.text.contains('\n') => return None,
            Form::Bare => (range, value.to_owned()),
            Form::Yaml(tree, node) => tree.replace(*node, value)?,
            Form::Literal if !value.contains(['\'', '\n']) => (range, format!("'{value}'")),
            Form::Quoted | Form::Literal => (range, serde_json::to_string(value).ok()?),
        };
        Some(Edit { path: location.path().clone(), range, replacement })
    }
}

/// A match without the punctuation of the sentence that it stands in, which no version ends with.
fn without_punctuation(text: &str) -> &str {
    text.trim_end_matches(|c: char| c.is_ascii_punctuation())
}

fn bare(source: &Arc<SourceText>, range: Range<usize>) -> Carried {
    let text = source.text.get(range.clone()).unwrap_or_default().to_owned();
    Carried { value: Value { text, location: Location::new(source, range) }, form: Form::Bare }
}

fn trimmed(text: &str) -> Range<usize> {
    let blank = |c: char| c.is_whitespace() || c == BOM;
    let end = text.trim_end_matches(blank).len();
    if end == 0 {
        // Nothing but blanks: the version goes above them.
        let start = text.len() - text.trim_start_matches(BOM).len();
        return start..start;
    }
    text.len() - text.trim_start_matches(blank).len()..end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::RepoPath;

    fn set(path: &str, text: &str, carries: &Carries, value: &str) -> Option<String> {
        let source = Arc::new(SourceText::new(RepoPath::parse(path).unwrap(), text));
        let mut out = text.to_owned();
        for carried in read(&source, carries).unwrap().iter().rev() {
            let edit = carried.set(value)?;
            out.replace_range(edit.range, &edit.replacement);
        }
        Some(out)
    }

    fn key(text: &str) -> Carries {
        Carries::Key(yaml::key_path(text).unwrap())
    }

    #[test]
    fn each_form_is_set_in_place() {
        assert_eq!(
            set("VERSION", "\u{feff}v1.0.0\r\n", &Carries::Whole, "v2.0.0").unwrap(),
            "\u{feff}v2.0.0\r\n"
        );
        let toml = "# c\n[package]\nversion = '1.0.0' # c\n[dependencies]\nx = { version = \"1.0.0\" }\n";
        assert_eq!(
            set("Cargo.toml", toml, &key("package.version"), "2.0.0").unwrap(),
            toml.replacen("1.0.0", "2.0.0", 1)
        );
        let json = "{\n\t\"version\": \"1.0.0\",\n\t\"x\": {\"version\": \"1.0.0\"}}";
        assert_eq!(
            set("package.json", json, &key("version"), "2.0.0").unwrap(),
            json.replacen("1.0.0", "2.0.0", 1)
        );
        let yaml = "a: [{tag: 'v1'}, {tag: v1}]\n";
        assert_eq!(set("x.yaml", yaml, &key("a[0].tag"), "v2").unwrap(), "a: [{tag: 'v2'}, {tag: v1}]\n");
        let every = Carries::Matches(Regex::new(r"relguard@v(?P<version>[0-9]\S*)").unwrap());
        assert_eq!(
            set("README.md", "relguard@v1 x relguard@v2.0\n", &every, "3").unwrap(),
            "relguard@v3 x relguard@v3\n"
        );
    }

    #[test]
    fn what_is_not_there_is_empty_and_what_is_broken_says_where() {
        let source = |path: &str, text: &str| Arc::new(SourceText::new(RepoPath::parse(path).unwrap(), text));
        assert!(read(&source("a.json", "{}"), &key("version")).unwrap().is_empty());
        let broken = read(&source("a.json", "{\"a\": 1,\n \"a\": 2}"), &key("a")).unwrap_err();
        assert_eq!(broken.location.start().line, 2, "{broken:?}");
        assert!(read(&source("a.toml", "a = \n"), &key("a")).is_err());
    }
}
