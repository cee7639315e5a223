#!/usr/bin/env python3
"""What `plimsoll compare` writes is what docs/schema/comparison.schema.json says, for runs that succeed, are refused and
are killed; and the schema refuses a report that lacks or adds something.

    comparison.py PLIMSOLL SOURCE_DIR
"""

import copy
import json
import pathlib
import subprocess
import sys
import tempfile

SKIPPED = 77  # ctest's SKIP_RETURN_CODE

try:
    from jsonschema import Draft202012Validator
except ImportError:
    print("skipped: python3 has no module jsonschema (Debian: python3-jsonschema)")
    sys.exit(SKIPPED)


def report_of(program, words):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "report.json")
        subprocess.run([program, "compare", *words, "--json", path], stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=False)
        return json.loads(path.read_text(encoding="utf-8"))


def keys_of(tree, path=()):
    """Every key of every object: where it stands."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield path, key
            yield from keys_of(value, path + (key,))
    elif isinstance(tree, list) and tree:
        yield from keys_of(tree[0], path + (0,))


def without(tree, path, key):
    changed = copy.deepcopy(tree)
    place = changed
    for step in path:
        place = place[step]
    del place[key]
    return changed


def main():
    program, source = sys.argv[1], pathlib.Path(sys.argv[2])
    schema = json.loads((source / "docs" / "schema" / "comparison.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    instances = source / "instances" / "experts"
    small = instances / "eight-experts-even.json"
    with tempfile.NamedTemporaryFile("w", suffix=".solu") as known:
        known.write("=best= eight-experts-even 200.5\n=bestdual= eight-experts-even 100\n")
        known.flush()
        reports = [
            report_of(program, [small, instances / "eight-experts-weighted.json", "--methods", "eplb,wrap,local",
                                "--work-limit", "1000", "--seeds", "2", "--best", known.name, "--title", "T"]),
            report_of(program, [small, "--methods", "local", "--work-limit", "1e15", "--kill-after", "0.2"]),
        ]
    complaints = [f"report {number}: {'/'.join(map(str, error.absolute_path))}: {error.message}"
                  for number, report in enumerate(reports) for error in validator.iter_errors(report)]
    if not reports[1]["faults"]:
        complaints.append("a run that was killed is no fault")
    for path, key in keys_of(reports[0]):
        if validator.is_valid(without(reports[0], path, key)):
            complaints.append(f"{'/'.join(map(str, path + (key,)))} may be missing")
    extra = copy.deepcopy(reports[0])
    extra["instances"][0]["runs"][0]["run"]["more"] = 1
    if validator.is_valid(extra):
        complaints.append("a key that nobody knows is taken")
    for complaint in complaints:
        print(complaint)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
