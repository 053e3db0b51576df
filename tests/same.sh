#!/usr/bin/env bash
# `make same BASE=commit`: this tree's trainer against that commit's, on every golden run (see src/bin/same.rs).
set -euo pipefail
cd "$(dirname "$0")/.."
[ -n "${1:-}" ] || { echo "same: which commit? make same BASE=HEAD~1" >&2; exit 2; }
commit=$(git rev-parse --verify --quiet "$1^{commit}") || { echo "same: git knows no commit $1" >&2; exit 2; }
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")

# a commit's program is built once and kept; its dependencies are shared by all of them
base=$target/same/$commit/corral-trainer
if [ ! -x "$base" ]; then
    echo "same: building the trainer of $(git log -1 --format='%h %s' "$commit")"
    source=$target/same/source
    git worktree remove --force "$source" 2>/dev/null || true
    git worktree add --quiet --detach "$source" "$commit"
    trap 'git worktree remove --force "$source"' EXIT
    CARGO_TARGET_DIR=$target/same/build cargo build -q --release --locked -p trainer --bins --manifest-path "$source/Cargo.toml"
    mkdir -p "$(dirname "$base")"
    cp "$target/same/build/release/corral-trainer" "$base.part"
    mv "$base.part" "$base"
fi

cargo build -q --release --locked --workspace --bins
"$target/release/same" "$base"
