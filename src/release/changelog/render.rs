//! How entries look in the changelog.

use super::entries::Entry;
use crate::document::changelog::{Addition, Kind, Place, inline};
use crate::domain::Forge;

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
    entries: &[Entry],
    contributors: &[String],
    forge: Option<&Forge>,
    flat: bool,
) -> Vec<Addition> {
    let of_kind = |kind: &Kind| {
        let items = entries.iter().filter(|entry| entry.kind == *kind);
        let mark = if flat && *kind == Kind::Breaking { "**Breaking:** " } else { "" };
        let items = items.map(|entry| format!("{mark}{}", item(entry, forge))).collect();
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

/// An entry as an item of a list, without its bullet.
pub(super) fn item(entry: &Entry, forge: Option<&Forge>) -> String {
    let scope = entry.scope.as_ref().map(|scope| format!("**{}:** ", inline(scope, false)));
    let details = entry.details.iter().map(|detail| format!("\n- {}", inline(detail, true)));
    let text = inline(&entry.text, entry.is_note);
    format!("{}{text} ({}){}", scope.unwrap_or_default(), source(entry, forge), details.collect::<String>())
}

/// Where an entry comes from: its pull requests, else its commit; links where the project's page is known.
fn source(entry: &Entry, forge: Option<&Forge>) -> String {
    let link =
        |text: String, page: Option<String>| page.map_or(text.clone(), |page| format!("[{text}]({page})"));
    if entry.numbers.is_empty() {
        return link(entry.id.short(), forge.map(|forge| forge.commit_page(entry.id)));
    }
    let request = |number: &u64| {
        let name = forge.map_or(format!("#{number}"), |forge| forge.request(*number));
        link(name, forge.map(|forge| forge.request_page(*number)))
    };
    entry.numbers.iter().map(request).collect::<Vec<_>>().join(", ")
}
