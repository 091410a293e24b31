//! YAML as Helm reads and writes it, which is as Go's YAML 1.1 does.

use std::fmt::Write as _;

use super::scalar::plain_is_string;
use super::{Kind, NodeId, Style, Yaml};
use crate::domain::SortedMap;
use crate::domain::text::is_unprintable;

/// A value to write.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A text; quoted where it would be read as something else.
    Text(String),
    /// A number, a truth value or nothing, as it is written.
    Word(String),
    /// Items.
    List(Vec<Value>),
    /// Values by key; they are written in the order of the keys.
    Map(SortedMap<String, Value>),
}

/// Whether a plain scalar is true or false for a YAML 1.1 reader; `None` where it is neither.
pub fn flag_of(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "y" => Some(true),
        "false" | "no" | "off" | "n" => Some(false),
        _ => None,
    }
}

impl Yaml {
    /// Whether a scalar is true or false for Helm; `None` where it is neither.
    pub fn flag(&self, id: NodeId) -> Option<bool> {
        let node = self.follow(id);
        let plain = matches!(self.node(node).kind, Kind::Scalar { style: Style::Plain, .. });
        let text = self.text(node).filter(|_| plain && !self.is_string(node))?;
        flag_of(text)
    }

    /// The text that Helm makes of a scalar where it wants a text: `1.10` is `1.1`, `yes` is `true`; empty
    /// for nothing and for collections.
    pub fn helm_text(&self, id: NodeId) -> String {
        let text = self.text(id).unwrap_or_default();
        if self.is_null(id) {
            return String::new();
        }
        if self.is_string(id) {
            return text.to_owned();
        }
        match self.flag(id) {
            Some(flag) => flag.to_string(),
            None => number(text).unwrap_or_else(|| text.to_owned()),
        }
    }

    /// The entries of a mapping by their keys, merge keys (`<<`) followed.
    pub fn pairs(&self, mapping: NodeId) -> SortedMap<String, NodeId> {
        let mut pairs = SortedMap::new();
        for (key, value) in self.entries(mapping) {
            if self.text(*key) == Some("<<") {
                let from = self.follow(*value);
                let one = [from];
                let all = if self.items(from).is_empty() { one.as_slice() } else { self.items(from) };
                for from in all {
                    for (key, value) in self.pairs(*from) {
                        pairs.get_or(key, || value);
                    }
                }
            }
        }
        let own = self.entries(mapping).iter().filter(|(key, _)| self.text(*key) != Some("<<"));
        pairs.extend(own.map(|(key, value)| (self.helm_text(*key), *value)));
        pairs
    }

    /// A value of any kind, as it is to be written again.
    pub fn value(&self, id: NodeId) -> Value {
        let node = self.follow(id);
        match &self.node(node).kind {
            Kind::Mapping { .. } => {
                let pairs = self.pairs(node).into_iter().map(|(key, value)| (key, self.value(value)));
                Value::Map(pairs.collect())
            }
            Kind::Sequence(items) => Value::List(items.iter().map(|item| self.value(*item)).collect()),
            _ if self.is_null(node) => Value::Word("null".to_owned()),
            _ if self.is_string(node) => Value::Text(self.helm_text(node)),
            _ => {
                let text = self.helm_text(node);
                // A date stays a text.
                if plain_is_string(&text) || !is_word(&text) { Value::Text(text) } else { Value::Word(text) }
            }
        }
    }
}

/// Whether this is a number or a truth value as `helm_text` writes them.
fn is_word(text: &str) -> bool {
    matches!(text, "true" | "false") || text.parse::<f64>().is_ok()
}

/// A number as Go writes it again; `None` for what is none.
fn number(text: &str) -> Option<String> {
    let plain = text.replace('_', "");
    let (sign, digits) = match plain.as_bytes().first()? {
        b'-' => ("-", plain.get(1..)?),
        b'+' => ("", plain.get(1..)?),
        _ => ("", plain.as_str()),
    };
    let lower = digits.to_ascii_lowercase();
    let prefixed = |prefix: &str, radix| u64::from_str_radix(lower.strip_prefix(prefix)?, radix).ok();
    let octal = || prefixed("0", 8).filter(|_| lower.len() > 1);
    let whole = prefixed("0x", 16)
        .or_else(|| prefixed("0b", 2))
        .or_else(|| prefixed("0o", 8))
        .or_else(octal)
        .or_else(|| lower.parse().ok().filter(|_| !lower.starts_with('+')));
    match (whole, lower.as_str()) {
        (Some(0), _) => Some("0".to_owned()),
        (Some(whole), _) => Some(format!("{sign}{whole}")),
        (None, ".inf") => Some(format!("{}Inf", if sign.is_empty() { "+" } else { sign })),
        (None, ".nan") => Some("NaN".to_owned()),
        _ => plain.parse::<f64>().ok().map(float),
    }
}

/// `strconv.FormatFloat(number, 'g', -1, 64)`
fn float(number: f64) -> String {
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    match exponent.parse::<i32>() {
        Ok(exponent) if !(-4..6).contains(&exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", exponent.abs())
        }
        _ => number.to_string(),
    }
}

/// Writes keys and values as a document, in the form that Helm writes; long lines are not folded.
pub fn write(map: &SortedMap<String, Value>) -> String {
    let mut out = String::new();
    put_map(&mut out, map, 0);
    out
}

fn put_map(out: &mut String, map: &SortedMap<String, Value>, indent: usize) {
    for (key, value) in map {
        let _ = write!(out, "{:indent$}{}:", "", scalar(key));
        match value {
            Value::List(items) if !items.is_empty() => {
                out.push('\n');
                put_list(out, items, indent);
            }
            Value::Map(map) if !map.is_empty() => {
                out.push('\n');
                put_map(out, map, indent + 2);
            }
            flat => {
                let _ = writeln!(out, " {}", in_line(flat));
            }
        }
    }
}

fn put_list(out: &mut String, items: &[Value], indent: usize) {
    for item in items {
        let start = out.len();
        match item {
            Value::List(items) if !items.is_empty() => put_list(out, items, indent + 2),
            Value::Map(map) if !map.is_empty() => put_map(out, map, indent + 2),
            flat => {
                let _ = writeln!(out, "{:indent$}  {}", "", in_line(flat));
            }
        }
        // The dash stands in the first line's indentation.
        out.replace_range(start + indent..=start + indent, "-");
    }
}

fn in_line(value: &Value) -> String {
    match value {
        Value::Text(text) => scalar(text),
        Value::Word(word) => word.clone(),
        Value::List(_) => "[]".to_owned(),
        Value::Map(_) => "{}".to_owned(),
    }
}

/// A text as a scalar: plain where it stays a text so, else in single quotes, else in double ones.
fn scalar(text: &str) -> String {
    let is_special = |c: char| is_unprintable(c) || c > '\u{ffff}';
    if text.chars().any(is_special) || !plain_is_string(text) || is_base_60(text) {
        return double_quoted(text);
    }
    let first = text.chars().next().unwrap_or(' ');
    let second_is_space = text.chars().nth(1).is_none_or(char::is_whitespace);
    let needs_quotes = "#,[]{}&*!|>'\"%@`=".contains(first)
        || ("-?:".contains(first) && second_is_space)
        || text.starts_with("---")
        || text.starts_with("...")
        || text.starts_with(' ')
        || text.ends_with([' ', ':'])
        || text.contains(": ")
        || text.contains(" #")
        || text == "<<";
    if needs_quotes { format!("'{}'", text.replace('\'', "''")) } else { text.to_owned() }
}

/// `12:30:45`, which YAML 1.1 takes for a number.
fn is_base_60(text: &str) -> bool {
    let mut parts = text.trim_start_matches(['-', '+']).split(':');
    let is_first = parts.next().is_some_and(|part| part.starts_with(|c: char| c.is_ascii_digit()));
    let digits =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit() || "._".contains(c));
    let rest: Vec<&str> = parts.collect();
    is_first && !rest.is_empty() && text.chars().all(|c| c.is_ascii_digit() || "-+:._".contains(c)) && {
        rest.iter().all(|part| digits(part))
    }
}

fn double_quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        let code = u32::from(c);
        let _ = match c {
            '"' | '\\' => write!(out, "\\{c}"),
            '\n' => write!(out, "\\n"),
            '\t' => write!(out, "\\t"),
            '\r' => write!(out, "\\r"),
            c if code > 0xffff => write!(out, "\\U{:08X}", u32::from(c)),
            c if is_unprintable(c) && code > 0xff => write!(out, "\\u{code:04X}"),
            c if is_unprintable(c) => write!(out, "\\x{code:02X}"),
            c => write!(out, "{c}"),
        };
    }
    out.push('"');
    out
}
