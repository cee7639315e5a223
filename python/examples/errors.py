"""Errors say where, what, and what to do about it."""

import plimsoll

try:
    plimsoll.solve({"plimsoll": 1, "problem": "experts", "model": {"layers": 1, "experts": 0}})
except plimsoll.Error as error:
    print(error.code, error.pointer, error.message, error.advice)
