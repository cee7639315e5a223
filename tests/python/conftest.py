"""The package that was built last stands in build/release/python, unless PYTHONPATH names another one."""

import importlib.util
import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

if importlib.util.find_spec("plimsoll") is None:
    sys.path.insert(0, str(ROOT / "build" / "release" / "python"))
# Child processes import the same package.
package_folder = str(Path(importlib.util.find_spec("plimsoll").origin).parents[1])
os.environ["PYTHONPATH"] = os.pathsep.join([package_folder, *filter(None, [os.environ.get("PYTHONPATH")])])


@pytest.fixture
def eight():
    """The smallest instance of the README as a dict."""
    return {
        "plimsoll": 1,
        "problem": "experts",
        "name": "eight",
        "model": {"layers": 1, "experts": 8},
        "cluster": {"nodes": 1, "devices_per_node": 8, "slots": 2},
        "dispatch": "even",
        "load": [[600, 560, 120, 120, 20, 10, 10, 10]],
    }


@pytest.fixture
def instances():
    return ROOT / "instances"
