#!/usr/bin/env bash
# Charts from chart repositories: the release workflow's own scripts have a real helm fetch what the lock file names,
# and relguard makes the archive that helm makes of it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/clients/lib.sh
source "$here/../lib.sh"
# shellcheck source=tests/clients/package/charts.sh
source "$here/charts.sh"
# shellcheck source=tests/clients/workflows/step.sh
source "$ROOT/tests/clients/workflows/step.sh"
need "$CLIENT" git python3 cargo jq awk
scratch=$PWD
export GITHUB_REF_NAME=v1.2.0 GITHUB_OUTPUT=$PWD/output RELGUARD=$PWD/bin/relguard
mkdir bin
ln -s "$(command -v "$CLIENT")" bin/helm
cat >bin/relguard <<'SH'
#!/usr/bin/env bash
source "$ROOT/tests/clients/lib.sh"
relguard "$@"
SH
chmod +x bin/relguard
PATH=$PWD/bin:$PATH

# helm_of NAME: settings of helm's own, as a new machine has them.
helm_of() {
  export HELM_CONFIG_HOME=$scratch/helm/$1/config HELM_CACHE_HOME=$scratch/helm/$1/cache HELM_DATA_HOME=$scratch/helm/$1/data
}

# offer REPOSITORY NAME VERSION: a chart in a chart repository.
offer() {
  rm -rf made
  subchart "made/$2" "$2" "$3"
  helm package "made/$2" --destination "served/$1"
  helm repo index "served/$1"
}

helm_of maker
offer one remote 0.1.0
offer one remote 0.1.5
offer two other 2.0.0+b.1
# An archive whose URL ends in another name, as those of a forge's releases may.
offer three renamed 0.3.0
mv served/three/renamed-0.3.0.tgz served/three/chart.tgz
helm repo index served/three
# The pipe tells that the port is written; the server ends with the test.
mkfifo port
python3 "$ROOT/tests/clients/index/serve.py" served port &
server=$!
trap 'kill "$server"; wait "$server" || true' EXIT
read -r number <port
url=http://127.0.0.1:$number

project work
cd work
chart_local
depends remote ~0.1 "$url/one"
depends other '>=2, <3' "$url/two" 'alias: known'
depends renamed '>0.2' "$url/three"
helm dependency update charts/demo
rm -r charts/demo/charts
printf '/charts/*/charts/*.tgz\n' >.gitignore
git add --all
git commit --quiet --no-verify --message='charts of others'
git tag v1.2.0
relguard init --workflows github --quiet
cd ..
# What comes later is in no lock file.
offer one remote 0.1.9

# made FOLDER: the archive that the workflow makes in a clone of its own.
made() {
  helm_of "$1"
  git clone --quiet work "$1"
  (
    cd "$1"
    git checkout --quiet v1.2.0
    ln -s "$scratch/work" work
    step prepare 'Ask which charts lack a dependency'
    CHARTS=$(tail -n 1 "$GITHUB_OUTPUT") CHARTS=${CHARTS#charts=}
    [[ $CHARTS == '["./charts/demo"]' ]] || fail "lacking: $CHARTS"
    export CHARTS
    step prepare 'Fetch the dependencies that the charts lack'
    step prepare 'Ask which charts lack a dependency'
    [[ $(tail -n 1 "$GITHUB_OUTPUT") == 'charts=[]' ]] || fail "lacking after it was fetched: $(cat "$GITHUB_OUTPUT")"
    step prepare 'Package the chart' 2>note.txt
  )
  cat "$1/note.txt"
}

made first
says first/note.txt "remote 0.1.5 is taken from the working tree: charts/demo/charts/remote-0.1.5.tgz"
says first/note.txt "(sha256 $(sha256sum <served/one/remote-0.1.5.tgz | cut -d ' ' -f 1))"
says first/note.txt 'renamed 0.3.0 is taken from the working tree: charts/demo/charts/chart.tgz'
says first/note.txt 'other 2.0.0+b.1 is taken from the working tree: charts/demo/charts/other-2.0.0+b.1.tgz'
helm package first/charts/demo --destination theirs
"$VENV/python" "$here/compare.py" theirs/demo-1.2.0.tgz first/release/charts/demo-1.2.0.tgz
made second
cmp first/release/charts/demo-1.2.0.tgz second/release/charts/demo-1.2.0.tgz
helm template x first/release/charts/demo-1.2.0.tgz | tee rendered
says rendered 'demo/charts/remote/templates/a.yaml'
says rendered 'demo/charts/known/templates/a.yaml'
# What lies there is no change to what is checked out.
cd second
rm -f step.sh note.txt work
[[ -z $(git status --porcelain --untracked-files=no) ]] || fail 'helm changed what git tracks'
relguard package --destination ../again
cmp release/charts/demo-1.2.0.tgz ../again/demo-1.2.0.tgz

# Without a lock file nothing says what to take, though helm would.
git rm --quiet charts/demo/Chart.lock
git commit --quiet --no-verify --message='no lock file'
helm dependency build charts/demo
refused ../log relguard package --destination ../never
says ../log 'without a lock file nothing says which version to take'
[[ ! -e ../never ]] || fail 'something was written'
