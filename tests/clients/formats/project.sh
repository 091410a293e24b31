# shellcheck shell=bash
# The states whose reports are held against the schemas.

# reports FORMAT: writes reports of no findings, of all kinds of them, of a commit's, and of one without a file, as
# *.report.
reports() {
  local odd="work/charts/b,c:d%0A<i>|'\"🚀"
  project work
  relguard check -C work --format "$1" --output "$PWD/clean.report"
  git -C work checkout --quiet -b release-1.1
  mkdir "$odd"
  cat >work/charts/demo/Chart.yaml <<'YAML'
apiVersion: v2
name: demo
version: 1.2.0
appVersion: "1.1.0 ]]> <b>&amp; ::error::x %0A [l](https://example.com) {0} \e[31m\u202e\uffff ##[group]"
YAML
  sed 's/^name: .*/name: b/' work/charts/demo/Chart.yaml >"$odd/Chart.yaml"
  put work/charts/demo/values.yaml tag 'v1.1.0 # größe 値🚀'
  cat >work/.relguard.yaml <<'YAML'
rules: { branch/version: error, chart/values-sync: warning }
exceptions: [{ rule: branch/version, on: release-1.1, reason: "]]> <b> \e[31m" }]
YAML
  refused log relguard check -C work --format "$1" --output "$PWD/findings.report"
  git -C work add --all
  git -C work commit --quiet --no-verify --message=all
  refused log relguard check -C work --format "$1" --rev HEAD --output "$PWD/commit.report"
  git init --quiet empty
  refused log relguard check -C empty --format "$1" --output "$PWD/no-file.report"
}
