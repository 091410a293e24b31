//! What Helm loads: one value of another kind than it expects, and it takes nothing of the whole index (measured
//! with 3.17 and 4.1); an entry that is not valid it passes over.

use crate::document::metadata::{DEPENDENCIES, FIELDS, Shape, VERSION};
use crate::document::yaml::Scalar;

/// The fields of an entry that are none of its chart's.
pub(super) const OWN: [&str; 8] =
    ["created", "digest", "urls", "removed", "checksum", "engine", "tillerVersion", "url"];

/// How Helm reads a field of an entry that is its chart's, and a number for it.
pub(super) fn of_chart(key: &str) -> Option<(usize, &'static Shape)> {
    let fields = VERSION.iter().chain(FIELDS).chain(DEPENDENCIES);
    fields.enumerate().find_map(|(at, (name, shape))| (*name == key).then_some((at, shape)))
}

/// Whether Helm takes a key for one of these: it passes over the case of letters.
pub(super) fn is_known<'k>(key: &str, mut known: impl Iterator<Item = &'k str>) -> bool {
    known.any(|known| known.eq_ignore_ascii_case(key))
}

/// Why Helm can't load a value where it wants a text; `None` where it can.
pub(super) fn as_text(scalar: &Scalar<'_>) -> Option<String> {
    let is_other = !scalar.is_text() && !is_date(&scalar.text);
    is_other
        .then(|| format!("{} is a number or a truth value, where Helm loads nothing but a text", scalar.text))
}

/// Why Helm can't load a value where it wants a time; `None` where it can.
pub(super) fn as_time(scalar: &Scalar<'_>) -> Option<String> {
    let text = scalar.text.as_bytes();
    let fits = text.len() > "2026-01-02T03:04:05".len()
        && is_date(&scalar.text)
        && text.get(10).is_some_and(|byte| matches!(byte, b'T' | b't'))
        && [13, 16].iter().all(|at| text.get(*at) == Some(&b':'));
    (!fits).then(|| format!("{} is no time as Helm writes it, 2026-01-02T03:04:05Z", scalar.text))
}

/// Whether a text begins with a day, which YAML has a kind of its own for, and Helm takes for a text.
fn is_date(text: &str) -> bool {
    let form =
        |(at, byte): (usize, u8)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() };
    text.len() >= 10 && text.bytes().take(10).enumerate().all(form)
}

/// Whether Helm takes a text for a version: up to three numbers, with or without a `v`.
pub(super) fn is_version(text: &str) -> bool {
    let text = text.strip_prefix('v').unwrap_or(text);
    let (text, build) = text.split_once('+').map_or((text, None), |(text, build)| (text, Some(build)));
    let (numbers, pre) = text.split_once('-').map_or((text, None), |(text, pre)| (text, Some(pre)));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_number = |part: &str| is_digits(part) && part.parse::<u64>().is_ok();
    let named = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let leads_with_zero = |part: &str| part.len() > 1 && part.starts_with('0') && is_digits(part);
    numbers.split('.').count() <= 3
        && numbers.split('.').all(is_number)
        && pre.is_none_or(|pre| pre.split('.').all(|part| named(part) && !leads_with_zero(part)))
        && build.is_none_or(|build| build.split('.').all(named))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_as_helm_takes_them() {
        for text in
            ["1.2.3", "v1.1.0", "1.1", "1", "01.2.3", "1.2.3-rc.1", "1.2.3+b.01", "1.1-x", "2026-01-02"]
        {
            assert!(is_version(text), "{text}");
        }
        for text in [
            "",
            "abc",
            "1.2.3.4",
            "1.2.3-",
            "1.2.3-01",
            "1.2.3 ",
            "1:30",
            "1..2",
            "v",
            "V1.2.3",
            "1.2.x",
            "1.2.3+",
            "99999999999999999999.0.0",
        ] {
            assert!(!is_version(text), "{text}");
        }
    }
}
