//! The versions of dependencies and the ranges that ask for them, as Helm reads both: with its own syntax,
//! looser than SemVer's. Where Helm 3 and Helm 4 differ, the stricter one counts.

use std::cmp::Ordering;

use semver::{BuildMetadata, Prerelease};

use super::Version;

/// A version as Helm takes it: `v1`, `1.2`, `1.2.3-rc.1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LooseVersion(Version);

/// A range: `^1.2`, `>=1.0, <2.0 || 3.x`.
#[derive(Debug, Clone)]
pub struct VersionRange(Vec<Vec<Bound>>);

/// One condition of a range.
#[derive(Debug, Clone)]
struct Bound {
    operator: Operator,
    version: Version,
    /// How many of the three numbers are given, neither left out nor a wildcard.
    given: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Is,
    Not,
    Above,
    Below,
    From,
    UpTo,
    Tilde,
    Caret,
}

/// The longer ones before those that they begin with.
const OPERATORS: [(&str, Operator); 12] = [
    ("!=", Operator::Not),
    (">=", Operator::From),
    ("=>", Operator::From),
    ("<=", Operator::UpTo),
    ("=<", Operator::UpTo),
    ("~>", Operator::Tilde),
    ("=", Operator::Is),
    (">", Operator::Above),
    ("<", Operator::Below),
    ("~", Operator::Tilde),
    ("^", Operator::Caret),
    ("", Operator::Is),
];

impl LooseVersion {
    /// Reads a version; `None` where Helm refuses it.
    pub fn parse(text: &str) -> Option<Self> {
        let (version, given) = parse(text)?;
        let numbers = text.split(['-', '+']).next().unwrap_or_default().split('.').count();
        (given == numbers).then_some(Self(version))
    }
}

impl VersionRange {
    /// Reads a range; `None` where Helm refuses it, as it does an empty one.
    pub fn parse(text: &str) -> Option<Self> {
        text.split("||").map(all_of).collect::<Option<_>>().map(Self)
    }

    /// Whether a version is in the range. A prerelease is only where each condition names one.
    pub fn contains(&self, version: &LooseVersion) -> bool {
        self.0.iter().any(|all| all.iter().all(|bound| bound.holds(&version.0)))
    }
}

/// The conditions between two `||`, separated by spaces or commas; `1.2 - 1.4` is a pair of them.
fn all_of(text: &str) -> Option<Vec<Bound>> {
    let words: Vec<&str> = text.split([' ', '\t', ',']).filter(|word| !word.is_empty()).collect();
    let mut bounds = Vec::new();
    let mut rest = words.as_slice();
    while let [word, more @ ..] = rest {
        rest = more;
        if let ["-", upper, more @ ..] = rest {
            bounds.push(Bound::parse(Operator::From, word)?);
            bounds.push(Bound::parse(Operator::UpTo, upper)?);
            rest = more;
            continue;
        }
        let (written, operator) = OPERATORS.iter().find(|(written, _)| word.starts_with(written))?;
        let version = match (word.strip_prefix(written)?, rest) {
            // A space may stand behind the operator.
            ("", [version, more @ ..]) => {
                rest = more;
                version
            }
            (version, _) => version,
        };
        bounds.push(Bound::parse(*operator, version)?);
    }
    (!bounds.is_empty()).then_some(bounds)
}

/// A version that may have wildcards or less than three numbers, and how many are given.
fn parse(text: &str) -> Option<(Version, usize)> {
    let text = text.strip_prefix('v').unwrap_or(text);
    let (text, build) = text.split_once('+').map_or((text, None), |(text, build)| (text, Some(build)));
    let (numbers, prerelease) =
        text.split_once('-').map_or((text, None), |(text, prerelease)| (text, Some(prerelease)));
    let mut version = Version::new(0, 0, 0);
    let mut given = None;
    for (index, number) in numbers.split('.').enumerate() {
        let place = match index {
            0 => &mut version.major,
            1 => &mut version.minor,
            2 => &mut version.patch,
            _ => return None,
        };
        if matches!(number, "x" | "X" | "*") {
            given = given.or(Some(index));
        } else if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        } else if given.is_none() {
            *place = number.parse().ok()?;
        }
    }
    let given = given.unwrap_or_else(|| numbers.split('.').count());
    version.pre = prerelease.map_or(Some(Prerelease::EMPTY), |text| Prerelease::new(text).ok())?;
    version.build = build.map_or(Some(BuildMetadata::EMPTY), |text| BuildMetadata::new(text).ok())?;
    Some((version, given))
}

impl Bound {
    fn parse(operator: Operator, text: &str) -> Option<Self> {
        parse(text).map(|(version, given)| Self { operator, version, given })
    }

    fn holds(&self, version: &Version) -> bool {
        if !version.pre.is_empty() && self.version.pre.is_empty() {
            return false;
        }
        let order = version.cmp_precedence(&self.version);
        let (bound, whole) = (&self.version, self.given == 3);
        let (major, minor) = (version.major.cmp(&bound.major), version.minor.cmp(&bound.minor));
        match self.operator {
            Operator::Is if whole => order == Ordering::Equal,
            Operator::Is | Operator::Tilde => self.tilde(version, order),
            Operator::Not => match self.given {
                1 => major.is_ne(),
                2 if major.is_eq() && minor.is_eq() => version.pre != bound.pre,
                2 => true,
                _ => order.is_ne(),
            },
            Operator::Above => match (major, self.given) {
                (Ordering::Equal, 1) => false,
                (Ordering::Equal, 2) => minor.is_gt(),
                (Ordering::Equal, _) => order.is_gt(),
                (major, _) => major.is_gt(),
            },
            Operator::Below => order.is_lt(),
            Operator::From => order.is_ge(),
            Operator::UpTo if whole => order.is_le(),
            Operator::UpTo => major.is_lt() || (major.is_eq() && (self.given == 1 || minor.is_le())),
            Operator::Caret => self.caret(version, order),
        }
    }

    fn tilde(&self, version: &Version, order: Ordering) -> bool {
        let bound = &self.version;
        let anything = (bound.major, bound.minor, bound.patch) == (0, 0, 0) && matches!(self.given, 0 | 3);
        let same = version.major == bound.major && (self.given == 1 || version.minor == bound.minor);
        order.is_ge() && (anything || same)
    }

    fn caret(&self, version: &Version, order: Ordering) -> bool {
        let bound = &self.version;
        if order.is_lt() || version.major != bound.major {
            return false;
        }
        if bound.major > 0 || self.given == 1 {
            return true;
        }
        if bound.minor > 0 || self.given == 2 {
            return version.minor == bound.minor;
        }
        version.minor == 0 && version.patch == bound.patch
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_holds_what_helm_takes_for_it() {
        let table = include_str!("../../tests/data/package/ranges.tsv");
        let (versions, rows) = table.split_once('\n').unwrap();
        let versions: Vec<&str> = versions.rsplit(", of ").next().unwrap().split(' ').collect();
        assert_eq!((versions.len(), rows.lines().count()), (14, 59));
        for row in rows.lines() {
            let (range, expected) = row.split_once('\t').unwrap();
            let parsed = VersionRange::parse(range);
            let holds = |version: &&&str| {
                let version = LooseVersion::parse(version).unwrap();
                parsed.as_ref().is_some_and(|range| range.contains(&version))
            };
            let found: Vec<&str> = versions.iter().filter(holds).copied().collect();
            assert_eq!(found.join(" "), expected, "`{range}`");
        }
    }

    #[test]
    fn a_version_has_no_wildcard() {
        for good in ["1", "v1.2", "1.2.3", "1.2.3-rc.1+x", "1-x"] {
            assert!(LooseVersion::parse(good).is_some(), "{good}");
        }
        for bad in ["", "v", "1.x", "*", "1.2.3.4", "a", "1..2", "-1"] {
            assert!(LooseVersion::parse(bad).is_none(), "{bad}");
        }
    }
}
