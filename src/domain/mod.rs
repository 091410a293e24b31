//! Pure vocabulary of the release process. Uses nothing else of the crate and does no I/O.

mod date;
mod embedded;
mod fail;
mod forge;
mod glob;
mod map;
mod oid;
pub mod order;
mod path;
pub mod range;
mod rule_ids;
mod template;
pub mod text;
mod version;

pub use date::{Date, now, timestamp};
pub use embedded::embedded;
pub use fail::Fail;
pub use forge::{Forge, Revision};
pub use glob::{Glob, GlobError};
pub use map::{SortedMap, SortedSet};
pub use oid::{Oid, OidMap, OidSet};
pub use path::{PathError, RepoPath};
pub use rule_ids::RULE_IDS;
pub use template::{Template, TemplateError};
pub use text::{Position, SourceText};
pub use version::{MinorLine, Version, parse_version, strip_v};
