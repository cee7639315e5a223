import importlib
import sys

import pytest

import host_packages
import plimsoll
from host_versions import HOSTS

torch = pytest.importorskip("torch")

WEIGHT = torch.randint(0, 1000, (2, 16), generator=torch.Generator().manual_seed(1))
VLLM = [name for name in HOSTS if name.startswith("vllm")]
SGLANG = [name for name in HOSTS if name.startswith("sglang")]


@pytest.fixture
def host(tmp_path, monkeypatch):
    """install_host(name): makes the package of that version importable."""

    def forget():
        for host in ("vllm", "sglang"):
            plimsoll.uninstall(host)
        for name in [name for name in sys.modules if name.split(".")[0] in ("vllm", "sglang")]:
            del sys.modules[name]
        importlib.invalidate_caches()

    def make(name):
        host_packages.write(HOSTS[name], tmp_path)
        importlib.invalidate_caches()
        return HOSTS[name]

    forget()
    monkeypatch.syspath_prepend(str(tmp_path))
    yield make
    forget()


@pytest.mark.parametrize("name", VLLM)
@pytest.mark.parametrize("loaded_before", [True, False])
def test_vllm(host, name, loaded_before):
    entry = host(name)
    if loaded_before:
        importlib.import_module(entry["imported_by"][0])
    patched = plimsoll.install("vllm", mode="compatible")
    assert patched and all(what.startswith("vllm.") for what in patched)
    assert plimsoll.install("vllm", mode="compatible") == patched
    call = importlib.import_module(entry["imported_by"][0]).call
    answer = call(WEIGHT, 24, 4, 2, 8)
    expected = plimsoll.eplb.rebalance_experts(WEIGHT, 24, 4, 2, 8, mode="compatible")
    if entry["returns"] == "torch.Tensor":
        assert torch.equal(answer, expected[0])
    else:
        assert torch.equal(answer[0], expected[0]) and torch.equal(answer[2], expected[2])
        assert answer[1].shape == (2, 16, 9)
    if "old_global_expert_indices" in entry["parameters"]:
        assert torch.equal(call(WEIGHT, 24, 4, 2, 8, expected[0])[0], answer[0])
    # Other options take their place.
    plimsoll.install("vllm")
    best = call(WEIGHT, 24, 4, 2, 8)
    best = best if entry["returns"] == "torch.Tensor" else best[0]
    assert torch.equal(best, plimsoll.eplb.rebalance_experts(WEIGHT, 24, 4, 2, 8)[0])
    assert sorted(plimsoll.uninstall("vllm")) == sorted(patched)
    assert call(WEIGHT, 24, 4, 2, 8) == "host" and plimsoll.uninstall("vllm") == []


def test_vllm_finds_the_policy_by_name(host):
    entry = host("vllm-policy-one-table")
    plimsoll.install("vllm")
    policies = importlib.import_module(entry["policies"])
    assert issubclass(policies.EPLB_POLICIES["plimsoll"], policies.DefaultEplbPolicy)
    assert policies.EPLB_POLICIES["plimsoll"].rebalance_experts(WEIGHT, 24, 4, 2, 8).shape == (2, 24)
    plimsoll.uninstall("vllm")
    assert set(policies.EPLB_POLICIES) == {"default"}


def test_modules_that_are_loaded_later(host, tmp_path):
    entry = host("sglang-eplb")
    plimsoll.install("sglang")
    (tmp_path / "sglang" / "late.py").write_text(f"from {entry['module']} import rebalance_experts\n")
    late = importlib.import_module("sglang.late")
    assert late.rebalance_experts(WEIGHT.unsqueeze(0), 24, 3, 4, 2, "deepseek") != "host"
    plimsoll.uninstall("sglang")
    assert late.rebalance_experts(WEIGHT.unsqueeze(0), 24, 3, 4, 2, "deepseek") == "host"


@pytest.mark.parametrize("name", SGLANG)
def test_sglang(host, name):
    entry = host(name)
    module = importlib.import_module(entry["module"])
    patched = plimsoll.install("sglang", mode="compatible")
    assert patched == [f"{entry['module']}.rebalance_experts"]
    tokens = WEIGHT.unsqueeze(0)
    algorithm = module.EplbAlgorithm.deepseek_hierarchical
    answer = module.rebalance_experts(
        tokens_per_expert=tokens,
        num_physical_experts=24,
        num_local_physical_experts=3,
        num_groups=4,
        num_nodes=2,
        algorithm=algorithm,
    )
    expected = plimsoll.eplb.rebalance_experts(WEIGHT, 24, 4, 2, 8, mode="compatible")
    assert all(torch.equal(table, other) for table, other in zip(answer, expected))
    # What EPLB returns is no answer of an algorithm that is not EPLB.
    assert module.rebalance_experts(tokens, 24, 3, 4, 2, module.EplbAlgorithm.deepseek_vec) == "host"
    plimsoll.install("sglang")
    best = module.rebalance_experts(tokens, 24, 3, 4, 2, module.EplbAlgorithm.deepseek_vec)
    assert torch.equal(best[0], plimsoll.eplb.rebalance_experts(WEIGHT, 24, 1, 1, 8)[0])
    plimsoll.uninstall("sglang")
    assert module.rebalance_experts(tokens, 24, 3, 4, 2, algorithm) == "host"


def test_sglang_with_ranks_that_are_gone(host):
    module = importlib.import_module(host("sglang-elastic")["module"])
    plimsoll.install("sglang")
    module.state.active_ranks = torch.tensor([1, 0, 1, 1, 1, 1, 1, 1])
    _, log2phy, logcnt = module.rebalance_experts(
        WEIGHT.unsqueeze(0), 24, 3, 4, 2, module.EplbAlgorithm.elasticity_aware
    )
    assert not torch.isin(log2phy, torch.arange(3, 6)).any() and (logcnt >= 1).all()


def code_of(call, *arguments, **options):
    with pytest.raises(plimsoll.Error) as caught:
        call(*arguments, **options)
    return caught.value


def test_hosts_that_are_not_there(host):
    error = code_of(plimsoll.install, "vllm")
    assert "cannot be imported" in error.message and error.advice.startswith("Maybe")
    assert code_of(plimsoll.install, "tensorrt").code == "usage"
    assert code_of(plimsoll.install, "vllm", mode="fast").code == "usage"


def test_hosts_of_unknown_versions(host, tmp_path):
    (tmp_path / "vllm").mkdir()
    (tmp_path / "vllm" / "__init__.py").touch()
    assert code_of(plimsoll.install, "vllm").code == "unsupported"
    assert plimsoll.uninstall("vllm") == []


def test_policies_that_do_not_say_what_they_return(host):
    entry = {**HOSTS["vllm-policy"]}
    del entry["returns"]
    HOSTS["none"] = entry
    try:
        host("none")
        error = code_of(plimsoll.install, "vllm")
        assert error.code == "unsupported" and "policy(" in error.advice
    finally:
        del HOSTS["none"]


def test_errors_inside_a_host_are_its_own(host, tmp_path):
    (tmp_path / "vllm").mkdir()
    (tmp_path / "vllm" / "__init__.py").write_text("import a_module_that_is_missing\n")
    with pytest.raises(ModuleNotFoundError, match="a_module_that_is_missing"):
        plimsoll.install("vllm")
