import copy
import json
import threading

import numpy as np
import pytest

import plimsoll


def test_paths_texts_dicts_and_instances_give_the_same_plan(instances, eight):
    path = instances / "experts" / "eight-experts-even.json"
    plan = plimsoll.solve(path)
    assert plan.certificate.status == "optimal"
    assert plan.certificate.bound <= plan.certificate.objective
    for other in (str(path), path.read_text(), path.read_bytes(), json.loads(path.read_text()), plimsoll.read(path)):
        assert plimsoll.solve(other).digest() == plan.digest()
    assert np.array_equal(plimsoll.solve(eight).slots, plan.slots)


def test_large_arrays_are_read_where_they_lie(eight):
    expected = plimsoll.solve(eight).digest()
    row = np.array(eight["load"])
    wide = np.zeros((1, 16))
    wide[:, ::2] = row
    arrays = [
        row.astype(np.float64),
        row.astype(np.int64),
        row.astype(np.float32),
        row.astype(np.uint16),
        row.astype(np.float16),
        row.astype(">f8"),
        np.asfortranarray(row.astype(np.float64)),
        wide[:, ::2],
    ]
    for load in arrays:
        instance = plimsoll.read({**eight, "load": load})
        assert json.loads(instance.to_json())["load"] == eight["load"]
        assert plimsoll.solve(instance).digest() == expected


def test_small_arrays_and_scalars_may_stand_anywhere(eight):
    eight["cluster"]["speed"] = np.ones(8)
    eight["cluster"]["slots"] = np.int64(2)
    eight["placement"] = np.array([[0, 1, 2, 3, 4, 5, 6, 7] * 2], dtype=np.int32)
    eight["move_seconds"] = np.float32(0.5)
    plan = plimsoll.solve({**eight, "load": np.array(eight["load"])})
    assert plan.metrics.moves > 0


def test_results_are_views_that_keep_the_plan_alive(eight):
    plan = plimsoll.solve(eight)
    first, again = plan.slots, plan.slots
    assert np.shares_memory(first, again)
    assert first.base is not None and not first.flags.writeable and not first.flags.owndata
    assert first.dtype == np.int32 and plan.shares.dtype == np.float64
    with pytest.raises(ValueError):
        first[0, 0] = 1
    held = first.copy()
    shares = plan.shares
    del plan, again
    assert np.array_equal(first, held)
    totals = np.bincount(first[0], weights=shares[0], minlength=8)
    assert np.allclose(totals, 1.0)
    assert plimsoll.solve(eight).tokens is None


def test_steps(instances):
    plan = plimsoll.solve(instances / "experts" / "steps" / "gradients-16-4.json", work_limit=1_000_000)
    assert plan.kind == "step" and plan.check() == []
    assert plan.metrics.step_seconds > 0
    assert plan.microsteps[0].slots.shape == plan.base.shape
    assert plan.microsteps[-1].shares.shape == plan.base.shape
    if len(plan.transfers):
        assert np.all(plan.transfers["end_seconds"] >= plan.transfers["start_seconds"])
    with pytest.raises(AttributeError, match="a plan of step has no slots"):
        plan.slots


def test_steps_of_arrays(instances):
    document = json.loads((instances / "experts" / "steps" / "gradients-16-4.json").read_text())
    options = {"work_limit": 300_000}
    expected = plimsoll.solve(document, **options)
    arrays = {**document, "microsteps": np.array(document["microsteps"], dtype=np.float64)}
    plan = plimsoll.solve(arrays, **options)
    assert plan.digest() == expected.digest()
    assert plan.certificate.objective == expected.certificate.objective


def test_assignment(instances):
    path = instances / "assignment" / "gap-c-5-60.json"
    plan = plimsoll.solve(path)
    assert plan.kind == "assignment" and plan.check() == []
    document = json.loads(path.read_text())
    cost = np.array(document["cost"], dtype=np.float64)
    assert plan.bin_of.shape == (cost.shape[1],)
    assert plan.metrics.cost == cost[plan.bin_of, np.arange(cost.shape[1])].sum()
    document.update(cost=cost, size=np.array(document["size"]))
    assert plimsoll.solve(document).digest() == plan.digest()


def test_plan_files_are_those_of_the_program(tmp_path, instances):
    path = instances / "experts" / "twelve-experts-weighted.json"
    plan = plimsoll.solve(path)
    file = tmp_path / "plan.json"
    plan.save(file)
    assert file.read_text() == plan.to_json()
    document = json.loads(file.read_text())
    assert document["plan"]["slots"] == plan.slots.tolist()
    for written in (file, str(file), file.read_text(), document, plan):
        assert plimsoll.check(path, written) == []
    document["plan"]["slots"][0][0] = document["plan"]["slots"][0][1]
    assert plimsoll.check(path, document) != []


def test_plans_of_arrays_are_of_the_instance_that_says_the_same(eight):
    instance = plimsoll.read({**eight, "load": np.array(eight["load"])})
    plan = plimsoll.solve(instance)
    assert plimsoll.check(instance.to_json(), plan.to_json()) == []


def test_infeasible_instances_have_a_reason(eight):
    eight["cluster"].update(devices_per_node=2, slots=2)
    plan = plimsoll.solve(eight)
    assert plan.certificate.status == "infeasible" and plan.certificate.reason
    assert plan.slots.size == 0 and plan.certificate.objective is None
    assert plan.check()


def test_threads_and_seeds(instances):
    path = instances / "experts" / "qwen3-235b-144-16-even.json"
    plans = [plimsoll.solve(path, threads=threads, work_limit=2_000_000) for threads in (1, 3)]
    assert plans[0].digest() == plans[1].digest()
    assert plans[0].certificate.stopped_by == "work"


def test_progress_and_what_it_raises(instances):
    path = instances / "experts" / "deepseek-v3-288-32-weighted.json"
    seen = []
    plimsoll.solve(path, time_limit=1.5, progress=seen.append)
    assert seen and seen[-1].bound <= seen[-1].objective
    assert seen == sorted(seen, key=lambda now: now.work)

    def fail(_):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        plimsoll.solve(path, time_limit=60, progress=fail)


def test_other_threads_run_meanwhile(instances):
    path = instances / "experts" / "deepseek-v3-288-144-weighted.json"
    for solve_on_main in (True, False):
        done = threading.Event()
        counted = []

        def count():
            number = 0
            while not done.is_set():
                number += 1
            counted.append(number)

        def solve():
            plimsoll.solve(path, time_limit=0.5)
            done.set()

        threads = [threading.Thread(target=count)]
        if not solve_on_main:
            threads.append(threading.Thread(target=solve))
        for thread in threads:
            thread.start()
        if solve_on_main:
            solve()
        for thread in threads:
            thread.join()
        assert counted[0] > 10_000


def test_plans_are_values(eight):
    plan = plimsoll.solve(eight)
    assert copy.copy(plan) is plan and copy.deepcopy(plan) is plan
    assert "optimal" in repr(plan)
