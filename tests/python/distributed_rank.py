"""One of four processes that serve a small mixture of experts: distributed_rank.py RANK FOLDER.

Every rank plans for itself, from loads that all have added up. Weights go from slot to slot, layer by layer, while
tokens are served; what comes out must stay the same bit for bit. Then rank 3 is killed from outside, and the others go
on without it. Each rank writes what it saw to FOLDER/<rank>.json.
"""

import json
import os
import sys
from datetime import timedelta
from pathlib import Path

import torch
import torch.distributed as dist

import plimsoll

LAYERS, EXPERTS, RANKS, SLOTS, WIDTH, TOKENS = 2, 8, 4, 3, 8, 12
LAST = RANKS - 1
PATIENCE = timedelta(seconds=20)


def checkpoint(layer, expert):
    """The weights of an expert, as a file would hold them."""
    generator = torch.Generator().manual_seed(1000 * layer + expert)
    return torch.randn(WIDTH, WIDTH, generator=generator)


class Rank:
    def __init__(self, device, folder):
        self.device = device  # the number of the device; stays when ranks of the group are counted anew
        self.folder = folder
        self.members = list(range(RANKS))
        self.join("four")
        self.balancer = plimsoll.Balancer(
            {
                "plimsoll": 1,
                "problem": "experts",
                "model": {"layers": LAYERS, "experts": EXPERTS},
                "cluster": {"nodes": 1, "devices_per_node": RANKS, "slots": SLOTS},
                "dispatch": "even",
                "load": torch.zeros(LAYERS, EXPERTS),
            }
        )
        self.slots = self.balancer.slots
        # Buffers that are not written for an expert hold what no expert has.
        self.weights = torch.full((LAYERS, SLOTS, WIDTH, WIDTH), float("nan"))
        for layer in range(LAYERS):
            for slot in self.own():
                self.weights[layer, slot - self.own()[0]] = checkpoint(layer, int(self.slots[layer, slot]))
        generator = torch.Generator().manual_seed(17)
        # The same for all ranks; a rank brings its row. Low experts are chosen far more often than high ones.
        self.tokens = torch.randn(RANKS, TOKENS, WIDTH, generator=generator)
        chances = torch.tensor([0.5**expert for expert in range(EXPERTS)])
        self.routes = torch.multinomial(chances.expand(LAYERS, -1), RANKS * TOKENS, True, generator=generator)
        self.routes = self.routes.view(LAYERS, RANKS, TOKENS)

    def join(self, name):
        dist.init_process_group(
            "gloo",
            init_method=f"file://{self.folder}/{name}",
            rank=self.members.index(self.device),
            world_size=len(self.members),
            timeout=PATIENCE,
        )

    def own(self):
        return range(self.device * SLOTS, (self.device + 1) * SLOTS)

    def serve(self):
        """The outputs for this rank's tokens. Every rank computes for all ranks what its slots are chosen for."""
        states = self.tokens[self.device].clone()
        for layer in range(LAYERS):
            everyone = [torch.empty_like(states) for _ in self.members]
            dist.all_gather(everyone, states)
            outputs = torch.zeros(len(self.members), TOKENS, WIDTH)
            for place, (member, inputs) in enumerate(zip(self.members, everyone)):
                for token in range(TOKENS):
                    slot = self.slot_for(layer, member, token)
                    if slot in self.own():
                        outputs[place, token] = torch.tanh(
                            torch.mv(self.weights[layer, slot - self.own()[0]], inputs[token])
                        )
            # One rank alone adds something other than zero.
            dist.all_reduce(outputs)
            states = outputs[self.members.index(self.device)]
        return states.numpy().tobytes()

    def slot_for(self, layer, member, token):
        """Replicas of an expert take turns: even dispatch."""
        expert = int(self.routes[layer, member, token])
        replicas = [slot for slot, held in enumerate(self.slots[layer]) if held == expert]
        return replicas[token % len(replicas)]

    def observe(self):
        """Counts what this rank's tokens have chosen, and adds up what all have."""
        counts = torch.stack(
            [torch.bincount(self.routes[layer, self.device], minlength=EXPERTS) for layer in range(LAYERS)]
        )
        dist.all_reduce(counts)
        self.balancer.observe(counts)

    def transfer(self, move):
        """Weights of one move. Both ends of an exchange send before either slot is written."""
        if move.kind == "load" and move.to_device == self.device:
            self.put(move.layer, move.to_slot, checkpoint(move.layer, move.expert))
        pairs = {"copy": [(move.from_slot, move.to_slot)]}
        pairs["exchange"] = pairs["copy"] + [(move.to_slot, move.from_slot)]
        arriving, waiting = [], []
        for source, target in pairs.get(move.kind, []):
            if source in self.own():
                leaving = self.weights[move.layer, source - self.own()[0]].clone()
                if target in self.own():
                    arriving.append((target, leaving))
                else:
                    waiting.append(dist.isend(leaving, self.members.index(target // SLOTS)))
            elif target in self.own():
                buffer = torch.empty(WIDTH, WIDTH)
                waiting.append(dist.irecv(buffer, self.members.index(source // SLOTS)))
                arriving.append((target, buffer))
        for request in waiting:
            request.wait()
        for slot, weights in arriving:
            self.put(move.layer, slot, weights)
        move.apply(self.slots[move.layer])

    def put(self, layer, slot, weights):
        self.weights[layer, slot - self.own()[0]] = weights

    def all_served(self):
        return all(set(range(EXPERTS)) <= set(row) for row in self.slots.tolist())

    def follow(self, expected):
        """Plans, and moves layer by layer; serves after every move that leaves all experts served."""
        self.observe()
        delta = self.balancer.plan()
        assert delta.moves, delta.reason
        same, served = True, 0
        for layer in delta.layers:
            for move in delta.moves:
                if move.layer != layer:
                    continue
                self.transfer(move)
                if self.all_served():
                    same = same and self.serve() == expected
                    served += 1
            self.balancer.commit(delta, layers=[layer])
        assert (self.slots == self.balancer.slots).all() and (self.slots == delta.slots).all()
        return {
            "digest": delta.digest(),
            "moves": len(delta.moves),
            "served": served,
            "same": same,
            "lost": len(delta.lost),
            "weights": self.holds_what_it_should(),
        }

    def holds_what_it_should(self):
        return all(
            torch.equal(self.weights[layer, place], checkpoint(layer, int(self.slots[layer, slot])))
            for layer in range(LAYERS)
            for place, slot in enumerate(self.own())
            if self.slots[layer, slot] >= 0
        )

    def serve_until_a_rank_is_gone(self):
        (self.folder / f"ready{self.device}").touch()
        try:
            while True:
                self.serve()
        except RuntimeError:
            dist.destroy_process_group()

    def go_on_without(self, dead):
        self.members.remove(dead)
        self.join("three")
        self.balancer.device_died(dead)
        self.slots = self.balancer.slots


def main():
    rank = Rank(int(sys.argv[1]), Path(sys.argv[2]))
    expected = rank.serve()
    seen = {"moved": rank.follow(expected)}
    dist.barrier()
    rank.serve_until_a_rank_is_gone()
    rank.go_on_without(LAST)
    seen["recovered"] = rank.follow(expected)
    seen["slots"] = rank.slots.tolist()
    dist.barrier()
    (rank.folder / f"{rank.device}.json").write_text(json.dumps(seen))
    dist.destroy_process_group()


if __name__ == "__main__":
    torch.set_num_threads(1)
    os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
    main()
