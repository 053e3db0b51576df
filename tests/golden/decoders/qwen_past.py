# What Qwen (1) computes of texts past the length it was made for, in training and outside of it.
"""python qwen_past.py      (venv: requirements-transformers.txt; writes ../families/qwen1/past.json)

By hand, for transformers has no class: its published modelling code (modeling_qwen.py) scales rotary positions (`use_dynamic_ntk`) and
queries (`use_logn_attn`) where a text is longer than `seq_length` and the model is not in training mode. `logps` are those of each token
behind the first.
"""

import json
from dataclasses import replace

import torch
from published import FORMS, Decoder
from safetensors.torch import load_file
from write import OUT, SEQUENCES

LENGTH = 8


def logps(model, ids):
    out = model(torch.tensor([ids])).logits[0].log_softmax(-1)
    return out[torch.arange(len(ids) - 1), torch.tensor(ids[1:])].tolist()


model = Decoder(replace(FORMS["qwen1"][0], past=LENGTH))
model.load_checkpoint(load_file(OUT / "qwen1" / "model.safetensors"))
longer, shorter = SEQUENCES[0], SEQUENCES[0][:LENGTH]
rows = []
with torch.no_grad():
    for ids in [longer, shorter]:
        rows.append(dict(ids=ids, training=logps(model.train(), ids), evaluation=logps(model.eval(), ids)))
apart = [max(abs(a - b) for a, b in zip(row["training"], row["evaluation"])) for row in rows]
assert apart[0] > 0.1 and apart[1] == 0, apart
(OUT / "qwen1" / "past.json").write_text(json.dumps(dict(seq_length=LENGTH, rows=rows)) + "\n")
print(f"qwen1: {apart[0]:.2f} apart past {LENGTH} tokens")
