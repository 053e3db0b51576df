# LoftQ by PEFT's own loftq_init and LLaMA-Factory's scripts/loftq_init.py and trainer; a quantized reference by the same trainer.
"""python parity/loftq.py [part of a case's name]   writes loftq.json and ../loftq.json
(venv: requirements-quant.txt on top of requirements-llamafactory.txt; LOFTQ_INIT names scripts/loftq_init.py of the release)

PEFT decomposes on a GPU alone: `loftq_init` runs here with that one word changed. Its adapter is left unscaled, which is right where
lora_alpha is the rank: so it is in these runs."""

import copy
import inspect
import json
import os
import runpy
import sys
import tempfile
from pathlib import Path

import quant  # what bitsandbytes and transformers need on a CPU  # noqa: I001
import curves
import peft.utils.loftq_utils as loftq_utils
import torch
from peft import get_peft_model_state_dict
from safetensors.torch import load_file

HERE = Path(__file__).parent
GOLDEN = HERE.parent
on_gpu = inspect.getsource(loftq_utils.loftq_init)
assert on_gpu.count('"cuda"') == 1
exec(on_gpu.replace('"cuda"', '"cpu"'), loftq_utils.__dict__)
loftq_utils.clear_device_cache = lambda: None


def told(x):
    flat = x.detach().double().flatten()
    probe = torch.cos(0.1 * torch.arange(len(flat), dtype=torch.double))
    return [float(f"{v:.8g}") for v in (flat.norm().item(), (flat * probe).sum().item())]


def products(state, prefix=""):
    """B A by module: what has no sign."""
    out = {}
    for name, a in state.items():
        if name.endswith("lora_A.weight"):
            module = name.removesuffix(".lora_A.weight")
            out[prefix + module] = told(state[f"{module}.lora_B.weight"].double() @ a.double())
    return out


def quantized(model, out, **options):
    """LLaMA-Factory's own script: a folder of dequantized weights, and the adapter in it."""
    script = runpy.run_path(os.environ.get("LOFTQ_INIT", "loftq_init.py"))
    torch.manual_seed(7)
    script["quantize_loftq"](f"models/{model}", str(out), lora_target=quant.LINEARS, **options)
    return Path(out) / "loftq_init"


def starts():
    """The quantized weights and the adapters that training starts from."""
    out = {}
    for name, model, iterations, rank in [("llama-1", "llama", 1, 4), ("llama-4", "llama", 4, 4), ("qwen2-2", "qwen2", 2, 8)]:
        with tempfile.TemporaryDirectory() as folder:
            adapter = quantized(model, folder, loftq_iter=iterations, lora_rank=rank, lora_alpha=rank)
            weights = load_file(Path(folder) / "model.safetensors")
            out[name] = dict(
                model=model, iterations=iterations, rank=rank,
                weights={k: told(v) for k, v in weights.items() if k.split(".")[-2] in quant.LINEARS and v.dim() == 2},
                products={k.removeprefix("base_model.model."): v
                          for k, v in products(load_file(adapter / "adapter_model.safetensors")).items()})
    file = GOLDEN / "loftq.json"
    text = json.dumps(dict(library="PEFT 0.15.2", cases=out), separators=(",", ":"))
    file.write_text(text.replace('],"', '],\n"').replace('},"', '},\n"') + "\n")


class Record(quant.Record):
    def on_train_end(self, args, state, control, model=None, **kwargs):
        super().on_train_end(args, state, control, model=model, **kwargs)
        if hasattr(model, "peft_config"):
            self.product = products(get_peft_model_state_dict(model))


def cases():
    loftq = dict(init_lora_weights="loftq", quantization_bit=4, double_quantization=False, lora_rank=4, lora_alpha=4)
    simpo = dict(pref_loss="simpo", pref_beta=2.0, simpo_gamma=0.5)
    sigmoid = dict(pref_loss="sigmoid", pref_beta=0.1)
    reference = dict(ref_model="models/llama", ref_model_quantization_bit=4)
    return {
        "loftq-sft": ("LoftQ, sft", "llama", "lora", "sft", loftq | dict(loftq_iter=1)),
        "loftq-4-sft": ("LoftQ, 4 rounds, sft", "llama", "lora", "sft", loftq | dict(loftq_iter=4)),
        "loftq-2-simpo": ("LoftQ, 2 rounds, simpo", "qwen2", "lora", "dpo", loftq | simpo | dict(loftq_iter=2, lora_rank=8, lora_alpha=8)),
        "ref-nf4-lora": ("a reference packed to 4 bits, LoRA", "llama", "lora", "dpo", sigmoid | reference),
        "ref-nf4-full": ("a reference packed to 4 bits, full", "llama", "full", "dpo",
                         sigmoid | reference | dict(double_quantization=False)),
    }


def run(config):
    record = Record()
    theirs = copy.deepcopy(config)
    with tempfile.TemporaryDirectory() as out, tempfile.TemporaryDirectory() as base:
        if "init_lora_weights" in theirs:
            options = dict(loftq_iter=theirs.pop("loftq_iter"), lora_rank=theirs["lora_rank"], lora_alpha=theirs["lora_alpha"])
            adapter = quantized(Path(theirs["model_name_or_path"]).name, base, **options)
            del theirs["init_lora_weights"]
            theirs |= dict(model_name_or_path=base, adapter_name_or_path=str(adapter))
        quant.run_exp({**theirs, "output_dir": out, "eval_on_start": True, "disable_tqdm": True, "save_strategy": "no"}, callbacks=[record])
    assert len(record.train) >= 6 and len(record.eval) >= 3
    got = dict(train=record.train, eval=record.eval)
    if "init_lora_weights" in config:
        return got | dict(product=record.product)  # single matrices have a sign that no product shows
    return got | dict(change=record.change)


def main():
    torch.set_num_threads(1)
    curves.warnings.simplefilter("ignore")
    curves.logging.disable(curves.logging.WARNING)
    os.chdir(GOLDEN)
    starts()
    file = HERE / "loftq.json"
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    got = json.loads(file.read_text())["cases"] if file.exists() and wanted else {}
    for name, (proves, model, kind, stage, more) in cases().items():
        if wanted not in name:
            continue
        config = curves.config(model, kind, stage) | more
        if "init_lora_weights" in more:
            del config["adapter_name_or_path"]
        got[name] = dict(proves=proves, config=config) | run(config)
        rows = got[name]["train"]
        print(f"{name:18} {len(rows)} steps, loss {rows[0]['loss']:.6f} -> {rows[-1]['loss']:.6f}", flush=True)
    text = json.dumps(dict(library="LLaMA-Factory 0.9.3", cases=got), separators=(",", ":"))
    file.write_text(text.replace('{"step"', '\n{"step"').replace('},"', '},\n"') + "\n")


if __name__ == "__main__":
    main()
