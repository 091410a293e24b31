#!/usr/bin/env bash
# What helm can't package, relguard refuses.
# shellcheck disable=SC2016
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/clients/lib.sh
source "$here/../lib.sh"
# shellcheck source=tests/clients/package/charts.sh
source "$here/charts.sh"
need "$CLIENT" git

# refuse SAYS COMMAND…: makes a chart by the command; helm must fail on it, and relguard say the words.
number=0
refuse() {
  local says=$1
  shift
  number=$((number + 1))
  project "$number"
  cd "$number"
  "$@"
  echo "chart $number: $*"
  cp -r . ../helm
  if grep -q file:// charts/demo/Chart.yaml; then
    "$CLIENT" dependency build --skip-refresh ../helm/charts/demo || true
  fi
  refused ../helm.log "$CLIENT" package ../helm/charts/demo --destination ..
  git add --all
  git commit --quiet --no-verify --message=broken
  refused ../log relguard package --destination ../dist
  says ../log "$says"
  [[ ! -e ../dist ]] || fail 'something was written'
  cd ..
  rm -rf helm
}

cut_off() {
  chart_vendored
  truncate --size=100 charts/demo/charts/outer-2.3.4.tgz
}
old_local() {
  subchart libs/common common 0.1.7
  depends common "$1" "file://../../libs/common"
}
misnamed() {
  subchart libs/common other 0.1.7
  depends common 0.x "file://../../libs/common"
}
behind() {
  old_local 0.1.x
  "$CLIENT" dependency update --skip-refresh charts/demo
  rm -r charts/demo/charts
  put libs/common/Chart.yaml version 0.1.8
}

refuse 'is cut off' cut_off
refuse 'which is not in `^1`' old_local '^1'
refuse 'no range of versions' old_local '1.2.3.4'
refuse 'it asks for no version' old_local ''
refuse 'the chart there is named other' misnamed
refuse 'Chart.lock has its version 0.1.7' behind
refuse 'is not at libs/none' depends common '^1' "file://../../libs/none"
refuse 'is not in charts/' depends redis '^1' "https://charts.example.org"
refuse 'is no chart' file charts/README.md x
refuse 'double-star' file .helmignore '**/x\n'
refuse 'where it leads, is missing' ln -s nowhere charts/demo/link

# What helm loses without a word, relguard refuses as well.
project nested
cd nested
subchart libs/base base 1.0.0
subchart libs/common common 0.1.7
printf 'dependencies:\n- { name: base, version: 1.x, repository: "file://../base" }\n' >>libs/common/Chart.yaml
depends common 0.x "file://../../libs/common"
git add --all
git commit --quiet --no-verify --message=nested
refused ../log relguard package --destination ../dist
says ../log 'the dependency common lacks what it depends on itself: base'
"$CLIENT" package --dependency-update charts/demo --destination ../theirs
tar -tzf ../theirs/demo-1.2.0.tgz | tee ../names
! grep -q base ../names || fail 'helm has it'
