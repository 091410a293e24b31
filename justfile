# The recipes of this repository; `just` lists them.

_list:
    @just --list --unsorted

# What CI runs.
ci:
    bash .ci/run

# Run the client tests whose name contains one of the words; all without one.
clients *WORDS:
    tests/clients/setup
    tests/clients/run {{ WORDS }}

# Write the generated parts of docs/ anew.
docs:
    RELGUARD_WRITE_DOCS=1 cargo test --test docs

# Hold the dependencies against deny.toml: licences, bans, sources.
deny:
    cargo deny --all-features check licenses bans sources

# Measure against git and helm.
bench RUNS="200":
    benches/run.sh {{ RUNS }}

# Measure publishing into a large chart index against helm.
bench-publish *ENTRIES:
    benches/publish.sh {{ ENTRIES }}

# Measure the changelog against git log.
bench-changelog RUNS="20":
    benches/changelog.sh {{ RUNS }}

# Measure audit and the hooks on long histories. `just bench-scale 1000000`
bench-scale *COMMITS:
    benches/scale.sh {{ COMMITS }}

# Begin a rule: its file, its page and its cases. `just new-rule chart image-tag`
new-rule GROUP NAME:
    #!/usr/bin/env bash
    set -euo pipefail
    group={{ quote(GROUP) }} name={{ quote(NAME) }}
    [[ $group =~ ^[a-z]+$ && $name =~ ^[a-z]+(-[a-z]+)*$ ]] || { echo "a rule is group/name, lower case, words joined by '-'" >&2; exit 2; }
    [[ -d src/rules/$group ]] || { echo "there is no group $group" >&2; exit 2; }
    id=$group/$name module=${name//-/_}
    code=src/rules/$group/$module.rs page=docs/rules/$id.md cases=tests/rules/$id
    [[ ! -e $code && ! -e $page && ! -e $cases ]] || { echo "$id is there already" >&2; exit 2; }
    mkdir -p "$(dirname "$page")" "$cases"/{speaks,silent}
    # What the rule judges: the type of its check, the facts, and something to find in them.
    case $group in
      branch) kind=Branch facts=project::refs::{BranchFacts,\ RefFacts} first='branch: &BranchFacts, _refs: &RefFacts' ;;
      tag) kind=Tag facts=project::refs::{RefFacts,\ TagFacts} first='tag: &TagFacts, _refs: &RefFacts' ;;
      index) kind=Index facts=project::chart_index::IndexFacts first='facts: &IndexFacts' ;;
      *) kind=Files facts=project::Project first='project: &Project' ;;
    esac
    if [[ $kind == Files ]]; then
      body='    for chart in &project.charts {
            let Some(version) = chart.version() else { continue };
            if version.value.text == "9.9.9" {
                findings.add(Draft::new("version is 9.9.9").at(version.value.location.clone()));
            }
        }'
    elif [[ $kind == Index ]]; then
      body='    if facts.branch == "pages-9.9" {
            findings.add(Draft::new("it is of 9.9"));
        }'
    else
      body="    if $group.name.ends_with(\"9.9.0\") || $group.name.ends_with(\"-9.9\") {
            findings.add(Draft::new(\"it is of 9.9\"));
        }"
    fi
    cat >"$code" <<RUST
    //! \`$id\`

    use crate::config::Config;
    use crate::finding::Severity;
    use crate::$facts;
    use crate::rules::{Check, Draft, Findings, Fixable, Rule, RuleMeta};

    pub(in crate::rules) static RULE: Rule = Rule {
        meta: RuleMeta {
            id: "$id",
            severity: Some(Severity::Error),
            fix: Fixable::No,
            summary: "what is wrong, in one line",
        },
        check: Check::$kind(check),
    };

    fn check($first, _config: &Config, findings: &mut Findings<'_>) {
    $body
    }
    RUST
    cat >"$page" <<MARKDOWN
    # $id

    What is wrong, in one line.

    ## What it checks
    What is compared with what, and what is not judged.

    ## Why it matters
    What goes wrong for users when nobody looks.

    ## Example
    A file that breaks the rule, what relguard says, and the file set right.

    ## Fix
    What is written, and when that is safe.

    ## Configuration
    Severity: error. \`rules: { $id: warning }\` changes it, \`off\` silences it.
    MARKDOWN
    begin() {
      mkdir -p "$cases/$1"/in/{charts/a,docs/CHANGELOG}
      printf 'apiVersion: v2\nname: a\nversion: %s\nappVersion: %s\n' "$2" "$2" >"$cases/$1/in/charts/a/Chart.yaml"
      printf '# v%s\n\nText.\n' "$2" >"$cases/$1/in/docs/CHANGELOG/CHANGELOG-${2%.*}.md"
      printf '%s' "$3" >"$cases/$1/expected.txt"
    }
    begin_history() {
      printf 'commit master %s\nbranch release-%s master\ntag v%s master\nrun audit\n' "$2" "${2%.*}" "$2" >"$cases/$1/history"
      printf '%s' "$3" >"$cases/$1/expected.txt"
    }
    case $kind in
      Files) begin silent 1.0.0 ''; begin speaks 9.9.9 "error[$id] charts/a/Chart.yaml:3:10: version is 9.9.9"$'\n' ;;
      Index)
        begin_history silent 1.0.0 ''
        begin_history speaks 9.9.0 "error[$id] index-branch pages-9.9: it is of 9.9"$'\n'
        sed -i '1i config index: { branch: pages-9.9 }\npack pages-9.9 charts/demo-9.9.0.tgz demo 9.9.0\nlist pages-9.9 charts/demo-9.9.0.tgz' "$cases/speaks/history" ;;
      *)
        [[ $kind == Tag ]] && subject=v9.9.0 || subject=release-9.9
        begin_history silent 1.0.0 ''; begin_history speaks 9.9.0 "error[$id] $group $subject: it is of 9.9"$'\n' ;;
    esac
    printf '%s\n' "made $code" "made $page" "made $cases/: a case in which it speaks, and one in which it is silent" \
      "add to src/rules/$group/mod.rs:  pub(super) mod $module;" \
      "add to src/rules/mod.rs:  $group::$module," \
      "add to src/domain/rule_ids.rs:  \"$id\","
