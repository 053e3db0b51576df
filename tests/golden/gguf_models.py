# Writes tiny GGUF files of families whose tensors llama.cpp keeps in another order, under other names or in one, and what they hold.
"""python gguf_models.py   writes quant/*-gguf/model.gguf and quant/gguf-models.json
(venv: requirements-bases.txt)

Random models of transformers, their tensors laid out as llama.cpp's convert_hf_to_gguf.py does it, written by gguf-py. `gguf-models.json` has
what every tensor is worth under its published name. Where transformers reads the architecture from GGUF, its model of the file
gives the same logits as the one of these values."""

import json
import re
import shutil
from pathlib import Path

import gguf
import numpy as np
import torch
from bases import GOLDEN, OUT, digest
from transformers import AutoConfig, AutoModelForCausalLM

Q = gguf.GGMLQuantizationType
BLOCK = {"input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
         "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "self_attn.qkv_proj": "attn_qkv", "mlp.gate_proj": "ffn_gate",
         "mlp.up_proj": "ffn_up", "mlp.gate_up_proj": "ffn_up", "mlp.down_proj": "ffn_down", "self_attn.q_norm": "attn_q_norm",
         "self_attn.k_norm": "attn_k_norm", "mlp.gate": "ffn_gate_inp", "block_sparse_moe.gate": "ffn_gate_inp",
         "mlp.shared_expert_gate": "ffn_gate_inp_shexp", "mlp.shared_expert.gate_proj": "ffn_gate_shexp",
         "mlp.shared_expert.up_proj": "ffn_up_shexp", "mlp.shared_expert.down_proj": "ffn_down_shexp"}
EXPERT = {"gate_proj": "ffn_gate_exps", "up_proj": "ffn_up_exps", "down_proj": "ffn_down_exps",
          "w1": "ffn_gate_exps", "w3": "ffn_up_exps", "w2": "ffn_down_exps"}
# by what a tensor is: widths are whole blocks of 32
CODINGS = {"attn_q": Q.Q4_0, "attn_k": Q.Q5_1, "attn_v": Q.Q8_0, "attn_qkv": Q.Q8_0, "attn_output": Q.F16, "ffn_gate": Q.Q5_0, "ffn_up": Q.Q4_1,
           "ffn_down": Q.Q8_0, "ffn_gate_exps": Q.Q8_0, "ffn_up_exps": Q.Q4_0, "ffn_down_exps": Q.F16, "token_embd": Q.Q8_0,
           "output": Q.Q8_0, "ffn_gate_shexp": Q.Q4_0, "ffn_up_shexp": Q.F16, "ffn_down_shexp": Q.Q8_0}

def turned(weight, heads):
    """The two halves of a head's rotation side by side."""
    return weight.reshape(heads, 2, weight.shape[0] // heads // 2, *weight.shape[1:]).swapaxes(1, 2).reshape(weight.shape)


def published(config, state):
    """Experts apart, under the names that checkpoints have."""
    out = {}
    mixtral = config["model_type"] == "mixtral"
    for key, weight in state.items():
        found = re.fullmatch(r"(model\.layers\.\d+\.mlp\.experts)\.(gate_up_proj|down_proj)", key)
        if key == "lm_head.weight" and config["tie_word_embeddings"]:
            continue
        if not found:
            out[key.replace(".mlp.", ".block_sparse_moe.") if mixtral else key] = weight
            continue
        stem = found[1].replace(".mlp.", ".block_sparse_moe.") if mixtral else found[1]
        names = dict(gate_proj="w1", up_proj="w3", down_proj="w2") if mixtral else {}
        for i, expert in enumerate(weight):
            parts = dict(down_proj=expert) if found[2] == "down_proj" else dict(zip(["gate_proj", "up_proj"], expert.chunk(2)))
            for name, part in parts.items():
                out[f"{stem}.{i}.{names.get(name, name)}.weight"] = part
    return out


def joined(config, tensors):
    """As transformers keeps them: `published` the other way round."""
    out, experts = {}, {}
    for key, weight in tensors.items():
        key = key.replace(".block_sparse_moe.", ".mlp.")
        found = re.fullmatch(r"(.*\.experts)\.(\d+)\.(\w+)\.weight", key)
        if found:
            kind = {"w1": "gate_proj", "w3": "up_proj", "w2": "down_proj"}.get(found[3], found[3])
            experts.setdefault(found[1], {}).setdefault(kind, {})[int(found[2])] = weight
        else:
            out[key] = weight
    for stem, kinds in experts.items():
        stack = {kind: torch.stack([parts[i] for i in sorted(parts)]) for kind, parts in kinds.items()}
        out[f"{stem}.gate_up_proj"] = torch.cat([stack["gate_proj"], stack["up_proj"]], 1)
        out[f"{stem}.down_proj"] = stack["down_proj"]
    if config["tie_word_embeddings"]:
        out["lm_head.weight"] = out["model.embed_tokens.weight"]
    return out


def place(key):
    """llama.cpp's name of a tensor, and the number of an expert."""
    fixed = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight", "lm_head.weight": "output.weight",
             "lm_head.bias": "output.bias", "model.norm.bias": "output_norm.bias"}
    if key in fixed:
        return fixed[key], None
    layer, rest = re.fullmatch(r"model\.layers\.(\d+)\.(.*)", key).groups()
    found = re.fullmatch(r"(?:mlp|block_sparse_moe)\.experts\.(\d+)\.(\w+)\.weight", rest)
    if found:
        return f"blk.{layer}.{EXPERT[found[2]]}.weight", int(found[1])
    module, kind = rest.rsplit(".", 1)
    return f"blk.{layer}.{BLOCK[module]}.{kind}", None


def write(name, arch, config, metadata, permuted=False, one_more=False, compared=True):
    torch.manual_seed(11)
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model(**config), dtype=torch.float32, attn_implementation="eager")
    for p in model.parameters():
        torch.nn.init.normal_(p, 1 if p.dim() == 1 and not one_more else 0, 0.1)
    weights = published(config, model.state_dict())
    folder = OUT / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for file in ["tokenizer.json", "tokenizer_config.json"]:
        shutil.copy(GOLDEN / "models/llama" / file, folder / file)
    writer = gguf.GGUFWriter(folder / "model.gguf", arch)
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_vocab_size(config["vocab_size"])
    metadata(writer, config)
    tokens = json.loads((folder / "tokenizer.json").read_text())
    vocabulary = sorted(tokens["model"]["vocab"] | {t["content"]: t["id"] for t in tokens["added_tokens"]}, key=lambda t: 0)
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(vocabulary[: config["vocab_size"]])
    writer.add_token_merges([m if isinstance(m, str) else " ".join(m) for m in tokens["model"]["merges"]])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_pad_token_id(3)
    worth, experts = {}, {}
    for key, weight in weights.items():
        theirs, expert = place(key)
        module = theirs.split(".")[-2]
        coding = Q.F32 if weight.dim() == 1 or "gate_inp" in module else CODINGS[module]
        if weight.shape[-1] % 32:
            coding = Q.F16 if coding != Q.F32 else coding
        heads = {"attn_q": config["num_attention_heads"], "attn_k": config["num_key_value_heads"]}.get(module) if permuted else None
        data = weight.numpy() + (1 if one_more and module.endswith("norm") else 0)
        data = data.astype(np.float32)
        data = turned(torch.from_numpy(data), heads).numpy() if heads else data
        packed = gguf.quantize(data, coding) if coding != Q.F32 else data
        back = torch.from_numpy(np.array(gguf.dequantize(packed, coding) if coding != Q.F32 else packed)).float().reshape(weight.shape)
        if heads:  # put back
            back = back.reshape(heads, weight.shape[0] // heads // 2, 2, *weight.shape[1:]).swapaxes(1, 2).reshape(weight.shape)
        worth[key] = (back - 1 if one_more and module.endswith("norm") else back).contiguous()
        if expert is None:
            # as squeezed as llama.cpp's converter leaves them
            writer.add_tensor(theirs, packed.squeeze() if "shexp" in module and 1 in packed.shape else packed, raw_dtype=coding)
        else:
            experts.setdefault(theirs, (coding, {}))[1][expert] = packed
    for theirs, (coding, parts) in experts.items():
        writer.add_tensor(theirs, np.stack([parts[i] for i in sorted(parts)]), raw_dtype=coding)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    values = {key: digest(value + 0.0) for key, value in worth.items()}  # 0 and -0 are the same weight
    if not compared:
        return values
    model.load_state_dict(joined(config, worth))
    ids = torch.arange(3, 40)[None]
    model.eval()
    try:
        theirs = AutoModelForCausalLM.from_pretrained(folder, gguf_file="model.gguf", dtype=torch.float32).eval()
    except (ValueError, KeyError) as why:
        print(f"{name}: transformers does not read it ({str(why)[:90]})")
    else:
        with torch.no_grad():
            off = (model(ids).logits - theirs(ids).logits).abs().max().item()
        assert off < 1e-4, (name, off)
        print(f"{name}: transformers' logits are {off:.1e} apart")
    return values


def rms(writer, config):
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_rope_freq_base(config["rope_theta"])


def with_experts(writer, config):
    rms(writer, config)
    writer.add_expert_count(config.get("num_experts") or config["num_local_experts"])
    writer.add_expert_used_count(config["num_experts_per_tok"])
    if "moe_intermediate_size" in config:
        writer.add_expert_feed_forward_length(config["moe_intermediate_size"])
    if "shared_expert_intermediate_size" in config:
        writer.add_expert_shared_feed_forward_length(config["shared_expert_intermediate_size"])


SIZE = dict(vocab_size=352, hidden_size=32, intermediate_size=64, num_hidden_layers=1, num_attention_heads=4, num_key_value_heads=2,
            max_position_embeddings=512, rms_norm_eps=1e-5, rope_theta=10000.0, bos_token_id=1, eos_token_id=2, pad_token_id=3,
            tie_word_embeddings=True)
FAMILIES = {
    "phi3-gguf": ("phi3", dict(model_type="phi3", tie_word_embeddings=False, sliding_window=None), rms, {}),
    "mixtral-gguf": ("llama", dict(model_type="mixtral", num_local_experts=4, num_experts_per_tok=2, sliding_window=None), with_experts,
                     dict(permuted=True, compared=False)),  # transformers takes it for a Llama without experts
    "qwen2moe-gguf": ("qwen2moe", dict(model_type="qwen2_moe", num_experts=4, num_experts_per_tok=2, moe_intermediate_size=32,
                                       shared_expert_intermediate_size=64, norm_topk_prob=False, decoder_sparse_step=1, mlp_only_layers=[]),
                      with_experts, dict(compared=False)),  # nor does it read the experts' widths
}


def main():
    torch.set_num_threads(1)
    values = {}
    for name, (arch, more, metadata, layout) in FAMILIES.items():
        values[name] = write(name, arch, SIZE | more, metadata, **layout)
    (OUT / "gguf-models.json").write_text(json.dumps(values, indent=0) + "\n")


if __name__ == "__main__":
    main()
