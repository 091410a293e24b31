//! One branch of another repository, in a folder of its own that goes when it is done.

use std::path::Path;

use anyhow::{Context as _, Result};
use git2::Repository;
use tempfile::TempDir;

use super::{Git, Repo, environment};
use crate::domain::text::without_password;
use crate::domain::{Fail, Oid};

/// The variables that may hold a token, whatever the host.
const TOKEN: &str = "RELGUARD_TOKEN";

/// Those that hold one of GitHub's, which no other host is shown.
const GITHUB_TOKENS: [&str; 2] = ["GH_TOKEN", "GITHUB_TOKEN"];

/// Variables of git's that are about the repository that relguard was started in.
const OF_ANOTHER: [&str; 8] = [
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
];

/// One branch of another repository.
pub struct Elsewhere {
    repo: Repo,
    place: String,
    tip: Option<Oid>,
    _folder: TempDir,
}

/// What the git program is started with besides, and without what: no secret is ever among its arguments, nor on
/// disk.
#[derive(Debug, Default, Clone)]
pub(super) struct Surroundings {
    settings: Vec<(String, String)>,
    pub(super) without: &'static [&'static str],
}

impl Surroundings {
    /// The variables by which git takes the settings, behind those that it is given already.
    pub(super) fn variables(&self) -> Vec<(String, String)> {
        if self.settings.is_empty() {
            return Vec::new();
        }
        let given =
            environment::text("GIT_CONFIG_COUNT").and_then(|count| count.parse().ok()).unwrap_or(0_usize);
        let numbered = self.settings.iter().zip(given..);
        let mut variables: Vec<(String, String)> = numbered
            .flat_map(|((key, value), number)| {
                [
                    (format!("GIT_CONFIG_KEY_{number}"), key.clone()),
                    (format!("GIT_CONFIG_VALUE_{number}"), value.clone()),
                ]
            })
            .collect();
        variables.push(("GIT_CONFIG_COUNT".to_owned(), (given + self.settings.len()).to_string()));
        variables
    }
}

impl Elsewhere {
    /// Fetches the newest commit of a branch from a path or a URL. `project` is whose name and address commits
    /// are made with, and whose credential helpers git asks besides the user's, where it has its own.
    pub fn fetch(place: &str, branch: &str, project: Option<&Repo>) -> Result<Self> {
        let folder =
            super::temporary::folder().context("a folder for the chart index's branch can't be made")?;
        Repository::init_bare(folder.path())
            .context("a repository for the chart index's branch can't be made")?;
        let is_folder = Path::new(place).exists();
        let place =
            if is_folder { std::path::absolute(place)?.display().to_string() } else { place.to_owned() };
        // What is on command lines and in messages; git itself goes where that leads.
        let shown = without_password(&place).into_owned();
        let mut settings = Vec::new();
        if shown != place {
            settings.push((format!("url.{place}.insteadOf"), shown.clone()));
        } else if let Some(header) = authorization(&place)? {
            settings.push(header);
        }
        for key in ["user.name", "user.email"] {
            settings.extend(project.and_then(|repo| Some((key.to_owned(), repo.config(key)?))));
        }
        if let Some(project) = project {
            settings.extend(own_credentials(project, &place)?);
        }
        let open = || {
            let surroundings = Surroundings { settings: settings.clone(), without: &OF_ANOTHER };
            Repo::at(folder.path(), surroundings)
        };
        let repo = open()?;
        let full = format!("refs/heads/{branch}");
        let tip = repo.ask_remote(&shown, &[&full])?.get(&full).copied();
        if tip.is_some() {
            let refspec = format!("+{full}:refs/remotes/origin/{branch}");
            Git::new(&repo).output(&[
                "fetch",
                "--quiet",
                "--no-tags",
                "--depth=1",
                "--",
                &shown,
                &refspec,
            ])?;
        }
        // The refs are read anew.
        Ok(Self { repo: open()?, place: shown, tip, _folder: folder })
    }

    /// The repository that holds what was fetched, and that commits are made in.
    pub fn repo(&self) -> &Repo {
        &self.repo
    }

    /// Where it was fetched from, and what can be pushed to: the path or URL without a password.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// The branch's commit there; `None` where there is no such branch.
    pub fn tip(&self) -> Option<Oid> {
        self.tip
    }
}

/// What the project's own config says of credentials for a place; the rest of it is about its own remotes. The user's
/// git knows of itself.
///
/// What is said of a URL is for whatever that leads to, as git has it. What is said of none was meant for the project's
/// remotes: no other server is shown what answers for them, be it that one of theirs leads there.
fn own_credentials(project: &Repo, place: &str) -> Result<Vec<(String, String)>> {
    let mut settings = project.settings()?;
    settings.retain(|it| matches!(it.scope.as_deref(), Some("local" | "worktree")));
    let is_url = |key: &str| {
        key.starts_with("remote.") && matches!(key.rsplit_once('.'), Some((_, "url" | "pushurl")))
    };
    let server = server(place).filter(|wanted| {
        settings.iter().any(|it| is_url(&it.key) && server(&it.value).as_ref() == Some(wanted))
    });
    let mut known = Vec::new();
    for setting in settings {
        let Some(name) = setting.key.strip_prefix("credential.") else { continue };
        let key = match &server {
            _ if name.contains('.') => setting.key,
            Some(server) if name == "helper" => format!("credential.{server}.{name}"),
            Some(_) => setting.key,
            None => continue,
        };
        known.push((key, setting.value));
    }
    Ok(known)
}

/// The scheme, the host and the port of a URL, as URLs of one server have them in common.
fn server(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host).to_ascii_lowercase();
    let scheme = scheme.to_ascii_lowercase();
    let port = match scheme.as_str() {
        "https" => ":443",
        "http" => ":80",
        _ => "",
    };
    Some(format!("{scheme}://{}", host.strip_suffix(port).unwrap_or(&host)))
}

/// The setting that shows a host the token of the environment; `None` where there is none for it, and git asks its
/// credential helpers. A token never goes over a line that others can read.
fn authorization(url: &str) -> Result<Option<(String, String)>, Fail> {
    let Some((scheme, rest)) = url.split_once("://") else { return Ok(None) };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let name = host.split(':').next().unwrap_or_default();
    if !(scheme == "https" || (scheme == "http" && matches!(name, "127.0.0.1" | "localhost"))) {
        return Ok(None);
    }
    let server = environment::text("GITHUB_SERVER_URL");
    let is_github = host.eq_ignore_ascii_case("github.com")
        || server.and_then(|server| Some(server.split_once("://")?.1.to_owned())).as_deref() == Some(host);
    let of_github = GITHUB_TOKENS.iter().filter(|_| is_github).copied();
    let found =
        std::iter::once(TOKEN).chain(of_github).find_map(|name| Some((name, environment::text(name)?)));
    let Some((name, token)) = found else { return Ok(None) };
    let token = token.trim();
    if token.is_empty() || token.contains(|c: char| c.is_control() || c.is_whitespace()) {
        return Err(Fail::new(format!("{name} holds no token: there is white space in it, or nothing"))
            .help("set it to the token alone, or unset it: git's credential helpers are asked then"));
    }
    let value = format!("Authorization: Basic {}", base64(format!("x-access-token:{token}").as_bytes()));
    Ok(Some((format!("http.{scheme}://{host}/.extraHeader"), value)))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits =
            three.iter().chain(&[0, 0]).take(3).fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
        for place in 0..4 {
            let digit = DIGITS.get(bits >> (18 - 6 * place) & 63).copied().unwrap_or_default();
            text.push(if place > three.len() { '=' } else { char::from(digit) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_one_server_have_it_in_common() {
        let https = Some("https://git.example.org".to_owned());
        for url in ["https://git.example.org/a.git", "HTTPS://me:word@Git.example.org:443?x"] {
            assert_eq!(server(url), https, "{url}");
        }
        for url in [
            "http://git.example.org/a.git",
            "https://git.example.org:8443/a.git",
            "https://git.example.org@other.org/a.git",
            "https://git.example.org.other.org/a.git",
            "git@git.example.org:a.git",
        ] {
            assert_ne!(server(url), https, "{url}");
        }
    }

    #[test]
    fn base64_is_that_of_the_standard() {
        for (text, wanted) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob\u{ff}", "Zm9vYsO/")]
        {
            assert_eq!(base64(text.as_bytes()), wanted);
        }
    }
}
