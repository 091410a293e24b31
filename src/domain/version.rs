use std::fmt;

pub use semver::Version;

/// Parses a strict SemVer 2.0.0 version: no leading `v`, no leading zeros, three numbers.
pub fn parse_version(text: &str) -> Option<Version> {
    Version::parse(text).ok()
}

/// The text without one leading `v`.
pub fn strip_v(text: &str) -> &str {
    text.strip_prefix('v').unwrap_or(text)
}

/// A line of releases that share `major.minor`, released from one branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MinorLine {
    /// The first number.
    pub major: u64,
    /// The second number.
    pub minor: u64,
}

impl From<&Version> for MinorLine {
    fn from(version: &Version) -> Self {
        Self { major: version.major, minor: version.minor }
    }
}

impl fmt::Display for MinorLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}
