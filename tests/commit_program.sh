#!/usr/bin/env bash
# Builds a program of the trainer as another commit has it, once, and prints its path: `commit_program.sh COMMIT NAME`, the
# worker `corral-trainer` or an example such as `bench_step`. It is kept by commit in target/same, and dependencies are shared
# by all commits.
set -euo pipefail
cd "$(dirname "$0")/.."
name=$2
commit=$(git rev-parse --verify --quiet "$1^{commit}") || { echo "git knows no commit $1" >&2; exit 2; }
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
program=$target/same/$commit/$name
if [ ! -x "$program" ]; then
    mkdir -p "$(dirname "$program")"
    # one at a time: all commits are checked out at one path, so that their dependencies are the same to cargo
    exec 9>"$target/same/lock"
    flock 9
fi
if [ ! -x "$program" ]; then
    echo "building $name of $(git log -1 --format='%h %s' "$commit")" >&2
    source=$target/same/source
    git worktree remove --force "$source" 2>/dev/null || true
    git worktree prune
    git worktree add --quiet --detach "$source" "$commit"
    trap 'git worktree remove --force "$source"' EXIT
    kind=(--bin "$name") built=$name
    [ "$name" = corral-trainer ] || kind=(--example "$name") built=examples/$name
    CARGO_TARGET_DIR=$target/same/build cargo build -q --release --locked -p trainer "${kind[@]}" --manifest-path "$source/Cargo.toml" >&2
    cp "$target/same/build/release/$built" "$program.part"
    mv "$program.part" "$program"
fi
echo "$program"
