#!/usr/bin/env bash
# Pushes over HTTP, through a real web server and git http-backend, to a bare repository with the hook, by a client
# that has none: what must not get in, and what must.
set -euo pipefail
# shellcheck source=tests/clients/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
PATH=$PATH:/usr/sbin
need git python3 lighttpd cargo

git init --quiet --bare --initial-branch=master served/project.git
git -C served/project.git config http.receivepack true
(cd served/project.git && relguard install)

# The pipe tells that the port is written; the server ends with the test.
mkfifo port
python3 "$ROOT/tests/clients/http/serve.py" served port &
server=$!
trap 'kill "$server"; wait "$server" || true' EXIT
read -r number <port
url=http://127.0.0.1:$number/project.git

project work
cd work
git remote add origin "$url"
git branch release-1.2
git tag v1.2.0
git push --quiet origin master release-1.2 v1.2.0
git checkout --quiet release-1.2
release . 1.2.1
git commit --quiet --no-verify --message='demo 1.2.1'
git push --quiet origin release-1.2
git checkout --quiet -b side
git commit --quiet --allow-empty --message='never merged'
git tag -a -m x v1.2.9 release-1.2
git tag tree 'release-1.2^{tree}'
git checkout --quiet --orphan alone
git commit --quiet --message='no common history'
git checkout --quiet master

refs() { git ls-remote "$url"; }

# attack RULE WHAT ARGS…: the push is refused by the rule and changes no ref.
attack() {
  local rule=$1 what=$2
  shift 2
  refs >../before
  refused ../log git push "$@" >/dev/null
  says ../log "remote: error[$rule]:"
  refs | diff ../before - || fail "$what changed refs"
  printf '%-50s %s\n' "$what" "$(grep -m 1 -F "error[$rule]" ../log | sed 's/^remote: //; s/ *$//')"
}

# honest WHAT ARGS…: the push goes through.
honest() {
  local what=$1
  shift
  git push "$@" >../log 2>&1 || { cat ../log; fail "$what was refused"; }
  printf '%-50s %s\n' "$what" accepted
}

attack tag/immutable 'move a tag' --force origin release-1.2:refs/tags/v1.2.0
attack tag/immutable 'delete a tag' origin --delete v1.2.0
attack tag/immutable 'delete a tag and make it anew' --force origin :refs/tags/v1.2.0 release-1.2:refs/tags/v1.2.1
attack tag/name 'a tag object under another name' origin v1.2.9:refs/tags/v1.2.1
attack tag/name 'an odd name' origin $'release-1.2:refs/tags/v1.2.1\xe2\x80\x8b'
attack tag/name 'no v' origin release-1.2:refs/tags/1.2.1
attack tag/branch 'a tag of a tree' origin tree:refs/tags/v1.2.1
attack tag/branch 'a commit that was never merged' origin side:refs/tags/v1.2.1
attack tag/branch 'branch elsewhere and tag in one push' origin master:refs/heads/v1.3 side:refs/tags/v1.2.1
attack tag/version 'a version the chart does not have' origin release-1.2:refs/tags/v1.2.2
attack branch/version 'a release branch of an old commit' origin master:refs/heads/release-1.3
attack branch/base 'a release branch of no common history' origin alone:refs/heads/release-1.3
attack branch/base 'a release branch ahead of the default branch' origin side:refs/heads/release-1.3
attack branch/name 'a branch named like a tag' origin master:refs/heads/v1.2.1
attack branch/rewrite 'push --force' --force origin release-1.2~1:release-1.2
attack branch/rewrite 'the default branch rewritten' --force origin alone:master
attack branch/rewrite 'a release branch deleted' origin --delete release-1.2
git branch --force release-1.2 release-1.2~1
git tag -d v1.2.0 >/dev/null
attack branch/rewrite 'push --mirror' --mirror origin
git fetch --quiet --tags origin release-1.2:release-1.2 --force
honest 'a z release' origin release-1.2:refs/tags/v1.2.1
honest 'a topic branch with release in its name' origin side:refs/heads/release-notes
honest 'a branch deleted that is none of a release' origin --delete release-notes

# A shallow clone has what it needs, and can't hide what it lacks.
git clone --quiet --depth=1 --branch=release-1.2 "$url" ../shallow
cd ../shallow
attack tag/version 'a shallow clone, wrong version' origin HEAD:refs/tags/v1.2.2
put charts/demo/Chart.yaml version 1.2.2
put charts/demo/Chart.yaml appVersion 1.2.2
put charts/demo/values.yaml tag v1.2.2
sed -i "1i # v1.2.2\n\nMore.\n" docs/CHANGELOG/CHANGELOG-1.2.md
git commit --quiet --all --message='demo 1.2.2'
attack tag/branch 'a shallow clone, never merged' origin HEAD:refs/tags/v1.2.2
honest 'a shallow clone, branch and tag at once' --atomic origin HEAD:release-1.2 HEAD:refs/tags/v1.2.2
