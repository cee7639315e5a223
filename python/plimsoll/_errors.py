"""The exceptions of this package. The extension module makes them with make()."""

from __future__ import annotations


class Error(Exception):
    """What went wrong, where, and what to do about it.

    code: "usage", "input", "unsupported", "file" or "internal". pointer: RFC 6901 pointer into the instance, or "".
    advice: one sentence that starts with "Maybe", or "".
    """

    def __init__(self, message: str, code: str = "usage", pointer: str = "", advice: str = "") -> None:
        super().__init__(message, code, pointer, advice)
        self.message = message
        self.code = code
        self.pointer = pointer
        self.advice = advice

    def __str__(self) -> str:
        place = f"{self.pointer}: " if self.pointer else ""
        return f"{place}{self.message}" + (f" {self.advice}" if self.advice else "")


class InputError(Error, ValueError):
    """An instance, a plan or an array that breaks the format."""


def make(message: str, code: str, pointer: str, advice: str) -> Error:
    kind = InputError if code == "input" else Error
    return kind(message, code, pointer, advice)
