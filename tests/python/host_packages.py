"""Packages with the layout and the signatures of host_versions.py, and nothing of the hosts' own code: their balancers
answer "host"."""

from pathlib import Path


def write(entry, folder: Path) -> None:
    """Writes the package of this entry below `folder`."""
    files = {}
    signature = ", ".join(
        name + (f"={entry['defaults'][name]!r}" if name in entry.get("defaults", {}) else "")
        for name in entry["parameters"]
    )
    returns = f" -> {entry['returns']}" if "returns" in entry else ""
    if "class" in entry:
        name = entry["class"]
        files[entry["module"]] = (
            "import torch\n"
            f"class Abstract{name[len('Default'):]}:\n    pass\n"
            f"class {name}(Abstract{name[len('Default'):]}):\n"
            "    @classmethod\n"
            f"    def rebalance_experts(cls, {signature}){returns}:\n        return 'host'\n"
        )
        files[entry["policies"]] = (
            f"from .{entry['module'].rsplit('.', 1)[1]} import {name}\nEPLB_POLICIES = {{'default': {name}}}\n"
        )
        caller = f"from .policy import EPLB_POLICIES, {name}\n"
        caller += f"def call(*given):\n    return EPLB_POLICIES['default'].rebalance_experts(*given)\n"
    else:
        text = "import torch\n" if "returns" in entry else ""
        if "algorithms" in entry:
            text += f"from enum import Enum\nEplbAlgorithm = Enum('EplbAlgorithm', {entry['algorithms']!r})\n"
        if "elasticity_aware" in entry.get("algorithms", []):
            text += "class State:\n    active_ranks = None\n"
            text += "state = State()\ndef get_elastic_ep_state():\n    return state\n"
        files[entry["module"]] = text + f"def rebalance_experts({signature}){returns}:\n    return 'host'\n"
        caller = f"from .{entry['module'].rsplit('.', 1)[1]} import rebalance_experts\n"
        caller += "def call(*given):\n    return rebalance_experts(*given)\n"
    for module in entry["imported_by"]:
        files[module] = caller
    for module, text in files.items():
        parts = module.split(".")
        place = folder
        for part in parts[:-1]:
            place = place / part
            place.mkdir(exist_ok=True)
            (place / "__init__.py").touch()
        is_package = any(other.startswith(module + ".") for other in files)
        target = place / parts[-1] / "__init__.py" if is_package else place / f"{parts[-1]}.py"
        target.parent.mkdir(exist_ok=True)
        target.write_text(text)
