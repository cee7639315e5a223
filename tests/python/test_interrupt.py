"""Ctrl-C while a solve runs: the best plan so far comes back."""

import signal
import subprocess
import sys
import time

import pytest

SOLVE = """
import sys, threading, plimsoll
path, where = sys.argv[1:]
def solve():
    try:
        plan = plimsoll.solve(path, time_limit=100, progress=lambda now: print("running", flush=True))
        print(plan.certificate.stopped_by, plan.check() == [], flush=True)
    except KeyboardInterrupt:
        print("raised", flush=True)
if where == "main":
    solve()
else:
    thread = threading.Thread(target=solve, daemon=True)
    thread.start()
    try:
        thread.join()
    except KeyboardInterrupt:
        print("main thread left", flush=True)
"""


def interrupted(path, where):
    child = subprocess.Popen([sys.executable, "-c", SOLVE, str(path), where], stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout.readline() == "running\n"
        child.send_signal(signal.SIGINT)
        start = time.monotonic()
        rest, _ = child.communicate(timeout=60)
        assert time.monotonic() - start < 30
        return [line for line in rest.splitlines() if line != "running"]
    finally:
        child.kill()
        child.wait()


def test_the_incumbent_is_returned(instances):
    assert interrupted(instances / "experts" / "deepseek-v3-288-144-weighted.json", "main") == ["interrupt True"]


def test_other_threads_do_not_take_the_interrupt(instances):
    lines = interrupted(instances / "experts" / "deepseek-v3-288-144-weighted.json", "thread")
    assert lines[:1] == ["main thread left"]


def test_other_signals_raise_what_their_handler_raises(instances):
    import plimsoll

    class Late(Exception):
        pass

    def handler(*_):
        raise Late

    before = signal.signal(signal.SIGALRM, handler)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.3)
        with pytest.raises(Late):
            plimsoll.solve(instances / "experts" / "deepseek-v3-288-144-weighted.json", time_limit=100)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
