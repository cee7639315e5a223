"""The examples run. docs/embedding.md shows parts of them."""

import os
import subprocess
import sys

import pytest

import host_packages
from conftest import ROOT
from host_versions import HOSTS

EXAMPLES = ROOT / "python" / "examples"
ARGUMENTS = {
    "solve": ["{folder}/plan.json"],
    "watch": [str(ROOT / "instances" / "experts" / "kimi-k2-512-128-weighted.json")],
    "sglang_files": ["{folder}/location.json"],
}
HOST_OF = {"install_vllm": "vllm-policy-one-table", "install_sglang": "sglang-eplb"}


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_example(example, tmp_path):
    environment = dict(os.environ)
    if example.stem in HOST_OF:
        pytest.importorskip("torch")
        host_packages.write(HOSTS[HOST_OF[example.stem]], tmp_path)
        environment["PYTHONPATH"] = os.pathsep.join([str(tmp_path), environment["PYTHONPATH"]])
    arguments = [argument.format(folder=tmp_path) for argument in ARGUMENTS.get(example.stem, [])]
    # From a copy: beside it stand files that are named like modules.
    program = tmp_path / "program" / "main.py"
    program.parent.mkdir()
    program.write_text(example.read_text())
    ended = subprocess.run(
        [sys.executable, str(program), *arguments], env=environment, capture_output=True, text=True, timeout=120
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout and ended.stderr == ""
