#!/usr/bin/env bash
# Helm and relguard make the same archive of each chart: the same files, the same bytes.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/clients/lib.sh
source "$here/../lib.sh"
# shellcheck source=tests/clients/package/charts.sh
source "$here/charts.sh"
need "$CLIENT" git python3
scratch=$PWD
for kind in helmignore metadata vendored v1 local; do
  echo "chart: $kind"
  project "$kind"
  cd "$kind"
  "chart_$kind"
  cp -r . "$scratch/$kind.helm"
  if grep -q file:// charts/demo/Chart.yaml; then
    # The lock file is made once and committed, as it holds the time.
    "$CLIENT" dependency update --skip-refresh "$scratch/$kind.helm/charts/demo"
    cp "$scratch/$kind.helm/charts/demo/Chart.lock" charts/demo
    rm -r "$scratch/$kind.helm/charts/demo/charts"
    "$CLIENT" dependency build --skip-refresh "$scratch/$kind.helm/charts/demo"
  fi
  git add --all
  git commit --quiet --no-verify --message="$kind"
  cd "$scratch"
  "$CLIENT" package "$kind.helm/charts/demo" --destination "$kind.theirs"
  relguard -C "$kind" package --ref HEAD --destination "$scratch/$kind.ours" | tee line
  (cd / && sha256sum --check --strict "$scratch/line")
  (cd "$kind.ours" && sha256sum --check --strict demo-1.2.0.tgz.sha256)
  "$VENV/python" "$here/compare.py" "$kind".{theirs,ours}/demo-1.2.0.tgz
done
