# Trains the tiny models with LLaMA-Factory 0.9.3 and TRL 0.8.6, and writes down what every step logged, to full precision.
"""python curves.py [part of a case's name]   writes curves/<case>.yaml and curves/expected.json
python curves.py bf16                        writes curves/bf16.json: the same cases with bf16: true
python curves.py pure_bf16                   writes curves/pure_bf16.json: the same cases with pure_bf16: true
(format and the three things changed in the originals: README.md; venv: requirements-llamafactory.txt)"""

import itertools
import json
import logging
import os
import sys
import tempfile
import warnings
from pathlib import Path

os.environ.update(DISABLE_VERSION_CHECK="1", WANDB_DISABLED="true", HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false",
                  HF_DATASETS_DISABLE_PROGRESS_BARS="1")

import llamafactory.hparams.parser as parser  # noqa: E402
import llamafactory.model.adapter as adapter  # noqa: E402
import llamafactory.train.dpo.trainer as lf_dpo  # noqa: E402
import torch  # noqa: E402
import transformers.trainer as hf  # noqa: E402
import trl  # noqa: E402
import yaml  # noqa: E402
from llamafactory.train.dpo.trainer import CustomDPOTrainer  # noqa: E402
from llamafactory.train.pt.trainer import CustomTrainer  # noqa: E402
from llamafactory.train.tuner import run_exp  # noqa: E402
from transformers import TrainerCallback  # noqa: E402

HERE = Path(__file__).parent
OUT = HERE / "curves"
LOSSES = ["sigmoid", "hinge", "ipo", "kto_pair", "orpo", "simpo"]
TEMPLATE = dict(llama="llama2", qwen2="qwen")


def config(model, kind, stage, **more):
    data = dict(dpo="pairs", sft="instructions", pt="text")[stage]
    out = dict(model_name_or_path=f"models/{model}")
    if kind == "lora":
        out |= dict(adapter_name_or_path=f"models/{model}/fresh-adapter")
    out |= dict(stage=stage, do_train=True, finetuning_type=kind)
    if kind == "lora":
        out |= dict(lora_target="all", lora_rank=4, lora_alpha=8, lora_dropout=0.0)
    out |= dict(
        dataset_dir="data", dataset=data, eval_dataset=f"{data}_eval", template=TEMPLATE[model],
        cutoff_len=32 if stage == "pt" else 96, disable_shuffling=True, overwrite_cache=True,
    )
    out |= {k: v for k, v in more.items() if k.startswith(("pref_", "simpo_", "dpo_", "ld_"))}
    out |= dict(
        output_dir="output", per_device_train_batch_size=2, gradient_accumulation_steps=2, per_device_eval_batch_size=2,
        learning_rate=1.0e-3, lr_scheduler_type="linear", warmup_steps=2, num_train_epochs=2.0, max_grad_norm=1.0,
        weight_decay=0.0, logging_steps=1, eval_strategy="steps", eval_steps=4, seed=42, report_to="none",
    )
    return out | more


def cases():
    preference = dict(sigmoid=dict(pref_beta=0.1), hinge=dict(pref_beta=0.1), ipo=dict(pref_beta=0.1), kto_pair=dict(pref_beta=0.1),
                      orpo=dict(pref_beta=0.1), simpo=dict(pref_beta=2.0, simpo_gamma=0.5))
    out = {}
    for model, kind in itertools.product(["llama", "qwen2"], ["lora", "full"]):
        for loss in LOSSES:
            out[f"{loss}-{model}-{kind}"] = config(model, kind, "dpo", pref_loss=loss, **preference[loss])
        out[f"sft-{model}-{kind}"] = config(model, kind, "sft")
        out[f"pt-{model}-{kind}"] = config(model, kind, "pt", num_train_epochs=1.0)
    sigmoid = dict(pref_loss="sigmoid", pref_beta=0.1)
    simpo = dict(pref_loss="simpo", pref_beta=2.0, simpo_gamma=0.5)
    out["sigmoid-smoothed"] = config("llama", "lora", "dpo", **sigmoid, dpo_label_smoothing=0.1)
    out["sigmoid-ld"] = config("llama", "lora", "dpo", **sigmoid, ld_alpha=0.5)
    out["sigmoid-ftx"] = config("llama", "lora", "dpo", **sigmoid, pref_ftx=0.5)
    out["simpo-ftx"] = config("qwen2", "full", "dpo", **simpo, pref_ftx=0.5)
    # (transformers 4.52 takes Qwen2's last norm for no norm, and decays it)
    out["sigmoid-decay"] = config("llama", "full", "dpo", **sigmoid, weight_decay=0.01, learning_rate=5.0e-3)
    out["sigmoid-cosine"] = config("llama", "lora", "dpo", **sigmoid, lr_scheduler_type="cosine", warmup_ratio=0.3)
    del out["sigmoid-cosine"]["warmup_steps"]
    out["sigmoid-constant"] = config("llama", "lora", "dpo", **sigmoid, lr_scheduler_type="constant", max_grad_norm=0.2)
    out["sft-masked"] = config("llama", "full", "sft", mask_history=True, cutoff_len=72)
    return out


# 1. transformers rounds the logged loss to 4 digits.
hf.round = lambda x, digits=None: x


# 2. transformers 4.52 counts each row's first label, which predicts nothing, when it averages over an accumulation window
#    (right since version 5): with every token counted, as in stage pt, the loss comes out too small by 1 in cutoff_len.
def batch_samples(self, iterator, num_batches, device):
    batches = list(itertools.islice(iterator, num_batches))
    assert len(batches) == 2, "a window left part empty is weighted wrongly"
    return batches, sum(b["labels"][:, 1:].ne(-100).sum() for b in batches)


CustomTrainer.get_batch_samples = batch_samples

# 3. Two metrics of our own are added to evaluations, from the average log-probs per response token.
averages = []
plain_logps, plain_metrics = lf_dpo.get_batch_logps, CustomDPOTrainer.get_batch_loss_metrics


def record_logps(logits, labels, **kwargs):
    logps, length = plain_logps(logits=logits, labels=labels)
    averages.append((logps / length).detach())
    return plain_logps(logits=logits, labels=labels, **kwargs)


def with_preference(self, model, batch, train_eval="train"):
    averages.clear()
    loss, metrics = plain_metrics(self, model, batch, train_eval)
    chosen, rejected = averages[0].chunk(2)  # the policy's; the reference's come second
    if train_eval == "eval":
        metrics["preference/accuracies"] = (chosen > rejected).float().mean().item()
        metrics["preference/margins"] = (chosen - rejected).mean().item()
    return loss, metrics


lf_dpo.get_batch_logps = record_logps
CustomDPOTrainer.get_batch_loss_metrics = with_preference

LEFT_OUT = ("runtime", "per_second", "epoch", "total_flos", "train_loss", "logits/", "num_input_tokens")


class Record(TrainerCallback):
    def __init__(self):
        self.train, self.eval = [], []

    def on_log(self, args, state, control, logs=None, **kwargs):
        row = {k: float(f"{v:.8g}") for k, v in logs.items() if not any(x in k for x in LEFT_OUT)}
        if "loss" in row:
            self.train.append(dict(step=state.global_step, **row))
        elif "eval_loss" in row and state.global_step not in [r["step"] for r in self.eval]:  # the last one comes twice
            self.eval.append(dict(step=state.global_step, **row))


def run(case):
    record = Record()
    with tempfile.TemporaryDirectory() as out:
        run_exp({**case, "output_dir": out, "eval_on_start": True, "disable_tqdm": True, "save_strategy": "no"}, callbacks=[record])
    assert len(record.train) >= 6 and len(record.eval) >= 3, (len(record.train), len(record.eval))
    return dict(train=record.train, eval=record.eval)


def losses_in(key):
    """The loss of every step: `bf16` is autocast to bf16, what trains in f32; `pure_bf16` has no autocast, and all of it in bf16.

    On a processor LLaMA-Factory refuses the latter, and peft 0.15 reads adapters that go on into f32 whatever the model is in
    (LLaMA-Factory tells it not to since)."""
    parser.is_torch_bf16_gpu_available = lambda: True
    from_pretrained = adapter.PeftModel.from_pretrained
    if key == "pure_bf16":
        adapter.PeftModel.from_pretrained = lambda *args, **more: from_pretrained(*args, autocast_adapter_dtype=False, **more)
    got = {}
    for name, case in cases().items():
        got[name] = [row["loss"] for row in run({**case, key: True, "use_cpu": True})["train"]]
        print(f"{name:24} loss {got[name][0]:.6f} -> {got[name][-1]:.6f}", flush=True)
    rows = ",\n".join(json.dumps(name) + ":" + json.dumps(losses, separators=(",", ":")) for name, losses in got.items())
    (OUT / f"{key}.json").write_text("{" + rows + "}\n")


def main():
    assert trl.__version__ == "0.8.6"
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    os.chdir(HERE)
    OUT.mkdir(exist_ok=True)
    if sys.argv[1:] in (["bf16"], ["pure_bf16"]):
        return losses_in(sys.argv[1])
    wanted = {n: c for n, c in cases().items() if len(sys.argv) < 2 or sys.argv[1] in n}
    file = OUT / "expected.json"
    got = json.loads(file.read_text()) if file.exists() and len(sys.argv) > 1 else {}
    for name, case in wanted.items():
        (OUT / f"{name}.yaml").write_text(yaml.safe_dump(case, sort_keys=False).replace("0.001\n", "1.0e-3\n").replace("0.005\n", "5.0e-3\n"))
        got[name] = run(case)
        last = got[name]["train"][-1]
        print(f"{name:24} {len(got[name]['train'])} steps, loss {got[name]['train'][0]['loss']:.6f} -> {last['loss']:.6f},"
              f" |g| {last['grad_norm']:.5f}", flush=True)
    for model, kind in itertools.product(["llama", "qwen2"], ["lora", "full"]):  # no two losses share a curve
        for a, b in itertools.combinations([f"{x}-{model}-{kind}" for x in LOSSES], 2):
            if a in got and b in got:
                apart = max(abs(x["loss"] - y["loss"]) for x, y in zip(got[a]["train"], got[b]["train"]))
                assert apart > 1e-2, (a, b, apart)
    text = json.dumps(got, separators=(",", ":"))
    file.write_text(text.replace('{"step"', '\n{"step"').replace('},"', '},\n"') + "\n")
    print(file.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
