//! The gate on a server: real pushes over the network to a bare repository with the hook, by a client that has
//! none. Whatever is refused must leave every ref as it was.
#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests make the repositories that they judge by, and fail by a panic"
)]

#[path = "support/archive.rs"]
mod archive;
#[path = "gate/attacks.rs"]
mod attacks;
#[path = "gate/bad_input.rs"]
mod bad_input;
#[path = "gate/configs.rs"]
mod configs;
#[path = "gate/honest.rs"]
mod honest;
#[path = "gate/index.rs"]
mod index;
#[path = "gate/push.rs"]
mod push;
#[path = "gate/server.rs"]
mod server;
mod support;
