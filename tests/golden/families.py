# Writes tiny random model folders with transformers, and the logits and gradients a trainer must reproduce from them.
"""python families.py            (venv: requirements-transformers.txt; format: families/README.md)
python families.py --dump DIR  also writes every gradient in full, as safetensors, to DIR
"""

import argparse
import json
import shutil
from copy import deepcopy
from pathlib import Path

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import save_file
from transformers import (
    AutoModelForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
    Qwen3Config,
    Qwen3ForCausalLM,
)

HERE = Path(__file__).parent / "families"
VOCAB = 48
PROMPT = [1, 17, 5, 30, 9, 44]
CHOSEN = [12, 3, 3, 40, 21, 8, 33, 27, 2]
REJECTED = [25, 11, 47, 2]
SEQUENCES = [PROMPT + CHOSEN, PROMPT + REJECTED]
WEIGHTS = [1.0, -0.7]  # loss = sum_i WEIGHTS[i] * logp(response of SEQUENCES[i])
LINEARS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]

SIZE = dict(
    vocab_size=VOCAB, hidden_size=32, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4,
    max_position_embeddings=64, bos_token_id=1, eos_token_id=2, pad_token_id=0,
)
GQA = dict(num_key_value_heads=2)
TIED = dict(tie_word_embeddings=True)
UNTIED = dict(tie_word_embeddings=False)


def rope(kind, theta=10000.0, **more):
    return dict(rope_parameters=dict(rope_type=kind, rope_theta=theta, **more))


LLAMA3 = rope("llama3", 500.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=32)
LINEAR = rope("linear", factor=2.5)

# folder: (config class, model class, config, stored dtype, config style, shard size, folder of the adapter)
LLAMA = (LlamaConfig, LlamaForCausalLM)
MISTRAL = (MistralConfig, MistralForCausalLM)
QWEN2 = (Qwen2Config, Qwen2ForCausalLM)
QWEN3 = (Qwen3Config, Qwen3ForCausalLM)
MISTRAL_CONFIG = SIZE | GQA | UNTIED | rope("default") | dict(sliding_window=5, head_dim=8)
QWEN2_CONFIG = SIZE | GQA | TIED | rope("default", 1e6)
QWEN3_CONFIG = SIZE | GQA | UNTIED | rope("default", 1e6) | dict(head_dim=16)
FAMILIES = {
    "llama-mha": (*LLAMA, SIZE | UNTIED | rope("default") | dict(num_key_value_heads=4), "float32", "v5", None, "llama-mha"),
    "llama-gqa-tied": (*LLAMA, SIZE | GQA | TIED | rope("default"), "float32", "v5", None, "llama-gqa-tied"),
    "llama-rope-llama3": (*LLAMA, SIZE | GQA | TIED | LLAMA3, "float32", "v4", None, "llama-gqa-tied"),
    "llama-rope-llama3-bf16-sharded": (*LLAMA, SIZE | GQA | TIED | LLAMA3, "bfloat16", "v5", "12KB", "llama-gqa-tied"),
    "llama-rope-linear": (*LLAMA, SIZE | GQA | TIED | LINEAR, "float32", "v4", None, "llama-gqa-tied"),
    "llama-rope-linear-f16": (*LLAMA, SIZE | GQA | TIED | LINEAR, "float16", "v5", None, "llama-gqa-tied"),
    "mistral": (*MISTRAL, MISTRAL_CONFIG, "float32", "v5", None, "mistral"),
    "mistral-bf16": (*MISTRAL, MISTRAL_CONFIG, "bfloat16", "v4", None, "mistral"),
    "mistral-f16": (*MISTRAL, MISTRAL_CONFIG | dict(sliding_window=None), "float16", "v4", None, "mistral"),
    "qwen2": (*QWEN2, QWEN2_CONFIG, "float32", "v5", None, "qwen2"),
    "qwen2-bf16": (*QWEN2, QWEN2_CONFIG, "bfloat16", "v4", None, "qwen2"),
    "qwen2-f16": (*QWEN2, QWEN2_CONFIG, "float16", "v4", None, "qwen2"),
    "qwen3": (*QWEN3, QWEN3_CONFIG, "float32", "v5", None, "qwen3"),
    "qwen3-bf16": (*QWEN3, QWEN3_CONFIG, "bfloat16", "v4", None, "qwen3"),
    "qwen3-f16": (*QWEN3, QWEN3_CONFIG, "float16", "v5", None, "qwen3"),
}


def randomise(model, seed):
    """Weights large enough that attention is far from uniform, biases and norms far from 0 and 1."""
    g = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in model.named_parameters():
            noise = torch.randn(p.shape, generator=g)
            if name.endswith("norm.weight"):
                p.copy_(1 + 0.3 * noise)
            elif p.dim() == 1:
                p.copy_(0.4 * noise)
            elif "embed" in name:
                p.copy_(0.3 * noise)
            else:
                p.copy_(1.2 * noise / p.shape[1] ** 0.5)


def to_v4(path, style):
    """Rewrites config.json with the keys transformers 4 wrote, which is what most published folders hold."""
    file = path / "config.json"
    config = json.loads(file.read_text())
    if style == "v4":
        parameters = config.pop("rope_parameters")
        config["rope_theta"] = parameters.pop("rope_theta")
        kind = parameters.pop("rope_type")
        name = "type" if kind == "linear" else "rope_type"  # both spellings are in use
        config["rope_scaling"] = None if kind == "default" else {name: kind, **parameters}
        config["torch_dtype"] = config.pop("dtype")
        config.pop("layer_types", None)
        config["transformers_version"] = "4.51.3"
        if config["model_type"] in ("qwen2", "qwen3"):  # set but not used, as in the published configs
            config.update(use_sliding_window=False, sliding_window=4, max_window_layers=1)
    file.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")


def number(x):
    return float(f"{float(x):.7g}")


def digest(t):
    """Enough of a gradient to tell any other from it: its norm, 8 values, 3 dot products."""
    flat = t.detach().double().flatten()
    n = flat.numel()
    i = torch.arange(n, dtype=torch.float64)
    return dict(
        norm=number(flat.norm()),
        values=[number(flat[k * n // 8]) for k in range(8)],
        projections=[number(flat @ torch.cos(0.7 * (k + 1) * i + k)) for k in range(3)],
    )


def measure(model):
    """Logits of both sequences, response log-probs, loss; gradients are left on the parameters."""
    logits, logps = [], []
    for ids in SEQUENCES:
        out = model(input_ids=torch.tensor([ids]), use_cache=False).logits[0]
        assert out.dtype == torch.float32
        logits.append(out)
        rows = torch.arange(len(PROMPT) - 1, len(ids) - 1)
        logps.append(out.log_softmax(-1)[rows, torch.tensor(ids)[rows + 1]].sum())
    loss = sum(w * lp for w, lp in zip(WEIGHTS, logps))
    loss.backward()
    return logits, logps, loss


def random_adapter(model, path, seed):
    config = LoraConfig(r=4, lora_alpha=8, lora_dropout=0.0, target_modules=LINEARS, task_type="CAUSAL_LM")
    model = get_peft_model(model, config)
    g = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in model.named_parameters():
            if "lora_" in name:
                p.copy_(0.25 * torch.randn(p.shape, generator=g))
    model.save_pretrained(path)
    (path / "README.md").unlink(missing_ok=True)  # a model card
    file = path / "adapter_config.json"
    config = json.loads(file.read_text())
    config.update(base_model_name_or_path=None, target_modules=LINEARS)
    file.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")


def write(folder, dump):
    config_class, model_class, config, dtype, style, shard, adapter = FAMILIES[folder]
    path = HERE / folder
    shutil.rmtree(path, ignore_errors=True)
    saved = model_class(config_class(**config)).eval()
    randomise(saved, seed=len(config_class.model_type) * 100 + config["num_key_value_heads"])
    stored = deepcopy(saved).to(getattr(torch, dtype))
    stored.config.dtype = dtype
    stored.save_pretrained(path, **(dict(max_shard_size=shard) if shard else {}))
    (path / "generation_config.json").unlink()
    to_v4(path, style)

    def load():
        return AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32, attn_implementation="eager").eval()

    loaded = load()
    with torch.no_grad():  # the folder must say what was saved, in the old keys as in the new
        for p in saved.parameters():
            p.copy_(p.to(getattr(torch, dtype)))
        ids = torch.tensor([SEQUENCES[0]])
        torch.testing.assert_close(loaded(ids).logits, saved(ids).logits, rtol=1e-5, atol=1e-5)

    tensors, expected = {}, dict(
        sequences=SEQUENCES, prompt_tokens=len(PROMPT), weights=WEIGHTS, adapter=f"../{adapter}/adapter"
    )
    if adapter == folder:
        random_adapter(load(), path / "adapter", seed=7)
    for kind, model in [
        ("full", loaded),
        ("lora", PeftModel.from_pretrained(load(), HERE / adapter / "adapter", is_trainable=True)),
    ]:
        logits, logps, loss = measure(model)
        for name, t in zip(["chosen", "rejected"], logits):
            tensors[f"{kind}.{name}"] = t.detach().contiguous()
        grads = {
            n.replace(".default.", "."): p.grad for n, p in model.named_parameters() if p.requires_grad
        }
        assert all(g is not None and g.abs().max() > 0 for n, g in grads.items() if "k_proj.bias" not in n)
        expected[kind] = dict(
            logps=[float(x.detach()) for x in logps],
            loss=float(loss.detach()),
            grad_norm=float(torch.stack([g.double().norm() for g in grads.values()]).norm()),
            grads={n: digest(g) for n, g in grads.items()},
        )
        if dump:
            dump.mkdir(parents=True, exist_ok=True)
            save_file({n: g.contiguous() for n, g in grads.items()}, dump / f"{folder}.{kind}.safetensors")
    save_file(tensors, path / "logits.safetensors")
    (path / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")
    size = sum(f.stat().st_size for f in path.rglob("*") if f.is_file())
    print(f"{folder:32} loss {expected['full']['loss']:9.5f} / {expected['lora']['loss']:9.5f}"
          f"  |g| {expected['full']['grad_norm']:8.4f} / {expected['lora']['grad_norm']:8.4f}  {size / 1000:.0f} kB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--dump", type=Path)
    args = parser.parse_args()
    torch.manual_seed(0)
    for folder in FAMILIES:
        write(folder, args.dump)
