"""Writes a chart index as Helm does: ENTRIES versions over CHARTS charts, each with what a real chart has."""

import hashlib
import sys

charts, entries = int(sys.argv[1]), int(sys.argv[2])
out = ["apiVersion: v1", "entries:"]
for number in sorted(range(charts), key=str):
    name = f"chart{number}"
    out.append(f"  {name}:")
    for version in range(entries // charts - 1, -1, -1):
        text = f"1.{version // 100}.{version % 100}"
        digest = hashlib.sha256(f"{name} {text}".encode()).hexdigest()
        out.append(f"""  - apiVersion: v2
    appVersion: {text}
    created: "2026-08-21T06:32:27.002048658Z"
    description: A chart as real ones are, with a line that tells what it is for
    digest: {digest}
    keywords:
    - scheduler
    - devices
    kubeVersion: '>= 1.18.0-0'
    maintainers:
    - email: ada@example.com
      name: Ada
    - email: bob@example.com
      name: Bob
    name: {name}
    sources:
    - https://example.com/project
    type: application
    urls:
    - charts/{name}-{text}.tgz
    version: {text}""")
out.append('generated: "2026-08-21T06:32:27.002048658Z"')
print("\n".join(out))
