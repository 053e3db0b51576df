# Writes a tiny random folder of every model family, and the logits, log-probs, gradients and replies a trainer must reproduce.
"""python write.py [NAME ...]      (venv: requirements-transformers.txt; format: ../families/README.md)

Every number but those of LoRA on experts is the library's own: transformers' classes, or for families that it has none for
the modules of published.py. PEFT knows no layer of an expert by itself where version 5 keeps the experts as one tensor. There the
adapter is added to the weights, and the gradients of A and B follow from that of the sum: dA = s B^T dW, dB = s dW A^T.
"""

import argparse
import json
import re
import shutil
import sys
import tempfile
import warnings
from copy import deepcopy
from pathlib import Path

import torch
import transformers
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from transformers.modeling_rope_utils import dynamic_rope_update

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from families import PROMPT, SEQUENCES, WEIGHTS, digest  # noqa: E402
from published import PUBLISHED  # noqa: E402
from rows import ROWS  # noqa: E402

OUT = HERE.parent / "families"
RANK, ALPHA = 4, 8
REPLY = 8
LARGEST = 300_000
# no tensor of a checkpoint, though a module has it
NO_WEIGHT = re.compile(r"\.(rotary_emb\.inv_freq|attn\.bias|attn\.masked_bias)$")


def phimoe_rotary(self, x, position_ids):
    """transformers 5.23 computes the frequencies anew without the length and so always has those of short texts; these are
    what its own decorator chose by the length."""
    parameters = self.config.rope_parameters
    longer = position_ids.max() + 1 > parameters["original_max_position_embeddings"]
    angles = position_ids[..., None].float() * self.inv_freq
    angles, scale = torch.cat([angles, angles], -1), parameters["long_mscale" if longer else "short_mscale"]
    return (angles.cos() * scale).to(x.dtype), (angles.sin() * scale).to(x.dtype)


phimoe = transformers.models.phimoe.modeling_phimoe
if transformers.__version__ >= "5":
    phimoe.PhimoeRotaryEmbedding.forward = torch.no_grad()(dynamic_rope_update(phimoe_rotary))


def build(row, changes={}):
    if "module" in row:
        return PUBLISHED[row["module"]](row["config"] | changes).eval()
    name, given = row["config"]
    config = getattr(transformers, name)(**given | changes)
    config._attn_implementation = row.get("attention", "eager")
    model = row.get("model")
    model = getattr(transformers, model)(config) if model else transformers.AutoModelForCausalLM.from_config(config)
    return model.eval()


def randomise(model, seed):
    """Weights large enough that attention is far from uniform, biases and norms far from where they begin."""
    g = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        tensors = [*model.named_parameters(), *((n, b) for n, b in model.named_buffers() if "correction_bias" in n)]
        for name, p in tensors:
            noise = torch.randn(p.shape, generator=g)
            end = name.rsplit(".", 1)[-1]
            if "correction_bias" in name:
                p.copy_(0.3 * noise)
            elif end == "sinks" or end == "bias" or end.endswith("_bias"):
                p.copy_(0.4 * noise)
            elif "norm" in name or re.search(r"\.ln_(\d|f|attn|mlp)\.", name):  # 1, or 0 where it is added to 1
                p.copy_((p.double().mean().round() + 0.3 * noise).to(p.dtype))
            elif "embed" in name or re.search(r"\b(wte|wpe)\b", name):
                p.copy_(0.3 * noise)
            elif p.dim() == 3:  # experts
                p.copy_(1.2 * noise / model.config.hidden_size**0.5)
            elif "moe_statics" in name:
                p.copy_(0.3 * noise)
            else:
                p.copy_(1.2 * noise / (p.shape[0] if is_conv1d(model, name) else p.shape[1]) ** 0.5)


def is_conv1d(model, name):
    return type(model.get_submodule(name.rsplit(".", 1)[0])).__name__ == "Conv1D"


def logits_of(model, sequences, batched):
    """`[tokens, vocabulary]` of each sequence."""
    if not batched:
        return [model(input_ids=torch.tensor([ids]), use_cache=False).logits[0] for ids in sequences]
    longest = max(map(len, sequences))
    ids = torch.tensor([s + [0] * (longest - len(s)) for s in sequences])
    mask = torch.tensor([[1] * len(s) + [0] * (longest - len(s)) for s in sequences])
    out = model(input_ids=ids, attention_mask=mask, use_cache=False).logits
    return [out[i, : len(s)] for i, s in enumerate(sequences)]


def measure(model, batched):
    """Logits of both sequences, log-probs of their replies, loss; gradients are left on the parameters."""
    logits = logits_of(model, SEQUENCES, batched)
    logps = []
    for ids, out in zip(SEQUENCES, logits):
        rows = torch.arange(len(PROMPT) - 1, len(ids) - 1)
        logps.append(out.log_softmax(-1)[rows, torch.tensor(ids)[rows + 1]].sum())
    loss = sum(w * lp for w, lp in zip(WEIGHTS, logps))
    loss.backward()
    return logits, logps, loss


def reply(model):
    """The likeliest tokens behind the prompt, each from a pass over all before it."""
    ids, margin = list(PROMPT), float("inf")
    with torch.no_grad():
        for _ in range(REPLY):
            best = model(input_ids=torch.tensor([ids]), use_cache=False).logits[0, -1].topk(2)
            margin = min(margin, float(best.values[0] - best.values[1]))
            ids.append(int(best.indices[0]))
    return ids[len(PROMPT):], margin


def tensors_of(model):
    """The tensors that a checkpoint of the model holds, by their published names."""
    with tempfile.TemporaryDirectory() as path:
        if isinstance(model, transformers.PreTrainedModel):
            model.save_pretrained(path)
            return load_file(Path(path) / "model.safetensors")
        return {n: t.detach().clone().contiguous() for n, t in model.checkpoint().items()}


def gradients_of(model):
    """The gradients of the model's weights, by their published names."""
    copy = deepcopy(model)
    with torch.no_grad():
        for own, p in zip(copy.parameters(), model.parameters()):
            own.copy_(torch.zeros_like(p) if p.grad is None else p.grad)
        for name, buffer in copy.named_buffers():  # what is in a checkpoint and does not train
            if buffer.is_floating_point():
                buffer.zero_()
    grads = tensors_of(copy)
    return {n: g for n, g in grads.items() if g.is_floating_point() and not is_constant(n) and not NO_WEIGHT.search(n)}


def is_constant(name):
    return "e_score_correction_bias" in name


def old_style(row, config):
    """config.json with the keys that transformers 4 wrote, which is what most published folders hold."""
    config = deepcopy(config)
    parameters = config.pop("rope_parameters", None)
    given = row.get("v4", {})
    if parameters and "rope_theta" in parameters:
        theta, kind = parameters.pop("rope_theta"), parameters.pop("rope_type")
        partial = parameters.pop("partial_rotary_factor", None)
        name = "type" if kind in ("linear", "longrope", "dynamic") else "rope_type"  # both spellings are in use
        if "rotary_emb_base" not in given:
            config["rope_theta"] = theta
            if partial is not None:
                config["partial_rotary_factor"] = partial
        config["rope_scaling"] = None if kind == "default" else {name: kind, **parameters}
    config.update(given)
    config["torch_dtype"] = config.pop("dtype", "float32")
    if "layer_types" not in row.get("keeps", []):
        config.pop("layer_types", None)
    config["transformers_version"] = "4.51.3"
    return config


def write_configs(row, path):
    file = path / "config.json"
    new = json.loads(file.read_text())
    if "architecture" in row:
        new["architectures"] = [row["architecture"]]
    both = dict(v5=new, v4=old_style(row, new))
    style = row["style"]
    if "module" in row:
        both = {style: new}
    for name, config in both.items():
        text = json.dumps(config, indent=2, sort_keys=True) + "\n"
        (path / ("config.json" if name == style else "config.other.json")).write_text(text)


def load(path, attention="eager"):
    return transformers.AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32, attn_implementation=attention).eval()


def loader(row, path):
    """A function that loads the folder once more."""
    if "module" in row:
        def own():
            model = build(row)
            model.load_checkpoint(load_file(path / "model.safetensors"))
            return model
        return own
    return lambda: load(path, row.get("attention", "eager"))


def close(what, got, want, allowed=1e-5):
    for a, b in zip(got, want, strict=True):
        apart = (a - b).abs().max() / b.abs().max()
        assert apart < allowed, f"{what}: {apart:.1e} apart"


def check(name, row, saved, load_again):
    """What is on disk computes what was written, in either style, far from ties, and every feature is at work."""
    with torch.no_grad():
        batched = row.get("batched", False)
        want = logits_of(saved, SEQUENCES, batched)
        close(f"{name}: the folder", logits_of(load_again(), SEQUENCES, batched), want)
        nudged = deepcopy(saved)
        g = torch.Generator().manual_seed(5)
        for p in nudged.parameters():
            p.mul_(1 + 1e-4 * torch.randn(p.shape, generator=g))
        close(f"{name}: near a tie", logits_of(nudged, SEQUENCES, batched), want, 2e-2)
        for change in row.get("matters", []):
            other = build(row, change)
            other.load_state_dict(saved.state_dict(), strict=False)
            got = logits_of(other, SEQUENCES, batched)
            apart = max(float((a - b).abs().max() / b.abs().max()) for a, b in zip(got, want))
            assert apart > 3e-3, f"{name}: {change} changes the logits by {apart:.1e} alone"


def check_other_style(name, row, path, want):
    other = path / "config.other.json"
    if not other.exists() or "architecture" in row:
        return
    with tempfile.TemporaryDirectory() as copy:
        shutil.copy(other, Path(copy) / "config.json")
        shutil.copy(path / "model.safetensors", copy)
        with torch.no_grad():
            close(f"{name}: the other style", logits_of(load(copy, row.get("attention", "eager")), SEQUENCES, row.get("batched", False)), want)


def peft_adapter(row, load_again, path):
    given = row.get("targets_peft", "all-linear")
    config = LoraConfig(
        r=RANK, lora_alpha=ALPHA, lora_dropout=0.0, target_modules=given, task_type=row.get("task", "CAUSAL_LM"),
        fan_in_fan_out=row["config"][0] == "GPT2Config" if "module" not in row else False,
    )
    model = get_peft_model(load_again(), config)
    fill(model.named_parameters())
    model.save_pretrained(path)
    (path / "README.md").unlink(missing_ok=True)
    tidy(path)


def fill(parameters, seed=7):
    g = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in parameters:
            if "lora_" in name:
                p.copy_(0.25 * torch.randn(p.shape, generator=g))


def tidy(path):
    file = path / "adapter_config.json"
    config = json.loads(file.read_text())
    config.update(base_model_name_or_path=None)
    if isinstance(config["target_modules"], list):
        config["target_modules"].sort()
    file.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")


def lora_by_peft(row, load_again, path):
    peft_adapter(row, load_again, path)
    model = PeftModel.from_pretrained(load_again(), path, is_trainable=True)
    measured = measure(model, row.get("batched", False))
    grads = {n.replace(".default.", "."): p.grad for n, p in model.named_parameters() if p.requires_grad}
    return measured, grads


def lora_by_sum(row, model, path):
    """LoRA on every linear layer that `targets` names, experts included."""
    weights = tensors_of(model)
    wanted = re.compile(row["targets"])
    modules = sorted(
        n.removesuffix(".weight") for n, w in weights.items() if n.endswith(".weight") and w.dim() == 2 and wanted.search(n)
        and "norm" not in n)
    pairs = {}
    g = torch.Generator().manual_seed(7)
    for module in modules:
        out, into = weights[f"{module}.weight"].shape
        pairs[module] = 0.25 * torch.randn(RANK, into, generator=g), 0.25 * torch.randn(out, RANK, generator=g)
    scale = ALPHA / RANK
    summed = {n: w.clone() for n, w in weights.items()}
    for module, (a, b) in pairs.items():
        summed[f"{module}.weight"] += scale * b @ a
    if "module" in row:
        merged = build(row)
        merged.load_checkpoint(summed)
    else:
        with tempfile.TemporaryDirectory() as copy:
            model.config.save_pretrained(copy)
            save_file(summed, Path(copy) / "model.safetensors", metadata=dict(format="pt"))
            merged = load(copy)
    measured = measure(merged, row.get("batched", False))
    of_sum, grads, stored = gradients_of(merged), {}, {}
    for module, (a, b) in pairs.items():
        dw, name = of_sum[f"{module}.weight"], f"base_model.model.{module}"
        grads[f"{name}.lora_A.weight"], grads[f"{name}.lora_B.weight"] = scale * b.T @ dw, scale * dw @ a.T
        stored[f"{name}.lora_A.weight"], stored[f"{name}.lora_B.weight"] = a, b
    path.mkdir()
    save_file({n: t.contiguous() for n, t in stored.items()}, path / "adapter_model.safetensors")
    config = LoraConfig(
        r=RANK, lora_alpha=ALPHA, lora_dropout=0.0, target_modules=sorted({m.rsplit(".", 1)[1] for m in modules}),
        task_type="CAUSAL_LM", inference_mode=True)
    config.save_pretrained(path)
    tidy(path)
    return measured, grads


def to_hub_form(row, path):
    """As the hub has the folder: names without what stands before them, tensors that are no weights."""
    file = path / "model.safetensors"
    tensors = load_file(file)
    if row.get("hub") == "no prefix":
        tensors = {n.removeprefix("transformer."): t for n, t in tensors.items()}
    if row.get("masks"):
        for block in range(2):
            tensors[f"h.{block}.attn.bias"] = torch.ones(64, 64).tril().view(1, 1, 64, 64).to(torch.uint8)
    save_file(tensors, file, metadata=dict(format="pt"))


def write(name, row):
    path = OUT / name
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    for seed in range(50):
        torch.manual_seed(seed)
        saved = build(row)
        randomise(saved, seed=100 + seed)
        greedy, margin = reply(saved)
        if margin > 0.02:
            break
    if "module" in row:
        save_file(tensors_of(saved), path / "model.safetensors", metadata=dict(format="pt"))
        (path / "config.json").write_text(json.dumps(row["config"]))
    else:
        saved.save_pretrained(path)
        (path / "generation_config.json").unlink(missing_ok=True)
    write_configs(row, path)
    if "hub" in row:
        to_hub_form(row, path)
    load_again = loader(row, path)
    if "architecture" in row:  # a name that transformers' folders don't have
        load_again = lambda: deepcopy(saved)  # noqa: E731
    check(name, row, saved, load_again)
    with torch.no_grad():
        check_other_style(name, row, path, logits_of(saved, SEQUENCES, row.get("batched", False)))

    tensors, expected = {}, dict(
        sequences=SEQUENCES, prompt_tokens=len(PROMPT), weights=WEIGHTS, adapter="adapter", reply=greedy
    )
    full = load_again()
    measured = measure(full, row.get("batched", False))
    by_sum = "targets" in row
    results = dict(full=(measured, gradients_of(full)))
    results["lora"] = lora_by_sum(row, load_again(), path / "adapter") if by_sum else lora_by_peft(row, load_again, path / "adapter")
    for kind, ((logits, logps, loss), grads) in results.items():
        for which, t in zip(["chosen", "rejected"], logits):
            tensors[f"{kind}.{which}"] = t.detach().contiguous()
        dead = [n for n, g in grads.items() if g.abs().max() == 0 and not re.search(r"experts\.\d|\.lora_", n)]
        assert not dead, f"{name} {kind}: no gradient on {dead}"
        expected[kind] = dict(
            logps=[float(x.detach()) for x in logps],
            loss=float(loss.detach()),
            grad_norm=float(torch.stack([g.double().norm() for g in grads.values()]).norm()),
            grads={n: digest(g) for n, g in grads.items()},
        )
    save_file(tensors, path / "logits.safetensors")
    (path / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")
    size = sum(f.stat().st_size for f in path.rglob("*") if f.is_file())
    assert size < LARGEST, f"{name}: {size} bytes"
    print(f"{name:24} loss {expected['full']['loss']:9.4f} / {expected['lora']['loss']:9.4f}"
          f"  |g| {expected['full']['grad_norm']:9.3f} / {expected['lora']['grad_norm']:9.3f}  {size / 1000:.0f} kB", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    asked = parser.parse_args().names
    warnings.simplefilter("ignore")
    transformers.utils.logging.disable_progress_bar()
    transformers.utils.logging.set_verbosity_error()
    rows = ROWS | {name: dict(module=name, **row) for name, row in __import__("published").ROWS.items()}
    failed = []
    for name in asked or rows:
        try:
            write(name, rows[name])
        except Exception as why:  # the others are written, and this one is named
            if asked:
                raise
            failed.append(f"{name}: {type(why).__name__} {why}")
            print(failed[-1], flush=True)
    if failed:
        sys.exit("\n".join(failed))
