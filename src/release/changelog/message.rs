//! What a commit's message says of its change.

use std::borrow::Cow;

use crate::document::changelog::Kind;
use crate::domain::text::is_unprintable;
use crate::domain::{Oid, strip_v};
use crate::git::Person;

/// So much of a message is read, in bytes: more is no message but a log that somebody pasted.
const READ: usize = 64 * 1024;

/// So many characters of a title are shown.
const LONGEST_TITLE: usize = 400;

/// A message, taken apart.
#[derive(Debug, Clone, Default)]
pub(super) struct Message {
    /// Its first line, without the numbers of pull requests behind it.
    pub(super) title: String,
    /// These numbers: `(#12) (#34)`. The last one is the commit's own.
    pub(super) numbers: Vec<u64>,
    /// What stands below the first line.
    pub(super) body: String,
    /// The pull requests that it says to bring along: `Automated cherry pick of #12`, `Backport of #12`.
    pub(super) picked_numbers: Vec<u64>,
    /// What it says of its change.
    pub(super) said: Said,
}

/// What a message says in the form of Conventional Commits, or in one of the forms that come near it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// The kind of change; `None` where it does not say.
    pub(super) kind: Option<Kind>,
    /// The part that was changed.
    pub(super) scope: Option<String>,
    /// What was changed.
    pub(super) text: String,
    /// What users have to act on; empty where only a mark says that there is something.
    pub(super) breaking: Option<String>,
    /// Whether it is a Conventional Commit.
    pub(super) is_conventional: bool,
}

/// What a message's `release-note` fences say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Notes {
    /// There are none.
    Silent,
    /// `NONE`: users need not know of it.
    Nothing,
    /// The notes, each with the items below it.
    Said(Vec<(String, Vec<String>)>),
}

/// What a message says that it takes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reverted {
    /// A commit.
    Commit(Oid),
    /// A pull request.
    Number(u64),
    /// Whatever has this title.
    Title(String),
}

impl Message {
    /// Takes a message apart.
    pub(super) fn parse(text: &str) -> Self {
        let text = clean(text);
        let text = text.trim_start();
        let (first, body) = text.split_once('\n').unwrap_or((text, ""));
        let picked_numbers = std::iter::once(first).chain(body.lines().take(20)).filter(|line| is_pick(line));
        let picked_numbers = picked_numbers.flat_map(mentioned).collect();
        let (title, numbers) = split_numbers(without_branch(first.trim()));
        let title = whole_title(title, body).unwrap_or_else(|| title.to_owned());
        let title = if title.len() > LONGEST_TITLE && title.chars().count() > LONGEST_TITLE {
            title.chars().take(LONGEST_TITLE).chain(['…']).collect()
        } else {
            title
        };
        let body = body.trim_matches('\n').to_owned();
        let said = said(&title, &body);
        Self { title, numbers, body, picked_numbers, said }
    }

    /// Its own pull request.
    pub(super) fn number(&self) -> Option<u64> {
        self.numbers.last().copied()
    }

    /// What its `release-note` fences say.
    pub(super) fn notes(&self) -> Notes {
        let mut notes = Notes::Silent;
        if !self.body.contains("```") {
            return notes;
        }
        let mut lines = self.body.lines();
        while let Some(line) = lines.next() {
            let Some(word) = line.trim().strip_prefix("```").map(str::trim) else { continue };
            if !matches!(word, "release-note" | "release-notes") {
                continue;
            }
            let mut rest = lines.clone();
            let inside: Vec<&str> =
                rest.by_ref().take_while(|line| !line.trim().starts_with("```")).collect();
            let closed = lines.clone().nth(inside.len()).is_some();
            if !closed {
                break;
            }
            lines = rest;
            if inside.iter().all(|line| line.trim().is_empty()) {
                continue;
            }
            match (read_note(&inside), &mut notes) {
                (None, Notes::Silent) => notes = Notes::Nothing,
                (Some(more), Notes::Said(said)) => said.extend(more),
                (Some(said), _) => notes = Notes::Said(said),
                (None, _) => {}
            }
        }
        notes
    }

    /// The commits that it was picked from.
    pub(super) fn picked_from(&self) -> impl Iterator<Item = Oid> {
        let lines = self.body.lines().map(str::trim);
        lines.filter_map(|line| {
            let id = line.strip_prefix("(cherry picked from commit ")?.strip_suffix(')')?;
            Oid::from_hex(id.as_bytes())
        })
    }

    /// What it says that it takes back.
    pub(super) fn reverts(&self) -> Vec<Reverted> {
        let mut found = Vec::new();
        if !self.body.contains("evert") && !self.title.contains("evert") {
            return found;
        }
        for line in self.body.lines().map(str::trim) {
            if let Some((_, rest)) = line.split_once("This reverts commit ") {
                let end = rest.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(rest.len());
                found.extend(
                    rest.get(..end).and_then(|id| Oid::from_hex(id.as_bytes())).map(Reverted::Commit),
                );
            } else if let Some(rest) =
                line.strip_prefix("Reverts ").or_else(|| line.strip_prefix("This reverts merge request "))
            {
                found.extend(mentioned(rest).first().copied().map(Reverted::Number));
            }
        }
        let title = self.title.strip_prefix("Revert \"").or_else(|| self.title.strip_prefix("revert: \""));
        if let Some(title) = title.and_then(|title| title.strip_suffix('"')) {
            let (title, numbers) = split_numbers(title);
            found.extend(numbers.last().copied().map(Reverted::Number));
            found.push(Reverted::Title(title.to_owned()));
        }
        found
    }

    /// Those who wrote it together with the author.
    pub(super) fn co_authors(&self) -> impl Iterator<Item = Person> {
        self.body.lines().filter_map(|line| {
            let (key, rest) = line.trim().split_once(':')?;
            let (name, email) = rest.trim().strip_suffix('>')?.split_once('<')?;
            key.eq_ignore_ascii_case("co-authored-by")
                .then(|| Person { name: name.trim().to_owned(), email: email.trim().to_owned() })
        })
    }
}

/// Whether a line says that it brings along what another pull request did.
fn is_pick(line: &str) -> bool {
    if !line.contains(['#', '!']) {
        return false;
    }
    let line = line.to_lowercase();
    (line.contains("cherry") && line.contains("pick")) || line.contains("backport")
}

/// A title without what bots put before it on a release branch: `[release-1.2]`, `Automated cherry pick of #12:`.
fn without_branch(title: &str) -> &str {
    let bracket = || {
        let (name, rest) = title.strip_prefix('[')?.split_once(']')?;
        let line = name.strip_prefix("release").map_or(name, |rest| rest.trim_start_matches(['-', '/', ' ']));
        let line = strip_v(line);
        let is_line = line.contains('.') && line.chars().all(|c| c.is_ascii_digit() || c == '.');
        is_line.then(|| rest.trim_start_matches([' ', ':']))
    };
    let pick = || {
        let (number, rest) = title.strip_prefix("Automated cherry pick of #")?.split_once(':')?;
        number.chars().all(|c| c.is_ascii_digit()).then(|| rest.trim_start())
    };
    bracket().or_else(pick).filter(|rest| !rest.is_empty()).unwrap_or(title)
}

/// What a message says of its change.
fn said(title: &str, body: &str) -> Said {
    // Below the title stands what the form knows of breaking changes, and nothing else that is asked for.
    let breaking = body.contains("BREAKING");
    let whole = if breaking { format!("{title}\n\n{body}") } else { String::new() };
    let short = || git_conventional::Commit::parse(title);
    let parsed =
        if breaking { git_conventional::Commit::parse(&whole).or_else(|_| short()) } else { short() };
    if let Ok(commit) = parsed
        && let Some(kind) = kind_of_type(commit.type_().as_str())
    {
        let scope = commit.scope().map(|scope| scope.as_str().to_owned());
        let breaking = commit.breaking_description().map(|text| {
            let text = first_paragraph(text);
            if text == commit.description().trim() { String::new() } else { text }
        });
        let text = commit.description().lines().next().unwrap_or_default().trim().to_owned();
        // Else it would read as the very thing that it takes back.
        let text = if commit.type_() == "revert" { format!("Revert {text}") } else { text };
        return of_dependencies(Said { kind: Some(kind), scope, text, breaking, is_conventional: true });
    }
    let (kind, breaking, text) = marked(title);
    let breaking = breaking.then(String::new).or_else(|| breaking_footer(body));
    let kind = kind.or_else(|| kind_of_label(body)).or_else(|| kind_of_words(text));
    Said { kind, scope: None, text: text.to_owned(), breaking, is_conventional: false }
}

/// The numbers that a text mentions as `#12`, or as `!12`.
pub(super) fn mentioned(text: &str) -> Vec<u64> {
    let marks = text.match_indices(['#', '!']);
    let digits = |at: usize| {
        let rest = text.get(at + 1..)?;
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        rest.get(..end)?.parse().ok()
    };
    marks.filter_map(|(at, _)| digits(at)).collect()
}

/// The text with one kind of line break, and without what steers a terminal.
fn clean(text: &str) -> Cow<'_, str> {
    let end = (0..=READ.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    let text = text.get(..end).unwrap_or_default();
    // Most are plain, and there may be many.
    if text.bytes().all(|byte| byte == b'\n' || (b' '..=b'~').contains(&byte)) {
        return Cow::Borrowed(text);
    }
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let stays = |c: char| matches!(c, '\n' | '\t' | '\u{200c}' | '\u{200d}');
    let shown = |c: &char| stays(*c) || !is_unprintable(*c);
    Cow::Owned(text.chars().filter(shown).map(|c| if c == '\t' { ' ' } else { c }).collect())
}

/// A title without the numbers of pull requests behind it, and these.
fn split_numbers(title: &str) -> (&str, Vec<u64>) {
    let mut rest = title;
    let mut numbers = Vec::new();
    loop {
        let number = rest.strip_suffix(')').and_then(|text| {
            let (before, number) = text.rsplit_once("(#").or_else(|| text.rsplit_once("(!"))?;
            let digits = number.bytes().all(|byte| byte.is_ascii_digit());
            Some((before, number.parse::<u64>().ok().filter(|_| digits)?))
        });
        match number {
            Some((before, number)) if !before.trim().is_empty() => {
                numbers.insert(0, number);
                rest = before.trim_end();
            }
            _ => return (rest, numbers),
        }
    }
}

/// The title that a forge cut short, from the body where it goes on or stands again.
fn whole_title(title: &str, body: &str) -> Option<String> {
    let stem = title.strip_suffix('…').or_else(|| title.strip_suffix("..."))?.trim_end();
    let mut lines = body.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.clone().next()?;
    if let Some(rest) = first.strip_prefix('…').or_else(|| first.strip_prefix("...")) {
        return Some(split_numbers(&format!("{stem}{rest}")).0.to_owned());
    }
    let again = lines.find_map(|line| {
        let line = line.strip_prefix("* ").or_else(|| line.strip_prefix("- ")).unwrap_or(line);
        (line.len() > stem.len() && line.starts_with(stem)).then_some(line)
    })?;
    Some(split_numbers(again).0.to_owned())
}

fn first_paragraph(text: &str) -> String {
    let lines = text.trim().lines().map(str::trim).take_while(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(" ")
}

/// The kind of a type of Conventional Commits; `None` for a word that is none.
fn kind_of_type(word: &str) -> Option<Kind> {
    Some(match word.to_lowercase().as_str() {
        "feat" | "feature" | "features" => Kind::Feature,
        "fix" | "fixes" | "bugfix" | "bug" | "hotfix" => Kind::Fix,
        "perf" | "performance" => Kind::Performance,
        "docs" | "doc" => Kind::Documentation,
        "refactor" | "style" | "cleanup" => Kind::Refactoring,
        "test" | "tests" => Kind::Tests,
        "build" | "ci" => Kind::Build,
        "deps" => Kind::Dependencies,
        "security" | "sec" => Kind::Security,
        "deprecate" | "deprecation" => Kind::Deprecation,
        "remove" | "removal" => Kind::Removal,
        "chore" | "misc" | "revert" | "release" | "other" => Kind::Other,
        _ => return None,
    })
}

/// Updates of dependencies are told by their scope.
fn of_dependencies(mut said: Said) -> Said {
    let is_scope = |scope: &String| matches!(scope.as_str(), "deps" | "deps-dev" | "dependencies");
    if said.scope.as_ref().is_some_and(is_scope) {
        said.kind = Some(Kind::Dependencies);
    }
    if said.kind == Some(Kind::Dependencies) {
        said.scope = None;
    }
    said
}

/// A kind in brackets or as an emoji before the text, as some projects write it; whether it is breaking, and
/// the text.
fn marked(title: &str) -> (Option<Kind>, bool, &str) {
    const EMOJI: [(&str, &str, Option<Kind>); 5] = [
        ("✨", ":sparkles:", Some(Kind::Feature)),
        ("🐛", ":bug:", Some(Kind::Fix)),
        ("📖", ":book:", Some(Kind::Documentation)),
        ("🌱", ":seedling:", Some(Kind::Other)),
        ("⚠", ":warning:", None),
    ];
    for (emoji, word, kind) in EMOJI {
        if let Some(rest) = title.strip_prefix(emoji).or_else(|| title.strip_prefix(word)) {
            return (kind, kind.is_none(), rest.trim_start_matches(['\u{fe0f}', ' ', ':']));
        }
    }
    let bracket = || {
        let (word, rest) = title.strip_prefix('[')?.split_once(']')?;
        Some((kind_of_type(word)?, rest.trim_start_matches([':', ' '])))
    };
    bracket().map_or((None, false, title), |(kind, rest)| (Some(kind), false, rest))
}

/// `/kind bug`, as the bots of Kubernetes read it.
fn kind_of_label(body: &str) -> Option<Kind> {
    let mut labels = body.lines().filter_map(|line| line.trim().strip_prefix("/kind "));
    labels.find_map(|label| match label.trim() {
        "feature" | "api-change" => Some(Kind::Feature),
        "bug" | "regression" => Some(Kind::Fix),
        "documentation" => Some(Kind::Documentation),
        "deprecation" => Some(Kind::Deprecation),
        "cleanup" => Some(Kind::Refactoring),
        "flake" | "failing-test" => Some(Kind::Tests),
        _ => None,
    })
}

/// What a title says without any form: only where it can't be otherwise.
fn kind_of_words(title: &str) -> Option<Kind> {
    let lower = title.to_lowercase();
    let word = lower.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    match word {
        "fix" | "fixes" | "fixed" | "fixing" | "bugfix" | "hotfix" => Some(Kind::Fix),
        "bump" if lower.contains(" from ") && lower.contains(" to ") => Some(Kind::Dependencies),
        _ => None,
    }
}

fn breaking_footer(body: &str) -> Option<String> {
    let marks = ["BREAKING CHANGE:", "BREAKING-CHANGE:"];
    let at = marks.iter().filter_map(|mark| {
        let at = body
            .find(mark)
            .filter(|at| *at == 0 || body.get(..*at).is_some_and(|text| text.ends_with('\n')))?;
        body.get(at + mark.len()..)
    });
    at.map(first_paragraph).next()
}

/// The notes between two fences; `None` where they say that there is nothing to say.
fn read_note(lines: &[&str]) -> Option<Vec<(String, Vec<String>)>> {
    let bullet = |line: &'_ str| -> Option<String> {
        let line = line.trim_start();
        ["- ", "* ", "+ "].iter().find_map(|mark| line.strip_prefix(mark)).map(|text| text.trim().to_owned())
    };
    let mut notes: Vec<(String, Vec<String>)> = Vec::new();
    let begins_with_text =
        lines.iter().find(|line| !line.trim().is_empty()).is_some_and(|line| bullet(line).is_none());
    for line in lines.iter().filter(|line| !line.trim().is_empty()) {
        let indented = line.starts_with("  ") || begins_with_text;
        match (bullet(line), notes.last_mut()) {
            (Some(item), Some((_, items))) if indented => items.push(item),
            (Some(item), _) => notes.push((item, Vec::new())),
            (None, Some((text, items))) => {
                let text = items.last_mut().unwrap_or(text);
                *text = format!("{text} {}", line.trim());
            }
            (None, None) => notes.push((line.trim().to_owned(), Vec::new())),
        }
    }
    let says_nothing = |text: &str| {
        let text = text.trim_end_matches('.').to_lowercase();
        matches!(text.as_str(), "none" | "n/a" | "na" | "\"none\"" | "`none`")
    };
    notes.retain(|(text, items)| !items.is_empty() || !says_nothing(text));
    (!notes.is_empty()).then_some(notes)
}

/// A text as the sentence of a list: one line, no full stop, a capital where that changes no name.
pub(super) fn sentence(text: &str, after_scope: bool) -> String {
    let spaced = text.contains("  ") || text.starts_with(' ') || text.ends_with(char::is_whitespace);
    let text = if spaced {
        Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" "))
    } else {
        Cow::Borrowed(text)
    };
    let end = text.strip_suffix('.').filter(|text| !text.ends_with('.')).unwrap_or(&text);
    let word = end.split(' ').next().unwrap_or_default();
    let plain = word.bytes().all(|byte| byte.is_ascii_lowercase());
    match end.chars().next() {
        Some(first) if plain && !after_scope => first.to_uppercase().chain(end.chars().skip(1)).collect(),
        _ => end.to_owned(),
    }
}
