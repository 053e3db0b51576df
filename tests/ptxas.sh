#!/usr/bin/env bash
# Makes target/ptxas from tests/ptxas.txt once: NVIDIA's assemblers, to see that they take the kernels. Nothing else needs them.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=target/ptxas
cmp -s tests/ptxas.txt "$folder/ptxas.txt" && exit 0
echo "setup: installing ptxas into $folder (57 MB)"
rm -rf "$folder"
python3 -m venv "$folder"
"$folder/bin/pip" install -q --disable-pip-version-check --no-deps --require-hashes -r tests/ptxas.txt </dev/null
cp tests/ptxas.txt "$folder/"
