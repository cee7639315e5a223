"""install(): puts Plimsoll in the place of a serving system's own expert balancer.

Which version is there is seen from the package itself: the modules and classes that it has, and what its own function
says that it returns. Callers that have imported a function by name are found among the modules of the package that are
loaded; methods are replaced on their class, where every caller finds them.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import sys
from types import ModuleType
from typing import Any, Callable, Dict, List, Optional, Tuple

from . import sglang, vllm
from ._errors import Error

_NOTHING = object()


class _Patches:
    """Members of classes, entries of tables and functions of modules that were replaced, and how to put them back."""

    def __init__(self, options: Dict[str, Any]) -> None:
        self.options = options
        self.names: List[str] = []
        self._undo: List[Callable[[], object]] = []

    def member(self, owner: type, name: str, value: Any) -> None:
        old = vars(owner).get(name, _NOTHING)
        setattr(owner, name, value)
        self.names.append(f"{owner.__module__}.{owner.__qualname__}.{name}")
        self._undo.append(lambda: delattr(owner, name) if old is _NOTHING else setattr(owner, name, old))

    def entry(self, where: str, table: Dict[Any, Any], key: str, value: Any) -> None:
        old = table.get(key, _NOTHING)
        table[key] = value
        self.names.append(f'{where}["{key}"]')
        self._undo.append(lambda: table.pop(key, None) if old is _NOTHING else table.__setitem__(key, old))

    def afterwards(self, undo: Callable[[], object]) -> None:
        self._undo.append(undo)

    def undo(self) -> None:
        while self._undo:
            self._undo.pop()()


_installed: Dict[str, _Patches] = {}


def _find(name: str) -> Optional[ModuleType]:
    """The module, or None where the package has none of this name. Errors inside it are errors."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(error.name + ".")):
            return None
        raise


def _replace_everywhere(patches: _Patches, package: str, old: Any, new: Any, name: str) -> None:
    """In every loaded module of the package that holds this very function under this name."""
    # Modules that are loaded later import the new one, and give it up with the others.
    patches.afterwards(lambda: _exchange(package, name, new, old))
    patches.names.extend(f"{module}.{name}" for module in _exchange(package, name, old, new))


def _exchange(package: str, name: str, old: Any, new: Any) -> List[str]:
    found = [
        module_name
        for module_name, module in sorted(sys.modules.items())
        if module_name.split(".")[0] == package and vars(module).get(name) is old
    ]
    for module_name in found:
        setattr(sys.modules[module_name], name, new)
    return found


def _returns_three_tables(function: Any) -> bool:
    annotation = inspect.signature(function).return_annotation
    if annotation is inspect.Signature.empty:
        raise Error(
            "vllm: its policy does not say whether it returns one table or three",
            "unsupported",
            "",
            "Maybe register plimsoll.vllm.policy(returns_three_tables=...) by hand.",
        )
    return "tuple" in str(annotation).lower()


def _install_vllm(patches: _Patches) -> None:
    policies = _find("vllm.distributed.eplb.policy")
    if policies is not None and hasattr(policies, "EPLB_POLICIES"):
        host = policies.DefaultEplbPolicy
        three = _returns_three_tables(host.rebalance_experts)
        made = vllm.policy(returns_three_tables=three, base=host, **patches.options)
        # The configuration of the host knows "default" alone; the class is what every caller has in its hands.
        patches.member(host, "rebalance_experts", _method_of(made))
        patches.entry(f"{policies.__name__}.EPLB_POLICIES", policies.EPLB_POLICIES, "plimsoll", made)
        return
    algorithm = _find("vllm.distributed.eplb.rebalance_algo")
    if algorithm is not None and hasattr(algorithm, "rebalance_experts"):
        # Loads the caller, which imports the function by name.
        _find("vllm.distributed.eplb.eplb_state")
        new = functools.partial(vllm.rebalance_experts, **patches.options)
        _replace_everywhere(patches, "vllm", algorithm.rebalance_experts, new, "rebalance_experts")
        return
    raise _unknown("vllm", "vllm.distributed.eplb.policy or vllm.distributed.eplb.rebalance_algo")


def _method_of(policy: Any) -> Any:
    """A class method for the host's class that answers as this policy does."""

    def rebalance_experts(
        cls: Any,
        weight: Any,
        num_replicas: int,
        num_groups: int,
        num_nodes: int,
        num_ranks: int,
        old_global_expert_indices: Any = None,
    ) -> Any:
        del cls
        return policy.rebalance_experts(
            weight, num_replicas, num_groups, num_nodes, num_ranks, old_global_expert_indices
        )

    return classmethod(rebalance_experts)


def _install_sglang(patches: _Patches) -> None:
    for name in ("sglang.srt.eplb.eplb_algorithms", "sglang.srt.managers.eplb_algorithms"):
        algorithms = _find(name)
        if algorithms is not None and hasattr(algorithms, "rebalance_experts"):
            old = algorithms.rebalance_experts
            new = _sglang_function(algorithms, old, patches.options)
            _replace_everywhere(patches, "sglang", old, new, "rebalance_experts")
            return
    raise _unknown("sglang", "sglang.srt.eplb.eplb_algorithms or sglang.srt.managers.eplb_algorithms")


def _sglang_function(host: ModuleType, original: Any, options: Dict[str, Any]) -> Any:
    @functools.wraps(original)
    def rebalance_experts(
        tokens_per_expert: Any,
        num_physical_experts: int,
        num_local_physical_experts: int,
        num_groups: Optional[int],
        num_nodes: int,
        algorithm: Any,
    ) -> Tuple[Any, Any, Any]:
        name = str(getattr(algorithm, "name", algorithm))
        active = None
        if name == "elasticity_aware":
            active = getattr(host.get_elastic_ep_state(), "active_ranks", None)
        # What EPLB returns says nothing of algorithms that are not EPLB's.
        published = name in ("deepseek", "deepseek_hierarchical")
        if options.get("mode") == "compatible" and not published:
            answer: Tuple[Any, Any, Any] = original(
                tokens_per_expert,
                num_physical_experts,
                num_local_physical_experts,
                num_groups,
                num_nodes,
                algorithm,
            )
            return answer
        return sglang.rebalance_experts(
            tokens_per_expert,
            num_physical_experts,
            num_local_physical_experts,
            num_groups,
            num_nodes,
            name,
            active_ranks=active,
            **options,
        )

    return rebalance_experts


def _unknown(host: str, expected: str) -> Error:
    return Error(
        f"{host}: this version has no expert balancer that is known here; looked for {expected}",
        "unsupported",
        "",
        f"Maybe call plimsoll.{host}.rebalance_experts where the host calls its own.",
    )


_HOSTS: Dict[str, Callable[[_Patches], None]] = {"vllm": _install_vllm, "sglang": _install_sglang}


def install(host: str, *, mode: str = "best", **options: Any) -> List[str]:
    """Replaces the expert balancer of "vllm" or "sglang" in this process; returns the names of what was replaced.

    Options are those of plimsoll.eplb.rebalance(). To be called in every process that plans, before or after the host
    has started; a second call with the same options changes nothing, one with others takes their place.
    """
    if host not in _HOSTS:
        raise Error(f'host: expected "vllm" or "sglang", got "{host}"')
    if mode not in ("best", "compatible"):
        raise Error(f'mode: expected "best" or "compatible", got "{mode}"')
    options = {"mode": mode, **options}
    if host in _installed:
        if _installed[host].options == options:
            return list(_installed[host].names)
        uninstall(host)
    if _find(host) is None:
        raise Error(f"{host} cannot be imported", "usage", "", f"Maybe run this in the environment of {host}.")
    patches = _Patches(options)
    try:
        _HOSTS[host](patches)
    except BaseException:
        patches.undo()
        raise
    _installed[host] = patches
    return list(patches.names)


def uninstall(host: str) -> List[str]:
    """Puts the host's own balancer back; returns the names of what was put back, none where nothing was installed."""
    patches = _installed.pop(host, None)
    if patches is None:
        return []
    patches.undo()
    return list(patches.names)


__all__ = ["install", "uninstall"]
