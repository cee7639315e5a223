"""A file for SGLang's --init-expert-location, and probabilities for its weighted dispatch."""

import sys

import numpy as np

import plimsoll

tokens = np.random.default_rng(1).integers(0, 1000, (4, 2, 64))  # [steps, layers, experts]
plan = plimsoll.sglang.rebalance(tokens, 80, 10, None, 1)
plimsoll.sglang.write_expert_location(sys.argv[1], physical_to_logical_map=plan.phy2log)

# Of the replicas that stand, each takes a token of its expert with this probability: [layers, experts, X].
probabilities = plimsoll.sglang.dispatch_probabilities(tokens, plan.phy2log, 10, plan.log2phy())
print(probabilities.shape, probabilities.sum(axis=2).min())
