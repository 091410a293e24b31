"""compare.py HELM OURS: fails unless both archives hold the same files with the same bytes, but for each chart's own
Chart.yaml, which has to parse to the same document."""
import sys
import tarfile

import yaml


def read(path):
    files = {}
    with tarfile.open(path) as archive:
        for member in archive.getmembers():
            assert member.isfile(), f"{path}: {member.name} is no file"
            assert member.name not in files, f"{path}: {member.name} is there twice"
            files[member.name] = archive.extractfile(member).read()
    return files


def is_chart(name):
    """demo/Chart.yaml, demo/charts/sub/Chart.yaml"""
    *folders, last = name.split("/")
    return last == "Chart.yaml" and len(folders) % 2 == 1 and set(folders[1::2]) <= {"charts"}


helm, ours = (read(path) for path in sys.argv[1:])
assert set(helm) == set(ours), f"other files: {sorted(set(helm) ^ set(ours))}"
for name, wanted in helm.items():
    if is_chart(name):
        assert yaml.safe_load(wanted) == yaml.safe_load(ours[name]), f"{name}:\n{wanted}\n{ours[name]}"
    else:
        assert wanted == ours[name], f"{name}:\n{wanted}\n{ours[name]}"
assert any(map(is_chart, helm))
print(f"{sys.argv[2]}: {len(helm)} files")
