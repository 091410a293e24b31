//! Names of branches and tags: which are release names, and which only look like them.

use crate::config::Config;
use crate::domain::{Glob, MinorLine, Template, Version, parse_version};

/// What a name says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning<T> {
    /// It fits the template.
    Release(T),
    /// It looks like a release's name and fits no template; the right one, where that can be told.
    Misnamed(Option<String>),
    /// It is none of a release's.
    Other,
}

/// What a branch's name says.
pub fn branch(config: &Config, name: &str) -> Meaning<MinorLine> {
    let template = &config.branches.release;
    if is_ignored(&config.branches.ignore, name) {
        return Meaning::Other;
    }
    if let Some(line) = template.line_in(name) {
        return Meaning::Release(line);
    }
    let right = |line: Option<MinorLine>| line.map(|line| template.fill_line(line));
    if let Some(version) = config.tags.release.version_in(name) {
        return Meaning::Misnamed(right(Some(MinorLine::from(&version))));
    }
    match numbers_of_release_like(template, name) {
        Some(numbers) => Meaning::Misnamed(right(first_line(numbers))),
        None => Meaning::Other,
    }
}

/// What a tag's name says.
pub fn tag(config: &Config, name: &str) -> Meaning<Version> {
    let template = &config.tags.release;
    if is_ignored_tag(config, name) {
        return Meaning::Other;
    }
    match template.version_in(name) {
        Some(version) => Meaning::Release(version),
        None if is_version_like(template, name) => {
            Meaning::Misnamed(nearest_version(name).map(|version| template.fill(&version)))
        }
        None => Meaning::Other,
    }
}

/// The first numbers of a name that is not strict SemVer, for telling whether it is of an older release.
pub fn leading_numbers(name: &str) -> Option<Version> {
    let digits = name.find(|c: char| c.is_ascii_digit())?;
    let text = name.get(digits..)?;
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let mut numbers = text.get(..end)?.split('.').map(|number| number.parse().unwrap_or(0));
    let mut next = || numbers.next().unwrap_or(0);
    Some(Version::new(next(), next(), next()))
}

/// Whether the config says of a tag's name that it only looks like a release's.
pub fn is_ignored_tag(config: &Config, name: &str) -> bool {
    is_ignored(&config.tags.ignore, name)
}

fn is_ignored(globs: &[Glob], name: &str) -> bool {
    globs.iter().any(|glob| glob.matches(name))
}

/// The part with the numbers of a name that is the template's leading letters in any case, then any run of
/// `-_/.`, an optional `v`, and numbers to the end.
fn numbers_of_release_like<'a>(template: &Template, name: &'a str) -> Option<&'a str> {
    let prefix = template.literal_prefix();
    let letters =
        prefix.find(|c: char| !c.is_alphabetic()).map_or(prefix, |end| prefix.get(..end).unwrap_or(prefix));
    let head = name.get(..letters.len()).filter(|head| head.eq_ignore_ascii_case(letters))?;
    let rest = name.strip_prefix(head)?.trim_start_matches(['-', '_', '/', '.']);
    let numbers = rest.strip_prefix('v').unwrap_or(rest);
    let mut parts = numbers.split(['.', '_', '-']);
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_place =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'x');
    (parts.next().is_some_and(is_number) && parts.all(is_place)).then_some(numbers)
}

/// The minor line of `1.2`, `1.2.3` or `1_2`; `None` where there is no second number.
fn first_line(numbers: &str) -> Option<MinorLine> {
    let mut parts = numbers.split(['.', '_', '-']).map(str::parse);
    match (parts.next(), parts.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => Some(MinorLine { major, minor }),
        _ => None,
    }
}

/// Whether a name holds two numbers with a dot between, or starts as a tag of the template does.
fn is_version_like(template: &Template, name: &str) -> bool {
    let dotted = name
        .as_bytes()
        .windows(3)
        .any(|three| matches!(three, [a, b'.', b] if a.is_ascii_digit() && b.is_ascii_digit()));
    let rest = name.strip_prefix(template.literal_prefix());
    dotted || rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// The version that a name most likely means: `1.2.3` or `V1.2.3`, and `v1.2` as 1.2.0.
fn nearest_version(name: &str) -> Option<Version> {
    let last = name.rsplit_once('/').map_or(name, |(_, last)| last);
    let text = last.strip_prefix(['v', 'V']).unwrap_or(last);
    let text = text.strip_prefix(['.', '-', '_']).unwrap_or(text);
    parse_version(text).or_else(|| parse_version(&format!("{text}.0")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        Config::built_in().unwrap()
    }

    fn misnamed<T>(right: &str) -> Meaning<T> {
        Meaning::Misnamed(Some(right.to_owned()).filter(|right| !right.is_empty()))
    }

    #[test]
    fn release_like_branches() {
        let line = MinorLine { major: 1, minor: 2 };
        assert_eq!(branch(&config(), "release-1.2"), Meaning::Release(line));
        for name in [
            "release-1.2.3",
            "release/1.2",
            "release-v1.2",
            "Release_1-2",
            "release1.2",
            "release-1.2.x",
            "v1.2.3",
        ] {
            assert_eq!(branch(&config(), name), misnamed("release-1.2"), "{name}");
        }
        for name in ["release-1", "release/v3", "release-01.2.3.4.5"] {
            assert!(matches!(branch(&config(), name), Meaning::Misnamed(_)), "{name}");
        }
        for name in [
            "release-1.10-cherry-pick",
            "release-notes",
            "release-",
            "release-x.y",
            "pre-release-1.2",
            "releases-1.2",
            "v1.2",
            "1.2",
        ] {
            assert_eq!(branch(&config(), name), Meaning::Other, "{name}");
        }
    }

    #[test]
    fn version_like_tags() {
        let version = Version::parse("1.2.3-rc.1").unwrap();
        assert_eq!(tag(&config(), "v1.2.3-rc.1"), Meaning::Release(version));
        for (name, right) in [
            ("1.2.3", "v1.2.3"),
            ("v1.2", "v1.2.0"),
            ("v1.2.3.4", ""),
            ("V1.2.3", "v1.2.3"),
            ("v3", ""),
            ("api/v1.2.3", "v1.2.3"),
            ("hami-2.3", ""),
            ("v1.2.3\u{200b}", ""),
        ] {
            assert_eq!(tag(&config(), name), misnamed(right), "{name}");
        }
        for name in ["latest", "v", "vx1", "nightly-20260101", "1"] {
            assert_eq!(tag(&config(), name), Meaning::Other, "{name}");
        }
    }

    #[test]
    fn leading_numbers_tell_the_age() {
        for (name, version) in
            [("v1.0.0.9", "1.0.0"), ("hami-2.3", "2.3.0"), ("v3", "3.0.0"), ("v1.2.3-rc.1", "1.2.3")]
        {
            assert_eq!(leading_numbers(name), parse_version(version), "{name}");
        }
        assert_eq!(leading_numbers("latest"), None);
    }
}
