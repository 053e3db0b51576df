# TensorBoard's own reader on what our runs write, and transformers' and TRL's trainers on what shows them on our board.
"""python trackers.py   (started by run.sh, in the environment of golden/requirements-trackers.txt; PROGRAMS names another folder of ours)"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false")
ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden"
RELEASE = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
TRAINER = Path(os.environ.get("PROGRAMS", RELEASE)) / "corral-trainer"
sys.path.insert(0, str(ROOT / "assets" / "python"))

import numpy  # noqa: E402
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator  # noqa: E402

import corral  # noqa: E402

CONFIG = f"""model_name_or_path: {GOLDEN}/models/llama
dataset_dir: {GOLDEN}/data
dataset: pairs
eval_dataset: pairs_eval
stage: dpo
template: llama2
lora_rank: 4
cutoff_len: 96
per_device_train_batch_size: 2
logging_steps: 1
eval_strategy: steps
eval_steps: 3
save_steps: 3
report_to: tensorboard
"""


def events(run):
    return [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()]


def train(yaml, run, *more):
    done = subprocess.run([TRAINER, "train", yaml, f"output_dir={run}", *more], text=True, capture_output=True)
    if done.returncode:
        sys.exit(done.stderr)


def tensorboard(folder):
    """A run that went on after its second checkpoint though three more steps were told: each step once, each value the run's."""
    yaml, run = folder / "run.yaml", folder / "run"
    yaml.write_text(CONFIG)
    train(yaml, run, "max_steps=9")
    train(yaml, run, "max_steps=12", f"resume_from_checkpoint={run}/checkpoint-6")
    told = {}
    for event in events(run):
        if event["type"] == "started":
            after = event["resumed_from"]
            told = {key: value for key, value in told.items() if after and key[1] <= after}
        elif event["type"] in ("step", "eval"):
            for name, value in event["metrics"].items():
                tag = f"train/{name}" if event["type"] == "step" else "eval/" + name.removeprefix("eval_")
                told[tag, event["step"]] = numpy.float32(value)
            if event["type"] == "step":
                told["train/epoch", event["step"]] = numpy.float32(event["epoch"])
    reader = EventAccumulator(str(run / "tensorboard"))
    reader.Reload()
    shown = {}
    for tag in reader.Tags()["scalars"]:
        for scalar in reader.Scalars(tag):
            assert (tag, scalar.step) not in shown, f"{tag} of step {scalar.step} twice"
            shown[tag, scalar.step] = numpy.float32(scalar.value)
    assert shown == told, f"{set(shown) ^ set(told)}"
    (text,) = reader.Tensors("args/text_summary")
    assert "stage: dpo" in text.tensor_proto.string_val[0].decode()
    return len(shown)


def trl(folder):
    """DPO by TRL: every number that its trainer kept is in the run directory."""
    from datasets import Dataset
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl import DPOConfig, DPOTrainer

    model = AutoModelForCausalLM.from_pretrained(GOLDEN / "models" / "llama")
    tokenizer = AutoTokenizer.from_pretrained(GOLDEN / "models" / "llama")
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    rows = Dataset.from_list([{"prompt": f"say {i} ", "chosen": "yes", "rejected": "no"} for i in range(16)])
    args = DPOConfig(str(folder / "trl"), max_steps=4, logging_steps=1, report_to="none", use_cpu=True, bf16=False, save_strategy="no",
                     per_device_train_batch_size=2, eval_strategy="steps", eval_steps=2, disable_tqdm=True)
    run = folder / "shown"
    trainer = DPOTrainer(model, args=args, train_dataset=rows, eval_dataset=rows, processing_class=tokenizer,
                         callbacks=[corral.callback("tiny", directory=run)])
    trainer.train()
    corral.finish()
    kept = {(row["step"], name): value for row in trainer.state.log_history for name, value in row.items() if name not in ("step", "epoch")}
    shown = {(event["step"], name): value for event in events(run) if event["type"] in ("step", "eval")
             for name, value in event["metrics"].items()}
    assert shown == kept, f"{set(shown) ^ set(kept)}"
    assert events(run)[0]["total_steps"] == 4 and events(run)[-1]["outcome"] == "completed"
    assert json.loads((run / "config.yaml").read_text())["pref_loss"] == "sigmoid"
    return len(shown)


with tempfile.TemporaryDirectory() as folder:
    print(f"trackers: TensorBoard shows {tensorboard(Path(folder))} values of a resumed run, each once")
    print(f"trackers: {trl(Path(folder))} values of TRL's DPO trainer are in a run directory")
