#!/usr/bin/env bash
# Measures `relguard changelog` over 10,000 commits against `git log` over them, in turn: of a history of squashed
# commits, of one of merged pull requests, and with a release line that changes were picked to.
#
#   benches/changelog.sh [RUNS]     runs per command; 20 unless told
#
# RELGUARD names a program to measure; else this checkout is built.
# shellcheck source=benches/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
runs=${1:-20}

for kind in squashed merged picked; do
  git init --quiet --initial-branch=master "$scratch/$kind"
  python3 benches/changes.py "$kind" | git -C "$scratch/$kind" fast-import --quiet
  git -C "$scratch/$kind" repack -adq
  git -C "$scratch/$kind" remote add origin https://github.com/demo/demo.git
done
cd "$scratch"

commands=()
for kind in squashed merged picked; do
  commands+=("$kind: git log" "git -C $kind log v1.0.0..master")
  commands+=("$kind: relguard changelog" "$relguard -C $kind changelog 1.1.0 --stdout")
done
python3 "$in_turn" --rounds "$runs" --export results.json "${commands[@]}"
python3 - <<'PY'
import json

results = json.load(open("results.json"))["results"]
print(f"{'':<28} {'ms':^15} {'x git log':^15}")
print(f"{'command':<28} {'min':>7} {'median':>7} {'min':>7} {'median':>7}")
for log, changelog in zip(results[::2], results[1::2]):
    for result in (log, changelog):
        row = [result[kind] * 1000 for kind in ("min", "median")]
        row += [result[kind] / log[kind] for kind in ("min", "median")]
        print(f"{result['command']:<28} {row[0]:7.1f} {row[1]:7.1f} {row[2]:7.2f} {row[3]:7.2f}")
PY
