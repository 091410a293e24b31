//! Updates of refs, as git tells hooks of them.

use crate::domain::{Fail, Oid};

/// A ref that is created, moved or deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefUpdate {
    /// The full name on the side that receives it. Bytes that are no UTF-8 are U+FFFD.
    pub name: String,
    /// What it named before; `None` where it is created.
    pub old: Option<Oid>,
    /// What it will name; `None` where it is deleted.
    pub new: Option<Oid>,
}

impl RefUpdate {
    /// Reads what git writes to `pre-push`: `LOCAL-REF LOCAL-ID REMOTE-REF REMOTE-ID` a line.
    pub fn read_push(input: &[u8]) -> Result<Vec<Self>, Fail> {
        read(input, "pre-push", |[_, new, name, old]| Self::new(name, old, new))
    }

    /// Reads what git writes to `pre-receive`: `OLD-ID NEW-ID REF` a line.
    pub fn read_receive(input: &[u8]) -> Result<Vec<Self>, Fail> {
        read(input, "pre-receive", |[old, new, name]| Self::new(name, old, new))
    }

    /// An update from its parts, ids in hexadecimal digits; `None` where they are no full name and no ids.
    pub fn new(name: &[u8], old: &[u8], new: &[u8]) -> Option<Self> {
        let id = |text: &[u8]| Some(Some(Oid::from_hex(text)?).filter(|id| *id != Oid::ZERO));
        let name = String::from_utf8_lossy(name).into_owned();
        let (old, new) = (id(old)?, id(new)?);
        (name.starts_with("refs/") && (old.is_some() || new.is_some())).then_some(Self { name, old, new })
    }
}

/// Reads one update from each line of `N` words.
fn read<const N: usize>(
    input: &[u8],
    hook: &str,
    update: impl Fn([&[u8]; N]) -> Option<RefUpdate>,
) -> Result<Vec<RefUpdate>, Fail> {
    let text = input.strip_suffix(b"\n").unwrap_or(input);
    let lines = text.split(|byte| *byte == b'\n').filter(|_| !input.is_empty());
    lines
        .zip(1..)
        .map(|(line, number)| {
            // The words before a name hold no space, and neither does a name that git takes.
            let words: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
            words.try_into().ok().and_then(&update).ok_or_else(|| {
                Fail::new(format!(
                    "line {number} of the standard input is no update of a ref as git writes it to {hook}"
                ))
                .help(format!("`relguard hook {hook}` is for git to call: relguard install"))
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_an_update() {
        let (a, zero) = ("a".repeat(40), "0".repeat(40));
        let input = format!("refs/heads/x {a} refs/heads/y {zero}\n(delete) {zero} refs/tags/v1 {a}\n");
        let updates = RefUpdate::read_push(input.as_bytes()).unwrap();
        let id = Oid::from_hex(a.as_bytes());
        assert_eq!(updates[0], RefUpdate { name: "refs/heads/y".into(), old: None, new: id });
        assert_eq!(updates[1], RefUpdate { name: "refs/tags/v1".into(), old: id, new: None });
        assert_eq!(RefUpdate::read_push(b"").unwrap(), []);
        let bad =
            ["x", "\n", &format!("{a} {a} heads/x"), &format!("{zero} {zero} refs/heads/x"), "a b refs/c"];
        for bad in bad {
            assert!(RefUpdate::read_receive(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
