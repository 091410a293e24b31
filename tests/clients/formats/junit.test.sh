#!/usr/bin/env bash
# JUnit reports are valid by the schema that Ant's reports have.
set -euo pipefail
# shellcheck source=tests/clients/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"
# shellcheck source=tests/clients/formats/project.sh
source "$(dirname "${BASH_SOURCE[0]}")/project.sh"
need cargo python
[[ -e $TOOLS/JUnit.xsd ]] || {
  echo "JUnit.xsd is missing"
  exit 77
}
reports junit
python - "$TOOLS/JUnit.xsd" ./*.report <<'PY'
import sys

from lxml import etree

schema = etree.XMLSchema(etree.parse(sys.argv[1]))
for name in sys.argv[2:]:
    report = etree.parse(name)
    schema.assertValid(report)
    for suite in report.iter("testsuite"):
        assert int(suite.get("tests")) == len(suite.findall("testcase")) > 0, name
        assert int(suite.get("failures")) == len(suite.findall("testcase/failure")), name
    failures = report.findall(".//failure")
    assert bool(failures) == (name != "./clean.report"), name
PY
