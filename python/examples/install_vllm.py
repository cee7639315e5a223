"""Plimsoll in the place of vLLM's own balancer, in every process that plans."""

import plimsoll

for name in plimsoll.install("vllm", mode="best"):
    print("replaced", name)
