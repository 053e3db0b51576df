# Trains the tiny models with TRL 0.19.1's own trainers, one case per loss and option, and writes losses.json.
"""python losses.py [part of a case's name]   (venv: requirements-trl.txt; format: ../README.md, "parity/")"""

import itertools
import json
import logging
import math
import os
import sys
import tempfile
import warnings
from pathlib import Path

os.environ.update(DISABLE_VERSION_CHECK="1", WANDB_DISABLED="true", HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false",
                  HF_DATASETS_DISABLE_PROGRESS_BARS="1", CUDA_VISIBLE_DEVICES="")

import torch  # noqa: E402
import torch.nn.functional as F  # noqa: E402
import transformers.trainer as hf  # noqa: E402
import trl  # noqa: E402
from datasets import Dataset  # noqa: E402
from llamafactory.data.processor.pairwise import PairwiseDatasetProcessor  # noqa: E402
from llamafactory.data.template import get_template_and_fix_tokenizer  # noqa: E402
from llamafactory.hparams import DataArguments  # noqa: E402
from peft import PeftModel, get_peft_model_state_dict  # noqa: E402
from torch.utils.data import SequentialSampler  # noqa: E402
from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback, get_linear_schedule_with_warmup  # noqa: E402
from trl import CPOConfig, CPOTrainer, DPOConfig, DPOTrainer  # noqa: E402

HERE = Path(__file__).parent
GOLDEN = HERE.parent
TEMPLATE = dict(llama="llama2", qwen2="qwen")
LEARNING_RATE, WARMUP, EPOCHS = 1e-3, 2, 2
# what a run config calls what TRL calls otherwise
TRL_KEYS = dict(pref_loss="loss_type", pref_beta="beta", dpo_label_smoothing="label_smoothing")
OPTIONS = ("pref_loss", "pref_beta", "dpo_label_smoothing", "rpo_alpha", "f_divergence_type", "f_alpha_divergence_coef",
           "reference_free", "discopop_tau", "sync_ref_model", "ref_model_mixup_alpha", "ref_model_sync_steps", "cpo_alpha",
           "simpo_gamma", "loss_weights", "precompute_ref_log_probs")


def config(model, kind, batch=2, accumulation=2, **more):
    out = dict(model_name_or_path=f"models/{model}")
    if kind == "lora":
        out |= dict(adapter_name_or_path=f"models/{model}/fresh-adapter", lora_rank=4, lora_alpha=8)
    return out | dict(
        stage="dpo", finetuning_type=kind, dataset_dir="data", dataset="pairs", template=TEMPLATE[model], cutoff_len=96,
        disable_shuffling=True, per_device_train_batch_size=batch, gradient_accumulation_steps=accumulation,
        learning_rate=LEARNING_RATE, lr_scheduler_type="linear", warmup_steps=WARMUP, num_train_epochs=EPOCHS,
        max_grad_norm=1.0, logging_steps=1, seed=42,
    ) | more


def cases():
    """Name -> (what it proves, run config, how it is run)."""
    out = {}
    losses = dict(robust=dict(dpo_label_smoothing=0.2), exo_pair={}, nca_pair={}, bco_pair={}, sppo_hard=dict(pref_beta=0.05), aot={},
                  aot_pair={}, apo_zero={}, apo_down={}, discopop={})
    for loss, more in losses.items():
        batch, accumulation = (4, 1) if loss.startswith("aot") else (2, 2)
        for model, kind in [("llama", "lora"), ("qwen2", "full")]:
            out[f"{loss}-{kind}"] = (f"loss {loss}, {kind}",
                                     config(model, kind, batch, accumulation, pref_loss=loss, **dict(pref_beta=0.1) | more), dpo)
    for loss in ["sigmoid", "hinge", "ipo"]:  # as TRL has them; LLaMA-Factory's are in curves/
        out[f"{loss}-trl"] = (f"loss {loss}, lora", config("qwen2", "lora", pref_loss=loss, pref_beta=0.1), dpo)

    def option(name, proves, *where, run=dpo, batch=2, accumulation=2, **more):
        for model, kind in where or [("llama", "lora")]:
            full = name if len(where) < 2 else f"{name}-{kind}"
            out[full] = (proves, config(model, kind, batch, accumulation, **dict(pref_loss="sigmoid", pref_beta=0.1) | more), run)

    both = [("llama", "lora"), ("qwen2", "full")]
    option("exo_pair-smoothed", "dpo_label_smoothing with exo_pair", pref_loss="exo_pair", dpo_label_smoothing=0.1)
    option("aot-smoothed", "dpo_label_smoothing with aot", pref_loss="aot", dpo_label_smoothing=0.1, batch=4, accumulation=1)
    option("aot_pair-smoothed", "dpo_label_smoothing with aot_pair", pref_loss="aot_pair", dpo_label_smoothing=0.1, batch=4, accumulation=1)
    option("robust-tiny-share", "dpo_label_smoothing with robust", pref_loss="robust", dpo_label_smoothing=0.05)
    option("discopop-tau", "discopop_tau", pref_loss="discopop", discopop_tau=0.5)
    option("bco_pair-windows", "bco_pair's mean over micro-batches", ("qwen2", "lora"), pref_loss="bco_pair", accumulation=1, pref_beta=0.5)
    option("rpo", "rpo_alpha", *both, rpo_alpha=0.5)
    option("rpo-apo_zero", "rpo_alpha with apo_zero", ("qwen2", "lora"), pref_loss="apo_zero", rpo_alpha=1.0)
    option("js", "f_divergence_type js_divergence", *both, f_divergence_type="js_divergence")
    option("alpha", "f_divergence_type alpha_divergence", *both, f_divergence_type="alpha_divergence", f_alpha_divergence_coef=0.5)
    for loss, kind in [("robust", "js"), ("exo_pair", "alpha"), ("hinge", "js"), ("ipo", "alpha")]:
        option(f"{kind}-{loss}", f"f_divergence_type {kind}_divergence with {loss}", ("qwen2", "lora"), pref_loss=loss,
               f_divergence_type=f"{kind}_divergence", **dict(dpo_label_smoothing=0.2) if loss == "robust" else {})
    for loss in ["sigmoid", "hinge", "ipo", "robust", "exo_pair", "apo_zero", "apo_down"]:
        option(f"free-{loss}", f"reference_free with {loss}", pref_loss=loss, reference_free=True,
               **dict(dpo_label_smoothing=0.2) if loss == "robust" else dict(pref_beta=0.01) if loss.startswith("apo") else {})
    option("tr-dpo", "sync_ref_model", *both, sync_ref_model=True, ref_model_mixup_alpha=0.6, ref_model_sync_steps=2)
    option("tr-dpo-ipo", "sync_ref_model with ipo", ("qwen2", "lora"), pref_loss="ipo", sync_ref_model=True, ref_model_mixup_alpha=0.3,
           ref_model_sync_steps=3)
    option("cpo", "loss cpo", *both, run=cpo, pref_loss="cpo", cpo_alpha=1.0)
    option("cpo-alpha", "cpo_alpha", ("qwen2", "lora"), run=cpo, pref_loss="cpo", cpo_alpha=0.3)
    option("cpo-smoothed", "dpo_label_smoothing with cpo", run=cpo, pref_loss="cpo", dpo_label_smoothing=0.1, cpo_alpha=1.0)
    option("cpo-hinge", "CPOTrainer's hinge: hinge, reference_free, rpo_alpha", run=cpo, pref_loss="hinge", reference_free=True, rpo_alpha=1.0)
    option("cpo-ipo", "CPOTrainer's ipo: ipo, reference_free, rpo_alpha", run=cpo, pref_loss="ipo", reference_free=True, rpo_alpha=1.0)
    option("cpo-simpo", "cpo_alpha with simpo", *both, run=cpo, pref_loss="simpo", pref_beta=2.0, simpo_gamma=0.5, cpo_alpha=0.5)
    option("simpo-trl", "loss simpo, CPOTrainer's", run=cpo, pref_loss="simpo", pref_beta=2.0, simpo_gamma=0.5)
    moved = dict(adapter_name_or_path="models/llama/moved-adapter")
    option("reference-twice", "reference: the adapter loaded twice, one frozen", **moved)
    option("reference-merged", "reference: merged first, a new adapter on top",
           adapter_name_or_path="models/llama/moved-adapter,models/llama/fresh-adapter")
    option("reference-off", "reference: the adapter switched off (ref_model)", ref_model="models/llama", **moved)
    option("reference-adapters", "ref_model_adapters", ref_model_adapters="models/llama/moved-adapter")
    option("reference-stored", "precompute_ref_log_probs", ("qwen2", "full"), precompute_ref_log_probs=True)
    option("wpo", "use_weighting", *both, run=paper, use_weighting=True)
    option("wpo-rpo", "use_weighting with rpo_alpha", ("qwen2", "lora"), run=paper, use_weighting=True, rpo_alpha=0.5)
    option("wpo-simpo", "use_weighting with simpo", run=paper, pref_loss="simpo", pref_beta=2.0, simpo_gamma=0.5, use_weighting=True)
    option("ld-apo_zero", "ld_alpha with apo_zero", run=paper, pref_loss="apo_zero", ld_alpha=0.5)
    option("ld-sigmoid", "ld_alpha", ("qwen2", "full"), run=paper, ld_alpha=0.2)
    return out


WHY = dict(
    use_weighting="TRL 0.19.1 weighs each reply by log-probs shifted one token against their normalisers: its mean leaves the last "
                  "token out; the paper's equation 2 pairs each token with its own.",
    ld_alpha="TRL 0.19.1 counts the window of ld_alpha from the first token of the prompt; the paper counts from the reply's.",
)


def rows(case):
    """The pairs as LLaMA-Factory's template and cut-off tokenize them: prompt, chosen, rejected ids."""
    tokenizer = AutoTokenizer.from_pretrained(GOLDEN / case["model_name_or_path"])
    args = DataArguments(template=case["template"], cutoff_len=case["cutoff_len"])
    template = get_template_and_fix_tokenizer(tokenizer, args)
    encode = PairwiseDatasetProcessor(template, tokenizer, None, args)._encode_data_example
    role = dict(human="user", gpt="assistant")
    out = []
    for row in json.loads((GOLDEN / "data/pairs.json").read_text()):
        prompt = [dict(role=role[m["from"]], content=m["value"]) for m in row["conversations"]]
        replies = [dict(role="assistant", content=row[side]["value"]) for side in ("chosen", "rejected")]
        chosen, labels, rejected, _ = encode(prompt, replies, None, None, [], [], [])
        n = labels.count(-100)
        out.append(dict(prompt_input_ids=chosen[:n], chosen_input_ids=chosen[n:], rejected_input_ids=rejected[n:]))
    return tokenizer, out


def for_cpo(row):
    out = dict(prompt_input_ids=row["prompt_input_ids"], prompt_attention_mask=[1] * len(row["prompt_input_ids"]))
    for side in ("chosen", "rejected"):
        ids = row["prompt_input_ids"] + row[f"{side}_input_ids"]
        labels = [-100] * len(row["prompt_input_ids"]) + row[f"{side}_input_ids"]
        out |= {f"{side}_input_ids": ids, f"{side}_attention_mask": [1] * len(ids), f"{side}_labels": labels}
    return out


# The rows come tokenized: nothing is left to prepare. Order of rows is the file's, and the logged loss keeps its digits.
DPOTrainer._prepare_dataset = lambda self, dataset, *args: dataset
CPOTrainer.tokenize_row = lambda self, row, model=None: row
for module in (trl.trainer.cpo_trainer,):
    module.maybe_extract_prompt = lambda row: row
    module.maybe_apply_chat_template = lambda row, tokenizer: row
hf.Trainer._get_train_sampler = lambda self, *args: SequentialSampler(self.train_dataset)
hf.round = lambda x, digits=None: x


class Record(TrainerCallback):
    def __init__(self, leave_out):
        self.train, self.leave_out = [], leave_out + ("epoch", "runtime", "per_second", "total_flos", "train_loss", "num_tokens")

    def on_log(self, args, state, control, logs=None, **kwargs):
        if "loss" in logs:
            row = {k: float(f"{v:.8g}") for k, v in logs.items() if not any(x in k for x in self.leave_out)}
            self.train.append(dict(step=state.global_step, **row))


def load(path, dtype=torch.float32):
    return AutoModelForCausalLM.from_pretrained(GOLDEN / path, torch_dtype=dtype, attn_implementation="eager")


def policy(case, dtype=torch.float32):
    """The model that trains, and the arguments by which TRL finds its reference."""
    model, reference = load(case["model_name_or_path"], dtype), {}
    if case["finetuning_type"] == "full":
        return model, reference
    *merged, last = case["adapter_name_or_path"].split(",")
    for adapter in merged:
        model = PeftModel.from_pretrained(model, GOLDEN / adapter).merge_and_unload()
    model = PeftModel.from_pretrained(model, GOLDEN / last, is_trainable=True)
    if "ref_model" not in case and last.endswith("moved-adapter"):
        model.load_adapter(GOLDEN / last, adapter_name="reference")
        reference = dict(model_adapter_name="default", ref_adapter_name="reference")
    if "ref_model_adapters" in case:
        model.load_adapter(GOLDEN / case["ref_model_adapters"], adapter_name="reference")
        reference = dict(model_adapter_name="default", ref_adapter_name="reference")
    model.set_adapter("default")
    return model.to(dtype), reference


def weights(model):
    if isinstance(model, PeftModel):
        state = get_peft_model_state_dict(model, adapter_name="default")
    else:
        state = {n: p for n, p in model.named_parameters()}
    return {n: p.detach().double().clone() for n, p in state.items()}


def change(before, after):
    out = {}
    for name, start in before.items():
        delta = (after[name] - start).flatten()
        probe = delta @ torch.cos(0.1 * torch.arange(len(delta), dtype=torch.float64))
        out[name] = [float(f"{delta.norm().item():.8g}"), float(f"{probe.item():.8g}")]
    return out


def options(case):
    return {TRL_KEYS.get(k, k): v for k, v in case.items() if k in OPTIONS}


def arguments(case, out):
    return dict(
        output_dir=out, per_device_train_batch_size=case["per_device_train_batch_size"],
        gradient_accumulation_steps=case["gradient_accumulation_steps"], learning_rate=LEARNING_RATE, lr_scheduler_type="linear",
        warmup_steps=WARMUP, num_train_epochs=EPOCHS, max_grad_norm=1.0, weight_decay=0.0, logging_steps=1, save_strategy="no",
        report_to="none", bf16=False, use_cpu=True, seed=42, disable_tqdm=True, gradient_checkpointing=False,
    )


def trained(case, make, leave_out=()):
    tokenizer, data = rows(case)
    model, reference = policy(case)
    record = Record(leave_out)
    with tempfile.TemporaryDirectory() as out:
        trainer = make(model, reference, arguments(case, out), tokenizer, data, [record])
        start = weights(model)
        trainer.train()
    assert len(record.train) >= 6, len(record.train)
    return dict(train=record.train, change=change(start, weights(model)))


def dpo(case):
    def make(model, reference, args, tokenizer, data, callbacks):
        ref_model = None
        if case.get("sync_ref_model") and isinstance(model, PeftModel):  # an adapter's copy, which TRL wants given
            ref_model = policy(case)[0]
        return DPOTrainer(model, ref_model, args=DPOConfig(**args, **reference, **options(case)), processing_class=tokenizer,
                          train_dataset=Dataset.from_list(data), callbacks=callbacks)

    # without the reference TRL still logs rewards against it
    return trained(case, make, ("rewards/",) if case.get("reference_free") else ())


def cpo(case):
    def make(model, reference, args, tokenizer, data, callbacks):
        known = options(case)
        known["cpo_alpha"] = known.pop("cpo_alpha", known.pop("rpo_alpha", 0.0))
        known.pop("reference_free", None)
        known["loss_type"] = known["loss_type"].replace("cpo", "sigmoid")
        return CPOTrainer(model, args=CPOConfig(**args, **known, max_length=512, max_prompt_length=256), processing_class=tokenizer,
                          train_dataset=Dataset.from_list([for_cpo(row) for row in data]), callbacks=callbacks)

    # its logits are averaged over prompt and padding too
    with_nll = case.get("cpo_alpha") or case.get("rpo_alpha")
    return trained(case, make, ("logits/",) if with_nll else ("logits/", "nll_loss"))


def token_logps(model, row, side):
    """log p of each token of a reply, and ln sum_v p(v)^2 where it was chosen."""
    prompt, reply = row["prompt_input_ids"], row[f"{side}_input_ids"]
    logits = model(torch.tensor([prompt + reply])).logits[0, len(prompt) - 1 : -1]
    logp = logits.log_softmax(-1)
    return logp[range(len(reply)), reply], torch.logsumexp(2 * logp, -1)


def paper_loss(case, model, reference, batch):
    """The papers' formulas, pair by pair, over one micro-batch."""
    b, total, metrics = case["pref_beta"], [], {}
    for row in batch:
        (c, c_all), (r, r_all) = token_logps(model, row, "chosen"), token_logps(model, row, "rejected")
        with torch.no_grad():
            c0, r0 = (token_logps(reference, row, side)[0].sum() for side in ("chosen", "rejected"))
        chosen, rejected = c.sum(), r.sum()
        if "ld_alpha" in case:  # LD-DPO, equation 7: what lies past the shorter reply's length counts ld_alpha
            m = min(len(c), len(r))
            chosen, rejected = (x[:m].sum() + case["ld_alpha"] * x[m:].sum() for x in (c, r))
        u, v = chosen - c0, rejected - r0
        if case["pref_loss"] == "sigmoid":
            loss = -F.logsigmoid(b * (u - v))
        elif case["pref_loss"] == "apo_zero":
            loss = 1 - torch.sigmoid(b * u) + torch.sigmoid(b * v)
        else:
            assert case["pref_loss"] == "simpo"
            u, v = c.mean(), r.mean()
            chosen, rejected = u, v
            loss = -F.logsigmoid(b * (u - v) - case["simpo_gamma"])
        if "rpo_alpha" in case:
            tokens = torch.cat([token_logps(model, other, "chosen")[0] for other in batch])
            loss = loss - case["rpo_alpha"] * tokens.mean()
        if case.get("use_weighting"):  # WPO, equation 2
            with torch.no_grad():
                weight = torch.exp((c - c_all).mean() + (r - r_all).mean()).clamp(max=1)
            loss = loss * weight
        total.append(loss)
        for name, value in {"rewards/chosen": b * u, "rewards/rejected": b * v, "rewards/margins": b * (u - v),
                            "rewards/accuracies": (u > v).double(), "logps/chosen": chosen, "logps/rejected": rejected}.items():
            metrics.setdefault(name, []).append(value.item())
    return torch.stack(total).mean(), metrics


def paper(case):
    """A plain loop in f64: the paper's loss, PyTorch's AdamW and clipping, transformers' schedule."""
    _, data = rows(case)
    (model, _), (reference, _) = policy(case, torch.float64), policy(case, torch.float64)
    model.eval(), reference.eval()
    params = [p for p in model.parameters() if p.requires_grad]
    micro, per_step = case["per_device_train_batch_size"], case["gradient_accumulation_steps"]
    batches = [data[i : i + micro] for i in range(0, len(data), micro)] * EPOCHS
    steps = len(batches) // per_step
    optimizer = torch.optim.AdamW(params, lr=LEARNING_RATE, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0)
    schedule = get_linear_schedule_with_warmup(optimizer, WARMUP, steps)
    start, train = weights(model), []
    for step in range(steps):
        losses, metrics = [], {}
        for batch in batches[step * per_step : (step + 1) * per_step]:
            loss, values = paper_loss(case, model, reference, batch)
            (loss / per_step).backward()
            losses.append(loss.item())
            for name, value in values.items():
                metrics.setdefault(name, []).extend(value)
        norm = torch.nn.utils.clip_grad_norm_(params, 1.0).item()
        row = dict(loss=sum(losses) / per_step, grad_norm=norm, learning_rate=schedule.get_last_lr()[0])
        row |= {name: sum(v) / len(v) for name, v in metrics.items()}
        train.append(dict(step=step + 1, **{k: float(f"{v:.8g}") for k, v in row.items()}))
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
    why = next(text for key, text in WHY.items() if key in case)
    return dict(against="paper", why=why, train=train, change=change(start, weights(model)))


def moved_adapter():
    """fresh-adapter with a B that is not 0: an adapter that has learned something."""
    path = GOLDEN / "models/llama/moved-adapter"
    if path.exists():
        return
    model = PeftModel.from_pretrained(load("models/llama"), GOLDEN / "models/llama/fresh-adapter", is_trainable=True)
    g = torch.Generator().manual_seed(23)
    for name, p in model.named_parameters():
        if "lora_B" in name:
            p.data = 0.2 * torch.randn(p.shape, generator=g)
    model.save_pretrained(path)
    (path / "README.md").unlink(missing_ok=True)
    file = path / "adapter_config.json"
    kept = json.loads(file.read_text())
    kept["base_model_name_or_path"] = None
    kept["target_modules"].sort()
    file.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")


def write(name, library, wanted):
    """All cases, those whose name has the part given, or (`missing`) those that the file lacks."""
    file, part = HERE / f"{name}.json", sys.argv[1] if len(sys.argv) > 1 else ""
    got = json.loads(file.read_text())["cases"] if file.exists() and part else {}
    for case, (proves, asked, run) in wanted.items():
        if case in got if part == "missing" else part not in case:
            continue
        got[case] = dict(proves=proves) | run(asked) | dict(config=asked)
        first, last = got[case]["train"][0], got[case]["train"][-1]
        assert all(math.isfinite(x) for row in got[case]["train"] for x in row.values()), case
        print(f"{case:24} loss {first['loss']:.6f} -> {last['loss']:.6f}, |g| {last['grad_norm']:.5f}", flush=True)
        text = json.dumps(dict(library=library, cases={c: got[c] for c in wanted if c in got}), separators=(",", ":"))
        file.write_text(text.replace('{"step"', '\n{"step"').replace('},"', '},\n"') + "\n")
    for a, b in itertools.combinations(got, 2):
        same = all(x["loss"] == y["loss"] for x, y in zip(got[a]["train"], got[b]["train"]))
        assert not same, f"{a} and {b} share a curve"


def main():
    assert trl.__version__ == "0.19.1"
    moved_adapter()
    write("losses", "TRL 0.19.1", cases())


torch.set_num_threads(1)
warnings.simplefilter("ignore")
logging.disable(logging.WARNING)
if __name__ == "__main__":
    main()
