#!/usr/bin/env bash
# Measures `relguard package` against `helm package` of the same charts: a small one, one of a usual size, one of two
# thousand files, one that takes in archives and charts of the repository. Times as ratios, in turn.
#
#   benches/package.sh [RUNS]     runs per command; 30 unless told
#
# RELGUARD names a program to measure; else this checkout is built. HELM names helms, else those of tests/clients/setup.
# shellcheck source=benches/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
runs=${1:-30}
helms=()
for helm in ${HELM:-target/clients/helm3 target/clients/helm4}; do
  [[ ! -x $helm ]] || helms+=("$(realpath "$helm")")
done
[[ ${#helms[@]} -gt 0 ]] || {
  echo 'helm is not at hand: tests/clients/setup installs it' >&2
  exit 2
}

export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.org
cd "$scratch"

# chart FOLDER NAME FILES: a chart with so many templates of some 10 KB.
chart() {
  mkdir -p "$1/templates"
  printf 'apiVersion: v2\nname: %s\nversion: 1.2.0\nappVersion: 1.2.0\n' "$2" >"$1/Chart.yaml"
  printf 'image:\n  tag: v1.2.0\n' >"$1/values.yaml"
  python3 - "$1/templates" "$3" <<'PY'
import random, sys
words = random.Random(1)
for number in range(int(sys.argv[2])):
    with open(f"{sys.argv[1]}/{number}.yaml", "w") as file:
        for line in range(250):
            file.write(f"key{line}: {{{{ .Values.a{words.randrange(10**9)} | quote }}}}\n")
PY
}

# committed NAME
committed() {
  git init --quiet --initial-branch=master "$1"
  git -C "$1" add --all
  git -C "$1" commit --quiet --message="$1"
}

chart small/charts/demo demo 2
chart usual/charts/demo demo 40
chart large/charts/demo demo 2000
chart vendored/charts/demo demo 20
for number in 1 2 3 4 5; do
  chart "made/sub$number" "sub$number" 40
  "${helms[0]}" package "made/sub$number" --destination vendored/charts/demo/charts >/dev/null
done
names=(small usual large vendored)
commands=()
for name in "${names[@]}"; do
  committed "$name"
  commands+=("relguard, $name" "$relguard -C $name package --ref HEAD --destination $PWD/out")
  for helm in "${helms[@]}"; do
    commands+=("$(basename "$helm"), $name" "$helm package $name/charts/demo --destination out")
  done
done
python3 "$in_turn" --rounds "$runs" --prepare 'rm -rf out' --export results.json "${commands[@]}"
python3 - <<'PY'
import json

results = json.load(open("results.json"))["results"]
print(f"{'command':<24} {'ms':^15} {'x relguard':^15}")
print(f"{'':<24} {'min':>7} {'median':>7} {'min':>7} {'median':>7}")
for result in results:
    if result["command"].startswith("relguard"):
        ours = result
    row = [result[kind] * 1000 for kind in ("min", "median")] + [result[kind] / ours[kind] for kind in ("min", "median")]
    print(f"{result['command']:<24}" + "".join(f" {cell:7.2f}" for cell in row))
PY
if [[ -x /usr/bin/time ]]; then
  for name in "${names[@]}"; do
    rm -rf out
    /usr/bin/time --quiet --format %M --output peak "$relguard" -C "$name" package --ref HEAD --destination "$PWD/out" >/dev/null
    awk -v name="$name" -v size="$(<peak)" 'BEGIN { printf "peak memory of relguard, %-9s %8.2f MiB\n", name, size / 1024 }'
  done
else
  echo 'peak memory is not measured: GNU time is missing' >&2
fi
