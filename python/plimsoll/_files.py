"""Files are read as bytes, whose hash identifies an instance, and written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from typing import Union

from ._errors import Error

Path = Union[str, "os.PathLike[str]"]


def read(path: Path) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise Error(f"cannot read {os.fspath(path)}: {error.strerror}", "file") from error


def write_whole(path: Path, text: str) -> None:
    target = os.path.abspath(os.fspath(path))
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(dir=os.path.dirname(target), prefix=".plimsoll-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        # mkstemp keeps others out; a plan is as readable as any new file.
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, target)
    except OSError as error:
        if temporary is not None and os.path.exists(temporary):
            os.unlink(temporary)
        raise Error(f"cannot write {os.fspath(path)}: {error.strerror}", "file") from error
