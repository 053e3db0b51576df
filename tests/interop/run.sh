#!/usr/bin/env bash
# `make interop`: our folders loaded by transformers and PEFT, PEFT's adapters loaded by us; prints the largest logit differences.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
python=$("$here/../venv.sh" transformers)
(cd "$here/../.." && cargo build -q --release -p server -p trainer)
exec "$python" "$here/check.py" "$@"
