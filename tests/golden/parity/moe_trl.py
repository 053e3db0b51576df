# Trains the tiny mixtures of experts with TRL 0.19.1's DPOTrainer and KTOTrainer, which add the router's loss to their own.
"""python parity/moe_trl.py   writes parity/moe_trl.json   (driven as losses.py drives it; venv: requirements-trl.txt)"""

import json
import logging
import os
import warnings
from pathlib import Path

import losses
import torch

HERE = Path(__file__).parent
losses.TEMPLATE |= dict(mixtral="llama2", qwen2moe="qwen")
plain_load = losses.load
weight = 0.0


def load(path, *args):
    """What LLaMA-Factory does with `moe_aux_loss_coef`; TRL goes by the config that comes out."""
    model = plain_load(path, *args)
    model.config.output_router_logits, model.config.router_aux_loss_coef = True, weight
    return model


losses.load = load


def cases():
    out = {}
    for model, kind in [("mixtral", "lora"), ("mixtral", "full"), ("qwen2moe", "lora"), ("qwen2moe", "full")]:
        config = losses.config(model, kind, pref_loss="sigmoid", pref_beta=0.1, moe_aux_loss_coef=0.1)
        if kind == "lora":
            config |= dict(lora_rank=2, lora_alpha=4)
        out[f"{model}-dpo-aux-{kind}"] = dict(proves=f"{model}, dpo, moe_aux_loss_coef, {kind}", config=config)
    return out


def main():
    global weight
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    os.chdir(HERE.parent)
    got = {}
    for name, one in cases().items():
        weight = one["config"]["moe_aux_loss_coef"]
        got[name] = dict(**one, **losses.dpo(one["config"]))
        first, last = got[name]["train"][0], got[name]["train"][-1]
        print(f"{name:24} {len(got[name]['train'])} steps, loss {first['loss']:.6f} -> {last['loss']:.6f}, |g| {last['grad_norm']:.5f}",
              flush=True)
    text = json.dumps(dict(library="TRL 0.19.1", cases=got), separators=(",", ":"))
    file = HERE / "moe_trl.json"
    file.write_text(text.replace('{"step"', '\n{"step"').replace('},"', '},\n"') + "\n")
    print(file.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
