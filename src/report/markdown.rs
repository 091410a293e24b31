//! The Markdown of `--format markdown`, for a job's summary: a table of findings for each state judged.

use std::fmt::Write as _;

use super::words::{found, place, remarks, subject_at, summary, weight};
use crate::domain::text::visible;
use crate::engine::Report;
use crate::finding::Finding;

/// GitHub drops a step's summary of more than a mebibyte as a whole, so the report ends before that.
const LONGEST: usize = 1_000_000;

const TABLE: &str = "| severity | rule | place | finding |\n|---|---|---|---|\n";

/// The report as a part of a Markdown page.
pub fn render(report: &Report) -> String {
    let found = found(report);
    let title = if found.is_empty() { "nothing found" } else { &found };
    let mut out = format!("## relguard: {title}\n\n{}\n", prose(&summary(report)));
    let mut shown = 0;
    for findings in report.findings.chunk_by(|one, other| one.subject == other.subject) {
        let Some(first) = findings.first() else { continue };
        let mut part = format!("\n### {}\n\n{TABLE}", prose(&capitalised(&subject_at(&first.subject))));
        for row in findings.iter().map(row) {
            if out.len() + part.len() + row.len() > LONGEST {
                let left = report.findings.len() - shown;
                let _ = writeln!(out, "{part}\n{left} more are too many for this page.");
                return out;
            }
            part.push_str(&row);
            shown += 1;
        }
        out.push_str(&part);
    }
    out
}

fn row(finding: &Finding) -> String {
    let mut cell = vec![prose(&visible(&finding.message))];
    let related = finding
        .related
        .iter()
        .map(|related| format!("{}: {}", code(&place(&related.location)), prose(&visible(&related.message))));
    cell.extend(related);
    cell.extend(remarks(finding).iter().map(|remark| prose(remark)));
    let place = finding.location.as_ref().map(|location| code(&place(location))).unwrap_or_default();
    let weight = weight(finding);
    format!("| {weight} | {} | {place} | {} |\n", code(finding.rule), cell.join("<br>"))
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

/// A sentence: what stands between two backticks is code, all else is text and nothing but text.
fn prose(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('`') {
        out.push_str(&escaped(before));
        match after.split_once('`') {
            Some((inner, behind)) if is_plain(inner) => {
                out.push_str(&code(inner));
                rest = behind;
            }
            _ => {
                out.push_str("\\`");
                rest = after;
            }
        }
    }
    out + &escaped(rest)
}

/// A name or a command in the type of code, or as text where it holds what a code span or a cell of a
/// table could not.
fn code(text: &str) -> String {
    if is_plain(text) { format!("`{text}`") } else { escaped(text) }
}

/// Whether a text means the same to every reader of Markdown inside a code span.
fn is_plain(text: &str) -> bool {
    let special = |c: char| matches!(c, '`' | '|' | '<' | '>' | '&' | '\\');
    !text.is_empty() && text.trim() == text && !text.contains(special)
}

/// Text in which nothing is markup: no table, HTML, emphasis, formula or link begins in it. GitHub makes
/// links of bare addresses as well, and of `@name` and `#1` even behind a backslash; a character without a
/// width holds those apart.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        let after = text.get(at + c.len_utf8()..).unwrap_or_default();
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '|' | '*' | '_' | '~' | '[' | '$' => out.extend(['\\', c]),
            '@' => out.push_str("@&#8203;"),
            '#' if after.starts_with(|next: char| next.is_ascii_digit()) => out.push_str("#&#8203;"),
            ':' if after.starts_with("//") => out.push_str("\\:"),
            '.' if www(text, at) => out.push_str("\\."),
            c => out.push(c),
        }
    }
    out
}

/// Whether a `www` stands before a place.
fn www(text: &str, at: usize) -> bool {
    let before = at.checked_sub(3).and_then(|from| text.get(from..at));
    before.is_some_and(|before| before.eq_ignore_ascii_case("www"))
}

#[cfg(test)]
mod tests {
    use pulldown_cmark::{Event, Options, Parser, Tag};

    use super::*;

    /// What a reader of a cell sees, asserting that nothing in it is more than text and code.
    fn read(cell: &str) -> String {
        let page = format!("| a |\n|---|\n| {cell} |\n");
        let mut seen = String::new();
        for event in Parser::new_ext(&page, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
            match event {
                Event::Text(text) | Event::Code(text) => seen.push_str(&text),
                Event::Start(Tag::Table(_) | Tag::TableHead | Tag::TableRow | Tag::TableCell)
                | Event::End(_) => {}
                other => panic!("{cell}: {other:?}"),
            }
        }
        seen.strip_prefix('a').unwrap().to_owned()
    }

    #[test]
    fn a_text_is_read_as_it_is_and_as_nothing_else() {
        for text in [
            "<script>alert(1)</script> &amp; &#60;b&#62;",
            "a | b \\| c \\\\| d `x|y` ` `` x",
            "*a* __b__ ~~c~~ $d$ [e](https://example.com) ![f](g) <https://h.example>",
            "https://example.com www.example.com a@example.com @org/team #1",
            "`relguard fix` sets it",
            "`` ` ```",
        ] {
            let plain = |text: &str| text.replace('`', "");
            assert_eq!(plain(&read(&prose(text))).replace('\u{200b}', ""), plain(text));
        }
    }

    #[test]
    fn commands_are_shown_as_code_where_they_can() {
        assert_eq!(prose("`relguard fix`: set a_b"), "`relguard fix`: set a\\_b");
        assert_eq!(prose("`a|b` and `c"), "\\`a\\|b\\` and \\`c");
        assert_eq!(prose("www.example.com, http://a"), "www\\.example.com, http\\://a");
        assert_eq!(prose("@a #1 #a"), "@&#8203;a #&#8203;1 #a");
        assert_eq!(code("a<b>"), "a&lt;b&gt;");
    }
}
