# LLaMA Pro's block expansion of the tiny models by LLaMA-Factory 0.9.3's own scripts/llama_pro.py: names and hashes of its tensors.
"""python expand.py   writes expand.json   (venv: requirements-llamafactory.txt; LLAMA_PRO names scripts/llama_pro.py of the release)"""

import hashlib
import json
import os
import runpy
import tempfile
from pathlib import Path

import torch
from safetensors.torch import load_file

HERE = Path(__file__).parent


def main():
    expand = runpy.run_path(os.environ.get("LLAMA_PRO", "llama_pro.py"))["block_expansion"]
    cases = []
    for model, count in [("llama", 1), ("llama", 2), ("qwen2", 1), ("qwen2", 2)]:
        with tempfile.TemporaryDirectory() as out:
            expand(str(HERE / "models" / model), out, num_expand=count)
            tensors = load_file(Path(out) / "model.safetensors")
            layers = json.loads((Path(out) / "config.json").read_text())["num_hidden_layers"]
        assert all(t.dtype == torch.float32 for t in tensors.values())
        hashes = {k: hashlib.sha256(tensors[k].numpy().tobytes()).hexdigest() for k in sorted(tensors)}
        cases.append(dict(model=model, num_expand=count, num_hidden_layers=layers, tensors=hashes))
    (HERE / "expand.json").write_text(json.dumps(dict(library="LLaMA-Factory 0.9.3", cases=cases), indent=0) + "\n")


if __name__ == "__main__":
    main()
