# Writes the table of llama.cpp's names of pre-tokenizers, by what its converter knows tokenizers by.
"""python gguf_pre.py LLAMA_CPP   writes ../../trainer/src/gguf/pre_tokenizers.tsv
(LLAMA_CPP: its source, as llama-cpp-python 0.3.36 on PyPI carries it)

A line is the SHA-256 of the tokens that a tokenizer makes of one text, the name, and a model that has it. Where two names have one
hash the converter takes the last."""

import re
import sys
from pathlib import Path

source = (Path(sys.argv[1]) / "conversion/base.py").read_text()
known = set(re.findall(r'tokenizer_pre == "([^"]+)"', (Path(sys.argv[1]) / "src/llama-vocab.cpp").read_text()))
found = re.findall(r'chkhsh == "([0-9a-f]{64})":\s*\n\s*# ref: https://[^/]+/(\S+)\s*\n\s*res = "([^"]+)"', source)
table = {digest: (name, model) for digest, model, name in found if name in known}
out = Path(__file__).parent / "../../trainer/src/gguf/pre_tokenizers.tsv"
out.write_text("".join(f"{digest}\t{name}\t{model}\n" for digest, (name, model) in table.items()))
