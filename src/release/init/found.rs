use std::fmt::Write as _;

use crate::document::yaml;
use crate::domain::text::visible;

/// Something that the history shows, with what shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is about, in words: `release branches`.
    pub about: &'static str,
    /// The config's key that says it: `branches.release`.
    pub key: &'static str,
    /// What was found, as people read it.
    pub value: String,
    /// What shows it, in one line.
    pub evidence: String,
    /// Whether the config says it; else the default does, or nothing can.
    pub written: bool,
}

impl Fact {
    /// What the config says.
    pub(super) fn of(
        about: &'static str,
        key: &'static str,
        value: impl Into<String>,
        evidence: impl Into<String>,
    ) -> Self {
        Self { about, key, value: value.into(), evidence: evidence.into(), written: true }
    }
}

/// What was found about one part of the config: the facts, and its lines.
#[derive(Debug, Clone, Default)]
pub(super) struct Part {
    /// The facts.
    pub(super) facts: Vec<Fact>,
    /// The lines of the config, comments with the evidence among them; none where the default holds.
    lines: String,
}

impl Part {
    /// A fact that the config need not say.
    pub(super) fn note(&mut self, fact: Fact) {
        self.facts.push(Fact { written: false, ..fact });
    }

    /// A fact that lines of the config say already.
    pub(super) fn known(&mut self, fact: Fact) {
        self.facts.push(fact);
    }

    /// A fact that the config says in the lines that follow, with its evidence above them.
    pub(super) fn fact(&mut self, fact: Fact) {
        self.comment(0, &fact.evidence);
        self.known(fact);
    }

    /// The same one level in.
    pub(super) fn keyed(&mut self, fact: Fact) {
        self.comment(1, &fact.evidence);
        self.known(fact);
    }

    /// A comment, `depth` levels in.
    pub(super) fn comment(&mut self, depth: usize, text: &str) {
        let _ = writeln!(self.lines, "{}# {}", "  ".repeat(depth), visible(text));
    }

    /// A line of the config, `depth` levels in.
    pub(super) fn line(&mut self, depth: usize, text: &str) {
        let _ = writeln!(self.lines, "{}{text}", "  ".repeat(depth));
    }

    /// The lines below `title:`, where there are any.
    #[must_use]
    pub(super) fn below(self, title: &str) -> Self {
        if self.lines.is_empty() {
            return self;
        }
        let Self { facts, lines } = self.deeper();
        Self { facts, lines: format!("{title}:\n{lines}") }
    }

    /// The lines one level further in.
    #[must_use]
    pub(super) fn deeper(mut self) -> Self {
        let lines = std::mem::take(&mut self.lines);
        for line in lines.lines() {
            self.line(1, line);
        }
        self
    }

    /// The facts alone, which the default holds.
    #[must_use]
    pub(super) fn without_lines(mut self) -> Self {
        self.facts.iter_mut().for_each(|fact| fact.written = false);
        self.lines.clear();
        self
    }

    /// The facts and lines of another part, behind these.
    pub(super) fn append(&mut self, other: Self) {
        self.facts.extend(other.facts);
        self.lines.push_str(&other.lines);
    }
}

/// The head of every config that is written.
const HEAD: &str = "\
# The release process of this project, as its own history shows it; written by `relguard init`.
# Each comment says what a line was found by. What is not here is as docs/config.md of relguard documents it.
";

/// The whole config: the lines of all parts, and what holds without a line as comments.
pub(super) fn render<'a>(parts: impl IntoIterator<Item = &'a Part>) -> String {
    let parts: Vec<&Part> = parts.into_iter().collect();
    let mut text = HEAD.to_owned();
    let unsaid = parts.iter().flat_map(|part| &part.facts).filter(|fact| !fact.written);
    let unsaid: Vec<String> = unsaid
        .map(|fact| format!("#   {}: {} — {}\n", fact.about, visible(&fact.value), visible(&fact.evidence)))
        .collect();
    if !unsaid.is_empty() {
        text.push_str("#\n# Found as well, and in need of no line:\n");
        text.extend(unsaid);
    }
    for part in parts.iter().filter(|part| !part.lines.is_empty()) {
        text.push('\n');
        text.push_str(&part.lines);
    }
    text
}

/// A text as YAML writes it in double quotes.
pub(super) fn quoted(text: &str) -> String {
    yaml::quoted(text)
}

/// A count with its noun: `1 tag`, `3 tags`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    let plural = match noun.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None if noun.ends_with("ch") => format!("{noun}es"),
        None => format!("{noun}s"),
    };
    if count == 1 { format!("1 {noun}") } else { format!("{count} {plural}") }
}

/// The first and the last of some names, and how many they are: `v1.0.0 … v1.2.0 (3 tags)`.
pub(super) fn span(names: &[&str], noun: &str) -> String {
    match (names.first(), names.last()) {
        (Some(first), Some(last)) if first != last => {
            format!("{first} … {last} ({})", counted(names.len(), noun))
        }
        (Some(only), _) => format!("{only} (1 {noun})"),
        _ => format!("no {noun}"),
    }
}
