# GGUF files that our program writes, as the gguf package and transformers read them.
"""python gguf_files.py   (started by run.sh, in the environment of golden/requirements-transformers.txt)"""

import json
import os
import shutil
import sys
import tempfile
import warnings
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import torch  # noqa: E402
import transformers  # noqa: E402
from check import ALLOWED, GOLDEN, SEQUENCES, furthest, trainer  # noqa: E402
from gguf import GGUFReader  # noqa: E402
from gguf.quants import dequantize  # noqa: E402

# What a format may change of a tensor, of its largest number; blocks that are narrower than 256 are of a wider kind.
FORMATS = dict(f32=0.0, f16=5e-4, bf16=4e-3, q8_0=5e-3, q6_k=3e-2, q5_k_m=5e-2, q4_k_m=0.14, q4_0=0.14)
# Folders that have words, and whether transformers reads GGUF files of their kind: of Qwen 2 MoE it takes the widths of experts to be
# those of one published model, whatever the file says; of Mixtral it is not tried.
BASES = dict(llama=True, qwen2=True, qwen2moe=False, mixtral=False)
WIDTHS = ["hidden_size", "intermediate_size", "moe_intermediate_size", "shared_expert_intermediate_size"]
failed = []


def say(what, apart, allowed):
    right = apart <= allowed
    if not right:
        failed.append(what)
    print(f"gguf: {what:60} {apart:.1e} of {allowed:.0e}{'' if right else '   TOO FAR'}", flush=True)


def ours(model):
    rows = [json.loads(trainer("logits", model, "--ids", ",".join(map(str, ids))))["logits"] for ids in SEQUENCES]
    return [torch.tensor(row) for row in rows]


def of(a, b):
    return furthest((x - y).abs().max() / y.abs().max() for x, y in zip(a, b, strict=True))


def numbers(path):
    """Each tensor as the gguf package unpacks it."""
    tensors = GGUFReader(path).tensors
    return {t.name: torch.tensor(dequantize(t.data, t.tensor_type)).reshape(tuple(reversed(t.shape.tolist()))) for t in tensors}


def written(base, dtype, out):
    trainer("export", base, "--format", "gguf", "--dtype", dtype, "--template", "default", "--out", out)
    (file,) = out.glob("*.gguf")
    return file


def in_transformers(name, dtype, file):
    options = dict(gguf_file=file.name, dtype=torch.float32, attn_implementation="eager")
    model = transformers.AutoModelForCausalLM.from_pretrained(file.parent, **options).eval()
    with torch.no_grad():
        theirs = [model(input_ids=torch.tensor([ids])).logits[0] for ids in SEQUENCES]
    say(f"{name} {dtype}: transformers' logits of our file", of(ours(file), theirs), ALLOWED)


def wide(name, out):
    """A random model like the one of that folder, as wide as the widest blocks, with experts in each of its layers."""
    folder = GOLDEN / "models" / name
    config = transformers.AutoConfig.from_pretrained(folder)
    for key in WIDTHS:
        if hasattr(config, key):
            setattr(config, key, 256)
    if hasattr(config, "mlp_only_layers"):
        config.mlp_only_layers, config.decoder_sparse_step = [], 1
    config.initializer_range = 0.08
    torch.manual_seed(1)
    transformers.AutoModelForCausalLM.from_config(config, dtype=torch.float32).save_pretrained(out)
    for file in ["tokenizer.json", "tokenizer_config.json"]:
        shutil.copy(folder / file, out)
    return out


def base(name, with_transformers, out):
    folder = wide(name, out / "base")
    plain = numbers(written(folder, "f32", out / "f32"))
    for dtype, allowed in FORMATS.items():
        file = written(folder, dtype, out / dtype)
        packed = numbers(file)
        if packed.keys() != plain.keys():
            sys.exit(f"{name} {dtype}: other tensors: {packed.keys() ^ plain.keys()}")
        apart = max(((packed[key] - plain[key]).abs().max() / plain[key].abs().max()).item() for key in plain)
        say(f"{name} {dtype}: {len(plain)} tensors in the gguf package", apart, allowed)
        if dtype in ("f16", "bf16", "q8_0") and apart == 0:
            sys.exit(f"{name} {dtype}: nothing was packed")
        if with_transformers and dtype in ("f32", "f16", "q8_0", "q4_k_m"):
            in_transformers(name, dtype, file)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    for name, with_transformers in BASES.items():
        with tempfile.TemporaryDirectory() as out:
            base(name, with_transformers, Path(out))
    sys.exit(bool(failed))
