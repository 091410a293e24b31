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

# Installing, with a forge that has what lies in `forge`, and a cargo that tells what it is asked.
mkdir fakes forge
cat >fakes/curl <<'SH'
#!/usr/bin/env bash
for url in "${@:$#-1}"; do cp "$FORGE/${url##*/}" . || exit 22; done
SH
cat >fakes/cargo <<'SH'
#!/usr/bin/env bash
echo "$*" >"$ASKED"
SH
printf '#!/usr/bin/env bash\nif [[ $1 == -s ]]; then echo Linux; else echo x86_64; fi\n' >fakes/uname
chmod +x fakes/*
export FORGE=$PWD/forge ASKED=$PWD/asked GITHUB_OUTPUT=$PWD/output
own=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$ROOT/Cargo.toml" | head -n 1)

# install VERSION: into a folder of its own.
install() {
  rm -rf "$ASKED" installed
  PATH=$PWD/fakes:$PATH TOOLS=$PWD/installed VERSION=$1 "$ROOT/action/install"
}

install '' # There is no such release.
[[ $(cat asked) == "install --quiet --locked --path $ROOT --root $PWD/installed" ]] || fail "$(cat asked)"
refused log install v9.9.9
says log "this action has the sources of v$own alone"
[[ ! -e asked ]] || fail "another version is built than was asked for"

archive=relguard-v9.9.9-x86_64-unknown-linux-musl.tar.gz
printf 'the program\n' >relguard
tar -czf "forge/$archive" relguard
(cd forge && sha256sum "$archive" >"$archive.sha256")
install v9.9.9
diff relguard installed/bin/relguard
says output "program=$PWD/installed/bin/relguard"

for version in 9.9.9 "$own"; do
  archive=relguard-v$version-x86_64-unknown-linux-musl.tar.gz
  printf '%064d  %s\n' 0 "$archive" >"forge/$archive.sha256"
  printf 'another program\n' >"forge/$archive"
  refused log install "$version"
  says log 'is not what its checksum says'
  [[ ! -e asked && ! -e installed/bin/relguard ]] || fail "a program is installed in spite of its checksum"
done
