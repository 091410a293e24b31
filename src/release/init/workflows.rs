//! The forge's workflows of the release process, for GitHub.

use anyhow::Result;

use super::found::quoted;
use crate::config::Config;
use crate::domain::text::visible;
use crate::domain::{Fail, RepoPath, embedded};

/// The gate, and the release; `@@NAME@@` is filled in, and a part between `#[name]` and `#[/name]` is left out
/// where the project has no such thing.
const GATE: &str = "src/release/workflows/gate.yml";
const RELEASE: &str = "src/release/workflows/release.yml";

/// Where the files go.
const GATE_FILE: &str = ".github/workflows/relguard-gate.yml";
const RELEASE_FILE: &str = ".github/workflows/relguard-release.yml";

/// The actions by the digest of a release's commit.
const ACTIONS: [(&str, &str); 8] = [
    ("CHECKOUT", "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1"),
    ("HELM", "azure/setup-helm@9bc31f4ebc9c6b171d7bfbaa5d006ae7abdb4310 # v5.0.1"),
    ("UPLOAD", "actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f # v7.0.0"),
    ("DOWNLOAD", "actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c # v8.0.1"),
    ("QEMU", "docker/setup-qemu-action@96fe6ef7f33517b61c61be40b68a1882f3264fb8 # v4.2.0"),
    ("BUILDX", "docker/setup-buildx-action@37fe631027851001ddb9b187196cc803df7f5f0e # v4.3.0"),
    ("LOGIN", "docker/login-action@4907a6ddec9925e35a0a9e82d7399ccc52663121 # v4.1.0"),
    ("BUILD", "docker/build-push-action@53b7df96c91f9c12dcc8a07bcb9ccacbed38856a # v7.3.0"),
];

/// This project's own action.
const ACTION: &str = "relguard/relguard";

/// A version as a template may say it in three.
const NUMBERS: &str = "{major}.{minor}.{patch}";

/// Where the release job attaches the archives.
const RELEASE_URL: &str = r#" \
                  --url "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/releases/download/$GITHUB_REF_NAME""#;

/// Where a Dockerfile mostly lies.
const DOCKERFILES: [&str; 4] =
    ["Dockerfile", "docker/Dockerfile", "build/Dockerfile", "build/package/Dockerfile"];

/// A workflow: its path and its text.
pub(super) type Workflow = (RepoPath, String);

/// The workflows for a project. `default` is its default branch, `paths` are its files. An error where a script can't
/// cut the version out of a tag.
pub(super) fn of(config: &Config, default: &str, paths: &[RepoPath]) -> Result<Vec<Workflow>> {
    let has = |path: &&&str| paths.iter().any(|known| known.as_str() == **path);
    let dockerfile = DOCKERFILES.iter().find(has).copied();
    let has_charts = !config.charts.is_none();
    let line = config.branches.release.as_str().replace("{major}", "\u{0}").replace("{minor}", "\u{0}");
    let (prefix, suffix) = around_version(config.tags.release.as_str())?;
    let tag = config.tags.release.as_str().replace("{version}", "\u{0}.\u{0}.\u{0}\u{1}");
    let tag = tag.replace(NUMBERS, "\u{0}.\u{0}.\u{0}");
    let mut filled: Vec<(&str, String)> = ACTIONS.map(|(name, uses)| (name, uses.to_owned())).to_vec();
    filled.extend([
        ("RELGUARD", own_action()),
        ("BRANCHES", format!("[{}, {}]", quoted(&pattern(default)), quoted(&pattern(&line)))),
        ("TAGS", format!("[{}]", quoted(&pattern(&tag)))),
        ("PREFIX", quoted(&prefix)),
        ("SUFFIX", quoted(&suffix)),
        ("URL", if is_attached(config) { RELEASE_URL } else { "" }.to_owned()),
        ("INDEX_BRANCH", quoted(&config.index.branch)),
        ("DOCKERFILE", quoted(dockerfile.unwrap_or_default())),
        ("RELEASE_NEEDS", if dockerfile.is_some() { "[prepare, image]" } else { "prepare" }.to_owned()),
        ("PRODUCTS", products(dockerfile.is_some(), has_charts)),
    ]);
    let parts = [("image", dockerfile.is_some()), ("chart", has_charts)];
    let files = [(GATE_FILE, GATE), (RELEASE_FILE, RELEASE)].into_iter();
    files
        .map(|(path, text)| Ok((RepoPath::parse(path)?, fill(&choose(embedded(text), &parts), &filled))))
        .collect()
}

/// What stands before and behind the version in a tag.
fn around_version(template: &str) -> Result<(String, String), Fail> {
    let one = template.replace(NUMBERS, "{version}");
    let around =
        one.split_once("{version}").filter(|(before, after)| !before.contains('{') && !after.contains('{'));
    around.map(|(before, after)| (before.to_owned(), after.to_owned())).ok_or_else(|| {
        Fail::new(format!(
            "the release workflow takes a version from its tag, and the tags of `tags.release: {}` do not hold it in one piece",
            visible(template)
        ))
        .help("name tags by {version}, with text before and behind it, or write the workflow by hand")
    })
}

/// Whether the archives lie where each release of the forge has its files: one address can't say that.
fn is_attached(config: &Config) -> bool {
    config.index.archives.is_none() && config.index.url.is_none()
}

/// How this project's own action is pinned, where a workflow names it by its tag; nothing where it is pinned.
pub(super) fn unpinned(text: &str) -> Option<String> {
    let tag = concat!("v", env!("CARGO_PKG_VERSION"));
    text.contains(&format!("{ACTION}@{tag}")).then(|| {
        format!(
            "{ACTION} is named by its tag, which can be moved: this program was not built by that release's pipeline \
             and does not know its commit. Pin it to the one that git ls-remote https://github.com/{ACTION} '{tag}*' \
             shows, on the line with ^{{}} where there is one"
        )
    })
}

/// This project's own action. Its digest is known to the program of a release alone: the release's pipeline says
/// which commit it builds.
fn own_action() -> String {
    let version = env!("CARGO_PKG_VERSION");
    match option_env!("RELGUARD_COMMIT") {
        Some(commit) if commit.len() == 40 => format!("{ACTION}@{commit} # v{version}"),
        _ => format!("{ACTION}@v{version}"),
    }
}

/// A name as a filter of a workflow takes it; `\u{0}` stands for a number, `\u{1}` for what may follow it.
fn pattern(name: &str) -> String {
    let mut pattern = String::new();
    for c in name.chars() {
        match c {
            '\u{0}' => pattern.push_str("[0-9]+"),
            '\u{1}' => pattern.push('*'),
            '*' | '?' | '+' | '[' | ']' | '!' | '\\' => pattern.extend(['\\', c]),
            c => pattern.push(c),
        }
    }
    pattern
}

fn products(image: bool, chart: bool) -> String {
    let words = [("its image on ghcr.io", image), ("its chart's archive", chart), ("its description", true)];
    let mut words: Vec<&str> = words.into_iter().filter(|(_, there)| *there).map(|(word, _)| word).collect();
    if chart {
        words.push("the chart index");
    }
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => words.concat(),
    }
}

/// The text without the parts that the project has nothing for.
fn choose(text: &str, parts: &[(&str, bool)]) -> String {
    let mut chosen = String::new();
    let mut left_out = false;
    for line in text.lines() {
        match line.strip_prefix("#[").and_then(|rest| rest.strip_suffix(']')) {
            Some(name) if name.starts_with('/') => left_out = false,
            Some(name) => left_out = !parts.iter().any(|(part, there)| *part == name && *there),
            None if !left_out => chosen.extend([line, "\n"]),
            None => {}
        }
    }
    let end = chosen.trim_end().len();
    chosen.truncate(end);
    chosen.push('\n');
    chosen
}

fn fill(text: &str, filled: &[(&str, String)]) -> String {
    filled.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("@@{name}@@"), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_stays_unfilled() {
        let config = Config::built_in().unwrap();
        for paths in [&["Dockerfile"][..], &[]] {
            let paths: Vec<RepoPath> = paths.iter().map(|path| RepoPath::parse(path).unwrap()).collect();
            for (path, text) in of(&config, "trunk", &paths).unwrap() {
                assert!(!text.contains("@@") && !text.contains("#["), "{path}:\n{text}");
                assert_eq!(
                    text.contains("build-push-action"),
                    !paths.is_empty() && path.as_str() == RELEASE_FILE
                );
            }
        }
    }

    #[test]
    fn a_filter_takes_the_names_of_releases_alone() {
        assert_eq!(pattern("release-v\u{0}.\u{0}"), "release-v[0-9]+.[0-9]+");
        assert_eq!(pattern("v\u{0}.\u{0}.\u{0}\u{1}-x"), "v[0-9]+.[0-9]+.[0-9]+*-x");
        assert_eq!(pattern("a+b*c*"), "a\\+b\\*c\\*");
    }

    #[test]
    fn a_version_stands_between_two_texts() {
        let around = |text: &str| around_version(text).ok();
        let texts = |before: &str, after: &str| Some((before.to_owned(), after.to_owned()));
        assert_eq!(around("v{version}"), texts("v", ""));
        assert_eq!(around("app/{version}-final"), texts("app/", "-final"));
        assert_eq!(around("v{major}.{minor}.{patch}"), texts("v", ""));
        for text in ["{major}-{minor}-{patch}", "{major}/v{version}", "{version}-{version}"] {
            assert_eq!(around(text), None, "{text}");
        }
    }
}
