use std::fmt;

/// The id of a git object (SHA-1, 20 bytes).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Oid([u8; 20]);

/// What each byte is worth as a hexadecimal digit: ids are read by the thousand.
#[expect(clippy::indexing_slicing, reason = "it is computed while this is compiled")]
static DIGITS: [u8; 256] = {
    let mut digits = [NO_DIGIT; 256];
    let mut value = 0;
    while value < 16 {
        digits[b"0123456789abcdef"[value as usize] as usize] = value;
        value += 1;
    }
    digits
};

const NO_DIGIT: u8 = u8::MAX;

impl Oid {
    /// What git writes where there is no object.
    pub const ZERO: Self = Self([0; 20]);

    /// The id with these bytes.
    pub fn new(bytes: [u8; 20]) -> Self {
        Self(bytes)
    }

    /// The id that these 40 lower-case hexadecimal digits write.
    pub fn from_hex(text: &[u8]) -> Option<Self> {
        let digit = |byte: u8| DIGITS.get(usize::from(byte)).copied().unwrap_or(NO_DIGIT);
        let text: &[u8; 40] = text.try_into().ok()?;
        let mut bytes = [0; 20];
        let mut highest = 0;
        // Many are read, so no digit is looked at twice.
        for (byte, [high, low]) in bytes.iter_mut().zip(text.as_chunks().0) {
            let (high, low) = (digit(*high), digit(*low));
            highest = highest.max(high).max(low);
            *byte = high << 4 | low;
        }
        (highest < 16).then_some(Self(bytes))
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
