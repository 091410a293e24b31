#!/usr/bin/env bash
# Measures publishing into a chart index of many entries against `helm repo index --merge`, as ratios, in turn: all
# versions in one chart, and the same number over a hundred charts.
#
#   benches/publish.sh [ENTRIES]     10000 unless told
#
# RELGUARD names a program to measure; else this checkout is built.
# shellcheck source=benches/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
entries=${1:-10000}
helm=$(command -v helm || command -v target/clients/helm4 || true)
need "${helm:-helm}"
helm=$(realpath "$helm")
maker=$PWD/benches/index.py
export GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.com GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=ada@example.com
cd "$scratch"
mkdir -p chart0 new
printf 'apiVersion: v2\nname: chart0\nversion: 99.0.0\nappVersion: "99.0.0"\n' >chart0/Chart.yaml
"$helm" package chart0 --destination new >/dev/null

# measure CHARTS RUNS
measure() {
  local repo=repository-$1
  python3 "$maker" "$1" "$entries" >"index-$1.yaml"
  git init --quiet --initial-branch=gh-pages "$repo"
  cp "index-$1.yaml" "$repo/index.yaml"
  git -C "$repo" add --all
  git -C "$repo" commit --quiet --message=index
  git -C "$repo" checkout --quiet --orphan main
  git -C "$repo" rm -rfq .
  git -C "$repo" commit --quiet --allow-empty --message=main
  git -C "$repo" branch before gh-pages
  python3 "$in_turn" --warmup 0 --rounds "$2" --export results.json \
    --prepare "git -C $repo branch --quiet --force gh-pages before" \
    "relguard publish" "$relguard -C $repo publish $PWD/new/chart0-99.0.0.tgz" \
    "helm repo index --merge" "$helm repo index new --merge index-$1.yaml"
  python3 - "$1" "$entries" "index-$1.yaml" <<'PY'
import json
import os
import sys

ours, helms = (result["min"] for result in json.load(open("results.json"))["results"])
charts, entries, path = sys.argv[1:]
title = f"{entries} entries of {charts} chart{'' if charts == '1' else 's'}, {os.path.getsize(path) / 2**20:.1f} MiB"
print(f"{title:<44} publish {ours * 1000:8.1f} ms   helm repo index --merge {helms * 1000:9.1f} ms   ratio {ours / helms:.4f}")
PY
  git -C "$repo" branch --quiet --force gh-pages before
  if [[ -x /usr/bin/time ]]; then
    /usr/bin/time --quiet --format %M --output peak "$relguard" -C "$repo" publish "$PWD/new/chart0-99.0.0.tgz" >/dev/null
    awk '{ printf "%-44s %8.2f MiB\n", "  peak memory", $1 / 1024 }' peak
  fi
}
measure 100 5
# Helm looks through all versions of a chart for each: minutes, so once is enough.
measure 1 1
