# shellcheck shell=bash
# What judges a workflow.

# audited FILE…: the forge's schema, actionlint with shellcheck, and zizmor at its strictest find nothing.
audited() {
  # relguard's own digest is not known before the release that a digest names.
  printf 'rules:\n  unpinned-uses:\n    config:\n      policies:\n        relguard/relguard: ref-pin\n        "*": hash-pin\n' >zizmor.yml
  check-jsonschema --builtin-schema github-workflows "$@"
  actionlint -no-color "$@"
  zizmor --offline --no-progress --persona pedantic --config zizmor.yml "$@"
}
