# shellcheck shell=bash
# What the client tests share.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
TOOLS=$ROOT/target/clients
VENV=$TOOLS/venv/bin
PATH=$TOOLS:$VENV:$PATH

# isolate: a home, a git and a locale of the run's own, in a folder that goes with it.
isolate() {
  RUN=$(mktemp -d "${TMPDIR:-/tmp}/relguard-clients.XXXXXX") || return
  trap 'chmod -R u+w "$RUN"; rm -rf "$RUN"' EXIT
  local name
  for name in $(compgen -e); do
    [[ $name == GIT_* || $name == PRE_COMMIT* || $name == PREK_* || $name == HELM_* || $name == SKIP ]] && unset "$name"
  done
  export RUN ROOT PATH
  export RUSTUP_HOME=${RUSTUP_HOME:-$HOME/.rustup} CARGO_HOME=${CARGO_HOME:-$HOME/.cargo}
  export BUILD=${CARGO_TARGET_DIR:-$ROOT/target}
  unset CARGO_TARGET_DIR
  # A framework builds relguard anew: quickly, not small.
  export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16
  export HOME=$RUN/home LC_ALL=C TZ=UTC NO_COLOR=1
  unset XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME
  export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
  export GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.com
  export GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=ada@example.com
  mkdir "$HOME"
}

# fail WORDS…: ends the test.
fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# need PROGRAM…: skips the test where one is missing.
need() {
  local program
  for program in "$@"; do
    command -v "$program" >/dev/null || {
      echo "$program is missing"
      exit 77
    }
  done
}

# refused LOG COMMAND…: the command has to fail; what it says goes to the log.
refused() {
  local log=$1
  shift
  if "$@" >"$log" 2>&1; then
    cat "$log"
    fail "passed: $*"
  fi
  cat "$log"
}

# says LOG TEXT: the text stands in the log.
says() {
  grep -qF -- "$2" "$1" || fail "'$2' is not in the output"
}

# relguard ARGS…: the program as this checkout builds it.
relguard() {
  CARGO_TARGET_DIR=$BUILD cargo run --quiet --locked --manifest-path "$ROOT/Cargo.toml" -- "$@"
}

# put FILE KEY VALUE: writes a key of a flat YAML file.
put() {
  sed -i "s/^\( *$2:\).*/\1 $3/" "$1"
}

# project DIR: a chart project in which relguard finds nothing, with one commit.
project() {
  mkdir -p "$1/charts/demo/templates" "$1/docs/CHANGELOG"
  cat >"$1/charts/demo/Chart.yaml" <<'YAML'
apiVersion: v2
name: demo
version: 1.2.0
appVersion: 1.2.0
YAML
  cat >"$1/charts/demo/values.yaml" <<'YAML'
image:
  tag: v1.2.0
YAML
  cat >"$1/charts/demo/templates/image.yaml" <<'YAML'
apiVersion: v1
kind: ConfigMap
metadata: { name: demo }
data: { image: "{{ .Values.image.tag }}" }
YAML
  printf '# v1.2.0\n\nThe first.\n' >"$1/docs/CHANGELOG/CHANGELOG-1.2.md"
  git -C "$1" init --quiet --initial-branch=master
  git -C "$1" add --all
  git -C "$1" commit --quiet --no-verify --message='demo 1.2.0'
}

# release DIR VERSION: what a good release commit of the project changes, staged.
release() {
  put "$1/charts/demo/Chart.yaml" version "$2"
  put "$1/charts/demo/Chart.yaml" appVersion "$2"
  put "$1/charts/demo/values.yaml" tag "v$2"
  sed -i "1i # v$2\n\nMore.\n" "$1/docs/CHANGELOG/CHANGELOG-1.2.md"
  git -C "$1" add --all
}

# checkout: this checkout, uncommitted changes included, as a repository that a framework can clone; prints its URL.
# It is made once a run, so that a framework builds relguard once a run.
checkout() {
  local copy=$RUN/relguard.git
  if [[ ! -d $copy ]]; then
    git init --quiet --bare "$copy"
    local -x GIT_DIR=$copy GIT_WORK_TREE=$ROOT
    git -C "$ROOT" add --all
    git -C "$ROOT" commit --quiet --message=checkout
    git tag v0.1.0
  fi
  echo "file://$copy"
}

# guarded DIR FRAMEWORK HOOK: a project whose commits or pushes a framework guards with one of our hooks.
guarded() {
  local url
  project "$1"
  url=$(checkout)
  cat >"$1/.pre-commit-config.yaml" <<YAML
default_install_hook_types: [pre-commit, pre-merge-commit, pre-push]
repos:
  - repo: $url
    rev: v0.1.0
    hooks:
      - id: $3
YAML
  git -C "$1" add --all
  git -C "$1" commit --quiet --no-verify --message='guard commits'
  (cd "$1" && "$2" install)
}
