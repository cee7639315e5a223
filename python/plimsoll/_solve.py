"""solve() and check(): what the program's verbs of these names do."""

from __future__ import annotations

import json
import os
from typing import Any, Callable, List, Mapping, Optional, Union

from . import _files, _plimsoll
from ._errors import Error
from ._instance import InstanceLike, read
from ._plimsoll import Plan, Progress

PlanLike = Union[Plan, str, "os.PathLike[str]", bytes, Mapping[str, Any]]


def solve(
    instance: InstanceLike,
    method: str = "auto",
    work_limit: Optional[int] = None,
    time_limit: Optional[float] = None,
    threads: int = 1,
    seed: int = 1,
    gap: float = 0.0,
    progress: Optional[Callable[[Progress], object]] = None,
) -> Plan:
    """The best plan for an instance, with a certificate of how good it is.

    Without a limit the work is limited in proportion to the instance, and the plan is the same on every machine; a
    time limit, in seconds, gives that up. Other Python threads run meanwhile. `progress` is called a few times per
    second, on the thread that solves. On the main thread Ctrl-C stops the solve: the best plan so far is returned,
    with certificate.stopped_by == "interrupt", and KeyboardInterrupt is raised only where there is none yet.
    """
    return _plimsoll.solve(
        read(instance),
        method=method,
        work_limit=work_limit,
        time_limit=time_limit,
        threads=threads,
        seed=seed,
        gap=gap,
        progress=progress,
    )


def check(instance: InstanceLike, plan: PlanLike) -> List[str]:
    """Every violation of a plan and of its certificate, one sentence each; empty means that both hold.

    The plan may also be the path, the text or the parsed content of a plan file.
    """
    if isinstance(plan, Plan):
        return plan.check(instance)
    return _plimsoll.check(read(instance), _plan_text(plan))


def _plan_text(plan: PlanLike) -> Union[str, bytes]:
    if isinstance(plan, Mapping):
        return json.dumps(plan)
    if isinstance(plan, (str, bytes)) and plan.lstrip()[:1] in ("{", b"{"):
        return plan
    if isinstance(plan, (str, os.PathLike)):
        return _files.read(plan)
    raise Error(f"expected a Plan, or the path, text or content of a plan file, got {type(plan).__name__}")
