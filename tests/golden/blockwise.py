# Writes what bitsandbytes' kernels make of some values in 8 bits: blockwise.json.
"""python blockwise.py   (venv: requirements-optim.txt)"""

import json
from pathlib import Path

import bitsandbytes.functional as F
import bnb  # noqa: F401  (the nearest code, as CUDA's kernel has it)
import torch

out = {}
for name, signed in [("signed", True), ("unsigned", False)]:
    g = torch.Generator().manual_seed(5)
    values = torch.randn(600, generator=g) * torch.logspace(0, -5, 600)
    if not signed:
        values = values.abs()
    table = F.create_dynamic_map(signed=signed)
    codes, state = F.quantize_blockwise(values, code=table, blocksize=256)
    back = F.dequantize_blockwise(codes, state)
    out[name] = dict(table=table.tolist(), values=values.tolist(), codes=codes.tolist(), absmax=state.absmax.tolist(), back=back.tolist())
text = json.dumps(out, separators=(",", ":")).replace('],"', '],\n"')
(Path(__file__).parent / "blockwise.json").write_text(text + "\n")
