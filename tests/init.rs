//! `relguard init`: the config that a repository's own history asks for, and the workflows.
#![allow(clippy::indexing_slicing, clippy::string_slice, reason = "a test that fails may panic")]

#[path = "init/found.rs"]
mod found;
#[path = "init/made.rs"]
mod made;
#[path = "init/refused.rs"]
mod refused;
mod support;
#[path = "init/workflows.rs"]
mod workflows;
