//! Reports: one file a format; a report goes in, text comes out.

mod human;
mod json;

pub use human::{Width, render as human};
pub use json::{escape_text, render as json};
