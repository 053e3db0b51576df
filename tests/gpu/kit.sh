#!/usr/bin/env bash
# Builds what the tests and the bench on a card need into target/gpu, stripped: it can be taken to a machine that has a card
# and no compiler, with this repository beside it.
set -euo pipefail
cd "$(dirname "$0")/../.."
cargo=${CARGO:-cargo} kit=target/gpu
"$cargo" build -q --release --locked --workspace --bins --tests --examples
mkdir -p $kit
tests() { # the newest build of each test program
  "$cargo" test -q --release --locked --workspace --no-run --message-format=json "$@" 2>/dev/null |
    sed -n 's/.*"executable":"\([^"]*\)".*/\1/p'
}
for name in engine cards parity; do
  built=$(tests --test $name | grep "/$name-" | head -1)
  install -s -m 755 "$built" $kit/$name
done
install -s -m 755 "${CARGO_TARGET_DIR:-target}/release/corral-trainer" $kit/corral-trainer
install -s -m 755 "${CARGO_TARGET_DIR:-target}/release/examples/bench_card" $kit/bench_card
du -sh $kit
