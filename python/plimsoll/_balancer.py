"""A placement that follows the load, for a loop that trains or serves."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence

import numpy as np
from numpy.typing import NDArray

from . import _plimsoll
from ._arrays import as_numpy
from ._errors import Error
from ._instance import InstanceLike, read
from ._plimsoll import Delta

_STATE_VERSION = 1


class Balancer:
    """Sees the tokens per expert of each micro-step and says which few replicas to move.

        balancer = plimsoll.Balancer(instance)
        balancer.observe(load)                       # every micro-step
        delta = balancer.plan()                      # now and then
        for layer in delta.layers:
            ...                                      # make the moves of this layer
            balancer.commit(delta, layers=[layer])

    Ranks that observe the same loads make the same plans. The moves of a layer follow each other, and after each of
    them every expert still has a replica. Where a move does not pay back within the horizon, the delta is empty and
    says why. Calls of several threads wait for each other.
    """

    def __init__(
        self,
        instance: InstanceLike,
        *,
        window: int = 12,
        decay: float = 0.9,
        horizon_microsteps: int = 100,
        least_gain: float = 0.002,
        exchanges: bool = True,
        work_limit: Optional[int] = None,
        seed: int = 1,
    ) -> None:
        self._made = _plimsoll.Balancer(
            read(instance),
            window=window,
            decay=decay,
            horizon_microsteps=horizon_microsteps,
            least_gain=least_gain,
            exchanges=exchanges,
            work_limit=work_limit,
            seed=seed,
        )

    def observe(self, load: Any) -> None:
        """Tokens of one micro-step, [layers, experts]."""
        self._made.observe(as_numpy(load))

    def plan(self) -> Delta:
        """What to move now; changes nothing."""
        return self._made.plan()

    def commit(self, delta: Delta, layers: Optional[Sequence[int]] = None) -> None:
        """The moves of these layers have been made; without `layers`, all that are left."""
        self._made.commit(delta, None if layers is None else [int(layer) for layer in layers])

    def rollback(self) -> None:
        """Forgets what is planned and not committed. Layers that were committed stay."""
        self._made.rollback()

    def device_died(self, device: int) -> None:
        """Its slots are empty from now on; the next plan serves every expert without it."""
        self._made.device_died(device)

    def device_joined(self, device: int) -> None:
        """It begins with empty slots, which plans fill where that pays."""
        self._made.device_joined(device)

    @property
    def epoch(self) -> int:
        return self._made.epoch()

    @property
    def slots(self) -> "NDArray[np.int32]":
        """What stands: [layers, slots of all devices], expert or -1. A copy."""
        return self._made.slots()

    @property
    def dead(self) -> List[int]:
        return self._made.dead()

    @property
    def observations(self) -> int:
        """Micro-steps that are remembered."""
        return self._made.observations()

    def predicted_load(self) -> "NDArray[np.float64]":
        return self._made.predicted_load()

    def shares(self) -> "NDArray[np.float64]":
        """The part of its expert's tokens that each slot serves, for what stands."""
        return self._made.shares()

    def shares_of(self, slots: Any) -> "NDArray[np.float64]":
        """The same for any table of slots, such as the one between two moves."""
        return self._made.shares_of(as_numpy(slots))

    def seconds_of(self, slots: Any) -> float:
        """Seconds of one micro-step with a table of slots that serves every expert."""
        return self._made.seconds_of(as_numpy(slots))

    def state_dict(self) -> Dict[str, Any]:
        """Everything, for a checkpoint: a balancer that loads it makes the same plans."""
        return {"version": _STATE_VERSION, "state": self._made.state()}

    def load_state_dict(self, state: Dict[str, Any]) -> None:
        if state.get("version") != _STATE_VERSION or not isinstance(state.get("state"), str):
            raise Error(f"expected what state_dict() of version {_STATE_VERSION} gives", "input")
        self._made = _plimsoll.Balancer.from_state(state["state"])

    def __getstate__(self) -> Dict[str, Any]:
        return self.state_dict()

    def __setstate__(self, state: Dict[str, Any]) -> None:
        self.load_state_dict(state)


__all__ = ["Balancer"]
