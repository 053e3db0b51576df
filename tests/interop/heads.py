# Value heads, LoftQ and adapters on 4 bits: ours in LLaMA-Factory, TRL and bitsandbytes, and theirs in ours.
"""python heads.py   (started by run.sh, in the environment of golden/requirements-quant.txt; LOFTQ_INIT may name LLaMA-Factory's
scripts/loftq_init.py, whose folder is then compared too)"""

import json
import os
import runpy
import shutil
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "golden" / "parity"), str(HERE.parent / "golden")]

import loftq  # noqa: E402, F401  what bitsandbytes, transformers 4.52 and PEFT's LoftQ need on a CPU
import check  # noqa: E402
import torch  # noqa: E402
from check import GOLDEN, SEQUENCES, compare, differ, ours, trainer  # noqa: E402
from llamafactory.hparams import get_infer_args  # noqa: E402
from llamafactory.model import load_model, load_tokenizer  # noqa: E402
from llamafactory.train.tuner import run_exp  # noqa: E402
from peft import LoftQConfig, LoraConfig, PeftModel, get_peft_model  # noqa: E402
from transformers import AutoModelForCausalLM, BitsAndBytesConfig  # noqa: E402
from trl import AutoModelForCausalLMWithValueHead  # noqa: E402

LLAMA = GOLDEN / "models" / "llama"
BITS = dict(load_in_4bit=True, bnb_4bit_compute_dtype=torch.float32, bnb_4bit_quant_type="nf4")


def logits(model):
    model.eval()
    with torch.no_grad():
        return [model(input_ids=torch.tensor([ids])).logits[0] for ids in SEQUENCES]


# --- value heads

def their_values(base, adapter=None):
    """As LLaMA-Factory loads a reward model: TRL's AutoModelForCausalLMWithValueHead over the model."""
    args = dict(model_name_or_path=str(base), template="default", stage="rm", infer_dtype="float32", finetuning_type="lora")
    if adapter:
        args["adapter_name_or_path"] = str(adapter)
    model_args, _, finetuning_args, _ = get_infer_args(args)
    model_args.device_map = None  # TRL takes a map that says "cpu" for offloading
    tokenizer = load_tokenizer(model_args)["tokenizer"]
    model = load_model(tokenizer, model_args, finetuning_args, is_trainable=False, add_valuehead=True)
    with torch.no_grad():
        return [model(input_ids=torch.tensor([ids]))[2][0] for ids in SEQUENCES]


def our_values(base, adapter=None):
    """What the head says after each token; the last one is only there for another to be behind it."""
    out = []
    for ids in SEQUENCES:
        args = ["logits", base, *(["--adapter", adapter] if adapter else []), "--ids", ",".join(map(str, [*ids, 2]))]
        out.append(torch.tensor(json.loads(trainer(*args))["values"]))
    return out


def reward_config(kind, out, **more):
    config = dict(model_name_or_path=str(LLAMA), stage="rm", do_train=True, finetuning_type=kind, dataset_dir=str(GOLDEN / "data"),
                  dataset="pairs", template="llama2", cutoff_len=96, output_dir=str(out), per_device_train_batch_size=2, max_steps=4,
                  learning_rate=0.01, logging_steps=1, save_steps=4)
    if kind == "lora":
        config |= dict(lora_rank=4, lora_target="all")
    return config | more


def value_heads(out):
    for kind in ["lora", "full"]:
        run = out / f"ours-{kind}"
        file = out / "rm.yaml"
        file.write_text(json.dumps(reward_config(kind, run)))
        trainer("train", file)
        at = [LLAMA, run / "checkpoint-4"] if kind == "lora" else [run / "checkpoint-4"]
        own = our_values(*at)
        compare(f"value head: our reward model ({kind}) in LLaMA-Factory", own, their_values(*at))
        run = out / f"theirs-{kind}"
        run_exp(reward_config(kind, run, overwrite_cache=True, report_to="none", disable_tqdm=True))
        at = [LLAMA, run / "checkpoint-4"] if kind == "lora" else [run / "checkpoint-4"]
        if not (run / "checkpoint-4" / "value_head.safetensors").exists():
            sys.exit(f"LLaMA-Factory left no value head in {run}")
        theirs = their_values(*at)
        compare(f"value head: LLaMA-Factory's reward model ({kind}) in ours", our_values(*at), theirs)
        differ(f"value head ({kind})", theirs, own)


    model = AutoModelForCausalLMWithValueHead.from_pretrained(str(LLAMA), torch_dtype=torch.float32)
    torch.manual_seed(1)
    torch.nn.init.normal_(model.v_head.summary.weight, 0, 0.2)
    model.save_pretrained(out / "trl")
    shutil.copy(LLAMA / "tokenizer.json", out / "trl")
    model.eval()
    with torch.no_grad():
        theirs = [model(input_ids=torch.tensor([ids]))[2][0] for ids in SEQUENCES]
    compare("value head: what TRL saved itself, in ours", our_values(out / "trl"), theirs)


# --- adapters on 4 bits

def four_bits(base, adapter, **more):
    model = AutoModelForCausalLM.from_pretrained(base, torch_dtype=torch.float32, device_map={"": "cpu"},
                                                 **(dict(quantization_config=BitsAndBytesConfig(**BITS, **more)) if more else {}))
    return logits(PeftModel.from_pretrained(model, adapter))


def train(out, *keys):
    trainer("train", "curves/simpo-llama-lora.yaml", f"output_dir={out}", "learning_rate=0.01", "adapter_name_or_path=null", *keys)
    return out / "checkpoint-8"


def quantized(out):
    bits = ["quantization_bit=4"]
    double = dict(bnb_4bit_use_double_quant=True)
    adapter = train(out / "qlora", *bits)
    compare("4 bits: our QLoRA adapter in PEFT on bitsandbytes' weights", ours(LLAMA, adapter), four_bits(LLAMA, adapter, **double))
    adapter = train(out / "loftq-1", *bits, "init_lora_weights=loftq")
    tuned = four_bits(LLAMA, adapter, **double)
    compare("LoftQ: our adapter in PEFT on bitsandbytes' weights", ours(LLAMA, adapter), tuned)
    merged = out / "loftq-merged"
    trainer("export", LLAMA, "--adapter", adapter, "--template", "llama2", "--out", merged)
    whole = AutoModelForCausalLM.from_pretrained(merged, torch_dtype=torch.float32)
    compare("LoftQ: our merged folder in transformers", logits(whole), tuned)
    # PEFT quantizes anew, with plain scales
    adapter = train(out / "loftq-3", *bits, "init_lora_weights=loftq", "loftq_iter=3", "double_quantization=false")
    plain = AutoModelForCausalLM.from_pretrained(LLAMA, torch_dtype=torch.float32)
    before = logits(plain)
    tuned = logits(PeftModel.from_pretrained(plain, adapter))
    differ("LoftQ after training", tuned, before)
    compare("LoftQ: our adapter of 3 rounds in PEFT", ours(LLAMA, adapter), tuned)
    base = GOLDEN / "quant" / "llama-nf4"
    adapter, merged = train(out / "nf4", f"model_name_or_path={base}"), out / "nf4-merged"
    trainer("export", base, "--adapter", adapter, "--template", "llama2", "--out", merged)
    whole = AutoModelForCausalLM.from_pretrained(merged, torch_dtype=torch.float32)
    compare("4 bits: our adapter merged into an NF4 folder, and PEFT's on it", logits(whole), four_bits(base, adapter))


def their_loftq(out):
    torch.manual_seed(1)
    for rounds in [1, 3]:
        plain = AutoModelForCausalLM.from_pretrained(LLAMA, torch_dtype=torch.float32)
        before = logits(plain)
        options = dict(init_lora_weights="loftq", loftq_config=LoftQConfig(loftq_bits=4, loftq_iter=rounds), target_modules=loftq.quant.LINEARS)
        model = get_peft_model(plain, LoraConfig(task_type="CAUSAL_LM", r=4, lora_alpha=8, **options))
        with torch.no_grad():
            for name, p in model.named_parameters():
                if "lora_B" in name:
                    p.add_(0.1 * torch.randn(p.shape))
        folder = out / f"peft-loftq-{rounds}"
        model.save_pretrained(folder)
        tuned = logits(model)
        differ("PEFT's LoftQ adapter", tuned, before)
        compare(f"LoftQ: PEFT's adapter ({rounds} rounds) in ours", ours(LLAMA, folder), tuned)
    if script := os.environ.get("LOFTQ_INIT"):
        folder = out / "lf-loftq"
        runpy.run_path(script)["quantize_loftq"](str(LLAMA), str(folder), lora_rank=4, lora_target=loftq.quant.LINEARS)
        whole = AutoModelForCausalLM.from_pretrained(folder, torch_dtype=torch.float32)
        compare("LoftQ: LLaMA-Factory's folder and adapter in ours", ours(folder, folder / "loftq_init"),
                logits(PeftModel.from_pretrained(whole, folder / "loftq_init")))


def main():
    check.warnings.simplefilter("ignore")
    check.logging.set_verbosity_error()
    loftq.curves.logging.disable(loftq.curves.logging.WARNING)
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as out:
        value_heads(Path(out))
        quantized(Path(out))
        their_loftq(Path(out))
    print(f"interop: largest difference {check.worst:.1e} of the largest value")
    if check.worst > check.ALLOWED:
        sys.exit(1)


if __name__ == "__main__":
    main()
