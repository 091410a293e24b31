//! The anchors of headings, as doctoc writes them: those of github.com.
//!
//! Its rules: <https://github.com/thlorenz/anchor-markdown-header>.

use crate::domain::SortedSet;
use std::fmt::Write as _;

/// What is dropped from an anchor.
const DROPPED: &str = "/\\?!%:[]`.,()*\"';{}+=<>~$|#@&–—\
    。？！，、；：“”【】（）〔〕［］﹃﹄‘’﹁﹂…－～《》〈〉「」\
    ¡¢£¤¥¦§¨©«¬®¯°±²³´¶·¸¹»¼½¾¿";

/// What a link may hold as it is, besides letters and digits of ASCII; the joiner inside emoji too.
const UNESCAPED: &str = "-_;,/?:@&=+$.!~*'()#\u{200d}";

const JOINER: char = '\u{200d}';
const EMOJI_STYLE: char = '\u{fe0f}';
const KEYCAP: char = '\u{20e3}';

/// A heading as it is shown, and the anchor that it asks for itself: `Text {#anchor}`.
pub(super) fn split_id(heading: &str) -> (&str, Option<&str>) {
    let id = || {
        let (title, id) = heading.trim_end().strip_suffix('}')?.rsplit_once('{')?;
        let id = id.strip_prefix(':').unwrap_or(id).strip_prefix('#')?;
        let fits = !id.is_empty() && !id.contains(|c: char| c.is_whitespace() || c == '}');
        fits.then(|| (title.trim_end_matches([' ', '\t']), id))
    };
    id().map_or((heading, None), |(title, id)| (title, Some(id)))
}

/// The anchor of a heading's text, not yet told apart from others of that text.
pub(super) fn anchor(heading: &str) -> String {
    let lower = heading.trim().to_lowercase().replace(' ', "-");
    let kept: String = without_escapes(&lower).chars().filter(|c| !DROPPED.contains(*c)).collect();
    without_marks(&without_emoji(&kept))
}

/// An anchor as it stands in a link.
pub(super) fn percent_encoded(anchor: &str) -> String {
    let mut out = String::with_capacity(anchor.len());
    for c in anchor.chars() {
        if c.is_ascii_alphanumeric() || UNESCAPED.contains(c) {
            out.push(c);
            continue;
        }
        for byte in c.encode_utf8(&mut [0; 4]).bytes() {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// The text without `%` and two hexadecimal digits behind it.
fn without_escapes(text: &str) -> String {
    let mut parts = text.split('%');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let escape = part.get(..2).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        out.push_str(escape.and_then(|digits| part.strip_prefix(digits)).unwrap_or(part));
    }
    out
}

fn without_emoji(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut behind_emoji = false;
    for c in text.chars() {
        let tag = matches!(c, '\u{e0020}'..='\u{e007f}');
        if behind_emoji && (tag || matches!(c, JOINER | EMOJI_STYLE)) {
            continue;
        }
        behind_emoji = is_emoji(c);
        if c == KEYCAP {
            let key = out.trim_end_matches(EMOJI_STYLE);
            let key = key.strip_suffix(|c: char| c.is_ascii_digit()).unwrap_or(key);
            out.truncate(key.len());
            behind_emoji = true;
        } else if !behind_emoji {
            out.push(c);
        }
    }
    out
}

/// The text without the `_` of emphasis; nothing where Markdown would draw a line.
fn without_marks(text: &str) -> String {
    let drawn = |mark: char, least: usize| text.len() >= least && text.chars().all(|c| c == mark);
    if drawn('-', 2) || drawn('_', 3) {
        return String::new();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut unclosed = SortedSet::new();
    while let Some((before, inner, after)) = emphasis(rest, &mut unclosed) {
        out.push_str(before);
        out.push_str(inner);
        rest = after;
    }
    out + rest
}

/// The first emphasis of a text: what stands before it, in it and behind it. `unclosed` are the lengths of
/// marks that nothing further on closes, so that a long heading is not searched for them again.
fn emphasis<'a>(text: &'a str, unclosed: &mut SortedSet<usize>) -> Option<(&'a str, &'a str, &'a str)> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices('_').find_map(|(at, _)| {
        let (before, opened) = text.split_at_checked(at)?;
        let inner = opened.trim_start_matches('_');
        let (mark, _) = opened.split_at_checked(opened.len() - inner.len())?;
        if before.ends_with(is_word) || unclosed.contains(&mark.len()) {
            return None;
        }
        let found = inner.match_indices(mark).find_map(|(end, _)| {
            let (inside, closed) = inner.split_at_checked(end)?;
            let after = closed.strip_prefix(mark)?;
            (!inside.is_empty() && !after.starts_with(is_word)).then_some((before, inside, after))
        });
        if found.is_none() {
            unclosed.insert(mark.len());
        }
        found
    })
}

fn is_emoji(c: char) -> bool {
    let after = EMOJI.partition_point(|(first, _)| *first <= u32::from(c));
    after.checked_sub(1).and_then(|at| EMOJI.get(at)).is_some_and(|(_, last)| u32::from(c) <= *last)
}

/// The characters that are emoji, from Unicode's emoji-data: the first and the last of each run.
#[rustfmt::skip]
const EMOJI: [(u32, u32); 148] = [
    (0xa9, 0xa9), (0xae, 0xae), (0x203c, 0x203c), (0x2049, 0x2049), (0x2122, 0x2122), (0x2139, 0x2139),
    (0x2194, 0x2199), (0x21a9, 0x21aa), (0x231a, 0x231b), (0x2328, 0x2328), (0x23cf, 0x23cf),
    (0x23e9, 0x23f3), (0x23f8, 0x23fa), (0x24c2, 0x24c2), (0x25aa, 0x25ab), (0x25b6, 0x25b6),
    (0x25c0, 0x25c0), (0x25fb, 0x25fe), (0x2600, 0x2604), (0x260e, 0x260e), (0x2611, 0x2611),
    (0x2614, 0x2615), (0x2618, 0x2618), (0x261d, 0x261d), (0x2620, 0x2620), (0x2622, 0x2623),
    (0x2626, 0x2626), (0x262a, 0x262a), (0x262e, 0x262f), (0x2638, 0x263a), (0x2640, 0x2640),
    (0x2642, 0x2642), (0x2648, 0x2653), (0x265f, 0x2660), (0x2663, 0x2663), (0x2665, 0x2666),
    (0x2668, 0x2668), (0x267b, 0x267b), (0x267e, 0x267f), (0x2692, 0x2697), (0x2699, 0x2699),
    (0x269b, 0x269c), (0x26a0, 0x26a1), (0x26a7, 0x26a7), (0x26aa, 0x26ab), (0x26b0, 0x26b1),
    (0x26bd, 0x26be), (0x26c4, 0x26c5), (0x26c8, 0x26c8), (0x26ce, 0x26cf), (0x26d1, 0x26d1),
    (0x26d3, 0x26d4), (0x26e9, 0x26ea), (0x26f0, 0x26f5), (0x26f7, 0x26fa), (0x26fd, 0x26fd),
    (0x2702, 0x2702), (0x2705, 0x2705), (0x2708, 0x270d), (0x270f, 0x270f), (0x2712, 0x2712),
    (0x2714, 0x2714), (0x2716, 0x2716), (0x271d, 0x271d), (0x2721, 0x2721), (0x2728, 0x2728),
    (0x2733, 0x2734), (0x2744, 0x2744), (0x2747, 0x2747), (0x274c, 0x274c), (0x274e, 0x274e),
    (0x2753, 0x2755), (0x2757, 0x2757), (0x2763, 0x2764), (0x2795, 0x2797), (0x27a1, 0x27a1),
    (0x27b0, 0x27b0), (0x27bf, 0x27bf), (0x2934, 0x2935), (0x2b05, 0x2b07), (0x2b1b, 0x2b1c),
    (0x2b50, 0x2b50), (0x2b55, 0x2b55), (0x3030, 0x3030), (0x303d, 0x303d), (0x3297, 0x3297),
    (0x3299, 0x3299), (0x1f004, 0x1f004), (0x1f0cf, 0x1f0cf), (0x1f170, 0x1f171), (0x1f17e, 0x1f17f),
    (0x1f18e, 0x1f18e), (0x1f191, 0x1f19a), (0x1f1e6, 0x1f1ff), (0x1f201, 0x1f202), (0x1f21a, 0x1f21a),
    (0x1f22f, 0x1f22f), (0x1f232, 0x1f23a), (0x1f250, 0x1f251), (0x1f300, 0x1f321), (0x1f324, 0x1f393),
    (0x1f396, 0x1f397), (0x1f399, 0x1f39b), (0x1f39e, 0x1f3f0), (0x1f3f3, 0x1f3f5), (0x1f3f7, 0x1f4fd),
    (0x1f4ff, 0x1f53d), (0x1f549, 0x1f54e), (0x1f550, 0x1f567), (0x1f56f, 0x1f570), (0x1f573, 0x1f57a),
    (0x1f587, 0x1f587), (0x1f58a, 0x1f58d), (0x1f590, 0x1f590), (0x1f595, 0x1f596), (0x1f5a4, 0x1f5a5),
    (0x1f5a8, 0x1f5a8), (0x1f5b1, 0x1f5b2), (0x1f5bc, 0x1f5bc), (0x1f5c2, 0x1f5c4), (0x1f5d1, 0x1f5d3),
    (0x1f5dc, 0x1f5de), (0x1f5e1, 0x1f5e1), (0x1f5e3, 0x1f5e3), (0x1f5e8, 0x1f5e8), (0x1f5ef, 0x1f5ef),
    (0x1f5f3, 0x1f5f3), (0x1f5fa, 0x1f64f), (0x1f680, 0x1f6c5), (0x1f6cb, 0x1f6d2), (0x1f6d5, 0x1f6d8),
    (0x1f6dc, 0x1f6e5), (0x1f6e9, 0x1f6e9), (0x1f6eb, 0x1f6ec), (0x1f6f0, 0x1f6f0), (0x1f6f3, 0x1f6fc),
    (0x1f7e0, 0x1f7eb), (0x1f7f0, 0x1f7f0), (0x1f90c, 0x1f93a), (0x1f93c, 0x1f945), (0x1f947, 0x1f9ff),
    (0x1fa70, 0x1fa7c), (0x1fa80, 0x1fa8a), (0x1fa8e, 0x1fac6), (0x1fac8, 0x1fac8), (0x1facd, 0x1fadc),
    (0x1fadf, 0x1faea), (0x1faef, 0x1faf8),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_are_those_of_doctoc() {
        for (heading, expected) in [
            ("v1.2.3", "v123"),
            ("Features & Enhancements", "features--enhancements"),
            ("v1.2.3 (2026-01-02)", "v123-2026-01-02"),
            ("What's `New`?", "whats-new"),
            ("🎉 New ⚠️ 1️⃣ 👷🏼\u{200d}♀️ done ✓ →", "-new----done-✓-→"),
            ("Größe — 値、新", "größe--値新"),
            ("_em_ snake_case_name __all__", "em-snake_case_name-all"),
            ("100% of 50%20x", "100-of-50x"),
            ("---", ""),
        ] {
            assert_eq!(anchor(heading), expected, "{heading}");
        }
        assert_eq!(percent_encoded("größe^"), "gr%C3%B6%C3%9Fe%5E");
    }

    #[test]
    fn a_heading_may_name_its_anchor() {
        assert_eq!(split_id("Fixes {#the-fixes}"), ("Fixes", Some("the-fixes")));
        assert_eq!(split_id("Fixes {: #x}"), ("Fixes {: #x}", None));
        assert_eq!(split_id("Fixes {x}"), ("Fixes {x}", None));
    }
}
