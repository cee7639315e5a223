"""Every code block of docs/embedding.md stands, word for word, in a file that another test runs.

    snippets.py SOURCE_DIR

A block is preceded by <!-- FILE -->: the file that it is part of. Indentation may differ, as a block may come from
inside a function.
"""

import pathlib
import re
import sys
import textwrap

# The tests that run these: install.consumers, python's test_examples.py, the C header's program.
EXECUTED = ("tests/install/", "python/examples/", "tests/c/")
BLOCK = re.compile(r"(?:<!-- (?P<file>\S+) -->\n)?```(?P<language>\w*)\n(?P<text>.*?)\n```", re.DOTALL)


def lines_of(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip("\n").splitlines()]


def stands_in(block: str, content: str) -> bool:
    wanted = lines_of(textwrap.dedent(block))
    found = lines_of(content)
    for start in range(len(found) - len(wanted) + 1):
        part = textwrap.dedent("\n".join(found[start : start + len(wanted)]))
        if lines_of(part) == wanted:
            return True
    return False


def main() -> int:
    source = pathlib.Path(sys.argv[1])
    page = (source / "docs/embedding.md").read_text()
    complaints = []
    blocks = list(BLOCK.finditer(page))
    for block in blocks:
        line = page[: block.start()].count("\n") + 1
        name = block["file"]
        if name is None:
            complaints.append(f"line {line}: a block without <!-- FILE -->")
        elif not name.startswith(EXECUTED):
            complaints.append(f"line {line}: no test runs {name}")
        elif not (source / name).is_file():
            complaints.append(f"line {line}: there is no {name}")
        elif not stands_in(block["text"], (source / name).read_text()):
            complaints.append(f"line {line}: the block does not stand in {name}")
    if not blocks:
        complaints.append("there are no blocks")
    for complaint in complaints:
        print(f"docs/embedding.md, {complaint}")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
