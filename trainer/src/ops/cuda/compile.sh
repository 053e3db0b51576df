#!/bin/sh
# Compiles kernels to PTX beside them: all of them, or those named. `compile.sh norm rope`
# PTX 7.0 for compute_80 is what driver 525 and newer take for all cards from 8.0 on. Relative names alone, so that the
# result is the same on every machine with the same compiler. Products and sums become one rounding where they stand in
# one expression, and not where a file says `#pragma clang fp contract(off)`: by default ptxas would decide.
# Above the code stand the compiler and each kernel with the types of its parameters, which PTX itself does not have:
# `signature.rs` holds to them what a kernel is started with.
set -eu
cd "$(dirname "$0")"
[ $# -gt 0 ] || set -- $(ls *.cu | sed 's/\.cu$//')
clang=${CLANG:-clang-19}
version=$($clang --version | head -1)
options="-x cuda -std=c++17 --cuda-device-only --cuda-gpu-arch=sm_80 -nocudainc -nocudalib -O3 -gline-tables-only
    -fdeclspec --cuda-feature=+ptx70 -Wall -Wno-unknown-cuda-version -ffp-contract=on -fdebug-compilation-dir=."
for topic; do
    $clang $options -S "$topic.cu" -o "$topic.ptx"
    # a compiler of another version may write other instructions
    {
        echo "// $version"
        $clang $options -fsyntax-only -Xclang -ast-dump "$topic.cu" |
            awk '/FunctionDecl /{ last = $0 } /CUDAGlobalAttr/{ print last }' |
            sed -E "s/.* ([a-z_0-9]+) 'void (\(.*\))'.*/\/\/ kernel \1\2/"
        cat "$topic.ptx"
    } >"$topic.new"
    mv "$topic.new" "$topic.ptx"
done
