//! The options of `init`.

use clap::{Args, ValueEnum};

use super::StepArgs;

// What is written.
#[derive(Debug, Args)]
pub(in crate::cli) struct InitArgs {
    /// Write the workflows of the release process as well, for this forge
    #[arg(long, value_name = "FORGE")]
    pub(in crate::cli) workflows: Option<Forge>,
    #[command(flatten)]
    pub(in crate::cli) step: StepArgs,
}

/// A forge whose workflows can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Forge {
    /// .github/workflows/relguard-*.yml
    Github,
}
