#!/usr/bin/env bash
# `make bench-gpu`: tokens per second, peak memory and share of the card's bf16 ceiling on this machine's NVIDIA card, then the
# same rows with TRL or PyTorch where they can be imported, and a table of both. Ends within ten minutes; rows that the time
# was not enough for are named. The log is target/gpu/bench.log, or where LOG says.
set -uo pipefail
cd "$(dirname "$0")/../.."
log=${LOG:-target/gpu/bench.log}
command -v nvidia-smi >/dev/null && nvidia-smi -L >/dev/null || { echo "bench-gpu: this machine has no NVIDIA card"; exit 2; }
# where there is no compiler, what `kit.sh` built elsewhere is used
if command -v "${CARGO:-cargo}" >/dev/null; then tests/gpu/kit.sh || exit; fi
bench=target/gpu/bench_card ours=${SECONDS_OURS:-260} theirs=${SECONDS_THEIRS:-120}
mkdir -p "$(dirname "$log")"
half() { # of Python: NAME WORDS...
  local name=$1
  shift
  timeout $((theirs + 20)) python3 tests/gpu/torch_step.py target/gpu/rows.jsonl --seconds "$theirs" "$@" 2>target/gpu/python.err ||
    { echo "$name ended with $?:"; tail -n 3 target/gpu/python.err; }
}
{
  nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader
  # a row that has begun goes on to its end
  timeout $((ours + 40)) $bench "$ours" || echo "our rows ended with $?"
  $bench rows >target/gpu/rows.jsonl
  if command -v python3 >/dev/null; then
    half "PyTorch"
    half "PyTorch with Liger" --liger
  else
    echo "no python3, so nothing beside it"
  fi
} 2>&1 | tee "$log"
$bench table "$log" | tee -a "$log"
