# The rows of `bench_card` in Python: by TRL's own trainers where TRL can be imported, else by a loop that makes the tensors TRL
# makes. The model in bf16, LoRA by PEFT, NF4 by bitsandbytes, attention by sdpa, no gradient checkpointing; texts of different
# lengths are padded to the longest. With `--liger` by Liger's kernels, in a process of their own: they replace functions of
# transformers for all models that follow.
"""python torch_step.py ROWS [--seconds N] [--device cuda|cpu] [--liger]   ROWS: the file that `bench_card rows` printed"""

import argparse
import copy
import dataclasses
import gc
import importlib
import json
import os
import random
import signal
import sys
import tempfile
import time

os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false", TRL_EXPERIMENTAL_SILENCE="1", WANDB_DISABLED="true")

LINEARS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
BETA, STEPS = 0.1, 4


def imported(name):
    """The module, or None and why not."""
    try:
        return importlib.import_module(name), None
    except Exception as error:  # a library that is there may fail on what it is linked to
        return None, f"not importable: {str(error).splitlines()[0] if str(error) else type(error).__name__}"


LIBRARIES = {name: imported(name) for name in ["torch", "transformers", "peft", "bitsandbytes", "datasets", "trl", "liger_kernel"]}
torch, transformers, peft, bitsandbytes, datasets, trl, liger = (module for module, _ in LIBRARIES.values())


def versions():
    from importlib.metadata import PackageNotFoundError, version

    def of(name, module, why):
        if module is None:
            return why
        try:
            return getattr(module, "__version__", None) or version(name)
        except PackageNotFoundError:
            return "of no version"

    return {name: of(name, module, why) for name, (module, why) in LIBRARIES.items()}


def spoken(error):
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else ''}"


class TimeIsOver(Exception):
    pass


def model_of(row, device):
    config = dict(row["config"])
    kind = config.pop("model_type")
    for key in ["architectures", "torch_dtype"]:
        config.pop(key)
    config = transformers.AutoConfig.for_model(kind, **config)
    config._attn_implementation = "sdpa"
    torch.manual_seed(0)
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16)
    try:
        with torch.device(device):
            model = transformers.AutoModelForCausalLM.from_config(config)
    finally:
        torch.set_default_dtype(before)
    if row["method"] == "Qlora":
        pack(model, device)
    return model


def pack(model, device):
    """Every linear layer but the head in NF4 with its scales quantized too, as `load_in_4bit` does it."""
    for parent in list(model.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, torch.nn.Linear) and name in LINEARS:
                layer = bitsandbytes.nn.Linear4bit(
                    child.in_features, child.out_features, bias=False, compute_dtype=torch.bfloat16, compress_statistics=True,
                    quant_type="nf4",
                )
                layer.weight = bitsandbytes.nn.Params4bit(
                    child.weight.data.to("cpu"), requires_grad=False, compress_statistics=True, quant_type="nf4",
                )
                setattr(parent, name, layer.to(device))
    model.is_loaded_in_4bit = True


def adapter(row):
    if row["method"] not in ["Lora", "Qlora"]:
        return None
    return peft.LoraConfig(r=16, lora_alpha=32, target_modules=LINEARS, task_type="CAUSAL_LM")


def lacking(row):
    """What a row needs and is not here."""
    needs = {"Lora": ["peft"], "Qlora": ["peft", "bitsandbytes"]}.get(row["method"], [])
    return [name for name in needs if LIBRARIES[name][0] is None]


def drawn(row):
    """Token ids of its texts: pairs as (prompt, chosen, rejected), or whole texts."""
    draw, most = random.Random(0), min(100_000, row["config"]["vocab_size"] - 2)
    ids = lambda count: [draw.randrange(2, most) for _ in range(count)]
    return [[ids(texts[part]) for part in ("prompt", "chosen", "rejected") if part in texts] or ids(texts["text"]) for texts in row["texts"]]


class Clock:
    """Seconds of each step, with all that the device still had to do."""

    def __init__(self, device):
        self.device, self.seconds = device, []
        if device == "cuda":
            torch.cuda.reset_peak_memory_stats()

    def wait(self):
        if self.device == "cuda":
            torch.cuda.synchronize()

    def begin(self):
        self.wait()
        self.start = time.perf_counter()

    def end(self):
        self.wait()
        self.seconds.append(time.perf_counter() - self.start)

    def found(self, row, loss):
        step = sorted(self.seconds[1:])[(len(self.seconds) - 1) // 2]
        found = {"tokens_per_second": round(row["tokens"] / step), "step_seconds": step, "loss": loss}
        if self.device == "cuda":
            found["peak_mib"] = torch.cuda.max_memory_allocated() >> 20
        return found


# --- a loop of our own


def padded(texts, device):
    longest = max(map(len, texts))
    rows = [text + [0] * (longest - len(text)) for text in texts]
    mask = [[1] * len(text) + [0] * (longest - len(text)) for text in texts]
    return torch.tensor(rows, device=device), torch.tensor(mask, device=device)


def sequence_logps(model, ids, mask, counted):
    logits = model(input_ids=ids, attention_mask=mask, use_cache=False).logits[:, :-1]
    picked = torch.gather(logits, 2, ids[:, 1:].unsqueeze(-1)).squeeze(-1)
    normalizer = torch.stack([row.logsumexp(-1) for row in logits])  # by rows, as TRL does, to hold less at once
    return ((picked - normalizer).float() * counted).sum(-1)


def by_loop(row, device, with_liger):
    model = model_of(row, device)
    reference_model = None
    if adapter(row) is not None:
        model = peft.get_peft_model(model, adapter(row))
    elif row["loss"] == "Dpo":
        reference_model = copy.deepcopy(model)
    if with_liger:
        from liger_kernel.transformers import _apply_liger_kernel_to_instance

        _apply_liger_kernel_to_instance(model=model.get_base_model() if adapter(row) else model)
    model.train()
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=1e-4, weight_decay=0.0)
    all_texts = drawn(row)
    pairs = row["loss"] != "Sft"
    texts = [pair[0] + reply for pair in all_texts for reply in pair[1:]] if pairs else all_texts
    ids, mask = padded(texts, device)
    counted = mask[:, 1:].bool()
    if pairs:
        prompts = [len(pair[0]) for pair in all_texts for _ in pair[1:]]
        for text, prompt in enumerate(prompts):
            counted[text, : prompt - 1] = False
    clock = Clock(device)
    for _ in range(STEPS):
        clock.begin()
        reference = 0.0
        if row["loss"] == "Dpo":
            with torch.no_grad():
                if reference_model is not None:
                    reference = sequence_logps(reference_model, ids, mask, counted)
                else:
                    with model.disable_adapter():
                        reference = sequence_logps(model, ids, mask, counted)
        policy = sequence_logps(model, ids, mask, counted)
        if not pairs:
            value = -policy.sum() / counted.sum()
        else:
            ratio = policy / counted.sum(-1) if row["loss"] == "Simpo" else policy - reference
            value = -torch.nn.functional.logsigmoid(BETA * (ratio[0::2] - ratio[1::2])).mean()
        value.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        clock.end()
    return clock.found(row, value.item())


# --- TRL's trainers


def tokenizer_of(row):
    """A word a token, so that texts have exactly the tokens that they shall have."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import WhitespaceSplit

    most = min(100_000, row["config"]["vocab_size"])
    words = {"<pad>": 0, "<eos>": 1} | {f"w{i}": i for i in range(2, most)}
    tokenizer = Tokenizer(WordLevel(words, unk_token="<pad>"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    return transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>", eos_token="<eos>")


def trainer_of(loss):
    """The class of the trainer and that of its arguments, where this version of TRL has them."""
    names = {"Dpo": ("DPOTrainer", "DPOConfig"), "Sft": ("SFTTrainer", "SFTConfig"), "Simpo": ("CPOTrainer", "CPOConfig")}[loss]
    try:
        return [getattr(trl, name) for name in names]
    except (AttributeError, ImportError):
        place = importlib.import_module("trl.experimental.cpo")
        return [getattr(place, name) for name in names]


def by_trl(row, device, with_liger):
    trainer_class, config_class = trainer_of(row["loss"])
    known = {field.name for field in dataclasses.fields(config_class)}
    words = lambda ids: " ".join(f"w{i}" for i in ids)
    texts = drawn(row) * STEPS
    # the token that ends a text is put behind it
    if row["loss"] == "Sft":
        data = datasets.Dataset.from_dict({"text": [words(text[:-1]) for text in texts]})
    else:
        columns = {"prompt": [words(pair[0]) for pair in texts]}
        columns |= {name: [" " + words(pair[i][:-1]) for pair in texts] for i, name in [(1, "chosen"), (2, "rejected")]}
        data = datasets.Dataset.from_dict(columns)
    longest = max(sum(map(len, (pair[0], pair[i]))) for pair in texts for i in (1, 2)) if row["loss"] != "Sft" else max(map(len, texts))
    wanted = {
        "per_device_train_batch_size": len(row["texts"]), "max_steps": STEPS, "learning_rate": 1e-4, "weight_decay": 0.0,
        "max_grad_norm": 1.0, "lr_scheduler_type": "constant", "bf16": device == "cuda", "use_cpu": device == "cpu",
        "gradient_checkpointing": False, "save_strategy": "no", "logging_strategy": "steps", "logging_steps": 1, "report_to": [],
        "disable_tqdm": True, "seed": 0, "max_length": longest, "max_prompt_length": longest, "max_completion_length": longest,
        "dataset_num_proc": None, "use_liger_kernel": with_liger,
    }
    if row["loss"] == "Sft":
        wanted |= {"dataset_text_field": "text", "packing": False, "max_seq_length": longest}
    else:
        wanted |= {"beta": BETA}
    if row["loss"] == "Simpo":
        wanted |= {"loss_type": "simpo", "cpo_alpha": 0.0, "simpo_gamma": 0.0}
    model = model_of(row, device)
    more = {}
    if row["loss"] == "Dpo" and adapter(row) is None:
        more["ref_model"] = copy.deepcopy(model)
    if with_liger and "use_liger_loss" in known:
        wanted["use_liger_loss"] = True
    clock = Clock(device)

    class Timed(transformers.TrainerCallback):
        def on_step_begin(self, *_, **__):
            clock.begin()

        def on_step_end(self, *_, **__):
            clock.end()

    with tempfile.TemporaryDirectory() as folder:
        args = config_class(output_dir=folder, **{key: value for key, value in wanted.items() if key in known})
        trainer = trainer_class(
            model=model, args=args, train_dataset=data, processing_class=tokenizer_of(row), peft_config=adapter(row),
            callbacks=[Timed()], **more,
        )
        trainer.remove_callback(transformers.PrinterCallback)
        trainer.train()
        loss = [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]
        trainer.accelerator.free_memory()
    return clock.found(row, float(loss[-1]) if loss else None)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("rows")
    parser.add_argument("--seconds", type=float, default=200)
    parser.add_argument("--device", default="cuda", choices=["cuda", "cpu"])
    parser.add_argument("--liger", action="store_true")
    args = parser.parse_args()
    rows = [json.loads(line) for line in open(args.rows)]
    needed = ["torch", "transformers"] + ["liger_kernel"] * args.liger
    print(json.dumps(versions()), flush=True)
    if any(LIBRARIES[name][0] is None for name in needed):
        return
    if args.device == "cuda" and not torch.cuda.is_available():
        print(json.dumps({"torch": "sees no card"}))
        return
    transformers.logging.set_verbosity_error()
    name, run = ("TRL", by_trl) if trl is not None and datasets is not None else ("PyTorch", by_loop)
    name += ", Liger" if args.liger else ""
    until = time.monotonic() + args.seconds

    def over(*_):
        raise TimeIsOver(f"{args.seconds:.0f} s were over")

    signal.signal(signal.SIGALRM, over)
    for row in rows:
        left = until - time.monotonic()
        if lacking(row):
            found = {"error": f"no {' and no '.join(lacking(row))}"}
        elif left <= 1:
            found = {"not_reached": f"{args.seconds:.0f} s were over"}
        else:
            signal.setitimer(signal.ITIMER_REAL, left)
            try:
                found = run(row, args.device, args.liger)
            except TimeIsOver as error:
                found = {"not_reached": str(error)}
            except Exception as error:  # a version that cannot do a row must not cost the others
                found = {"error": spoken(error)}
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
        print(json.dumps({"row": row["row"], "of": name, "found": found}), flush=True)
        gc.collect()
        if args.device == "cuda":
            torch.cuda.empty_cache()


if __name__ == "__main__":
    main()
