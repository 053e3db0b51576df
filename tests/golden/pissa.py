# What PEFT's PiSSA with few iterations leaves of each weight: the spread over its random starts.
"""python pissa.py   writes pissa.json   (venv: requirements-llamafactory.txt)"""

import json
from pathlib import Path

import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

HERE = Path(__file__).parent
SEEDS = 300


def left(iterations, seed):
    torch.manual_seed(seed)
    base = AutoModelForCausalLM.from_pretrained(HERE / "models" / "llama", torch_dtype=torch.float32)
    model = get_peft_model(base, LoraConfig(task_type="CAUSAL_LM", r=4, lora_alpha=8, target_modules=["q_proj", "v_proj", "up_proj", "down_proj"],
                                            init_lora_weights=f"pissa_niter_{iterations}"))
    named = {n.removeprefix("base_model.model.").removesuffix(".base_layer.weight"): p for n, p in model.named_parameters()}
    return {n: p.double().norm().item() for n, p in named.items() if n.endswith("_proj") and "layers.0" in n}


def main():
    torch.set_num_threads(1)
    cases = {}
    for iterations in [0, 1, 4]:
        rows = [left(iterations, seed) for seed in range(SEEDS)]
        norms = {n: torch.tensor([row[n] for row in rows], dtype=torch.double) for n in rows[0] }
        cases[iterations] = {n: [float(f"{x:.8g}") for x in (v.mean().item(), v.std().item())] for n, v in norms.items()}
    text = json.dumps(dict(library="PEFT 0.15.2", rank=4, alpha=8, left=cases), indent=1)
    (HERE / "pissa.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
