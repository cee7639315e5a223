"""A placement that follows the load of a training loop."""

import numpy as np

import plimsoll

layers, experts, devices = 4, 64, 16
balancer = plimsoll.Balancer(
    {
        "plimsoll": 1,
        "problem": "experts",
        "model": {"layers": layers, "experts": experts, "expert_bytes": 88e6},
        "cluster": {"nodes": 2, "devices_per_node": 8, "slots": 5},
        "cost": {"token_seconds": 2e-6},
        "dispatch": "even",
        "load": np.zeros((layers, experts)),
    },
    horizon_microsteps=100,
)
rng = np.random.default_rng(1)
hot = rng.pareto(1.5, (layers, experts)) * 1000


def move_weights(move: plimsoll.Move) -> None:
    """move.kind is "copy", "exchange", "load" (from a checkpoint) or "clear"."""


for step in range(20):
    balancer.observe(rng.poisson(hot))  # tokens per expert, added up over all ranks
    if step % 5 < 4:
        continue
    delta = balancer.plan()
    if not delta:
        print(step, delta.reason)
    for layer in delta.layers:
        for move in delta.moves:
            if move.layer == layer:
                move_weights(move)
        balancer.commit(delta, layers=[layer])
        # Micro-steps may run here: every expert has a replica, and balancer.shares() says what each of them serves.
    print(step, len(delta), "moves save", delta.saved_seconds, "s of each micro-step")

state = balancer.state_dict()  # into the checkpoint
balancer.device_died(3)
delta = balancer.plan()  # serves every expert without device 3
print(len(delta.lost), "experts to load from the checkpoint")
