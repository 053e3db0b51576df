# Keys and values of LLaMA-Factory's example files, which its users start from.
"""python examples.py   writes examples.json (needs git and PyYAML; the files themselves are not kept)"""

import json
import subprocess
import tempfile
from pathlib import Path

import yaml

from arguments import HERE, LLAMA_FACTORY, REPOSITORY

# settings of accelerate and deepspeed, a list of tokens, and files of its second program (USE_V1), which has keys of its own
ASIDE = ["accelerate", "deepspeed", "multi_tokens", "v1"]


def main():
    found = []
    with tempfile.TemporaryDirectory() as into:
        subprocess.run(["git", "clone", "-q", REPOSITORY, into], check=True)
        for version, commit in LLAMA_FACTORY.items():
            subprocess.run(["git", "-C", into, "checkout", "-q", commit], check=True)
            examples = Path(into, "examples")
            for path in sorted(examples.rglob("*.yaml")):
                name = path.relative_to(examples)
                if not set(ASIDE) & set(name.parts):
                    keys = yaml.safe_load(path.read_text())
                    found.append(dict(version=version, file=str(name), keys=keys))
    lines = ",\n".join(json.dumps(entry) for entry in found)
    (HERE / "examples.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
