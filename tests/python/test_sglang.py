import inspect
import json

import numpy as np
import pytest

import plimsoll
from host_versions import HOSTS
from plimsoll import eplb, sglang

torch = pytest.importorskip("torch")

TOKENS = torch.tensor(np.random.default_rng(9).integers(0, 1000, (5, 2, 16)))
SUM = TOKENS.sum(dim=0)


@pytest.mark.parametrize("entry", [HOSTS[name] for name in HOSTS if HOSTS[name]["host"] == "sglang"])
def test_the_call_has_the_recorded_signature(entry):
    names = list(inspect.signature(sglang.rebalance_experts).parameters)
    assert names[: len(entry["parameters"])] == entry["parameters"]


@pytest.mark.parametrize("mode", ["best", "compatible"])
@pytest.mark.parametrize("algorithm", ["deepseek", "deepseek_hierarchical"])
def test_steps_are_summed(mode, algorithm):
    tables = sglang.rebalance_experts(TOKENS, 24, 3, 4, 2, algorithm, mode=mode)
    groups, nodes = (4, 2) if algorithm == "deepseek_hierarchical" else (1, 1)
    expected = eplb.rebalance_experts(SUM, 24, groups, nodes, 8, mode=mode)
    assert all(torch.equal(table, other) for table, other in zip(tables, expected))
    arrays = sglang.rebalance_experts(TOKENS.numpy(), 24, 3, 4, 2, algorithm, mode=mode)
    assert all(np.array_equal(table.numpy(), array) for table, array in zip(tables, arrays))


def test_models_without_groups():
    assert sglang.rebalance_experts(TOKENS, 24, 3, None, 2)[0].shape == (2, 24)


def test_ranks_that_are_gone():
    active = torch.tensor([1, 1, 0, 1, 1, 1, 1, 1])
    phy2log, log2phy, logcnt = sglang.rebalance_experts(
        TOKENS, 24, 3, 4, 2, "elasticity_aware", active_ranks=active
    )
    gone = torch.arange(6, 9)
    assert (phy2log[:, 6:9] == 0).all() and not torch.isin(log2phy, gone).any()
    assert (logcnt >= 1).all() and int(logcnt.sum()) == 2 * 21
    for layer in range(2):
        for expert in range(16):
            places = log2phy[layer, expert, : logcnt[layer, expert]]
            assert (phy2log[layer, places] == expert).all()


def heaviest(load, phy2log, log2phy, probabilities, ranks):
    slots = np.zeros(phy2log.shape)
    for layer, expert, rank in zip(*np.nonzero(log2phy >= 0)):
        slots[layer, log2phy[layer, expert, rank]] += load[layer, expert] * probabilities[layer, expert, rank]
    return slots.reshape(len(slots), ranks, -1).sum(axis=2).max(axis=1)


def test_probabilities_level_the_ranks():
    tables = [table.numpy() for table in sglang.rebalance_experts(TOKENS, 24, 3, None, 1)]
    phy2log, log2phy, logcnt = tables
    found = sglang.dispatch_probabilities(TOKENS, phy2log, 3, log2phy)
    assert isinstance(found, torch.Tensor) and found.shape == log2phy.shape
    found = found.numpy()
    assert np.allclose(found.sum(axis=2), 1) and (found >= 0).all() and (found[log2phy < 0] == 0).all()
    even = (log2phy >= 0) / logcnt[:, :, np.newaxis]
    load = SUM.numpy()
    weighted = heaviest(load, phy2log, log2phy, found, 8)
    assert (weighted <= heaviest(load, phy2log, log2phy, even, 8) * (1 + 1e-9)).all()
    assert (weighted >= load.sum(axis=1) / 8 * (1 - 1e-9)).all()


def test_probabilities_in_the_order_of_slots():
    phy2log = sglang.rebalance_experts(TOKENS, 24, 3, None, 1)[0]
    found = sglang.dispatch_probabilities(TOKENS.numpy(), phy2log, 3)
    places = sglang.logical_to_physical(phy2log, 16)
    assert isinstance(found, np.ndarray) and found.shape == places.shape
    assert (np.diff(np.where(places < 0, 1 << 30, places), axis=2) >= 0).all()
    assert np.allclose(found.sum(axis=2), 1)


def test_probabilities_of_a_weighted_plan():
    plan = sglang.rebalance(TOKENS, 24, 3, None, 1, dispatch="weighted")
    probabilities = plan.probabilities()
    assert probabilities.shape == plan.log2phy().shape
    assert np.allclose(probabilities.sum(axis=2), 1)
    assert plan.probabilities(9).shape == (2, 16, 9)
    with pytest.raises(plimsoll.Error):
        plan.probabilities(0)


def test_expert_locations(tmp_path):
    phy2log = sglang.rebalance_experts(TOKENS, 24, 3, None, 1)[0]
    file = tmp_path / "location.json"
    sglang.write_expert_location(file, physical_to_logical_map=phy2log)
    assert json.loads(file.read_text()) == {"physical_to_logical_map": phy2log.tolist()}
    assert np.array_equal(sglang.read_expert_location(file)["physical_to_logical_map"], phy2log)
    sglang.write_expert_location(file, logical_count=SUM)
    assert np.array_equal(sglang.read_expert_location(file)["logical_count"], SUM)
    with pytest.raises(plimsoll.Error):
        sglang.write_expert_location(file)
    for text in ("[]", "{}", "{", '{"physical_to_logical_map": [[0], [0, 1]]}', '{"logical_count": 3}'):
        file.write_text(text)
        with pytest.raises(plimsoll.Error):
            sglang.read_expert_location(file)


def test_expert_locations_of_the_golden_files(instances):
    golden = instances.parent / "tests" / "golden" / "foreign"
    assert "physical_to_logical_map" in sglang.read_expert_location(golden / "sglang.json")
    assert "logical_count" in sglang.read_expert_location(golden / "sglang_counts.json")


def test_shapes():
    with pytest.raises(plimsoll.Error, match="multiple"):
        sglang.rebalance_experts(TOKENS, 24, 5, None, 1)
    with pytest.raises(plimsoll.Error, match="steps, layers, experts"):
        sglang.rebalance_experts(TOKENS[0, 0], 24, 3, None, 1)
