"""Four processes that serve while weights move, each planning alone; then one is killed (distributed_rank.py)."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("torch.distributed")

RANKS = 4
PATIENCE = 90


def wait_for(condition, processes):
    end = time.monotonic() + PATIENCE
    while not condition():
        failed = [process.args for process in processes if process.poll() not in (None, 0)]
        assert not failed, f"{failed} ended early"
        assert time.monotonic() < end, "nothing happens"
        time.sleep(0.05)


def test_weights_move_while_tokens_are_served_and_a_rank_dies(tmp_path):
    program = Path(__file__).with_name("distributed_rank.py")
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
    logs = [open(tmp_path / f"log{rank}", "w+") for rank in range(RANKS)]
    processes = [
        subprocess.Popen(
            [sys.executable, str(program), str(rank), str(tmp_path)], env=environment, stdout=log, stderr=log
        )
        for rank, log in enumerate(logs)
    ]
    try:
        wait_for(lambda: all((tmp_path / f"ready{rank}").exists() for rank in range(RANKS)), processes)
        processes[-1].send_signal(signal.SIGKILL)
        survivors = processes[:-1]
        for process in survivors:
            process.wait(timeout=PATIENCE)
    finally:
        for process in processes:
            process.kill()
            process.wait()
        said = ""
        for log in logs:
            log.seek(0)
            said += log.read()
            log.close()
    assert [process.returncode for process in survivors] == [0] * (RANKS - 1), said
    seen = [json.loads((tmp_path / f"{rank}.json").read_text()) for rank in range(RANKS - 1)]
    for part in ("moved", "recovered"):
        assert len({one[part]["digest"] for one in seen}) == 1
        assert all(one[part]["same"] and one[part]["weights"] for one in seen)
        assert all(one[part]["served"] > 0 for one in seen)
    # Nothing was lost while nobody died: tokens were served after every move.
    assert all(one["moved"]["served"] == one["moved"]["moves"] and one["moved"]["lost"] == 0 for one in seen)
    for row in seen[0]["slots"]:
        assert set(range(8)) <= set(row) and row[-3:] == [-1] * 3
    assert seen[1]["slots"] == seen[0]["slots"] == seen[2]["slots"]
