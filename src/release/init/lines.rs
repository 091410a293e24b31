//! Patterns for a version in a text that has no keys: what stands before it tells it from other versions.

use std::collections::HashMap;

use super::past::places;

/// What a version looks like, behind what tells it apart.
const VERSION: &str = r"(?P<version>[0-9]+\.[0-9]+\.[0-9]+[0-9A-Za-z.+-]*)";

/// So many places of a file are looked at.
const PLACES: usize = 12;

/// The patterns that a text's versions can be found by, one for each way in which they stand there. `kept` says
/// in how many releases a pattern finds nothing but the version.
pub(super) fn patterns(text: &str, version: &str, kept: &dyn Fn(&str) -> usize) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut tried: HashMap<String, usize> = HashMap::new();
    for at in places(text, version).into_iter().take(PLACES) {
        let contexts = contexts(text.get(..at).unwrap_or_default());
        // What holds the version itself is another text in each release.
        let fixed = contexts.into_iter().filter(|before| !before.contains(version));
        let patterns = fixed.map(|before| format!("{}{VERSION}", escape(before)));
        let mut best: Option<(usize, String)> = None;
        for pattern in patterns {
            let known = tried.get(&pattern).copied();
            let kept = known.unwrap_or_else(|| kept(&pattern));
            tried.insert(pattern.clone(), kept);
            if kept > best.as_ref().map_or(0, |(most, _)| *most) {
                best = Some((kept, pattern));
            }
        }
        found.extend(best.map(|(_, pattern)| pattern).filter(|pattern| !found.contains(pattern)));
    }
    found
}

/// What stands before a version, from the word that it is a part of up to its line and the one above.
fn contexts(before: &str) -> Vec<&str> {
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = before.get(line_start..).unwrap_or_default();
    let ends =
        |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '(' | '[' | '/' | '=' | ':' | '@');
    let letters = |text: &str| text.chars().filter(char::is_ascii_alphabetic).count();
    let mut found: Vec<&str> = Vec::new();
    let cuts = line.char_indices().rev().filter(|(_, c)| ends(*c)).map(|(at, c)| at + c.len_utf8());
    for context in cuts.filter_map(|at| line.get(at..)) {
        // A `v` alone is before every version.
        if letters(context) >= 3 {
            found.push(context);
        }
    }
    found.truncate(4);
    let whole = line.trim_start();
    let above =
        before.get(..line_start.saturating_sub(1)).map_or(0, |text| text.rfind('\n').map_or(0, |at| at + 1));
    for context in [whole, before.get(above..).unwrap_or_default().trim_start()] {
        if letters(context) >= 3 && !found.contains(&context) {
            found.push(context);
        }
    }
    found
}

/// A text as a pattern for itself; a line break is written as such, so that it stays in one line of the config.
fn escape(text: &str) -> String {
    let mut pattern = String::new();
    for c in text.chars() {
        match c {
            '\n' => pattern.push_str(r"\n"),
            '\r' => pattern.push_str(r"\r"),
            '\\' | '.' | '+' | '*' | '?' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$' => {
                pattern.extend(['\\', c]);
            }
            c => pattern.push(c),
        }
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_before_a_version_tells_it_apart() {
        let text = "uses: a/demo@v1.2.3\nother 1.2.3\n";
        let only_demo = |pattern: &str| usize::from(pattern.contains("demo"));
        assert_eq!(patterns(text, "1.2.3", &only_demo), [format!("demo@v{VERSION}")]);
    }

    #[test]
    fn the_line_above_tells_a_lock_files_versions_apart() {
        let text = "[[package]]\nname = \"demo\"\nversion = \"1.2.3\"\n";
        let with_name = |pattern: &str| usize::from(pattern.contains("demo"));
        let found = patterns(text, "1.2.3", &with_name);
        assert_eq!(found, [format!("name = \"demo\"\\nversion = \"{VERSION}")]);
    }
}
