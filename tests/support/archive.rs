//! Archives of charts.
#![allow(dead_code, unreachable_pub, reason = "each test crate uses a part of it")]
#![allow(clippy::unwrap_used, reason = "tests fail by a panic")]

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, Header};

/// The archive of a chart that is nothing but a name and a version.
pub fn chart(name: &str, version: &str) -> Vec<u8> {
    let text = format!("apiVersion: v2\nname: {name}\nversion: {version}\nappVersion: \"{version}\"\n");
    files(&[(&format!("{name}/Chart.yaml"), &text)])
}

/// An archive of these files, their names as they are.
pub fn files(files: &[(&str, &str)]) -> Vec<u8> {
    let mut tar = Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, text) in files {
        let mut header = Header::new_ustar();
        header.as_mut_bytes().get_mut(..name.len()).unwrap().copy_from_slice(name.as_bytes());
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        tar.append(&header, text.as_bytes()).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}

/// The digest of bytes, as an entry has it.
pub fn sha256(bytes: &[u8]) -> String {
    relguard::document::hex_sha256(bytes)
}
