# Trains the tiny models under every optimizer and learning-rate schedule with LLaMA-Factory 0.9.3's own trainers and the
# libraries it takes them from, and writes down what every step logged and how far each tensor moved.
"""python parity/optim.py [part of a case's name]   writes parity/optim.json (venv: requirements-optim.txt)"""

import json
import logging
import math
import os
import sys
import tempfile
import warnings
from pathlib import Path

HERE = Path(__file__).parent
GOLDEN = HERE.parent
sys.path.insert(0, str(GOLDEN))

import bnb  # noqa: E402, F401  (the nearest 8-bit code, as CUDA's kernel has it)
import curves  # noqa: E402  (mends what it names in LLaMA-Factory and transformers)
import torch  # noqa: E402
import transformers.trainer as hf  # noqa: E402
import trl  # noqa: E402
from llamafactory.train.sft.trainer import CustomSeq2SeqTrainer  # noqa: E402
from llamafactory.train.tuner import run_exp  # noqa: E402
from transformers import TrainerCallback  # noqa: E402

OUT = HERE / "optim.json"
EVEN = "with a first moment carried from one basis to the next the step depends on the signs of singular vectors: beta1 is 0"
SIGNED = "the weights' change is left out: states are in 8 bits, where the last bit of a small gradient decides between two codes, and with them a sign"


def config(model, kind, **more):
    out = curves.config(model, kind, "sft")
    if kind == "full":
        for key in ("lora_target", "lora_rank", "lora_alpha", "lora_dropout"):
            out.pop(key, None)
    return {k: v for k, v in (out | dict(num_train_epochs=2.0) | more).items() if v is not None}


def cases():
    out = {}

    def case(name, proves, config, **more):
        out[name] = dict(proves=proves, **more, config=config)

    decay = dict(weight_decay=0.05)
    # (transformers 4.52 takes Qwen2's last norm for no norm, and decays it)
    for optim, rate in [("adamw_torch", 1e-3), ("adamw_8bit", 1e-3), ("adafactor", 1e-2), ("lion_32bit", 5e-4), ("lion_8bit", 5e-4), ("sgd", 0.5)]:
        lora = dict(adafactor=1e-2, sgd=5.0).get(optim, rate)
        signed = dict(why=SIGNED) if optim == "lion_8bit" else {}
        case(f"{optim}-full", f"optim {optim}, full", config("llama", "full", optim=optim, learning_rate=rate, **decay), **signed)
        case(f"{optim}-lora", f"optim {optim}, LoRA", config("qwen2", "lora", optim=optim, learning_rate=lora, **decay))
    galore = dict(use_galore=True, galore_rank=4, galore_scale=1.0, galore_update_interval=100, **decay)
    for side in ["std", "reverse_std", "right", "left", "full"]:
        case(f"galore-{side}", f"use_galore, {side}", config("llama", "full", **galore, galore_proj_type=side))
    turns = dict(galore, galore_update_interval=3)
    case("galore-turns", "use_galore, renewed", config("qwen2", "full", **dict(turns, weight_decay=0.0), adam_beta1=0.0), why=EVEN)
    case("galore-named", "use_galore, two layers", config("qwen2", "full", **dict(galore, weight_decay=0.0), galore_target="q_proj,up_proj"))
    apollo = dict(use_apollo=True, apollo_rank=4, apollo_scale=4.0, apollo_proj="svd", apollo_update_interval=100, **decay)
    case("apollo-channel", "use_apollo", config("llama", "full", **apollo))
    case("apollo-tensor", "use_apollo, tensor", config("llama", "full", **apollo, apollo_scale_type="tensor"))
    case("apollo-front", "use_apollo, scale_front", config("qwen2", "full", **dict(apollo, weight_decay=0.0), apollo_scale_front=True))
    case("apollo-left", "use_apollo, left", config("qwen2", "full", **dict(apollo, weight_decay=0.0), apollo_proj_type="left", apollo_scale_type="tensor"))
    case("apollo-turns", "use_apollo, renewed",
         config("llama", "full", **dict(apollo, apollo_update_interval=3), adam_beta1=0.0), why=EVEN)
    badam = dict(use_badam=True, badam_switch_interval=3)
    mended = "the library gives every block torch's own weight decay, 0.01, whatever is asked for: mended to the 0 asked for"
    for order in ["ascending", "descending"]:
        case(f"badam-{order}", f"use_badam, {order}", config("qwen2", "full", **badam, badam_switch_mode=order), why=mended)
    case("badam-fixed", "use_badam, fixed",
         config("llama", "full", **badam, badam_switch_mode="fixed", badam_start_block=1), why=mended)
    case("badam-dpo", "use_badam, DPO", dpo(config("llama", "full", **badam, badam_start_block=1)), why=mended)
    case("adafactor-dpo", "optim adafactor, DPO", dpo(config("qwen2", "full", optim="adafactor", learning_rate=1e-3)))

    warm = dict(warmup_steps=2)
    plateau = dict(factor=0.5, patience=0, threshold=0.03, cooldown=1)
    for kind, kwargs, warmup in [
        ("linear", {}, warm),
        ("cosine", dict(num_cycles=0.8), dict(warmup_steps=None, warmup_ratio=0.3)),
        ("cosine_with_restarts", dict(num_cycles=2), warm),
        ("polynomial", dict(power=2.0, lr_end=1e-4), warm),
        ("constant", {}, warm),
        ("constant_with_warmup", {}, warm),
        ("inverse_sqrt", {}, warm),
        ("cosine_with_min_lr", dict(min_lr=1e-4), warm),
        ("cosine_warmup_with_min_lr", dict(min_lr_rate=0.1), warm),
        ("warmup_stable_decay", {}, warm),
        ("warmup_stable_decay", dict(num_stable_steps=1, num_decay_steps=4, min_lr_ratio=0.1, decay_type="1-sqrt"), warm),
        ("reduce_lr_on_plateau", plateau, dict(warmup_steps=None, eval_steps=1, learning_rate=3e-2)),
    ]:
        more = dict(lr_scheduler_type=kind, **warmup)
        if kwargs:
            more["lr_scheduler_kwargs"] = kwargs
        name = f"schedule-{kind}" + ("-knobs" if f"schedule-{kind}" in out else "")
        newer = dict(why="the rates are transformers 5's, which has this type (schedules.py)") if "warmup_with" in kind else {}
        case(name, f"lr_scheduler_type {kind}", config("llama", "lora", **more), **newer)
    return out


def dpo(config):
    return config | dict(stage="dpo", dataset="pairs", eval_dataset="pairs_eval", pref_loss="sigmoid", pref_beta=0.1)


# transformers 4.52 counts each row's first label, which predicts nothing (README, 2.)
CustomSeq2SeqTrainer.get_batch_samples = curves.batch_samples

# badam's blocks take every default of the optimizer for their own, weight decay too: torch's is 0.01.
plain_kwargs = hf.Trainer.get_optimizer_cls_and_kwargs
mending = False


def optimizer_kwargs(args, model=None):
    kind, kwargs = plain_kwargs(args, model)
    return kind, kwargs | (dict(weight_decay=args.weight_decay) if mending else {})


hf.Trainer.get_optimizer_cls_and_kwargs = staticmethod(optimizer_kwargs)


# transformers 4.52 has no such type: version 5's own rates, step by step.
plain_scheduler = hf.Trainer.create_scheduler
newer_rates = None


def create_scheduler(self, num_training_steps, optimizer=None):
    if newer_rates is None:
        return plain_scheduler(self, num_training_steps, optimizer)
    share = [rate / newer_rates[1] for rate in newer_rates[0]]
    self.lr_scheduler = torch.optim.lr_scheduler.LambdaLR(self.optimizer if optimizer is None else optimizer, share.__getitem__)
    self._created_lr_scheduler = True
    return self.lr_scheduler


hf.Trainer.create_scheduler = create_scheduler


def newer(case):
    """The rates of the same config in schedules.json, and the config with a type that 4.52 has."""
    if case["lr_scheduler_type"] != "cosine_warmup_with_min_lr":
        return None, case
    for known in json.loads((GOLDEN / "schedules.json").read_text()):
        keys = ("lr_scheduler_type", "learning_rate", "warmup_steps", "lr_scheduler_kwargs")
        if known["config"]["max_steps"] == 8 and all(known["config"].get(key) == case.get(key) for key in keys):
            return (known["rates"], case["learning_rate"]), {k: v for k, v in case.items() if k != "lr_scheduler_kwargs"} | dict(lr_scheduler_type="constant")
    raise AssertionError("schedules.py has no such case")


class Weights(TrainerCallback):
    """How far each tensor moved: the norm of its change, and the change's dot product with cos(i / 10)."""

    def values(self, model):
        named = {}
        for name, p in model.named_parameters():
            if self.full or p.requires_grad:
                named[name.replace(".default.", ".")] = p.detach().double().flatten().clone()
        return named

    def on_train_begin(self, args, state, control, model=None, **kwargs):
        self.start = self.values(model)

    def on_train_end(self, args, state, control, model=None, **kwargs):
        self.change = {}
        for name, end in self.values(model).items():
            moved = end - self.start[name]
            probe = (moved * torch.cos(0.1 * torch.arange(len(moved), dtype=torch.float64))).sum()
            self.change[name] = [float(f"{x:.8g}") for x in (moved.norm().item(), probe.item())]


def run(case):
    global mending, newer_rates
    newer_rates, case = newer(case)
    record, weights = curves.Record(), Weights()
    weights.full = case["finetuning_type"] == "full"
    mending = case.get("use_badam", False)
    with tempfile.TemporaryDirectory() as out:
        run_exp({**case, "output_dir": out, "eval_on_start": True, "disable_tqdm": True, "save_strategy": "no"}, callbacks=[record, weights])
    assert len(record.train) >= 6 and len(record.eval) >= 3, (len(record.train), len(record.eval))
    return dict(train=record.train, eval=record.eval, change=weights.change)


def main():
    assert trl.__version__ == "0.8.6"
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    os.chdir(GOLDEN)
    wanted = {n: c for n, c in cases().items() if len(sys.argv) < 2 or any(part in n for part in sys.argv[1:])}
    got = json.loads(OUT.read_text())["cases"] if OUT.exists() and len(sys.argv) > 1 else {}
    for name, case in wanted.items():
        got[name] = case | run(case["config"])
        if case.get("why") == SIGNED:
            got[name]["change"] = {}
        first, last = got[name]["train"][0], got[name]["train"][-1]
        assert all(math.isfinite(v) for row in got[name]["train"] for v in row.values())
        rates = sorted({row["learning_rate"] for row in got[name]["train"]})
        print(f"{name:28} {len(got[name]['train'])} steps, loss {first['loss']:.6f} -> {last['loss']:.6f},"
              f" |g| {last['grad_norm']:.5f}, {len(rates)} rates", flush=True)
    order = [n for n in cases() if n in got]
    text = json.dumps(dict(library="LLaMA-Factory 0.9.3", cases={n: got[n] for n in order}), separators=(",", ":"), ensure_ascii=False)
    for at in ('{"step"', '"change"', '"train"', '"eval"', '"config"'):
        text = text.replace(at, "\n" + at)
    OUT.write_text(text + "\n")
    print(OUT.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
