#!/usr/bin/env bash
# The whole process by the documented commands, against a server that guards itself: 1.2.0, then 1.3.0-rc.1 and 1.3.0,
# then 1.2.1 on the older line. A real helm then adds the published index over HTTP, pulls each version, verifies its
# digest, lints and templates it, and packages the same chart itself.
set -euo pipefail
# shellcheck source=tests/clients/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
need "$CLIENT" git python3 cargo
clients=$ROOT/tests/clients
export HELM_CONFIG_HOME=$PWD/config HELM_CACHE_HOME=$PWD/cache HELM_DATA_HOME=$PWD/data

# The pipe tells that the port is written; the server ends with the test.
mkdir served
mkfifo port
python3 "$clients/index/serve.py" served port &
server=$!
trap 'kill "$server"; wait "$server" || true' EXIT
read -r number <port

git init --quiet --bare --initial-branch=master server.git
(cd server.git && relguard install)
project work
cd work
printf 'index: {url: "http://127.0.0.1:%s"}\n' "$number" >.relguard.yaml
git add .relguard.yaml
git commit --quiet --message='say where the charts are'
git remote add origin ../server.git
git push --quiet --set-upstream origin master
git remote set-head origin master
relguard install

# change BRANCH FILE MESSAGE: a change that is merged into a branch.
change() {
  git fetch --quiet origin
  git switch --quiet --detach "origin/$1"
  echo "$3" >"$2"
  git add "$2"
  git commit --quiet --message="$3"
  git push --quiet origin "HEAD:$1"
}

# merge VERSION BRANCH: what a person does on the forge.
merge() {
  git fetch --quiet origin
  git push --quiet origin "origin/prepare-$1:$2"
}

# waits VERSION: the release is prepared, and waits for a person.
waits() {
  relguard release "$1" --run | tee ../log
  grep -q '^  waiting  merge ' ../log || fail "$1 does not wait to be merged"
}

# released VERSION: the release goes through to the chart index.
released() {
  relguard release "$1" --run | tee ../log
  grep -q '^  done     publish ' ../log || fail "$1 is not published"
  relguard notes "$1" >"../notes-$1.md"
  says "../notes-$1.md" "$1"
}

released 1.2.0
change master a.txt 'feat: the first thing (#1)'
waits 1.3.0-rc.1
merge 1.3.0-rc.1 master
released 1.3.0-rc.1
change release-1.3 b.txt 'fix: the second thing (#2)'
waits 1.3.0
merge 1.3.0 release-1.3
released 1.3.0
change release-1.2 b.txt 'fix: the second thing (#2)'
waits 1.2.1
merge 1.2.1 release-1.2
released 1.2.1
git show origin/master:charts/demo/Chart.yaml | grep -qx 'version: 1.3.0-rc.1' || fail 'the default branch went back'
relguard audit --strict
cd ..

git --git-dir=server.git archive gh-pages | tar -x -C served
"$CLIENT" repo add demo "http://127.0.0.1:$number"
mkdir pulled
for version in 1.2.0 1.2.1 1.3.0-rc.1 1.3.0; do
  "$CLIENT" pull demo/demo --version "$version" --destination pulled
  archive=pulled/demo-$version.tgz
  says served/index.yaml "digest: $(sha256sum "$archive" | cut -d' ' -f1)"
  "$CLIENT" lint "$archive"
  "$CLIENT" template "$archive" >manifest
  says manifest "v$version"
  mkdir -p "tree-$version" "helms-$version"
  git --git-dir=server.git archive "v$version" | tar -x -C "tree-$version"
  "$CLIENT" package "tree-$version/charts/demo" --destination "helms-$version"
  "$VENV/python" "$clients/package/compare.py" "helms-$version/demo-$version.tgz" "$archive"
done
