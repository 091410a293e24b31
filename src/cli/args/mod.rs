mod init;
mod process;

use std::ffi::OsString;
use std::mem::ManuallyDrop;
use std::path::PathBuf;

use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::hook::HookName;

pub(super) use init::*;
pub(super) use process::*;

/// The release gate for Helm-chart projects.
///
/// relguard checks that a project follows its release process (one version in Chart.yaml, values and
/// other files; a changelog section for it), mends what is safe to mend, and guards every commit and push.
#[derive(Debug, Parser)]
#[command(name = "relguard", version, propagate_version = true, after_help = AFTER_HELP)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) common: Common,
    #[command(subcommand)]
    pub(super) command: Command,
}

const AFTER_HELP: &str = "\
Exit status: 0 nothing at error level, 1 at least one error, 2 it could not judge.

Examples:
  relguard check                    judge the files on disk
  relguard check --rev v1.2.0       judge the files of a commit
  relguard fix --diff               show what `relguard fix` would change
  relguard status                   show where each release line stands
  relguard ci                       judge what a CI run is about
  relguard install                  guard the commits and pushes of this clone
  relguard release                  show where the coming release stands, and what is next
  relguard doctor                   tell what is unguarded here
  relguard explain chart/version    read about a rule";

/// Options of every command.
#[derive(Debug, Args)]
pub(super) struct Common {
    /// Run as if started in this folder
    #[arg(short = 'C', value_name = "DIR", global = true)]
    pub(super) dir: Option<PathBuf>,
    /// Judge by this config instead of the project's own
    #[arg(long, value_name = "FILE", global = true)]
    pub(super) config: Option<PathBuf>,
    /// How to print what was found
    #[arg(long, value_name = "FORMAT", default_value = "human", global = true)]
    pub(super) format: Format,
    /// Write the report to a file instead of standard output
    #[arg(long, value_name = "FILE", global = true)]
    pub(super) output: Option<PathBuf>,
    /// Count warnings as errors
    #[arg(long, global = true)]
    pub(super) strict: bool,
    /// When to use colours
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    pub(super) color: Color,
    /// Print nothing but findings
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Say more about what is done
    #[arg(short, long, global = true)]
    pub(super) verbose: bool,
    /// Show no progress
    #[arg(long, global = true)]
    pub(super) no_progress: bool,
}

/// A format of reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people: excerpts of the files
    Human,
    /// For programs: stable, see docs/json.md
    Json,
    /// For GitHub Actions: annotations in the change
    Github,
    /// For a job's summary: tables
    Markdown,
    /// For code scanning: SARIF 2.1.0
    Sarif,
    /// For test reports: JUnit XML
    Junit,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

// Each command's options are made when it is called: a hook pays for its own alone. What a doc comment says of
// a struct of options would then stand in place of what the command says of itself.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(super) enum Command {
    /// Judge one state of the project
    #[command(after_help = "\
Examples:
  relguard check                     the files on disk, compared with HEAD
  relguard check --staged            exactly what `git commit` would record
  relguard check --rev v1.2.0        the files of a commit
  relguard check --ref release-1.2   a branch: its files, its name, where it was cut
  relguard check --ref v1.2.0        a tag: its files, its name, the branch that it is on
  relguard check --against main      compare with another commit
  relguard check --format json       for programs")]
    Check(CheckArgs),
    /// Judge the whole history: the default branch, every release branch, every version tag
    #[command(after_help = "\
Examples:
  relguard audit                     everything that was ever released
  relguard audit --since v2.4.0      that release and what came after it
  relguard -C project.git audit      a bare repository")]
    Audit(AuditArgs),
    /// Show where each minor line stands, and the next step of its release
    #[command(after_help = "\
The first row is the default branch's, for the coming line; then each line with a release branch or a tag.

Examples:
  relguard status                    a table
  relguard status --format json      for programs, see docs/json.md
  relguard -C project.git status     a bare repository")]
    Status,
    /// Judge what this CI run is about: a push, a pull request, a tag, a release
    #[command(after_help = "\
The environment says what that is: GitHub Actions, those of Gitea and Forgejo, GitLab CI. The clone needs
the whole history and all tags (fetch-depth: 0; GIT_DEPTH: 0). docs/ci.md has whole workflows.

Examples:
  relguard ci                                     in a job of a CI that it knows
  relguard ci --format github                     with annotations, and a summary of the job
  relguard ci --ref release-1.2                   elsewhere: a branch or a tag as it stands
  relguard ci --ref release-1.2 --base OLD        what its new commits bring
  relguard ci --ref HEAD --base release-1.2       a change that is to go onto that branch")]
    Ci(CiArgs),
    /// Mend what is safe to mend, then check again
    #[command(after_help = "\
Examples:
  relguard fix                       mend the files on disk
  relguard fix --diff                show what would change, write nothing
  relguard fix --staged              mend what is staged; what is not staged stays so
  relguard fix --unsafe              also apply fixes that may pick the wrong one of two answers")]
    Fix(FixArgs),
    /// Write a config that fits this repository, from what its release history shows
    #[command(after_help = "\
Each line of the config says what it was found by. Nothing is asked but this repository.

Examples:
  relguard init                      write .relguard.yaml
  relguard init --dry-run            print it, and write nothing
  relguard init --dry-run --quiet    print nothing else: compare with `| diff .relguard.yaml -`
  relguard init --workflows github   write .github/workflows/relguard-*.yml as well")]
    Init(InitArgs),
    /// Set the next version in the charts and in everything that carries it
    #[command(after_help = "\
major, minor and patch of a prerelease are the release that it is for, where that is of their kind:
patch of 1.1.0-rc.1 is 1.1.0. rc goes from -rc.N to -rc.N+1, final drops the prerelease.

Examples:
  relguard bump patch                1.1.0 to 1.1.1
  relguard bump 1.2.0-rc.1           begin the candidates of 1.2.0
  relguard bump rc                   1.2.0-rc.1 to 1.2.0-rc.2
  relguard bump final --commit       1.2.0-rc.2 to 1.2.0, committed
  relguard bump minor --dry-run      show what would change")]
    Bump(BumpArgs),
    /// Cut a release branch from the default branch, as it is published
    #[command(after_help = "\
The default branch has to carry the line's version, its values and its changelog: every rule is asked first.

Examples:
  relguard branch --dry-run          what would be cut, and from which commit
  relguard branch --push             the line of the chart's version there, pushed
  relguard branch 1.2                that line, here only")]
    Branch(BranchArgs),
    /// Tag a release at the published tip of its release branch
    #[command(after_help = "\
The tag is annotated, made by git, and signed with the user's key where git or the config asks for it.
Every rule on tags and on the files of the commit is asked first; the remote is asked what it has.

Examples:
  relguard tag --dry-run             what would be tagged, and where
  relguard tag --push                the chart's version, pushed: that starts the release's pipeline
  relguard tag 1.2.3 --sign          that release, signed, here only")]
    Tag(TagArgs),
    /// Write a release's section of the changelog, from the commits that it brings
    #[command(after_help = "\
The section is written in the project's form into the changelog of its minor line. What stands in it
stays: only what it does not tell yet is added. docs/changelog.md says how entries are found, and what
a template knows.

Examples:
  relguard changelog                       the section of the chart's version
  relguard changelog 1.2.0 --dry-run       show what would change, as a unified diff
  relguard changelog 1.1.0 --stdout        print the section of a release, write nothing
  relguard changelog --from v1.1.0         since another release
  relguard changelog --replace             write the section anew
  relguard changelog --template FILE       in another form")]
    Changelog(ChangelogArgs),
    /// Print a release's description: its section, how to install it, its images
    #[command(after_help = "\
From the release's tag where that is made, else from the files on disk. Refused where the changelog has no
section for it, or one that says nothing.

Examples:
  relguard notes                           of the chart's version
  relguard notes 1.2.0                     of a release
  relguard notes 1.2.0 --output notes.md   for `gh release create v1.2.0 --notes-file notes.md`
  relguard notes --format json             for programs: {\"notes\": \"...\"}")]
    Notes(NotesArgs),
    /// Show where a release stands, or carry it out up to the next step that needs a person
    #[command(after_help = "\
The steps are found from the repository and its remote each time, so that a run goes on where the last one
ended, whatever ended it: the version and the changelog on a branch of their own, their merge (a person's),
the release branch, the tag, the chart index. With --dry-run each step is planned on what the ones before it
would leave, and all that --run would do is shown. --run plans the same first, and publishes nothing where a
later step would be refused, or git can't sign what it has to; where that is the chart index alone it says so
and goes on, as a pipeline may publish the charts.

Examples:
  relguard release                   where the release of the chart's version stands
  relguard release 1.2.0 --run       begin it, or go on with it
  relguard release 1.1.4 --run       a z release of an older line; the default branch stays as it is
  relguard release --run --dry-run   all that this would do, up to the next merge")]
    Release(ReleaseArgs),
    /// Package the charts of a tag, a branch or a commit
    #[command(after_help = "\
The archive is what `helm package` makes of the commit's files, but the same bytes every time, whoever makes
it and wherever: times are the commit's. The chart's rules are asked first. A dependency has to lie in charts/,
or in this repository where its repository is file://; else `helm dependency build` has to have put it into the
working tree's charts/, in the version that the commit's Chart.lock has. NAME-VERSION.tgz.sha256 is written beside
the archive; an archive that is there with other bytes is not overwritten.

A line is printed for each, as sha256sum has them: the checksum, two spaces, the path.

Examples:
  relguard package --ref v1.2.0 -d dist    the release's charts, into dist/
  relguard package --dry-run               what the commit checked out would make
  relguard package -d dist | sha256sum --check")]
    Package(PackageArgs),
    /// Add charts' archives to the chart index, as one commit on its branch
    #[command(after_help = "\
The commit is made without a checkout: the archives go to `index.archives` on the branch `index.branch`,
their entries into `index.path`, and no other entry changes. What is there already is left alone; another
archive of a published version is refused.

For --repo over https a token is taken from RELGUARD_TOKEN, for GitHub also from GH_TOKEN or
GITHUB_TOKEN; without one git asks its credential helpers.

Examples:
  relguard publish demo-1.2.0.tgz --dry-run     what would be published, and where
  relguard publish demo-1.2.0.tgz --push        on this project's branch, pushed
  relguard publish *.tgz --repo https://github.com/example/charts --url https://example.github.io/charts")]
    Publish(PublishArgs),
    /// What an installed git hook calls
    #[command(after_help = "\
Examples:
  relguard hook pre-commit           judge what is about to be committed
  relguard hook pre-commit --fix     mend it first
  relguard hook pre-push origin URL  judge the refs that git names on the standard input
  relguard hook pre-receive          the same on the server that they are pushed to
  relguard hook update REF OLD NEW   one of them")]
    Hook(HookArgs),
    /// Put the git hooks in: into a clone, or into the bare repository that others push to
    #[command(after_help = "\
In a clone: pre-commit, pre-merge-commit and pre-push. In a bare repository: pre-receive, in
the folder that Gitea, Forgejo or GitLab run, where there is one. A hook that is there is kept
beside it and called first, with its arguments and its input; its refusal stands. Doing it
twice changes nothing.

Examples:
  relguard install                          guard the commits and pushes of this clone
  relguard -C /srv/git/app.git install      guard what is pushed to a server's repository
  relguard doctor                           see what is guarded now")]
    Install,
    /// Take the git hooks out, and put back what was there before
    Uninstall,
    /// Tell what is unguarded here, and why
    #[command(after_help = "\
Exit status: 0 no hole, 1 a hole (with --strict also a warning), 2 it could not look.

Examples:
  relguard doctor                           who runs at each hook, and what passes unseen
  relguard -C /srv/git/app.git doctor       a server's repository
  relguard doctor --format json             for programs, see docs/hooks.md")]
    Doctor,
    /// List the rules
    Rules,
    /// Print a rule's page
    #[command(after_help = "Example:\n  relguard explain chart/app-version")]
    Explain {
        /// The rule's id, such as chart/app-version
        rule: String,
    },
    /// Print the JSON Schema of .relguard.yaml
    Schema,
    /// Print a shell's completions
    #[command(
        after_help = "Example:\n  relguard completions bash > ~/.local/share/bash-completion/completions/relguard"
    )]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print a man page, or write all of them
    #[command(
        after_help = "Examples:\n  relguard man | man -l -\n  relguard man check\n  relguard man --dir ~/.local/share/man/man1"
    )]
    Man {
        /// The command; without it relguard's own page
        command: Option<String>,
        /// Write all pages into this folder
        #[arg(id = "into", long = "dir", value_name = "DIR")]
        dir: Option<PathBuf>,
    },
}

// Which state to judge.
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// The files on disk (default)
    #[arg(long, group = "state")]
    pub(super) worktree: bool,
    /// What `git commit` would record
    #[arg(long, group = "state")]
    pub(super) staged: bool,
    /// The files of a commit
    #[arg(long, value_name = "REV", group = "state")]
    pub(super) rev: Option<String>,
    /// The commit of a branch or tag, and the rules on branches and tags
    #[arg(long = "ref", value_name = "REFNAME", group = "state")]
    pub(super) ref_name: Option<String>,
    /// Compare with this commit [default: HEAD; with --rev and --ref: none]
    #[arg(long, value_name = "REV")]
    pub(super) against: Option<String>,
    /// Mend first, as `relguard fix` does
    #[arg(long, conflicts_with_all = ["rev", "ref_name"])]
    pub(super) fix: bool,
}

// What to audit.
#[derive(Debug, Args)]
pub(super) struct AuditArgs {
    /// Pass over refs of a lower version, and over refs whose commit comes before its own [default: `since` of the config]
    #[arg(long, value_name = "VERSION")]
    pub(super) since: Option<String>,
}

// What a CI run is about, where its environment does not say it.
#[derive(Debug, Args)]
pub(super) struct CiArgs {
    /// The branch or tag to judge, or HEAD [default: what the CI's environment says]
    #[arg(long = "ref", value_name = "REFNAME")]
    pub(super) ref_name: Option<String>,
    /// Where the change began: its newest commit that the ref has as well is compared with
    #[arg(long, value_name = "REV")]
    pub(super) base: Option<String>,
}

// What to mend.
#[derive(Debug, Args)]
pub(super) struct FixArgs {
    /// Mend the files on disk (default)
    #[arg(long, group = "state")]
    pub(super) worktree: bool,
    /// Mend what is staged, in the index and on disk
    #[arg(long, group = "state")]
    pub(super) staged: bool,
    /// Apply the fixes that a person should look at, too
    #[arg(long = "unsafe")]
    pub(super) unsafe_too: bool,
    /// Show what would change as a unified diff, and write nothing
    #[arg(long)]
    pub(super) diff: bool,
    /// Compare with this commit [default: HEAD]
    #[arg(long, value_name = "REV")]
    pub(super) against: Option<String>,
}

// Which hook was called, and how.
#[derive(Debug, Args)]
pub(super) struct HookArgs {
    /// The hook's name
    pub(super) name: HookName,
    /// Mend what is staged first (pre-commit, pre-merge-commit)
    #[arg(long)]
    pub(super) fix: bool,
    /// What git gave the hook
    pub(super) args: Vec<OsString>,
}

impl From<CheckArgs> for FixArgs {
    fn from(args: CheckArgs) -> Self {
        Self {
            worktree: args.worktree,
            staged: args.staged,
            unsafe_too: false,
            diff: false,
            against: args.against,
        }
    }
}

/// The whole command line, for man pages and completions.
pub fn command() -> clap::Command {
    Cli::command()
}

/// The command line with no other command than the one that the words may call; `None` where no word names one. As
/// clap gives the common options to every command that it knows, a hook starts sooner with one than with all.
pub(super) fn command_called(words: &[OsString]) -> Option<clap::Command> {
    let mut whole = ManuallyDrop::new(Cli::command());
    let name = words.iter().skip(1).find(|word| whole.find_subcommand(word).is_some())?;
    let called = std::mem::take(whole.find_subcommand_mut(name)?);
    Some(Common::augment_args(clap::Command::new("relguard")).subcommand(called))
}
