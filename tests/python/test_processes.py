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
weight = numpy.ones((20000, 256))
before = resource.getrlimit(resource.RLIMIT_AS)
# The copy of the loads does not fit; the copy fits, but not the plan.
for headroom in (16 << 20, 64 << 20):
    size = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + headroom, before[1]))
    try:
        plimsoll.eplb.rebalance_experts(weight, 288, 8, 4, 32, mode="compatible")
    except MemoryError:
        print("out of memory")
    resource.setrlimit(resource.RLIMIT_AS, before)
print(plimsoll.eplb.rebalance_experts(weight[:2], 288, 8, 4, 32)[0].shape)
"""


def test_too_little_memory_is_an_error_that_passes():
    answer = subprocess.run([sys.executable, "-c", HUNGRY], capture_output=True, text=True, check=True)
    assert answer.stdout == "out of memory\nout of memory\n(2, 288)\n" and answer.stderr == ""
