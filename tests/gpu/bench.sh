#!/usr/bin/env bash
# `make bench-gpu`: tokens per second, peak memory and share of the card's bf16 ceiling on this machine's NVIDIA card, then the
# same steps in PyTorch where it can be imported. Ends within ten minutes; the log is target/gpu/bench.log, or where LOG says.
set -uo pipefail
cd "$(dirname "$0")/../.."
log=${LOG:-target/gpu/bench.log}
command -v nvidia-smi >/dev/null && nvidia-smi -L >/dev/null || { echo "bench-gpu: this machine has no NVIDIA card"; exit 2; }
# where there is no compiler, what `kit.sh` built elsewhere is used
if command -v "${CARGO:-cargo}" >/dev/null; then tests/gpu/kit.sh || exit; fi
{
  nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader
  target/gpu/bench_card "${SECONDS_OURS:-300}"
  timeout "${SECONDS_THEIRS:-240}" python3 tests/gpu/torch_step.py || echo "PyTorch's half ended with $?"
} 2>&1 | tee "$log"
