//! What a section tells already, whoever wrote it.

use foldhash::HashSet;

use super::entries::Entry;
use super::message::mentioned;
use super::render::CONTRIBUTORS;
use crate::document::changelog::{Changelog, Section};

/// What a section mentions.
#[derive(Debug, Default)]
pub(super) struct Present {
    /// The numbers of pull requests.
    numbers: HashSet<u64>,
    /// The beginnings of commits' ids, seven digits of each.
    commits: HashSet<String>,
    /// Its lines, in words alone.
    lines: HashSet<String>,
    /// What stands between commas below the heading of the contributors, in words alone.
    names: HashSet<String>,
}

impl Present {
    /// What a section mentions, comments included: so a change can be left out for good. `marks` stand
    /// before the numbers of pull requests.
    pub(super) fn read(log: &Changelog, section: &Section, marks: &[char]) -> Self {
        let text = log.source().text.get(section.range.clone()).unwrap_or_default();
        let pages = ["/pull/", "/pulls/", "/merge_requests/", "/pull-requests/"];
        let in_links =
            pages.iter().flat_map(|page| text.match_indices(page).map(|(at, page)| at + page.len()));
        let number = |at: usize| {
            let rest = text.get(at..)?;
            rest.get(..rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()))?.parse().ok()
        };
        let hexadecimal = text.split(|c: char| !c.is_ascii_hexdigit());
        Self {
            numbers: mentioned(text, marks).into_iter().chain(in_links.filter_map(number)).collect(),
            commits: hexadecimal.filter_map(|word| word.get(..7)).map(str::to_owned).collect(),
            names: below_contributors(log, section).split([',', '\n']).map(words).collect(),
            lines: text.lines().flat_map(forms).collect(),
        }
    }

    /// Whether it tells of a change: by its pull requests, else by its commit or in the same words.
    pub(super) fn has(&self, entry: &Entry) -> bool {
        if !entry.numbers.is_empty() {
            return entry.numbers.iter().all(|number| self.numbers.contains(number));
        }
        let scope = entry.scope.as_deref().unwrap_or_default();
        self.commits.contains(&entry.id.short())
            || self.lines.contains(&words(&entry.text))
            || self.lines.contains(&words(&format!("{scope} {}", entry.text)))
    }

    /// Whether it names somebody.
    pub(super) fn has_name(&self, name: &str) -> bool {
        self.names.contains(&words(name))
    }

    /// Whether it has a line in the same words.
    pub(super) fn has_line(&self, line: &str) -> bool {
        self.lines.contains(&words(line))
    }
}

/// What stands below the heading of the contributors.
fn below_contributors<'a>(log: &'a Changelog, section: &Section) -> &'a str {
    let mut inside = log.headings().iter().filter(|heading| section.range.contains(&heading.range.start));
    let Some(heading) = inside.find(|heading| heading.text.eq_ignore_ascii_case(CONTRIBUTORS)) else {
        return "";
    };
    let end = inside.next().map_or(section.range.end, |next| next.range.start);
    log.source().text.get(heading.range.end..end).unwrap_or_default()
}

/// The words of a line, with and without what stands in parentheses at its end.
fn forms(line: &str) -> Vec<String> {
    let open =
        line.trim_end().strip_suffix(')').and_then(|line| line.rsplit_once(" (")).map(|(line, _)| line);
    std::iter::once(line).chain(open).map(words).filter(|words| !words.is_empty()).collect()
}

fn words(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").to_lowercase();
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}
