# Tiny runs that other programs logged: what `corral import` must read.
"""python write.py   (transformers, torch, tensorboard, mlflow-skinny and llamafactory 0.9.5, whose LogCallback alone is used)

Writes, beside this file, one run of transformers' Trainer as three loggers told it (`transformers`, LLaMA-Factory's `llama_factory`,
`tensorboard`, `mlruns`), a resumed one (`resumed`) and scalars as tensors (`tensors`), and `values.json`: what the Trainer itself kept.
`wandb.csv`, `wandb_chart.csv` and `wandb.jsonl` are written in the form of W&B's exports."""

import csv
import json
import os
import shutil
import socket
import sys
import types
from pathlib import Path

HERE = Path(__file__).resolve().parent
os.chdir(HERE)
socket.gethostname = lambda: "host"  # it is in the names of files
os.environ.update(MLFLOW_TRACKING_URI=f"file://{HERE}/mlruns", MLFLOW_RUN_ID="", MLFLOW_ALLOW_FILE_STORE="true",
                  MLFLOW_EXPERIMENT_NAME="tiny", HF_HUB_OFFLINE="1", MLFLOW_DISABLE_TELEMETRY="true", DISABLE_VERSION_CHECK="1")
os.environ.pop("MLFLOW_RUN_ID")

import torch  # noqa: E402
from torch.utils.tensorboard import SummaryWriter  # noqa: E402
from transformers import Trainer, TrainingArguments, set_seed  # noqa: E402

# LLaMA-Factory's package imports all that it trains with; its logger needs none of that
for missing in ("trl", "peft"):
    try:
        __import__(missing)
    except ImportError:
        sys.modules[missing] = types.ModuleType(missing)
from llamafactory.train.callbacks import LogCallback  # noqa: E402


class Line(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.slope = torch.nn.Parameter(torch.zeros(1))

    def forward(self, x, labels):
        return {"loss": ((self.slope * x - labels) ** 2).mean()}


def rows(n):
    return [{"x": torch.tensor([float(i % 5)]), "labels": torch.tensor([2.0 * (i % 5)])} for i in range(n)]


def clean(*names):
    for name in names:
        shutil.rmtree(HERE / name, ignore_errors=True)


clean("transformers", "llama_factory", "tensorboard", "mlruns", "resumed", "tensors")
set_seed(1)
out = Path("out")
os.environ["TENSORBOARD_LOGGING_DIR"] = "tensorboard"
args = TrainingArguments(str(out), max_steps=12, logging_steps=3, eval_strategy="steps", eval_steps=6, learning_rate=0.05, use_cpu=True,
                         save_strategy="no", report_to=["tensorboard", "mlflow"], run_name="tiny line", disable_tqdm=True,
                         per_device_train_batch_size=4)
trainer = Trainer(Line(), args, train_dataset=rows(20), eval_dataset=rows(5), callbacks=[LogCallback()])
trainer.train()
trainer.save_state()
for folder, file in [("transformers", "trainer_state.json"), ("llama_factory", "trainer_log.jsonl")]:
    (HERE / folder).mkdir()
    shutil.move(out / file, HERE / folder / file)
shutil.rmtree(out)
(HERE / "values.json").write_text(json.dumps(trainer.state.log_history, indent=1) + "\n")

# of MLflow's hundred files those that are read, without the paths of the machine they were written on
KEPT = ("learning_rate", "max_steps", "seed", "bf16", "optim", "neftune_noise_alpha")
for file in (HERE / "mlruns").rglob("*"):
    if file.is_file() and (file.parent.name == "params" and file.name not in KEPT
                           or file.parent.name == "tags" and file.name != "mlflow.runName"):
        file.unlink()
for file in (HERE / "mlruns").rglob("meta.yaml"):
    file.write_text(file.read_text().replace(str(HERE), "/tiny").replace("user_id: root", "user_id: ''"))
clean("mlruns/0", "mlruns/.trash")

# a run that was killed after step 4 and went on after step 2, as torch's writer says it
writer = SummaryWriter("resumed")
for step in range(1, 5):
    writer.add_scalar("train/loss", float(step), step, walltime=1000.0 + step)
writer.close()
writer = SummaryWriter("resumed", purge_step=3, filename_suffix=".later")
for step in range(3, 6):
    writer.add_scalar("train/loss", 10.0 * step, step, walltime=2000.0 + step)
writer.add_scalar("train/loss", float("nan"), 6, walltime=2006.0)
writer.add_text("args", "no number")
writer.add_histogram("weights", torch.arange(4.0), 1)
writer.close()
# and scalars as newer writers have them: a tensor
writer = SummaryWriter("tensors")
for step in (1, 2):
    writer.add_scalar("rollout/kl", 0.5 * step, step, new_style=True, double_precision=step == 2, walltime=3000.0 + step)
writer.close()

# W&B's exports: `run.history()` as a table and as rows, and a chart's table of two runs
history = [{"_step": i, "_timestamp": 1700000000.5 + i, "_runtime": float(i), "train/global_step": 3 * (i + 1), "train/loss": 1 / (i + 1),
            "train/rewards/chosen": 0.25 * i} for i in range(4)]
history.append({"_step": 4, "_timestamp": 1700000009.0, "_runtime": 8.5, "train/global_step": 12, "eval/loss": 0.125})
columns = list(dict.fromkeys(key for row in history for key in row))
with open(HERE / "wandb.csv", "w", newline="") as file:
    table = csv.DictWriter(file, columns)
    table.writeheader()
    table.writerows(history)
(HERE / "wandb.jsonl").write_text("".join(json.dumps(row) + "\n" for row in history))
names = [f"{run} - train/loss{end}" for run in ("first, long", "second") for end in ("", "__MIN", "__MAX")]
with open(HERE / "wandb_chart.csv", "w", newline="") as file:
    table = csv.writer(file, quoting=csv.QUOTE_ALL)
    table.writerow(["Step", *names])
    table.writerow(["1", "0.5", "0.5", "0.5", "0.75", "0.75", "0.75"])
    table.writerow(["2", "0.25", "0.25", "0.25", "", "", ""])
