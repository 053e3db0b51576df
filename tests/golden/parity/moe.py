# Writes two tiny mixture-of-experts folders and trains them with LLaMA-Factory 0.9.3, with and without the router's loss.
"""python parity/moe.py [part of a case's name]   writes models/mixtral, models/qwen2moe and parity/moe.json
(driven as curves.py drives it; format and what is changed: ../README.md; venv: requirements-llamafactory.txt)"""

import json
import logging
import os
import shutil
import sys
import tempfile
import warnings
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

import curves  # noqa: E402
import families  # noqa: E402
import torch  # noqa: E402
from llamafactory.model.model_utils.misc import find_all_linear_modules  # noqa: E402
from llamafactory.train.tuner import run_exp  # noqa: E402
from peft import LoraConfig, PeftModel, get_peft_model, get_peft_model_state_dict  # noqa: E402
from safetensors.torch import save_file  # noqa: E402
from transformers import AutoModelForCausalLM, MixtralConfig, MixtralForCausalLM, Qwen2MoeConfig, Qwen2MoeForCausalLM  # noqa: E402
from transformers.models.mixtral import modeling_mixtral  # noqa: E402
from transformers.models.qwen2_moe import modeling_qwen2_moe  # noqa: E402

SIGMOID = dict(pref_loss="sigmoid", pref_beta=0.1)
# token 3 is the padding, whose embedding torch gives no gradient
families.SEQUENCES = [[4 if token == 3 else token for token in sequence] for sequence in families.SEQUENCES]
TEMPLATE = dict(mixtral="llama2", qwen2moe="qwen")
SIZE = dict(
    vocab_size=352, hidden_size=32, num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=512, bos_token_id=1,
    eos_token_id=2, pad_token_id=3, rms_norm_eps=1e-5, torch_dtype="float32", tie_word_embeddings=True, num_experts_per_tok=2,
)
MODELS = {
    "mixtral": (MixtralForCausalLM, MixtralConfig(**SIZE, num_hidden_layers=2, intermediate_size=16, num_local_experts=4,
                                                  sliding_window=24, rope_theta=1e4)),
    # a dense layer below one with experts
    "qwen2moe": (Qwen2MoeForCausalLM, Qwen2MoeConfig(**SIZE, num_hidden_layers=2, intermediate_size=24, num_experts=4,
                                                     moe_intermediate_size=12, shared_expert_intermediate_size=20,
                                                     mlp_only_layers=[0])),
}


def load(model):
    return AutoModelForCausalLM.from_pretrained(f"models/{model}", torch_dtype=torch.float32, attn_implementation="eager")


def adapter(model, name, moved):
    """PEFT's own folder of an adapter on all that LLaMA-Factory finds; `moved`: with a B that is not zero."""
    torch.manual_seed(5)
    base = load(model)
    targets = sorted(find_all_linear_modules(base, False))
    new = get_peft_model(base, LoraConfig(r=2, lora_alpha=4, lora_dropout=0.0, target_modules=targets, task_type="CAUSAL_LM"))
    g = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for key, p in new.named_parameters():
            if moved and "lora_" in key:
                p.copy_(0.25 * torch.randn(p.shape, generator=g))
    out = Path("models", model, name)
    new.save_pretrained(out)
    (out / "README.md").unlink()
    file = out / "adapter_config.json"
    text = json.loads(file.read_text()) | dict(base_model_name_or_path=None, target_modules=targets)
    file.write_text(json.dumps(text, indent=1, sort_keys=True) + "\n")


def folder(name):
    """As families.py writes its folders: weights, an adapter, and logits and gradients of both."""
    path = Path("models", name)
    shutil.rmtree(path, ignore_errors=True)
    make, config = MODELS[name]
    model = make(config)
    g = torch.Generator().manual_seed(11)
    with torch.no_grad():
        for key, p in model.named_parameters():
            noise = torch.randn(p.shape, generator=g)
            if key.endswith("norm.weight"):
                noise = 1 + 0.1 * noise
            elif p.dim() == 1:
                noise = 0.1 * noise
            elif "embed" in key:
                noise = 0.25 * noise
            else:  # routers that have made up their minds: no two experts nearly alike
                noise = (2.5 if key.endswith(".gate.weight") else 1) * noise / p.shape[1] ** 0.5
            p.copy_(noise)
    model.save_pretrained(path)
    (path / "generation_config.json").unlink(missing_ok=True)
    for file in ["tokenizer.json", "tokenizer_config.json"]:
        shutil.copy(f"models/llama/{file}", path / file)
    adapter(name, "fresh-adapter", moved=False)
    adapter(name, "moved-adapter", moved=True)

    expected = dict(sequences=families.SEQUENCES, prompt_tokens=len(families.PROMPT), weights=families.WEIGHTS, adapter="moved-adapter")
    tensors = {}
    for kind in ["full", "lora"]:
        model = load(name).eval()
        if kind == "lora":
            model = PeftModel.from_pretrained(model, path / "moved-adapter", is_trainable=True)
        logits, logps, loss = families.measure(model)
        if kind == "full":
            tensors = {f"full.{name}": t.detach().contiguous() for name, t in zip(["chosen", "rejected"], logits)}
        trained = {n.replace(".default.", "."): p for n, p in model.named_parameters() if p.requires_grad}
        # an expert that no token went to has none
        grads = {n: torch.zeros_like(p) if p.grad is None else p.grad for n, p in trained.items()}
        expected[kind] = dict(
            logps=[float(x.detach()) for x in logps], loss=float(loss.detach()),
            grad_norm=float(torch.stack([g.double().norm() for g in grads.values()]).norm()),
            grads={n: families.digest(g) for n, g in grads.items()},
        )
    save_file(tensors, path / "logits.safetensors")
    (path / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")
    print(name, sum(f.stat().st_size for f in path.rglob("*") if f.is_file()), "bytes")


def cases():
    out = {}

    def case(name, proves, model, kind, stage, **more):
        config = curves.config("llama", kind, stage, template=TEMPLATE[model], **more)
        config |= dict(model_name_or_path=f"models/{model}")
        if kind == "lora":
            config |= dict(adapter_name_or_path=f"models/{model}/fresh-adapter", lora_rank=2, lora_alpha=4)
        out[f"{model}-{name}-{kind}"] = dict(proves=f"{model}, {proves}, {kind}", config=config)

    for model in MODELS:
        for kind in ["lora", "full"]:
            case("sft", "sft", model, kind, "sft")
            case("dpo", "dpo", model, kind, "dpo", **SIGMOID)
            case("sft-aux", "sft, moe_aux_loss_coef", model, kind, "sft", moe_aux_loss_coef=0.1, per_device_train_batch_size=4,
                 gradient_accumulation_steps=1)
    case("sft-aux-twice", "sft, moe_aux_loss_coef over an accumulation", "mixtral", "lora", "sft", moe_aux_loss_coef=0.1)
    case("pt-aux", "pt, moe_aux_loss_coef", "qwen2moe", "full", "pt", moe_aux_loss_coef=0.1, num_train_epochs=1.0)
    freeze = dict(freeze_trainable_layers=1, freeze_trainable_modules="self_attn,input_layernorm")
    case("sft-aux", "sft, moe_aux_loss_coef", "qwen2moe", "freeze", "sft", moe_aux_loss_coef=0.1, per_device_train_batch_size=4,
         gradient_accumulation_steps=1, **freeze)
    return out


# transformers 4.52 adds the router's loss of every micro-batch undivided, so that accumulation makes it count more: its mean is
# taken. While a model trains only; evaluations accumulate nothing.
accumulation = 1
plain_loss = modeling_mixtral.load_balancing_loss_func


def mean_loss(*args, **kwargs):
    loss = plain_loss(*args, **kwargs)
    return loss / accumulation if torch.is_grad_enabled() else loss


modeling_mixtral.load_balancing_loss_func = modeling_qwen2_moe.load_balancing_loss_func = mean_loss


def state(model):
    if isinstance(model, PeftModel):
        return {k: v.detach().double().clone() for k, v in get_peft_model_state_dict(model, save_embedding_layers=False).items()}
    return {k: v.detach().double().clone() for k, v in model.state_dict().items() if k != "lm_head.weight"}


class Record(curves.Record):
    def on_train_begin(self, args, state_, control, model=None, **kwargs):
        self.start = state(model)

    def on_train_end(self, args, state_, control, model=None, **kwargs):
        self.end = state(model)


def run(one):
    global accumulation
    config, record = dict(one["config"]), Record()
    accumulation = config["gradient_accumulation_steps"]
    with tempfile.TemporaryDirectory() as out:
        run_exp({**config, "output_dir": out, "eval_on_start": True, "disable_tqdm": True, "save_strategy": "no"}, callbacks=[record])
    assert len(record.train) >= 6 and len(record.eval) >= 3, (len(record.train), len(record.eval))
    change = {}
    for name, end in record.end.items():
        flat = (end - record.start[name]).flatten()
        probe = torch.cos(0.1 * torch.arange(len(flat), dtype=torch.double))
        change[name] = [float(f"{x:.8g}") for x in [flat.norm().item(), (flat @ probe).item()]]
    return dict(**one, train=record.train, eval=record.eval, change=change)


def main():
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    os.chdir(HERE.parent)
    if len(sys.argv) < 2:
        for name in MODELS:
            folder(name)
    wanted = {n: c for n, c in cases().items() if len(sys.argv) < 2 or sys.argv[1] in n}
    file = HERE / "moe.json"
    got = json.loads(file.read_text())["cases"] if file.exists() and len(sys.argv) > 1 else {}
    for name, one in wanted.items():
        got[name] = run(one)
        last = got[name]["train"][-1]
        print(f"{name:24} {len(got[name]['train'])} steps, loss {got[name]['train'][0]['loss']:.6f} -> {last['loss']:.6f},"
              f" |g| {last['grad_norm']:.5f}", flush=True)
        text = json.dumps(dict(library="LLaMA-Factory 0.9.3", cases={n: got[n] for n in cases() if n in got}), separators=(",", ":"))
        file.write_text(text.replace('{"step"', '\n{"step"').replace('},"', '},\n"') + "\n")
    print(file.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
