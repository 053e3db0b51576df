# Trains the tiny models on labelled replies with TRL 0.19.1's BCOTrainer, and writes down what every step logged.
"""python parity/bco.py   writes parity/bco.json (venv: requirements-trl.txt)"""

import json
import logging
import os
import tempfile
import warnings
from pathlib import Path

os.environ.update(DISABLE_VERSION_CHECK="1", WANDB_DISABLED="true", HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false",
                  HF_DATASETS_DISABLE_PROGRESS_BARS="1", CUDA_VISIBLE_DEVICES="")

import torch  # noqa: E402
import transformers.trainer as hf  # noqa: E402
import trl  # noqa: E402
from datasets import Dataset  # noqa: E402
from llamafactory.data.processor.feedback import FeedbackDatasetProcessor  # noqa: E402
from llamafactory.data.template import get_template_and_fix_tokenizer  # noqa: E402
from llamafactory.hparams import DataArguments  # noqa: E402
from peft import PeftModel, get_peft_model_state_dict  # noqa: E402
from torch.utils.data import SequentialSampler  # noqa: E402
from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback  # noqa: E402
from trl import BCOConfig, BCOTrainer  # noqa: E402

HERE = Path(__file__).parent
GOLDEN = HERE.parent
SAME = dict(learning_rate=1e-3, lr_scheduler_type="linear", warmup_steps=2, num_train_epochs=2.0, max_grad_norm=1.0, weight_decay=0.0,
            logging_steps=1, eval_strategy="steps", eval_steps=4, seed=42)


def config(model, template, kind, **more):
    out = dict(model_name_or_path=f"models/{model}")
    if kind == "lora":
        out |= dict(adapter_name_or_path=f"models/{model}/fresh-adapter")
    return out | dict(stage="kto", kto_loss="bco", finetuning_type=kind, dataset_dir="data", dataset="labelled",
                      eval_dataset="labelled_eval", template=template, cutoff_len=96, disable_shuffling=True,
                      per_device_train_batch_size=2, per_device_eval_batch_size=2, gradient_accumulation_steps=2, **SAME) | more


CASES = {
    "bco-lora": ("kto_loss bco", config("llama", "llama2", "lora", pref_beta=0.1)),
    "bco-full": ("kto_loss bco, full", config("qwen2", "qwen", "full", pref_beta=0.3)),
}


def rows(case, name):
    """The rows as LLaMA-Factory's template and cut-off tokenize them, in the columns BCOTrainer makes."""
    tokenizer = AutoTokenizer.from_pretrained(GOLDEN / case["model_name_or_path"])
    args = DataArguments(template=case["template"], cutoff_len=case["cutoff_len"])
    template = get_template_and_fix_tokenizer(tokenizer, args)
    encode = FeedbackDatasetProcessor(template, tokenizer, None, args)._encode_data_example
    out = []
    for row in json.loads((GOLDEN / f"data/{name}.json").read_text()):
        question = "\n".join(x for x in (row["instruction"], row["input"]) if x)
        reply = [dict(role="assistant", content=row["output"]), dict(role="assistant", content="")]
        ids, labels, *_ = encode([dict(role="user", content=question)], reply, reply, None, None, [], [], [])
        out.append(dict(completion_input_ids=ids, completion_attention_mask=[1] * len(ids), completion_labels=labels, label=row["kto_tag"]))
    return tokenizer, Dataset.from_list(out)


# Order of rows is the file's, and the logged loss keeps its digits.
hf.Trainer._get_train_sampler = lambda self, *args: SequentialSampler(self.train_dataset)
BCOTrainer._get_train_sampler = hf.Trainer._get_train_sampler
hf.round = lambda x, digits=None: x
LEFT_OUT = ("runtime", "per_second", "epoch", "total_flos", "train_loss", "logits/", "num_tokens")


class Record(TrainerCallback):
    def __init__(self):
        self.train, self.eval = [], []

    def on_log(self, args, state, control, logs=None, **kwargs):
        row = {k: float(f"{v:.8g}") for k, v in logs.items() if not any(x in k for x in LEFT_OUT)}
        if "loss" in row:
            self.train.append(dict(step=state.global_step, **row))
        elif "eval_loss" in row:
            self.eval.append(dict(step=state.global_step, **row))


def load(path):
    return AutoModelForCausalLM.from_pretrained(GOLDEN / path, torch_dtype=torch.float32, attn_implementation="eager")


def weights(model):
    state = get_peft_model_state_dict(model) if isinstance(model, PeftModel) else dict(model.named_parameters())
    return {n: p.detach().double().flatten().clone() for n, p in state.items()}


def run(case):
    (tokenizer, train), (_, held) = rows(case, "labelled"), rows(case, "labelled_eval")
    model, reference = load(case["model_name_or_path"]), None
    if case["finetuning_type"] == "lora":
        model = PeftModel.from_pretrained(model, GOLDEN / case["adapter_name_or_path"], is_trainable=True)
    else:
        reference = load(case["model_name_or_path"])
    words = Dataset.from_list([dict(prompt="a", completion="b", label=True)] * 4)
    record = Record()
    with tempfile.TemporaryDirectory() as out:
        args = BCOConfig(output_dir=out, beta=case["pref_beta"], per_device_train_batch_size=2, per_device_eval_batch_size=2,
                         gradient_accumulation_steps=2, save_strategy="no", report_to="none", bf16=False, use_cpu=True, disable_tqdm=True,
                         eval_on_start=True, gradient_checkpointing=False, remove_unused_columns=False, max_length=512,
                         max_prompt_length=256, **SAME)
        trainer = BCOTrainer(model, reference, args=args, processing_class=tokenizer, train_dataset=words, eval_dataset=words,
                             callbacks=[record])
        trainer.train_dataset, trainer.eval_dataset = train, held  # they come tokenized
        trainer.running.mean = 0.0  # a whole 0 has no mean: an evaluation before the first step would fail
        start = weights(model)
        trainer.train()
        trainer.evaluate()
    ends, change = weights(model), {}
    for name, before in start.items():
        moved = ends[name] - before
        probe = moved @ torch.cos(0.1 * torch.arange(len(moved), dtype=torch.float64))
        change[name] = [float(f"{x:.8g}") for x in (moved.norm().item(), probe.item())]
    evals = {row["step"]: row for row in record.eval}
    return dict(train=record.train, eval=list(evals.values()), change=change)


def main():
    assert trl.__version__ == "0.19.1"
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    os.chdir(GOLDEN)
    got = {}
    for name, (proves, case) in CASES.items():
        got[name] = dict(proves=proves, config=case) | run(case)
        assert len(got[name]["train"]) >= 6 and len(got[name]["eval"]) >= 3
        print(name, [(r["loss"], r.get("delta")) for r in got[name]["train"]][:8], flush=True)
    text = json.dumps(dict(library="TRL 0.19.1", cases=got), separators=(",", ":"))
    for at in ('{"step"', '"change"', '"train"', '"eval"', '"config"'):
        text = text.replace(at, "\n" + at)
    (HERE / "bco.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
