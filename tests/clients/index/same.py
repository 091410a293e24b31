"""Compares two chart indexes. `kept OLD NEW`: NEW has every line of OLD, in order, but for the time in `generated`.
`entries ONE OTHER`: both have the same entries in the same order, but for `created`."""

import sys

kind, one, other = sys.argv[1:]


def lines(path):
    return [line for line in open(path, encoding="utf-8") if not line.startswith("generated:")]


def entries(path):
    import yaml

    index = yaml.safe_load(open(path, encoding="utf-8"))
    assert index["apiVersion"] == "v1", path
    for versions in index["entries"].values():
        for entry in versions:
            del entry["created"]
    return index["entries"]


if kind == "kept":
    new = iter(lines(other))
    for line in lines(one):
        assert any(line == found for found in new), f"{other} lacks or moved {line!r}"
else:
    one, other = entries(one), entries(other)
    assert list(one) == list(other), (list(one), list(other))
    for name in one:
        assert len(one[name]) == len(other[name]), name
        for left, right in zip(one[name], other[name]):
            for key in sorted(left.keys() | right.keys()):
                assert left.get(key) == right.get(key), (name, key, left.get(key), right.get(key))
