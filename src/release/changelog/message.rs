//! What a commit's message says of its change.

use std::borrow::Cow;

use smallvec::SmallVec;

use super::picked::picked_numbers;
use super::said::{Said, said};
use crate::domain::text::{is_plain, is_unprintable};
use crate::domain::{Oid, Template, strip_v};
use crate::git::Person;

/// So much of a message is read, in bytes: more is no message but a log that somebody pasted.
const READ: usize = 64 * 1024;

/// So many characters of a title are shown.
const LONGEST_TITLE: usize = 400;

/// How a line begins that names the commit that another one was picked from.
const PICKED: &str = "(cherry picked from commit ";

/// How GitLab's merges name what they bring.
const MERGE_REQUEST: &str = "See merge request ";

/// The numbers of pull requests, of which there are hardly ever more than two.
pub(super) type Numbers = SmallVec<[u64; 2]>;

/// How messages are read.
pub(super) struct Reader<'a> {
    /// What release branches are called.
    pub(super) branches: &'a Template,
    /// What stands before the numbers of pull requests.
    pub(super) marks: &'a [char],
}

/// A message, taken apart: there may be many, so that no more is kept of them than counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Message {
    /// Its first line, without the numbers of pull requests behind it.
    pub(super) title: String,
    /// These numbers: `(#12) (#34)`. The last one is the commit's own.
    pub(super) numbers: Numbers,
    /// What it says of its change.
    pub(super) said: Said,
    /// What few messages say.
    rest: Option<Box<Rest>>,
}

/// What few messages say, or those of few projects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Rest {
    /// The commits that it was picked from.
    pub(super) picked_from: Vec<Oid>,
    /// The pull requests that it says to bring along: `Automated cherry pick of #12`, `Backport of #12`.
    pub(super) picked_numbers: Vec<u64>,
    /// What its `release-note` fences say.
    pub(super) notes: Notes,
    /// What it says that it takes back.
    pub(super) reverts: Vec<Reverted>,
    /// Those who wrote it together with the author.
    pub(super) co_authors: Vec<Person>,
    /// From which version a bot goes to which, where it leaves that out of the title: ` from 1.0 to 1.1`.
    pub(super) versions: Option<String>,
    /// What it says as a merge of a pull request: that one's number, and its title with its description, where
    /// these are there.
    pub(super) request: Option<(Option<Message>, u64)>,
}

/// That of all other messages.
static NOTHING: Rest = Rest {
    picked_from: Vec::new(),
    picked_numbers: Vec::new(),
    notes: Notes::Silent,
    reverts: Vec::new(),
    co_authors: Vec::new(),
    versions: None,
    request: None,
};

/// What a message's `release-note` fences say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Notes {
    /// There are none.
    #[default]
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

impl Reader<'_> {
    /// Takes a message apart.
    pub(super) fn read(&self, text: &str) -> Message {
        let text = clean(text);
        let text = text.trim_start();
        let (first, body) = text.split_once('\n').unwrap_or((text, ""));
        let mut message = self.message(first, body);
        let title = message.title.as_str();
        // No other message is one of a merge that brings a pull request.
        let request = (title.starts_with("Merge") || body.contains(MERGE_REQUEST))
            .then(|| self.request(title, body.trim_matches('\n')))
            .flatten();
        if request.is_some() {
            message.rest.get_or_insert_default().request = request;
        }
        message
    }

    fn message(&self, first: &str, body: &str) -> Message {
        let body = body.trim_matches('\n');
        let picked_numbers = picked_numbers(first, body, self.marks);
        let (title, numbers) = split_numbers(self.without_branch(first.trim()), self.marks);
        let title = self.without_target(title);
        let title = whole_title(title, body, self.marks).unwrap_or_else(|| title.to_owned());
        let title = if title.len() > LONGEST_TITLE && title.chars().count() > LONGEST_TITLE {
            title.chars().take(LONGEST_TITLE).chain(['…']).collect()
        } else {
            title
        };
        let rest = Rest {
            picked_from: picked_from(body),
            picked_numbers,
            notes: notes(body),
            reverts: reverts(&title, body, self.marks),
            co_authors: co_authors(body),
            versions: versions(body),
            request: None,
        };
        let rest = (rest != NOTHING).then(|| Box::new(rest));
        let mut said = said(&title, body);
        if self.only_picks(&title) {
            said.text.clear();
        }
        Message { title, numbers, said, rest }
    }

    /// What a merge says of the pull request that it brings; `None` for a merge of branches.
    fn request(&self, title: &str, body: &str) -> Option<(Option<Message>, u64)> {
        let number = |text: &str| mentioned(text, self.marks).first().copied();
        let below = || {
            let (first, body) = body.split_once('\n').unwrap_or((body, ""));
            Some(self.message(first, body)).filter(|below| !below.title.is_empty())
        };
        if let Some(rest) = title.strip_prefix("Merge pull request ") {
            // Gitea has the title in quotes before the number.
            if let Some((title, rest)) = rest.strip_prefix('\'').and_then(|rest| rest.rsplit_once("' (")) {
                return Some((Some(self.message(title, body)), number(rest)?));
            }
            return Some((below(), number(rest)?));
        }
        if let Some((_, rest)) =
            title.split_once("(pull request ").filter(|_| title.starts_with("Merged in "))
        {
            return Some((below(), number(rest)?));
        }
        let line = body.lines().rfind(|line| line.trim().starts_with(MERGE_REQUEST))?;
        Some((below().filter(|below| !below.title.starts_with(MERGE_REQUEST.trim_end())), number(line)?))
    }

    /// A title without what bots and people put before it on a release branch: `[release-1.2]`,
    /// `[backport 1.2]`, `release-1.2:`, `Automated cherry pick of #12:`.
    fn without_branch<'t>(&self, title: &'t str) -> &'t str {
        let bracket = || {
            let (name, rest) = title.strip_prefix('[')?.split_once(']')?;
            self.names_line(name).then(|| rest.trim_start_matches([' ', ':']))
        };
        let pick = || {
            let (number, rest) = title.strip_prefix("Automated cherry pick of #")?.split_once(':')?;
            let is_title = number.chars().all(|c| c.is_ascii_digit()) && !self.names_line(rest);
            is_title.then(|| rest.trim_start())
        };
        let prefix = || {
            let (name, rest) = title.split_once(": ")?;
            let is_line = name.contains(|c: char| c.is_ascii_digit()) && self.branches.fits(name);
            is_line.then(|| rest.trim_start())
        };
        bracket().or_else(pick).or_else(prefix).filter(|rest| !rest.is_empty()).unwrap_or(title)
    }

    /// A title without the branch that a bot names behind it: `Update x to 1.2 (release-1.0)`.
    fn without_target<'t>(&self, title: &'t str) -> &'t str {
        let target = || {
            let (rest, name) = title.strip_suffix(')')?.rsplit_once(" (")?;
            let is_update = || {
                let text = said(rest, "").text;
                let word = text.split(|c: char| !c.is_alphanumeric()).find(|word| !word.is_empty());
                word.is_some_and(|word| {
                    ["bump", "update"].iter().any(|known| word.eq_ignore_ascii_case(known))
                })
            };
            (self.branches.fits(name) || matches!(name, "master" | "main") && is_update()).then_some(rest)
        };
        target().unwrap_or(title)
    }

    /// Whether a title says which request is picked to which line, and nothing of what that changes.
    fn only_picks(&self, title: &str) -> bool {
        const WORDS: [&str; 5] =
            ["Automated cherry pick of ", "Cherry pick of ", "Cherry-pick of ", "Backport of ", "Backport "];
        let rest = WORDS.iter().find_map(|word| number(title.strip_prefix(word)?, self.marks));
        rest.map(|(_, rest)| rest.trim_start_matches([':', ' ']))
            .is_some_and(|rest| rest.is_empty() || self.names_line(rest))
    }

    /// Whether a text names a release branch or its line, and says no more than that something goes there.
    fn names_line(&self, text: &str) -> bool {
        const WORDS: [&str; 7] =
            ["backport", "backported", "cherry-pick", "cherry-picked", "to", "for", "on"];
        let mut name = text.trim();
        while let Some((word, rest)) = name.split_once([' ', ':'])
            && WORDS.iter().any(|known| word.eq_ignore_ascii_case(known))
        {
            name = rest.trim_start();
        }
        let line = name.strip_prefix("release").map_or(name, |rest| rest.trim_start_matches(['-', '/', ' ']));
        let line = strip_v(line);
        let is_line = line.contains('.') && line.chars().all(|c| c.is_ascii_digit() || c == '.');
        is_line || self.branches.fits(name)
    }
}

impl Message {
    /// Its own pull request.
    pub(super) fn number(&self) -> Option<u64> {
        self.numbers.last().copied()
    }

    /// What it says besides its title.
    pub(super) fn rest(&self) -> &Rest {
        self.rest.as_deref().unwrap_or(&NOTHING)
    }
}

/// The commits that a message says to be picked from.
fn picked_from(body: &str) -> Vec<Oid> {
    if !body.contains(PICKED) {
        return Vec::new();
    }
    let lines = body.lines().map(str::trim);
    let id = |line: &str| Oid::from_hex(line.strip_prefix(PICKED)?.strip_suffix(')')?.as_bytes());
    lines.filter_map(id).collect()
}

/// What the `release-note` fences of a message say.
fn notes(body: &str) -> Notes {
    let mut notes = Notes::Silent;
    if !body.contains("```") {
        return notes;
    }
    let mut lines = body.lines();
    while let Some(line) = lines.next() {
        let Some(word) = line.trim().strip_prefix("```").map(str::trim) else { continue };
        if !matches!(word, "release-note" | "release-notes") {
            continue;
        }
        let mut rest = lines.clone();
        let inside: Vec<&str> = rest.by_ref().take_while(|line| !line.trim().starts_with("```")).collect();
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

/// What a message says that it takes back.
fn reverts(title: &str, body: &str, marks: &[char]) -> Vec<Reverted> {
    let mut found = Vec::new();
    if !body.contains("evert") && !title.contains("evert") {
        return found;
    }
    for line in body.lines().map(str::trim) {
        if let Some((_, rest)) = line.split_once("This reverts commit ") {
            let end = rest.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(rest.len());
            found.extend(rest.get(..end).and_then(|id| Oid::from_hex(id.as_bytes())).map(Reverted::Commit));
        } else if let Some(rest) =
            line.strip_prefix("Reverts ").or_else(|| line.strip_prefix("This reverts merge request "))
        {
            found.extend(mentioned(rest, marks).first().copied().map(Reverted::Number));
        }
    }
    let title = title.strip_prefix("Revert \"").or_else(|| title.strip_prefix("revert: \""));
    if let Some(title) = title.and_then(|title| title.strip_suffix('"')) {
        let (title, numbers) = split_numbers(title, marks);
        found.extend(numbers.last().copied().map(Reverted::Number));
        found.push(Reverted::Title(title.to_owned()));
    }
    found
}

/// Those whom a message names as its authors, besides the commit's.
fn co_authors(body: &str) -> Vec<Person> {
    const KEY: &str = "co-authored-by";
    let person = |line: &str| {
        let (key, rest) = line.trim().split_at_checked(KEY.len())?;
        let rest = rest.trim_start().strip_prefix(':').filter(|_| key.eq_ignore_ascii_case(KEY))?;
        let (name, email) = rest.trim().strip_suffix('>')?.split_once('<')?;
        Some(Person { name: name.trim().to_owned(), email: email.trim().to_owned() })
    };
    body.lines().filter_map(person).collect()
}

/// The versions that a bot left out of the title of an update, from the first line of what it says.
fn versions(body: &str) -> Option<String> {
    const WORD: &str = "Bumps ";
    if !body.contains(WORD) {
        return None;
    }
    let line = body.lines().map(str::trim).find(|line| line.starts_with(WORD))?;
    let (_, versions) = line.rsplit_once(" from ")?;
    let (from, to) = versions.trim_end_matches('.').split_once(" to ")?;
    (!from.contains(' ') && !to.contains(' ')).then(|| format!(" from {from} to {to}"))
}

/// The numbers that a text mentions as `#12`, or behind what else stands before those of pull requests.
pub(super) fn mentioned(text: &str, marks: &[char]) -> Vec<u64> {
    let found = text.match_indices(marks);
    found.filter_map(|(at, _)| Some(number(text.get(at..)?, marks)?.0)).collect()
}

/// The number that a text begins with, behind its mark, and the rest.
pub(super) fn number<'t>(text: &'t str, marks: &[char]) -> Option<(u64, &'t str)> {
    let text = text.strip_prefix(marks)?;
    let (digits, rest) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    Some((digits.parse().ok()?, rest))
}

/// The text with one kind of line break, and without what steers a terminal.
fn clean(text: &str) -> Cow<'_, str> {
    let end = (0..=READ.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    let text = text.get(..end).unwrap_or_default();
    if is_plain(text) {
        return Cow::Borrowed(text);
    }
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let stays = |c: char| matches!(c, '\n' | '\t' | '\u{200c}' | '\u{200d}');
    let shown = |c: &char| stays(*c) || !is_unprintable(*c);
    Cow::Owned(text.chars().filter(shown).map(|c| if c == '\t' { ' ' } else { c }).collect())
}

/// A title without the numbers of pull requests behind it, and these.
fn split_numbers<'t>(title: &'t str, marks: &[char]) -> (&'t str, Numbers) {
    let mut rest = title;
    let mut numbers = Numbers::new();
    loop {
        let last = rest.strip_suffix(')').and_then(|text| {
            let (before, inside) = text.rsplit_once('(')?;
            let (number, rest) = number(inside, marks)?;
            rest.is_empty().then_some((before, number))
        });
        match last {
            Some((before, number)) if !before.trim().is_empty() => {
                numbers.insert(0, number);
                rest = before.trim_end();
            }
            _ => return (rest, numbers),
        }
    }
}

/// What is left of a text that a forge cut short; `None` where it did not.
pub(super) fn stem(text: &str) -> Option<&str> {
    text.strip_suffix('…').or_else(|| text.strip_suffix("...")).map(str::trim_end)
}

/// The title that a forge cut short, from the body where it goes on or stands again.
fn whole_title(title: &str, body: &str, marks: &[char]) -> Option<String> {
    let stem = stem(title)?;
    let mut lines = body.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.clone().next()?;
    if let Some(rest) = first.strip_prefix('…').or_else(|| first.strip_prefix("...")) {
        return Some(split_numbers(&format!("{stem}{rest}"), marks).0.to_owned());
    }
    let again = lines.find_map(|line| {
        let line = line.strip_prefix("* ").or_else(|| line.strip_prefix("- ")).unwrap_or(line);
        (line.len() > stem.len() && line.starts_with(stem)).then_some(line)
    })?;
    Some(split_numbers(again, marks).0.to_owned())
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
    let mut sentence = end.to_owned();
    if let Some(first) = sentence.get_mut(..1).filter(|_| plain && !after_scope) {
        first.make_ascii_uppercase();
    }
    sentence
}
