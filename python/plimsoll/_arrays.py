"""Arrays of any origin. PyTorch is used where a caller brings its tensors, and never imported for anybody else."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np


def is_tensor(value: object) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def as_numpy(value: Any) -> Any:
    """A tensor as an array, without a copy where it lies in this machine's memory; anything else as it is."""
    if not is_tensor(value):
        return value
    tensor = value.detach().cpu()
    # NumPy has no bfloat16, and 64 bits hold what all the narrower floats say.
    return (tensor.double() if tensor.is_floating_point() else tensor).numpy()


def like(array: "np.ndarray[Any, Any]", given: Any) -> Any:
    """The array as what `given` is: a tensor on the CPU for a tensor, an array for everything else."""
    return sys.modules["torch"].from_numpy(array) if is_tensor(given) else array
