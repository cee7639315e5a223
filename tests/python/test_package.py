"""The package as users get it: types that hold, stubs that name what is there, names that are exported."""

import ast
import shutil
import subprocess
import sys

import pytest

import plimsoll
from conftest import ROOT
from plimsoll import _plimsoll

STUB = ROOT / "python" / "plimsoll" / "_plimsoll.pyi"


def public(names):
    return {name for name in names if not name.startswith("_")}


def members(node):
    return {item.name: item for item in node.body if isinstance(item, ast.FunctionDef)}


def arguments(node):
    every = node.args.posonlyargs + node.args.args + node.args.kwonlyargs
    return [argument.arg for argument in every if argument.arg != "self"]


def test_stubs_name_what_is_there():
    tree = ast.parse(STUB.read_text())
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert set(classes) | set(functions) | {"version"} == public(vars(_plimsoll))
    for name, node in classes.items():
        assert public(members(node)) == public(vars(getattr(_plimsoll, name))), name


def test_stubs_name_the_arguments():
    tree = ast.parse(STUB.read_text())
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            # Default values are written for people, not for parsers.
            line = getattr(_plimsoll, node.name).__doc__.splitlines()[0]
            for argument in arguments(node):
                assert f"{argument}: " in line, (node.name, argument)


def test_exports():
    assert all(hasattr(plimsoll, name) for name in plimsoll.__all__)
    assert plimsoll.__version__.count(".") == 2


@pytest.mark.skipif(shutil.which("mypy") is None, reason="mypy is not installed")
def test_types():
    ended = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir=/dev/null", "plimsoll", "examples"],
        cwd=STUB.parents[1],
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stdout
