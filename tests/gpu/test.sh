#!/usr/bin/env bash
# `make test-gpu`: the operations' tests, the oracle and the golden runs on this machine's NVIDIA card, built into
# target/gpu first where there is a compiler. Ends within ten minutes; the log is target/gpu/test.log, or where LOG says.
set -uo pipefail
cd "$(dirname "$0")/../.."
kit=$PWD/target/gpu log=${LOG:-target/gpu/test.log}
command -v nvidia-smi >/dev/null && nvidia-smi -L >/dev/null || { echo "test-gpu: this machine has no NVIDIA card"; exit 2; }
# where there is no compiler, what `kit.sh` built elsewhere is used
if command -v "${CARGO:-cargo}" >/dev/null; then tests/gpu/kit.sh || exit; fi
export CORRAL_TEST_DEVICE=cuda RUST_BACKTRACE=0
failed=0
part() { # NAME SECONDS COMMAND...
  local name=$1 seconds=$2 started=$SECONDS
  shift 2
  echo "== $name"
  timeout "$seconds" "$@" || { failed=1; echo "== $name FAILED ($?)"; }
  echo "== $name: $((SECONDS - started)) s"
}
{
  nvidia-smi --query-gpu=name,driver_version,memory.total,compute_cap --format=csv,noheader
  CARGO_MANIFEST_DIR=$PWD/trainer part "operations and oracle" 150 "$kit/engine" --skip memory --test-threads 4
  CARGO_MANIFEST_DIR=$PWD/tests part "each kind of run, against the processor" 150 "$kit/cards" --nocapture every_kind
  CARGO_MANIFEST_DIR=$PWD/tests part "f16, reading a model, a run resumed" 60 "$kit/cards" --test-threads 4 \
    half:: reading:: a_run_on_a_card_is_resumed --skip without_room
  CARGO_MANIFEST_DIR=$PWD/tests part "golden runs, against the originals" 220 "$kit/parity" --test-threads 14 \
    --skip bf16 --skip no_two --skip all_that --skip no_group
  [ $failed = 0 ] && echo "test-gpu: passed" || echo "test-gpu: FAILED"
} 2>&1 | tee "$log"
grep -q '^test-gpu: passed' "$log"
