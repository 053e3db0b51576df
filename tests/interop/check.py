# Trains tiny models with our program, loads the folders with transformers and PEFT, and the other way round.
"""python check.py   (started by run.sh, in the environment of golden/requirements-transformers.txt)

PROGRAMS names the folder that corral and corral-trainer are in; else they are those of the release build.
"""

import json
import math
import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import torch  # noqa: E402
from peft import LoraConfig, PeftModel, get_peft_model  # noqa: E402
from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: E402
from transformers.utils import logging  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden"
RELEASE = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
TRAINER = Path(os.environ.get("PROGRAMS", RELEASE)) / "corral-trainer"
SEQUENCES = [[1, 17, 5, 30, 9, 44, 12, 3, 3, 40, 21, 8, 33, 27, 2], [1, 20, 33], list(range(1, 46))]
ALLOWED = 1e-4  # of the largest logit
worst = 0.0


def trainer(*args):
    args = [str(a) for a in args]
    done = subprocess.run([TRAINER, *args], cwd=GOLDEN, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode:
        sys.exit(f"corral-trainer {' '.join(args)}\n{done.stderr}")
    return done.stdout


def ours(model, adapter=None):
    """Our logits of SEQUENCES, a [tokens, vocabulary] tensor each: those that chat, and those that train must agree."""
    out = []
    for ids in SEQUENCES:
        got = json.loads(trainer("logits", model, *(["--adapter", adapter] if adapter else []), "--ids", ",".join(map(str, ids))))
        logits, logps = torch.tensor(got["logits"]), torch.tensor(got["logps"])
        again = logits[:-1].log_softmax(-1)[torch.arange(len(ids) - 1), torch.tensor(ids[1:])]
        if (again - logps).abs().max() > 1e-4 * logits.abs().max():
            sys.exit(f"{model}: the pass that trains and the pass that chats differ by {(again - logps).abs().max():.1e}")
        out.append(logits)
    return out


def theirs(model, adapter=None):
    loaded = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32, attn_implementation="eager")
    if adapter:
        loaded = PeftModel.from_pretrained(loaded, adapter)
    loaded.eval()
    with torch.no_grad():
        return [loaded(input_ids=torch.tensor([ids])).logits[0] for ids in SEQUENCES]


def furthest(distances):
    """The largest; what is no number is as far as can be."""
    return max(float("inf") if math.isnan(distance) else distance for distance in map(float, distances))


def compare(what, a, b):
    global worst
    apart = furthest((x - y).abs().max() for x, y in zip(a, b, strict=True))
    scale = max(y.abs().max().item() for y in b)
    worst = max(worst, apart / scale)
    print(f"{what:66} {apart:.2e} of {scale:.2f}{'' if apart <= ALLOWED * scale else '   TOO FAR'}", flush=True)


def differ(what, a, b):
    """A control: these are different models, and the comparison must be able to tell."""
    if max((x - y).abs().max().item() for x, y in zip(a, b, strict=True)) < 100 * ALLOWED:
        sys.exit(f"{what}: no difference where one is expected")


def our_folders(model, out):
    base = GOLDEN / "models" / model
    before = theirs(base)
    trainer("train", f"curves/sigmoid-{model}-lora.yaml", f"output_dir={out}/lora", "learning_rate=0.01")
    trainer("train", f"curves/sigmoid-{model}-full.yaml", f"output_dir={out}/full")
    adapter, full, merged = out / "lora" / "checkpoint-8", out / "full" / "checkpoint-8", out / "merged"
    name = "llama2" if model == "llama" else "qwen"
    trainer("export", base, "--adapter", adapter, "--template", name, "--out", merged, "--size", 0.0001)
    if len(list(merged.glob("*.safetensors"))) < 2:
        sys.exit(f"{model}: the merged folder is not sharded")
    tuned = theirs(base, adapter)
    differ(f"{model}: after training", tuned, before)
    compare(f"{model}: our adapter in PEFT", ours(base, adapter), tuned)
    compare(f"{model}: our full checkpoint in transformers", ours(full), theirs(full))
    compare(f"{model}: our merged folder in transformers", ours(merged), theirs(merged))
    compare(f"{model}: our merged folder and PEFT's model with the adapter", theirs(merged), tuned)
    ids = json.loads((GOLDEN / "templates.json").read_text())
    template = next(c for c in ids["cases"] if c["options"] == dict(template=name))
    tokenizer = AutoTokenizer.from_pretrained(merged)
    # not the later ones: transformers 5 puts NFC before the tokenizer of every Qwen2 folder, and some look like special tokens
    for said, row in zip(ids["conversations"][:4], template["conversations"]):
        system = [dict(role="system", content=said["system"])] if said["system"] else []
        got = tokenizer.apply_chat_template(system + said["messages"], tokenize=True, return_dict=False)
        want = [t for pair in row["turns"] for side in pair for t in side]
        if got != want:
            sys.exit(f"{model}: the merged folder's chat template gives other tokens for {said['name']!r}:\n{got}\n{want}")
    print(f"{model}: the merged folder's chat template gives the training tokens")


VARIANTS = {
    "rsLoRA": dict(use_rslora="true"),
    "DoRA": dict(use_dora="true"),
    "PiSSA": dict(pissa_init="true", pissa_iter=-1),
    "PiSSA converted": dict(pissa_init="true", pissa_iter=3, pissa_convert="true", use_rslora="true"),
    "whole modules": dict(additional_target="embed_tokens,norm"),
    "DoRA, PiSSA and a head": dict(use_dora="true", pissa_init="true", pissa_iter=-1, additional_target="lm_head"),
}


def our_variants(model, out):
    base = GOLDEN / "models" / model
    before = theirs(base)
    for i, (name, keys) in enumerate(VARIANTS.items()):
        run, merged = out / f"variant-{i}", out / f"merged-{i}"
        keys = [f"{k}={v}" for k, v in keys.items()]
        trainer("train", f"curves/simpo-{model}-lora.yaml", f"output_dir={run}", "learning_rate=0.01", "adapter_name_or_path=null", *keys)
        adapter = run / "checkpoint-8"
        trainer("export", base, "--adapter", adapter, "--template", "llama2" if model == "llama" else "qwen", "--out", merged)
        tuned = theirs(base, adapter)
        differ(f"{model}: {name} after training", tuned, before)
        compare(f"{model}: our {name} adapter in PEFT", ours(base, adapter), tuned)
        compare(f"{model}: our merged {name} in transformers", theirs(merged), tuned)
    run = out / "freeze"
    trainer("train", f"curves/sft-{model}-full.yaml", f"output_dir={run}", "finetuning_type=freeze", "freeze_trainable_layers=1")
    compare(f"{model}: our freeze checkpoint in transformers", ours(run / "checkpoint-8"), theirs(run / "checkpoint-8"))
    pro = out / "pro"
    trainer("expand", base, "--out", pro, "--num-expand", 2)
    compare(f"{model}: our expanded folder in transformers", theirs(pro), before)
    run = out / "pro-freeze"
    pro_keys = [f"model_name_or_path={pro}", "use_llama_pro=true", "freeze_trainable_layers=2"]
    trainer("train", f"curves/sft-{model}-full.yaml", f"output_dir={run}", "finetuning_type=freeze", "learning_rate=0.01", *pro_keys)
    tuned = theirs(run / "checkpoint-8")
    differ(f"{model}: LLaMA Pro after training", tuned, before)
    compare(f"{model}: our LLaMA Pro checkpoint in transformers", ours(run / "checkpoint-8"), tuned)
    run, merged = out / "pro-lora", out / "pro-merged"
    trainer("train", f"curves/sft-{model}-lora.yaml", f"output_dir={run}", "learning_rate=0.01", "adapter_name_or_path=null", *pro_keys)
    trainer("export", pro, "--adapter", run / "checkpoint-8", "--template", "llama2" if model == "llama" else "qwen", "--out", merged)
    tuned = theirs(pro, run / "checkpoint-8")
    differ(f"{model}: LLaMA Pro and LoRA after training", tuned, before)
    compare(f"{model}: our LLaMA Pro LoRA adapter in PEFT", ours(pro, run / "checkpoint-8"), tuned)
    compare(f"{model}: our merged LLaMA Pro LoRA in transformers", theirs(merged), tuned)


def merged_into_a_quantized_base(out):
    """The base is dequantized, the person is told, and the merged folder is a plain one."""
    base, run, merged = GOLDEN / "quant" / "llama-nf4", out / "quantized", out / "quantized-merged"
    keys = [f"model_name_or_path={base}", f"output_dir={run}", "learning_rate=0.01"]
    trainer("train", "curves/simpo-llama-lora.yaml", *keys)
    args = ["export", base, "--adapter", run / "checkpoint-8", "--template", "llama2", "--out", merged]
    done = subprocess.run([TRAINER, *map(str, args)], cwd=GOLDEN, text=True, capture_output=True)
    if done.returncode or "dequantized" not in done.stderr:
        sys.exit(f"a merge into a quantized base: {done.stderr}")
    if "quantization_config" in json.loads((merged / "config.json").read_text()):
        sys.exit("a merged folder says it is quantized")
    compare("llama: our adapter merged into an NF4 folder, in transformers", ours(base, run / "checkpoint-8"), theirs(merged))


def their_adapter(folder, out, **config):
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    plain = theirs(folder)
    model = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", **config))
    with torch.no_grad():
        for name, p in model.named_parameters():
            if "magnitude" in name or "modules_to_save" in name:
                p.mul_(1 + 0.2 * torch.randn(p.shape))
            elif "lora_" in name:
                p.copy_(0.2 * torch.randn(p.shape))
    model.save_pretrained(out)
    del model
    with_adapter = theirs(folder, out)
    differ(f"{folder.name}: PEFT's adapter", with_adapter, plain)
    compare(f"{folder.name}: PEFT's adapter in ours ({', '.join(f'{k} {v}' for k, v in config.items() if k != 'target_modules')})",
            ours(folder, out), with_adapter)


def main():
    warnings.simplefilter("ignore")
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    torch.manual_seed(1)
    everything = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    with tempfile.TemporaryDirectory() as out:
        for model in ["llama", "qwen2"]:
            our_folders(model, Path(out) / model)
            our_variants(model, Path(out) / model)
        merged_into_a_quantized_base(Path(out))
        for i, (folder, config) in enumerate([
            ("models/llama", dict(r=8, lora_alpha=16, target_modules=["q_proj", "v_proj"])),
            ("models/qwen2", dict(r=4, lora_alpha=4, target_modules="all-linear")),
            ("families/llama-rope-llama3", dict(r=4, lora_alpha=8, use_rslora=True, target_modules=everything)),
            ("families/mistral", dict(r=2, lora_alpha=8, target_modules=everything)),
            ("families/qwen3", dict(r=3, lora_alpha=8, target_modules=everything)),
            ("families/qwen3", dict(r=3, lora_alpha=8, use_dora=True, target_modules=everything)),
            ("models/qwen2", dict(r=4, lora_alpha=8, use_dora=True, use_rslora=True, target_modules=everything)),
            ("models/llama", dict(r=4, lora_alpha=8, init_lora_weights="pissa", target_modules=everything)),
            ("models/llama", dict(r=4, lora_alpha=8, modules_to_save=["embed_tokens", "lm_head", "norm"], target_modules=["q_proj"])),
            ("models/qwen2", dict(r=4, lora_alpha=8, modules_to_save=["embed_tokens"], target_modules=["v_proj"])),
            ("models/qwen2", dict(r=4, lora_alpha=8, modules_to_save=["lm_head"], use_dora=True, target_modules=["o_proj"])),
        ]):
            their_adapter(GOLDEN / folder, Path(out) / f"theirs-{i}", **config)
    print(f"interop: largest logit difference {worst:.1e} of the largest logit")
    if worst > ALLOWED:
        sys.exit(1)


if __name__ == "__main__":
    main()
