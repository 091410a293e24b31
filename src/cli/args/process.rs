//! The options of the process's steps.

use std::path::PathBuf;

use clap::Args;

// What every step takes.
#[derive(Debug, Args)]
pub(in crate::cli) struct StepArgs {
    /// Print what would be done, and do nothing
    #[arg(long)]
    pub(in crate::cli) dry_run: bool,
}

// The version to go to.
#[derive(Debug, Args)]
pub(in crate::cli) struct BumpArgs {
    /// The version, or which number rises: major, minor, patch, rc, final
    #[arg(value_name = "VERSION|major|minor|patch|rc|final")]
    pub(in crate::cli) to: String,
    /// Commit what was changed
    #[arg(long)]
    pub(in crate::cli) commit: bool,
    #[command(flatten)]
    pub(in crate::cli) step: StepArgs,
}

// The section to write.
#[derive(Debug, Args)]
pub(in crate::cli) struct ChangelogArgs {
    /// The release [default: the chart's version]
    #[arg(id = "release", value_name = "VERSION")]
    pub(in crate::cli) version: Option<String>,
    /// Where its changes begin [default: the release before it]
    #[arg(long, value_name = "REV")]
    pub(in crate::cli) from: Option<String>,
    /// Write the section anew; what stands in it is lost
    #[arg(long)]
    pub(in crate::cli) replace: bool,
    /// The form of the section, as a minijinja template
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) template: Option<PathBuf>,
    /// Print the section, and write nothing
    #[arg(long)]
    pub(in crate::cli) stdout: bool,
    #[command(flatten)]
    pub(in crate::cli) step: StepArgs,
}

// The line to cut.
#[derive(Debug, Args)]
pub(in crate::cli) struct BranchArgs {
    /// The minor line, as in 1.2 [default: that of the chart's version on the default branch]
    #[arg(value_name = "X.Y")]
    pub(in crate::cli) line: Option<String>,
    /// Push it
    #[arg(long)]
    pub(in crate::cli) push: bool,
    #[command(flatten)]
    pub(in crate::cli) step: StepArgs,
}

// The release to tag.
#[derive(Debug, Args)]
pub(in crate::cli) struct TagArgs {
    /// The release [default: the chart's version]
    #[arg(id = "release", value_name = "VERSION")]
    pub(in crate::cli) version: Option<String>,
    /// Push it
    #[arg(long)]
    pub(in crate::cli) push: bool,
    /// Sign it [default: as git's `tag.gpgSign` and the config's `tags.signed` say]
    #[arg(long, conflicts_with = "no_sign")]
    pub(in crate::cli) sign: bool,
    /// Do not sign it
    #[arg(long)]
    pub(in crate::cli) no_sign: bool,
    #[command(flatten)]
    pub(in crate::cli) step: StepArgs,
}

// The release to describe.
#[derive(Debug, Args)]
pub(in crate::cli) struct NotesArgs {
    /// The release [default: the chart's version]
    #[arg(id = "release", value_name = "VERSION")]
    pub(in crate::cli) version: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) step: StepArgs,
}

// What to package.
#[derive(Debug, Args)]
pub(in crate::cli) struct PackageArgs {
    /// The tag, branch or commit [default: the commit checked out]
    #[arg(long = "ref", value_name = "REF")]
    pub(in crate::cli) rev: Option<String>,
    /// The folder to write to
    #[arg(short, long, value_name = "DIR", default_value = ".")]
    pub(in crate::cli) destination: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) step: StepArgs,
}

// What to publish, and where.
#[derive(Debug, Args)]
pub(in crate::cli) struct PublishArgs {
    /// The charts' archives
    #[arg(value_name = "ARCHIVE", required = true)]
    pub(in crate::cli) archives: Vec<PathBuf>,
    /// What the entries' URLs start with [default: `index.url` of the config]
    #[arg(long, value_name = "BASE")]
    pub(in crate::cli) url: Option<String>,
    /// The repository that holds the chart index [default: this one]
    #[arg(long, value_name = "PATH-OR-URL")]
    pub(in crate::cli) repo: Option<String>,
    /// Push the chart index's branch
    #[arg(long)]
    pub(in crate::cli) push: bool,
    #[command(flatten)]
    pub(in crate::cli) step: StepArgs,
}

// The release to carry out.
#[derive(Debug, Args)]
pub(in crate::cli) struct ReleaseArgs {
    /// The release [default: the chart's version]
    #[arg(id = "release", value_name = "VERSION")]
    pub(in crate::cli) version: Option<String>,
    /// Do what can be done, up to the next step that needs a person
    #[arg(long)]
    pub(in crate::cli) run: bool,
    #[command(flatten)]
    pub(in crate::cli) step: StepArgs,
}
