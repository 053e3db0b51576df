# Writes tiny quantized folders with the libraries that invented each format, what their weights are worth, and training runs on them.
"""python parity/quant.py [part of a case's name]   writes ../quant/ and quant.json
(venv: requirements-quant.txt on top of requirements-llamafactory.txt)

bitsandbytes folders are trained by LLaMA-Factory as they are, on bitsandbytes' CPU backend. GPTQ, AWQ and GGUF have no backward pass
on the CPU in their libraries: there LLaMA-Factory trains a f32 folder of the values the library's own dequantizer gives."""

import copy
import hashlib
import importlib.util
import json
import shutil
import sys
import tempfile
import types
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

import curves  # noqa: E402
import gguf  # noqa: E402
import numpy as np  # noqa: E402
import torch  # noqa: E402
import transformers.integrations.bitsandbytes as bnb_check  # noqa: E402
from bitsandbytes import functional as bnb  # noqa: E402
from bitsandbytes._ops import register_kernel  # noqa: E402
from bitsandbytes.autograd._functions import MatMul4Bit  # noqa: E402
from bitsandbytes.nn import modules as bnb_modules  # noqa: E402
from llamafactory.train.tuner import run_exp  # noqa: E402
from peft import LoraConfig, get_peft_model  # noqa: E402
from safetensors.torch import load_file, save_file  # noqa: E402
from transformers import AutoConfig, AutoModelForCausalLM, BitsAndBytesConfig  # noqa: E402

# transformers 4.52 lets bitsandbytes run on the CPU through Intel's extension alone; bitsandbytes has its own backend since 0.46.
bnb_check._validate_bnb_multi_backend_availability = lambda raise_exception: True

# On processors with AVX512-BF16 bitsandbytes lays 4-bit weights out anew for a product in bf16, which fails on rows of less than a block.
bnb_modules.has_avx512bf16 = lambda: False

# bitsandbytes' CPU kernel takes the scale of another block where rows are not whole blocks; its general kernel doesn't.
unpacked = torch.ops.bitsandbytes.dequantize_4bit.default


def unpack(A, absmax, blocksize, quant_type, shape, dtype):
    return unpacked._op_dk(torch._C.DispatchKey.CompositeExplicitAutograd, A, absmax, blocksize, quant_type, shape, dtype)


register_kernel("bitsandbytes::dequantize_4bit", "cpu")(unpack)

# bitsandbytes 0.50 dequantizes to the type it computes in (f32 here) in the forward pass, but to the type the model had before in the
# backward pass: the gradient of another weight. Both in f32.
plain_backward = MatMul4Bit.backward


def backward(ctx, grad_output):
    ctx.state = copy.copy(ctx.state)
    ctx.state.dtype = torch.float32
    return plain_backward(ctx, grad_output)


MatMul4Bit.backward = staticmethod(backward)

GOLDEN = HERE.parent
OUT = GOLDEN / "quant"
LINEARS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


def without_init(package):
    """Lets a package's files be imported without what its own __init__ pulls in."""
    if package in sys.modules:
        return
    out = types.ModuleType(package)
    out.__path__ = [str(Path(importlib.util.find_spec(package).origin).parent)]
    sys.modules[package] = out


def companions(source, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name in ["tokenizer.json", "tokenizer_config.json"]:
        shutil.copy(GOLDEN / "models" / source / name, folder / name)


def config_of(source, **more):
    config = json.loads((GOLDEN / "models" / source / "config.json").read_text())
    return config | more


def write(folder, source, tensors, config):
    companions(source, folder)
    save_file({k: v.contiguous() for k, v in tensors.items()}, folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n")


def digest(values):
    """What a matrix is worth: the hash of its f32 bytes, and a few numbers for whoever looks for a difference."""
    flat = values.detach().float().contiguous().numpy().astype("<f4").reshape(-1)
    return dict(sha256=hashlib.sha256(flat.tobytes()).hexdigest(), first=[float(f"{x:.9g}") for x in flat[:4]])


# ---- bitsandbytes ------------------------------------------------------------------------------------------------------------------

def bnb_folder(name, source, dtype, **quantization):
    folder = OUT / name
    model = AutoModelForCausalLM.from_pretrained(
        GOLDEN / "models" / source, torch_dtype=dtype, device_map={"": "cpu"}, quantization_config=BitsAndBytesConfig(**quantization)
    )
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    (folder / "generation_config.json").unlink(missing_ok=True)
    companions(source, folder)
    values = {}
    for path, layer in model.named_modules():
        kind = type(layer).__name__
        if kind == "Linear4bit":
            state = copy.copy(layer.weight.quant_state)
            state.dtype = torch.float32
            # FP4's second zero is -0 in the kernel's own table, 0 in the one that is stored
            values[path] = digest(bnb.dequantize_4bit(layer.weight.data, state) + 0.0)
        elif kind == "Linear8bitLt":
            values[path] = digest(bnb.int8_vectorwise_dequant(layer.weight.CB, layer.weight.SCB))
    return values


def bnb_parts():
    """Bytes of bitsandbytes' own quantizer, for ours to give again."""
    torch.manual_seed(0)
    weight = (torch.randn(41, 53) * 0.02).contiguous()
    out = {"weight": weight}
    for kind in ["nf4", "fp4"]:
        for nested in [False, True]:
            codes, state = bnb.quantize_4bit(weight, blocksize=64, compress_statistics=nested, quant_type=kind)
            at = f"{kind}{'-nested' if nested else ''}"
            out[f"{at}.codes"] = codes.flatten()
            out[f"{at}.values"] = bnb.dequantize_4bit(codes, state)
            if nested:
                out[f"{at}.absmax"] = state.absmax
                out[f"{at}.nested_absmax"] = state.state2.absmax
                out[f"{at}.map"] = state.state2.code
    codes, scales, _ = bnb.int8_vectorwise_quant(weight.half())
    out |= {"int8.weight": weight.half(), "int8.codes": codes, "int8.scales": scales, "int8.values": bnb.int8_vectorwise_dequant(codes, scales)}
    save_file({k: v.contiguous() for k, v in out.items()}, OUT / "bnb.safetensors")


# ---- GPTQ and AWQ ------------------------------------------------------------------------------------------------------------------

def grid(weight, group, order, symmetric):
    """Round-to-nearest scales and zero points per group, [out, groups]."""
    groups = max(order) + 1
    scales, zeros = [], []
    for g in range(groups):
        part = weight[:, torch.tensor(order) == g]
        if symmetric:
            scale = part.abs().amax(1) / 7.5
            zero = torch.full_like(scale, 8)
        else:
            low, high = part.amin(1).clamp(max=0), part.amax(1).clamp(min=0)
            scale = (high - low) / 15
            zero = torch.round(-low / scale).clamp(1, 15)
        scales.append(scale.half().float())
        zeros.append(zero)
    return torch.stack(scales, 1), torch.stack(zeros, 1)


def gptq_folder(name, config, plain, group, desc_act, symmetric):
    without_init("auto_gptq")
    from auto_gptq.nn_modules.qlinear.qlinear_cuda import QuantLinear

    tensors, dense, values = {}, {}, {}
    generator = torch.Generator().manual_seed(1)
    for key, weight in plain.items():
        path = key.removesuffix(".weight")
        if path.split(".")[-1] not in LINEARS or not key.endswith(".weight"):
            tensors[key], dense[key] = weight.half(), weight.half().float()
            continue
        n_out, n_in = weight.shape
        order = [i // group for i in range(n_in)]
        if desc_act:
            order = [order[i] for i in torch.randperm(n_in, generator=generator).tolist()]
        scales, zeros = grid(weight, group, order, symmetric)
        linear = torch.nn.Linear(n_in, n_out, bias=False)
        index = torch.tensor(order)
        # on the grid's range, so that nothing overflows its four bits
        q = torch.round(weight / scales[:, index] + zeros[:, index]).clamp(0, 15)
        linear.weight.data = (q - zeros[:, index]) * scales[:, index]
        layer = QuantLinear(4, group, n_in, n_out, False, weight_dtype=torch.float32)
        layer.pack(linear, scales.clone(), zeros.clone(), index.to(torch.int32))
        tensors |= {f"{path}.qweight": layer.qweight, f"{path}.qzeros": layer.qzeros, f"{path}.scales": layer.scales.half(),
                    f"{path}.g_idx": index.to(torch.int32)}
        layer.scales = layer.scales.float()
        dense[key] = layer(torch.eye(n_in)).t().contiguous()  # its own forward pass on the unit vectors
        assert torch.equal(dense[key], linear.weight.data)
        values[path] = digest(dense[key])
    config = config | dict(torch_dtype="float16", quantization_config=dict(
        bits=4, group_size=group, desc_act=desc_act, sym=symmetric, quant_method="gptq", checkpoint_format="gptq", damp_percent=0.01))
    write(OUT / name, "llama", tensors, config)
    return values, dense


def awq_folder(name, config, plain, group):
    without_init("awq")
    from awq.modules.linear.gemm import WQLinear_GEMM
    from awq.utils.packing_utils import dequantize_gemm

    tensors, dense, values = {}, {}, {}
    for key, weight in plain.items():
        path = key.removesuffix(".weight")
        if path.split(".")[-1] not in LINEARS or not key.endswith(".weight"):
            tensors[key], dense[key] = weight.half(), weight.half().float()
            continue
        n_out, n_in = weight.shape
        scales, zeros = grid(weight, group, [i // group for i in range(n_in)], False)
        linear = torch.nn.Linear(n_in, n_out, bias=False)
        index = torch.arange(n_in) // group
        q = torch.round(weight / scales[:, index] + zeros[:, index]).clamp(0, 15)
        linear.weight.data = (q - zeros[:, index]) * scales[:, index]
        layer = WQLinear_GEMM.from_linear(linear, 4, group, False, scales.t().contiguous(), zeros.t().contiguous())
        tensors |= {f"{path}.qweight": layer.qweight, f"{path}.qzeros": layer.qzeros, f"{path}.scales": layer.scales}
        dense[key] = dequantize_gemm(layer.qweight, layer.qzeros, layer.scales.float(), 4, group).t().contiguous()
        assert torch.equal(dense[key], linear.weight.data)
        values[path] = digest(dense[key])
    config = config | dict(torch_dtype="float16", quantization_config=dict(
        bits=4, group_size=group, zero_point=True, version="gemm", quant_method="awq", modules_to_not_convert=None))
    write(OUT / name, "llama", tensors, config)
    return values, dense


# ---- GGUF --------------------------------------------------------------------------------------------------------------------------

Q = gguf.GGMLQuantizationType
CODINGS = [Q.Q4_0, Q.Q4_1, Q.Q5_0, Q.Q5_1, Q.Q8_0, Q.Q2_K, Q.Q3_K, Q.Q4_K, Q.Q5_K, Q.Q6_K]
# where in a block its f16 factors lie, and what makes the values small and centred
FACTORS = {Q.Q2_K: ((80, 1.0), (82, 1.5)), Q.Q3_K: ((108, 1.0),), Q.Q4_K: ((0, 1.0), (2, 7.5)), Q.Q5_K: ((0, 1.0), (2, 15.5)),
           Q.Q6_K: ((208, 1.0),)}


def random_blocks(rng, rows, columns, coding, size):
    """Any bytes are a block: random ones with factors that make weights of about `size`."""
    values, width = gguf.GGML_QUANT_SIZES[coding]
    blocks = rng.integers(0, 256, (rows * columns // values, width), dtype=np.uint8)
    if coding in (Q.Q4_K, Q.Q5_K):
        # each minimum is its scale, so that the values lie around zero
        s = rng.integers(16, 64, (len(blocks), 8)).astype(np.uint8)
        blocks[:, 4:8] = (s[:, :4] & 63) | (s[:, 4:] >> 4 << 6)
        blocks[:, 8:12] = blocks[:, 4:8]
        blocks[:, 12:16] = (s[:, 4:] & 15) | (s[:, 4:] & 15) << 4
    if coding == Q.Q2_K:
        s = rng.integers(1, 16, (len(blocks), 16)).astype(np.uint8)
        blocks[:, :16] = s | s << 4
    for _ in range(2):
        factor = np.abs(rng.normal(1, 0.1, len(blocks))) * size
        for at, times in FACTORS[coding]:
            blocks[:, at:at + 2] = (factor * times).astype(np.float16).view(np.uint8).reshape(-1, 2)
        got = gguf.dequantize(blocks.reshape(-1), coding).std()
        size *= size / got if _ == 0 else 1
    return blocks.reshape(rows, columns // values * width)


def gguf_parts():
    """Blocks of every coding, and what gguf-py says they are worth."""
    rng = np.random.default_rng(2)
    out = {}
    for coding in CODINGS:
        if coding in FACTORS:
            data = random_blocks(rng, 2, 512, coding, 0.05)
        else:
            data = gguf.quantize(rng.normal(0, 0.05, (2, 512)).astype(np.float32), coding)
        out[f"{coding.name.lower()}.bytes"] = torch.from_numpy(data.reshape(-1).copy())
        out[f"{coding.name.lower()}.values"] = torch.from_numpy(gguf.dequantize(data, coding).reshape(2, 512).copy())
    save_file(out, OUT / "gguf.safetensors")


NAMES = {"input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
         "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
         "mlp.down_proj": "ffn_down"}


def gguf_name(key):
    if key.startswith("model.layers."):
        _, _, layer, rest = key.split(".", 3)
        stem, kind = rest.rsplit(".", 1)
        return f"blk.{layer}.{NAMES[stem]}.{kind}"
    return {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight", "lm_head.weight": "output.weight"}[key]


def turned(weight, heads):
    """llama.cpp keeps Llama's q and k with the two halves of a head's rotation side by side."""
    return weight.reshape(heads, 2, weight.shape[0] // heads // 2, -1).swapaxes(1, 2).reshape(weight.shape)


def gguf_folder(name, source, config, weights, coding_of):
    folder = OUT / name
    shutil.rmtree(folder, ignore_errors=True)
    companions(source, folder)
    arch = config["model_type"]
    writer = gguf.GGUFWriter(folder / "model.gguf", arch)
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_freq_base(config["rope_theta"])
    writer.add_vocab_size(config["vocab_size"])
    tokens = json.loads((folder / "tokenizer.json").read_text())
    names = sorted(tokens["model"]["vocab"] | {t["content"]: t["id"] for t in tokens["added_tokens"]}, key=lambda t: 0)
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(names[: config["vocab_size"]])
    writer.add_token_merges([m if isinstance(m, str) else " ".join(m) for m in tokens["model"]["merges"]])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    rng = np.random.default_rng(4)
    for key, weight in weights.items():
        coding = coding_of(key, weight)
        if coding in FACTORS:
            data = random_blocks(rng, *weight.shape, coding, float(weight.std()))
            weights[key] = weight = torch.from_numpy(gguf.dequantize(data, coding).reshape(weight.shape).copy())
        heads = {"q_proj": config["num_attention_heads"], "k_proj": config["num_key_value_heads"]}.get(key.split(".")[-2])
        if arch == "llama" and heads and coding in FACTORS:
            width = data.shape[1]  # rows of blocks turn as rows of values do
            data = turned(torch.from_numpy(data), heads).numpy().reshape(-1, width)
        elif arch == "llama" and heads:
            weight = turned(weight, heads)
        if coding not in FACTORS:
            data = gguf.quantize(weight.numpy(), coding) if coding != Q.F32 else weight.numpy()
        writer.add_tensor(gguf_name(key), data, raw_dtype=coding)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    # what transformers makes of the file
    model = AutoModelForCausalLM.from_pretrained(folder, gguf_file="model.gguf", torch_dtype=torch.float32)
    dense = {k: v for k, v in model.state_dict().items() if not (k == "lm_head.weight" and config["tie_word_embeddings"])}
    values = {k.removesuffix(".weight"): digest(v) for k, v in dense.items() if v.dim() == 2}
    return values, dense


def mixed(key, weight):
    if weight.dim() == 1:
        return Q.F32
    kind = key.split(".")[-2]
    return dict(q_proj=Q.Q4_K, k_proj=Q.Q5_K, v_proj=Q.Q6_K, o_proj=Q.Q4_K, gate_proj=Q.Q3_K, up_proj=Q.Q2_K, down_proj=Q.Q6_K,
                embed_tokens=Q.Q6_K, lm_head=Q.Q4_K)[kind]


def simple(key, weight):
    if weight.dim() == 1:
        return Q.F32
    kind = key.split(".")[-2]
    return dict(q_proj=Q.Q4_0, k_proj=Q.Q4_1, v_proj=Q.Q5_0, o_proj=Q.Q5_1, gate_proj=Q.Q8_0, up_proj=Q.BF16, down_proj=Q.F16,
                embed_tokens=Q.Q8_0)[kind]


def model_of(name, source, **size):
    """A random model of a size that the format can hold, and an adapter for it beside the folders."""
    config = config_of(source, **size)
    torch.manual_seed(5)
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model(**config), torch_dtype=torch.float32)
    for p in model.parameters():
        torch.nn.init.normal_(p, 1 if p.dim() == 1 else 0, 0.05)
    weights = {k: v.clone() for k, v in model.state_dict().items() if not (k == "lm_head.weight" and config["tie_word_embeddings"])}
    peft = get_peft_model(model, LoraConfig(r=4, lora_alpha=8, lora_dropout=0.0, target_modules=LINEARS, task_type="CAUSAL_LM"))
    folder = OUT / f"{name}-adapter"
    shutil.rmtree(folder, ignore_errors=True)
    peft.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    saved = json.loads((folder / "adapter_config.json").read_text())
    saved["target_modules"] = sorted(saved["target_modules"])
    saved["base_model_name_or_path"] = ""
    (folder / "adapter_config.json").write_text(json.dumps(saved, indent=2, sort_keys=True) + "\n")
    return config, weights


# ---- training ----------------------------------------------------------------------------------------------------------------------

class Record(curves.Record):
    """What is logged, and how far the adapter moved."""

    def adapter(self, model):
        return {n.replace(".default.", "."): p.detach().double().flatten().clone() for n, p in model.named_parameters() if p.requires_grad}

    def on_train_begin(self, args, state, control, model=None, **kwargs):
        self.start = self.adapter(model)

    def on_train_end(self, args, state, control, model=None, **kwargs):
        self.change = {}
        for name, end in self.adapter(model).items():
            moved = end - self.start[name]
            probe = (moved * torch.cos(0.1 * torch.arange(len(moved), dtype=torch.float64))).sum()
            self.change[name] = [float(f"{x:.8g}") for x in (moved.norm().item(), probe.item())]


def run(case):
    record = Record()
    with tempfile.TemporaryDirectory() as out:
        run_exp({**case, "output_dir": out, "eval_on_start": True, "disable_tqdm": True, "save_strategy": "no"}, callbacks=[record])
    assert len(record.train) >= 6 and record.change, len(record.train)
    return dict(train=record.train, eval=record.eval, change=record.change)


def main():
    torch.set_num_threads(1)
    curves.warnings.simplefilter("ignore")
    curves.logging.disable(curves.logging.WARNING)
    curves.os.chdir(GOLDEN)
    OUT.mkdir(exist_ok=True)
    four = dict(load_in_4bit=True, bnb_4bit_compute_dtype=torch.float32)
    values, dense = {}, {}
    values["llama-nf4"] = bnb_folder("llama-nf4", "llama", torch.float32, **four, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True)
    values["llama-fp4"] = bnb_folder("llama-fp4", "llama", torch.float32, **four, bnb_4bit_quant_type="fp4")
    values["qwen2-nf4-bf16"] = bnb_folder("qwen2-nf4-bf16", "qwen2", torch.bfloat16, **four, bnb_4bit_quant_type="nf4",
                                          bnb_4bit_use_double_quant=True)
    values["llama-int8"] = bnb_folder("llama-int8", "llama", torch.float16, load_in_8bit=True)
    bnb_parts()
    sizes = {}
    size = dict(hidden_size=64, intermediate_size=96, head_dim=16, tie_word_embeddings=True)
    sizes["llama-gptq"], weights = model_of("llama-gptq", "llama", **size)
    values["llama-gptq"], dense["llama-gptq"] = gptq_folder("llama-gptq", sizes["llama-gptq"], weights, 32, False, True)
    sizes["llama-awq"] = sizes["llama-gptq"]
    values["llama-awq"], dense["llama-awq"] = awq_folder("llama-awq", sizes["llama-awq"], weights, 32)
    sizes["qwen2-gptq-order"], weights = model_of("qwen2-gptq-order", "qwen2", **size)
    values["qwen2-gptq-order"], dense["qwen2-gptq-order"] = gptq_folder("qwen2-gptq-order", sizes["qwen2-gptq-order"], weights, 32, True, False)
    gguf_parts()
    # K blocks hold 256 values
    sizes["llama-gguf-k"], weights = model_of(
        "llama-gguf-k", "llama", hidden_size=256, intermediate_size=256, num_hidden_layers=1, head_dim=64, tie_word_embeddings=False)
    values["llama-gguf-k"], dense["llama-gguf-k"] = gguf_folder("llama-gguf-k", "llama", sizes["llama-gguf-k"], weights, mixed)
    qwen2 = config_of("qwen2")
    values["qwen2-gguf"], dense["qwen2-gguf"] = gguf_folder(
        "qwen2-gguf", "qwen2", qwen2, load_file(GOLDEN / "models/qwen2/model.safetensors"), simple)
    (OUT / "values.json").write_text(json.dumps(values, indent=0) + "\n")

    sigmoid, simpo = dict(pref_loss="sigmoid", pref_beta=0.1), dict(pref_loss="simpo", pref_beta=2.0, simpo_gamma=0.5)
    folder = lambda name: dict(model_name_or_path=f"quant/{name}")  # noqa: E731
    adapter = lambda name: dict(adapter_name_or_path=f"quant/{name}-adapter")  # noqa: E731
    # proves, config, the folder whose dequantized values PyTorch trains on (where the library itself cannot)
    cases = {
        "nf4-sft": ("NF4 checkpoint, sft", "llama", "sft", folder("llama-nf4"), None),
        "nf4-dpo": ("NF4 checkpoint, dpo", "llama", "dpo", folder("llama-nf4") | sigmoid | dict(quantization_bit=4), None),
        "nf4-bf16-simpo": ("NF4 checkpoint of a bf16 model, simpo", "qwen2", "dpo",
                           folder("qwen2-nf4-bf16") | simpo, None),
        "fp4-dpo": ("FP4 checkpoint, dpo", "llama", "dpo", folder("llama-fp4") | sigmoid, None),
        "bit4-sft": ("quantization_bit 4, sft", "qwen2", "sft", dict(quantization_bit=4), None),
        "bit4-dpo": ("quantization_bit 4, dpo", "llama", "dpo", sigmoid | dict(quantization_bit=4), None),
        "bit4-fp4-single": ("quantization_bit 4, fp4, single", "llama", "dpo",
                            sigmoid | dict(quantization_bit=4, quantization_type="fp4", double_quantization=False), None),
        "gptq-dpo": ("GPTQ, dpo", "llama", "dpo", folder("llama-gptq") | adapter("llama-gptq") | sigmoid, "llama-gptq"),
        "gptq-order-sft": ("GPTQ with desc_act, sft", "qwen2", "sft", folder("qwen2-gptq-order") | adapter("qwen2-gptq-order"), "qwen2-gptq-order"),
        "awq-dpo": ("AWQ, dpo", "llama", "dpo", folder("llama-awq") | adapter("llama-gptq") | sigmoid, "llama-awq"),
        "gguf-k-sft": ("GGUF K blocks, sft", "llama", "sft", folder("llama-gguf-k") | adapter("llama-gguf-k"), "llama-gguf-k"),
        "gguf-k-dpo": ("GGUF K blocks, dpo", "llama", "dpo", folder("llama-gguf-k") | adapter("llama-gguf-k") | sigmoid, "llama-gguf-k"),
        "gguf-dpo": ("GGUF simple blocks, dpo", "qwen2", "dpo", folder("qwen2-gguf") | sigmoid, "qwen2-gguf"),
        "int8-sft": ("8-bit checkpoint, weight only, sft", "llama", "sft", folder("llama-int8"), "llama-int8"),
        "bit8-dpo": ("quantization_bit 8, weight only, dpo", "llama", "dpo", sigmoid | dict(quantization_bit=8), "bit8"),
    }
    plain = load_file(GOLDEN / "models/llama/model.safetensors")
    stored = load_file(OUT / "llama-int8/model.safetensors")
    dense["llama-int8"], dense["bit8"] = {}, {}
    for key, weight in plain.items():
        scales = stored.get(key.replace(".weight", ".SCB"))
        if scales is None:
            dense["llama-int8"][key], dense["bit8"][key] = stored[key].float(), weight
        else:
            dense["llama-int8"][key] = bnb.int8_vectorwise_dequant(stored[key], scales)
            codes, scales, _ = bnb.int8_vectorwise_quant(weight)
            dense["bit8"][key] = bnb.int8_vectorwise_dequant(codes, scales)

    file = HERE / "quant.json"
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    got = json.loads(file.read_text())["cases"] if file.exists() and wanted else {}
    for name, (proves, model, stage, more, dequantized) in cases.items():
        if wanted not in name:
            continue
        case = curves.config(model, "lora", stage) | more
        with tempfile.TemporaryDirectory() as beside:
            theirs = dict(case)
            why = "LLaMA-Factory on bitsandbytes' CPU backend"
            if dequantized:
                write(Path(beside), model, dense[dequantized], sizes.get(dequantized) or config_of(model))
                theirs |= dict(model_name_or_path=beside)
                theirs.pop("quantization_bit", None)
                why = "LLaMA-Factory in f32 on what the format's own library dequantizes"
            result = run(theirs)
        got[name] = dict(proves=proves, why=why, config=case) | result
        rows = got[name]["train"]
        print(f"{name:18} {len(rows)} steps, loss {rows[0]['loss']:.6f} -> {rows[-1]['loss']:.6f}", flush=True)
    text = json.dumps(dict(library="LLaMA-Factory 0.9.3", cases=got), separators=(",", ":"))
    file.write_text(text.replace('{"step"', '\n{"step"').replace('},"', '},\n"') + "\n")
    print(file.stat().st_size, "bytes;", sum(f.stat().st_size for f in OUT.rglob("*") if f.is_file()), "bytes of folders")


if __name__ == "__main__":
    main()
