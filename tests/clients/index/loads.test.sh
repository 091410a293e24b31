#!/usr/bin/env bash
# What a real helm loads of odd chart indexes, and what relguard says of them: of an index that Helm takes nothing of
# it says so, and of every entry that Helm passes over.
set -euo pipefail
# shellcheck source=tests/clients/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
need "$CLIENT" git python3 cargo
export HELM_CONFIG_HOME=$PWD/config HELM_CACHE_HOME=$PWD/cache HELM_DATA_HOME=$PWD/data

mkdir served
mkfifo port
python3 "$ROOT/tests/clients/index/serve.py" served port &
server=$!
trap 'kill "$server"; wait "$server" || true' EXIT
read -r number <port

project work
git -C work switch --quiet --orphan gh-pages

# judge NAME INDEX: what Helm makes of an index has to be what relguard makes of it.
judge() {
  printf '%b' "$2" | tee served/index.yaml >work/index.yaml
  git -C work add index.yaml
  git -C work commit --quiet --no-verify --allow-empty --message="$1"
  local loads=yes wanted=yes status=0
  "$CLIENT" repo add --force-update demo "http://127.0.0.1:$number" >helm.log 2>&1 || loads=no
  (cd work && relguard check --ref gh-pages --format json) >found.json || status=$?
  [[ $status -lt 2 ]] || fail "$1 can't be judged"
  grep -q "index.yaml can't be read: " found.json && wanted=no
  [[ $loads == "$wanted" ]] || fail "$1: helm loads it: $loads, relguard says: $wanted: $(cat helm.log)"
  local skipped=0 passed=0
  [[ $loads == no ]] || skipped=$(grep -c 'skipping loading invalid entry' helm.log || true)
  [[ $loads == no ]] || passed=$(grep -c 'Helm passes over an entry' found.json || true)
  [[ $skipped == "$passed" ]] || fail "$1: helm passes over $skipped entries, relguard says $passed: $(cat helm.log)"
}

top='apiVersion: v1\nentries:\n  demo:\n'
fine='  - {apiVersion: v2, name: demo, version: 1.0.0, urls: [demo-1.0.0.tgz]}\n'

# entry NAME REST: an index with a second entry.
entry() { judge "$1" "$top$fine  - $2\n"; }
# version TEXT
version() { entry "the version $1" "{apiVersion: v2, name: demo, version: $1, urls: [x.tgz]}"; }
# field TEXT
field() { entry "$1" "{apiVersion: v2, name: demo, version: 1.1.0, urls: [x.tgz], $1}"; }

judge 'a fine index' "$top$fine"
judge 'an index that is empty' ''
judge 'no apiVersion' "entries:\n  demo:\n$fine"
judge 'an empty apiVersion' "apiVersion: \"\"\nentries:\n  demo:\n$fine"
judge 'no apiVersion but null' "apiVersion:\nentries:\n  demo:\n$fine"
judge 'another apiVersion' "apiVersion: v2\nentries:\n  demo:\n$fine"
judge 'a number as apiVersion' "apiVersion: 1\nentries:\n  demo:\n$fine"
judge 'no entries' 'apiVersion: v1\nentries:\n'
judge 'a chart without entries' "${top}${fine}  other:\n"
judge 'a chart twice' "$top$fine  demo:\n$fine"
judge 'one version twice' "$top$fine$fine"
judge 'generated at no time' "$top${fine}generated: x\n"
judge 'generated at a time' "$top${fine}generated: 2026-01-02T03:04:05.678+02:00\n"
entry 'no version' '{apiVersion: v2, name: demo, urls: [x.tgz]}'
entry 'a text as entry' 'x'
entry 'a key twice' '{apiVersion: v2, name: demo, version: 1.1.0, version: 1.2.0}'
for text in 1.10 1 1e3 1_000 0b1 +1 .5 true yes y '""' null '"1.10"' 2026-01-02 v1.1.0 '"1.1"' '"1"' abc 01.2.3 1.2.3.4 \
  1.2.3- 1.2.3-01 1.2.3-x.01 '"1-01-02"' V1.2.3 1.2.3+ '"1.2.3 "' 99999999999999999999.0.0 '!!str 1.10' 1.2.3+b.01; do
  version "$text"
done
for text in 'digest: 12345' 'appVersion: 1.10' 'appVersion: "1.10"' 'description: 5' 'icon: yes' 'annotations: {a: true}' \
  'annotations: {a: "true"}' 'created: 5' 'created: 2026-01-01' 'created: null' 'created: ""' \
  'created: 2026-01-01T00:00:00Z' 'created: "2026-01-01T00:00:00.123456789+02:00"' 'created: "2026-01-01 00:00:00"'; do
  field "$text"
done
# Keys that no Helm knows, and values of another kind than each of its fields has.
for text in 'unknown: 1' 'Keywords: [a]' '1: a' 'null: a' 'keywords: a' 'keywords: [1]' 'keywords: [null, 2026-01-02]' \
  'keywords: {a: b}' 'keywords: [[a]]' 'sources: a' 'sources: [1]' 'sources: [{a: b}]' 'sources: null' 'maintainers: a' \
  'maintainers: [a]' 'maintainers: [null]' 'maintainers: {name: a}' 'maintainers: [{name: 1}]' 'maintainers: [{}]' \
  'maintainers: [{name: a, email: true}]' 'maintainers: [{name: a, url: 5}]' 'maintainers: [{name: a, x: 5}]' \
  'maintainers: [{name: null}]' 'maintainers: [&x {name: a}, *x]' 'dependencies: a' 'dependencies: [a]' \
  'dependencies: [null]' 'dependencies: {}' 'dependencies: [{name: 1}]' 'dependencies: [{name: a, version: 1.0}]' \
  'dependencies: [{name: a, repository: 5}]' 'dependencies: [{name: a, condition: true}]' 'dependencies: [{Name: a}]' \
  'dependencies: [{name: a, tags: x}]' 'dependencies: [{name: a, tags: [1]}]' 'dependencies: [{name: a, tags: [x]}]' \
  'dependencies: [{name: a, enabled: "true"}]' 'dependencies: [{name: a, enabled: yes}]' 'dependencies: [{}]' \
  'dependencies: [{name: a, enabled: 1}]' 'dependencies: [{name: a, import-values: x}]' 'dependencies: null' \
  'dependencies: [{name: a, import-values: [1, {a: 1}, null]}]' 'dependencies: [{name: a, alias: 1}]' \
  'dependencies: [{name: a, alias: a.b}]' 'dependencies: [{name: a, alias: ""}]' 'dependencies: [{name: a, x: 1}]' \
  'dependencies: [{name: a}, {name: a}]' 'deprecated: "true"' 'deprecated: true' 'deprecated: y' 'deprecated: 1' \
  'deprecated: null' 'deprecated: []' 'annotations: a' 'annotations: []' 'annotations: null' 'annotations: {a: null}' \
  'annotations: {a: [b]}' 'annotations: {1: a}' 'annotations: {null: a}' 'annotations: {a: b, a: c}' 'removed: "true"' \
  'removed: on' 'removed: 1' 'tillerVersion: 1' 'tillerVersion: {}' 'engine: 1' 'engine: {}' 'checksum: 1' 'url: 1' \
  'url: [a]' 'digest: []' 'home: {}' 'kubeVersion: {}' 'condition: []' 'tags: [a]' 'type: foo' 'type: 5' 'type: ""' \
  'type: library' 'icon: null' 'keywords: &k [a], sources: *k'; do
  field "$text"
done
for text in 'urls: x' 'urls: [1, null, ""]' 'urls: [[a]]' 'urls: {}' 'apiVersion: v3' 'apiVersion: 1' 'apiVersion: ""'; do
  entry "$text" "{name: demo, version: 1.1.0, $text}"
done
for text in '' 'name: ""' 'name: null' 'name: a/b' 'name: other' 'name: 1' 'name: "a b"'; do
  entry "the name: $text" "{version: 1.1.0, urls: [x.tgz]${text:+, $text}}"
done
entry 'a list as entry' '[]'
entry 'braces as entry' '{}'
for text in 'unknown: [1]' 'Entries: {}' 'annotations: {a: 1, 1: b, c: null}' 'annotations: a' 'annotations: {a: [b]}' \
  'publicKeys: a' 'publicKeys: [a, 1, null]' 'publicKeys: [[a]]' 'publicKeys: null' 'serverInfo: {a: 1}' 'serverInfo: a' \
  'serverInfo: []' 'generated: null' 'generated: ""' '1: a' 'null: a' '  other: {}' '  other: a' '  1: []'; do
  judge "at the top: $text" "$top$fine$text\n"
done
# In JSON, which helm repo index --json writes, it passes over what it does not know, and makes no text of a number.
json='{"apiVersion": "v1", "entries": {"demo": [{"name": "demo", "version": "1.0.0", "urls": ["x.tgz"], "x": {}'
for text in '' ', "keywords": [1]' ', "digest": 1' ', "removed": "true"' ', "dependencies": [{"name": "a", "x": 1}]'; do
  judge "JSON with$text" "$json$text}]}, \"unknown\": 1}\n"
done
judge 'JSON with a number as apiVersion' '{"apiVersion": 1, "entries": {}}\n'
# An entry without anything: Helm 3 breaks off, Helm 4 passes over it. One that breaks for some is one that breaks.
printf '%b' "$top$fine  -\n" >work/index.yaml
git -C work commit --quiet --no-verify --all --message='nothing'
(cd work && refused ../log relguard check --ref gh-pages)
says log 'an entry without anything stands here'
