# What every benchmark begins with, sourced by it: the programs that it needs, `$relguard`, `$in_turn` that times
# commands, and an empty folder `$scratch` that is the home of no one's configuration. Leaves the current folder at the
# top of the checkout.
#
# RELGUARD names a program to measure; else this checkout is built.
# shellcheck shell=bash disable=SC2034
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# need PROGRAM…: ends where one is missing.
need() {
  local program
  for program in "$@"; do
    command -v "$program" >/dev/null || {
      echo "$program is missing: install it, as with 'apt-get install $program'; tests/clients/setup installs helm" >&2
      exit 2
    }
  done
}

need python3
in_turn=$PWD/benches/in_turn.py
if [[ -n ${RELGUARD:-} ]]; then
  relguard=$(realpath "$RELGUARD")
else
  cargo build --release --locked --quiet
  relguard=$(realpath "${CARGO_TARGET_DIR:-target}/release/relguard")
fi
scratch=$(mktemp -d "${TMPDIR:-/tmp}/relguard-bench.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
export HOME=$scratch GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 LC_ALL=C TZ=UTC
