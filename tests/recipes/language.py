#!/usr/bin/env python3
"""A language: English in accented letters, as every message of assets/words would stand in a fourth file.

takes: 1 of words
test: cargo test --locked --workspace --lib -- said::lang:: i18n::

Usage: tests/recipes/language.py FOLDER     (writes assets/words/qps.ftl there)
"""

import re
import sys
from pathlib import Path

ACCENTS = str.maketrans("aceghilnorstuyACEGHILNORSTUY", "àćéĝĥîļñöŕšţûýÀĆÉĜĤÎĻÑÖŔŠŢÛÝ")
OPENING = re.compile(r"^(?:#.*|[a-z][\w-]* =|\s+\.[\w-]+ =|\s+\*?\[\w+\])?")
KEPT = re.compile(r"(\{[^{}]*(?:\}|->)|\}|`[^`]*`)")
OWN = {"language-name": "Ƥšéûðö", "language-letter": "qp"}


def accented(line: str) -> str:
    """The words of a line; its id, its braces and what is quoted as code stay."""
    opening = OPENING.match(line).group()
    name = opening.removesuffix(" =")
    if name in OWN:
        return f"{opening} {OWN[name]}"
    parts = KEPT.split(line[len(opening) :])
    return opening + "".join(part if KEPT.fullmatch(part) else part.translate(ACCENTS) for part in parts)


if __name__ == "__main__":
    words = Path(sys.argv[1]) / "assets/words"
    english = (words / "en.ftl").read_text(encoding="utf-8")
    text = "\n".join(accented(line) for line in english.splitlines())
    (words / "qps.ftl").write_text(text + "\n", encoding="utf-8")
