#!/usr/bin/env bash
# `make bench-board`, `make bench-board BASE=commit` (see board.py): another commit's programs are built once and kept by commit in
# target/board-of.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
words=(--programs "$target/release")
if [ "${1:-}" = --base ]; then
    commit=$(git rev-parse --verify --quiet "$2^{commit}") || { echo "git knows no commit $2" >&2; exit 2; }
    programs=$target/board-of/$commit
    if [ ! -x "$programs/corral" ]; then
        echo "building $(git log -1 --format='%h %s' "$commit")" >&2
        source=$target/board-of/source
        git worktree remove --force "$source" 2>/dev/null || true
        git worktree prune
        git worktree add --quiet --detach "$source" "$commit"
        trap 'git worktree remove --force "$source"' EXIT
        env -u CARGO_TARGET_DIR make -s -C "$source" build >&2
        mkdir -p "$programs"
        cp "$source"/target/release/corral-trainer "$programs"
        # last and at once: it says that all is there
        cp "$source"/target/release/corral "$programs/corral.part"
        mv "$programs/corral.part" "$programs/corral"
    fi
    words+=(--base "$programs")
    shift 2
fi
"$("$here/../venv.sh" board)" "$here/board.py" "${words[@]}" "$@"
