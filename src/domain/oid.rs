use std::collections::{HashMap, HashSet};
use std::fmt;
use std::hash::{BuildHasherDefault, Hash, Hasher};

use super::text::eight;

/// The id of a git object (SHA-1, 20 bytes).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Oid([u8; 20]);

/// What eight hexadecimal digits write, each of them a byte.
fn four_bytes(digits: u64) -> Option<[u8; 4]> {
    // What is no letter has this bit clear: `0` is 0x30, and `a` is 0x61.
    let letters = digits >> 6 & eight(1);
    let values = (digits & eight(15)) + letters * 9;
    // Written anew they are the same, where they are digits.
    let letters = (values + eight(6)) >> 4 & eight(1);
    if values & eight(0xf0) != 0 || values + eight(b'0') + letters * u64::from(b'a' - b'0' - 10) != digits {
        return None;
    }
    // Two digits, then four, then eight come to stand side by side.
    let pairs = (values | values >> 4) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs | pairs >> 8) & 0x0000_ffff_0000_ffff;
    let [_, _, _, _, bytes @ ..] = (fours | fours >> 16).to_be_bytes();
    Some(bytes)
}

/// Something by object id; there may be many.
pub type OidMap<V> = HashMap<Oid, V, BuildHasherDefault<OidHasher>>;

/// Object ids, each once; there may be many.
pub type OidSet = HashSet<Oid, BuildHasherDefault<OidHasher>>;

/// Takes an id as it is, which is a hash already.
#[derive(Debug, Default)]
pub struct OidHasher(u64);

impl Hasher for OidHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, id: u64) {
        self.0 = id;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

// Its first bytes tell an id.
impl Hash for Oid {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let first = self.0.first_chunk().copied().unwrap_or_default();
        state.write_u64(u64::from_ne_bytes(first));
    }
}

impl Oid {
    /// What git writes where there is no object.
    pub const ZERO: Self = Self([0; 20]);

    /// The id with these bytes.
    pub fn new(bytes: [u8; 20]) -> Self {
        Self(bytes)
    }

    /// The id that these 40 lower-case hexadecimal digits write.
    pub fn from_hex(text: &[u8]) -> Option<Self> {
        let text: &[u8; 40] = text.try_into().ok()?;
        let mut bytes = [0; 20];
        // Many are read: eight digits at once.
        for (four, eight) in bytes.as_chunks_mut().0.iter_mut().zip(text.as_chunks().0) {
            *four = four_bytes(u64::from_be_bytes(*eight))?;
        }
        Some(Self(bytes))
    }

    /// The raw bytes, as git stores them in trees and in the index.
    pub fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }

    /// The first seven hexadecimal digits, as people quote a commit.
    pub fn short(&self) -> String {
        self.to_string().chars().take(7).collect()
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digits_of_an_id() {
        let text = "0123456789abcdef9876543210fedcba00ff17a9";
        assert_eq!(Oid::from_hex(text.as_bytes()).unwrap().to_string(), text);
        for at in [0, 7, 8, 38, 39] {
            for byte in 0..=u8::MAX {
                let mut bytes: Vec<u8> = text.into();
                bytes[at] = byte;
                let is_digit = matches!(byte, b'0'..=b'9' | b'a'..=b'f');
                let read = Oid::from_hex(&bytes).map(|id| id.to_string().into_bytes());
                assert_eq!(read, Some(bytes).filter(|_| is_digit), "{byte} at {at}");
            }
        }
        assert_eq!(Oid::from_hex(&text.as_bytes()[1..]), None);
    }
}
