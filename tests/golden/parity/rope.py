# Trains the tiny models with rotary positions scaled by LLaMA-Factory 0.9.5 (`rope_scaling`), step by step.
"""python parity/rope.py [part of a case's name]   writes parity/rope.json   (venv: requirements-rope.txt: LLaMA-Factory writes the
key that transformers 4 reads; under version 5 its scaling loses the model's own base)"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from weighted import config, write  # noqa: E402 (sets the environment first)

# past the models' 512 tokens
LONG = dict(cutoff_len=1200)


def case(model, kind, stage, rope_scaling, **more):
    more = dict(pref_loss="sigmoid", pref_beta=0.1) | more if stage == "dpo" else more
    return config(model, kind, stage, rope_scaling=rope_scaling, **LONG | more)


def cases():
    return {
        "rope-linear": ("linear RoPE scaling, sft", case("llama", "lora", "sft", "linear")),
        "rope-yarn": ("YaRN, dpo", case("qwen2", "lora", "dpo", "yarn")),
        "rope-yarn-full": ("YaRN, full, sft", case("llama", "full", "sft", "yarn", cutoff_len=4096)),
        "rope-llama3": ("Llama 3's RoPE scaling, full, sft", case("qwen2", "full", "sft", "llama3")),
        "rope-dynamic": ("dynamic NTK, which changes nothing within the new length", case("llama", "lora", "sft", "dynamic")),
        "rope-within": ("RoPE scaling that texts have no need of", case("qwen2", "lora", "sft", "yarn", cutoff_len=96)),
    }


if __name__ == "__main__":
    write("rope", cases(), "LLaMA-Factory 0.9.5")
