#!/usr/bin/env bash
# Measures audit and the hooks against git on made histories, with and without a commit-graph, in turn: times as ratios,
# and peak memory.
#
#   benches/scale.sh [COMMITS…]     10000 and 100000 unless told
#
# RELGUARD names a program to measure; else this checkout is built.
# shellcheck source=benches/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
sizes=("$@")
[[ ${#sizes[@]} -gt 0 ]] || sizes=(10000 100000)
maker=$PWD/benches/releases.py
cd "$scratch"
# What hangs on the history alone: no file of any commit is read.
printf 'charts: []\nchangelog: false\n' >topology.yaml
zero=$(printf '0%.0s' {1..40})

# script FILE INPUT COMMAND…: a program that runs a command with a file as its input.
script() {
  printf '#!/bin/sh\nexec %s <%s\n' "${*:3}" "$PWD/$2" >"$1"
  chmod +x "$1"
}

# updates COUNT TIP: pushes of tags that fit, as pre-receive reads them.
updates() {
  local number
  for ((number = 0; number < $1; number++)); do echo "$zero $2 refs/tags/v10.9.$((number + 900))"; done
}

# measure REPOSITORY TITLE
measure() {
  local repo=$1 tip runs=40 tag
  tip=$(git -C "$repo" rev-parse refs/heads/release-10.9)
  tag=$(git -C "$repo" tag --points-at "$tip" --list 'v10.9.*' | tail -n 1)
  # The newest release is the one that is pushed.
  git -C "$repo" update-ref -d "refs/tags/$tag"
  echo "$zero $tip refs/tags/$tag" >one
  echo "refs/tags/$tag $tip refs/tags/$tag $zero" >pushed
  updates 1000 "$tip" >thousand
  script pre-receive.sh one "$relguard" -C "$PWD/$repo" hook pre-receive
  script pre-push.sh pushed "$relguard" -C "$PWD/$repo" hook pre-push origin "$PWD/nowhere"
  script thousand.sh thousand "$relguard" -C "$PWD/$repo" --config "$PWD/topology.yaml" hook pre-receive
  [[ $(git -C "$repo" rev-list --count --branches) -lt 500000 ]] || runs=5
  python3 "$in_turn" --ignore-failure --rounds "$runs" --export results.json \
    'git rev-list --count --branches' "git -C $repo rev-list --count --branches" \
    'audit, topology alone' "$relguard -C $repo --config $PWD/topology.yaml audit" \
    'hook pre-receive, one tag' ./pre-receive.sh \
    'hook pre-push, one tag' ./pre-push.sh \
    'hook pre-receive, 1,000 tags' ./thousand.sh
  echo
  echo "$2: $(git -C "$repo" rev-list --count --branches) commits, $(git -C "$repo" for-each-ref | wc -l) refs"
  python3 - <<'PY'
import json

results = json.load(open("results.json"))["results"]
print(f"{'command':<36} {'min ms':>9} {'median ms':>10} {'x rev-list, min':>16} {'median':>7}")
for result in results:
    ratios = [result[kind] / results[0][kind] for kind in ("min", "median")]
    print(f"{result['command']:<36} {result['min'] * 1000:9.1f} {result['median'] * 1000:10.1f} {ratios[0]:16.2f} {ratios[1]:7.2f}")
PY
  if [[ -x /usr/bin/time ]]; then
    /usr/bin/time --quiet --format %M --output peak "$relguard" -C "$repo" --config "$PWD/topology.yaml" audit >/dev/null
    awk '{ printf "peak memory of the audit: %.1f MiB\n", $1 / 1024 }' peak
  fi
  git -C "$repo" tag "$tag" "$tip"
}

for size in "${sizes[@]}"; do
  for refs in 0 50000; do
    # Other refs are measured once: what they cost does not depend on the history.
    [[ $refs -gt 0 || $size -eq ${sizes[0]} ]] || continue
    rm -rf repo
    git init --quiet --bare --initial-branch=master repo
    python3 "$maker" "$size" "$refs" | git -C repo fast-import --quiet
    git -C repo repack -adq
    git -C repo pack-refs --all
    measure repo "without a commit-graph"
    git -C repo commit-graph write --reachable
    measure repo "with a commit-graph"
  done
done
