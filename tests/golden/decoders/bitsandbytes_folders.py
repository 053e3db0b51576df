# Writes folders that transformers packs with bitsandbytes: layers that are turned, several in one tensor, and experts.
"""python bitsandbytes_folders.py   writes into ../quant and its families.json
(venv: requirements-templates.txt and bitsandbytes 0.50.2; version 5 of transformers keeps experts in one tensor, which is not packed)"""

import json
import sys
from pathlib import Path

import torch
import transformers
import transformers.integrations.bitsandbytes as bnb_check
from bitsandbytes import functional
from bitsandbytes.nn import Linear4bit, Linear8bitLt
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, BitsAndBytesConfig

sys.path.insert(0, str(Path(__file__).parent))
from quantized import GOLDEN, OUT, digest, expected, fresh  # noqa: E402

bnb_check._validate_bnb_multi_backend_availability = lambda raise_exception: True
WAYS = dict(nf4=dict(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True), int8=dict(load_in_8bit=True))
FOLDERS = [("families/gpt2", "nf4"), ("families/gpt2", "int8"), ("families/bloom", "nf4"), ("models/mixtral", "nf4")]


def values(module):
    """What a packed layer is worth, as `[out, in]`: a code times its scale."""
    weight = module.weight
    if isinstance(module, Linear8bitLt):
        return functional.int8_vectorwise_dequant(weight.data, weight.SCB)
    state = weight.quant_state
    absmax = functional.dequantize_blockwise(state.absmax, state.state2) + state.offset if state.nested else state.absmax
    codes = weight.data.flatten()
    codes = torch.stack([codes >> 4, codes & 15], 1).flatten().long()
    return (state.code[codes].view(-1, state.blocksize) * absmax[:, None]).view(state.shape)


def pack(source, way):
    name = f"{Path(source).name}-{way}"
    folder = fresh(name)
    packed = AutoModelForCausalLM.from_pretrained(GOLDEN / source, dtype=torch.float32, quantization_config=BitsAndBytesConfig(**WAYS[way]),
                                                  device_map={"": "cpu"})
    packed.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    plain = AutoModelForCausalLM.from_pretrained(GOLDEN / source, dtype=torch.float32)
    weights, worth = {n: t for n, t in plain.state_dict().items() if n != "lm_head.weight" or "lm_head.weight" in load_file(
        folder / "model.safetensors")}, {}
    for path, module in packed.named_modules():
        if isinstance(module, (Linear4bit, Linear8bitLt)):
            value, key = values(module), f"{path}.weight"
            weights[key] = value.t() if module.source_cls is transformers.pytorch_utils.Conv1D else value
            assert weights[key].shape == plain.state_dict()[key].shape, key
            worth[key] = digest(weights[key] + 0.0)
    config = json.loads((GOLDEN / source / "config.json").read_text())
    expected(folder, config, weights)
    config["quantization_config"] = json.loads((folder / "config.json").read_text())["quantization_config"]
    (folder / "config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n")
    return name, worth


def main():
    torch.set_num_threads(1)
    file = OUT / "families.json"
    all_of = json.loads(file.read_text())
    for source, way in FOLDERS:
        name, worth = pack(source, way)
        all_of[name] = worth
        print(name, len(worth), "layers,", sum(f.stat().st_size for f in (OUT / name).iterdir()), "bytes")
    file.write_text(json.dumps(all_of, indent=0) + "\n")


if __name__ == "__main__":
    main()
