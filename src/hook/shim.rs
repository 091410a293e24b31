use std::path::Path;

use crate::domain::embedded;

/// A hook of git that relguard takes part in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum HookName {
    /// Before a commit is recorded.
    PreCommit,
    /// Before a merge that had no conflict is recorded.
    PreMergeCommit,
    /// Before refs are sent to a remote.
    PrePush,
    /// On a server, before any ref of a push changes.
    PreReceive,
    /// On a server, before one ref of a push changes.
    Update,
}

/// The second line of every shim, by which it is known again.
const MARK: &str = "# relguard's git hook.";

impl HookName {
    /// The hooks that `install` puts into a clone.
    pub const OF_CLONE: [Self; 3] = [Self::PreCommit, Self::PreMergeCommit, Self::PrePush];

    /// The hook that `install` puts into a bare repository. `update` is not among them: it sees one ref at
    /// a time.
    pub const OF_SERVER: [Self; 1] = [Self::PreReceive];

    /// The file's name in the hooks folder.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::PreMergeCommit => "pre-merge-commit",
            Self::PrePush => "pre-push",
            Self::PreReceive => "pre-receive",
            Self::Update => "update",
        }
    }

    /// The shim as it is installed: it runs `program`, and in a folder that repositories share only
    /// for those that asked for it.
    pub(super) fn shim(self, program: Option<&Path>, shared: bool) -> String {
        let text = embedded(&format!("hooks/{}", self.file_name()));
        let program = program.map(|path| path.to_string_lossy().replace('\'', "'\\''")).unwrap_or_default();
        let opt_in = if shared { "yes" } else { "" };
        text.replacen("installed=''", &format!("installed='{program}'"), 1).replacen(
            "opt_in=''",
            &format!("opt_in='{opt_in}'"),
            1,
        )
    }
}

/// Whether a hook is one of relguard's shims, of whatever version.
pub(super) fn is_shim(text: &[u8]) -> bool {
    text.split(|byte| *byte == b'\n').take(3).any(|line| line.starts_with(MARK.as_bytes()))
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::*;

    #[test]
    fn the_files_in_hooks_are_the_shim() {
        for hook in HookName::value_variants() {
            let text = hook.shim(None, false);
            assert!(is_shim(text.as_bytes()));
            assert!(text.contains(&format!("\nhook={}\n", hook.file_name())));
            let installed = hook.shim(Some(Path::new("/it's/relguard")), true);
            assert!(installed.contains("\ninstalled='/it'\\''s/relguard'\nopt_in='yes'\n"), "{installed}");
        }
    }
}
