#!/usr/bin/env bash
# Measures relguard against git and helm on a made repository of a real project's size, in turn, so that the ratios hold
# whatever the machine. Also its peak memory and its size.
#
#   benches/run.sh [RUNS]     runs per command; 200 unless told
#
# RELGUARD names a program to measure; else this checkout is built.
# shellcheck source=benches/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
runs=${1:-200}
helm=$(command -v helm || command -v target/clients/helm4 || true)
[[ -z $helm ]] || helm=$(realpath "$helm")

python3 benches/history.py >"$scratch/history"
cd "$scratch"

# make_repository NAME [PATH]: with a change of PATH staged.
make_repository() {
  git init --quiet --initial-branch=master "$1"
  git -C "$1" fast-import --quiet <history
  git -C "$1" reset --quiet --hard
  if [[ -n ${2:-} ]]; then
    echo '# more' >>"$1/$2"
    git -C "$1" add "$2"
  fi
  git -C "$1" status >/dev/null
}

make_repository plain
make_repository code pkg/part1/file-1.go
make_repository chart charts/demo/Chart.yaml
echo "a repository of $(git -C plain rev-list --count HEAD) commits and $(git -C plain ls-files | wc -l) files"

commands=()
measure() {
  commands+=("$1" "$2")
}
measure 'git rev-parse HEAD' 'git -C plain rev-parse HEAD'
measure 'git status' 'git -C plain status'
measure 'relguard check' "$relguard -C plain check"
measure 'relguard hook pre-commit, code staged' "$relguard -C code hook pre-commit"
measure 'relguard hook pre-commit, Chart.yaml staged' "$relguard -C chart hook pre-commit"
if [[ -n $helm ]]; then
  measure 'helm show chart, twice' "sh -c '$helm show chart plain/charts/demo; $helm show chart plain/charts/demo'"
else
  echo "helm is not at hand and is left out; tests/clients/setup installs one" >&2
fi

python3 "$in_turn" --warmup 10 --rounds "$runs" --export results.json "${commands[@]}"
python3 - <<'PY'
import json

results = json.load(open("results.json"))["results"]
# On a busy machine the fastest runs tell more than the middle ones: ratios of both.
print(f"{'':<44} {'ms':^15} {'x git rev-parse':^17} {'x git status':^17}")
print(f"{'command':<44} {'min':>7} {'median':>7} {'min':>8} {'median':>8} {'min':>8} {'median':>8}")
for result in results:
    row = [result[kind] * 1000 for kind in ("min", "median")]
    row += [result[kind] / base[kind] for base in results[:2] for kind in ("min", "median")]
    print(f"{result['command']:<44} {row[0]:7.2f} {row[1]:7.2f}" + "".join(f" {ratio:8.2f}" for ratio in row[2:]))
PY

# mebibytes NAME KIBIBYTES
mebibytes() {
  awk -v name="$1" -v size="$2" 'BEGIN { printf "%-44s %8.2f MiB\n", name, size / 1024 }'
}
echo
if [[ -x /usr/bin/time ]]; then
  for ((i = 0; i < ${#commands[@]}; i += 2)); do
    [[ ${commands[i]} == relguard* ]] || continue
    read -ra words <<<"${commands[i + 1]}"
    /usr/bin/time --quiet --format %M --output peak "${words[@]}" >/dev/null 2>&1
    mebibytes "peak memory: ${commands[i]#relguard }" "$(<peak)"
  done
else
  echo 'peak memory is not measured: GNU time is missing' >&2
fi
mebibytes 'size of the program' "$(($(stat --format %s "$relguard") / 1024))"
