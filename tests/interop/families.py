# Trains a tiny folder of every family with our program and loads what comes out with transformers and PEFT.
"""python families.py [NAME ...]             (started by run.sh, in the environment of golden/requirements-transformers.txt)
python families.py --experts [NAME ...]   (in that of golden/requirements-experts.txt)

Families without a class in transformers are loaded by the modules of golden/decoders/published.py. transformers 5 keeps experts in
one tensor, on which PEFT knows no adapter of single experts: those are tried with version 4, where experts are layers.
"""

import json
import os
import shutil
import sys
import tempfile
import warnings
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["RAYON_NUM_THREADS"] = "1"

import torch  # noqa: E402
import transformers  # noqa: E402
from check import ALLOWED, GOLDEN, furthest, trainer  # noqa: E402
from peft import LoraConfig, PeftModel, get_peft_model  # noqa: E402
from safetensors.torch import load_file  # noqa: E402

sys.path.insert(0, str(GOLDEN / "decoders"))
import published  # noqa: E402
import write  # noqa: E402

WORDS = 48
# Families of experts of whose adapters PEFT 0.21 over transformers 5 leaves nothing out.
WITH_EXPERTS = {"olmoe", "deepseek-moe"}
# Folders of experts that transformers 4.57 computes as the original does: not DeepSeek-V2's with YaRN, whose scale it leaves out.
EXPERTS = ["mixtral", "qwen2moe", "qwen2moe-all", "qwen3moe", "qwen3moe-all", "deepseek-v2-lite", "deepseek-v3", "olmoe", "glm4moe",
           "ernie4.5moe", "hunyuan-moe", "phimoe"]


class Worst:
    """The largest difference of one family."""

    apart = 0.0


def folder_of(name):
    return GOLDEN / ("models" if name in ("mixtral", "qwen2moe") else "families") / name


def sequences(row):
    """The golden ones; where frequencies follow the length (reading one token after the other has others then) their beginnings."""
    return [ids[: 8 if row.get("batched") else None] for ids in write.SEQUENCES]


def ours(row, folder, adapter=None):
    """Our logits of them."""
    out = []
    for ids in sequences(row):
        with_adapter = ["--adapter", adapter] if adapter else []
        got = json.loads(trainer("logits", folder, *with_adapter, "--ids", ",".join(map(str, ids))))
        out.append(torch.tensor(got["logits"]))
    return out


def loaded(row, folder):
    if "module" in row:
        model = write.build(row)
        model.load_checkpoint(load_file(folder / "model.safetensors"))
        return model
    name = row.get("model")
    kind = getattr(transformers, name) if name else transformers.AutoModelForCausalLM
    return kind.from_pretrained(folder, dtype=torch.float32, attn_implementation=row.get("attention", "eager")).eval()


def theirs(row, folder, adapter=None):
    model = loaded(row, folder)
    if adapter:
        config = LoraConfig.from_pretrained(adapter)
        config.task_type = None if "module" in row else config.task_type  # PEFT asks a class of its own for how it generates
        model = PeftModel.from_pretrained(model, adapter, config=config).eval()
    with torch.no_grad():
        return write.logits_of(model, sequences(row), False)


def compare(what, a, b):
    apart = furthest((x - y).abs().max() / y.abs().max() for x, y in zip(a, b, strict=True))
    Worst.apart = max(Worst.apart, apart)
    return f"{what} {apart:.0e}{'' if apart <= ALLOWED else ' TOO FAR'}"


def with_words(folder, out):
    """The folder with a tokenizer of as many words as the model knows, and a few texts of them."""
    shutil.copytree(folder, out, ignore=shutil.ignore_patterns("adapter", "expected.json", "logits.safetensors", "config.other.json"))
    vocabulary = {"<unk>": 0, "<s>": 1, "</s>": 2} | {f"w{i}": i for i in range(3, WORDS)}
    special = [dict(id=i, content=word, single_word=False, lstrip=False, rstrip=False, normalized=False, special=True)
               for word, i in list(vocabulary.items())[:3]]
    (out / "tokenizer.json").write_text(json.dumps(dict(
        version="1.0", truncation=None, padding=None, added_tokens=special, normalizer=None, pre_tokenizer=dict(type="Whitespace"),
        post_processor=None, decoder=None, model=dict(type="WordLevel", vocab=vocabulary, unk_token="<unk>"))))
    (out / "tokenizer_config.json").write_text(json.dumps(dict(
        tokenizer_class="PreTrainedTokenizerFast", bos_token="<s>", eos_token="</s>", unk_token="<unk>")))


def train(base, out, **keys):
    data = out.parent / "data"
    data.mkdir(exist_ok=True)
    rows = [dict(text=" ".join(f"w{3 + (i * j) % 45}" for j in range(1, 12))) for i in range(1, 5)]
    (data / "texts.json").write_text(json.dumps(rows))
    (data / "dataset_info.json").write_text(json.dumps(dict(texts=dict(file_name="texts.json", columns=dict(prompt="text")))))
    config = dict(
        model_name_or_path=str(base), stage="pt", do_train=True, dataset_dir=str(data), dataset="texts", cutoff_len=16,
        output_dir=str(out), per_device_train_batch_size=2, learning_rate=0.01, max_steps=2, logging_steps=1, save_steps=2, **keys)
    (out.parent / "config.yaml").write_text("".join(f"{key}: {json.dumps(value)}\n" for key, value in config.items()))
    trainer("train", out.parent / "config.yaml")
    return out / "checkpoint-2"


def of_attention(folder):
    """The names of its linear layers."""
    tensors = load_file(folder / "model.safetensors")
    matrices = [key for key, tensor in tensors.items() if ".self_attn." in key and key.endswith(".weight") and tensor.dim() == 2]
    return sorted({key.split(".")[-2] for key in matrices if "norm" not in key})


def check(name, row, out):
    golden, base = folder_of(name), out / "base"
    with_words(golden, base)
    before = theirs(row, golden)
    said = [compare("as it is", ours(row, base), before)]
    full = train(base, out / "full", finetuning_type="full")
    after = theirs(row, full)
    if max((a - b).abs().max().item() for a, b in zip(after, before)) < 100 * ALLOWED:
        sys.exit(f"{name}: training changed nothing")
    said.append(compare("our checkpoint", ours(row, full), after))
    names = sorted(load_file(golden / "model.safetensors"))
    written = sorted(load_file(full / "model.safetensors"))
    if "hub" not in row and names != written:
        sys.exit(f"{name}: our checkpoint has {set(written) ^ set(names)} more or less than the folder")
    adapter = train(base, out / "lora", finetuning_type="lora", lora_target="all-linear", lora_rank=2)
    merged = out / "merged"
    trainer("export", base, "--adapter", adapter, "--out", merged)
    in_ours = ours(row, base, adapter)
    said.append(compare("our merged folder", theirs(row, merged), in_ours))
    layers_of_experts = "targets" not in row or name in WITH_EXPERTS
    if layers_of_experts:
        said.append(compare("our adapter in PEFT", in_ours, theirs(row, base, adapter)))
    if not layers_of_experts or name == "olmoe":  # PEFT over transformers 5 finds experts where nothing else has their layers' names
        attention = train(base, out / "attention", finetuning_type="lora", lora_target=",".join(of_attention(golden)), lora_rank=2)
        said.append(compare("our adapter of attention in PEFT", ours(row, base, attention), theirs(row, base, attention)))
    else:
        said.append(compare("PEFT's adapter", ours(row, base, golden / "adapter"), theirs(row, golden, golden / "adapter")))
    return said


def their_adapter(base, out):
    """PEFT's, on every linear layer that it finds."""
    torch.manual_seed(1)
    model = transformers.AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    model = get_peft_model(model, LoraConfig(task_type="CAUSAL_LM", r=3, lora_alpha=6, target_modules="all-linear"))
    with torch.no_grad():
        for name, p in model.named_parameters():
            if "lora_" in name:
                p.copy_(0.2 * torch.randn(p.shape))
    model.save_pretrained(out)
    return out


def on_experts(tensors):
    return any(".experts." in name for name in tensors)


def check_experts(name, row, out):
    golden, base = folder_of(name), out / "base"
    with_words(golden, base)
    if row.get("style") == "v5":
        shutil.copy(golden / "config.other.json", base / "config.json")
    config = json.loads((base / "config.json").read_text())
    if name.startswith("qwen3moe"):  # version 4 knows the count by its published name alone
        config["num_experts"] = config.get("num_experts", config.get("num_local_experts"))
    (base / "config.json").write_text(json.dumps(config))
    said = [compare("as it is", ours(row, base), theirs(row, base))]
    adapter = train(base, out / "lora", finetuning_type="lora", lora_target="all-linear", lora_rank=2)
    peft = their_adapter(base, out / "peft")
    for whose in [adapter, peft]:
        if not on_experts(load_file(whose / "adapter_model.safetensors")):
            sys.exit(f"{name}: nothing of {whose.parent.name} is on experts")
    tuned = theirs(row, base, adapter)
    said.append(compare("our adapter of experts in PEFT", ours(row, base, adapter), tuned))
    merged = out / "merged"
    trainer("export", base, "--adapter", adapter, "--out", merged)
    said.append(compare("our merged folder", theirs(row, merged), tuned))
    said.append(compare("PEFT's adapter of experts", ours(row, base, peft), theirs(row, base, peft)))
    return said


def checked(job):
    """A family's row, and how far apart it was; more than anything where a program refused."""
    name, row, experts = job
    quiet()
    Worst.apart = 0.0
    with tempfile.TemporaryDirectory() as out:
        try:
            said = (check_experts if experts else check)(name, row, Path(out))
        except (SystemExit, Exception) as why:  # the others are tried, and this one is named
            return f"{name:22} FAILED: {type(why).__name__} {why}", float("inf")
    return f"{name:22} {', '.join(said)}", Worst.apart


def quiet():
    warnings.simplefilter("ignore")
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(1)


if __name__ == "__main__":
    experts = "--experts" in sys.argv
    asked = [name for name in sys.argv[1:] if name != "--experts"]
    rows = write.ROWS | {name: dict(module=name, **row) for name, row in published.ROWS.items()}
    rows |= {name: dict(style="v4", targets=write.ROWS["qwen2moe-all"]["targets"]) for name in ["mixtral", "qwen2moe"]}
    jobs = [(name, rows[name], experts) for name in asked or (EXPERTS if experts else rows)]
    worst = 0.0
    with ProcessPoolExecutor(os.cpu_count(), get_context("fork")) as pool:
        for said, apart in pool.map(checked, jobs):
            print(said, flush=True)
            worst = max(worst, apart)
    what = "experts'" if experts else "families'"
    print(f"interop: {what} largest logit difference {worst:.0e} of the largest logit")
    sys.exit(worst > ALLOWED)
