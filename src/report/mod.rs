//! Reports: one file a format; a report goes in, text comes out.

mod human;
mod json;

pub use human::{Detail, Width, render as human};
pub use json::{escape_text, render as json};
