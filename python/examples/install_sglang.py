"""Plimsoll in the place of SGLang's own balancer, in every process that plans."""

import plimsoll

for name in plimsoll.install("sglang", mode="best"):
    print("replaced", name)
