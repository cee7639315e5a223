"""Solve an instance that is a dict with a NumPy array, look at the certificate, keep the plan."""

import sys

import numpy as np

import plimsoll

load = np.random.default_rng(1).lognormal(8, 0.6, (58, 256))  # [layers, experts] tokens

plan = plimsoll.solve(
    {
        "plimsoll": 1,
        "problem": "experts",
        "model": {"layers": 58, "experts": 256},
        "cluster": {"nodes": 4, "devices_per_node": 8, "slots": 9},
        "dispatch": "even",
        "load": load,
    },
    work_limit=20_000_000,
)
print(plan.certificate.status, f"gap {plan.certificate.gap:.4f}", f"imbalance {plan.metrics.imbalance:.4f}")
print(plan.slots.shape, plan.shares.sum(), plan.digest()[:8])

assert plan.check() == []
plan.save(sys.argv[1])
