# Trains the tiny models with orthogonal fine-tuning (OFT) by LLaMA-Factory 0.9.5 over PEFT 0.18.1, step by step.
"""python parity/oft.py [part of a case's name]   writes parity/oft.json and the folders the runs start from
(venv: requirements-recent.txt)"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from weighted import HERE, config, write  # noqa: E402 (sets the environment first)

import llamafactory.hparams.parser as parser  # noqa: E402
import torch  # noqa: E402
from peft import OFTConfig, get_peft_model  # noqa: E402
from transformers import AutoModelForCausalLM  # noqa: E402

# LLaMA-Factory lets an adapter go on under finetuning_type lora alone, though its next lines are for both kinds.
parser._verify_model_args = lambda *args: None

LINEARS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
SIGMOID = dict(pref_loss="sigmoid", pref_beta=0.1)


def adapter(model, name, **more):
    """PEFT's own folder of an adapter that has turned already."""
    out = HERE.parent / "models" / model / name
    if out.exists():
        return
    torch.manual_seed(7)
    base = AutoModelForCausalLM.from_pretrained(HERE.parent / "models" / model, dtype=torch.float32)
    more = dict(oft_block_size=8, target_modules=LINEARS) | more
    new = get_peft_model(base, OFTConfig(task_type="CAUSAL_LM", **more))
    with torch.no_grad():
        for key, p in new.named_parameters():
            if "oft_R" in key:
                p.copy_(0.05 * torch.randn(p.shape))
    new.save_pretrained(out)
    (out / "README.md").unlink()
    file = out / "adapter_config.json"
    text = json.loads(file.read_text())
    text["target_modules"] = sorted(text["target_modules"])
    text["base_model_name_or_path"] = ""
    file.write_text(json.dumps(text, indent=2) + "\n")


def starts():
    adapter("llama", "oft-adapter")
    adapter("qwen2", "oft-adapter", r=4, oft_block_size=0)
    adapter("llama", "oft-exact-adapter", use_cayley_neumann=False, oft_block_size=16, target_modules=["q_proj", "down_proj"])
    adapter("llama", "oft-shared-adapter", block_share=True, num_cayley_neumann_terms=7)


def case(model, stage="sft", start=None, **more):
    begin = dict(adapter_name_or_path=f"models/{model}/{start}") if start else {}
    return config(model, "oft", stage, oft_target="all", learning_rate=4.0e-3, **begin, **more)


def cases():
    return {
        "oft-sft": ("OFT, new, sft", case("llama", oft_block_size=8)),
        "oft-odd-sft": ("OFT, blocks that do not divide the width, sft", case("qwen2", oft_block_size=12)),
        "oft-rank-sft": ("OFT by the number of blocks, sft", case("qwen2", oft_rank=4, oft_block_size=0)),
        "oft-dpo": ("OFT, new, dpo", case("qwen2", "dpo", oft_block_size=8, **SIGMOID)),
        "oft-decay": ("OFT, weight decay", case("llama", oft_block_size=4, weight_decay=0.1)),
        "oft-goes-on": ("OFT that goes on, sft", case("llama", start="oft-adapter", oft_block_size=8)),
        "oft-goes-on-rank": ("OFT by the number of blocks that goes on, sft", case("qwen2", start="oft-adapter", oft_block_size=8)),
        "oft-exact": ("OFT by the exact Cayley transform, sft", case("llama", start="oft-exact-adapter", oft_block_size=16)),
        "oft-shared": ("OFT, one block for all, sft", case("llama", start="oft-shared-adapter", oft_block_size=8)),
        "oft-whole": ("OFT beside whole modules, sft", case("llama", oft_block_size=8, additional_target="lm_head")),
        "oft-new": ("create_new_adapter: OFT on a merged OFT adapter, sft",
                    case("llama", start="oft-adapter", oft_block_size=8, create_new_adapter=True)),
    }


def told(name, change):
    """What a folder has a start for: a new adapter on another has none, and whole modules go by other names there."""
    return {} if name == "oft-new" else {key: value for key, value in change.items() if "oft_R" in key}


if __name__ == "__main__":
    starts()
    write("oft", cases(), "LLaMA-Factory 0.9.5", told)
