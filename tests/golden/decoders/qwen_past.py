# What Qwen (1) computes of texts past the length it was made for, in training and outside of it.
"""python qwen_past.py      (venv: requirements-transformers.txt; writes ../families/qwen1/past.json)

By hand, for transformers has no class: its published modelling code (modeling_qwen.py) scales rotary positions (`use_dynamic_ntk`) and
queries (`use_logn_attn`) where a text is longer than `seq_length` and the model is not in training mode. `logps` are those of each token
behind the first. `written`: those behind a prompt that is written on with a cache, whose rotations are for the prompt's length to the end.
"""

import json
from dataclasses import replace

import torch
from published import FORMS, Decoder
from safetensors.torch import load_file
from write import OUT, SEQUENCES

LENGTH = 8
PROMPTS = [5, LENGTH, 12]


def logps(model, ids):
    out = model(torch.tensor([ids])).logits[0].log_softmax(-1)
    return out[torch.arange(len(ids) - 1), torch.tensor(ids[1:])].tolist()


def written(model, ids, prompt):
    model.settled = prompt
    of_prompt = logps(model, ids)[prompt - 1 :]
    model.settled = 0
    return dict(prompt=prompt, logps=of_prompt)


def apart(a, b):
    return max(abs(x - y) for x, y in zip(a, b))


model = Decoder(replace(FORMS["qwen1"][0], past=LENGTH))
model.load_checkpoint(load_file(OUT / "qwen1" / "model.safetensors"))
once, within, twice = SEQUENCES[0], SEQUENCES[0][:LENGTH], (SEQUENCES[0] + SEQUENCES[1])[: 2 * LENGTH + 4]
rows = []
with torch.no_grad():
    for ids in [once, within, twice]:
        row = dict(ids=ids, training=logps(model.train(), ids), evaluation=logps(model.eval(), ids))
        rows.append(row | dict(written=[written(model, ids, prompt) for prompt in PROMPTS if prompt < len(ids)]))
moved = [apart(row["training"], row["evaluation"]) for row in rows]
assert moved[0] > 0.1 and moved[1] == 0 and moved[2] > 0.1, moved
# the whole pass over the longest row doubles twice, behind prompts never or once
for one in rows[2]["written"]:
    assert apart(one["logps"], rows[2]["evaluation"][one["prompt"] - 1 :]) > 0.01
(OUT / "qwen1" / "past.json").write_text(json.dumps(dict(seq_length=LENGTH, rows=rows)) + "\n")
print(f"qwen1: {moved[0]:.2f} and {moved[2]:.2f} apart past {LENGTH} tokens")
