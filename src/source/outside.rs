//! Files that are none of the repository's: what the user names.

use std::fs;
use std::io::{ErrorKind, Result};
use std::path::Path;

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
