"""Plimsoll as SGLang's expert balancer: its call, its file of expert locations, and probabilities for its weighted
dispatch."""

from __future__ import annotations

import json
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np
from numpy.typing import NDArray

from . import _files, _solve, eplb
from ._arrays import as_numpy, is_tensor, like
from ._errors import Error, InputError
from ._files import Path
from ._plimsoll import Rebalanced

# The host's names for "groups stay on a node"; with the others, groups and nodes play no part.
_HIERARCHICAL = ("deepseek_hierarchical", "deepseek_vec_hierarchical")


def _name_of(algorithm: Any) -> str:
    return str(getattr(algorithm, "name", algorithm))


def _summed(tokens_per_expert: Any) -> Any:
    """[layers, experts] of [steps, layers, experts]; tensors are summed by PyTorch, in whose order the host sums."""
    if len(tokens_per_expert.shape) == 2:
        return tokens_per_expert
    if len(tokens_per_expert.shape) != 3:
        shape = tuple(tokens_per_expert.shape)
        raise InputError(f"tokens_per_expert: expected [steps, layers, experts], got {shape}", "input")
    return tokens_per_expert.sum(dim=0) if is_tensor(tokens_per_expert) else tokens_per_expert.sum(axis=0)


def rebalance(
    tokens_per_expert: Any,
    num_physical_experts: int,
    num_local_physical_experts: int,
    num_groups: Optional[int],
    num_nodes: int,
    algorithm: Any = "deepseek",
    *,
    active_ranks: Optional[Any] = None,
    **options: Any,
) -> Rebalanced:
    """The plan behind rebalance_experts(). active_ranks: one truth value per rank; the others hold nothing."""
    if num_local_physical_experts < 1 or num_physical_experts % num_local_physical_experts != 0:
        raise Error(
            f"num_physical_experts: {num_physical_experts} is no multiple of the {num_local_physical_experts} of a rank"
        )
    dead = _dead(active_ranks)
    # Whole groups on a node leave no room for ranks that are gone; the host drops them then, too.
    hierarchical = _name_of(algorithm) in _HIERARCHICAL and not dead
    return eplb.rebalance(
        _summed(tokens_per_expert),
        num_physical_experts,
        num_groups if hierarchical else 1,
        num_nodes if hierarchical else 1,
        num_physical_experts // num_local_physical_experts,
        dead=dead,
        **options,
    )


def _dead(active_ranks: Optional[Any]) -> List[int]:
    if active_ranks is None:
        return []
    return [rank for rank, active in enumerate(np.asarray(as_numpy(active_ranks)).tolist()) if not active]


def rebalance_experts(
    tokens_per_expert: Any,
    num_physical_experts: int,
    num_local_physical_experts: int,
    num_groups: Optional[int],
    num_nodes: int,
    algorithm: Any = "deepseek",
    *,
    active_ranks: Optional[Any] = None,
    **options: Any,
) -> Tuple[Any, Any, Any]:
    """(physical to logical [layers, slots], logical to physical [layers, experts, X] padded with -1, counts).

    tokens_per_expert: [steps, layers, experts]. The slots of ranks that are not active say 0 in the first table, as
    the host's do, and are in no other.
    """
    plan = rebalance(
        tokens_per_expert,
        num_physical_experts,
        num_local_physical_experts,
        num_groups,
        num_nodes,
        algorithm,
        active_ranks=active_ranks,
        **options,
    )
    tables = (np.maximum(plan.phy2log, 0), plan.log2phy(), plan.logcnt)
    first, second, third = (like(table, tokens_per_expert) for table in tables)
    return first, second, third


def dispatch_probabilities(
    tokens_per_expert: Any,
    physical_to_logical_map: Any,
    num_local_physical_experts: int,
    logical_to_physical_map: Optional[Any] = None,
    active_ranks: Optional[Any] = None,
) -> Any:
    """[layers, experts, X]: with which probability each replica takes a token of its expert, for replicas that stand.

    X and the order of replicas are those of logical_to_physical_map, or without it those of ascending slots; 0 where
    there is no replica. The fullest rank is as empty as these replicas allow.
    """
    load = np.asarray(as_numpy(_summed(tokens_per_expert)), dtype=np.float64)
    slots = np.asarray(as_numpy(physical_to_logical_map))
    dead = _dead(active_ranks)
    standing = slots.copy()
    for rank in dead:
        standing[:, rank * num_local_physical_experts : (rank + 1) * num_local_physical_experts] = -1
    instance = {
        "plimsoll": 1,
        "problem": "experts",
        "model": {"layers": load.shape[0], "experts": load.shape[1]},
        "cluster": {
            "nodes": 1,
            "devices_per_node": slots.shape[1] // num_local_physical_experts,
            "slots": num_local_physical_experts,
            "dead": dead,
        },
        "load": load,
        "placement": standing,
    }
    plan = _solve.solve(instance, method="shares")
    if logical_to_physical_map is None:
        places = logical_to_physical(standing, load.shape[1])
    else:
        places = np.asarray(as_numpy(logical_to_physical_map))
    taken = np.take_along_axis(plan.shares[:, np.newaxis, :], np.maximum(places, 0), axis=2)
    return like(np.where(places >= 0, taken, 0.0), tokens_per_expert)


def logical_to_physical(physical_to_logical_map: Any, num_logical_experts: int) -> "NDArray[np.int64]":
    """[layers, experts, X] padded with -1: the slots of each expert, ascending. X is the most that an expert has."""
    slots = np.asarray(as_numpy(physical_to_logical_map))
    places: List[List[List[int]]] = [[[] for _ in range(num_logical_experts)] for _ in slots]
    for layer, row in enumerate(slots.tolist()):
        for slot, expert in enumerate(row):
            if expert >= 0:
                places[layer][expert].append(slot)
    width = max((len(held) for layer_places in places for held in layer_places), default=0)
    table = np.full((slots.shape[0], num_logical_experts, width), -1, dtype=np.int64)
    for layer, layer_places in enumerate(places):
        for expert, held in enumerate(layer_places):
            table[layer, expert, : len(held)] = held
    return table


def write_expert_location(
    path: Path, *, physical_to_logical_map: Optional[Any] = None, logical_count: Optional[Any] = None
) -> None:
    """Writes the file of --init-expert-location: where each replica stands, or the counts to place them by."""
    document: Dict[str, Any] = {}
    if physical_to_logical_map is not None:
        document["physical_to_logical_map"] = np.asarray(as_numpy(physical_to_logical_map)).tolist()
    if logical_count is not None:
        document["logical_count"] = np.asarray(as_numpy(logical_count)).tolist()
    if len(document) != 1:
        raise Error("expected one of physical_to_logical_map and logical_count")
    _files.write_whole(path, json.dumps(document))


def read_expert_location(path: Path) -> "Dict[str, NDArray[Any]]":
    """The tables of such a file, each an array under its key."""
    try:
        document = json.loads(_files.read(path))
    except ValueError as error:
        raise InputError(f"this is no JSON: {error}", "input") from error
    keys: Sequence[str] = ("physical_to_logical_map", "logical_count")
    if not isinstance(document, dict) or not any(key in document for key in keys):
        raise InputError('expected an object with "physical_to_logical_map" or "logical_count"', "input")
    return {key: _table(key, document[key]) for key in keys if key in document}


def _table(key: str, rows: Any) -> "NDArray[Any]":
    """Counts may be of several steps, [steps, layers, experts]."""
    try:
        table = np.asarray(rows)
    except ValueError:  # rows of different lengths
        table = np.asarray(None)
    ranks = (2,) if key == "physical_to_logical_map" else (2, 3)
    if table.dtype.kind not in "iuf" or table.ndim not in ranks:
        raise InputError("expected a table of numbers, as long in every row", "input", f"/{key}")
    return table


__all__ = [
    "dispatch_probabilities",
    "logical_to_physical",
    "read_expert_location",
    "rebalance",
    "rebalance_experts",
    "write_expert_location",
]
