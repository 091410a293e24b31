//! Texts of the repository that are part of the program: the pages of the rules, the config's schema, hooks and workflows.
//! They are packed together (build.rs), since a run hardly ever needs one.

use std::io::Read as _;
use std::sync::OnceLock;

use flate2::read::ZlibDecoder;

/// Each text behind its path, and a NUL behind each.
const PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/embedded"));

/// The text of a file, by its path in the repository; empty where that is not packed.
pub fn embedded(path: &str) -> &'static str {
    static ALL: OnceLock<String> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        let mut all = String::new();
        // It can only be as it was built.
        let _ = ZlibDecoder::new(PACKED).read_to_string(&mut all);
        all
    });
    let mut parts = all.split('\0');
    while let (Some(name), Some(text)) = (parts.next(), parts.next()) {
        if name == path {
            return text;
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_text_is_what_its_file_holds() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for path in ["docs/relguard.schema.json", "docs/rules/chart/version.md", "hooks/update"] {
            assert_eq!(embedded(path), std::fs::read_to_string(root.join(path)).unwrap(), "{path}");
        }
        assert_eq!(embedded("docs"), "");
    }
}
