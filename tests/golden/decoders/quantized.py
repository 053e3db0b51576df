# Writes tiny quantized folders of families that are no Llamas, and what transformers computes of them.
"""python quantized.py [LLAMA_CPP]   writes ../quant/gpt-oss-mxfp4, ../quant/deepseek-fp8, ../quant/*-gptq and *-awq of three families,
../quant/families.json, and ../gguf/gpt-oss-mxfp4.gguf
(venv: requirements-transformers.txt; LLAMA_CPP: as ../gguf_families.py)

MXFP4: random codes and scales, worth what transformers' own `convert_moe_packed_tensors` says. FP8: the weights of families/deepseek-v3 in
tiles of 8 by 8 with a scale each (`weight_scale_inv`), worth the product of both, as the published `weight_dequant_kernel` has it. GPTQ and
AWQ (4 bits): the layers of families/ whose rows lie by group (Falcon), turned (GPT-2) and by head with biases (BLOOM), rounded to the nearest,
packed as AutoGPTQ and AutoAWQ do it: eight codes a word, `[in / 8, out]`, or `[in, out / 8]` in AWQ's order. Log-probs are those of
transformers' model with these numbers."""

import hashlib
import json
import re
import shutil
import sys
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file, save_file
from transformers.integrations.mxfp4 import convert_moe_packed_tensors

GOLDEN = Path(__file__).parent.parent
OUT = GOLDEN / "quant"
sys.path.insert(0, str(GOLDEN))
from families import PROMPT, SEQUENCES  # noqa: E402
from rows import SIZE, UNTIED, rope  # noqa: E402

TILE = 8


def digest(values):
    """What a matrix is worth: the hash of its f32 bytes, and a few numbers for whoever looks for a difference."""
    flat = values.detach().contiguous().numpy().astype("<f4").reshape(-1)
    return dict(sha256=hashlib.sha256(flat.tobytes()).hexdigest(), first=[float(f"{x:.9g}") for x in flat[:4]])


def expected(folder, config, weights):
    """Log-probs of the replies, of the model with these weights."""
    plain = OUT / "plain"
    shutil.rmtree(plain, ignore_errors=True)
    plain.mkdir()
    (plain / "config.json").write_text(json.dumps(config))
    save_file({name: t.contiguous() for name, t in weights.items()}, plain / "model.safetensors", metadata=dict(format="pt"))
    model = transformers.AutoModelForCausalLM.from_pretrained(plain, dtype=torch.float32, attn_implementation="eager").eval()
    shutil.rmtree(plain)
    logps = []
    for ids in SEQUENCES:
        with torch.no_grad():
            out = model(input_ids=torch.tensor([ids]), use_cache=False).logits[0]
        rows = torch.arange(len(PROMPT) - 1, len(ids) - 1)
        logps.append(float(out.log_softmax(-1)[rows, torch.tensor(ids)[rows + 1]].sum()))
    said = dict(sequences=SEQUENCES, prompt_tokens=len(PROMPT), full=dict(logps=logps))
    (folder / "expected.json").write_text(json.dumps(said) + "\n")


def fresh(name):
    folder = OUT / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def mxfp4():
    folder = fresh("gpt-oss-mxfp4")
    torch.manual_seed(9)
    made = transformers.GptOssConfig(**SIZE | UNTIED | rope() | dict(
        head_dim=8, intermediate_size=32, num_local_experts=4, num_experts_per_tok=2, sliding_window=5,
        layer_types=["sliding_attention", "full_attention"]))
    model = transformers.AutoModelForCausalLM.from_config(made)
    for p in model.parameters():
        torch.nn.init.normal_(p, 1 if p.dim() == 1 else 0, 0.2)
    stored, plain, worth = {}, {}, {}
    for name, t in model.state_dict().items():
        if not name.endswith(("gate_up_proj", "down_proj")):
            stored[name] = plain[name] = t.bfloat16().float()
            continue
        experts, columns, rows = t.shape
        blocks = torch.randint(0, 256, (experts, rows, columns // 32, 16), dtype=torch.uint8)
        scales = torch.randint(121, 126, (experts, rows, columns // 32), dtype=torch.uint8)
        stored[f"{name}_blocks"], stored[f"{name}_scales"] = blocks, scales
        plain[name] = convert_moe_packed_tensors(blocks, scales, dtype=torch.float32)
        assert plain[name].shape == t.shape
        worth[name] = digest(plain[name] + 0.0)
    save_file({name: t.bfloat16() if t.is_floating_point() else t for name, t in stored.items()}, folder / "model.safetensors",
              metadata=dict(format="pt"))
    config = json.loads(made.to_json_string()) | dict(architectures=["GptOssForCausalLM"], dtype="bfloat16")
    expected(folder, config, plain)
    config["quantization_config"] = dict(quant_method="mxfp4", modules_to_not_convert=["model.layers.*.self_attn", "model.layers.*.mlp.router"])
    (folder / "config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n")
    return worth


def fp8():
    folder = fresh("deepseek-fp8")
    source = GOLDEN / "families/deepseek-v3"
    config = json.loads((source / "config.json").read_text())
    stored, plain, worth = {}, {}, {}
    for name, t in load_file(source / "model.safetensors").items():
        if t.dim() != 2 or not name.startswith("model.layers") or name.endswith("mlp.gate.weight"):
            stored[name] = plain[name] = t
            continue
        rows, columns = t.shape
        high, wide = -(-rows // TILE), -(-columns // TILE)
        padded = torch.zeros(high * TILE, wide * TILE)
        padded[:rows, :columns] = t
        tiles = padded.view(high, TILE, wide, TILE)
        scales = tiles.abs().amax((1, 3)) / 448
        codes = (tiles / scales[:, None, :, None]).view(high * TILE, wide * TILE)[:rows, :columns].to(torch.float8_e4m3fn)
        whole = scales.repeat_interleave(TILE, 0).repeat_interleave(TILE, 1)[:rows, :columns]
        stored[name], stored[f"{name}_scale_inv"] = codes.contiguous(), scales.contiguous()
        plain[name] = codes.float() * whole
        worth[name] = digest(plain[name] + 0.0)
    save_file(stored, folder / "model.safetensors", metadata=dict(format="pt"))
    expected(folder, config, plain)
    config["quantization_config"] = dict(activation_scheme="dynamic", fmt="e4m3", quant_method="fp8", weight_block_size=[TILE, TILE])
    (folder / "config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n")
    return worth


GROUP = 16
AWQ_ORDER = [0, 2, 4, 6, 1, 3, 5, 7]


def words(codes, order=range(8)):
    """Eight codes of 4 bits a word, along the last axis, the first in the lowest bits."""
    eights = codes.reshape(*codes.shape[:-1], -1, 8)
    packed = sum(eights[..., place].long() << (4 * i) for i, place in enumerate(order))
    return packed.to(torch.int64).where(packed < 2**31, packed - 2**32).to(torch.int32)


def in_words(family, method, turned=False):
    name = f"{family}-{method}"
    folder = fresh(name)
    source = GOLDEN / "families" / family
    config = json.loads((source / "config.json").read_text())
    stored, plain, worth = {}, {}, {}
    for key, t in load_file(source / "model.safetensors").items():
        if not t.is_floating_point():
            continue
        if t.dim() != 2 or not re.search(r"\bh\.\d+\.", key):
            stored[key] = plain[key] = t
            continue
        weight = (t if turned else t.t()).float()  # [in, out]
        groups = weight.reshape(-1, GROUP, weight.shape[1])
        low, high = groups.amin(1).clamp(max=0), groups.amax(1).clamp(min=0)
        scales = ((high - low) / 15).half().float()
        zeros = (-low / scales).round().clamp(1, 15)
        codes = (groups / scales[:, None] + zeros[:, None]).round().clamp(0, 15)
        value = ((codes - zeros[:, None]) * scales[:, None]).reshape(weight.shape)
        codes, zeros, path = codes.reshape(weight.shape).int(), zeros.int(), key.removesuffix(".weight")
        if method == "gptq":
            stored[f"{path}.qweight"] = words(codes.t()).t().contiguous()
            stored[f"{path}.qzeros"] = words(zeros - 1)
            stored[f"{path}.g_idx"] = (torch.arange(weight.shape[0]) // GROUP).int()
        else:
            stored[f"{path}.qweight"], stored[f"{path}.qzeros"] = words(codes, AWQ_ORDER), words(zeros, AWQ_ORDER)
        stored[f"{path}.scales"] = scales.half()
        plain[key] = value if turned else value.t()
        worth[key if key.startswith("transformer.") else f"transformer.{key}"] = digest(plain[key] + 0.0)
    save_file({key: t.contiguous() for key, t in stored.items()}, folder / "model.safetensors", metadata=dict(format="pt"))
    expected(folder, config, plain)
    more = dict(desc_act=False, sym=False) if method == "gptq" else dict(version="gemm", zero_point=True)
    config["quantization_config"] = dict(quant_method=method, bits=4, group_size=GROUP) | more
    (folder / "config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n")
    return worth


def main():
    torch.set_num_threads(1)
    values = {"gpt-oss-mxfp4": mxfp4(), "deepseek-fp8": fp8()}
    for family in ["falcon-40b", "gpt2", "bloom"]:
        for method in ["gptq", "awq"]:
            values[f"{family}-{method}"] = in_words(family, method, turned=family == "gpt2")
    (OUT / "families.json").write_text(json.dumps(values, indent=0) + "\n")
    if len(sys.argv) > 1:
        sys.path.insert(0, sys.argv[1])
        from gguf_families import convert

        with torch.inference_mode():
            convert(OUT / "gpt-oss-mxfp4", "gpt-oss-mxfp4")
    for name in values:
        print(name, sum(file.stat().st_size for file in (OUT / name).iterdir()), "bytes")


if __name__ == "__main__":
    main()
