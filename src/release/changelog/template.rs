//! A project's own form of the section: a minijinja template.

use std::path::Path;
use std::rc::Rc;

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, UndefinedBehavior, Value};

use super::entries::Entry;
use super::present::Present;
use super::render::{Links, item};
use crate::document::changelog::{Addition, Changelog, Kind, Place, inline};
use crate::domain::{Fail, Forge, RepoPath, SourceText, Version};
use crate::source::{SIZE_LIMIT, outside};

/// A template, and where it comes from.
#[derive(Debug, Clone)]
pub struct Template {
    /// The file.
    pub path: std::path::PathBuf,
    /// Its text.
    pub text: String,
}

/// What a template knows of a release, the entries aside. All texts are Markdown already.
#[derive(Debug)]
pub(super) struct About {
    pub(super) version: String,
    pub(super) tag: String,
    pub(super) previous: Option<String>,
    pub(super) previous_tag: Option<String>,
    pub(super) date: String,
    pub(super) url: Option<String>,
    pub(super) contributors: Vec<String>,
}

/// The kinds as a template knows them.
const KINDS: [(Kind, &str, &str); 13] = [
    (Kind::Breaking, "breaking", "Breaking Changes"),
    (Kind::Feature, "features", "Features"),
    (Kind::Fix, "fixes", "Bug Fixes"),
    (Kind::Security, "security", "Security"),
    (Kind::Performance, "performance", "Performance"),
    (Kind::Deprecation, "deprecations", "Deprecations"),
    (Kind::Removal, "removals", "Removals"),
    (Kind::Other, "others", "Others"),
    (Kind::Documentation, "documentation", "Documentation"),
    (Kind::Refactoring, "refactoring", "Refactoring"),
    (Kind::Tests, "tests", "Tests"),
    (Kind::Build, "build", "Build"),
    (Kind::Dependencies, "dependencies", "Dependencies"),
];

/// All that a template knows: the entries by kind, kinds without one left out.
pub(super) fn context(about: About, entries: &[Rc<Entry>], forge: Option<&Forge>) -> Value {
    let links = Links::of(forge);
    let kinds = KINDS.iter().filter_map(|(kind, name, title)| {
        let entries: Vec<Value> = entries
            .iter()
            .filter(|entry| entry.kind == *kind)
            .map(|entry| values(entry, forge, &links))
            .collect();
        let pairs = [
            ("name", Value::from(*name)),
            ("title", Value::from(*title)),
            ("entries", entries.clone().into()),
        ];
        (!entries.is_empty()).then(|| Value::from_pairs(pairs))
    });
    Value::from_pairs([
        ("version", Value::from(about.version)),
        ("tag", about.tag.into()),
        ("previous", about.previous.into()),
        ("previous_tag", about.previous_tag.into()),
        ("date", about.date.into()),
        ("url", about.url.into()),
        ("kinds", kinds.collect::<Vec<Value>>().into()),
        ("contributors", about.contributors.into()),
    ])
}

fn values(entry: &Entry, forge: Option<&Forge>, links: &Links) -> Value {
    let pr = entry.numbers.first().copied();
    let details: Vec<String> = entry.details.iter().map(|detail| inline(detail, true)).collect();
    let authors: Vec<String> = entry.people.iter().map(|person| inline(&person.name, false)).collect();
    Value::from_pairs([
        ("line", Value::from(item("", entry, links).replace('\n', "\n  "))),
        ("text", inline(&entry.text, entry.is_note).into()),
        ("scope", entry.scope.as_ref().map(|scope| inline(scope, false)).into()),
        ("details", details.into()),
        ("pr", pr.into()),
        ("pr_url", pr.zip(forge).map(|(number, forge)| forge.request_page(number)).into()),
        ("prs", entry.numbers.to_vec().into()),
        ("hash", entry.id.short().into()),
        ("hash_url", forge.map(|forge| forge.commit_page(entry.id)).into()),
        ("authors", authors.into()),
    ])
}

impl Template {
    /// The section that it makes; an error names its line.
    pub(super) fn render(&self, context: Value, version: &Version) -> Result<Changelog, Fail> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        // A line that holds a block alone leaves no trace.
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(syntax.map_err(|error| self.broken(&error))?);
        let text = environment
            .render_named_str("template", &self.text, context)
            .map_err(|error| self.broken(&error))?;
        let text = text.trim().to_owned() + "\n";
        let log = Changelog::parse(&std::sync::Arc::new(SourceText::new(RepoPath::default(), text)));
        match log.sections() {
            [section] if section.version == *version && section.range.start == 0 => Ok(log),
            _ => Err(Fail::new(format!("{} makes no section for {version}", self.path.display()))
                .help("it has to begin with the section's heading, such as `# {{ tag }}`, and hold no other release's")),
        }
    }

    fn broken(&self, error: &minijinja::Error) -> Fail {
        let line = error.line().map_or(String::new(), |line| format!(":{line}"));
        let cause = error
            .detail()
            .map_or_else(|| error.kind().to_string(), |detail| format!("{}: {detail}", error.kind()));
        Fail::new(format!("the template {}{line} can't be used: {cause}", self.path.display()))
            .help("docs/changelog.md says what a template knows")
    }
}

/// The items of a section that a template made, by the heading that they stand under; those left out that are
/// there already.
pub(super) fn untold(made: &Changelog, present: &Present) -> Vec<Addition> {
    let text = &made.source().text;
    let ends = made.headings().iter().skip(1).map(|heading| heading.range.start).chain([text.len()]);
    let additions = made.headings().iter().zip(ends).enumerate().map(|(number, (heading, end))| {
        let place = match Kind::of_heading(&heading.text) {
            _ if number == 0 => Place::Section,
            Some(kind) => Place::Kind(kind),
            None => Place::Heading(heading.text.clone()),
        };
        let mut items = items(text.get(heading.range.end..end).unwrap_or_default());
        items.retain(|item| !present.has_line(item.lines().next().unwrap_or_default()));
        Addition { place, items }
    });
    additions.collect()
}

/// The items of the lists in a text, each with what is indented below it.
fn items(text: &str) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        let bullet = ["- ", "* ", "+ "].iter().find_map(|mark| line.strip_prefix(mark));
        match (bullet, items.last_mut()) {
            (Some(item), _) => {
                items.push(item.to_owned());
                open = true;
            }
            (None, Some(item)) if open && line.starts_with("  ") => {
                item.push('\n');
                item.push_str(line.get(2..).unwrap_or_default());
            }
            _ => open = false,
        }
    }
    items
}

/// Reads a template's file.
pub fn read_template(path: &Path) -> Result<Template, Fail> {
    let text = outside::text(path, SIZE_LIMIT).map_err(|why| {
        Fail::new(format!("the template {} can't be read: {why}", path.display()))
            .help("--template takes the path of a text file")
    })?;
    Ok(Template { path: path.to_owned(), text })
}
