# Every key of LLaMA-Factory's and transformers' argument classes with its default, read from their sources.
"""python arguments.py   writes arguments.json (needs git and pip; nothing of theirs is imported or installed)"""

import ast
import io
import json
import subprocess
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
REPOSITORY = "https://github.com/hiyouga/LLaMA-Factory"
# versions: 0.9.3, and the one that was the newest when this was last run
LLAMA_FACTORY = {"0.9.3": "v0.9.3", "now": "ff6d4d12eeb035d6ce06805a5733dd7b29f2ac30"}
TRANSFORMERS = ["4.52.4", "5.24.0"]
HPARAMS = ["model_args", "data_args", "finetuning_args", "generating_args", "evaluation_args", "training_args"]
# classes whose fields are no keys of a file
NOT_KEYS = {"GenerationConfig"}
# what a default that is no plain value stands for
SPOKEN = {
    "IntervalStrategy.NO": "no", "IntervalStrategy.STEPS": "steps", "SaveStrategy.STEPS": "steps",
    "SchedulerType.LINEAR": "linear", "HubStrategy.EVERY_SAVE": "every_save", "EngineName.HF": "huggingface",
    "DownloadMode.REUSE_DATASET_IF_EXISTS": "reuse_dataset_if_exists", "AttentionFunction.AUTO": "auto",
    "QuantizationMethod.BNB": "bnb", "RopeScaling.NONE": None, "list": [], "dict": {}, "default_optim": "adamw_torch",
}


def value(node):
    """What a default written as `node` is."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return value(node.left) * value(node.right)
    try:
        found = ast.literal_eval(node)
        json.dumps(found)
        return found
    except (ValueError, TypeError):
        pass
    text = ast.unparse(node)
    if text not in SPOKEN:
        raise SystemExit(f"arguments.py does not know the default {text}")
    return SPOKEN[text]


def default(node):
    """The default of a field; a field without one has null."""
    if node is None:
        return None
    if not (isinstance(node, ast.Call) and ast.unparse(node.func) == "field"):
        return value(node)
    for word in node.keywords:
        if word.arg == "default":
            return value(word.value)
        if word.arg == "default_factory":
            made = word.value
            return value(made.body if isinstance(made, ast.Lambda) else made)
    return None


def classes(source):
    """Name of a class, and the default of each of its fields."""
    for item in ast.parse(source).body:
        if not isinstance(item, ast.ClassDef) or item.name in NOT_KEYS:
            continue
        fields = {}
        for line in item.body:
            if isinstance(line, ast.AnnAssign) and "ClassVar" not in ast.unparse(line.annotation):
                hidden = isinstance(line.value, ast.Call) and any(
                    w.arg == "init" and w.value.value is False for w in line.value.keywords)
                if not hidden and not line.target.id.startswith("_"):
                    fields[line.target.id] = default(line.value)
        if fields:
            yield item.name, fields


def llama_factory(version, commit, into):
    folder = Path(into, version)
    subprocess.run(["git", "clone", "-q", REPOSITORY, folder], check=True)
    subprocess.run(["git", "-C", folder, "checkout", "-q", commit], check=True)
    for name in HPARAMS:
        path = folder / "src/llamafactory/hparams" / f"{name}.py"
        yield from classes(path.read_text())


def transformers(version, into):
    subprocess.run(["pip", "download", "-q", "--no-deps", "-d", into, f"transformers=={version}"], check=True)
    wheel = zipfile.ZipFile(next(Path(into).glob(f"transformers-{version}-*.whl")))
    for name in ["training_args", "training_args_seq2seq"]:
        yield from classes(wheel.read(f"transformers/{name}.py").decode())


def main():
    found = []
    with tempfile.TemporaryDirectory() as into:
        sources = [("LLaMA-Factory", v, llama_factory(v, c, into)) for v, c in LLAMA_FACTORY.items()]
        sources += [("transformers", v, transformers(v, into)) for v in TRANSFORMERS]
        for program, version, all_classes in sources:
            for name, fields in all_classes:
                found.append(dict(program=program, version=version, name=name, keys=fields))
    lines = ",\n".join(json.dumps(entry, sort_keys=True) for entry in found)
    (HERE / "arguments.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
