"""Instances from what Python callers have: a path, JSON text, or a dict with lists and arrays."""

from __future__ import annotations

import json
import os
from typing import Any, Dict, Mapping, Tuple, Union

import numpy as np

from . import _files
from ._arrays import as_numpy, is_tensor
from ._errors import Error
from ._plimsoll import Instance

# What solve() takes: an instance that was read before; the path of a file; JSON text, which begins with "{"; or the
# same document as a dict, in which arrays of numbers may be NumPy arrays or PyTorch tensors.
InstanceLike = Union[Instance, str, "os.PathLike[str]", bytes, Mapping[str, Any]]

# Keys whose arrays are read where they lie, and the keys in whose presence they are not: those must agree with them
# number by number, which the reader of the text checks.
_LARGE = {"load": (), "microsteps": ("sources", "communication"), "cost": (), "size": ()}


def read(instance: InstanceLike) -> Instance:
    """Reads an instance. Raises plimsoll.Error with the JSON pointer of the place that breaks the format."""
    if isinstance(instance, Instance):
        return instance
    if isinstance(instance, Mapping):
        return _from_mapping(instance)
    if isinstance(instance, (str, bytes)) and _is_text(instance):
        return Instance(instance)
    if isinstance(instance, (str, os.PathLike)):
        folder = os.path.dirname(os.fspath(instance)) or "."
        return Instance(_files.read(instance), folder)
    raise Error(f"expected a path, JSON text, a dict or an Instance, got {type(instance).__name__}")


def _is_text(given: Union[str, bytes]) -> bool:
    return given.lstrip()[:1] in ("{", b"{")


def _from_mapping(document: Mapping[str, Any]) -> Instance:
    text, arrays = _split(document)
    return Instance(text, ".", arrays)


def _split(document: Mapping[str, Any]) -> Tuple[str, Dict[str, Any]]:
    """The document as text, with tables of zeros in the place of the large arrays, and those arrays."""
    arrays: Dict[str, Any] = {}
    small = dict(document)
    for key, rivals in _LARGE.items():
        value = as_numpy(small.get(key))
        if not isinstance(value, np.ndarray) or value.ndim < 2 or any(rival in small for rival in rivals):
            continue
        arrays[key] = value
        small[key] = _mark(key)
    text = _dump(small)
    for key, value in arrays.items():
        text = text.replace(json.dumps(_mark(key)), _zeros(value.shape), 1)
    return text, arrays


def _mark(key: str) -> str:
    return f"\x00array of {key}\x00"


def _zeros(shape: Tuple[int, ...]) -> str:
    inner = "0" if len(shape) == 1 else _zeros(shape[1:])
    return "[" + ",".join([inner] * shape[0]) + "]"


def _dump(document: Mapping[str, Any]) -> str:
    try:
        return json.dumps(document, default=_plain)
    except (TypeError, ValueError) as error:
        raise Error(f"the dict cannot be written as JSON: {error}", "input") from error


def _plain(value: Any) -> Any:
    if isinstance(value, (np.ndarray, np.generic)) or is_tensor(value):
        return as_numpy(value).tolist()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no part of an instance")
