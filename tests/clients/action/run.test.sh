#!/usr/bin/env bash
# The action's scripts, on a shallow checkout as actions/checkout makes it, with inputs that try to be more than text.
# shellcheck disable=SC2016 # what looks like an expansion must not become one
set -euo pipefail
# shellcheck source=tests/clients/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
need cargo git
project work
git -C work branch release-1.2
git -C work tag -a v1.2.0 -m 1.2.0
release work 1.2.1
git -C work commit --quiet --message='demo 1.2.1'
git clone --quiet --bare work forge.git
git -C forge.git fetch --quiet ../work '+refs/heads/*:refs/heads/*'

git init --quiet checkout
git -C checkout remote add origin "file://$PWD/forge.git"
after=$(git -C work rev-parse master) before=$(git -C work rev-parse master^)
git -C checkout fetch --quiet --no-tags --depth=1 origin "+$after:refs/remotes/origin/master"
git -C checkout checkout --quiet --detach "$after"
printf '{"before": "%s", "after": "%s", "repository": {"default_branch": "master"}}' "$before" "$after" >event.json
export GITHUB_EVENT_NAME=push GITHUB_REF=refs/heads/master GITHUB_SHA=$after GITHUB_EVENT_PATH=$PWD/event.json
export GITHUB_ACTIONS=true GITHUB_STEP_SUMMARY=$PWD/summary.md GITHUB_ACTION_PATH=$ROOT
export TOOLS=$PWD/tools DIRECTORY=checkout BEFORE=$before PULL_REQUEST='' FORMAT=github CONFIG='' ARGUMENTS='' VERSION=''

mkdir -p tools/bin
cat >tools/bin/relguard <<'SH'
#!/usr/bin/env bash
printf '%s\n' "$@" >"$TOOLS/arguments"
source "$ROOT/tests/clients/lib.sh"
relguard "$@"
SH
chmod +x tools/bin/relguard

status=0
"$ROOT/action/judge" || status=$?
[[ $status -eq 2 ]] || fail "a shallow checkout is judged (status $status)"
"$ROOT/action/fetch"
[[ $(git -C checkout rev-parse --is-shallow-repository) == false ]] || fail "the history is still cut"
git -C checkout rev-parse origin/release-1.2 'v1.2.0^{tag}'
"$ROOT/action/judge"
says summary.md 'relguard: nothing found'

ARGUMENTS='--strict  $(touch hacked) ; touch hacked `touch hacked` *' "$ROOT/action/judge" && fail "bad arguments are taken"
diff tools/arguments - <<'TEXT'
-C
checkout
ci
--format
github
--strict
$(touch
hacked)
;
touch
hacked
`touch
hacked`
*
TEXT
for version in 'v0.1.0; touch hacked' '$(touch hacked)' main '../..' '-x'; do
  VERSION=$version refused log "$ROOT/action/install"
  says log 'takes a version such as'
done
BEFORE='$(touch hacked)' PULL_REQUEST='1; touch hacked' GITHUB_EVENT_NAME=pull_request_target "$ROOT/action/fetch"
[[ ! -e hacked && ! -e checkout/hacked ]] || fail "a text was run"
