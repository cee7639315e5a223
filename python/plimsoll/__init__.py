"""Plimsoll: placement in LLM systems, with a proven bound on every plan.

    plan = plimsoll.solve("instance.json")
    plan.certificate.gap, plan.slots, plan.shares

The formats of instances and plans are those of the program (docs/formats.md).
"""

from . import eplb, sglang, vllm
from ._balancer import Balancer
from ._errors import Error, InputError
from ._install import install, uninstall
from ._instance import read
from ._plimsoll import Certificate, Delta, Instance, Move, Plan, Progress, Rebalanced
from ._plimsoll import version as __version__
from ._solve import check, solve

__all__ = [
    "Balancer",
    "Certificate",
    "Delta",
    "Error",
    "InputError",
    "Instance",
    "Move",
    "Plan",
    "Progress",
    "Rebalanced",
    "__version__",
    "check",
    "eplb",
    "install",
    "read",
    "sglang",
    "solve",
    "uninstall",
    "vllm",
]
