#!/usr/bin/env python3
"""Records what the published balancer returns: record.py PATH/TO/eplb.py [CASES [SEED]] > cases.txt

Needs torch; eplb.py is that of github.com/deepseek-ai/EPLB. A case is three lines:
  case LAYERS EXPERTS SLOTS GROUPS NODES DEVICES
  loads            [layers * experts], whole numbers, or "#" and the bits of a 32-bit float in hexadecimal
  slots and ranks  [layers * slots], "expert", or "expert.rank" where the rank is not 0
A word that comes several times in a row is written once: "7x12" is twelve times "7".
"""
import importlib.util
import random
import struct
import sys

import torch


def load_module(path):
    spec = importlib.util.spec_from_file_location("eplb", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def divisors(number):
    return [d for d in range(1, number + 1) if number % d == 0]


def shape(rng, small):
    """(layers, experts, slots, groups, nodes, devices); a third of them with groups that the nodes do not divide."""
    while True:
        layers = rng.choice([1, 1, 2, 3] if small else [1, 2, 3, 8, 30, 60])
        experts = rng.choice([4, 6, 8, 12, 16, 24, 32, 48, 60, 64] + ([96, 128, 160, 256] * (1 if small else 3)))
        nodes = rng.choice([1, 1, 2, 2, 3, 4, 8])
        devices = nodes * rng.choice([1, 2, 3, 4, 8])
        groups = rng.choice(divisors(experts))
        least = -(-experts // devices)
        each = least if rng.random() < 0.2 else least + rng.choice([0, 1, 1, 2, 3, 5])
        slots = each * devices
        if slots < experts or slots > 4 * experts + 8:
            continue
        if layers * slots > (1200 if small else 30000):
            continue
        return layers, experts, slots, groups, nodes, devices


def loads(rng, layers, experts):
    kind = rng.choice(["whole", "whole", "ties", "zeros", "equal", "float", "float", "large", "skewed"])
    generator = torch.Generator().manual_seed(rng.getrandbits(40))
    size = (layers, experts)
    if kind == "whole":
        return torch.randint(0, rng.choice([50, 1000, 30000]), size, generator=generator)
    if kind == "ties":
        return torch.randint(0, 4, size, generator=generator)
    if kind == "zeros":
        return torch.randint(0, 1000, size, generator=generator) * (torch.rand(size, generator=generator) < 0.2)
    if kind == "equal":
        return torch.full(size, rng.choice([0, 1, 7, 1000]), dtype=torch.int64)
    if kind == "large":
        return torch.randint(0, 2 ** rng.choice([25, 31, 40]), size, generator=generator)
    if kind == "skewed":
        return (torch.rand(size, generator=generator) ** -1.5 * 10).long().clamp(max=10**6)
    return torch.rand(size, generator=generator) ** 3 * rng.choice([1.0, 1e-6, 1e6])


def packed(words):
    out = []
    for word in words:
        if out and out[-1][0] == word:
            out[-1][1] += 1
        else:
            out.append([word, 1])
    return " ".join(word if count == 1 else f"{word}x{count}" for word, count in out)


def words_of(load):
    if load.dtype == torch.int64:
        return [str(value) for value in load.flatten().tolist()]
    return ["#%x" % struct.unpack("<I", struct.pack("<f", value))[0] for value in load.flatten().tolist()]


def ranks_of(expert, place, slots):
    """log2phy [layers][experts][rank] is the slot; the inverse is the rank of each slot."""
    rank = torch.zeros_like(expert)
    for layer in range(expert.shape[0]):
        table = place[layer]
        for k in range(table.shape[1]):
            held = table[:, k]
            rank[layer, held[held >= 0]] = k
    return rank


def main():
    eplb = load_module(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    rng = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    small = count <= 1000
    for _ in range(count):
        sizes = shape(rng, small)
        layers, experts, slots, groups, nodes, devices = sizes
        load = loads(rng, layers, experts)
        expert, place, _ = eplb.rebalance_experts(load, slots, groups, nodes, devices)
        rank = ranks_of(expert, place, slots)
        print("case", *sizes)
        print(packed(words_of(load)))
        pairs = zip(expert.flatten().tolist(), rank.flatten().tolist())
        print(packed(str(e) if r == 0 else f"{e}.{r}" for e, r in pairs))


if __name__ == "__main__":
    main()
