//! How entries look in the changelog.

use std::fmt::Write as _;
use std::rc::Rc;

use super::entries::Entry;
use crate::document::changelog::{Addition, Kind, Place, inline};
use crate::domain::{Forge, SortedMap};

/// The order of the kinds that share a heading.
const ORDER: [Kind; 13] = [
    Kind::Breaking,
    Kind::Feature,
    Kind::Fix,
    Kind::Security,
    Kind::Performance,
    Kind::Deprecation,
    Kind::Removal,
    Kind::Other,
    Kind::Documentation,
    Kind::Refactoring,
    Kind::Tests,
    Kind::Build,
    Kind::Dependencies,
];

/// The entries with their contributors as what is added to a section. `flat` for a section without kinds.
pub(super) fn additions(
    entries: &[Rc<Entry>],
    contributors: &[String],
    forge: Option<&Forge>,
    flat: bool,
) -> Vec<Addition> {
    let links = Links::of(forge);
    let by_kind = SortedMap::grouped(entries.iter().map(|entry| (entry.kind, entry)));
    let of_kind = |kind: &Kind| {
        let entries = by_kind.get(kind).into_iter().flatten();
        let mark = if flat && *kind == Kind::Breaking { "**Breaking:** " } else { "" };
        let items = entries.map(|entry| item(mark, entry, &links)).collect();
        Addition { place: if flat { Place::Section } else { Place::Kind(*kind) }, items }
    };
    let mut additions: Vec<Addition> = ORDER.iter().map(of_kind).collect();
    if !contributors.is_empty() {
        let names: Vec<String> = contributors.iter().map(|name| inline(name, false)).collect();
        let place = Place::Heading(CONTRIBUTORS.to_owned());
        additions.push(Addition { place, items: vec![names.join(", ")] });
    }
    additions
}

/// The heading above those who wrote it.
pub(super) const CONTRIBUTORS: &str = "Contributors";

/// So many bytes a link mostly takes.
const USUAL_LINK: usize = 80;

/// How pages of the project are written; there may be many links.
pub(super) struct Links {
    /// The mark before a pull request's number.
    request: String,
    /// What its page begins with.
    request_page: Option<String>,
    /// The same of a commit's page.
    commit_page: Option<String>,
}

impl Links {
    /// The links of a forge; without one, names alone.
    pub(super) fn of(forge: Option<&Forge>) -> Self {
        // The last of each is the number, or the id.
        let begin = |mut page: String| {
            page.pop();
            page
        };
        Self {
            request: begin(forge.map_or_else(|| "#0".to_owned(), |forge| forge.request(0))),
            request_page: forge.map(|forge| begin(forge.request_page(0))),
            commit_page: forge.map(|forge| begin(forge.commit_page(0))),
        }
    }

    /// Where an entry comes from: its pull requests, else its commit; links where the project's page is known.
    fn source(&self, entry: &Entry, out: &mut String) {
        if entry.numbers.is_empty() {
            let _ = match &self.commit_page {
                Some(page) => write!(out, "[{}]({page}{})", entry.id.short(), entry.id),
                None => write!(out, "{}", entry.id.short()),
            };
        }
        for (at, number) in entry.numbers.iter().enumerate() {
            let gap = if at > 0 { ", " } else { "" };
            let _ = match &self.request_page {
                Some(page) => write!(out, "{gap}[{}{number}]({page}{number})", self.request),
                None => write!(out, "{gap}{}{number}", self.request),
            };
        }
    }
}

/// An entry as an item of a list, without its bullet, behind a mark.
pub(super) fn item(mark: &str, entry: &Entry, links: &Links) -> String {
    let mut out = String::with_capacity(mark.len() + entry.text.len() + USUAL_LINK);
    out.push_str(mark);
    if let Some(scope) = &entry.scope {
        out.extend(["**", &inline(scope, false), ":** "]);
    }
    out.push_str(&inline(&entry.text, entry.is_note));
    out.push_str(" (");
    links.source(entry, &mut out);
    out.push(')');
    for detail in &entry.details {
        out.extend(["\n- ", &inline(detail, true)]);
    }
    out
}
