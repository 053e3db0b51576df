#!/usr/bin/env bash
# Sets up, builds and runs every test, and ends with the minutes of each part. A part that fails does not keep the next from
# running; the exit code is 1 then. Every cargo call names the whole workspace: another choice of packages chooses other
# features of what they share, and builds it again.
set -uo pipefail
cd "$(dirname "$0")/.."

cargo=(${CARGO:-cargo})
all=(--release --locked --workspace)
times=() failed=()

part() { # NAME COMMAND...
  local name=$1 started=$SECONDS
  shift
  echo "test: $name"
  "$@" || failed+=("$name")
  times+=("$(printf '%6.1f min  %s' "$(((SECONDS - started) * 10 / 60))e-1" "$name")")
}

must() { # the same, for what the rest needs
  part "$@"
  [ ${#failed[@]} -eq 0 ] || finish
}

board_built() { # PID
  wait "$1"
  local code=$?
  cat "$board"
  return $code
}

finish() {
  printf '%s\n' "${times[@]}"
  echo "test: $((SECONDS / 60)) minutes in all"
  [ ${#failed[@]} -eq 0 ] && exit 0
  printf 'test: FAILED: %s\n' "${failed[@]}"
  exit 1
}

must "set up: a browser, its fonts, a compiler" tests/setup.sh
# The board's last minutes are one thread's: all but the program that holds it is built beside it.
must "build: what binds the board" "${cargo[@]}" build "${all[@]}" --bin bundle
board=$(mktemp)
trap 'kill $(jobs -p) 2>/dev/null; rm -f "$board"' EXIT
"${MAKE:-make}" --no-print-directory board >"$board" 2>&1 &
must "build: all but the board's program, beside the board" \
  "${cargo[@]}" build "${all[@]}" --exclude corral --lib --bins --tests --example bench_card
must "build: the rest of the board" board_built $!
must "build: the program that holds it" "${cargo[@]}" build "${all[@]}" --bins --tests --example bench_card
part "units" "${cargo[@]}" test "${all[@]}" --no-fail-fast --lib
for program in */tests/*.rs */tests/*/main.rs */*/tests/*/main.rs; do
  [ -e "$program" ] || continue
  name=${program%/main.rs}
  name=$(basename "$name" .rs)
  part "${program%%/*}: $name" "${cargo[@]}" test "${all[@]}" --test "$name"
done
on_card=(env CUDA_EMULATOR=1 CORRAL_TEST_DEVICE=cuda)
part "an emulated card: operations" "${on_card[@]}" "${cargo[@]}" test "${all[@]}" --test engine -- ops:: bf16:: features::
part "an emulated card: memory" "${on_card[@]}" "${cargo[@]}" test "${all[@]}" --test engine -- memory_counted:: --test-threads 1
part "an emulated card: in another order" "${on_card[@]}" CUDA_EMULATOR_SEED=7 CUDA_EMULATOR_DRIVER=12000 \
  "${cargo[@]}" test "${all[@]}" --test engine -- ops::
part "an emulated card: rows of the bench" "${on_card[@]}" "${cargo[@]}" test "${all[@]}" --example bench_card -- --include-ignored
finish
