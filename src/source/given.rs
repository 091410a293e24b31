//! Files that the command line names, wherever they lie.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// The bytes of a file of up to `limit` bytes; the error says why it can't be read. Of a larger one, be it
/// without an end, no more than that is read.
pub fn given(path: &Path, limit: u64) -> Result<Vec<u8>, String> {
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
