# The BCO term beside a loss by LLaMA-Factory 0.9.4, the first that has it, with TRL 0.19.1; writes bco_weight.json.
"""python bco_weight.py [part of a case's name]   (venv: requirements-trl.txt with llamafactory==0.9.4, trl==0.19.1)"""

import json
import math
import os
import sys
import tempfile
import warnings
from importlib.metadata import version
from pathlib import Path

os.environ.update(DISABLE_VERSION_CHECK="1", WANDB_DISABLED="true", HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false",
                  HF_DATASETS_DISABLE_PROGRESS_BARS="1", CUDA_VISIBLE_DEVICES="")

import torch  # noqa: E402
import transformers.trainer as hf  # noqa: E402
from llamafactory.train.dpo.trainer import CustomDPOTrainer  # noqa: E402
from llamafactory.train.tuner import run_exp  # noqa: E402
from peft import PeftModel, get_peft_model_state_dict  # noqa: E402
from transformers import TrainerCallback  # noqa: E402

HERE = Path(__file__).parent
TEMPLATE = dict(llama="llama2", qwen2="qwen")
LEFT_OUT = ("runtime", "per_second", "epoch", "total_flos", "train_loss", "logits/", "num_input_tokens")
hf.round = lambda x, digits=None: x


def config(model, kind, **more):
    out = dict(model_name_or_path=f"models/{model}")
    if kind == "lora":
        out |= dict(adapter_name_or_path=f"models/{model}/fresh-adapter", lora_target="all", lora_rank=4, lora_alpha=8, lora_dropout=0.0)
    return out | dict(
        stage="dpo", do_train=True, finetuning_type=kind, dataset_dir="data", dataset="pairs", template=TEMPLATE[model], cutoff_len=96,
        disable_shuffling=True, per_device_train_batch_size=2, gradient_accumulation_steps=2, learning_rate=1e-3,
        lr_scheduler_type="linear", warmup_steps=2, num_train_epochs=2, max_grad_norm=1.0, logging_steps=1, seed=42, pref_beta=0.1,
    ) | more


def cases():
    return {
        "bco-weight-lora": ("pref_bco_weight, lora", config("llama", "lora", pref_loss="sigmoid", pref_bco_weight=0.5)),
        "bco-weight-full": ("pref_bco_weight, full", config("qwen2", "full", pref_loss="sigmoid", pref_bco_weight=0.5)),
        "bco-weight-hinge": ("pref_bco_weight with hinge and pref_ftx",
                             config("qwen2", "lora", pref_loss="hinge", pref_bco_weight=2.0, pref_ftx=0.3)),
        "bco-weight-ld": ("pref_bco_weight with ld_alpha", config("llama", "lora", pref_loss="sigmoid", pref_bco_weight=1.0, ld_alpha=0.5)),
    }


def weights(model):
    state = get_peft_model_state_dict(model) if isinstance(model, PeftModel) else dict(model.named_parameters())
    return {n: p.detach().double().clone() for n, p in state.items()}


class Record(TrainerCallback):
    def __init__(self):
        self.train = []

    def on_train_begin(self, args, state, control, model=None, **kwargs):
        self.start = weights(model)

    def on_train_end(self, args, state, control, model=None, **kwargs):
        self.change = {}
        for name, end in weights(model).items():
            delta = (end - self.start[name]).flatten()
            probe = delta @ torch.cos(0.1 * torch.arange(len(delta), dtype=torch.float64))
            self.change[name] = [float(f"{x.item():.8g}") for x in (delta.norm(), probe)]

    def on_log(self, args, state, control, logs=None, **kwargs):
        if "loss" in logs:
            row = {k: float(f"{v:.8g}") for k, v in logs.items() if not any(x in k for x in LEFT_OUT)}
            self.train.append(dict(step=state.global_step, **row))


def run(case):
    record = Record()
    with tempfile.TemporaryDirectory() as out:
        more = dict(output_dir=out, overwrite_output_dir=True, overwrite_cache=True, save_strategy="no", report_to="none", disable_tqdm=True,
                    use_cpu=True)
        run_exp(case | more, callbacks=[record])
    assert len(record.train) >= 6 and all(math.isfinite(x) for row in record.train for x in row.values())
    return dict(train=record.train, change=record.change)


def main():
    assert (version("llamafactory"), version("trl")) == ("0.9.4", "0.19.1")
    assert hasattr(CustomDPOTrainer, "bco_loss")
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    os.chdir(HERE.parent)
    got = {}
    for name, (proves, case) in cases().items():
        if len(sys.argv) < 2 or sys.argv[1] in name:
            got[name] = dict(proves=proves) | run(case) | dict(config=case)
            print(f"{name:24} loss {got[name]['train'][0]['loss']:.6f} -> {got[name]['train'][-1]['loss']:.6f}", flush=True)
    text = json.dumps(dict(library="LLaMA-Factory 0.9.4", cases=got), separators=(",", ":"))
    (HERE / "bco_weight.json").write_text(text.replace('{"step"', '\n{"step"').replace('},"', '},\n"') + "\n")


if __name__ == "__main__":
    main()
