//! What a message says of its change: its kind, and whether users have to act on it.

use std::borrow::Cow;

use crate::document::changelog::Kind;

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

/// What a message says of its change.
pub(super) fn said(title: &str, body: &str) -> Said {
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
        // A bot of Snyk has the type for its verb: `fix: Dockerfile to reduce vulnerabilities`.
        let is_of_snyk = commit.type_() == "fix" && names_file(&text) && text.ends_with(REDUCED);
        let text = if is_of_snyk { format!("Fix {text}") } else { text };
        return of_dependencies(Said { kind: Some(kind), scope, text, breaking, is_conventional: true });
    }
    let (kind, breaking, text) = marked(title);
    let breaking = breaking.then(String::new).or_else(|| breaking_footer(body));
    let kind = kind.or_else(|| kind_of_label(body)).or_else(|| kind_of_words(text));
    Said { kind, scope: None, text: text.to_owned(), breaking, is_conventional: false }
}

/// What ends the titles of a bot of Snyk.
const REDUCED: &str = " to reduce vulnerabilities";

/// Whether a text begins with what looks like a file's name.
fn names_file(text: &str) -> bool {
    let word = text.split(' ').next().unwrap_or_default();
    word.contains('.') || word.rsplit('/').next() == Some("Dockerfile")
}

fn first_paragraph(text: &str) -> String {
    let lines = text.trim().lines().map(str::trim).take_while(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(" ")
}

/// The kind of a type of Conventional Commits; `None` for a word that is none.
fn kind_of_type(word: &str) -> Option<Kind> {
    let is_small = word.bytes().all(|byte| byte.is_ascii_lowercase());
    let word = if is_small { Cow::Borrowed(word) } else { Cow::Owned(word.to_lowercase()) };
    Some(match &*word {
        "feat" | "feature" | "features" | "enhancement" => Kind::Feature,
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
        "bump" if is_module(&lower) => Some(Kind::Dependencies),
        _ => None,
    }
}

/// Whether it is `bump NAME to VERSION` with the name of a module, and no more.
fn is_module(lower: &str) -> bool {
    let words: Vec<&str> = lower.split_whitespace().collect();
    matches!(words[..], ["bump", name, "to", version]
        if name.contains('/') && version.contains(|c: char| c.is_ascii_digit()))
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
