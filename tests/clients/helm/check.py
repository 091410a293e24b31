"""Holds rendered objects against what every cluster asks of them and against the values they were made from."""

import re
import sys

import yaml

objects = [item for item in yaml.safe_load_all(open(sys.argv[1])) if item]
values = yaml.safe_load(open(sys.argv[2])) if len(sys.argv) > 2 else {}
kinds = {item["kind"]: item for item in objects}
assert len(kinds) == len(objects), "an object too many"

for item in objects:
    for key, label in item["metadata"]["labels"].items():
        assert re.fullmatch(r"([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?", label), f"label {key}: {label!r}"
    assert item["metadata"]["namespace"] == "ops"

cron = kinds["CronJob"]
assert re.fullmatch(r"[a-z0-9]([a-z0-9.-]{0,50}[a-z0-9])?", cron["metadata"]["name"]), cron["metadata"]["name"]
assert isinstance(cron["spec"]["schedule"], str)
job = cron["spec"]["jobTemplate"]["spec"]
pod = job["template"]["spec"]
clone, audit = pod["initContainers"] + pod["containers"]
account = kinds.get("ServiceAccount")
assert account is None or account["metadata"]["name"] == pod["serviceAccountName"]

assert audit["args"][:5] == ["audit", "-C", "/audit/repository", "--format", values.get("format", "human")]
assert audit["args"][5:] == values.get("extraArgs", [])
for container in (clone, audit):
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["securityContext"]["capabilities"]["drop"] == ["ALL"]
    named = {volume["name"] for volume in pod["volumes"]}
    assert {mount["name"] for mount in container["volumeMounts"]} <= named
    assert all(isinstance(item.get("value", ""), str) for item in container["env"])
    for item in values.get("extraEnv", []):
        assert item in container["env"]
assert pod["securityContext"]["runAsNonRoot"] is True
assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}

asked = values.get("repository", {})
env = {item["name"]: item.get("value") for item in clone["env"]}
if "url" in asked:
    assert env["REPOSITORY_URL"] == asked["url"], env
assert env["REPOSITORY_REF"] == asked.get("ref", "")
secrets = [volume["secret"]["secretName"] for volume in pod["volumes"] if "secret" in volume]
assert secrets == [name for name in [asked.get("existingSecret")] if name]
image = values.get("image", {})
if image.get("digest"):
    assert audit["image"].endswith("@" + image["digest"])
elif "tag" in image:
    assert audit["image"].endswith(":" + image["tag"])

for key in ("schedule", "timeZone", "concurrencyPolicy", "suspend", "startingDeadlineSeconds",
            "successfulJobsHistoryLimit", "failedJobsHistoryLimit"):
    if key in values:
        assert cron["spec"].get(key) == (values[key] if values[key] != "" else None), key
for key in ("backoffLimit", "activeDeadlineSeconds", "ttlSecondsAfterFinished"):
    if key in values:
        assert job.get(key) == values[key], key
for key in ("nodeSelector", "tolerations", "affinity", "imagePullSecrets"):
    if key in values:
        assert pod[key] == values[key], key
for key, label in values.get("podLabels", {}).items():
    if not key.startswith("app.kubernetes.io/"):
        assert job["template"]["metadata"]["labels"][key] == label
assert job["template"]["metadata"].get("annotations", {}) == values.get("podAnnotations", {})
assert cron["metadata"].get("annotations", {}) == values.get("annotations", {})
