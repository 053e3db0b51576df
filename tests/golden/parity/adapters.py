# Trains the tiny models with every adapter and freeze variant of LLaMA-Factory 0.9.3 and PEFT 0.15.2, step by step.
"""python parity/adapters.py [part of a case's name]   writes parity/adapters.json and the folders the runs start from
(driven as curves.py drives it, with the same three changes; venv: requirements-llamafactory.txt)"""

import copy
import json
import logging
import os
import runpy
import shutil
import sys
import tempfile
import warnings
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

import curves  # noqa: E402
import llamafactory.model.adapter as lf_adapter  # noqa: E402
import torch  # noqa: E402
from llamafactory.train.tuner import run_exp  # noqa: E402
from peft import LoraConfig, PeftModel, get_peft_model, get_peft_model_state_dict  # noqa: E402
from safetensors.torch import load_file  # noqa: E402
from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: E402

LINEARS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
SIGMOID = dict(pref_loss="sigmoid", pref_beta=0.1)
SIMPO = dict(pref_loss="simpo", pref_beta=2.0, simpo_gamma=0.5)
NORM = ("LLaMA-Factory looks for `norm` anywhere in a name, so that it trains the norms of every block too; its documentation says "
        "modules apart from the blocks, and so do we: the blocks' norms were frozen again for this run")


# --- folders that runs start from

def adapter(model, name, trained=False, **config):
    """PEFT's own folder of a new adapter; `trained`: with a B that is not zero."""
    out = Path("models", model, name)
    if out.exists():
        return
    torch.manual_seed(7)
    base = AutoModelForCausalLM.from_pretrained(f"models/{model}", torch_dtype=torch.float32)
    config = dict(r=4, lora_alpha=8, target_modules=LINEARS) | config
    new = get_peft_model(base, LoraConfig(task_type="CAUSAL_LM", **config))
    if trained:
        with torch.no_grad():
            for key, p in new.named_parameters():
                if "lora_B" in key:
                    p.copy_(0.1 * torch.randn(p.shape))
                elif "magnitude" in key:
                    p.mul_(1 + 0.1 * torch.randn(p.shape))
    new.save_pretrained(out)
    (out / "README.md").unlink()
    file = out / "adapter_config.json"
    text = json.loads(file.read_text())
    text["target_modules"] = sorted(text["target_modules"])
    file.write_text(json.dumps(text, indent=2) + "\n")


def expanded():
    """`models/llama` with two blocks added by LLaMA-Factory's own script."""
    out = Path("models/llama-pro")
    if out.exists():
        return
    script = Path(os.environ.get("LLAMA_PRO", "llama_pro.py"))  # scripts/llama_pro.py of the release
    expand = runpy.run_path(str(script))["block_expansion"]
    torch.manual_seed(7)
    expand("models/llama", str(out), num_expand=2)
    for name in ["tokenizer.json", "tokenizer_config.json"]:
        shutil.copy(Path("models/llama", name), out / name)
    (out / "special_tokens_map.json").unlink()


def starts():
    adapter("llama", "rslora-adapter", use_rslora=True)
    adapter("llama", "pissa-adapter", init_lora_weights="pissa")
    adapter("llama", "whole-adapter", modules_to_save=["embed_tokens", "lm_head", "norm"])
    adapter("qwen2", "whole-adapter", modules_to_save=["embed_tokens"])
    adapter("llama", "tuned-adapter", trained=True, r=2, target_modules=["q_proj", "v_proj", "down_proj"])
    adapter("llama", "dora-tuned-adapter", trained=True, r=2, use_dora=True, target_modules=["k_proj", "up_proj", "down_proj"])
    for model in ["llama", "qwen2"]:
        adapter(model, "dora-adapter", use_dora=True)
    adapter("qwen2", "dora-tuned-adapter", trained=True, r=2, use_dora=True, target_modules=["q_proj", "v_proj", "down_proj"])
    expanded()
    adapter("llama-pro", "fresh-adapter", target_modules=[f"{part}.{name}" for part in ["layers.1", "layers.3"] for name in [
        *(f"self_attn.{p}_proj" for p in "qkvo"), *(f"mlp.{p}_proj" for p in ["gate", "up", "down"])]])


def merged(model, chain, out):
    """The folder that PEFT's merging of a chain gives: LLaMA-Factory itself trains no whole weights over adapters."""
    base = AutoModelForCausalLM.from_pretrained(f"models/{model}", torch_dtype=torch.float32)
    for name in chain:
        base = PeftModel.from_pretrained(base, f"models/{model}/{name}").merge_and_unload()
    base.save_pretrained(out)
    AutoTokenizer.from_pretrained(f"models/{model}").save_pretrained(out)


# --- cases

def case(proves, model, kind, stage, chain=None, why="", **more):
    folder = "llama-pro" if model == "llama-pro" else model
    out = curves.config("qwen2" if model == "qwen2" else "llama", kind, stage, **more)
    out["model_name_or_path"] = f"models/{folder}"
    if chain is not None:
        out["adapter_name_or_path"] = ",".join(f"models/{model}/{name}" for name in chain)
    if chain == []:
        del out["adapter_name_or_path"]
    if kind != "lora":
        out = {k: v for k, v in out.items() if not k.startswith("lora_")}
    return dict(proves=proves, why=why, config=out)


def cases():
    pissa = dict(pissa_init=True, pissa_iter=-1)
    freeze = dict(freeze_trainable_modules="all")
    out = {
        "freeze-last-sft": case("freeze, last block, sft", "llama", "freeze", "sft", freeze_trainable_layers=1, **freeze),
        "freeze-last-dpo": case("freeze, last block, dpo", "llama", "freeze", "dpo", freeze_trainable_layers=1, **freeze, **SIGMOID),
        "freeze-first-sft": case("freeze, first block, sft", "qwen2", "freeze", "sft", freeze_trainable_layers=-1, **freeze),
        "freeze-attention-sft": case("freeze, attention only, sft", "qwen2", "freeze", "sft", freeze_trainable_layers=2,
                                     freeze_trainable_modules="self_attn"),
        "freeze-mlp-dpo": case("freeze, mlp and one norm, dpo", "qwen2", "freeze", "dpo", freeze_trainable_layers=1,
                               freeze_trainable_modules="mlp,input_layernorm", **SIGMOID),
        "freeze-tables-sft": case("freeze, embedding and head too, sft", "llama", "freeze", "sft", freeze_trainable_layers=1,
                                  freeze_extra_modules="embed_tokens,lm_head", **freeze),
        "freeze-head-dpo": case("freeze, head too, dpo", "llama", "freeze", "dpo", freeze_trainable_layers=1,
                                freeze_extra_modules="lm_head", **freeze, **SIGMOID),
        "freeze-tied-dpo": case("freeze, tied embedding too, dpo", "qwen2", "freeze", "dpo", freeze_trainable_layers=1,
                                freeze_extra_modules="embed_tokens", **freeze, **SIGMOID),
        "freeze-norm-sft": case("freeze, last norm too, sft", "llama", "freeze", "sft", freeze_trainable_layers=1,
                                freeze_trainable_modules="mlp", freeze_extra_modules="norm", why=NORM),
        "pro-sft": case("LLaMA Pro, sft", "llama-pro", "freeze", "sft", use_llama_pro=True, freeze_trainable_layers=2, **freeze),
        "pro-dpo": case("LLaMA Pro, dpo", "llama-pro", "freeze", "dpo", use_llama_pro=True, freeze_trainable_layers=2, **freeze,
                        **SIGMOID),
        "pro-lora-sft": case("LLaMA Pro and LoRA, sft", "llama-pro", "lora", "sft", ["fresh-adapter"], use_llama_pro=True,
                             freeze_trainable_layers=2),
        "pro-pissa-sft": case("LLaMA Pro and LoRA (PiSSA), new, sft", "llama-pro", "lora", "sft", [], use_llama_pro=True,
                              freeze_trainable_layers=2, **pissa),
        "full-on-adapter-sft": case("full on a chain of adapters, sft", "llama", "full", "sft", ["tuned-adapter", "dora-tuned-adapter"]),
        "full-on-adapter-dpo": case("full on an adapter, dpo", "llama", "full", "dpo", ["tuned-adapter"], **SIGMOID),
        "freeze-on-adapter-dpo": case("freeze on a DoRA adapter, dpo", "qwen2", "freeze", "dpo", ["dora-tuned-adapter"],
                                      freeze_trainable_layers=1, **freeze, **SIGMOID),
        "rslora-sft": case("rsLoRA, sft", "llama", "lora", "sft", ["rslora-adapter"], use_rslora=True),
        "rslora-dpo": case("rsLoRA, dpo", "llama", "lora", "dpo", ["rslora-adapter"], use_rslora=True, **SIGMOID),
        "dora-sft": case("DoRA, sft", "qwen2", "lora", "sft", ["dora-adapter"], use_dora=True),
        "dora-dpo": case("DoRA, dpo", "llama", "lora", "dpo", ["dora-adapter"], use_dora=True, **SIGMOID),
        "dora-on-dora-sft": case("DoRA on a merged DoRA adapter, sft", "llama", "lora", "sft", ["dora-tuned-adapter", "dora-adapter"],
                                 use_dora=True),
        "dora-tuned-sft": case("DoRA that goes on, sft", "qwen2", "lora", "sft", ["dora-tuned-adapter"], use_dora=True),
        "pissa-sft": case("PiSSA, new, sft", "llama", "lora", "sft", [], **pissa),
        "pissa-simpo": case("PiSSA, new, simpo", "qwen2", "lora", "dpo", [], **pissa, **SIMPO),
        # iterated until chance has no say
        "pissa-iter-sft": case("PiSSA by iteration, new, sft", "llama", "lora", "sft", [], pissa_init=True, pissa_iter=1000),
        "pissa-iter-simpo": case("PiSSA by iteration, rsLoRA, new, simpo", "qwen2", "lora", "dpo", [], pissa_init=True, pissa_iter=1000,
                                 use_rslora=True, **SIMPO),
        "pissa-convert-sft": case("PiSSA, converted, sft", "llama", "lora", "sft", [], **pissa, pissa_convert=True),
        "pissa-convert-simpo": case("PiSSA, converted, rsLoRA, simpo", "qwen2", "lora", "dpo", [], **pissa, pissa_convert=True,
                                    use_rslora=True, **SIMPO),
        "pissa-folder-sft": case("PiSSA, PEFT's folder, sft", "llama", "lora", "sft", ["pissa-adapter"]),
        "pissa-dora-rslora-sft": case("PiSSA, DoRA, rsLoRA and whole modules, new, sft", "llama", "lora", "sft", [], **pissa,
                                      use_dora=True, use_rslora=True, additional_target="lm_head,norm"),
        "loraplus-sft": case("LoRA+, sft", "llama", "lora", "sft", loraplus_lr_ratio=16.0, weight_decay=0.1),
        "loraplus-dpo": case("LoRA+, dpo", "qwen2", "lora", "dpo", loraplus_lr_ratio=4.0, **SIGMOID),
        "loraplus-whole-sft": case("LoRA+ beside whole modules, sft", "llama", "lora", "sft", ["whole-adapter"], loraplus_lr_ratio=4.0,
                                   weight_decay=0.1),
        "whole-sft": case("additional_target, tied embedding, sft", "qwen2", "lora", "sft", ["whole-adapter"],
                          additional_target="embed_tokens"),
        "whole-dpo": case("additional_target, dpo", "llama", "lora", "dpo", ["whole-adapter"],
                          additional_target="embed_tokens,lm_head,norm", **SIGMOID),
        "chain-dpo": case("two adapters in a chain, dpo", "llama", "lora", "dpo", ["tuned-adapter", "fresh-adapter"], **SIGMOID),
        "chain-sft": case("three adapters in a chain, DoRA and whole among them, sft", "llama", "lora", "sft",
                          ["dora-tuned-adapter", "whole-adapter", "tuned-adapter"]),
        "new-simpo": case("create_new_adapter (PiSSA), simpo", "llama", "lora", "dpo", ["tuned-adapter"], create_new_adapter=True, **pissa,
                          **SIMPO),
    }
    return out


# --- runs

frozen_again = []
plain_freeze = lf_adapter._setup_freeze_tuning


def setup_freeze(model, finetuning_args, *rest):
    plain_freeze(model, finetuning_args, *rest)
    if finetuning_args.freeze_extra_modules and "norm" in finetuning_args.freeze_extra_modules:
        for name, p in model.named_parameters():
            if ".layers." in name and "norm" in name:
                p.requires_grad_(False)


lf_adapter._setup_freeze_tuning = setup_freeze


def state(model):
    if isinstance(model, PeftModel):
        return {k: v.detach().double().clone() for k, v in get_peft_model_state_dict(model, save_embedding_layers=False).items()}
    tied = model.config.tie_word_embeddings
    return {k: v.detach().double().clone() for k, v in model.state_dict().items() if not (tied and k == "lm_head.weight")}


class Record(curves.Record):
    def on_train_begin(self, args, state_, control, model=None, **kwargs):
        self.start = state(model)

    def on_train_end(self, args, state_, control, model=None, **kwargs):
        self.end = state(model)


def products(state):
    """B A by module: what has no sign."""
    out = {}
    for module in [name.removesuffix(".lora_A.weight") for name in state if name.endswith(".lora_A.weight")]:
        flat = (state[f"{module}.lora_B.weight"] @ state[f"{module}.lora_A.weight"]).flatten()
        probe = torch.cos(0.1 * torch.arange(len(flat), dtype=torch.double))
        out[module] = [float(f"{x:.8g}") for x in [flat.norm().item(), (flat * probe).sum().item()]]
    return out


def run(one):
    config, record = copy.deepcopy(one["config"]), Record()
    with tempfile.TemporaryDirectory() as out, tempfile.TemporaryDirectory() as base:
        start = None
        if config["finetuning_type"] != "lora" and "adapter_name_or_path" in config:
            model = config["model_name_or_path"]
            chain = [Path(p).name for p in config.pop("adapter_name_or_path").split(",")]
            merged(Path(model).name, chain, base)
            config["model_name_or_path"] = base
            start = {k: v.double() for k, v in load_file(f"{model}/model.safetensors").items()}
        run_exp({**config, "output_dir": out, "eval_on_start": True, "disable_tqdm": True, "save_strategy": "no"}, callbacks=[record])
        if config.get("pissa_convert"):
            saved = load_file(Path(out, "pissa_converted", "adapter_model.safetensors"))
            record.end = {k: v.double() for k, v in saved.items()}
    assert len(record.train) >= 6 and len(record.eval) >= 3
    change = {}
    for name, end in record.end.items():
        if "pissa_init" in config and "lora_magnitude" not in name and "lora_" in name:
            continue  # vectors of a decomposition have no sign: the curves must agree all the same
        before = (start or record.start)[name]
        probe = torch.cos(0.1 * torch.arange(end.numel(), dtype=torch.double))
        flat = (end - before).flatten()
        change[name] = [float(f"{x:.8g}") for x in [flat.norm().item(), (flat * probe).sum().item()]]
    if "create_new_adapter" in config or "pissa_init" in config:
        change = {}  # nothing to start from is in a folder
    product = products(record.end) if "pissa_init" in config else {}
    return dict(**{k: v for k, v in one.items() if v}, train=record.train, eval=record.eval, change=change, product=product)


def main():
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    os.chdir(HERE.parent)
    starts()
    wanted = {n: c for n, c in cases().items() if len(sys.argv) < 2 or sys.argv[1] in n}
    file = HERE / "adapters.json"
    got = json.loads(file.read_text())["cases"] if file.exists() and len(sys.argv) > 1 else {}
    for name, one in wanted.items():
        got[name] = run(one)
        last = got[name]["train"][-1]
        print(f"{name:24} {len(got[name]['train'])} steps, loss {got[name]['train'][0]['loss']:.6f} -> {last['loss']:.6f},"
              f" |g| {last['grad_norm']:.5f}", flush=True)
        text = json.dumps(dict(library="LLaMA-Factory 0.9.3", cases={n: got[n] for n in cases() if n in got}), separators=(",", ":"))
        file.write_text(text.replace('{"step"', '\n{"step"').replace('},"', '},\n"') + "\n")
    print(file.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
