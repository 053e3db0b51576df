# Writes down which template LLaMA-Factory's list of models gives each that reads text alone.
"""python released_models.py LLAMA_FACTORY/src/llamafactory/extras/constants.py   writes released_models.json"""

import json
import sys
from enum import Enum
from pathlib import Path

found = {}


class DownloadSource(str, Enum):
    DEFAULT, MODELSCOPE, OPENMIND = "hf", "ms", "om"


def register_model_group(models, template=None, multimodal=False):
    if not multimodal:
        found.update({places.get(DownloadSource.DEFAULT) or next(iter(places.values())): template for places in models.values()})


if __name__ == "__main__":
    text = Path(sys.argv[1]).read_text()
    calls = text[text.index("\nregister_model_group("):]
    exec(calls, dict(DownloadSource=DownloadSource, register_model_group=register_model_group))
    rows = {name: found[name] for name in sorted(found, key=str.lower)}
    (Path(__file__).parent / "released_models.json").write_text(json.dumps(rows, indent=0) + "\n")
