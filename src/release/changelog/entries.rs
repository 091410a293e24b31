//! From changes to what the changelog says of them.

use std::borrow::Cow;
use std::iter::successors;
use std::rc::Rc;

use foldhash::{HashMap, HashMapExt as _};

use super::fold::{Change, People};
use super::message::{Message, Notes, Numbers, sentence, stem};
use super::said::Said;
use super::{SET_VERSION, WRITE_CHANGELOG};
use crate::document::changelog::Kind;
use crate::domain::{Oid, SortedMap, SortedSet, order, parse_version, strip_v};
use crate::git::Person;

/// What a change without a message is called.
const UNTITLED: &str = "A change without a message";

/// A change as its readers are told.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Its kind.
    pub(super) kind: Kind,
    /// The part that was changed.
    pub(super) scope: Option<String>,
    /// What was changed, as it was written.
    pub(super) text: String,
    /// What belongs below it.
    pub(super) details: Vec<String>,
    /// Whether it was written for the changelog: then its links stay links.
    pub(super) is_note: bool,
    /// Its pull requests, the oldest first.
    pub(super) numbers: Numbers,
    /// The commit that brought it.
    pub(super) id: Oid,
    /// Who wrote it.
    pub(super) people: People,
}

/// The entries of some changes, in their order.
pub(super) fn entries(changes: Vec<Change>) -> Vec<Rc<Entry>> {
    let mut entries = Vec::with_capacity(changes.len());
    for change in changes {
        add_of_change(change, &mut |entry| entries.push(Rc::new(entry)));
    }
    entries
}

fn add_of_change(mut change: Change, add: &mut dyn FnMut(Entry)) {
    let mut said = said(&mut change);
    let entry = |kind: Kind, scope: Option<String>, text: &str| Entry {
        kind,
        text: sentence(if text.trim().is_empty() { UNTITLED } else { text }, scope.is_some()),
        scope,
        details: Vec::new(),
        is_note: false,
        numbers: change.number.into_iter().collect(),
        id: change.id,
        people: change.people.clone(),
    };
    let kind = said.kind.unwrap_or(Kind::Other);
    if kind == Kind::Dependencies {
        said.text = with_versions(said.text, change.message.rest().versions.as_deref());
    }
    let notes = std::iter::once(&change.message).chain(change.parts.iter().map(|part| &part.message));
    let notes = notes.map(|message| &message.rest().notes).find(|notes| **notes != Notes::Silent);
    match (notes, &said.breaking) {
        (Some(Notes::Nothing), _) => {}
        (Some(Notes::Said(notes)), breaking) => {
            for (text, details) in notes {
                let (urgent, text) = without_call(text);
                let kind = if urgent || breaking.is_some() { Kind::Breaking } else { kind };
                let details = details.iter().map(|detail| sentence(detail, false)).collect();
                add(Entry { details, is_note: true, ..entry(kind, None, text) });
            }
        }
        (_, Some(breaking)) if breaking.is_empty() => add(entry(Kind::Breaking, said.scope, &said.text)),
        (_, Some(breaking)) => {
            add(entry(Kind::Breaking, said.scope.clone(), breaking));
            add(entry(kind, said.scope, &said.text));
        }
        (_, None) => add(entry(kind, said.scope, &said.text)),
    }
}

/// What the message of a change says; where the title of a pull request does not say its kind, its commits may.
fn said(change: &mut Change) -> Said {
    let mut said = std::mem::take(&mut change.message.said);
    let parts: Vec<Said> = change.parts.iter().map(|part| part.message.said.clone()).collect();
    // A request whose title says no more than what it picks is called as its commits are.
    if let Some(part) = parts.iter().find(|part| !part.text.is_empty()).filter(|_| said.text.is_empty()) {
        said = Said { is_conventional: false, ..part.clone() };
    }
    if said.kind.is_none() && parts.iter().all(|part| part.is_conventional) {
        said.kind = parts.iter().filter_map(|part| part.kind).min();
    }
    if said.breaking.is_none() {
        let breaking = parts.into_iter().find_map(|part| Some((part.breaking?, part.text)));
        said.breaking = breaking.map(|(breaking, text)| if breaking.is_empty() { text } else { breaking });
    }
    said.text = called(&said.text, change);
    let begins_with =
        |text: &str, word: &str| text.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
    let updates = |text: &str| ["bump ", "update "].iter().any(|word| begins_with(text, word));
    if said.kind.is_none() && updates(&said.text) && change.people.iter().all(|person| is_bot(person)) {
        said.kind = Some(Kind::Dependencies);
    }
    said
}

/// What a change is called; where the forge cut that short, the rest as its commits have it.
fn called(text: &str, change: &Change) -> String {
    let cut = stem(&change.message.title).zip(stem(text)).and_then(|(title, text)| {
        let rest = change.parts.iter().find_map(|part| part.message.title.strip_prefix(title))?;
        Some(format!("{text}{rest}")).filter(|_| !rest.is_empty())
    });
    let text = if text.is_empty() { &change.message.title } else { text };
    cut.as_deref().unwrap_or(text).trim_end_matches([':', ' ']).to_owned()
}

/// Whether it is a step of the release itself: a new version, or its section.
pub(super) fn is_step(change: &Change) -> bool {
    let step = |message: &Message| {
        let version =
            [SET_VERSION, WRITE_CHANGELOG].iter().find_map(|begin| message.title.strip_prefix(begin));
        version.is_some_and(|version| parse_version(strip_v(version.trim())).is_some())
    };
    step(&change.message) || (!change.parts.is_empty() && change.parts.iter().all(|part| step(&part.message)))
}

/// A note without the words that call for action, as the notes of Kubernetes have them.
fn without_call(text: &str) -> (bool, &str) {
    let text = text.trim();
    let call = "action required";
    let rest =
        text.get(..call.len()).filter(|head| head.eq_ignore_ascii_case(call)).and(text.get(call.len()..));
    let rest = rest.or_else(|| {
        let rest = text.strip_prefix('[')?;
        rest.get(..call.len()).filter(|head| head.eq_ignore_ascii_case(call))?;
        rest.get(call.len()..)?.strip_prefix(']')
    });
    match rest.map(|rest| rest.trim_start_matches([':', ' ', '-'])) {
        Some(rest) if !rest.is_empty() => (true, rest),
        _ => (false, text),
    }
}

/// The title of an update with the versions that a bot left out of it.
fn with_versions(text: String, versions: Option<&str>) -> String {
    let Some(versions) = versions.filter(|_| !text.contains(" to ")) else { return text };
    match text.split_once(" in /") {
        Some((what, folder)) => format!("{what}{versions} in /{folder}"),
        None => text + versions,
    }
}

/// Makes one entry of those that say the same of the same part.
pub(super) fn without_doubles(entries: Vec<Rc<Entry>>) -> Vec<Rc<Entry>> {
    let mut once: Vec<Rc<Entry>> = Vec::with_capacity(entries.len());
    // Of each the one before it whose words may be the same, and of all such words the last one.
    let mut likely: Vec<Option<usize>> = Vec::with_capacity(entries.len());
    let mut last: HashMap<u64, usize> = HashMap::with_capacity(entries.len());
    for entry in entries {
        let words = caseless(&entry.text);
        let chain = successors(last.get(&words).copied(), |at| likely.get(*at).copied().flatten());
        let same = |at: &usize| once.get(*at).is_some_and(|other| entry.says_the_same(other));
        match chain.into_iter().find(same).and_then(|at| once.get_mut(at)).map(Rc::make_mut) {
            Some(before) => {
                before.numbers.extend_from_slice(&entry.numbers);
                before.people.extend(entry.people.iter().cloned());
            }
            None => {
                likely.push(last.insert(words, once.len()));
                once.push(entry);
            }
        }
    }
    once
}

impl Entry {
    fn says_the_same(&self, other: &Self) -> bool {
        let same = |text: &str, other: &str| text == other || text.to_lowercase() == other.to_lowercase();
        (self.kind, &self.scope, &self.details) == (other.kind, &other.scope, &other.details)
            && same(&self.text, &other.text)
    }
}

/// A number that texts have in common that differ in capitals alone. There may be many, and most are of other words.
fn caseless(text: &str) -> u64 {
    const SMALL: u64 = 0x2020_2020_2020_2020;
    const FACTOR: u64 = 0x517c_c1b7_2722_0a95;
    let text = if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(text.to_lowercase()) };
    let (words, rest) = text.as_bytes().as_chunks();
    let last = rest.iter().fold(0, |last, byte| last << 8 | u64::from(*byte));
    let words = words.iter().map(|word| u64::from_le_bytes(*word)).chain([last]);
    words.fold(0, |sum: u64, word| (sum.rotate_left(5) ^ (word | SMALL)).wrapping_mul(FACTOR))
}

/// Makes one entry of all updates of one dependency: from where the first one began to where the last one led.
pub(super) fn with_joined_updates(entries: Vec<Rc<Entry>>) -> Vec<Rc<Entry>> {
    let mut joined: Vec<Rc<Entry>> = Vec::with_capacity(entries.len());
    let mut places: HashMap<String, usize> = HashMap::new();
    for entry in entries {
        let update =
            Update::parse(&entry).map(|update| (update.name, update.to.to_owned(), update.rest.to_owned()));
        let Some((name, to, rest)) = update else {
            joined.push(entry);
            continue;
        };
        let place = *places.entry(name.to_lowercase()).or_insert(joined.len());
        match joined.get_mut(place).map(Rc::make_mut) {
            Some(before) => {
                let text = Update::parse(before).map(|update| update.text_to(&to, &rest));
                before.text = text.unwrap_or_default();
                before.numbers.extend_from_slice(&entry.numbers);
                before.people.extend(entry.people.iter().cloned());
                before.id = entry.id;
            }
            None => joined.push(entry),
        }
    }
    joined
}

/// What Renovate says behind an update that mends a vulnerability.
const SECURITY: &str = "[security]";

/// `Bump NAME from A to B in FOLDER`, or `Update NAME to B`.
struct Update<'a> {
    /// All before the versions: the word, the name, and `from A`.
    head: &'a str,
    /// The word and the name, and the folder: what tells it.
    name: String,
    to: &'a str,
    rest: &'a str,
}

impl<'a> Update<'a> {
    fn parse(entry: &'a Entry) -> Option<Self> {
        let text = entry.text.as_str();
        let is_update = ["Bump ", "Update ", "bump ", "update "].iter().any(|word| text.starts_with(word));
        if entry.kind != Kind::Dependencies || !is_update {
            return None;
        }
        let (head, tail) = text.rsplit_once(" to ")?;
        let (to, rest) = tail.split_once(' ').unwrap_or((tail, ""));
        if !to.contains(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let what = head.split_once(" from ").map_or(head, |(what, _)| what);
        let folder = rest.strip_prefix(SECURITY).unwrap_or(rest);
        Some(Self { head, name: format!("{what} {folder}"), to, rest })
    }

    fn text_to(&self, to: &str, rest: &str) -> String {
        let rest = if self.rest.is_empty() { rest } else { self.rest };
        let text = format!("{} to {to} {rest}", self.head);
        text.trim_end().to_owned()
    }
}

/// The names of those who wrote the changes, bots left out, each once; `mapped` says what people are called.
pub(super) fn contributors(
    changes: &[Change],
    mapped: impl FnOnce(Vec<Person>) -> Vec<Person>,
) -> Vec<String> {
    // Mostly they are the very same.
    let (mut places, mut seen) = (SortedSet::new(), SortedSet::new());
    let all = changes.iter().flat_map(|change| change.people.iter());
    let each = all.filter(|person| places.insert(Rc::as_ptr(person)) && seen.insert(&***person));
    let people: Vec<Person> = each.map(|person| (**person).clone()).collect();
    let mut addresses = SortedSet::new();
    let mut known: SortedMap<String, Vec<Person>> = SortedMap::new();
    for person in mapped(people) {
        let letters = words_of(&person.name).concat();
        if letters.is_empty() || is_bot(&person) || is_nobody(&person) {
            continue;
        }
        let is_new = addresses.insert(person.email.to_lowercase());
        let alike = known.get_or_default(letters);
        match alike.iter_mut().find(|other| is_one(other, &person)) {
            // `Ada Lovelace` is more of a name than `adalovelace`.
            Some(other) if !other.name.contains(' ') && person.name.contains(' ') => *other = person,
            None if is_new => alike.push(person),
            _ => {}
        }
    }
    let mut names: Vec<String> = known.into_values().flatten().map(|person| person.name).collect();
    order::sort_by_key(&mut names, |name| name.to_lowercase());
    names
}

/// A name's words in small letters.
fn words_of(name: &str) -> Vec<String> {
    let name = name.to_lowercase();
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

/// So many letters in one word are those of one person, however others set them apart: `adalovelace`, not `lina`.
const SURE: usize = 8;

/// Whether two names of the same letters are surely those of one person.
fn is_one(person: &Person, other: &Person) -> bool {
    let [one, two] = [person, other].map(|person| words_of(&person.name));
    let is_sure = |words: &[String]| matches!(words, [word] if word.chars().count() >= SURE);
    let local = |person: &Person| Some(person.email.rsplit_once('@')?.0.to_lowercase());
    one == two || is_sure(&one) || is_sure(&two) || local(person).is_some_and(|of| Some(of) == local(other))
}

/// Whether somebody's git was never told who that is.
fn is_nobody(person: &Person) -> bool {
    person.name == "Your Name" || person.email == "you@example.com"
}

/// Whether it is a program that wrote something.
fn is_bot(person: &Person) -> bool {
    const PROGRAMS: [&str; 9] = [
        "copilot autofix powered by ai",
        "cursor",
        "claude",
        "copilot",
        "codex",
        "github",
        "github actions",
        "gemini",
        "renovate bot",
    ];
    const MAIL: [&str; 3] = ["noreply@anthropic.com", "cursoragent@cursor.com", "noreply@github.com"];
    let name = person.name.to_lowercase();
    let email = person.email.to_lowercase();
    let ends = |text: &str| {
        text.ends_with("[bot]")
            || text.ends_with("-bot")
            || text.ends_with(" bot")
            || text.ends_with("-robot")
    };
    ends(&name)
        || email.contains("[bot]@")
        || PROGRAMS.contains(&name.as_str())
        || MAIL.contains(&email.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_differ_in_capitals_alone() {
        for [one, other] in
            [["Fix a Bug now", "fix A bug noW"], ["Größe ÄÖ", "größe äö"], ["", ""], ["\u{212a}x", "kX"]]
        {
            assert_eq!(caseless(one), caseless(other), "{one}");
        }
        for [one, other] in
            [["fix a bug now", "fix a bug not"], ["a", "b"], ["12345678", "123456789"], ["é", "e"]]
        {
            assert_ne!(caseless(one), caseless(other), "{one}");
        }
    }
}
