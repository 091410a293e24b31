//! Adds items to a section that is there: beneath the heading of their kind, behind what stands there already.

use std::ops::Range;

use super::{Changelog, Form, Kind, Section, is_link_target, is_placeholder};
use crate::document::markdown::Heading;
use crate::domain::SortedMap;
use crate::finding::Edit;

/// Items that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addition {
    /// Where they belong.
    pub place: Place,
    /// The items, each with its lines, without a bullet.
    pub items: Vec<String>,
}

/// Where items belong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Under the heading of a kind of changes.
    Kind(Kind),
    /// Under a heading of this text.
    Heading(String),
    /// In the section itself.
    Section,
}

/// Which items are added: all headings are there once the first ones are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// The first one under each heading.
    First,
    /// All others, below it.
    Rest,
}

/// What is put into a text at one place.
#[derive(Default)]
struct Put {
    end: usize,
    text: String,
    /// Whether an empty line has to follow where the next line is none.
    is_block: bool,
}

/// Where items go.
#[derive(Debug, PartialEq, Eq)]
enum Target<'a> {
    /// Under a heading that is there.
    Heading(&'a Heading),
    /// Under a new one.
    New { level: usize, title: String, before: usize },
    /// Into the section itself.
    Section,
}

struct Adding<'a> {
    log: &'a Changelog,
    section: &'a Section,
    form: &'a Form,
    /// The section's headings, its own left out.
    headings: Vec<&'a Heading>,
    line_break: &'static str,
    puts: SortedMap<usize, Put>,
}

impl Changelog {
    /// The edits that add items to a section: no byte goes that says something. A heading that is missing is
    /// made, as `form` has it.
    pub fn add(&self, section: &Section, additions: &[Addition], form: &Form, share: Share) -> Vec<Edit> {
        let inside = section.heading.end..section.range.end;
        let mut adding = Adding {
            log: self,
            section,
            form,
            headings: self
                .headings()
                .iter()
                .filter(|heading| inside.contains(&heading.range.start))
                .collect(),
            line_break: self.source().line_break(),
            puts: SortedMap::new(),
        };
        let mut targets: Vec<(Target<'_>, Vec<&str>)> = Vec::new();
        for addition in additions.iter().filter(|addition| !addition.items.is_empty()) {
            let target = adding.target(&addition.place);
            let new = addition.items.iter().map(String::as_str);
            match targets.iter_mut().find(|(other, _)| *other == target) {
                Some((_, items)) => items.extend(new),
                None => targets.push((target, new.collect())),
            }
        }
        for (target, items) in targets {
            let (first, rest) = items.split_at(1.min(items.len()));
            let items = if share == Share::First { first } else { rest };
            if !items.is_empty() {
                adding.add(target, items);
            }
        }
        let path = &self.source().path;
        let edit = |(start, put): (usize, Put)| {
            let gap = if put.is_block && !self.ends_paragraph(put.end) { adding.line_break } else { "" };
            Edit { path: path.clone(), range: start..put.end, replacement: put.text + gap }
        };
        adding.puts.into_iter().map(edit).collect()
    }
}

impl Changelog {
    /// The kinds of changes that a section has headings for.
    pub fn kinds_in(&self, section: &Section) -> impl Iterator<Item = Kind> {
        let inside = section.heading.end..section.range.end;
        let headings = self.headings().iter().filter(move |heading| inside.contains(&heading.range.start));
        headings.filter_map(|heading| Kind::of_heading(&heading.text))
    }

    /// Whether an empty line follows a line's end, or nothing.
    fn ends_paragraph(&self, end: usize) -> bool {
        let rest = self.source().text.get(end..).unwrap_or_default();
        let next = rest.trim_start_matches('\r').strip_prefix('\n').unwrap_or(rest);
        next.lines().next().is_none_or(|line| line.trim().is_empty())
    }

    /// Where a section ends but for empty lines, rules and targets of links.
    pub fn end_of(&self, section: &Section) -> usize {
        let last = last_line(&self.source().text, section.range.clone());
        last.map_or(section.range.end, |line| line.end)
    }
}

impl<'a> Adding<'a> {
    fn target(&self, place: &Place) -> Target<'a> {
        match place {
            Place::Kind(kind) => {
                let there = kind.places().iter().find_map(|kind| self.heading_of(*kind));
                there.map(Target::Heading).or_else(|| self.new_kind(*kind)).unwrap_or(Target::Section)
            }
            Place::Heading(text) => {
                let alike = |heading: &&&Heading| heading.text.eq_ignore_ascii_case(text);
                let there = self.headings.iter().find(alike).copied().map(Target::Heading);
                there.unwrap_or_else(|| Target::New {
                    level: self.level_of_others(),
                    title: text.clone(),
                    before: self.section.range.end,
                })
            }
            Place::Section => Target::Section,
        }
    }

    fn add(&mut self, target: Target<'_>, items: &[&str]) {
        match target {
            Target::Heading(heading) => {
                let body = heading.range.end..self.next_heading(heading.range.end);
                self.put(body, items);
            }
            Target::New { level, title, before } => self.put_heading((level, &title), before, items),
            Target::Section => {
                let start = self.section.heading.end;
                self.put(start..self.next_heading(start), items);
            }
        }
    }

    /// The heading of a kind; one that has no headings below it before one that has.
    fn heading_of(&self, kind: Kind) -> Option<&'a Heading> {
        let of_kind: Vec<usize> = (0..self.headings.len())
            .filter(|at| {
                self.headings.get(*at).is_some_and(|heading| Kind::of_heading(&heading.text) == Some(kind))
            })
            .collect();
        let leaf = |at: &usize| {
            let level = |at: usize| self.headings.get(at).map(|heading| heading.level);
            level(at + 1) <= level(*at)
        };
        let at = of_kind.iter().copied().find(leaf).or(of_kind.first().copied())?;
        self.headings.get(at).copied()
    }

    /// The heading that a kind would get; `None` where neither the section nor the
    /// form has kinds.
    fn new_kind(&self, kind: Kind) -> Option<Target<'a>> {
        let here =
            || self.headings.iter().filter_map(|heading| Some((Kind::of_heading(&heading.text)?, *heading)));
        let form = self.form.kinds();
        let own = kind.places().iter().find_map(|kind| form.iter().find(|(other, ..)| other == kind));
        let kept = here().any(|(_, heading)| matches!(heading.text.as_str(), "Added" | "Changed" | "Fixed"));
        let (kind, title) = match own {
            Some((kind, title, _)) => (*kind, title.clone()),
            None => (kind.without_heading(), kind.heading(kept).to_owned()),
        };
        if let Some((_, next)) = here().find(|(other, _)| *other > kind) {
            return Some(Target::New { level: next.level, title, before: next.range.start });
        }
        let level = here().next_back().map(|(_, heading)| heading.level);
        let below = form.first().map(|(_, _, below)| (self.section.level + below).min(6));
        let level = level.or(below)?;
        let last = here().next_back().map_or(self.section.heading.end, |(_, heading)| heading.range.end);
        Some(Target::New { level, title, before: self.end_of(level, last) })
    }

    /// Where what belongs to a heading of a level ends, `from` its end on.
    fn end_of(&self, level: usize, from: usize) -> usize {
        let mut next = self.headings.iter().filter(|heading| heading.range.start >= from);
        next.find(|heading| heading.level <= level)
            .map_or(self.section.range.end, |heading| heading.range.start)
    }

    /// The level of a heading that stands beside all kinds.
    fn level_of_others(&self) -> usize {
        let kinds = self.headings.iter().filter(|heading| Kind::of_heading(&heading.text).is_some());
        let level = kinds.map(|heading| heading.level).min().map(|level| level - 1);
        level.unwrap_or_default().max(self.section.level + 1).min(6)
    }

    fn next_heading(&self, from: usize) -> usize {
        let next = self.headings.iter().map(|heading| heading.range.start).find(|start| *start >= from);
        next.unwrap_or(self.section.range.end)
    }

    /// A new heading with its items, in front of a place.
    fn put_heading(&mut self, (level, title): (usize, &str), before: usize, items: &[&str]) {
        let lines = lines(items, "-", "", self.line_break);
        let block = format!("{} {title}{}{lines}", "#".repeat(level), self.line_break);
        let is_heading = self
            .log
            .headings()
            .iter()
            .any(|heading| heading.range.start == before && before < self.section.range.end);
        if is_heading {
            let text = [&block, self.line_break, self.line_break].concat();
            self.insert(before..before, &text);
            return;
        }
        let body = self.section.heading.end..before;
        let end = last_line(&self.log.source().text, body).map_or(self.section.heading.end, |line| line.end);
        let text = [self.line_break, self.line_break, &block].concat();
        self.insert_behind(end, &text);
    }

    /// Items at the end of a text between two headings; a placeholder gives way to them.
    fn put(&mut self, body: Range<usize>, items: &[&str]) {
        let text = &self.log.source().text;
        let said: Vec<Range<usize>> = content_lines(text, body.clone());
        let line = |range: &Range<usize>| text.get(range.clone()).unwrap_or_default();
        let (Some(first), Some(last)) = (said.first(), said.last()) else {
            let lines = lines(items, "-", "", self.line_break);
            let heading = text.get(..body.start).unwrap_or_default();
            let end = heading.trim_end_matches(['\n', '\r']).len();
            self.insert_behind(end, &[self.line_break, &lines].concat());
            return;
        };
        let stands_for_text =
            |line: &str| line.is_empty() || (is_placeholder(line) && line.contains(char::is_alphanumeric));
        if said.iter().all(|range| stands_for_text(line(range).trim())) {
            let range = first.start..last.end;
            let lines = lines(items, "-", "", self.line_break);
            self.insert(range, &lines);
            return;
        }
        let said: Vec<&str> = said.iter().map(line).collect();
        let (gap, (indent, marker)) = match list_at_end(&said) {
            Some(found) => ("", found),
            None => (self.line_break, ("", "-")),
        };
        let text = [self.line_break, gap, &lines(items, marker, indent, self.line_break)].concat();
        self.insert_behind(last.end, &text);
    }

    /// Puts a text behind a line, and an empty line behind it where another text would follow at once.
    fn insert_behind(&mut self, end: usize, text: &str) {
        self.insert(end..end, text);
        self.puts.get_or_default(end).is_block = true;
    }

    fn insert(&mut self, range: Range<usize>, text: &str) {
        let put = self.puts.get_or_default(range.start);
        put.end = put.end.max(range.end);
        put.text.push_str(text);
    }
}

/// Items as the lines of a list, without the last line break.
fn lines(items: &[&str], marker: &str, indent: &str, line_break: &str) -> String {
    let deeper = format!("{line_break}{indent}{}", " ".repeat(marker.len() + 1));
    let mut text = String::new();
    for (number, item) in items.iter().enumerate() {
        let before = if number > 0 { line_break } else { "" };
        text.extend([before, indent, marker, " "]);
        for (number, line) in item.split('\n').enumerate() {
            text.extend([if number > 0 { deeper.as_str() } else { "" }, line]);
        }
    }
    text
}

/// The lines between the first and the last one that say something, without their line breaks: empty ones,
/// rules between releases and targets of links are none.
fn content_lines(text: &str, body: Range<usize>) -> Vec<Range<usize>> {
    let mut at = body.start;
    let mut found = Vec::new();
    for line in text.get(body).unwrap_or_default().split_inclusive('\n') {
        let bare = line.trim_end_matches(['\n', '\r']);
        found.push(at..at + bare.len());
        at += line.len();
    }
    let says = |range: &Range<usize>| {
        let line = text.get(range.clone()).unwrap_or_default().trim();
        let drawn = line.len() > 2
            && ["-", "*", "_"].iter().any(|mark| line.replace([' '], "").replace(mark, "").is_empty());
        !(line.is_empty() || drawn || is_link_target(line))
    };
    let first = found.iter().position(says).unwrap_or(found.len());
    let last = found.iter().rposition(says).map_or(first, |last| last + 1);
    found.get(first..last).unwrap_or_default().to_vec()
}

fn last_line(text: &str, body: Range<usize>) -> Option<Range<usize>> {
    content_lines(text, body).pop()
}

/// The indent and the marker of the list that some lines end with.
fn list_at_end<'a>(lines: &[&'a str]) -> Option<(&'a str, &'a str)> {
    for line in lines.iter().rev().filter(|line| !line.starts_with('\t')) {
        let item = line.trim_start_matches(' ');
        let indent = line.get(..line.len() - item.len())?;
        let marker = item.get(..1).filter(|mark| matches!(*mark, "-" | "*" | "+"));
        let is_item = marker.is_some()
            && item.get(1..).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']));
        match marker {
            Some(marker) if is_item && indent.len() < 2 => return Some((indent, marker)),
            _ if indent.len() < 2 && !line.trim().is_empty() => return None,
            _ => {}
        }
    }
    None
}
