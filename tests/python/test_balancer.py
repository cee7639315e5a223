import copy
import json
import pickle

import numpy as np
import pytest

import plimsoll

LAYERS, EXPERTS, DEVICES, SLOTS = 3, 16, 8, 3


def instance(**more):
    return {
        "plimsoll": 1,
        "problem": "experts",
        "model": {"layers": LAYERS, "experts": EXPERTS},
        "cluster": {"nodes": 1, "devices_per_node": DEVICES, "slots": SLOTS},
        "dispatch": "even",
        "load": np.zeros((LAYERS, EXPERTS)),
        **more,
    }


def loads(seed=1):
    rng = np.random.default_rng(seed)
    return np.round(rng.pareto(1.5, (LAYERS, EXPERTS)) * 1000)


@pytest.fixture
def balancer():
    made = plimsoll.Balancer(instance())
    for _ in range(3):
        made.observe(loads())
    return made


def served(slots):
    return all(set(range(EXPERTS)) <= set(row) for row in slots.tolist())


def test_moves_lead_to_the_plan_and_every_prefix_serves(balancer):
    delta = balancer.plan()
    assert delta and len(delta) == len(delta.moves) and delta.reason == ""
    assert delta.bound_seconds <= delta.seconds_after < delta.seconds_before
    assert delta.certificate.bound <= delta.certificate.objective
    slots = balancer.slots
    assert served(slots)
    for move in delta.moves:
        row = slots[move.layer]
        if move.kind in ("copy", "exchange"):
            assert row[move.from_slot] == move.expert and move.from_slot // SLOTS == move.from_device
        move.apply(row)
        assert row[move.to_slot] == move.expert and move.to_slot // SLOTS == move.to_device
        assert served(slots)
        totals = balancer.shares_of(slots).sum()
        assert totals == pytest.approx(LAYERS * EXPERTS)
    assert np.array_equal(slots, delta.slots)
    assert balancer.seconds_of(slots) == pytest.approx(delta.seconds_after)


def test_layers_are_committed_one_by_one(balancer):
    delta = balancer.plan()
    before = balancer.slots
    first, *rest = delta.layers
    balancer.commit(delta, layers=[])
    assert np.array_equal(balancer.slots, before)
    balancer.commit(delta, layers=[first])
    assert np.array_equal(balancer.slots[first], delta.slots[first])
    for layer in rest:
        assert np.array_equal(balancer.slots[layer], before[layer])
    with pytest.raises(plimsoll.Error):
        balancer.plan()
    balancer.commit(delta)
    assert np.array_equal(balancer.slots, delta.slots)
    assert balancer.epoch != delta.epoch
    with pytest.raises(plimsoll.Error) as caught:
        balancer.commit(delta)
    assert caught.value.code == "usage"


def test_rollback(balancer):
    delta = balancer.plan()
    balancer.commit(delta, layers=delta.layers[:1])
    balancer.rollback()
    again = balancer.plan()
    assert delta.layers[0] not in again.layers
    balancer.commit(again)
    assert np.array_equal(balancer.slots, delta.slots)


def test_nothing_to_do_says_why(balancer):
    balancer.commit(balancer.plan())
    delta = balancer.plan()
    assert not delta and delta.reason


def test_moves_must_pay_back():
    price = 1e12
    placed = plimsoll.Balancer(instance()).slots
    balancer = plimsoll.Balancer(instance(placement=placed, move_seconds=price), horizon_microsteps=10)
    balancer.observe(loads())
    delta = balancer.plan()
    assert not delta and delta.reason


def test_devices_die_and_join(balancer):
    balancer.commit(balancer.plan())
    balancer.device_died(5)
    assert balancer.dead == [5] and (balancer.slots[:, 15:18] == -1).all()
    delta = balancer.plan()
    slots = balancer.slots
    for move in delta.moves:
        assert 5 not in (move.from_device, move.to_device)
        move.apply(slots[move.layer])
    assert served(slots)
    for layer, expert in delta.lost:
        assert any(move.kind == "load" and (move.layer, move.expert) == (layer, expert) for move in delta.moves)
    balancer.commit(delta)
    with pytest.raises(plimsoll.Error):
        balancer.device_died(5)
    balancer.device_joined(5)
    assert balancer.dead == []
    balancer.commit(balancer.plan())
    assert served(balancer.slots)


def test_state(balancer):
    delta = balancer.plan()
    state = json.loads(json.dumps(balancer.state_dict()))
    other = plimsoll.Balancer(instance())
    other.load_state_dict(state)
    for twin in (other, pickle.loads(pickle.dumps(balancer)), copy.deepcopy(balancer)):
        assert twin.observations == 3 and twin.epoch == balancer.epoch
        assert twin.plan().digest() == delta.digest() and twin.plan().moves == delta.moves
        twin.observe(loads(2))
        assert twin.observations == 4 and balancer.observations == 3
    with pytest.raises(plimsoll.Error):
        other.load_state_dict({"version": 1, "state": "{}"})
    with pytest.raises(plimsoll.Error):
        other.load_state_dict({})


def test_arrays_and_tensors(balancer):
    torch = pytest.importorskip("torch")
    twin = copy.deepcopy(balancer)
    balancer.observe(loads(4))
    twin.observe(torch.tensor(loads(4), dtype=torch.float32))
    assert twin.plan().digest() == balancer.plan().digest()
    assert np.array_equal(twin.predicted_load(), balancer.predicted_load())
    assert twin.shares().shape == twin.slots.shape


def test_observations_are_judged(balancer):
    for load, pointer in ((-loads(), "/load"), (loads()[:, :5], "/load"), (np.ones(3), "/load")):
        with pytest.raises(plimsoll.Error) as caught:
            balancer.observe(load)
        assert caught.value.code == "input" and caught.value.pointer.startswith(pointer)
    assert balancer.observations == 3
    with pytest.raises(plimsoll.Error):
        plimsoll.Balancer(instance(), window=0)


def test_rows_that_moves_cannot_be_applied_to(balancer):
    move = balancer.plan().moves[0]
    with pytest.raises(TypeError):
        move.apply(balancer.slots[move.layer].astype(np.int64))
    with pytest.raises(plimsoll.Error):
        move.apply(np.full(DEVICES * SLOTS, -1, dtype=np.int32))


def test_other_problems(instances):
    with pytest.raises(plimsoll.Error, match="experts"):
        plimsoll.Balancer(instances / "assignment" / "gap-c-5-60.json")
