#!/usr/bin/env bash
# `make bench-data`: a file of MB megabytes to tokens, beside Python's `datasets` (see data.py).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cargo build -q --release --locked -p corral -p trainer
exec "$("$here/../venv.sh" recent)" -P "$here/data.py" "$@"
