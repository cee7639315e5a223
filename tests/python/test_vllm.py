import inspect

import numpy as np
import pytest

from host_versions import HOSTS
from plimsoll import eplb, vllm

torch = pytest.importorskip("torch")

WEIGHT = torch.tensor(np.random.default_rng(5).integers(0, 1000, (3, 16)))
ARGUMENTS = (24, 4, 2, 8)


@pytest.mark.parametrize("entry", [HOSTS[name] for name in HOSTS if HOSTS[name]["host"] == "vllm"])
def test_calls_have_the_recorded_signatures(entry):
    ours = vllm.PlimsollPolicy.rebalance_experts if "class" in entry else vllm.rebalance_experts
    parameters = list(inspect.signature(ours).parameters.values())
    assert [parameter.name for parameter in parameters][: len(entry["parameters"])] == entry["parameters"]
    for parameter in parameters:
        if parameter.name in entry.get("defaults", {}):
            assert parameter.default == entry["defaults"][parameter.name]


def test_three_tables_have_the_width_that_callers_expect():
    for call in (vllm.rebalance_experts, vllm.policy(returns_three_tables=True).rebalance_experts):
        phy2log, log2phy, logcnt = call(WEIGHT, *ARGUMENTS)
        assert phy2log.shape == (3, 24) and log2phy.shape == (3, 16, 24 - 16 + 1) and logcnt.shape == (3, 16)
        assert torch.equal((log2phy >= 0).sum(-1), logcnt)
        assert {table.dtype for table in (phy2log, log2phy, logcnt)} == {torch.int64}


def test_one_table():
    phy2log = vllm.PlimsollPolicy.rebalance_experts(WEIGHT, *ARGUMENTS)
    assert torch.equal(phy2log, eplb.rebalance_experts(WEIGHT, *ARGUMENTS)[0])
    options = vllm.policy(mode="compatible")
    assert torch.equal(
        options.rebalance_experts(WEIGHT, *ARGUMENTS),
        eplb.rebalance_experts(WEIGHT, *ARGUMENTS, mode="compatible")[0],
    )
    assert vllm.PlimsollPolicy.options == {}


def moved(old, new):
    """Experts that come to a rank where they were not."""
    ranks = [table.numpy().reshape(3, 8, 3) for table in (old, new)]
    return sum(
        len(set(after) - set(before))
        for layers in zip(*ranks)
        for before, after in zip(*layers)
    )


def test_replicas_stay_where_they_are():
    old = vllm.PlimsollPolicy.rebalance_experts(WEIGHT, *ARGUMENTS)
    assert torch.equal(vllm.PlimsollPolicy.rebalance_experts(WEIGHT, *ARGUMENTS, old), old)
    # Nearly the same loads: nearly all replicas stay, those that stay on their rank in their slot.
    later = WEIGHT + torch.tensor(np.random.default_rng(6).integers(0, 20, (3, 16)))
    new = vllm.PlimsollPolicy.rebalance_experts(later, *ARGUMENTS, old_global_expert_indices=old)
    assert moved(old, new) <= moved(old, vllm.PlimsollPolicy.rebalance_experts(later, *ARGUMENTS))
    before, after = old.numpy().reshape(3, 8, 3), new.numpy().reshape(3, 8, 3)
    for layer in range(3):
        for rank in range(8):
            for expert in set(before[layer, rank]) & set(after[layer, rank]):
                assert np.any((before[layer, rank] == expert) & (after[layer, rank] == expert))


@pytest.mark.parametrize("mode", ["best", "compatible"])
def test_old_indices_of_another_size_are_no_placement(mode):
    # Ranks have joined: the table of before has fewer slots.
    old = vllm.PlimsollPolicy.rebalance_experts(WEIGHT, 16, 4, 2, 8)
    new = vllm.policy(mode=mode).rebalance_experts(WEIGHT, *ARGUMENTS, old)
    assert torch.equal(new, vllm.policy(mode=mode).rebalance_experts(WEIGHT, *ARGUMENTS))


@pytest.mark.parametrize("mode", ["best", "compatible"])
def test_unused_slots_in_the_old_indices(mode):
    old = vllm.policy(mode=mode).rebalance_experts(WEIGHT, *ARGUMENTS)
    old[:, 20:] = -1
    new = vllm.policy(mode=mode).rebalance_experts(WEIGHT, *ARGUMENTS, old)
    assert (new >= 0).all()
