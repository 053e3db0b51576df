#!/usr/bin/env bash
# `make same BASE=commit`: this tree's trainer against that commit's, on every golden run (see src/bin/same.rs).
set -euo pipefail
cd "$(dirname "$0")/.."
[ -n "${1:-}" ] || { echo "same: which commit? make same BASE=HEAD~1" >&2; exit 2; }
base=$(tests/commit_program.sh "$1" corral-trainer)
cargo build -q --release --locked --workspace --bins
"${CARGO_TARGET_DIR:-target}/release/same" "$base"
