# Writes which rows LLaMA-Factory takes of several data sets, in which order: sampling, cutting, mixing, holding out, and the same of
# rows that are streamed.
"""python mixing.py"""

import importlib
import json
import sys
import tempfile
import types
from pathlib import Path
from types import SimpleNamespace

import llamafactory
import numpy as np

HERE = Path(__file__).parent


def loader():
    """LLaMA-Factory's own loader; what it would do with rows and models beside choosing them stands empty."""
    root = Path(llamafactory.__file__).parent

    def module(name, path=None, **content):
        made = types.ModuleType(f"llamafactory.{name}")
        if path:
            made.__path__ = [str(root / path)]
        vars(made).update(content)
        sys.modules[f"llamafactory.{name}"] = made

    quiet = SimpleNamespace(info_rank0=lambda *_: None, warning_rank0_once=lambda *_: None, warning_rank0=lambda *_: None)
    module("extras", "extras", logging=SimpleNamespace(get_logger=lambda _: quiet))
    module("extras.misc", check_version=None, has_tokenized_data=None, use_modelscope=lambda: False, use_openmind=lambda: False)
    types_of_files = dict(json="json", jsonl="json", csv="csv", parquet="parquet", txt="text", arrow="arrow")
    module("extras.constants", FILEEXT2TYPE=types_of_files, DATA_CONFIG="dataset_info.json")
    module("data", "data")
    module("data.converter", align_dataset=lambda dataset, *_: dataset)
    names = ["Feedback", "PackedSupervised", "Pairwise", "Pretrain", "Supervised", "Unsupervised"]
    module("data.processor", **{f"{name}DatasetProcessor": None for name in names})
    return importlib.import_module("llamafactory.data.loader"), importlib.import_module("llamafactory.data.data_utils")


CASES = [
    dict(sizes=[7]),
    dict(sizes=[7], val_size=0.3),
    dict(sizes=[20], val_size=5, seed=7),
    dict(sizes=[9, 5], max_samples=6),
    dict(sizes=[9, 5], max_samples=6, val_size=0.25, seed=1),
    dict(sizes=[10], num_samples=[4]),
    dict(sizes=[10], num_samples=[23], seed=3),
    dict(sizes=[10, 300], num_samples=[15, 40], seed=11),
    dict(sizes=[10, 8], num_samples=[None, 12], max_samples=9, seed=2**32 - 1),
    dict(sizes=[3, 4, 5], mix_strategy="interleave_under"),
    dict(sizes=[3, 4, 5], mix_strategy="interleave_over"),
    dict(sizes=[3, 4, 5], mix_strategy="interleave_over", val_size=0.2, seed=5),
    dict(sizes=[30, 4, 11], mix_strategy="interleave_under", interleave_probs=[0.7, 0.1, 0.2]),
    dict(sizes=[30, 4, 11], mix_strategy="interleave_over", interleave_probs=[0.7, 0.1, 0.2], seed=0),
    dict(sizes=[900, 800], mix_strategy="interleave_under", interleave_probs=[0.3, 0.7], seed=123456789),
    dict(sizes=[12, 9], mix_strategy="interleave_over", interleave_probs=[1 / 3, 2 / 3], num_samples=[5, 20], val_size=3, seed=9),
]


STREAMED = [
    dict(sizes=[7], buffer_size=3),
    dict(sizes=[7], buffer_size=1),
    dict(sizes=[7], buffer_size=100, seed=5),
    dict(sizes=[2600], buffer_size=1000, seed=2**32 - 1),
    dict(sizes=[60], buffer_size=16, val_size=9, seed=7),
    dict(sizes=[9, 5, 4, 6], buffer_size=8),
    dict(sizes=[9, 5, 4, 6], buffer_size=5, val_size=4, seed=3),
    dict(sizes=[3, 4, 5], mix_strategy="interleave_under", buffer_size=4),
    dict(sizes=[3, 4, 5], mix_strategy="interleave_over", buffer_size=4, seed=1),
    dict(sizes=[30, 4, 11], mix_strategy="interleave_under", interleave_probs=[0.7, 0.1, 0.2], buffer_size=6),
    dict(sizes=[30, 4, 11], mix_strategy="interleave_over", interleave_probs=[0.7, 0.1, 0.2], buffer_size=6, seed=0),
    dict(sizes=[900, 800], mix_strategy="interleave_over", interleave_probs=[0.3, 0.7], buffer_size=128, seed=123456789),
]
PASSES = 3


def prepared(case, folder, streaming):
    """The names of the case's data sets, whose files are written, and the arguments about them."""
    info, names = {}, []
    for at, size in enumerate(case["sizes"]):
        name = f"s{at}"
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(dict(text=f"{at}:{row}")) + "\n" for row in range(size)))
        info[name] = dict(file_name=f"{name}.jsonl", columns=dict(prompt="text"))
        if (count := case.get("num_samples", [None] * 9)[at]) is not None:
            info[name]["num_samples"] = count
        names.append(name)
    (folder / "dataset_info.json").write_text(json.dumps(info))
    seed = case.get("seed", 42)
    data = SimpleNamespace(
        dataset_dir=str(folder), streaming=streaming, preprocessing_num_workers=None, max_samples=case.get("max_samples"),
        mix_strategy=case.get("mix_strategy", "concat"), interleave_probs=case.get("interleave_probs"), val_size=case.get("val_size", 0.0),
        buffer_size=case.get("buffer_size"),
    )
    return names, data, seed


def run(case, load, utils, folder):
    names, data, seed = prepared(case, folder, streaming=False)
    np.random.seed(seed)  # as transformers.set_seed does when the arguments are read
    model = SimpleNamespace(cache_dir=str(folder / "cache"), hf_hub_token=None)
    merged = load._get_merged_dataset(names, model, data, SimpleNamespace(seed=seed), "sft")
    train, held_out = utils.split_dataset(merged, None, data, seed=seed)
    rows = lambda split: [] if split is None else split["text"]
    return case | dict(seed=seed, train=list(rows(train["train"])), eval=list(rows(held_out.get("validation"))))


def stream(case, load, utils, folder):
    """One pass after the other, as transformers' trainer makes them. Files that are there are one shard a worker."""
    names, data, seed = prepared(case, folder, streaming=True)
    model = SimpleNamespace(cache_dir=str(folder / "cache"), hf_hub_token=None, trust_remote_code=False)
    merged = load._get_merged_dataset(names, model, data, SimpleNamespace(seed=seed, dataloader_num_workers=1), "sft")
    train, held_out = utils.split_dataset(merged, None, data, seed=seed)
    rows = lambda split: [] if split is None else [row["text"] for row in split]
    passes = []
    for epoch in range(PASSES):
        train["train"].set_epoch(epoch)
        passes.append(rows(train["train"]))
    return case | dict(seed=seed, passes=passes, eval=rows(held_out.get("validation")))


def main():
    load, utils = loader()
    for name, cases, written in [("mixing", CASES, run), ("streaming", STREAMED, stream)]:
        lines = []
        for case in cases:
            with tempfile.TemporaryDirectory() as folder:
                lines.append(json.dumps(written(case, load, utils, Path(folder))))
        (HERE / f"{name}.json").write_text("[" + ",\n".join(lines) + "]\n")


if __name__ == "__main__":
    main()
