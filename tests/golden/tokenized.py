# Writes the folders that LLaMA-Factory keeps in `tokenized_path`, of every stage, with what a trainer finds in them.
"""python tokenized.py"""

import importlib
import json
import shutil
import sys
import types
from pathlib import Path
from types import SimpleNamespace

import llamafactory
from datasets import Dataset, DatasetDict, disable_progress_bars, load_from_disk

HERE = Path(__file__).parent / "tokenized"
EOS = 2


def processors():
    """LLaMA-Factory's own processors of rows; what they import beside them stands empty."""
    root = Path(llamafactory.__file__).parent

    def module(name, path=None, **content):
        made = types.ModuleType(f"llamafactory.{name}")
        if path:
            made.__path__ = [str(root / path)]
        vars(made).update(content)
        sys.modules[f"llamafactory.{name}"] = made

    quiet = SimpleNamespace(info_rank0=print, warning_rank0=print)
    module("extras", "extras", logging=SimpleNamespace(get_logger=lambda _: quiet))
    module("extras.constants", IGNORE_INDEX=-100)
    module("data", "data")
    module("data.data_utils", Role=SimpleNamespace(ASSISTANT=SimpleNamespace(value="assistant")))
    return importlib.import_module("llamafactory.data.processor")


def words(text):
    return [10 + sum(word.encode()) % 200 for word in text.split()]


class Template:
    """Ids without a tokenizer: what stands in the folders is theirs, not which text they stand for."""

    efficient_eos = False
    preserve_thinking = False
    mm_plugin = SimpleNamespace(
        process_messages=lambda messages, *_: messages, process_token_ids=lambda ids, labels, *_: (ids, labels))

    def encode_multiturn(self, tokenizer, messages, system=None, tools=None, *_):
        ids = [[1] * (i == 0) + words(m["content"]) + [EOS] * (i % 2) for i, m in enumerate(messages)]
        return list(zip(ids[::2], ids[1::2]))

    def encode_oneturn(self, tokenizer, messages, system=None, tools=None, *_):
        turns = self.encode_multiturn(tokenizer, messages)
        flat = [ids for turn in turns for ids in turn]
        return sum(flat[:-1], []), flat[-1]


class Tokenizer:
    eos_token, bos_token, eos_token_id, pad_token_id, add_bos_token = " <eos>", "", EOS, 0, False

    def __call__(self, texts, max_length=None, **_):
        ids = [words(text)[:max_length] for text in texts]
        return dict(input_ids=ids, attention_mask=[[1] * len(row) for row in ids])


def rows(stage, start, count):
    made = []
    for i in range(start, start + count):
        prompt = [dict(role="user", content=f"what of {i} " * (1 + i % 2))]
        if i % 3 == 2:
            prompt += [dict(role="assistant", content="so it is"), dict(role="user", content="and then")]
        replies = [f"reply {'on ' * (i % 4)}{i}", f"no {i}"][: 2 if stage == "rm" else 1]
        if stage == "kto":
            replies = [f"good {i}", ""] if i % 2 else ["", f"bad {i}"]
        row = dict(_prompt=prompt, _response=[dict(role="assistant", content=reply) for reply in replies])
        if stage == "pt":
            row["_prompt"] = [dict(role="user", content=f"text {i} " * (2 + i))]
        made.append(row | dict(_system="", _tools="", _images=None, _videos=None, _audios=None))
    return made


def main():
    disable_progress_bars()
    made = processors()
    shutil.rmtree(HERE, ignore_errors=True)
    plain = dict(cutoff_len=40, mask_history=False, train_on_prompt=False, neat_packing=False, packing=False)
    eos = type("EfficientEos", (Template,), dict(efficient_eos=True))
    cases = {
        "sft": ("sft", made.SupervisedDatasetProcessor, Template, {}),
        "sft_ends": ("sft", made.SupervisedDatasetProcessor, eos, {}),
        "sft_prompt": ("sft", made.SupervisedDatasetProcessor, Template, dict(train_on_prompt=True)),
        "sft_packed": ("sft", made.PackedSupervisedDatasetProcessor, Template, dict(packing=True)),
        "sft_neat": ("sft", made.PackedSupervisedDatasetProcessor, Template, dict(packing=True, neat_packing=True)),
        "pt": ("pt", made.PretrainDatasetProcessor, Template, dict(packing=True, cutoff_len=16)),
        "rm": ("rm", made.PairwiseDatasetProcessor, Template, {}),
        "kto": ("kto", made.FeedbackDatasetProcessor, Template, {}),
        "ppo": ("ppo", made.UnsupervisedDatasetProcessor, Template, {}),
    }
    found = {}
    for name, (stage, processor, template, arguments) in cases.items():
        arguments = SimpleNamespace(**plain | arguments, template="none")
        own = processor(template=template(), tokenizer=Tokenizer(), processor=None, data_args=arguments)

        def split(start, count):
            aligned = Dataset.from_list(rows(stage, start, count))
            return aligned.map(own.preprocess_dataset, batched=True, remove_columns=aligned.column_names)

        # one split by itself, two, and one in two files
        kept = split(0, 7) if name == "ppo" else DatasetDict(train=split(0, 7), validation=split(7, 3))
        kept.save_to_disk(HERE / name, **dict(num_shards=dict(train=2, validation=1)) if name == "rm" else {})
        again = load_from_disk(HERE / name)
        again = dict(train=again) if name == "ppo" else again
        keep = [c for c in again["train"].column_names if c not in ("images", "videos", "audios", "packing_params")]
        found[name] = {part: [{column: row[column] for column in keep} for row in again[part]] for part in again}
    lines = ",\n".join(f" {json.dumps(name)}: {json.dumps(value)}" for name, value in found.items())
    (HERE / "rows.json").write_text(f"{{\n{lines}\n}}\n")


if __name__ == "__main__":
    main()
