#!/usr/bin/env python3
"""Holds the JSON Schemas of docs/schema against the readers: every golden file and every shipped instance must be taken
or refused by both. What a schema cannot say (one value against another, other files, the spelling of a number) stands in
exceptions.txt, by file and reason. Fails where the two disagree on a file that is not listed, and where a listed file
is one on which they agree.

    agree.py PLIMSOLL SOURCE_DIR
"""

import json
import pathlib
import subprocess
import sys

SKIPPED = 77  # ctest's SKIP_RETURN_CODE

try:
    from jsonschema import Draft202012Validator
except ImportError:
    print("skipped: python3 has no module jsonschema (Debian: python3-jsonschema)")
    sys.exit(SKIPPED)


class NotJson(Exception):
    """The text is refused before any schema is asked."""


def strict_json(data):
    """RFC 8259 without what Python adds: no NaN, no key twice, UTF-8 and nothing else."""

    def pairs(members):
        names = [name for name, _ in members]
        if len(set(names)) != len(names):
            raise NotJson("a key stands twice")
        return dict(members)

    def constant(name):
        raise NotJson(name)

    try:
        tree = json.loads(data.decode("utf-8"), object_pairs_hook=pairs, parse_constant=constant)
        json.dumps(tree, ensure_ascii=False).encode("utf-8")  # a lone surrogate is no text
    except (UnicodeError, json.JSONDecodeError, RecursionError) as error:
        raise NotJson(str(error)) from error
    return tree


def schema_takes(validator, path):
    try:
        return validator.is_valid(strict_json(path.read_bytes()))
    except NotJson:
        return False


def reader_takes(program, arguments):
    """Exit 2 is a refusal; 0, 1 and 4 speak of what was read."""
    done = subprocess.run([program, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    if done.returncode not in (0, 1, 2, 4):
        sys.exit(f"{' '.join(map(str, arguments))}: exit {done.returncode}: {done.stderr.decode(errors='replace')}")
    return done.returncode != 2


PROBLEMS = ("experts", "assignment")


def files_of(source):
    """Every file: its path, the schema it falls under, and the words that make the program read it."""
    solve = ["--gap", "1", "--work-limit", "1", "--quiet", "-o", "/dev/null"]
    for problem in PROBLEMS:
        golden = source / "tests" / "golden" / problem
        plans = golden / "plans"
        shipped = source / "instances" / problem
        for folder in (golden / "valid", golden / "invalid", plans, shipped, shipped / "steps"):
            for path in sorted(folder.glob("*.json")):
                yield path, f"{problem}-instance", ["solve", path, *solve]
        for path in [path for folder in ("valid", "invalid") for path in sorted((plans / folder).glob("*.json"))]:
            kinds = [kind for kind in ("tiled", "step") if path.stem.startswith(kind)]
            of = f"instance_{kinds[0]}.json" if kinds else "instance.json"
            yield path, f"{problem}-plan", ["check", plans / of, path]


def listed_exceptions(path):
    """Name of a file and why no schema can refuse it, parted by a tab."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    listed = dict(line.split("\t", 1) for line in lines)
    if len(listed) != len(lines):
        sys.exit(f"{path}: a file is listed twice")
    return listed


def judge(name, by_schema, by_reader, listed):
    """What is wrong with the two verdicts on one file, or None."""
    if by_schema == by_reader:
        verdict = "taken" if by_schema else "refused"
        return f"{name}: listed as an exception, but {verdict} by both" if name in listed else None
    if by_reader:
        return f"{name}: the reader takes it, the schema does not"
    return None if name in listed else f"{name}: the schema takes it, the reader does not, and it is not listed"


def main():
    program, source = sys.argv[1], pathlib.Path(sys.argv[2])
    validators = {}
    for name in [f"{problem}-{kind}" for problem in PROBLEMS for kind in ("instance", "plan")]:
        schema = json.loads((source / "docs" / "schema" / f"{name}.schema.json").read_text(encoding="utf-8"))
        Draft202012Validator.check_schema(schema)
        validators[name] = Draft202012Validator(schema)
    listed = listed_exceptions(pathlib.Path(__file__).with_name("exceptions.txt"))

    complaints, seen = [], set()
    taken = refused = 0
    for path, schema, words in files_of(source):
        name = str(path.relative_to(source))
        seen.add(name)
        by_schema, by_reader = schema_takes(validators[schema], path), reader_takes(program, words)
        taken += by_reader
        refused += not by_reader
        complaints.append(judge(name, by_schema, by_reader, listed))
    complaints += [f"{name}: listed as an exception, but there is no such file" for name in listed if name not in seen]
    complaints = [complaint for complaint in complaints if complaint]
    print(f"{taken} files taken, {refused} refused, {len(listed)} of them beyond a schema")
    for complaint in complaints:
        print(complaint)
    if not taken or not refused:
        complaints.append("nothing was compared")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
