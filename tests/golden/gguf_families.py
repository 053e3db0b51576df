# Writes a GGUF file of every tiny family that llama.cpp has, by llama.cpp's own converter.
"""python gguf_families.py LLAMA_CPP [NAME ...]   writes gguf/*.gguf
(venv: requirements-transformers.txt, numpy, pyyaml, tqdm and requests; LLAMA_CPP: its source, as llama-cpp-python 0.3.36 on PyPI carries it)

The folders are those of families/ and models/, the converter is the one that people's files come from, in f32: a file means the model of
its folder, so that its logits are those which transformers gave of the folder. Their vocabularies are the folders' numbers alone."""

import json
import logging
import re
import sys
import tempfile
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

GOLDEN = Path(__file__).parent
OUT = GOLDEN / "gguf"
LARGEST = 190_000
# folders that the converter takes under another name of the class
CLASSES = {"PhimoeForCausalLM": "PhiMoEForCausalLM", "MptForCausalLM": "MPTForCausalLM"}
# What is said of folders otherwise than their config says it, None where nothing is: llama.cpp has no key for it, and takes what the
# published models have. changes.json has them for the engine's tests.
CHANGES = {
    "mixtral": {"sliding_window": None}, "internlm2": {"rope_scaling": None}, "internlm3": {"rope_scaling": None}, "mistral": {"sliding_window": None},
    "smollm3": {"no_rope_layers": [1, 1]}, "gemma2": {"query_pre_attn_scalar": 16},
    "gemma3": {"query_pre_attn_scalar": 16, "layer_types": ["sliding_attention"] * 3}, "cohere2": {"sliding_window_pattern": 4},
    "deepseek-v2": {"rope_scaling.mscale": 0.9}, "deepseek-v3": {"rope_scaling.mscale": 0.9},
    "llama4": {"attention_chunk_size": 8192, "floor_scale": 8192, "attn_scale": 0.1},
    "minicpm3": {"scale_emb": 12, "dim_model_base": 256, "rope_parameters.original_max_position_embeddings": 32},
    "mpt": {"attn_config.softmax_scale": None}, "olmoe": {"clip_qkv": None}, "starcoder2": {"sliding_window": None},
    "phimoe": {"router_jitter_noise": 0.01, "rope_scaling.short_mscale": None, "rope_scaling.long_mscale": None},
    "nemotron": {"partial_rotary_factor": 0.25}, "baichuan2-7b": {"z_loss_weight": None}, "glm-9b": {"rms_norm_eps": 1e-5, "max_position_embeddings": 32},
    "qwen1": {"use_dynamic_ntk": False, "use_logn_attn": False},
}
# what published configs say and these folders' do not, or in other words
PUBLISHED = {
    "cohere2": dict(rotary_pct=1.0), "gpt2": dict(n_ctx=64), "hunyuan": dict(max_position_embeddings=32768),
    "hunyuan-moe": dict(moe_intermediate_size=[12, 12], moe_topk=[2, 2], num_shared_expert=[1, 1], rope_scaling=None,
                        rope_parameters=dict(rope_type="default", rope_theta=10000.0 * 100.0 ** (16 / 14))),
    "gpt-neox-sequential": dict(rotary_pct=0.5),
    "phi4-mini": dict(partial_rotary_factor=0.75),
    # of a head as wide as the stream has for each, which the converter takes it for
    "nemotron": dict(rope_parameters=dict(rope_type="default", rope_theta=10000.0, partial_rotary_factor=0.5)),
    "deepseek-v2": dict(scoring_func="softmax"), "deepseek-v3": dict(scoring_func="sigmoid"),
}
# of Falcon's first form the published configs do not say how many heads of keys there are
UNSAID = {"falcon-7b": ["num_kv_heads"]}
# what llama.cpp has no model for: GPT-J, OPT, Ministral's windows, windows or dynamic frequencies of Llama's kin, dense layers among Qwen 3's
# experts, norms of heads in Phi, heads of their own width in GLM, and the forms of Falcon, GPT-2 and StarCoder that its graphs do not
# compute; Baichuan's 13 billion with fewer than the 40 blocks that it knows them by. Of several types of one model, one
LEFT_OUT = ["gptj", "opt", "opt-350m", "ministral", "llama-dynamic", "qwen2-window", "qwen3moe", "phi-qk-norm", "falcon-rw", "gpt2-inner",
            "glm", "baichuan-13b", "baichuan2-13b",
            "gpt-bigcode-mha", "mistral-bf16", "mistral-f16", "qwen2-bf16", "qwen2-f16", "qwen3-bf16", "qwen3-f16", "llama-rope-linear-f16",
            "llama-rope-llama3-bf16-sharded"]
# of models/: with experts
MODELS = ["mixtral"]


def changed(config, changes):
    """The config with these keys, those behind a point within an object."""
    for key, value in changes.items():
        *path, last = key.split(".")
        inner = config
        for part in path:
            inner = inner[part]
        if value is None:
            inner.pop(last, None)
        else:
            inner[last] = value
    return config


def vocabulary(self):
    import gguf

    size = self.hparams.get("vocab_size") or self.hparams["padded_vocab_size"]
    self.gguf_writer.add_tokenizer_model("gpt2")
    self.gguf_writer.add_tokenizer_pre("default")
    self.gguf_writer.add_token_list([f"t{i}" for i in range(size)])
    self.gguf_writer.add_token_types([gguf.TokenType.NORMAL] * size)
    self.gguf_writer.add_token_merges([])
    self.gguf_writer.add_bos_token_id(1)
    self.gguf_writer.add_eos_token_id(2)


def tensors_of(folder):
    """Of the folder, without what is no weight; norms of one head each as one tensor of rows."""
    tensors = {}
    for file in sorted(folder.glob("model*.safetensors")):
        tensors |= load_file(file)
    tensors = {name: t for name, t in tensors.items() if t.is_floating_point() or name.endswith(("_blocks", "_scales"))}
    norms = {}
    for name in [name for name in tensors if re.search(r"norms\.\d+\.weight$", name)]:
        stem, number = re.fullmatch(r"(.*)\.norms\.(\d+)\.weight", name).groups()
        norms.setdefault(f"{stem}.weight", {})[int(number)] = tensors.pop(name)
    return tensors | {name: torch.stack([rows[i] for i in sorted(rows)]) for name, rows in norms.items()}


def once(made):
    """The converter's class, but that a name which is llama.cpp's already is not looked up again (Baichuan's never ends)."""

    class Once(made):
        model_arch = made.model_arch
        set_vocab = vocabulary

        def modify_tensors(self, data_torch, name, bid):
            if re.match(r"(blk\.\d+|token_embd|output|output_norm)\.", name):
                return [(name, data_torch)]
            return super().modify_tensors(data_torch, name, bid)

    return Once


def convert(folder, name):
    from conversion import ModelBase, get_model_class
    import gguf

    config = changed(json.loads((folder / "config.json").read_text()), CHANGES.get(name, {})) | PUBLISHED.get(name, {})
    own = config["architectures"][0]
    config["architectures"] = [CLASSES.get(own, own)]
    with tempfile.TemporaryDirectory() as copy:
        copy = Path(copy)
        save_file(tensors_of(folder), copy / "model.safetensors")
        (copy / "config.json").write_text(json.dumps(config))
        words = {f"t{i}": i for i in range(config.get("vocab_size", 0))}
        (copy / "tokenizer.json").write_text(json.dumps(dict(model=dict(vocab=words), added_tokens=[])))
        # keys that transformers 5 drops are in published configs
        read = ModelBase.load_hparams(copy, False)
        hparams = {key: value for key, value in (config | read | PUBLISHED.get(name, {})).items() if key not in UNSAID.get(name, [])}
        hparams["architectures"] = config["architectures"]
        out = OUT / f"{name}.gguf"
        made = once(get_model_class(config["architectures"][0], mmproj=False))
        model = made(copy, gguf.LlamaFileType.ALL_F32, out, eager=True, hparams=hparams, model_name=name)
        model.write()
    size = out.stat().st_size
    assert size < LARGEST, f"{name}: {size} bytes"
    print(f"{name:20} {gguf.MODEL_ARCH_NAMES[model.model_arch]:14} {size / 1000:.0f} kB", flush=True)


def main():
    source, *asked = sys.argv[1:]
    sys.path.insert(0, source)
    logging.disable(logging.WARNING)
    OUT.mkdir(exist_ok=True)
    folders = sorted((GOLDEN / "families").glob("*/expected.json")) + [GOLDEN / "models" / name / "expected.json" for name in MODELS]
    failed = []
    for folder in [path.parent for path in folders]:
        if folder.name not in asked if asked else folder.name in LEFT_OUT:
            continue
        try:
            with torch.inference_mode():
                convert(folder, folder.name)
        except Exception as why:
            if asked:
                raise
            failed.append(f"{folder.name}: {type(why).__name__} {str(why)[:150]}")
    (OUT / "changes.json").write_text(json.dumps(CHANGES, indent=1) + "\n")
    if failed:
        sys.exit("\n".join(failed))


if __name__ == "__main__":
    main()
