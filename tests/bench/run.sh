#!/usr/bin/env bash
# `make bench`: our training step against PyTorch's, in one run (see run.py).
exec python3 "$(dirname "$0")/run.py" "$@"
