#!/usr/bin/env bash
# A real helm installs from what `publish` made, over HTTP, and makes the same entries of the same archives itself.
set -euo pipefail
# shellcheck source=tests/clients/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
need "$CLIENT" git python3 cargo
here=$ROOT/tests/clients/index
export HELM_CONFIG_HOME=$PWD/config HELM_CACHE_HOME=$PWD/cache HELM_DATA_HOME=$PWD/data

project work
cat >>work/charts/demo/Chart.yaml <<'YAML'
description: >-
  A chart whose description is so long that helm folds it: it goes on and on, over more than eighty columns
home: https://example.org/demo
icon: https://example.org/icon.svg?a=b#c
kubeVersion: '>= 1.20.0-0'
keywords: [yes, 1.10, 'a: b', '#c', "tab\there", "", naïve]
sources: ["https://example.org/demo"]
maintainers:
- {name: Ada, email: ada@example.org}
- {name: Bob, url: https://example.org/bob}
deprecated: true
type: application
annotations:
  artifacthub.io/changes: |
    - kind: added
      description: "Something"
  artifacthub.io/prerelease: "false"
  example.org/number: 12
  example.org/lines: "one\ntwo\n\n"
unknown: {a: 1}
YAML
mkdir archives
package() { "$CLIENT" package work/charts/demo --destination archives; }
package
for version in 1.2.1-rc.1 1.2.1 1.10.0+build.5; do
  put work/charts/demo/Chart.yaml version "$version"
  package
done
# An older chart keeps its dependencies in a file of their own.
mkdir -p old/charts/lib
printf 'name: lib\nversion: 0.1.0\napiVersion: v1\n' >old/charts/lib/Chart.yaml
printf 'name: old\nversion: 0.3.0\napiVersion: v1\nappVersion: 1.10\n' >old/Chart.yaml
printf 'dependencies:\n- name: lib\n  version: 0.1.x\n  repository: ""\n  tags: [a, b]\n  condition: lib.enabled\n' >old/requirements.yaml
"$CLIENT" package old --destination archives
git -C work checkout --quiet charts

cd work
relguard publish ../archives/demo-1.2.0.tgz
relguard publish ../archives/demo-1.10.0+build.5.tgz ../archives/old-0.3.0.tgz ../archives/demo-1.2.1-rc.1.tgz
git show gh-pages:index.yaml >../before.yaml
relguard publish ../archives/*.tgz
git -C . archive --prefix=served/ gh-pages | tar -x -C ..
cd ..
python3 "$here/same.py" kept before.yaml served/index.yaml

# The same entries as helm makes of the same files.
mkdir -p helms
cp -r archives helms/charts
"$CLIENT" repo index helms
"$VENV/python" "$here/same.py" entries helms/index.yaml served/index.yaml

# The pipe tells that the port is written; the server ends with the test.
mkfifo port
mkdir pulled newest
python3 "$here/serve.py" served port &
server=$!
trap 'kill "$server"; wait "$server" || true' EXIT
read -r number <port
"$CLIENT" repo add local "http://127.0.0.1:$number"
"$CLIENT" search repo local --versions --devel --output json >found.json
python3 -c 'import json; assert len(json.load(open("found.json"))) == 5' || fail 'a version is not found'
for archive in archives/*.tgz; do
  name=$(basename "$archive" .tgz)
  "$CLIENT" pull "local/${name%%-*}" --version "${name#*-}" --destination pulled
  cmp "$archive" "pulled/$name.tgz"
  digest=$(sha256sum "pulled/$name.tgz" | cut -d' ' -f1)
  says served/index.yaml "digest: $digest"
  "$CLIENT" lint "pulled/$name.tgz"
  "$CLIENT" template "pulled/$name.tgz" >/dev/null
done
"$CLIENT" pull local/demo --destination newest --devel
[[ -e newest/demo-1.10.0+build.5.tgz ]] || fail 'the newest version is another one'

# Into an index that helm made, and from there on by helm again.
git -C work checkout --quiet --orphan theirs
git -C work rm -rfq .
cp helms/index.yaml work/
git -C work add index.yaml
git -C work commit --quiet --message=theirs
git -C work checkout --quiet master
git -C work branch --force gh-pages theirs
put work/charts/demo/Chart.yaml version 1.3.0
"$CLIENT" package work/charts/demo --destination new/charts
git -C work checkout --quiet charts
(cd work && relguard publish ../new/charts/demo-1.3.0.tgz)
git -C work show gh-pages:index.yaml >merged.yaml
python3 "$here/same.py" kept helms/index.yaml merged.yaml
"$CLIENT" repo index new --merge merged.yaml
"$VENV/python" "$here/same.py" entries merged.yaml new/index.yaml
