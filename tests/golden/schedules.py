# Writes the learning rates that transformers' schedulers give for run configs: schedules.json.
"""python schedules.py   (venv: requirements-transformers.txt, whose get_scheduler knows every type)"""

import json
import math
from pathlib import Path

import torch
from transformers.optimization import get_scheduler

LR, TOTAL = 3.0e-4, 20
CASES = [
    ("linear", {}, {}),
    ("linear", {}, dict(warmup_steps=5)),
    ("cosine", {}, dict(warmup_ratio=0.12)),
    ("cosine", dict(num_cycles=1.3), dict(warmup_steps=3)),
    ("cosine_with_restarts", {}, dict(warmup_steps=3)),
    ("cosine_with_restarts", dict(num_cycles=3), {}),
    ("polynomial", {}, dict(warmup_steps=4)),
    ("polynomial", dict(lr_end=1e-5, power=2.5), dict(warmup_steps=4)),
    ("constant", {}, dict(warmup_steps=4)),
    ("constant_with_warmup", {}, dict(warmup_steps=4)),
    ("inverse_sqrt", {}, dict(warmup_steps=4)),
    ("inverse_sqrt", {}, {}),
    ("inverse_sqrt", dict(timescale=7), dict(warmup_steps=2)),
    ("cosine_with_min_lr", dict(min_lr=2e-5), dict(warmup_steps=4)),
    ("cosine_with_min_lr", dict(min_lr_rate=0.1, num_cycles=1.5), {}),
    ("cosine_warmup_with_min_lr", dict(min_lr_rate=0.1), dict(warmup_steps=4)),
    ("cosine_warmup_with_min_lr", dict(min_lr=1e-5, warmup_lr_rate=0.2), dict(warmup_steps=4)),
    ("cosine_warmup_with_min_lr", dict(min_lr=1e-5), {}),
    ("cosine_warmup_with_min_lr", dict(min_lr_rate=0.1), dict(warmup_steps=2, max_steps=8, learning_rate=1e-3)),  # parity/optim.py
    ("warmup_stable_decay", {}, dict(warmup_steps=4)),
    ("warmup_stable_decay", dict(num_stable_steps=6, num_decay_steps=5), dict(warmup_steps=4)),
    ("warmup_stable_decay", dict(num_decay_steps=5, min_lr_ratio=0.1, decay_type="linear", warmup_type="cosine"), dict(warmup_steps=4)),
    ("warmup_stable_decay", dict(num_decay_steps=9, decay_type="1-sqrt", warmup_type="1-sqrt"), dict(warmup_steps=5)),
    ("warmup_stable_decay", dict(num_decay_steps=9, num_cycles=1.5), {}),
]


def rates(kind, kwargs, config):
    total = config["max_steps"]
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=config["learning_rate"])
    steps = config.get("warmup_steps") or math.ceil(config.get("warmup_ratio", 0.0) * total)
    kwargs = dict(kwargs)
    if kind == "warmup_stable_decay":  # LLaMA-Factory's defaults: a third, and the rest (train/trainer_utils.py)
        rest = total - steps
        kwargs = dict(num_stable_steps=rest // 3, num_decay_steps=rest - rest // 3) | kwargs
    scheduler = get_scheduler(kind, optimizer, steps, total, kwargs)
    out = []
    for _ in range(total + 2):
        out.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return out


cases = []
for kind, kwargs, warmup in CASES:
    config = dict(lr_scheduler_type=kind, learning_rate=LR, max_steps=TOTAL) | warmup
    if kwargs:
        config["lr_scheduler_kwargs"] = kwargs
    cases.append(dict(config=config, rates=rates(kind, kwargs, config)))
lines = ",\n".join(json.dumps(case) for case in cases)
(Path(__file__).parent / "schedules.json").write_text(f"[\n{lines}\n]\n")

# reduce_lr_on_plateau: the losses and rates of trainer/src/schedule.rs
for losses, kwargs in [
    ([4.0, 3.7, 3.7, 3.0, 3.0, 2.9], dict(patience=1)),
    ([1.0] * 9, dict(patience=0, cooldown=2)),
    ([4.0, 3.85, 3.8], dict(patience=0, threshold_mode="abs")),
]:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, threshold=0.1, min_lr=0.2, **kwargs)
    seen = []
    for loss in losses:
        plateau.step(loss)
        seen.append(optimizer.param_groups[0]["lr"])
    print(losses, kwargs, seen)
