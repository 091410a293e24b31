use std::path::Path;

/// A hook of git that relguard takes part in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum HookName {
    /// Before a commit is recorded.
    PreCommit,
    /// Before a merge that had no conflict is recorded.
    PreMergeCommit,
}

const PRE_COMMIT: &str = include_str!("../../hooks/pre-commit");
const PRE_MERGE_COMMIT: &str = include_str!("../../hooks/pre-merge-commit");

/// The second line of every shim, by which it is known again.
const MARK: &str = "# relguard's git hook.";

impl HookName {
    /// The hooks that `install` puts in.
    pub const ALL: [Self; 2] = [Self::PreCommit, Self::PreMergeCommit];

    /// The file's name in the hooks folder.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::PreMergeCommit => "pre-merge-commit",
        }
    }

    /// The shim as it is installed: it runs `program`, and in a folder that repositories share only
    /// for those that asked for it.
    pub(super) fn shim(self, program: Option<&Path>, shared: bool) -> String {
        let text = match self {
            Self::PreCommit => PRE_COMMIT,
            Self::PreMergeCommit => PRE_MERGE_COMMIT,
        };
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
    use super::*;

    #[test]
    fn the_files_in_hooks_are_the_shim() {
        for hook in HookName::ALL {
            let text = hook.shim(None, false);
            assert!(is_shim(text.as_bytes()));
            assert!(text.contains(&format!("\nhook={}\n", hook.file_name())));
            let installed = hook.shim(Some(Path::new("/it's/relguard")), true);
            assert!(installed.contains("\ninstalled='/it'\\''s/relguard'\nopt_in='yes'\n"), "{installed}");
        }
    }
}
