//! What can't be published, or must not be.

use crate::support::run;
use crate::{Project, archive};

#[test]
fn another_archive_of_a_published_version_is_refused() {
    let project = Project::new();
    project.publish(&[&project.archive("app", "1.0.0")]).exits(0);
    let other =
        archive::files(&[("app/Chart.yaml", "apiVersion: v2\nname: app\nversion: 1.0.0\n"), ("app/x", "y")]);
    let other = project.put("app-1.0.0.tgz", &other);
    let ran = project.refuses(1, "error[index/digest]: app 1.0.0 is published with the digest ", &[&other]);
    assert!(
        ran.stdout.contains("1 chart checked: 1 error\nrefused: publish app 1.0.0 on gh-pages\n"),
        "{}",
        ran.stdout
    );
    // With a new one beside it: all or nothing.
    let new = project.archive("app", "1.1.0");
    project.refuses(1, "error[index/digest]", &[&new, &other]);
    let ran = project.refuses(1, "index/digest", &[&other, "--format", "json"]);
    let plan: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(plan["refused"], true);
    assert_eq!(plan["findings"][0]["subject"]["kind"], "index-branch");
    assert_eq!(plan["findings"][0]["subject"]["name"], "gh-pages");
}

#[test]
fn no_config_lets_a_published_version_be_replaced() {
    for config in [
        "rules: { index/digest: off }\n",
        "rules: { index/digest: warning }\n",
        "exceptions: [{ rule: index/digest, on: gh-pages, reason: x }]\n",
    ] {
        let project = Project::new();
        project.scratch.write(".relguard.yaml", config);
        project.scratch.commit("Weaken");
        project.publish(&[&project.archive("app", "1.0.0")]).exits(0);
        let other = archive::files(&[("app/Chart.yaml", "name: app\nversion: 1.0.0\n")]);
        let other = project.put("app-1.0.0.tgz", &other);
        project.refuses(2, "app 1.0.0 is published already, and this is another archive of it", &[&other]);
    }
}

#[test]
fn an_archive_in_the_way_is_not_replaced() {
    let project = Project::new();
    let path = project.archive("app", "1.0.0");
    project.scratch.git(["checkout", "--quiet", "--orphan", "gh-pages"]);
    project.scratch.write("charts/app-1.0.0.tgz", "something else");
    project.scratch.commit("Pages");
    project.scratch.git(["checkout", "--quiet", "master"]);
    project.refuses(
        1,
        "charts/app-1.0.0.tgz is the archive of app 1.0.0, which is published, and would be replaced",
        &[&path],
    );
}

#[test]
fn an_archive_is_what_its_name_says() {
    let project = Project::new();
    let misnamed = project.put("app-1.0.1.tgz", &archive::chart("app", "1.0.0"));
    project.refuses(
        1,
        "error[index/archive]: app-1.0.1.tgz holds app 1.0.0, and its name says another",
        &[&misnamed],
    );
    let other = project.put("other-1.0.0.tgz", &archive::chart("app", "1.0.0"));
    project.refuses(1, "error[index/archive]: other-1.0.0.tgz holds app 1.0.0", &[&other]);
    // A name without a version says nothing; on the branch it gets the one that Helm gives it.
    let nameless = project.put("chart.tgz", &archive::chart("app", "1.0.0"));
    project.publish(&[&nameless]).exits(0);
    assert!(project.git(["ls-tree", "-r", "gh-pages"]).contains("charts/app-1.0.0.tgz"));
}

#[test]
fn what_is_no_charts_archive_is_refused() {
    let project = Project::new();
    let put = |text: &[u8]| project.put("x.tgz", text);
    let chart =
        |version: &str| archive::files(&[("a/Chart.yaml", &format!("name: a\nversion: {version}\n"))]);
    let outside = archive::files(&[("a/Chart.yaml", "name: a\nversion: 1.0.0\n"), ("a/../../x", "y")]);
    project.refuses(2, "is no chart's archive: it is not compressed by gzip", &[&put(b"text")]);
    project.refuses(2, "its entry a/../../x leads out of the chart's folder", &[&put(&outside)]);
    project.refuses(
        2,
        "its Chart.yaml has a path for a name",
        &[&put(&archive::files(&[("a/Chart.yaml", "name: ../a\nversion: 1.0.0\n")]))],
    );
    for (name, shown) in
        [(r"a b?#%41\nevil", r"a b?#%41\nevil"), ("a b", "a b"), ("caf\u{e9}", "caf\u{e9}"), ("a%2e", "a%2e")]
    {
        let text = format!("name: \"{name}\"\nversion: 1.0.0\n");
        let words = format!("has the chart's name {shown}, which can't stand in a URL");
        project.refuses(2, &words, &[&put(&archive::files(&[("a/Chart.yaml", &text)]))]);
    }
    project.refuses(2, "has the version 1.0, which is not SemVer", &[&put(&chart("\"1.0\""))]);
    project.refuses(2, "has the version v1.0.0, which is not SemVer", &[&put(&chart("v1.0.0"))]);
    project.refuses(2, "can't be read: No such file", &["none.tgz"]);
    project.refuses(2, "can't be read: it is a folder", &["."]);
    let (one, two) =
        (project.archive("app", "1.0.0"), project.put("copy.tgz", &archive::chart("app", "1.0.0")));
    project.refuses(2, "both hold app 1.0.0", &[&one, &two]);
    project.refuses(2, "both hold app 1.0.0", &[&one, &one]);
}

#[test]
fn a_changed_tree_and_a_branch_that_is_checked_out_refuse() {
    let project = Project::new();
    let path = project.archive("app", "1.0.0");
    project.scratch.write("README.md", "changed\n");
    project.refuses(2, "`relguard publish` needs a clean working tree", &[&path]);
    project.scratch.git(["checkout", "--quiet", "README.md"]);
    project.publish(&[&path]).exits(0);
    let next = project.archive("app", "1.1.0");
    project.scratch.git(["checkout", "--quiet", "gh-pages"]);
    project.refuses(2, "gh-pages is checked out in ", &[&next]);
    project.scratch.git(["checkout", "--quiet", "master"]);
    project.scratch.git(["worktree", "add", "--quiet", "../pages", "gh-pages"]);
    project.refuses(2, "gh-pages is checked out in ", &[&next]);
    project.scratch.git(["worktree", "remove", "../pages"]);
    project.publish(&[&next]).exits(0);
    // Before its first commit a branch is no ref.
    let project = Project::new();
    project.scratch.git(["checkout", "--quiet", "--orphan", "gh-pages"]);
    project.scratch.git(["rm", "-r", "--quiet", "--cached", "."]);
    project.refuses(2, "gh-pages is checked out in ", &[&path]);
}

/// A project whose chart index is this.
fn with_index(path: &str, text: &str) -> Project {
    let project = Project::new();
    project.scratch.git(["checkout", "--quiet", "--orphan", "gh-pages"]);
    project.scratch.git(["rm", "-r", "--quiet", "-f", "."]);
    project.scratch.write(path, text);
    project.scratch.commit("Pages");
    project.scratch.git(["checkout", "--quiet", "master"]);
    project
}

#[test]
fn an_index_that_can_not_be_added_to_is_refused() {
    for (text, cause) in [
        ("entries: [\n", "index.yaml:1:10: the charts' names are expected here"),
        ("[]\n", "index.yaml:1:1: apiVersion, entries and other keys are expected here"),
        ("text\n", "index.yaml:1:1: apiVersion, entries and other keys are expected here"),
        ("apiVersion: v1\nentries: {app: [{version: 1.0.0}]}\n", "its entries are written in braces"),
        ("{\"apiVersion\": \"v1\", \"entries\": {}}\n", "it is written in braces"),
        ("apiVersion: v1\nentries:\n  app: &a\n  - version: 1.0.0\n  b: *a\n", "an alias stands here"),
        ("apiVersion: v1\nentries:\n  app:\n  - version: 0.1.0\n  app: []\n", "key `app` is there twice"),
    ] {
        let project = with_index("index.yaml", text);
        project.refuses(2, cause, &[&project.archive("app", "2.0.0")]);
    }
    let project = with_index("index.yaml/x", "y");
    project.refuses(2, "a folder stands in its place", &[&project.archive("app", "1.0.0")]);
    let project = with_index("charts", "y");
    project.refuses(
        2,
        "charts can't hold what is published: a file stands in its place",
        &[&project.archive("app", "1.0.0")],
    );
    let project = with_index("charts/app-1.0.0.tgz/x", "y");
    project.refuses(
        2,
        "charts/app-1.0.0.tgz can't hold what is published: a folder stands in its place",
        &[&project.archive("app", "1.0.0")],
    );
}

#[test]
fn an_archive_without_an_end_is_not_read_to_its_end() {
    let project = with_index("index.yaml", "apiVersion: v1\nentries: {}\n");
    project.refuses(2, "/dev/zero can't be read: it has over ", &["/dev/zero"]);
}

#[test]
fn an_index_that_is_too_large_is_not_read() {
    let project = with_index("index.yaml", &" ".repeat(65 * 1024 * 1024));
    project.refuses(2, "index.yaml:1:1: it is over 64 MiB", &[&project.archive("app", "1.0.0")]);
}

#[test]
fn a_link_in_place_of_the_index_is_refused() {
    let project = Project::new();
    project.scratch.git(["checkout", "--quiet", "--orphan", "gh-pages"]);
    project.scratch.git(["rm", "-r", "--quiet", "-f", "."]);
    std::os::unix::fs::symlink("/etc/passwd", project.scratch.path().join("index.yaml")).unwrap();
    project.scratch.commit("Pages");
    project.scratch.git(["checkout", "--quiet", "master"]);
    project.refuses(2, "a symbolic link stands in its place", &[&project.archive("app", "1.0.0")]);
}

#[test]
fn entries_that_are_malformed_stay_and_do_not_matter() {
    let text = "apiVersion: v1\nentries:\n  app:\n  - version: nonsense\n  - name: app\n  - version: 1.0.0\n  - version: 1.0.0\n";
    let project = with_index("index.yaml", text);
    let ran = project.publish(&[&project.archive("app", "1.1.0")]).exits(0);
    for said in ["Helm passes over an entry of app: it has no version", "index.yaml:5:"] {
        assert!(ran.stdout.contains(said), "{}", ran.stdout);
    }
    let index = project.scratch.git(["show", "gh-pages:index.yaml"]).stdout;
    assert!(index.ends_with(text.strip_prefix("apiVersion: v1\nentries:\n  app:\n").unwrap()), "{index}");
    // Entries without a digest may be any archive's.
    project.refuses(
        1,
        "app 1.0.0 is published with the digest none, which would become ",
        &[&project.archive("app", "1.0.0")],
    );
}

#[test]
fn an_index_that_helm_does_not_load_is_refused() {
    for (entry, said) in [
        ("{name: app, version: 1.10}", "index.yaml:4:26: 1.10 is a number or a truth value"),
        ("~", "index.yaml:4:5: an entry without anything stands here"),
        ("{name: app, version: 1.0.0, created: 5}", "index.yaml:4:42: 5 is no time as Helm writes it"),
    ] {
        let project = with_index("index.yaml", &format!("apiVersion: v1\nentries:\n  app:\n  - {entry}\n"));
        project.refuses(2, said, &[&project.archive("app", "1.1.0")]);
    }
}

#[test]
fn no_secret_gets_into_the_index() {
    let project = Project::new();
    let path = project.archive("app", "1.0.0");
    for url in [
        "https://me:secret@example.org/x",
        "https://secretsecretsecret@example.org",
        "https://e.org/x?secret=1",
    ] {
        let ran = project.refuses(2, "can't stand in the chart index: ", &[&path, "--url", url]);
        assert!(url.contains('?') || !ran.stderr.contains("secret"), "{}", ran.stderr);
        project.scratch.write(".relguard.yaml", format!("index: {{ url: \"{url}\" }}\n"));
        let ran = run(project.scratch.relguard_command(&["check"])).exits(2);
        assert!(ran.stderr.contains("can't stand in the chart index: "), "{}", ran.stderr);
        assert!(url.contains('?') || !ran.stderr.contains("`https://me:secret"), "{}", ran.stderr);
        std::fs::remove_file(project.scratch.path().join(".relguard.yaml")).unwrap();
    }
}

#[test]
fn archives_elsewhere_need_an_address() {
    let project = Project::new();
    project.scratch.write(".relguard.yaml", "index: { archives: false }\n");
    project.scratch.commit("Configure");
    project.refuses(
        2,
        "the archives lie elsewhere (`index.archives: false`), and nothing says where",
        &[&project.archive("app", "1.0.0")],
    );
}

#[test]
fn a_commit_needs_a_name() {
    let project = Project::new();
    let path = project.archive("app", "1.0.0");
    let mut command = project.scratch.relguard_command(&["publish", &path]);
    for name in ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"] {
        command.env_remove(name);
    }
    project.scratch.git(["config", "user.useConfigOnly", "true"]);
    let ran = run(command).exits(2);
    assert!(ran.stderr.contains("git config --global user.email"), "{}", ran.stderr);
    assert_eq!(project.scratch.try_git(["rev-parse", "--verify", "--quiet", "gh-pages"]).status, 1);
}

#[test]
fn the_default_branch_holds_no_chart_index() {
    let project = Project::new();
    project.scratch.write(".relguard.yaml", "index: { branch: master }\n");
    project.scratch.commit("Configure");
    project.scratch.git(["switch", "--quiet", "--detach"]);
    let path = project.archive("app", "1.0.0");
    project.refuses(
        2,
        "the chart index can't be on master, which is the default branch",
        &[&path, "--dry-run"],
    );
}
