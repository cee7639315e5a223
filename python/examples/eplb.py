"""The expert balancer in EPLB's form, with what EPLB does not say: how good the answer is, and that ranks agree."""

import numpy as np

import plimsoll

weight = np.random.default_rng(1).lognormal(8, 0.6, (58, 256))  # [layers, experts] tokens; a tensor will do as well

phy2log, log2phy, logcnt = plimsoll.eplb.rebalance_experts(weight, 288, 8, 4, 32)
assert phy2log.shape == (58, 288) and log2phy.shape[:2] == logcnt.shape == (58, 256)

plan = plimsoll.eplb.rebalance(weight, 288, 8, 4, 32)
print(f"at most {plan.certificate.gap:.2%} above the best, imbalance {plan.metrics.imbalance:.4f}")
print(plan.digest())  # the same on every rank: compare it with an all_reduce before weights move

# Slot for slot what the published code returns.
plimsoll.eplb.rebalance_experts(weight, 288, 8, 4, 32, mode="compatible")

# One rank alone plans by the clock, and the others are told.
plimsoll.eplb.rebalance_experts(weight, 288, 8, 4, 32, time_limit=0.5, leader=True)

# Later: what stands counts, and at most 100 experts come to a device where they were not.
later = plimsoll.eplb.rebalance(weight * 1.1, 288, 8, 4, 32, placement=phy2log, max_moves=100)
print(later.metrics.moves, "moves")
