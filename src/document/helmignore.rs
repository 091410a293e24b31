//! Helm's `.helmignore`: which files of a chart's folder Helm leaves out.
//!
//! This follows Helm's `pkg/ignore` and Go's `filepath.Match` (as on Unix), oddities included: what
//! counts is what `helm package` packs, not what the rules seem to say.

use std::iter::Peekable;
use std::ops::{Range, RangeInclusive};
use std::str::Chars;

use crate::domain::text::BOM;

/// The rule that Helm adds behind those of the file.
const DEFAULT_RULE: &str = "templates/.?*";

/// The longest line in bytes that Helm's line reader takes, its end not counted.
const LONGEST_LINE: usize = 64 * 1024 - 1;

const TOO_LONG: &str = "the line is too long";
const TWO_STARS: &str = "double-star (**) syntax is not supported";
const MALFORMED: &str = "syntax error in pattern";

/// How much of a line that is too long is worth naming, in characters.
const SHOWN: usize = 40;

/// The rules of a `.helmignore`.
#[derive(Debug, Clone)]
pub struct HelmIgnore {
    rules: Vec<Rule>,
}

/// A rule for which Helm refuses the whole chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadRule {
    /// Its line, from 1.
    pub line: usize,
    /// Its bytes in the file.
    pub range: Range<usize>,
    /// The rule as written; only the beginning of a line that is too long.
    pub rule: String,
    /// Why Helm refuses it, in Helm's words.
    pub cause: &'static str,
}

#[derive(Debug, Clone)]
struct Rule {
    raw: String,
    negated: bool,
    folders_only: bool,
    /// The pattern is for the path from the chart's folder, not for the last name of it.
    whole_path: bool,
    pattern: Pattern,
}

/// A pattern of Go's `filepath.Match`.
#[derive(Debug, Clone)]
struct Pattern {
    before: Vec<Chunk>,
    /// `None` where the pattern is malformed behind the chunks before; it then matches nothing.
    last: Option<Chunk>,
}

/// What stands between two stars.
#[derive(Debug, Clone)]
struct Chunk {
    after_star: bool,
    /// What it begins with, literally: most names are told apart by that.
    literal: String,
    items: Vec<Item>,
}

#[derive(Debug, Clone)]
enum Item {
    Literal(char),
    Any,
    /// A class, negated or not.
    Class(bool, Vec<RangeInclusive<char>>),
}

impl HelmIgnore {
    /// The rules of a file, and Helm's own behind them; the first bad rule otherwise.
    pub fn parse(text: &str) -> Result<Self, BadRule> {
        let mut rules = Vec::new();
        let mut next = 0;
        for (index, line) in text.split_inclusive('\n').enumerate() {
            next += line.len();
            let body = line.strip_prefix(BOM).filter(|_| index == 0).unwrap_or(line);
            let rule = body.trim();
            let start = next - body.trim_start().len();
            let range = start..start + rule.len();
            let bad = |rule: String, cause| BadRule { line: index + 1, range, rule, cause };
            if line.trim_end_matches('\n').len() > LONGEST_LINE {
                return Err(bad(rule.chars().take(SHOWN).collect(), TOO_LONG));
            }
            if rule.is_empty() || rule.starts_with('#') {
                continue;
            }
            if let Some(cause) = fault(rule) {
                return Err(bad(rule.to_owned(), cause));
            }
            rules.push(Rule::new(rule));
        }
        rules.push(Rule::new(DEFAULT_RULE));
        Ok(Self { rules })
    }

    /// The rules of a chart without a `.helmignore`.
    pub fn defaults() -> Self {
        let rules = vec![Rule::new(DEFAULT_RULE)];
        Self { rules }
    }

    /// The rule, as written, for which Helm leaves out a path; `None` where Helm keeps it.
    ///
    /// The path is relative to the chart's folder, with `/`. Helm leaves out all of a folder that is
    /// ignored, so ask for every folder above a file first.
    pub fn ignores(&self, path: &str, is_dir: bool) -> Option<&str> {
        if matches!(path, "" | "." | "./") {
            return None;
        }
        self.rules.iter().find(|rule| rule.ignores(path, is_dir)).map(|rule| rule.raw.as_str())
    }
}

/// Why Helm refuses a rule. It judges the rule as written, with `!` and the slashes at both ends, so
/// what breaks when they are dropped goes unseen, as in `name\/`.
fn fault(rule: &str) -> Option<&'static str> {
    if rule.contains("**") {
        Some(TWO_STARS)
    } else if Pattern::parse(rule).is_refused() {
        Some(MALFORMED)
    } else {
        None
    }
}

impl Rule {
    fn new(raw: &str) -> Self {
        let rest = raw.strip_prefix('!').unwrap_or(raw);
        let body = rest.strip_suffix('/').unwrap_or(rest);
        // Helm 3 drops one `/` more of `//name` at each path that it judges; this is Helm 4, which drops one.
        let pattern = body.strip_prefix('/').unwrap_or(body);
        Self {
            raw: raw.to_owned(),
            negated: raw.starts_with('!'),
            folders_only: rest.ends_with('/'),
            whole_path: body.contains('/'),
            pattern: Pattern::parse(pattern),
        }
    }

    /// A negated rule ignores all that it does not match, and keeps nothing that another rule ignores.
    fn ignores(&self, path: &str, is_dir: bool) -> bool {
        self.matches(path, is_dir) != self.negated
    }

    fn matches(&self, path: &str, is_dir: bool) -> bool {
        if self.folders_only && !is_dir {
            return false;
        }
        let name = if self.whole_path { path } else { last_name(path) };
        self.pattern.matches(name)
    }
}

fn last_name(path: &str) -> &str {
    let path = path.trim_end_matches('/');
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

impl Pattern {
    fn parse(pattern: &str) -> Self {
        let mut rest = pattern.chars().peekable();
        let mut before = Vec::new();
        loop {
            match Chunk::parse(&mut rest, !before.is_empty()) {
                Some(chunk) if rest.next_if_eq(&'*').is_some() => before.push(chunk),
                last => return Self { before, last },
            }
        }
    }

    /// Whether the whole name fits.
    fn matches(&self, name: &str) -> bool {
        let Some(last) = &self.last else { return false };
        self.reaches(name).is_some_and(|at| last.ends(name, at).any(|end| end == name.len()))
    }

    /// Whether Helm refuses the pattern. Helm tries it on `abc`, and Go looks at a chunk only when all
    /// before it fit, so `x*[` passes.
    fn is_refused(&self) -> bool {
        self.last.is_none() && self.reaches("abc").is_some()
    }

    /// Where the last chunk may begin. Each before it takes the first place where it fits.
    fn reaches(&self, name: &str) -> Option<usize> {
        self.before.iter().try_fold(0, |at, chunk| chunk.ends(name, at).next())
    }
}

/// The rest of a class behind its `[`.
fn class(rest: &mut Peekable<Chars<'_>>) -> Option<Item> {
    let negated = rest.next_if_eq(&'^').is_some();
    let mut ranges = Vec::new();
    while ranges.is_empty() || rest.next_if_eq(&']').is_none() {
        let low = class_char(rest)?;
        let high = if rest.next_if_eq(&'-').is_some() { class_char(rest)? } else { low };
        ranges.push(low..=high);
    }
    Some(Item::Class(negated, ranges))
}

fn class_char(rest: &mut Peekable<Chars<'_>>) -> Option<char> {
    match rest.next()? {
        '-' | ']' => None,
        '\\' => rest.next(),
        char => Some(char),
    }
}

impl Chunk {
    /// Reads up to the next star; `None` where that is malformed.
    fn parse(rest: &mut Peekable<Chars<'_>>, after_star: bool) -> Option<Self> {
        let mut literal = String::new();
        let mut items = Vec::new();
        while let Some(char) = rest.next_if(|char| *char != '*') {
            let item = match char {
                '?' => Item::Any,
                '[' => class(rest)?,
                '\\' => Item::Literal(rest.next()?),
                _ => Item::Literal(char),
            };
            match item {
                Item::Literal(char) if items.is_empty() => literal.push(char),
                item => items.push(item),
            }
        }
        Some(Self { after_star, literal, items })
    }

    /// Where the chunk can end when it begins at `from`, or behind what its star takes; nearest first.
    fn ends(&self, name: &str, from: usize) -> impl Iterator<Item = usize> {
        let before_slash = || name.bytes().skip(from).take_while(|byte| *byte != b'/').count();
        let skipped = if self.after_star { before_slash() } else { 0 };
        (from..=from + skipped).filter_map(|start| {
            // An empty one fits inside a character too, where a star can leave off.
            let fits = self.literal.is_empty() || name.get(start..)?.starts_with(&self.literal);
            let start = fits.then_some(start + self.literal.len())?;
            self.items.iter().try_fold(start, |at, item| item.end(name, at))
        })
    }
}

impl Item {
    fn end(&self, name: &str, at: usize) -> Option<usize> {
        match self {
            Self::Literal(char) => name.get(at..)?.starts_with(*char).then(|| at + char.len_utf8()),
            Self::Any => decode(name, at).filter(|(char, _)| *char != '/').map(|(_, end)| end),
            Self::Class(negated, ranges) => decode(name, at)
                .filter(|(char, _)| ranges.iter().any(|range| range.contains(char)) != *negated)
                .map(|(_, end)| end),
        }
    }
}

/// The character at a byte and its end. A star can leave off inside a character, because Go lets it
/// take bytes; Go reads what is left as single bytes that are U+FFFD.
fn decode(name: &str, at: usize) -> Option<(char, usize)> {
    let Some(rest) = name.get(at..) else {
        return Some((char::REPLACEMENT_CHARACTER, at + 1));
    };
    rest.chars().next().map(|char| (char, at + char.len_utf8()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a file with these rules says to a path, which is a folder where it ends with `/`.
    fn verdict(rules: &str, path: &str) -> Option<String> {
        let name = path.trim_end_matches('/');
        let rules = HelmIgnore::parse(rules).unwrap();
        rules.ignores(name, name != path).map(str::to_owned)
    }

    #[track_caller]
    fn ignored(rule: &str, paths: &[&str]) {
        for path in paths {
            let by = verdict(rule, path);
            assert_eq!(by.as_deref(), Some(rule), "{rule} should ignore {path}");
        }
    }

    #[track_caller]
    fn kept(rule: &str, paths: &[&str]) {
        for path in paths {
            assert_eq!(verdict(rule, path), None, "{rule} should keep {path}");
        }
    }

    fn cause(rule: &str) -> Option<&'static str> {
        HelmIgnore::parse(rule).err().map(|bad| bad.cause)
    }

    #[test]
    fn a_rule_without_a_slash_is_for_the_last_name() {
        ignored("*.tmp", &["a.tmp", "ci/a.tmp", "ci/deep/.tmp", "x.tmp/"]);
        kept("*.tmp", &["a.tmpl", "a.tmp/readme"]);
        ignored("OWNERS", &["OWNERS", "ci/OWNERS", "OWNERS/"]);
        kept("OWNERS", &["owners", "OWNERS.md"]);
    }

    #[test]
    fn a_rule_with_a_slash_is_for_the_whole_path() {
        ignored("ci/*.yaml", &["ci/a.yaml", "ci/.yaml"]);
        kept("ci/*.yaml", &["a.yaml", "x/ci/a.yaml", "ci/deep/a.yaml"]);
        ignored("/notes.md", &["notes.md"]);
        kept("/notes.md", &["ci/notes.md"]);
        ignored("/ci/notes.md", &["ci/notes.md"]);
        kept("//notes.md", &["notes.md", "ci/notes.md"]);
        kept("./notes.md", &["notes.md"]);
    }

    #[test]
    fn a_slash_at_the_end_is_for_folders() {
        ignored("ci/", &["ci/", "deep/ci/"]);
        kept("ci/", &["ci", "cid/"]);
        ignored("/ci/", &["ci/"]);
        kept("/ci/", &["ci", "deep/ci/"]);
        ignored("deep/ci/", &["deep/ci/"]);
        kept("deep/ci/", &["ci/", "deep/ci"]);
        kept("/", &["ci/", "ci"]);
        kept("//", &["ci/", "ci"]);
        kept("ci//", &["ci/", "ci"]);
    }

    #[test]
    fn a_negated_rule_ignores_what_it_does_not_match() {
        ignored("!*.md", &["a.txt", "templates/", "Chart.yaml"]);
        kept("!*.md", &["a.md", "ci/a.md"]);
        ignored("!ci/", &["ci", "other/"]);
        kept("!ci/", &["ci/"]);
        ignored("!", &["anything", "ci/"]);
        ignored("!/", &["anything", "ci/"]);
        ignored("! a.md", &["a.md"]);
        kept("!!a", &["!a"]);
    }

    #[test]
    fn the_first_rule_that_ignores_ends_the_search() {
        assert_eq!(verdict("*.md\n!a.md\n", "a.md").as_deref(), Some("*.md"));
        assert_eq!(verdict("!a.md\n*.md\n", "a.md").as_deref(), Some("*.md"));
        assert_eq!(verdict("!a.md\n*.md\n", "b.md").as_deref(), Some("!a.md"));
        assert_eq!(verdict("!*.md\n!b*\n", "b.md"), None);
    }

    #[test]
    fn hidden_templates_are_ignored_last() {
        let by = |rules, path| verdict(rules, path).unwrap();
        assert_eq!(by("", "templates/.swp"), DEFAULT_RULE);
        assert_eq!(by("!templates/.swp", "templates/.swp"), DEFAULT_RULE);
        kept("", &["templates/a.yaml", "templates/a/.swp", ".swp", "x/templates/.swp"]);
        let defaults = HelmIgnore::defaults();
        assert_eq!(defaults.ignores("templates/.git", true), Some(DEFAULT_RULE));
        assert_eq!(defaults.ignores("templates", true), None);
    }

    #[test]
    fn the_chart_folder_itself_is_kept() {
        let rules = HelmIgnore::parse(".*\n*").unwrap();
        assert_eq!(["", ".", "./"].map(|path| rules.ignores(path, true)), [None; 3]);
        assert_eq!(rules.ignores(".git", true), Some(".*"));
        assert_eq!(rules.ignores("ci/", true), Some("*"));
    }

    #[test]
    fn lines_are_trimmed_and_comments_and_blanks_skipped() {
        let text = "\u{feff}# all\r\n \t\r\n  a b\u{a0}\r\n\t# x\n\u{2028}c#d\n\u{feff}e";
        let rules = HelmIgnore::parse(text).unwrap();
        let raw: Vec<&str> = rules.rules.iter().map(|rule| rule.raw.as_str()).collect();
        assert_eq!(raw, ["a b", "c#d", "\u{feff}e", DEFAULT_RULE]);
        ignored("\\#x", &["#x"]);
    }

    #[test]
    fn a_bad_rule_knows_its_place() {
        let bad = HelmIgnore::parse("\u{feff} # é\r\n\r\n  é[ \r\n**").unwrap_err();
        let expected = BadRule { line: 3, range: 14..17, rule: "é[".into(), cause: MALFORMED };
        assert_eq!(bad, expected);
        let bad = HelmIgnore::parse("\u{feff}a/**/b").unwrap_err();
        assert_eq!((bad.line, bad.range, bad.rule.as_str()), (1, 3..9, "a/**/b"));
    }

    #[test]
    fn two_stars_are_refused_even_where_they_are_literal() {
        for rule in ["**", "a/**", "\\**", "[**]", "!**"] {
            assert_eq!(cause(rule), Some(TWO_STARS), "{rule}");
        }
        assert_eq!(cause("# **"), None);
    }

    #[test]
    fn a_line_is_64_kib_at_most() {
        let line = "#".repeat(LONGEST_LINE);
        assert_eq!(cause(&format!("{line}\n{line}")), None);
        let bad = HelmIgnore::parse(&format!("a\n{line}#\n")).unwrap_err();
        assert_eq!((bad.line, bad.rule.len(), bad.cause), (2, SHOWN, TOO_LONG));
        assert_eq!(bad.range, 2..2 + LONGEST_LINE + 1);
    }

    #[test]
    fn a_malformed_pattern_is_refused() {
        let bad = r"[ [] [^ [^] []x] [x [^xy [-] [x-] [-x] [^-x] [a-b-c] \ x\ [\] [x-\] zz[ *[ x/y[ ![ [z-/ [a*b a*c[ ?*[";
        for rule in bad.split(' ') {
            assert_eq!(cause(rule), Some(MALFORMED), "{rule}");
        }
        assert_eq!(cause("escaped-blank-at-the-end\\ "), Some(MALFORMED));
        for rule in r"] a] [z-a] [[] [!a] - ^ [^^] [a/] [\]] [*] {a,b}".split(' ') {
            assert_eq!(cause(rule), None, "{rule}");
        }
    }

    #[test]
    fn a_fault_that_helm_does_not_reach_makes_a_rule_that_matches_nothing() {
        kept("x*[", &["x[", "x", "xy", "x*["]);
        ignored("!x*[", &["x[", "x", "xy", "x*["]);
        kept("a?c?*[]", &["abcd", "abcd]"]);
    }

    #[test]
    fn a_pattern_that_breaks_when_its_slash_is_dropped_matches_nothing() {
        kept("ci\\/", &["ci", "ci/", "ci\\/"]);
        ignored("!ci\\/", &["ci", "ci/", "ci\\/"]);
    }

    /// Each entry up to `;` is a pattern and names.
    fn each(table: &str, judge: impl Fn(&Pattern, &str, &str)) {
        for entry in table.split(';') {
            let (rule, names) = entry.trim().split_once(' ').unwrap();
            let pattern = Pattern::parse(rule);
            names.split(' ').for_each(|name| judge(&pattern, rule, name));
        }
    }

    #[test]
    fn patterns_fit_as_in_go() {
        let table = r"
            abc abc; * abc; *c abc; *x xxx; a* a abc; a*/b abc/b; a*b*c*/f axbxc/f axbxcxxx/f;
            a*b?c*x abxbbxdbxebxczzx; ab[b-d] abc; ab[^e-g] abc; a\*b a*b; a?b a☺b; a[^a]b a☺b a/b;
            a[/]b a/b; [a-ζ]* α; [\]a] ] a; [x\-] x -; [\-x] x -; [+-\-] + , -; [[] [; [!a] ! a; [^^] a;
            [a^] a ^; \a\é aé";
        each(table, |pattern, rule, name| {
            assert!(pattern.matches(name), "{rule} should fit {name}");
        });
    }

    #[test]
    fn patterns_miss_as_in_go() {
        let table = r"
            abc abcd ab ABC; * a/b; a* ab/c ba; a*/b a/c/b; a*b a/b; a?b a/b ab;
            a*b*c*/f axbxc/xxx/f axbxcxxx/ff; a*b?c*x abxbbxdbxebxczzy; ab[e-g] abc; ab[^b-d] abc ab;
            a\*b ab; a???b a☺b; a[^a][^a][^a]b a☺b; *[a-ζ] A; [z-a] z m a; [x\-] y; [!a] b; .?* . a";
        each(table, |pattern, rule, name| {
            assert!(!pattern.matches(name), "{rule} should not fit {name}");
        });
        assert!(!Pattern::parse("?").matches(""));
        assert!(Pattern::parse("*").matches(""));
    }

    #[test]
    fn a_star_takes_bytes_not_characters() {
        let fits = |pattern: &str, name: &str| Pattern::parse(pattern).matches(name);
        assert!(fits("*[^é]", "é"));
        assert!(fits("*[\u{fffd}]", "é"));
        assert!(fits("*[\u{fffd}]?", "☺"));
        assert!(!fits("*\u{fffd}", "é"));
        assert!(!fits("*??", "é"));
    }
}
