"""The same plan on every rank: in threads, after fork, in other processes."""

import os
import subprocess
import sys
import threading

import numpy as np

import plimsoll


def weights():
    return np.random.default_rng(7).integers(0, 5000, (6, 64))


def digest():
    return plimsoll.eplb.rebalance(weights(), 96, 8, 2, 16).digest()


def solve_digest(instances):
    return plimsoll.solve(instances / "experts" / "gpt-oss-120b-128-32-even.json", work_limit=1_000_000).digest()


def test_fork_after_a_solve(instances):
    expected = solve_digest(instances) + digest()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, (solve_digest(instances) + digest()).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        assert pipe.read() == expected
    assert os.waitpid(child, 0)[1] == 0


def test_threads_at_once(instances):
    expected = solve_digest(instances) + digest()
    found = [None] * 4

    def work(index):
        found[index] = solve_digest(instances) + digest()

    threads = [threading.Thread(target=work, args=(index,)) for index in range(len(found))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * len(found)


def test_another_process():
    code = "import test_processes; print(test_processes.digest(), end='')"
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=os.path.dirname(__file__), capture_output=True, text=True, check=True
    )
    assert answer.stdout == digest() and answer.stderr == ""


HUNGRY = """
import resource, numpy, plimsoll
layers, experts = 2000, 256
instance = plimsoll.read({
    "plimsoll": 1, "problem": "experts",
    "model": {"layers": layers, "experts": experts},
    "cluster": {"nodes": 4, "devices_per_node": 8, "slots": 9},
    "load": numpy.random.default_rng(1).pareto(1.5, (layers, experts)) * 1000,
})
weight = numpy.ones((2, 16))
size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
before = resource.getrlimit(resource.RLIMIT_AS)
resource.setrlimit(resource.RLIMIT_AS, (size + (6 << 20), before[1]))
try:
    plimsoll.solve(instance, method="eplb", work_limit=1_000_000)
    print("solved")
except MemoryError:
    print("out of memory")
resource.setrlimit(resource.RLIMIT_AS, before)
print(plimsoll.eplb.rebalance_experts(weight, 32, 1, 1, 8)[0].shape)
"""


def test_too_little_memory_is_an_error_that_passes():
    answer = subprocess.run([sys.executable, "-c", HUNGRY], capture_output=True, text=True, check=True)
    assert answer.stdout == "out of memory\n(2, 32)\n" and answer.stderr == ""
