# Adapters merged by PEFT: what its `add_weighted_adapter` makes of three, in combined/.
"""Three adapters on the tiny Qwen 2 beside this file (two of one rank, one of another and on another module), and what PEFT
makes of them: matrices A and B where they are merged apart, products B A where a decomposition is cut. Methods that draw at
random are not here: their draws are torch's own.

    python3 -P tests/golden/combine.py        (torch, transformers 5.23.0, peft 0.21.2)
"""

from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM

HERE = Path(__file__).parent
OUT = HERE / "combined"

ADAPTERS = {
    "a": dict(r=4, lora_alpha=8, target_modules=["q_proj", "down_proj"]),
    "b": dict(r=4, lora_alpha=2, target_modules=["q_proj", "down_proj"]),
    "c": dict(r=3, lora_alpha=3, use_rslora=True, target_modules=["q_proj", "v_proj"]),
}

CASES = {
    "linear": dict(adapters=["a", "b"], weights=[0.7, 0.3]),
    "linear_negative": dict(adapters=["a", "b"], weights=[1.0, -0.5], combination_type="linear"),
    "ties": dict(adapters=["a", "b"], weights=[0.7, 0.3], density=0.4),
    "ties_frequency": dict(
        adapters=["a", "b"], weights=[0.7, 0.6], density=0.5, majority_sign_method="frequency", combination_type="ties"
    ),
    "magnitude_prune": dict(adapters=["a", "b"], weights=[0.7, 0.3], density=0.3),
    "cat": dict(adapters=["a", "c"], weights=[0.7, -0.3]),
    "svd": dict(adapters=["a", "c"], weights=[0.7, 0.3]),
    "svd_rank": dict(adapters=["a", "c"], weights=[0.7, 0.3], svd_rank=2, combination_type="svd"),
    "ties_svd": dict(adapters=["a", "c"], weights=[0.7, 0.3], density=0.4),
    "magnitude_prune_svd": dict(adapters=["a", "b"], weights=[0.7, 0.3], density=0.4),
}


def main():
    base = AutoModelForCausalLM.from_pretrained(HERE / "families" / "qwen2", torch_dtype=torch.float32)
    model = None
    for seed, (name, form) in enumerate(ADAPTERS.items()):
        config = LoraConfig(task_type="CAUSAL_LM", base_model_name_or_path="qwen2", **form)
        if model is None:
            model = get_peft_model(base, config, adapter_name=name)
        else:
            model.add_adapter(name, config)
        dice = torch.Generator().manual_seed(seed)
        for key, tensor in model.named_parameters():
            if f".{name}." in key:
                tensor.data = torch.randn(tensor.shape, generator=dice) * 0.3
        model.peft_config[name].base_model_name_or_path = "qwen2"
        model.save_pretrained(OUT, selected_adapters=[name])
    tensors = {}
    for case, how in CASES.items():
        how = {"combination_type": case, **how}
        model.add_weighted_adapter(adapter_name=case, **how)
        for path, module in model.named_modules():
            if case not in getattr(module, "lora_A", {}):
                continue
            path = path.removeprefix("base_model.model.")
            a, b = module.lora_A[case].weight.data, module.lora_B[case].weight.data
            assert module.scaling[case] == 1.0
            if case.startswith(("linear", "ties", "magnitude")) and not case.endswith("_svd"):
                tensors[f"{case}/{path}/A"], tensors[f"{case}/{path}/B"] = a.contiguous(), b.contiguous()
            else:
                tensors[f"{case}/{path}"] = (b @ a).contiguous()
        model.delete_adapter(case)
    save_file(tensors, OUT / "expected.safetensors")


main()
