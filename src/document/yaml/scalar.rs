use std::ops::Range;

use super::{Kind, NodeId, Yaml};

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// In single quotes.
    Single,
    /// In double quotes.
    Double,
    /// As a block, `|` or `>`.
    Block,
}

impl Yaml {
    /// Whether nothing stands there, or a word for nothing.
    pub fn is_null(&self, id: NodeId) -> bool {
        let node = self.node(self.follow(id));
        matches!(&node.kind, Kind::Scalar { style: Style::Plain, .. })
            && node.tag.is_none()
            && matches!(self.text(id), Some("" | "~" | "null" | "Null" | "NULL"))
    }

    /// Whether Helm reads a text here, and not a number, a truth value, a date or nothing.
    pub fn is_string(&self, id: NodeId) -> bool {
        let node = self.node(self.follow(id));
        match (&node.kind, node.tag.as_deref()) {
            (Kind::Scalar { .. }, Some(tag)) => tag.ends_with(":str"),
            (Kind::Scalar { style: Style::Plain, .. }, None) => self.text(id).is_some_and(plain_is_string),
            (Kind::Scalar { .. }, None) => true,
            _ => false,
        }
    }

    /// The text that puts `value` in a scalar's place, its quotes kept where it has any; `None` for
    /// a block or a collection.
    pub fn rewrite(&self, id: NodeId, value: &str) -> Option<String> {
        match &self.node(self.follow(id)).kind {
            Kind::Scalar { style: Style::Plain, .. } => Some(plain_or_quoted(value)),
            Kind::Scalar { style: Style::Single, .. } => Some(format!("'{}'", value.replace('\'', "''"))),
            Kind::Scalar { style: Style::Double, .. } => Some(quoted(value)),
            _ => None,
        }
    }

    /// The edit that puts `value` in a scalar's place, its quotes kept; `None` for a block or a collection.
    pub fn replace(&self, id: NodeId, value: &str) -> Option<(Range<usize>, String)> {
        self.put(id, self.rewrite(id, value)?)
    }

    /// The edit that puts a text, quoted as it has to be, in a scalar's place.
    pub fn put(&self, id: NodeId, text: String) -> Option<(Range<usize>, String)> {
        let node = self.node(self.follow(id));
        let at = node.range.start;
        if !node.range.is_empty() {
            return Some((node.range.clone(), text));
        }
        // Nothing has no bytes: the reader sees it behind its anchor or tag, else behind its key, and
        // there the colon has yet to come.
        let rest = self.source.text.get(at..)?;
        let at = match rest.trim_start_matches(' ').strip_prefix(':') {
            Some(behind) => at + rest.len() - behind.len(),
            None if node.anchored || node.tag.is_some() => at,
            None => return None,
        };
        Some((at..at, format!(" {text}")))
    }
}

/// A value as a plain scalar where that stays a text, else in double quotes.
pub fn plain_or_quoted(value: &str) -> String {
    let simple = value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+' | '_' | '/'))
        && value.starts_with(|c: char| c.is_ascii_alphanumeric());
    if simple && plain_is_string(value) { value.to_owned() } else { quoted(value) }
}

/// A value in double quotes.
pub fn quoted(value: &str) -> String {
    let mut out = String::from("\"");
    for c in value.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.extend(format!("\\x{:02x}", u32::from(c)).chars()),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// What is no text without quotes, in whatever letters.
const WORDS: [&str; 15] =
    ["", "~", "null", "true", "false", "yes", "no", "on", "off", "y", "n", ".nan", ".inf", "-.inf", "+.inf"];

/// Whether a plain scalar is a number that JSON has no word for. Helm goes by way of JSON, and reads nothing of a file
/// that holds one.
pub fn is_beyond_json(text: &str) -> bool {
    // Of all the scalars of a file hardly one begins so.
    text.starts_with(['.', '-', '+'])
        && [".nan", ".inf", "-.inf", "+.inf"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Whether a plain scalar is a text for a YAML 1.1 reader, which Helm's is.
pub(super) fn plain_is_string(text: &str) -> bool {
    let is_word = WORDS.iter().any(|word| text.eq_ignore_ascii_case(word));
    // No number and no date begins with a letter, as most texts do.
    let is_text = text.starts_with(|c: char| c.is_ascii_alphabetic());
    !is_word && (is_text || !is_number(text) && !is_date(text))
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text).replace('_', "");
    let prefixed = |prefix: &str, radix| {
        let rest = digits.strip_prefix(prefix);
        rest.is_some_and(|rest| !rest.is_empty() && rest.chars().all(|c| c.is_digit(radix)))
    };
    let starts = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let decimal = starts && digits.chars().any(|c| c.is_ascii_digit()) && digits.parse::<f64>().is_ok();
    decimal || prefixed("0x", 16) || prefixed("0o", 8) || prefixed("0b", 2)
}

/// `2026-01-02`, with or without a time of day.
fn is_date(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let number = |part: Option<&str>, lengths: &[usize]| {
        part.is_some_and(|part| lengths.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit()))
    };
    number(parts.next(), &[4])
        && number(parts.next(), &[1, 2])
        && parts.next().is_some_and(|rest| {
            let day = rest.split(['T', 't', ' ']).next();
            number(day, &[1, 2])
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_texts_and_floats_are_not() {
        for text in ["1.2.3", "v1.2", "1.2.3-rc.1", "2026.1.2", "1.10.0"] {
            assert!(plain_is_string(text), "{text}");
        }
        for text in ["1.10", "1", "1e3", "0x1F", "1_000", "2026-01-02", "yes", "~", "", "-.5"] {
            assert!(!plain_is_string(text), "{text}");
        }
    }

    #[test]
    fn what_would_not_stay_a_text_is_quoted() {
        assert_eq!(plain_or_quoted("1.2.3"), "1.2.3");
        assert_eq!(plain_or_quoted("1.10"), "\"1.10\"");
        assert_eq!(plain_or_quoted("a: \"b\""), "\"a: \\\"b\\\"\"");
    }
}
