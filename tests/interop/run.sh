#!/usr/bin/env bash
# `make interop`: our folders, adapters, files and logs loaded by transformers, PEFT, LLaMA-Factory, bitsandbytes, gguf and trackers'
# programs, theirs loaded by us; a row each. PARTS="families gguf" tries these alone, PROGRAMS names a folder with other builds of ours.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
declare -A venv=(
    [check]=transformers [families]=transformers [experts]=experts [gguf]=transformers
    [trackers]=trackers [uploads]=trackers [heads]=quant
)
declare -A script=(
    [check]=check.py [families]=families.py [experts]="families.py --experts" [gguf]=gguf_files.py
    [trackers]=trackers.py [uploads]=uploads.py [heads]=heads.py
)
parts=${PARTS:-check families experts gguf trackers uploads heads}
for part in $parts; do
    [ -n "${script[$part]:-}" ] || { echo "interop: no part $part; there are: ${!script[*]}" >&2; exit 2; }
done
for part in $parts; do # what is missing of them is told before anything takes time
    "$here/../venv.sh" "${venv[$part]}" >/dev/null
done
[ -n "${PROGRAMS:-}" ] || (cd "$here/../.." && cargo build -q --release --locked -p corral -p trainer)
export TQDM_DISABLE=1
failed=()
for part in $parts; do
    python=$("$here/../venv.sh" "${venv[$part]}")
    since=$SECONDS
    case $part in
        # what the libraries log of their own runs goes past
        trackers | uploads | heads) rows='^(trackers|uploads|value head|4 bits|LoftQ|interop)|Error|error|TOO FAR|corral-trainer' ;;
        *) rows= ;;
    esac
    set +e
    # shellcheck disable=SC2086
    "$python" "$here/"${script[$part]} 2>&1 | grep -E "$rows"
    [ "${PIPESTATUS[0]}" -eq 0 ] || failed+=("$part")
    set -e
    echo "interop: $part took $((SECONDS - since)) s"
done
if [ ${#failed[@]} -gt 0 ]; then
    echo "interop: FAILED: ${failed[*]}"
    exit 1
fi
echo "interop: all of $parts agree"
