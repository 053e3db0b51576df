#!/usr/bin/env bash
# `make interop`: our folders and logs loaded by transformers, PEFT, LLaMA-Factory and bitsandbytes, theirs loaded by us; a row each.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
transformers=$("$here/../venv.sh" transformers)
quant=$("$here/../venv.sh" quant)
(cd "$here/../.." && cargo build -q --release -p server -p trainer)
"$transformers" "$here/check.py"
"$transformers" "$here/families.py"
"$("$here/../venv.sh" trackers)" "$here/trackers.py" 2>&1 | grep -E '^trackers|Error|error'
"$("$here/../venv.sh" trackers)" "$here/uploads.py" 2>&1 | grep -E '^uploads|Error|error'
# what LLaMA-Factory logs of its own runs goes past
"$quant" "$here/heads.py" 2>&1 | grep -E '^(value head|4 bits|LoftQ|interop)|Error|error|TOO FAR|corral-trainer'
