//! Which pull requests a message says to bring along. Many are only mentioned, so that the form counts.

use super::message::number;

/// So many lines below the title are read.
const LINES: usize = 20;

/// The words that may stand before what says it.
const BEFORE: [&str; 5] = ["this is an ", "this is a ", "automated ", "automatic ", "manual "];

/// What says it, longer words first.
const PICKED: [&str; 9] = [
    "cherry picked",
    "cherry-picked",
    "cherry picks",
    "cherry-picks",
    "cherry pick",
    "cherry-pick",
    "backported",
    "backports",
    "backport",
];

/// The words that may stand between it and the numbers.
const BETWEEN: [&str; 7] = [":", " of", " from", " pull requests", " pull request", " merge request", " pr"];

/// The words that may follow the numbers: where they go to, and who brings them.
const AFTER: [&str; 9] = ["to", "into", "onto", "on", "for", "in", "by", "done", "from"];

/// The pull requests that a message says to bring along: at the beginning of one of its lines, or of what stands in
/// parentheses. What stands before their numbers is one of the `marks`.
pub(super) fn picked_numbers(first: &str, body: &str, marks: &[char]) -> Vec<u64> {
    // Most messages have none, and there may be many.
    let has_mark = |text: &str| marks.iter().any(|mark| text.contains(*mark));
    let lines = body.lines().take(if has_mark(body) { LINES } else { 0 });
    let lines = std::iter::once(first).chain(lines).filter(|line| has_mark(line) && may_say(line));
    lines.flat_map(|line| of_line(&line.to_ascii_lowercase(), marks)).collect()
}

/// Whether a line has a part of each of the words that say it.
fn may_say(line: &str) -> bool {
    let is_part = |part: &[u8]| part.eq_ignore_ascii_case(b"pick") || part.eq_ignore_ascii_case(b"port");
    line.as_bytes().windows(4).any(|part| part.first().is_some_and(|byte| byte | 32 == b'p') && is_part(part))
}

fn of_line(line: &str, marks: &[char]) -> Vec<u64> {
    let whole = line.trim_start_matches([' ', '-', '*', '>']);
    let inside = line.match_indices('(').filter_map(|(at, _)| line.get(at + 1..));
    let mut found = of_text(whole, marks);
    found.extend(inside.flat_map(|text| of_text(text, marks)));
    // A script of Kubernetes puts one title behind another: `Automated cherry pick of #1: one #2: two`.
    if whole.starts_with("automated cherry pick of ") && !found.is_empty() {
        let more = line.match_indices(marks).filter_map(|(at, _)| number(line.get(at..)?, marks));
        found.extend(more.filter(|(_, rest)| rest.starts_with(':')).map(|(number, _)| number));
        found.dedup();
    }
    found
}

/// The numbers of a text that begins with what says it; none where it goes on otherwise than these do.
fn of_text(text: &str, marks: &[char]) -> Vec<u64> {
    let words = BEFORE.iter().fold(text, |text, word| text.strip_prefix(word).unwrap_or(text));
    let Some(rest) = PICKED.iter().find_map(|word| words.strip_prefix(word)) else { return Vec::new() };
    let mut rest = BETWEEN.iter().fold(rest, |rest, word| rest.strip_prefix(word).unwrap_or(rest));
    let mut found = Vec::new();
    while let Some((number, behind)) = number(rest.trim_start_matches([' ', ',', '&']), marks) {
        found.push(number);
        rest = behind.strip_prefix(" and").unwrap_or(behind);
    }
    let word = rest.trim_start().split(' ').next().unwrap_or_default();
    let goes_on = word.is_empty() || rest.starts_with(['.', ':', ')']) || word.starts_with('(');
    if goes_on || AFTER.contains(&word) { found } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_that_count() {
        let picked = |first: &str, body: &str| picked_numbers(first, body, &['#', '!']);
        for form in [
            "Automated cherry pick of #12: the fault (#34)",
            "Cherry pick of #12 on release-1.0.",
            "This is an automated cherry-pick of #12",
            "This is an automatic backport of pull request #12 done by Mergify.",
            "Backport of #12",
            "> - Backports #12.",
            "Backport #12 to release-1.0",
            "Backport: #12",
            "fix: the fault (backport #12) (#34)",
            "(cherry picked from PR #12)",
            "Cherry-picked from !12",
        ] {
            assert_eq!(picked(form, ""), [12], "{form}");
            assert_eq!(picked("Said otherwise", &format!("\n{form}\n")), [12], "{form}");
        }
        assert_eq!(picked("Backports #1, #2 and #3", ""), [1, 2, 3]);
        assert_eq!(picked("Automated cherry pick of #1: one, not #7 #2: two (#8)", ""), [1, 2]);
        for form in [
            "The whole rework (#12) is too big to backport",
            "fix: until the backport of #12 is there",
            "Backport #12 without its tests",
            "Backport of the fix (#12)",
            "Backport of o/r#12",
            "a note (backport of #12 is too big)",
            "cherry pick of what #12 began",
            "(cherry picked from commit 1234567)",
            "backport of #",
        ] {
            assert!(picked(form, form).is_empty(), "{form}");
        }
        assert_eq!(picked_numbers("Backport of #12", "Backport of !13", &['!']), [13]);
    }
}
