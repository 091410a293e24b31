/// A project's page on its forge, by which links are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forge {
    web: String,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    GitHub,
    GitLab,
    Gitea,
    Bitbucket,
}

impl Forge {
    /// The forge of a project's page: `https://github.com/owner/name`. What its host does not name otherwise is
    /// taken for one like GitHub.
    pub fn of(web: &str) -> Self {
        let host = web.split("://").last().and_then(|rest| rest.split('/').next()).unwrap_or_default();
        let kind = if host.contains("gitlab") {
            Kind::GitLab
        } else if ["gitea", "forgejo", "codeberg"].iter().any(|name| host.contains(name)) {
            Kind::Gitea
        } else if host.contains("bitbucket") {
            Kind::Bitbucket
        } else {
            Kind::GitHub
        };
        Self { web: web.to_owned(), kind }
    }

    /// The project's page.
    pub fn web(&self) -> &str {
        &self.web
    }

    /// A pull or merge request as people write it: `#12`, on GitLab `!12`.
    pub fn request(&self, number: u64) -> String {
        if self.kind == Kind::GitLab { format!("!{number}") } else { format!("#{number}") }
    }

    /// What stands before the number of a pull or merge request: on GitLab `#` stands before those of issues, which
    /// are others.
    pub fn marks_of(forge: Option<&Self>) -> &'static [char] {
        if forge.is_some_and(|forge| forge.kind == Kind::GitLab) { &['!'] } else { &['#', '!'] }
    }

    /// The page of a pull or merge request.
    pub fn request_page(&self, number: u64) -> String {
        let folder = match self.kind {
            Kind::GitHub => "pull",
            Kind::GitLab => "-/merge_requests",
            Kind::Gitea => "pulls",
            Kind::Bitbucket => "pull-requests",
        };
        format!("{}/{folder}/{number}", self.web)
    }

    /// The page of a commit.
    pub fn commit_page(&self, id: impl std::fmt::Display) -> String {
        let folder = match self.kind {
            Kind::GitHub | Kind::Gitea => "commit",
            Kind::GitLab => "-/commit",
            Kind::Bitbucket => "commits",
        };
        format!("{}/{folder}/{id}", self.web)
    }

    /// The page of a release.
    pub fn release_page(&self, tag: &str) -> String {
        let folder = if self.kind == Kind::GitLab { "-/releases" } else { "releases/tag" };
        format!("{}/{folder}/{tag}", self.web)
    }

    /// The page of a file at a tag, or at a branch.
    pub fn file_page(&self, at: Revision<'_>, path: &str) -> String {
        let (name, of) = match at {
            Revision::Tag(name) => (name, "tag"),
            Revision::Branch(name) => (name, "branch"),
        };
        let folder = match self.kind {
            Kind::GitHub => "blob".to_owned(),
            Kind::GitLab => "-/blob".to_owned(),
            Kind::Gitea => format!("src/{of}"),
            Kind::Bitbucket => "src".to_owned(),
        };
        format!("{}/{folder}/{name}/{path}", self.web)
    }

    /// Where the project's own pages are, for a project on github.com.
    pub fn pages(&self) -> Option<String> {
        let (owner, name) = self.web.strip_prefix("https://github.com/")?.split_once('/')?;
        let owner = owner.to_lowercase();
        Some(if name.to_lowercase() == format!("{owner}.github.io") {
            format!("https://{owner}.github.io")
        } else {
            format!("https://{owner}.github.io/{name}")
        })
    }
}

/// Which files of a project a link shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revision<'a> {
    /// Those of a tag, by its short name.
    Tag(&'a str),
    /// Those of a branch, by its short name.
    Branch(&'a str),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_those_of_the_forge() {
        let github = Forge::of("https://github.com/o/r");
        assert_eq!(github.request_page(1), "https://github.com/o/r/pull/1");
        assert_eq!(
            github.file_page(Revision::Tag("v1.0.0"), "a.md"),
            "https://github.com/o/r/blob/v1.0.0/a.md"
        );
        assert_eq!(Forge::of("https://github.com/O/r").pages().unwrap(), "https://o.github.io/r");
        let gitlab = Forge::of("https://gitlab.example.org/o/r");
        assert_eq!(gitlab.request_page(1), "https://gitlab.example.org/o/r/-/merge_requests/1");
        assert_eq!(gitlab.request(1), "!1");
        let gitea = Forge::of("https://codeberg.org/o/r");
        assert_eq!(
            gitea.file_page(Revision::Branch("b"), "a.md"),
            "https://codeberg.org/o/r/src/branch/b/a.md"
        );
        assert_eq!(gitea.pages(), None);
    }
}
