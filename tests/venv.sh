#!/usr/bin/env bash
# Makes target/venv-<name> from golden/requirements-<name>.txt once, and prints the path of its Python.
set -euo pipefail
name=$1
here=$(cd "$(dirname "$0")" && pwd)
venv=${VENV:-$here/../target/venv-$name}
requirements=$here/golden/requirements-$name.txt
if [ -z "${VENV:-}" ] && ! cmp -s "$requirements" "$venv/requirements.txt"; then
    echo "Installing what $requirements names (some minutes, 6 GB) …" >&2
    python3 -m venv "$venv"
    if [ "$name" = quant ]; then # beside LLaMA-Factory and what it needs
        "$venv/bin/pip" install -q --disable-pip-version-check wheel -r "$here/golden/requirements-llamafactory.txt" >&2
        "$venv/bin/pip" install -q --disable-pip-version-check --no-deps --no-build-isolation -r "$requirements" >&2
    else
        "$venv/bin/pip" install -q --disable-pip-version-check -r "$requirements" >&2
    fi
    if [ "$name" = llamafactory ] || [ "$name" = optim ] || [ "$name" = quant ]; then
        "$venv/bin/pip" install -q --disable-pip-version-check --no-deps trl==0.8.6 llamafactory==0.9.3 >&2
    fi
    if [ "$name" = recent ] || [ "$name" = rope ] || [ "$name" = tables ]; then
        "$venv/bin/pip" install -q --disable-pip-version-check --no-deps llamafactory==0.9.5 >&2
    fi
    if [ "$name" = templates ]; then
        "$venv/bin/pip" install -q --disable-pip-version-check --no-deps trl==0.24.0 llamafactory==0.9.5 >&2
    fi
    cp "$requirements" "$venv/requirements.txt"
fi
echo "$venv/bin/python"
