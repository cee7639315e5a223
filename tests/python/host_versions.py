"""What the serving systems' expert balancers look like, version by version, as data.

Each entry says which module holds the call, its parameters and defaults, what it returns, and which modules have
imported it by name. `seen_at` is the commit of github.com/vllm-project/vllm or github.com/sgl-project/sglang at which
the signature was read; `versions` are the releases that have it, as far as known.
"""

VLLM_PARAMETERS = ["weight", "num_replicas", "num_groups", "num_nodes"]
SGLANG_PARAMETERS = [
    "tokens_per_expert",
    "num_physical_experts",
    "num_local_physical_experts",
    "num_groups",
    "num_nodes",
    "algorithm",
]
DEEPSEEK = ["deepseek", "deepseek_hierarchical", "deepseek_vec", "deepseek_vec_hierarchical"]

HOSTS = {
    "vllm-function": {
        "host": "vllm",
        "versions": "0.9.2 to 0.11",
        "seen_at": "48dca59e71e4dbb9be55d66e71fedff569e9ac68",
        "module": "vllm.distributed.eplb.rebalance_algo",
        "parameters": VLLM_PARAMETERS + ["num_gpus"],
        "returns": "tuple[torch.Tensor, torch.Tensor, torch.Tensor]",
        "imported_by": ["vllm.distributed.eplb.eplb_state"],
    },
    "vllm-policy": {
        "host": "vllm",
        "versions": "0.12",
        "seen_at": "d2e5d5958ab5d6c43abcb41f880aaa305c9ba8c0",
        "module": "vllm.distributed.eplb.policy.default",
        "class": "DefaultEplbPolicy",
        "policies": "vllm.distributed.eplb.policy",
        "parameters": VLLM_PARAMETERS + ["num_ranks"],
        "returns": "tuple[torch.Tensor, torch.Tensor, torch.Tensor]",
        "imported_by": ["vllm.distributed.eplb.eplb_state"],
    },
    "vllm-policy-old-indices": {
        "host": "vllm",
        "versions": "between 0.12 and the next",
        "seen_at": "d2e5d5958ab5d6c43abcb41f880aaa305c9ba8c0, and pull requests on top of it",
        "module": "vllm.distributed.eplb.policy.default",
        "class": "DefaultEplbPolicy",
        "policies": "vllm.distributed.eplb.policy",
        "parameters": VLLM_PARAMETERS + ["num_ranks", "old_global_expert_indices"],
        "defaults": {"old_global_expert_indices": None},
        "returns": "tuple[torch.Tensor, torch.Tensor, torch.Tensor]",
        "imported_by": ["vllm.distributed.eplb.eplb_state"],
    },
    "vllm-policy-one-table": {
        "host": "vllm",
        "versions": "later ones",
        "seen_at": "02c1119c578212d6d51339bc88ad6d12f96e08c2",
        "module": "vllm.distributed.eplb.policy.default",
        "class": "DefaultEplbPolicy",
        "policies": "vllm.distributed.eplb.policy",
        "parameters": VLLM_PARAMETERS + ["num_ranks", "old_global_expert_indices"],
        "defaults": {"old_global_expert_indices": None},
        "returns": "torch.Tensor",
        "imported_by": ["vllm.distributed.eplb.eplb_state"],
    },
    "sglang-managers": {
        "host": "sglang",
        "versions": "0.4.7",
        "seen_at": "5a8d805e96fc4866a7f46d5eb823b39f20a2c57a",
        "module": "sglang.srt.managers.eplb_algorithms",
        "parameters": SGLANG_PARAMETERS,
        "algorithms": DEEPSEEK,
        "imported_by": [],
    },
    "sglang-eplb": {
        "host": "sglang",
        "versions": "0.4.8 to 0.5",
        "seen_at": "7d81985a32df17c1bb184fdd5ac7560482b58119",
        "module": "sglang.srt.eplb.eplb_algorithms",
        "parameters": SGLANG_PARAMETERS,
        "algorithms": DEEPSEEK,
        "imported_by": [],
    },
    "sglang-elastic": {
        "host": "sglang",
        "versions": "0.5 with elastic expert parallelism",
        "seen_at": "046f88cb789d7d0e268dce5b7bdbe4ad3252d5ba",
        "module": "sglang.srt.eplb.eplb_algorithms",
        "parameters": SGLANG_PARAMETERS,
        "algorithms": DEEPSEEK + ["elasticity_aware"],
        "imported_by": [],
    },
}
