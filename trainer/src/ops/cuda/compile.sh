#!/bin/sh
# Compiles kernels to PTX beside them: all of them, or those named. `compile.sh norm rope`
# PTX 7.0 for compute_80 is what driver 525 and newer take for all cards from 8.0 on. Relative names alone, so that the
# result is the same on every machine with the same compiler.
set -eu
cd "$(dirname "$0")"
[ $# -gt 0 ] || set -- $(ls *.cu | sed 's/\.cu$//')
for topic; do
    ${CLANG:-clang-19} -x cuda --cuda-device-only --cuda-gpu-arch=sm_80 -nocudainc -nocudalib -O3 -gline-tables-only -S \
        -fdeclspec --cuda-feature=+ptx70 -Wall -Wno-unknown-cuda-version -fdebug-compilation-dir=. \
        "$topic.cu" -o "$topic.ptx"
done
