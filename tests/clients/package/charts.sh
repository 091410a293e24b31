# shellcheck shell=bash
# Charts to package, each in a project of its own at version 1.2.0.

# file PATH TEXT: writes a file of the chart.
file() {
  mkdir -p "charts/demo/$(dirname "$1")"
  printf '%b' "$2" >"charts/demo/$1"
}

# subchart DIR NAME VERSION: a small chart.
subchart() {
  mkdir -p "$1/templates"
  printf 'apiVersion: v2\nname: %s\nversion: %s\nunknown: dropped\n' "$2" "$3" >"$1/Chart.yaml"
  printf 'a: 1\n' >"$1/templates/a.yaml"
  printf 'b: 2\n' >"$1/values.yaml"
}

# depends NAME RANGE [REPOSITORY [MORE]]: an entry of dependencies.
depends() {
  grep -q ^dependencies: charts/demo/Chart.yaml || echo 'dependencies:' >>charts/demo/Chart.yaml
  printf -- '- { name: %s, version: "%s", repository: "%s"%s }\n' "$1" "$2" "${3:-}" "${4:+, $4}" >>charts/demo/Chart.yaml
}

# Every pattern of .helmignore that means something else to gitignore.
chart_helmignore() {
  local name
  file .helmignore '\xef\xbb\xbf# odd\n*.md\n/docs/\ntests/\n  spaced  \na?c\n[x-z]*\n[^a-w]1\n\\!bang\n*/one\nfiles/*/deep\n*~\ndir\n/\n./three\n.*\n'
  for name in README.md docs/a sub/docs/a tests/a sub/tests/a spaced abc abbc x1 w1 '!bang' bang one sub/one a/b/one \
    files/a/deep files/a/b/deep two sub/two backup~ dir/a sub/dir three .hidden sub/.hidden 'a b' '#a' 'sub/[x]' 'ü'; do
    file "$name" "$name\n"
  done
  file templates/.hidden 'x\n'
  file templates/_help.tpl '{{/* x */}}\n'
  file templates/NOTES.txt 'x\n'
}

# What Chart.yaml may hold, and what helm makes of it.
chart_metadata() {
  cat >>charts/demo/Chart.yaml <<'YAML'
description: >-
  folded and long, long, long, long, long, long, long, long, long, long, long, long, long, long, long, long: é
kubeVersion: ">=1.20.0-0"
unknown: [dropped]
deprecated: no
type: application
home: ""
icon: ~
keywords: [gpu, 1, 1.10, yes, "no", 0x1f, "a: b", "#a", "- a", "'a'", " a ", "a\nb"]
sources:
- https://example.org/a?b=c&d#e
annotations: { b: 1, a: true, a10: "x\ny\n", a9: "%s", "1": one, empty: "" }
maintainers:
- { name: Ada, email: "", url: "https://example.org" }
- name: Grace
YAML
  file templates/bom.yaml '\xef\xbb\xbfa: 1\n'
  file files/crlf 'a\r\nb\r\n'
  file files/empty ''
  file values.schema.json '{}'
}

# Folders and archives in charts/, nested ones too; links; a lock file by hand.
chart_vendored() {
  subchart charts/demo/charts/folder folder 1.0.0
  file charts/folder/.helmignore '*\n'
  file charts/folder/README.md 'x\n'
  file charts/_kept/x 'x\n'
  file charts/.kept 'x\n'
  subchart made/inner inner 0.1.0
  subchart made/outer outer 2.3.4
  mkdir -p made/outer/charts
  "$CLIENT" package made/inner --destination made/outer/charts
  "$CLIENT" package made/outer --destination charts/demo/charts
  file charts/outer-2.3.4.tgz.prov 'signed\n'
  rm -r made
  depends folder 1.x
  depends outer '>=2, <3' https://charts.example.org 'alias: other, tags: [a, "1"], import-values: [data, {child: a, parent: b}]'
  file Chart.lock '# by hand\ngenerated: 2026-01-02T03:04:05.60Z\ndigest: sha256:ab\ndependencies:\n- version: 1\n  repository: ""\n  name: folder\n'
  mkdir shared charts/demo/files
  echo shared >shared/x
  ln -s ../../shared charts/demo/all
  ln -s ../../../shared/x charts/demo/files/x
}

# A chart of Helm 2's kind.
chart_v1() {
  sed -i 's/^apiVersion: .*/apiVersion: v1/' charts/demo/Chart.yaml
  subchart charts/demo/charts/sub sub 1.0.0
  file requirements.yaml 'dependencies:\n- name: sub\n  version: 1.x\n  repository: ""\n'
  file requirements.lock 'dependencies: []\ndigest: sha256:ab\ngenerated: "2026-01-02T03:04:05Z"\n'
}

# Charts of the repository by file://, which `helm dependency build` brings.
chart_local() {
  subchart libs/common common 0.1.7
  printf '*.md\n!keep\n' >libs/common/.helmignore
  sed -i 2d libs/common/.helmignore
  echo x >libs/common/README.md
  subchart libs/common/charts/own own 1.0.0
  subchart libs/second second v2.0
  depends common '^0.1' file://../../libs/common
  depends common 0.1.x file://../../libs/common 'alias: again'
  depends second '>=1.2 <3 || 4.x' file://../../libs/second
  file .helmignore 'README.md\n/files/\n'
  file README.md 'x\n'
}
