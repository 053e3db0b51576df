#!/bin/sh
# Compiles kernels to PTX beside them: all of them, or those named. `compile.sh norm rope`
# PTX 7.0 for compute_80 is what driver 525 and newer take for all cards from 8.0 on. Relative names alone, so that the
# result is the same on every machine with the same compiler. Products and sums become one rounding where they stand in
# one expression, and not where a file says `#pragma clang fp contract(off)`: by default ptxas would decide.
set -eu
cd "$(dirname "$0")"
[ $# -gt 0 ] || set -- $(ls *.cu | sed 's/\.cu$//')
clang=${CLANG:-clang-19}
version=$($clang --version | head -1)
for topic; do
    $clang -x cuda --cuda-device-only --cuda-gpu-arch=sm_80 -nocudainc -nocudalib -O3 -gline-tables-only -S \
        -fdeclspec --cuda-feature=+ptx70 -Wall -Wno-unknown-cuda-version -ffp-contract=on \
        -fdebug-compilation-dir=. \
        "$topic.cu" -o "$topic.ptx"
    # a compiler of another version may write other instructions
    sed -i "1i // $version" "$topic.ptx"
done
