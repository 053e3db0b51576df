# Trains the tiny models with the token-weighted losses of LLaMA-Factory 0.9.5 (DFT, EAFT), step by step.
"""python parity/weighted.py [part of a case's name]   writes parity/weighted.json   (venv: requirements-recent.txt)"""

import copy
import itertools
import json
import logging
import os
import sys
import tempfile
import types
import warnings
from pathlib import Path

os.environ.update(DISABLE_VERSION_CHECK="1", WANDB_DISABLED="true", HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false",
                  HF_DATASETS_DISABLE_PROGRESS_BARS="1", CUDA_VISIBLE_DEVICES="")

import torch  # noqa: E402
import transformers.trainer as hf  # noqa: E402

sys.modules.setdefault("torchaudio", types.ModuleType("torchaudio"))  # for speech alone
from accelerate import Accelerator  # noqa: E402
from llamafactory.train.tuner import run_exp  # noqa: E402
from peft import PeftModel, get_peft_model_state_dict  # noqa: E402
from transformers import TrainerCallback  # noqa: E402

HERE = Path(__file__).parent
TEMPLATE = dict(llama="llama2", qwen2="qwen")
LEFT_OUT = ("runtime", "per_second", "epoch", "total_flos", "train_loss", "logits/", "num_input_tokens")

# transformers rounds the logged loss to 4 digits.
hf.round = lambda x, digits=None: x
# transformers 5.2 has divided by the tokens of the whole accumulation window; accelerate 1.11 would divide by its length again.
Accelerator.gradient_accumulation_steps = property(lambda self: 1, lambda self, steps: None)


def config(model, kind, stage="sft", **more):
    data = dict(dpo="pairs", sft="instructions")[stage]
    out = dict(model_name_or_path=f"models/{model}")
    if kind == "lora":
        out |= dict(adapter_name_or_path=f"models/{model}/fresh-adapter", lora_target="all", lora_rank=4, lora_alpha=8)
    return out | dict(
        stage=stage, do_train=True, finetuning_type=kind, dataset_dir="data", dataset=data, eval_dataset=f"{data}_eval",
        template=TEMPLATE[model], cutoff_len=96, disable_shuffling=True, overwrite_cache=True, output_dir="output",
        per_device_train_batch_size=2, gradient_accumulation_steps=2, per_device_eval_batch_size=2, learning_rate=1.0e-3,
        lr_scheduler_type="linear", warmup_steps=2, num_train_epochs=2.0, max_grad_norm=1.0, weight_decay=0.0, logging_steps=1,
        eval_strategy="steps", eval_steps=4, seed=42, report_to="none",
    ) | more


def cases():
    out = {}
    for model, kind in itertools.product(["llama", "qwen2"], ["lora", "full"]):
        out[f"dft-{model}-{kind}"] = (f"DFT, {model}, {kind}", config(model, kind, use_dft_loss=True))
        out[f"eaft-{model}-{kind}"] = (f"EAFT, {model}, {kind}", config(model, kind, use_eaft_loss=True))
    out["eaft-alpha"] = ("EAFT, eaft_alpha", config("llama", "lora", use_eaft_loss=True, eaft_alpha=0.3))
    out["dft-masked"] = ("DFT, last turn only", config("llama", "full", use_dft_loss=True, mask_history=True, cutoff_len=72))
    return out


def state(model):
    if isinstance(model, PeftModel):
        found = get_peft_model_state_dict(model, save_embedding_layers=False)
    else:
        tied = model.config.tie_word_embeddings
        found = {k: v for k, v in model.state_dict().items() if not (tied and k == "lm_head.weight")}
    return {k: v.detach().double().clone() for k, v in found.items()}


class Record(TrainerCallback):
    def __init__(self):
        self.train, self.eval = [], []

    def on_train_begin(self, args, state_, control, model=None, **kwargs):
        self.start = state(model)

    def on_train_end(self, args, state_, control, model=None, **kwargs):
        self.end = state(model)

    def on_log(self, args, state_, control, logs=None, **kwargs):
        row = {k: float(f"{v:.8g}") for k, v in logs.items() if not any(x in k for x in LEFT_OUT)}
        if "loss" in row:
            self.train.append(dict(step=state_.global_step, **row))
        elif "eval_loss" in row and state_.global_step not in [r["step"] for r in self.eval]:  # the last one comes twice
            self.eval.append(dict(step=state_.global_step, **row))


def digits(flat):
    probe = torch.cos(0.1 * torch.arange(flat.numel(), dtype=torch.double))
    return [float(f"{x:.8g}") for x in [flat.norm().item(), (flat * probe).sum().item()]]


def run(case):
    record = Record()
    with tempfile.TemporaryDirectory() as out:
        wanted = copy.deepcopy(case) | dict(output_dir=out, eval_on_start=True, disable_tqdm=True, save_strategy="no")
        run_exp(wanted, callbacks=[record])
    assert len(record.train) >= 6 and len(record.eval) >= 3, (len(record.train), len(record.eval))
    change = {name: digits((end - record.start[name]).flatten()) for name, end in record.end.items()}
    return dict(train=record.train, eval=record.eval, change=change)


def write(name, all_cases, library, told=lambda name, change: change):
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    os.chdir(HERE.parent)
    wanted = {n: c for n, c in all_cases.items() if len(sys.argv) < 2 or sys.argv[1] in n}
    file = HERE / f"{name}.json"
    got = json.loads(file.read_text())["cases"] if file.exists() and len(sys.argv) > 1 else {}
    for case, (proves, config) in wanted.items():
        got[case] = dict(proves=proves, config=config) | run(config)
        got[case]["change"] = told(case, got[case]["change"])
        last = got[case]["train"][-1]
        print(f"{case:24} {len(got[case]['train'])} steps, loss {got[case]['train'][0]['loss']:.6f} -> {last['loss']:.6f},"
              f" |g| {last['grad_norm']:.5f}", flush=True)
    text = json.dumps(dict(library=library, cases={n: got[n] for n in all_cases if n in got}), separators=(",", ":"))
    file.write_text(text.replace('{"step"', '\n{"step"').replace('},"', '},\n"') + "\n")
    print(file.stat().st_size, "bytes")


if __name__ == "__main__":
    write("weighted", cases(), "LLaMA-Factory 0.9.5")
