#!/usr/bin/env bash
# `make recipes`: the recipes of CONTRIBUTING.md, each applied in a scratch worktree as a patch or by a script, built and tested; prints a row each with the
# files it took, those of words apart, tests aside.
# Usage: tests/recipes.sh [NAME...]      (all of tests/recipes where none is named)
set -euo pipefail
cd "$(dirname "$0")/.."

target=$(realpath -m "${CARGO_TARGET_DIR:-target}")/recipes
tree=$target/tree
mkdir -p "$target"
trap 'git worktree remove --force "$tree" 2>/dev/null || true' EXIT

failed=0
for recipe in tests/recipes/*.patch tests/recipes/*.py; do
  name=$(basename "${recipe%.*}")
  [ $# -eq 0 ] || [[ " $* " == *" $name "* ]] || continue
  git worktree remove --force "$tree" 2>/dev/null || true
  git worktree add --quiet --detach "$tree" HEAD
  case $recipe in
    *.patch) git -C "$tree" apply "$PWD/$recipe" ;;
    *.py) "$recipe" "$tree" ;;
  esac
  takes=$(sed -n 's/^takes: //p' "$recipe")
  test=$(sed -n 's/^test: //p' "$recipe")
  if (cd "$tree" && CARGO_TARGET_DIR=$target bash -c "$test") >"$target/$name.log" 2>&1; then
    printf '%-10s %-24s ok      %s\n' "$name" "$takes" "$test"
  else
    printf '%-10s %-24s FAILED  %s (see %s)\n' "$name" "$takes" "$test" "$target/$name.log"
    failed=1
  fi
done
exit $failed
