#!/usr/bin/env bash
# Pushes through a framework: it judges a branch, a tag passes it unseen, and the native hook catches that one, whether it
# was there before the framework's or comes after it.
set -euo pipefail
# shellcheck source=tests/clients/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
need "$CLIENT" git cargo
guarded work "$CLIENT" relguard-push
git init --quiet --bare --initial-branch=master origin.git
cd work
git remote add origin ../origin.git
git push origin master
theirs=$(cat .git/hooks/pre-push)

# has_tag: whether the tag is on the remote.
has_tag() {
  git ls-remote --exit-code origin refs/tags/v1.2.0
}

put charts/demo/Chart.yaml appVersion 1.0.0
git commit --quiet --all --no-verify --message='a fault'
refused log git push origin master
says log 'chart/app-version'
git reset --quiet --hard HEAD~1

# There is no release branch, and nobody asks.
git tag v1.2.0
git push origin v1.2.0
has_tag || fail 'the framework sees a tag; say so in docs/hooks.md'
refused log relguard doctor
says log 'tag pushes are unguarded'
git push --quiet --no-verify origin :v1.2.0

# caught: the native hook refuses the tag, and the framework still judges a branch.
caught() {
  refused log git push origin v1.2.0
  says log 'tag/branch'
  relguard doctor
  echo text >>notes.txt
  git add notes.txt
  git commit --quiet --no-verify --message=notes
  git push origin master >log 2>&1 || fail 'a good branch is refused'
  cat log
  says log 'relguard push'
  if has_tag; then fail 'the tag was pushed all the same'; fi
}

relguard install
caught
relguard uninstall
[[ $(cat .git/hooks/pre-push) == "$theirs" ]] || fail 'the hook of the framework is another one'

"$CLIENT" uninstall --hook-type pre-push
relguard install
"$CLIENT" install --hook-type pre-push
[[ -x .git/hooks/pre-push.legacy ]] || fail 'the framework does not keep the native hook'
caught
relguard install
caught
relguard uninstall
git push origin v1.2.0
