//! Files that are none of the repository's: what the user names, wherever it lies.

use std::fs::{self, File};
use std::io::{ErrorKind, Read as _, Result};
use std::path::Path;

/// The bytes of a file of up to `limit` bytes; the error says why it can't be read. Of a larger one, be it
/// without an end, no more than that is read.
pub fn bytes(path: &Path, limit: u64) -> std::result::Result<Vec<u8>, String> {
    if path.is_dir() {
        return Err("it is a folder".to_owned());
    }
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes));
    read.map_err(|error| error.to_string())?;
    if bytes.len() as u64 > limit {
        return Err(format!("it has over {} MiB", limit >> 20));
    }
    Ok(bytes)
}

/// The same, of a text in UTF-8.
pub fn text(path: &Path, limit: u64) -> std::result::Result<String, String> {
    String::from_utf8(bytes(path, limit)?).map_err(|_| "it is not UTF-8".to_owned())
}

/// Whether a file holds just these bytes; `None` where there is none. An error is the system's.
pub fn holds(path: &Path, bytes: &[u8]) -> Result<Option<bool>> {
    match fs::metadata(path) {
        Ok(meta) if meta.is_file() && meta.len() != bytes.len() as u64 => Ok(Some(false)),
        // A folder is said to be one; of a pipe nothing is asked, which may never answer.
        Ok(meta) if meta.is_file() || meta.is_dir() => Ok(Some(fs::read(path)? == bytes)),
        Ok(_) => Ok(Some(false)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
