# Trains the tiny models in the stages beside DPO with LLaMA-Factory 0.9.3's own trainers, and writes down what every step
# logged and how far each tensor moved.
"""python parity/stages.py [part of a case's name]   writes parity/stages.json (venv: requirements-llamafactory.txt)"""

import json
import logging
import math
import os
import shutil
import sys
import tempfile
import warnings
from collections import defaultdict
from contextlib import nullcontext
from pathlib import Path

HERE = Path(__file__).parent
GOLDEN = HERE.parent
sys.path.insert(0, str(GOLDEN))

import curves  # noqa: E402  (mends what it names in LLaMA-Factory and transformers)
import llamafactory.train.ppo.trainer as lf_ppo  # noqa: E402
import torch  # noqa: E402
import trl  # noqa: E402
from llamafactory.train.kto.trainer import CustomKTOTrainer  # noqa: E402
from llamafactory.train.ppo.trainer import CustomPPOTrainer  # noqa: E402
from llamafactory.train.sft.trainer import CustomSeq2SeqTrainer  # noqa: E402
from llamafactory.train.tuner import run_exp  # noqa: E402
from safetensors.torch import save_file  # noqa: E402
from transformers import TrainerCallback  # noqa: E402

OUT = HERE / "stages.json"


def config(model, kind, stage, data, **more):
    out = curves.config(model, kind, "dpo")
    out.pop("eval_dataset")
    if kind == "full":
        for key in ("lora_target", "lora_rank", "lora_alpha", "lora_dropout"):
            out.pop(key, None)
    out |= dict(stage=stage, dataset=data, eval_dataset=f"{data}_eval")
    return {k: v for k, v in (out | more).items() if v is not None}


def cases():
    out = {}

    def case(name, proves, config, **more):
        out[name] = dict(proves=proves, **more, config=config)

    kto = dict(pref_beta=0.1)
    case("kto-lora", "stage kto", config("llama", "lora", "kto", "labelled", **kto))
    case("kto-full", "stage kto, full", config("qwen2", "full", "kto", "labelled", **kto))
    case("kto-weights", "kto_chosen_weight, kto_rejected_weight",
         config("qwen2", "lora", "kto", "labelled", pref_beta=0.3, kto_chosen_weight=1.5, kto_rejected_weight=0.7))
    case("kto-ftx", "stage kto, pref_ftx", config("llama", "full", "kto", "labelled", pref_beta=0.2, pref_ftx=0.5))
    case("kto-cut", "stage kto, prompts cut apart", config("llama", "lora", "kto", "labelled", **kto, cutoff_len=28))
    rm = dict(summary_dropout_prob=0.0)
    case("rm-lora", "stage rm", config("llama", "lora", "rm", "pairs", adapter_name_or_path="models/llama/scorer-adapter", **rm))
    case("rm-full", "stage rm, full", config("qwen2", "full", "rm", "pairs", model_name_or_path="models/qwen2-scorer", **rm))
    case("rm-decay", "stage rm, weight decay",
         config("llama", "lora", "rm", "pairs", adapter_name_or_path="models/llama/scorer-adapter", weight_decay=0.05, learning_rate=5e-3, **rm))
    # (an evaluation batch that is not full counts as much as a full one in transformers: one row each)
    sft = dict(per_device_train_batch_size=1, per_device_eval_batch_size=1, cutoff_len=128)
    case("sft-packing", "stage sft, packing", config("llama", "lora", "sft", "instructions", packing=True, **sft))
    case("sft-neat", "stage sft, neat_packing",
         config("llama", "full", "sft", "instructions", packing=True, neat_packing=True, **sft))
    case("sft-prompt", "stage sft, train_on_prompt", config("qwen2", "lora", "sft", "instructions", train_on_prompt=True))
    case("sft-history", "stage sft, mask_history", config("qwen2", "lora", "sft", "instructions", mask_history=True))
    case("pt-packing", "stage pt, packed", config("llama", "lora", "pt", "text", cutoff_len=32, num_train_epochs=1.0))
    case("pt-rows", "stage pt, packing: false",
         config("qwen2", "full", "pt", "text", cutoff_len=32, packing=False, num_train_epochs=1.0))
    # One mini-batch holds all rows and the likeliest token is taken, so that nothing is left to chance.
    ppo = dict(eval_dataset=None, eval_strategy=None, eval_steps=None, max_samples=4, per_device_train_batch_size=4,
               gradient_accumulation_steps=1, do_sample=False, max_new_tokens=8, num_train_epochs=8.0)
    adapter = dict(adapter_name_or_path="models/llama/scorer-adapter", reward_model="models/llama/scorer-adapter", reward_model_type="lora")
    case("ppo-lora", "stage ppo, reward adapter",
         config("llama", "lora", "ppo", "instructions", **ppo, **adapter, ppo_epochs=3, learning_rate=2e-3))
    case("ppo-norm", "stage ppo, ppo_score_norm, ppo_target",
         config("llama", "lora", "ppo", "instructions", **ppo, **adapter, ppo_score_norm=True, ppo_target=0.5, learning_rate=3e-3))
    # (one row: behind shorter ones TRL rewards the padding)
    case("ppo-whiten", "stage ppo, ppo_whiten_rewards",
         config("llama", "lora", "ppo", "instructions", **dict(ppo, max_samples=1, per_device_train_batch_size=1), **adapter,
                ppo_whiten_rewards=True, learning_rate=3e-3))
    case("ppo-full", "stage ppo, full, reward model",
         config("qwen2", "full", "ppo", "instructions", **ppo, model_name_or_path="models/qwen2-scorer",
                reward_model="models/qwen2-scorer", reward_model_type="full", ppo_epochs=2, learning_rate=2e-4))
    case("kto-pairs", "stage kto, pairs taken apart", config("llama", "lora", "kto", "pairs", **kto))
    return out


# LLaMA-Factory adds up `kl` over the micro-batches of a logging window, and names it alike in evaluations; TRL takes the mean.
plain_store, plain_log = CustomKTOTrainer.store_metrics, CustomKTOTrainer.log
batches = defaultdict(int)


def store_metrics(self, metrics, train_eval="train"):
    batches[train_eval] += "kl" in metrics
    return plain_store(self, metrics, train_eval)


def log(self, logs, *args, **kwargs):
    kind = "train" if "loss" in logs else "eval"
    stored = self._stored_metrics[kind]
    if batches[kind]:
        stored["kl" if kind == "train" else "eval_kl"] = [sum(stored.pop("kl")) / batches[kind]]
    batches[kind] = 0
    return plain_log(self, logs, *args, **kwargs)


CustomKTOTrainer.store_metrics, CustomKTOTrainer.log = store_metrics, log


# transformers 4.52 counts each row's first label, which predicts nothing (README, 2.); seen where prompts are trained on.
CustomSeq2SeqTrainer.get_batch_samples = curves.batch_samples


# PPO: f32 where LLaMA-Factory computes in bfloat16 even on a CPU, no rounding of what is logged, and more of TRL's own numbers.
PPO_STATS = ("objective/kl", "objective/kl_coef", "objective/entropy", "ppo/loss/policy", "ppo/loss/value", "ppo/policy/clipfrac",
             "ppo/policy/approxkl", "ppo/val/clipfrac", "ppo/returns/mean", "tokens/responses_len_mean")
plain_ppo, plain_step = CustomPPOTrainer.__init__, CustomPPOTrainer.step
stats = {}


def ppo_init(self, *args, **kwargs):
    plain_ppo(self, *args, **kwargs)
    self.amp_context = nullcontext()
    # LLaMA-Factory leaves norms and biases to PyTorch's default decay of 0.01, where it means none
    self.optimizer.param_groups[0]["weight_decay"] = 0.0
    # TRL clips what an iterator gives, which is empty after the first update
    self.model_params = [p for p in self.model.parameters() if p.requires_grad]


def ppo_step(self, *args, **kwargs):
    got = plain_step(self, *args, **kwargs)
    stats.clear()
    stats.update({k: float(f"{float(got[k]):.8g}") for k in PPO_STATS})
    return got


CustomPPOTrainer.__init__, CustomPPOTrainer.step = ppo_init, ppo_step
lf_ppo.round = lambda x, digits=None: x


class Weights(TrainerCallback):
    """How far each trained tensor moved: the norm of its change, and the change's dot product with cos(i / 10)."""

    def values(self, model):
        named = {}
        for name, p in model.named_parameters():
            if p.requires_grad:
                name = name.removeprefix("pretrained_model.").replace(".default.", ".")
                named[name] = p.detach().double().flatten().clone()
        return named

    def on_train_begin(self, args, state, control, model=None, **kwargs):
        if hasattr(model, "v_head"):
            model.v_head.dropout.p = self.head_dropout  # (0 in PPO: TRL's own passes are in evaluation mode)
        self.start = self.values(model)

    def on_train_end(self, args, state, control, model=None, **kwargs):
        self.change = {}
        for name, end in self.values(model).items():
            moved = end - self.start[name]
            probe = (moved * torch.cos(0.1 * torch.arange(len(moved), dtype=torch.float64))).sum()
            if name == "v_head.summary.bias" and args.output_dir.endswith("rm"):
                continue  # it cancels out of every difference of scores: its gradient is rounding, which Adam makes steps of
            self.change[name] = [float(f"{x:.8g}") for x in (moved.norm().item(), probe.item())]


class Record(curves.Record):
    def on_log(self, args, state, control, logs=None, **kwargs):
        super().on_log(args, state, control, {k: v for k, v in logs.items() if k != "step"}, **kwargs)
        if self.train and self.train[-1]["step"] == state.global_step:
            self.train[-1].update(stats)


def scorers():
    """The models that reward modelling starts from: those there are, with a value head beside them."""
    for start, folder in [("llama/fresh-adapter", "llama/scorer-adapter"), ("qwen2", "qwen2-scorer")]:
        start, folder = GOLDEN / "models" / start, GOLDEN / "models" / folder
        folder.mkdir(exist_ok=True)
        for file in start.iterdir():
            if file.is_file():
                shutil.copy(file, folder / file.name)
        torch.manual_seed(5)
        head = torch.nn.Linear(32, 1)
        save_file({"v_head.summary.weight": head.weight.detach(), "v_head.summary.bias": head.bias.detach() + 0.1},
                  folder / "value_head.safetensors")


def taken_apart(name):
    """A preference set as TRL's unpair_preference_dataset lays it out, in LLaMA-Factory's format."""
    rows = json.loads((GOLDEN / "data" / f"{name}.json").read_text())
    whole = lambda row, side, label: dict(conversations=row["conversations"] + [row[side]], kto_tag=label)  # noqa: E731
    return [whole(r, "chosen", True) for r in rows] + [whole(r, "rejected", False) for r in rows]


def prepared(case, folder):
    """The config LLaMA-Factory is given."""
    case = dict(case)
    if case["stage"] == "kto" and case["dataset"] == "pairs":
        info = {}
        for name in ("pairs", "pairs_eval"):
            (folder / f"{name}.json").write_text(json.dumps(taken_apart(name)))
            info[name] = dict(file_name=f"{name}.json", formatting="sharegpt", columns=dict(messages="conversations", kto_tag="kto_tag"))
        (folder / "dataset_info.json").write_text(json.dumps(info))
        case["dataset_dir"] = str(folder)
    return case


LEFT_OUT = curves.LEFT_OUT


def run(case):
    record, weights = Record(), Weights()
    case = dict(case)
    weights.head_dropout = case.pop("summary_dropout_prob", 0.0)
    with tempfile.TemporaryDirectory() as out:
        given = prepared(case, Path(out))
        more = dict(output_dir=f"{out}/{case['stage']}", eval_on_start="eval_dataset" in case, disable_tqdm=True, save_strategy="no", save_safetensors=False)
        run_exp({**given, **more}, callbacks=[record, weights])
    ppo = case["stage"] == "ppo"
    assert len(record.train) >= 6 and (ppo or len(record.eval) >= 3), (len(record.train), len(record.eval))
    return dict(train=record.train, eval=record.eval, change=weights.change)


def main():
    assert trl.__version__ == "0.8.6"
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    os.chdir(GOLDEN)
    scorers()
    wanted = {n: c for n, c in cases().items() if len(sys.argv) < 2 or sys.argv[1] in n}
    got = json.loads(OUT.read_text())["cases"] if OUT.exists() and len(sys.argv) > 1 else {}
    for name, case in wanted.items():
        got[name] = case | run(case["config"])
        first, last = got[name]["train"][0], got[name]["train"][-1]
        assert all(math.isfinite(v) for row in got[name]["train"] for v in row.values())
        print(f"{name:24} {len(got[name]['train'])} steps, loss {first['loss']:.6f} -> {last['loss']:.6f}, {sorted(last)}", flush=True)
    order = [n for n in cases() if n in got]
    text = json.dumps(dict(library="LLaMA-Factory 0.9.3", cases={n: got[n] for n in order}), separators=(",", ":"), ensure_ascii=False)
    for at in ('{"step"', '"change"', '"train"', '"eval"', '"config"'):
        text = text.replace(at, "\n" + at)
    OUT.write_text(text + "\n")
    print(OUT.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
