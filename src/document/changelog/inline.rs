//! Text of somebody else's as a line of Markdown: it shows as it was written, and is part of nothing else.

use std::fmt::Write as _;

/// What may be behind a backslash.
const ESCAPABLE: &str = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

/// So many characters are shown: more is no line.
const LONGEST: usize = 2_000;

/// A text as it stands in one line of a list: code between backticks stays code, everything else that
/// Markdown, HTML or a forge would take for more than text is escaped. With `links`, links to web pages stay.
pub fn inline(text: &str, links: bool) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let shown = |c: &char| !c.is_control();
    let text: String =
        text.split_whitespace().collect::<Vec<_>>().join(" ").chars().filter(shown).take(LONGEST).collect();
    let (mut out, taken) = block_start(&text);
    let mut rest = text.get(taken..).unwrap_or_default();
    let dollars = text.matches('$').count() > 1;
    while let Some(c) = rest.chars().next() {
        if c == '`'
            && let Some((code, after)) = code_span(rest)
        {
            out.push_str(code);
            rest = after;
            continue;
        }
        if links
            && c == '['
            && let Some((link, after)) = web_link(rest)
        {
            out.push_str(&link);
            rest = after;
            continue;
        }
        if c == '@'
            && let Some((name, after)) = mention(&out, rest)
        {
            let _ = write!(out, "`{name}`");
            rest = after;
            continue;
        }
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        escape(c, after, dollars, &mut out);
        rest = after;
    }
    out
}

/// Whether a text is words alone, as most are.
fn is_plain(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b" ,.:;/'()?%-".contains(&byte);
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.len() <= LONGEST
        && text.bytes().all(plain)
        && !text.contains("  ")
        && !text.ends_with(' ')
}

/// What a text begins with, where that would begin a heading, a list, a quotation or the like: escaped, and
/// how many bytes of the text that is.
fn block_start(text: &str) -> (String, usize) {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = text.len() - rest.len();
    let (mark, behind) = rest.split_at_checked(1).unwrap_or_default();
    let begins = match mark {
        "." | ")" => digits > 0 && (behind.is_empty() || behind.starts_with(' ')),
        "#" | ">" | "-" | "+" | "*" => digits == 0,
        _ => false,
    };
    match text.get(..digits).filter(|_| begins) {
        Some(number) => (format!("{number}\\{mark}"), digits + 1),
        None => (String::new(), 0),
    }
}

/// The code between backticks that a text begins with, and what follows; `None` where they are not closed, or
/// where a program that knows no Markdown would see a comment in it.
fn code_span(text: &str) -> Option<(&str, &str)> {
    let inner = text.trim_start_matches('`');
    let mark = text.len() - inner.len();
    let mut from = mark;
    loop {
        let at = from + text.get(from..)?.find('`')?;
        let run = text.get(at..)?.len() - text.get(at..)?.trim_start_matches('`').len();
        if run == mark {
            let (code, after) = text.split_at_checked(at + run)?;
            let plain = !code.contains("<!--") && !code.contains("-->");
            return plain.then_some((code, after));
        }
        from = at + run;
    }
}

/// A link to a web page that a text begins with, and what follows.
fn web_link(text: &str) -> Option<(String, &str)> {
    let (label, rest) = text.strip_prefix('[')?.split_once("](")?;
    let (target, after) = rest.split_once(')')?;
    let is_web = target.starts_with("https://") || target.starts_with("http://");
    let plain = !label.contains(['[', ']', '<']) && !target.contains([' ', '<', '>', '(', '\\', '"']);
    (is_web && plain).then(|| (format!("[{}]({target})", inline(label, false)), after))
}

/// Somebody who is called, so that the forge would tell them.
fn mention<'a>(before: &str, text: &'a str) -> Option<(&'a str, &'a str)> {
    if before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '/' | '.' | '`')) {
        return None;
    }
    let name = text.strip_prefix('@')?;
    let end = name
        .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '/' | '_'))
        .unwrap_or(name.len());
    let is_name = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    is_name.then(|| text.split_at_checked(1 + end)).flatten()
}

fn escape(c: char, after: &str, dollars: bool, out: &mut String) {
    let before = out.chars().next_back();
    let next = after.chars().next();
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let is_space = |c: Option<char>| c.is_none_or(|c| c == ' ');
    let needed = match c {
        '`' | '[' | ']' => true,
        '\\' => next.is_some_and(|next| ESCAPABLE.contains(next)),
        '*' => !(is_space(before) && is_space(next)),
        // What opens nothing needs no escape, and what could close it then closes nothing.
        '_' => !is_word(before) && !is_space(next),
        '~' => next == Some('~') || before == Some('~'),
        '<' if next == Some('!') => return out.push_str("&lt;"),
        '<' => {
            let is_address = after.split_once('>').is_some_and(|(inside, _)| inside.contains('@'));
            is_address || next.is_some_and(|next| next.is_ascii_alphabetic() || matches!(next, '/' | '?'))
        }
        '>' if out.ends_with("--") => return out.push_str("&gt;"),
        '&' => {
            let name = after.split(';').next().unwrap_or_default();
            let entity = name.len() < after.len() && !name.is_empty() && name.len() < 33;
            entity && name.trim_start_matches('#').chars().all(|c| c.is_ascii_alphanumeric())
        }
        '$' => dollars,
        _ => false,
    };
    if needed {
        out.push('\\');
    }
    out.push(c);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_escaped() {
        for (text, expected) in [
            ("# v9.9.9", "\\# v9.9.9"),
            ("- a", "\\- a"),
            ("1. a", "1\\. a"),
            ("12) a", "12\\) a"),
            ("1.2 is out", "1.2 is out"),
            ("<!-- START doctoc", "&lt;!-- START doctoc"),
            ("a <b>x</b> < c -->", "a \\<b>x\\</b> < c --&gt;"),
            ("`<!-- x`", "\\`&lt;!-- x\\`"),
            ("use `a_b*` and `` c`d `` but ` not", "use `a_b*` and `` c`d `` but \\` not"),
            ("[x](https://y) and a[0]", "\\[x\\](https://y) and a\\[0\\]"),
            ("snake_case __init__ 2 * 3 *x*", "snake_case \\_\\_init__ 2 * 3 \\*x\\*"),
            ("thank @someone/team, x@v1.2.3", "thank `@someone/team`, x@v1.2.3"),
            ("a \\* b C:\\x", "a \\\\\\* b C:\\x"),
            ("AT&T &lt; &amp", "AT&T \\&lt; &amp"),
            ("from $A to $B", "from \\$A to \\$B"),
            ("costs $5", "costs $5"),
            ("~~gone~~", "\\~\\~gone\\~\\~"),
            ("a\tb\u{1b}[31m", "a b\\[31m"),
        ] {
            assert_eq!(inline(text, false), expected, "{text}");
        }
    }

    #[test]
    fn links_of_a_note_stay() {
        assert_eq!(inline("see [the `docs`](https://x.y/z)", true), "see [the `docs`](https://x.y/z)");
        assert_eq!(inline("[x](javascript:1)", true), "\\[x\\](javascript:1)");
    }
}
