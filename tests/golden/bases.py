# Writes tiny folders in further quantized formats with the libraries that invented each, and what their weights are worth.
"""python bases.py [folder for the dequantized models]   writes quant/ folders, quant/bases.json, quant/hqq.safetensors and quant/gguf-more.safetensors
(venv: requirements-bases.txt)

One small Llama in each format. Where a library packs and unpacks on cards alone (EETQ), its published layout is worked out here step
by step. parity/bases.py trains on the dequantized models that are written beside, where a folder for them is named."""

import hashlib
import importlib.util
import json
import shutil
import sys
import types
from pathlib import Path

import gguf
import numpy as np
import torch
from safetensors.torch import save_file

GOLDEN = Path(__file__).parent
OUT = GOLDEN / "quant"
LINEARS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
# several layers in one
FUSED = ["qkv_proj", "gate_up_proj"]
# of 64 numbers or a multiple of it, as EETQ's tiles are
SIZE = dict(hidden_size=64, intermediate_size=128, head_dim=16, num_attention_heads=4, num_key_value_heads=4, num_hidden_layers=1,
            tie_word_embeddings=True)


def without_init(package):
    """Lets a package's files be imported without what its own __init__ pulls in."""
    out = types.ModuleType(package)
    out.__path__ = [str(Path(importlib.util.find_spec(package).origin).parent)]
    sys.modules[package] = out


# before those that are taken in parts
from peft import LoraConfig, get_peft_model  # noqa: E402
from transformers import AutoConfig, AutoModelForCausalLM  # noqa: E402

without_init("auto_gptq")

from aqlm.utils import _dequantize_weight, pack_int_data, unpack_int_data  # noqa: E402
from bitsandbytes import functional as bnb  # noqa: E402
from auto_gptq.nn_modules.qlinear.qlinear_cuda import QuantLinear  # noqa: E402
from compressed_tensors.compressors import BaseCompressor  # noqa: E402
from compressed_tensors.compressors.nvfp4.helpers import unpack_fp4_from_uint8  # noqa: E402
from compressed_tensors.quantization.lifecycle.forward import dequantize  # noqa: E402
from compressed_tensors.quantization import QuantizationArgs, QuantizationScheme  # noqa: E402
from hqq.core.quantize import HQQLinear, Quantizer, hqq_base_quant_config  # noqa: E402


def digest(values):
    """What a matrix is worth: the hash of its f32 bytes, and a few numbers for whoever looks for a difference."""
    flat = values.detach().float().contiguous().numpy().astype("<f4").reshape(-1)
    return dict(sha256=hashlib.sha256(flat.tobytes()).hexdigest(), first=[float(f"{x:.9g}") for x in flat[:4]])


def model(config, adapter):
    """A model that folders are of, and an adapter that training starts from."""
    torch.manual_seed(5)
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model(**config), dtype=torch.float32)
    for p in model.parameters():
        torch.nn.init.normal_(p, 1 if p.dim() == 1 else 0, 0.05)
    weights = {k: v.clone() for k, v in model.state_dict().items() if k != "lm_head.weight"}
    targets = sorted({k.split(".")[-2] for k in weights} & set(LINEARS + FUSED))
    peft = get_peft_model(model, LoraConfig(r=4, lora_alpha=8, lora_dropout=0.0, target_modules=targets, task_type="CAUSAL_LM"))
    folder = OUT / adapter
    shutil.rmtree(folder, ignore_errors=True)
    peft.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    saved = json.loads((folder / "adapter_config.json").read_text())
    saved["target_modules"] = sorted(saved["target_modules"])
    saved["base_model_name_or_path"] = ""
    # what PEFT 0.15, which parity/bases.py trains with, knows
    known = ["base_model_name_or_path", "bias", "fan_in_fan_out", "inference_mode", "init_lora_weights", "lora_alpha", "lora_dropout",
             "peft_type", "r", "target_modules", "task_type", "use_dora", "use_rslora"]
    saved = {key: saved[key] for key in known}
    (folder / "adapter_config.json").write_text(json.dumps(saved, indent=2, sort_keys=True) + "\n")
    return config, weights


def write(folder, tensors, config):
    folder.mkdir(parents=True, exist_ok=True)
    for name in ["tokenizer.json", "tokenizer_config.json"]:
        shutil.copy(GOLDEN / "models/llama" / name, folder / name)
    save_file({k: v.contiguous() for k, v in tensors.items()}, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")


def folder(name, config, plain, quantization, layer, beside):
    """`layer` gives a module's tensors (by what comes behind its path) and what they are worth, or None for one left alone."""
    tensors, dense, values = {}, {}, {}
    for key, weight in plain.items():
        path = key.removesuffix(".weight")
        made = layer(path, weight) if path.split(".")[-1] in LINEARS + FUSED else None
        if made is None:
            tensors[key], dense[key] = weight.half(), weight.half().float()
            continue
        parts, worth = made
        tensors |= {f"{path}.{part}": tensor for part, tensor in parts.items()}
        dense[key] = worth.float().contiguous()
        values[path] = digest(dense[key])
    shutil.rmtree(OUT / name, ignore_errors=True)
    write(OUT / name, tensors, config | dict(torch_dtype="float16", quantization_config=quantization))
    if beside:
        write(Path(beside) / name, dense, config)
    return values


# ---- GPTQ ----------------------------------------------------------------------------------------------------------------------------

def grid(weight, group, order, symmetric, bits):
    """Round-to-nearest scales and zero points per group, [out, groups]."""
    most = 2**bits - 1
    scales, zeros = [], []
    for g in range(max(order) + 1):
        part = weight[:, torch.tensor(order) == g]
        if symmetric:
            scale = part.abs().amax(1) / (most / 2)
            zero = torch.full_like(scale, 2 ** (bits - 1))
        else:
            low, high = part.amin(1).clamp(max=0), part.amax(1).clamp(min=0)
            scale = (high - low) / most
            zero = torch.round(-low / scale).clamp(1, most)
        scales.append(scale.half().float())
        zeros.append(zero)
    return torch.stack(scales, 1), torch.stack(zeros, 1)


def gptq(bits_of, group, desc_act, symmetric, second_format):
    generator = torch.Generator().manual_seed(1)

    def layer(path, weight):
        bits = bits_of(path)
        n_out, n_in = weight.shape
        order = [i // group for i in range(n_in)]
        if desc_act:
            order = [order[i] for i in torch.randperm(n_in, generator=generator).tolist()]
        scales, zeros = grid(weight, group, order, symmetric, bits)
        index = torch.tensor(order)
        q = torch.round(weight / scales[:, index] + zeros[:, index]).clamp(0, 2**bits - 1)
        linear = torch.nn.Linear(n_in, n_out, bias=False)
        linear.weight.data = (q - zeros[:, index]) * scales[:, index]

        def packed(zeros):
            layer = QuantLinear(bits, group, n_in, n_out, False, weight_dtype=torch.float32)
            worth = torch.nn.Linear(n_in, n_out, bias=False)
            worth.weight.data = (q - zeros[:, index]) * scales[:, index]
            layer.pack(worth, scales.clone(), zeros.clone(), index.to(torch.int32))
            return layer

        made = packed(zeros)
        parts = dict(qweight=made.qweight, qzeros=made.qzeros, scales=made.scales.half(), g_idx=index.to(torch.int32))
        made.scales = made.scales.float()
        worth = made(torch.eye(n_in)).t().contiguous()  # its own forward pass on the unit vectors
        assert torch.equal(worth, linear.weight.data)
        if second_format:  # the zero points as they are: those that the first format stores less one are one more
            parts["qzeros"] = packed(zeros + 1).qzeros if zeros.max() < 2**bits - 1 else None
        return parts, worth

    return layer


# ---- compressed-tensors ---------------------------------------------------------------------------------------------------------------

def compressed(schemes):
    def layer(path, weight):
        made = schemes(path)
        if made is None:
            return None
        format, scheme = made
        args = scheme.weights
        n_out, n_in = weight.shape
        state = dict(weight=weight)
        if args.strategy == "tensor":
            tiles = weight.reshape(1, 1, -1)
        elif args.strategy == "block":
            h, w = args.block_structure
            tiles = weight.reshape(n_out // h, h, n_in // w, w).transpose(1, 2).reshape(n_out // h, n_in // w, h * w)
        else:
            tiles = weight.reshape(n_out, -1, args.group_size or n_in)
        most = {("float", 8): 448.0, ("float", 4): 6.0}.get((args.type, args.num_bits), 2 ** (args.num_bits - 1) - 0.5)
        if args.symmetric:
            scale = tiles.abs().amax(-1) / most
        else:
            low, high = tiles.amin(-1).clamp(max=0), tiles.amax(-1).clamp(min=0)
            scale = (high - low) / (2**args.num_bits - 1)
            zero = torch.round(-low / scale) - 2 ** (args.num_bits - 1)
            state["weight_zero_point"] = zero.clamp(-(2 ** (args.num_bits - 1)), 2 ** (args.num_bits - 1) - 1).to(torch.int8)
        if format == "nvfp4-pack-quantized":
            state["weight_global_scale"] = (448.0 / scale.max()).reshape(1)
            scale = (scale * state["weight_global_scale"]).to(torch.float8_e4m3fn).float()
        if format == "mxfp4-pack-quantized":
            scale = torch.exp2(torch.ceil(torch.log2(scale)))
        else:
            scale = scale.half().float() if format != "nvfp4-pack-quantized" else scale
        state["weight_scale"] = scale.reshape(1) if args.strategy == "tensor" else scale
        compressor = BaseCompressor.get_value_from_registry(format)
        packed = compressor.compress(state, scheme)
        worth = compressor.decompress(packed, scheme)["weight"]
        if format == "nvfp4-pack-quantized":  # in f16 there: its two steps in f32
            codes = unpack_fp4_from_uint8(packed["weight_packed"], n_out, n_in, dtype=torch.float32)
            worth = dequantize(codes, packed["weight_scale"].float(), args=args, global_scale=packed["weight_global_scale"], dtype=torch.float32)
        return {k: v for k, v in packed.items()}, worth

    return layer


def scheme(**weights):
    return QuantizationScheme(targets=["Linear"], weights=QuantizationArgs(**weights))


def compressed_config(format, groups, **more):
    described = {}
    for i, (targets, weights, extra) in enumerate(groups):
        described[f"group_{i}"] = dict(targets=targets, weights=weights, input_activations=None, output_activations=None) | extra
    return dict(quant_method="compressed-tensors", format=format, quantization_status="compressed", config_groups=described,
                ignore=["lm_head"], kv_cache_scheme=None) | more


# ---- HQQ ------------------------------------------------------------------------------------------------------------------------------

HQQ = dict(q_proj=(8, 64, 1), k_proj=(6, 64, 0), v_proj=(5, 32, 1), o_proj=(4, 64, 0), gate_proj=(3, 64, 0), up_proj=(2, 16, 1),
           down_proj=(1, 8, 0))


def hqq(path, weight):
    bits, group, axis = HQQ[path.split(".")[-1]]
    linear = torch.nn.Linear(weight.shape[1], weight.shape[0], bias=False)
    linear.weight.data = weight.clone()
    quant = hqq_base_quant_config(nbits=bits, group_size=group, axis=axis, view_as_float=bits == 4)
    made = HQQLinear(linear, quant, compute_dtype=torch.float32, device="cpu")
    parts = {k: v.detach().clone() for k, v in made.state_dict().items() if torch.is_tensor(v)}
    return parts, made.dequantize()


def hqq_parts():
    """What hqq makes of a matrix while loading as LLaMA-Factory asks: groups of 64 along axis 0."""
    torch.manual_seed(0)
    weight = (torch.randn(48, 40) * 0.02).contiguous()
    out = {"weight": weight}
    for bits in [8, 6, 5, 4, 3, 2, 1]:
        codes, meta = Quantizer.quantize(weight, nbits=bits, group_size=64, axis=0, round_zero=bits == 4, device="cpu",
                                         compute_dtype=torch.float32)
        meta["compute_dtype"] = torch.float32
        out[f"{bits}.values"] = Quantizer.dequantize(codes, meta)
        out[f"{bits}.scale"], out[f"{bits}.zero"] = meta["scale"], meta["zero"]
    save_file({k: v.contiguous() for k, v in out.items()}, OUT / "hqq.safetensors")


# ---- EETQ: its CUDA library packs; the steps of cutlass_preprocessors.cc in numpy ---------------------------------------------------------

def eetq_quantized(weight):
    """Rows of 8 bits, `[out, in]`, and their scales: the largest magnitude over 128, in f16; halves are rounded away from zero."""
    scale = weight.abs().amax(1) / 128
    scaled = weight / scale[:, None]
    q = (torch.sign(scaled) * torch.floor(scaled.abs() + 0.5)).clamp(-128, 127)
    return q.to(torch.int8), scale.half()


def eetq(path, weight):
    q, scale = eetq_quantized(weight)
    w = q.t().contiguous().numpy()  # [in, out]
    n_in, n_out = w.shape
    order = [0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15]
    w = w[[i // 16 * 16 + order[i % 16] for i in range(n_in)]]
    w = w.T.copy()  # one column behind the other
    w = w.reshape(n_out // 2, 2, n_in // 64, 64).transpose(0, 2, 1, 3).reshape(-1)  # two columns in turns of 64
    w = (w.astype(np.int16) + 128).astype(np.uint8).reshape(-1, 4)[:, [0, 2, 1, 3]]
    packed = torch.from_numpy(w.reshape(n_in, n_out).copy()).view(torch.int8)
    return dict(weight=packed, weight_scales=scale), q.float() * scale.float()[:, None]


# ---- AQLM -----------------------------------------------------------------------------------------------------------------------------

AQLM = dict(in_group_size=8, out_group_size=1, num_codebooks=2, nbits_per_codebook=5)


def aqlm(path, weight):
    n_out, n_in = weight.shape
    bits, books, group = AQLM["nbits_per_codebook"], AQLM["num_codebooks"], AQLM["in_group_size"]
    codes = torch.randint(0, 2**bits, (n_out, n_in // group, books))
    codebooks = (torch.randn(books, 2**bits, 1, group) * 0.03).half()
    scales = (1 + 0.1 * torch.randn(n_out, 1, 1, 1)).half()
    packed = pack_int_data(codes.clone(), bits)
    worth = _dequantize_weight(unpack_int_data(packed, bits), codebooks.float(), scales.float())
    return dict(codes=packed, codebooks=codebooks, scales=scales), worth


# ---- FP8 in blocks ---------------------------------------------------------------------------------------------------------------------

def fp8(path, weight, size=48):
    """As DeepSeek-V3 has it, with blocks of 48 that the edges cut off."""
    n_out, n_in = weight.shape
    rows, columns = -(-n_out // size), -(-n_in // size)
    scales = torch.tensor([[weight[r * size:(r + 1) * size, c * size:(c + 1) * size].abs().max() / 448 for c in range(columns)]
                           for r in range(rows)])
    whole = scales.repeat_interleave(size, 0)[:n_out].repeat_interleave(size, 1)[:, :n_in]
    codes = (weight / whole).to(torch.float8_e4m3fn)
    return dict(weight=codes, weight_scale_inv=scales), codes.float() * whole


# ---- bitsandbytes ------------------------------------------------------------------------------------------------------------------------

def nf4(path, weight):
    codes, state = bnb.quantize_4bit(weight.contiguous(), blocksize=64, compress_statistics=True, quant_type="nf4")
    parts = {"weight": codes} | {f"weight.{key}": value for key, value in state.as_dict(packed=True).items()}
    return parts, bnb.dequantize_4bit(codes, state)


# ---- GGUF's tables ---------------------------------------------------------------------------------------------------------------------

def gguf_parts():
    """Blocks of random bytes with scales of a usual size, and what gguf-py says they are worth."""
    rng = np.random.default_rng(3)
    out = {}
    for coding in [gguf.GGMLQuantizationType.IQ4_NL, gguf.GGMLQuantizationType.IQ4_XS, gguf.GGMLQuantizationType.MXFP4]:
        values, width = gguf.GGML_QUANT_SIZES[coding]
        blocks = rng.integers(0, 256, (1024 // values, width), dtype=np.uint8)
        if coding == gguf.GGMLQuantizationType.MXFP4:
            blocks[:, 0] = rng.integers(0, 130, len(blocks))  # powers of two, the smallest denormal
        else:
            blocks[:, :2] = rng.normal(0, 0.001, len(blocks)).astype(np.float16).view(np.uint8).reshape(-1, 2)
        name = coding.name.lower()
        out[f"{name}.bytes"] = torch.from_numpy(blocks.reshape(-1).copy())
        out[f"{name}.values"] = torch.from_numpy(gguf.dequantize(blocks.reshape(2, -1), coding).reshape(2, 512).astype(np.float32))
    save_file(out, OUT / "gguf-more.safetensors")


def main():
    torch.set_num_threads(1)
    beside = sys.argv[1] if len(sys.argv) > 1 else None
    llama = json.loads((GOLDEN / "models/llama/config.json").read_text())
    config, plain = model(llama | SIZE, "bases-adapter")
    values = {}

    def add(name, quantization, layer):
        torch.manual_seed(7)
        values[name] = folder(name, config, plain, quantization, layer, beside)

    form = dict(quant_method="gptq", damp_percent=0.01)
    add("llama-gptq2", form | dict(bits=2, group_size=16, desc_act=True, sym=True, checkpoint_format="gptq_v2"),
        gptq(lambda path: 2, 16, True, True, True))
    add("llama-gptq3", form | dict(bits=3, group_size=32, desc_act=False, sym=False, checkpoint_format="gptq"),
        gptq(lambda path: 3, 32, False, False, False))
    # as GPTQModel writes it where some layers have other bits
    add("llama-gptq8", form | dict(bits=8, group_size=32, desc_act=False, sym=True, format="gptq", checkpoint_format="gptq",
                                   pack_dtype="int32", dynamic={"+:.*\\.down_proj.*": {"bits": 4}}),
        gptq(lambda path: 4 if "down_proj" in path else 8, 32, False, True, False))

    four = dict(num_bits=4, type="int", symmetric=True, strategy="group", group_size=32)
    add("llama-compressed", compressed_config("pack-quantized", [(["Linear"], four, {})], ignore=["lm_head", "re:.*o_proj"]),
        compressed(lambda path: None if "o_proj" in path else ("pack-quantized", scheme(**four))))
    kinds = dict(
        q_proj=("pack-quantized", dict(num_bits=4, type="int", symmetric=False, strategy="group", group_size=16)),
        k_proj=("pack-quantized", dict(num_bits=8, type="int", symmetric=True, strategy="channel")),
        v_proj=("int-quantized", dict(num_bits=8, type="int", symmetric=False, strategy="channel")),
        o_proj=("float-quantized", dict(num_bits=8, type="float", symmetric=True, strategy="block", block_structure=[32, 16])),
        gate_proj=("float-quantized", dict(num_bits=8, type="float", symmetric=True, strategy="channel")),
        up_proj=("naive-quantized", dict(num_bits=8, type="float", symmetric=True, strategy="tensor")),
        down_proj=("nvfp4-pack-quantized", dict(num_bits=4, type="float", symmetric=True, strategy="tensor_group", group_size=16)),
    )
    acts = dict(num_bits=8, type="float", strategy="token", dynamic=True, symmetric=True)
    groups = [([f"re:.*{kind}$"], weights, dict(format=format, input_activations=acts if kind == "gate_proj" else None))
              for kind, (format, weights) in kinds.items()]

    def mixed(path):
        format, weights = kinds[path.split(".")[-1]]
        return format, scheme(**weights)

    add("llama-compressed-mixed", compressed_config("mixed-precision", groups), compressed(mixed))
    weights = hqq_base_quant_config(nbits=4, group_size=64, axis=1)
    add("llama-hqq", dict(quant_method="hqq", quant_config=weights, skip_modules=["lm_head"]), hqq)
    hqq_parts()
    gguf_parts()
    add("llama-eetq", dict(quant_method="eetq", weights="int8", modules_to_not_convert=["lm_head"]), eetq)
    add("llama-aqlm", dict(quant_method="aqlm", linear_weights_not_to_quantize=["lm_head.weight"]) | AQLM, aqlm)
    add("llama-fp8", dict(quant_method="fp8", fmt="e4m3", activation_scheme="dynamic", weight_block_size=[48, 48]), fp8)
    # rows of whole blocks: bitsandbytes 0.50 unpacks others on a CPU to other values than code times scale
    phi3 = dict(architectures=["Phi3ForCausalLM"], model_type="phi3", vocab_size=352, hidden_size=64, intermediate_size=128, num_hidden_layers=1,
                num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=512, rms_norm_eps=1e-5, rope_theta=10000.0,
                sliding_window=None, bos_token_id=1, eos_token_id=2, pad_token_id=3, tie_word_embeddings=True, hidden_act="silu")
    config, plain = model(phi3, "phi3-bases-adapter")
    add("phi3-gptq", form | dict(bits=4, group_size=32, desc_act=True, sym=True, checkpoint_format="gptq"),
        gptq(lambda path: 4, 32, True, True, False))
    add("phi3-nf4", dict(quant_method="bitsandbytes", load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True,
                         bnb_4bit_compute_dtype="float32"), nf4)
    (OUT / "bases.json").write_text(json.dumps(values, indent=0) + "\n")
    if beside:
        from safetensors.torch import load_file

        fly = dict(hqq={}, eetq={})
        for key, weight in load_file(GOLDEN / "models/llama/model.safetensors").items():
            if key.split(".")[-2] not in LINEARS:
                fly["hqq"][key] = fly["eetq"][key] = weight
                continue
            codes, meta = Quantizer.quantize(weight, nbits=4, group_size=64, axis=0, round_zero=True, device="cpu",
                                             compute_dtype=torch.float32)
            meta["compute_dtype"] = torch.float32
            fly["hqq"][key] = Quantizer.dequantize(codes, meta)
            q, scale = eetq_quantized(weight)
            fly["eetq"][key] = q.float() * scale.float()[:, None]
        for name, tensors in fly.items():
            write(Path(beside) / f"fly-{name}", tensors, llama)
    print(sum(f.stat().st_size for name in values for f in (OUT / name).iterdir()), "bytes of folders")


if __name__ == "__main__":
    main()
