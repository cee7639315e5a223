import re
import struct
import subprocess
import sys

import numpy as np
import pytest

import plimsoll
from conftest import ROOT
from plimsoll import eplb

torch = pytest.importorskip("torch")

WEIGHT = [[90, 132, 40, 61, 104, 165, 39, 4, 73, 56, 183, 86], [20, 107, 104, 64, 19, 197, 187, 157, 172, 86, 16, 27]]
ARGUMENTS = (16, 4, 2, 8)  # replicas, groups, nodes, devices


def words(line):
    for word in line.split():
        what, _, times = word.partition("x")
        for _ in range(int(times or 1)):
            yield what


def load(word):
    if word.startswith("#"):
        return struct.unpack("<f", int(word[1:], 16).to_bytes(4, "little"))[0]
    return int(word)


def recorded():
    """(weight, (replicas, groups, nodes, devices), expected phy2log, expected ranks) of each recorded case."""
    with open(ROOT / "tests" / "golden" / "rebalance" / "cases.txt") as file:
        lines = [line for line in file if re.match(r"[^\s#]|#[0-9a-fA-F]", line)]
    for head, loads, answer in zip(lines[0::3], lines[1::3], lines[2::3]):
        layers, experts, slots, *rest = map(int, head.split()[1:])
        weight = np.array([load(word) for word in words(loads)], dtype=np.float64).reshape(layers, experts)
        pairs = [tuple(map(int, (word + ".0").split(".")[:2])) for word in words(answer)]
        table = np.array(pairs).reshape(layers, slots, 2)
        yield weight, (slots, *rest), table[:, :, 0], table[:, :, 1]


def log2phy_of(slots, ranks, experts):
    table = np.full((slots.shape[0], experts, ranks.max() + 1), -1)
    for layer, row in enumerate(slots):
        table[layer, row, ranks[layer]] = np.arange(len(row))
    return table


def test_compatible_mode_returns_what_torch_has_returned():
    count = 0
    for weight, arguments, slots, ranks in recorded():
        count += 1
        phy2log, log2phy, logcnt = eplb.rebalance_experts(weight, *arguments, mode="compatible")
        assert np.array_equal(phy2log, slots)
        assert np.array_equal(log2phy, log2phy_of(slots, ranks, weight.shape[1]))
        assert np.array_equal(logcnt, (log2phy >= 0).sum(axis=2))
    assert count >= 1000


def test_the_published_example():
    phy2log, _, _ = eplb.rebalance_experts(np.array(WEIGHT), *ARGUMENTS, mode="compatible")
    assert phy2log.tolist() == [
        [5, 6, 5, 7, 8, 4, 3, 4, 10, 9, 10, 2, 0, 1, 11, 1],
        [7, 10, 6, 8, 6, 11, 8, 9, 2, 4, 5, 1, 5, 0, 3, 1],
    ]


@pytest.mark.parametrize("mode", ["best", "compatible"])
@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "int64", "int32", "uint8"])
def test_arrays_in_arrays_out(mode, dtype):
    weight = np.array(WEIGHT).astype(dtype)
    phy2log, log2phy, logcnt = eplb.rebalance_experts(weight, *ARGUMENTS, mode=mode)
    for table, shape in ((phy2log, (2, 16)), (log2phy, (2, 12, int(logcnt.max()))), (logcnt, (2, 12))):
        assert isinstance(table, np.ndarray) and table.dtype == np.int64 and table.shape == shape
    assert logcnt.sum() == 32 and logcnt.min() >= 1
    for layer in range(2):
        for expert in range(12):
            places = log2phy[layer, expert, : logcnt[layer, expert]]
            assert (phy2log[layer, places] == expert).all()
            assert (log2phy[layer, expert, logcnt[layer, expert] :] == -1).all()


@pytest.mark.parametrize("mode", ["best", "compatible"])
@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16", "int64", "int32"])
def test_tensors_in_tensors_out(mode, dtype):
    weight = torch.tensor(WEIGHT).to(getattr(torch, dtype))
    tables = eplb.rebalance_experts(weight, *ARGUMENTS, mode=mode)
    expected = eplb.rebalance_experts(weight.double().numpy(), *ARGUMENTS, mode=mode)
    for table, array in zip(tables, expected):
        assert isinstance(table, torch.Tensor) and table.dtype == torch.int64 and table.device.type == "cpu"
        assert np.array_equal(table.numpy(), array)


def test_tensors_with_gradients_and_strides():
    weight = torch.tensor(WEIGHT, dtype=torch.float32, requires_grad=True)
    assert isinstance(eplb.rebalance_experts(weight, *ARGUMENTS)[0], torch.Tensor)
    turned = torch.tensor(WEIGHT).t().contiguous().t()
    assert torch.equal(
        eplb.rebalance_experts(turned, *ARGUMENTS)[0], eplb.rebalance_experts(torch.tensor(WEIGHT), *ARGUMENTS)[0]
    )


def heaviest(weight, phy2log, devices):
    """The tokens of the fullest device of each layer when each expert's are split evenly."""
    fullest = []
    for tokens, row in zip(np.asarray(weight, dtype=float), phy2log):
        part = tokens / np.bincount(row, minlength=len(tokens))
        fullest.append(part[row].reshape(devices, -1).sum(axis=1).max())
    return np.array(fullest)


def test_best_mode_is_never_worse_than_the_published_code():
    rng = np.random.default_rng(3)
    ratios = []
    for _ in range(60):
        weight = rng.pareto(1.2, (2, 32)) * 1000
        best = eplb.rebalance(weight, 48, 4, 2, 8)
        compatible, _, _ = eplb.rebalance_experts(weight, 48, 4, 2, 8, mode="compatible")
        reached = heaviest(weight, best.phy2log, 8).sum()
        assert best.certificate.bound <= reached * (1 + 1e-9)
        assert reached == pytest.approx(best.certificate.objective, rel=1e-9)
        ratios.append(reached / heaviest(weight, compatible, 8).sum())
    assert max(ratios) <= 1 + 1e-6  # the published code works in 32 bits
    assert np.mean(ratios) < 0.97


def test_groups_that_the_nodes_do_not_divide():
    weight = np.array([[10, 20, 30, 40]])
    phy2log, _, _ = eplb.rebalance_experts(weight, 8, 3, 2, 4, mode="compatible")
    assert phy2log.shape == (1, 8)
    assert np.array_equal(phy2log, eplb.rebalance_experts(weight, 8, None, 2, 4, mode="compatible")[0])


def test_plans_say_how_good_they_are():
    plan = eplb.rebalance(np.array(WEIGHT), *ARGUMENTS)
    assert plan.certificate.bound <= plan.certificate.objective
    assert plan.metrics.imbalance >= 1 and len(plan.digest()) == 64
    assert plan.digest() == eplb.rebalance(torch.tensor(WEIGHT), *ARGUMENTS, threads=3).digest()


def test_wall_clocks_are_for_the_leader():
    with pytest.raises(plimsoll.Error, match="leader=True") as caught:
        eplb.rebalance_experts(np.array(WEIGHT), *ARGUMENTS, time_limit=1)
    assert caught.value.code == "usage" and caught.value.advice.startswith("Maybe")
    assert eplb.rebalance_experts(np.array(WEIGHT), *ARGUMENTS, time_limit=1, leader=True)[0].shape == (2, 16)


def test_what_stands_stays():
    weight = np.array(WEIGHT)
    old = eplb.rebalance(weight, *ARGUMENTS).phy2log
    new = eplb.rebalance(weight, *ARGUMENTS, placement=old)
    assert np.array_equal(new.phy2log, old) and new.metrics.moves == 0
    few = eplb.rebalance(weight[::-1], *ARGUMENTS, placement=old, max_moves=2)
    assert few.metrics.moves <= 2


def test_dead_devices_hold_nothing():
    plan = eplb.rebalance(np.array(WEIGHT), 16, 1, 1, 8, dead=[2])
    assert (plan.phy2log[:, 4:6] == -1).all()
    assert (plan.logcnt >= 1).all() and plan.logcnt.sum() == 28


@pytest.mark.parametrize(
    "weight, arguments",
    [
        (np.ones((2, 12)), (15, 4, 2, 8)),
        (np.ones((2, 12)), (8, 4, 2, 8)),
        (np.ones(12), ARGUMENTS),
        (-np.ones((2, 12)), ARGUMENTS),
        (np.full((2, 12), np.nan), ARGUMENTS),
        (np.ones((2, 12)), (16, 5, 1, 8)),
    ],
)
def test_bad_input(weight, arguments):
    for mode in ("best", "compatible"):
        with pytest.raises(plimsoll.Error):
            eplb.rebalance_experts(weight, *arguments, mode=mode)


def test_torch_is_not_imported_for_arrays():
    code = (
        "import sys, numpy, plimsoll; plimsoll.eplb.rebalance_experts(numpy.ones((1, 4)), 8, 1, 1, 2);"
        "print('torch' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout == "False\n"
