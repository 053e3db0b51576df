#!/usr/bin/env bash
# `make bench`: our training step against PyTorch's; with BASE=commit against that commit's (see run.py).
exec python3 "$(dirname "$0")/run.py" "$@"
