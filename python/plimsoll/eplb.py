"""The expert balancer in the form of DeepSeek's EPLB (github.com/deepseek-ai/EPLB).

    phy2log, log2phy, logcnt = plimsoll.eplb.rebalance_experts(weight, num_replicas, num_groups, num_nodes, num_gpus)

mode="compatible" returns what the published code returns, slot for slot. mode="best", the default, looks for the least
load of the fullest device when tokens are split evenly over the replicas of an expert, as the callers of EPLB split
them. Both give the same answer on every rank, for any number of threads.
"""

from __future__ import annotations

from typing import Any, Optional, Sequence, Tuple

from . import _plimsoll
from ._arrays import as_numpy, like
from ._errors import Error
from ._plimsoll import Rebalanced


def rebalance(
    weight: Any,
    num_replicas: int,
    num_groups: Optional[int],
    num_nodes: int,
    num_gpus: int,
    *,
    mode: str = "best",
    dispatch: str = "even",
    placement: Any = None,
    max_moves: Optional[int] = None,
    dead: Sequence[int] = (),
    work_limit: Optional[int] = None,
    time_limit: Optional[float] = None,
    leader: bool = False,
    threads: int = 1,
    seed: int = 1,
) -> Rebalanced:
    """A plan with its certificate, its digest and its tables as NumPy arrays.

    weight: tokens, [layers, experts]. placement: [layers, num_replicas], what stands now; among equally good plans the
    one that moves the least is taken, and an expert that stays on a device keeps its slot. dead: devices whose slots
    stay empty. Raises plimsoll.Error.
    """
    if time_limit is not None and not leader:
        raise Error(
            "time_limit needs leader=True: ranks that plan each for itself would stop at different plans",
            "usage",
            "",
            "Maybe give work_limit instead, or plan on one rank, with leader=True, and broadcast the tables.",
        )
    # Groups that do not divide over the nodes play no part in the published code.
    grouped = num_groups is not None and num_nodes > 0 and num_groups % num_nodes == 0
    return _plimsoll.rebalance(
        as_numpy(weight),
        slots=num_replicas,
        groups=num_groups if grouped and num_groups is not None else 1,
        nodes=num_nodes if grouped else 1,
        devices=num_gpus,
        placement=as_numpy(placement),
        max_moves=max_moves,
        dead=sorted(dead),
        mode=mode,
        dispatch=dispatch,
        work_limit=work_limit,
        time_limit=time_limit,
        threads=threads,
        seed=seed,
    )


def rebalance_experts(
    weight: Any,
    num_replicas: int,
    num_groups: Optional[int],
    num_nodes: int,
    num_gpus: int,
    **options: Any,
) -> Tuple[Any, Any, Any]:
    """(phy2log [layers, num_replicas], log2phy [layers, experts, X] padded with -1, logcnt [layers, experts]).

    64-bit whole numbers, NumPy arrays for arrays and lists, tensors on the CPU for tensors of any device; X is the most
    replicas that an expert has. The options are those of rebalance().
    """
    plan = rebalance(weight, num_replicas, num_groups, num_nodes, num_gpus, **options)
    return like(plan.phy2log, weight), like(plan.log2phy(), weight), like(plan.logcnt, weight)


__all__ = ["rebalance", "rebalance_experts"]
