"""Plimsoll as vLLM's expert balancer.

Versions differ in what rebalance_experts() returns. Up to the first ones with policy classes: (physical to logical
[layers, replicas], logical to physical [layers, experts, replicas - experts + 1] padded with -1, counts [layers,
experts]), on the device of `weight`. Later: the first table alone, on the CPU.
"""

from __future__ import annotations

from typing import Any, ClassVar, Dict, Optional, Tuple, Type

import numpy as np

from . import eplb
from ._arrays import as_numpy, is_tensor, like
from ._plimsoll import Rebalanced


def _standing(old: Any, layers: int, num_replicas: int) -> Any:
    """The old indices as a placement, or None where the number of slots has changed and nothing can stay."""
    if old is None:
        return None
    table = np.asarray(as_numpy(old))
    return table if table.shape == (layers, num_replicas) else None


def _on_device_of(table: Any, weight: Any) -> Any:
    return table.to(weight.device) if is_tensor(weight) else table


def _plan(
    weight: Any,
    num_replicas: int,
    num_groups: int,
    num_nodes: int,
    num_ranks: int,
    old_global_expert_indices: Any,
    options: Dict[str, Any],
) -> Rebalanced:
    return eplb.rebalance(
        weight,
        num_replicas,
        num_groups,
        num_nodes,
        num_ranks,
        placement=_standing(old_global_expert_indices, weight.shape[0], num_replicas),
        **options,
    )


def rebalance_experts(
    weight: Any, num_replicas: int, num_groups: int, num_nodes: int, num_gpus: int, **options: Any
) -> Tuple[Any, Any, Any]:
    """The module function of vllm.distributed.eplb.rebalance_algo; returns three tables."""
    plan = _plan(weight, num_replicas, num_groups, num_nodes, num_gpus, None, options)
    return _three_tables(plan, weight, num_replicas)


def _three_tables(plan: Rebalanced, weight: Any, num_replicas: int) -> Tuple[Any, Any, Any]:
    # The callers copy the second table into one of this width or wider.
    width = num_replicas - weight.shape[1] + 1
    tables = (plan.phy2log, plan.log2phy(width), plan.logcnt)
    first, second, third = (_on_device_of(like(table, weight), weight) for table in tables)
    return first, second, third


class PlimsollPolicy:
    """The policy class. `options` are those of plimsoll.eplb.rebalance()."""

    returns_three_tables: ClassVar[bool] = False
    options: ClassVar[Dict[str, Any]] = {}

    @classmethod
    def rebalance_experts(
        cls,
        weight: Any,
        num_replicas: int,
        num_groups: int,
        num_nodes: int,
        num_ranks: int,
        old_global_expert_indices: Optional[Any] = None,
    ) -> Any:
        plan = _plan(weight, num_replicas, num_groups, num_nodes, num_ranks, old_global_expert_indices, cls.options)
        if cls.returns_three_tables:
            return _three_tables(plan, weight, num_replicas)
        return like(plan.phy2log, weight)


def policy(*, returns_three_tables: bool = False, base: Type[Any] = object, **options: Any) -> Type[Any]:
    """A policy class with these options; `base` is the host's own class, whose other members it keeps."""
    members = {"returns_three_tables": returns_three_tables, "options": options, "__module__": __name__}
    bases: Tuple[Type[Any], ...] = (PlimsollPolicy,)
    if base is not object:
        bases += (base,)
    return type("PlimsollPolicy", bases, members)


__all__ = ["PlimsollPolicy", "policy", "rebalance_experts"]
