#!/usr/bin/env bash
# Makes target/venv-<name> from golden/requirements-<name>.txt once, and prints the path of its Python. PyTorch, which is most of
# what there is to install, is shared by all of them.
set -euo pipefail
name=$1
here=$(cd "$(dirname "$0")" && pwd)
target=${CARGO_TARGET_DIR:-$here/../target}
venv=${VENV:-$target/venv-$name}
requirements=$here/golden/requirements-$name.txt
besides=
case $name in
    quant) besides=$here/golden/requirements-llamafactory.txt ;; # beside LLaMA-Factory and what it needs
esac

install() { # VENV WHAT ...
    "$1/bin/pip" install -q --disable-pip-version-check "${@:2}" >&2
}

# A venv of nothing but PyTorch, in the version that the requirements name.
shared_torch() {
    local pin shared
    pin=$(grep -hoE '^torch==[0-9.]+' "$requirements" $besides | head -n 1) || return 0
    shared=$target/venv-${pin/==/-}
    if [ ! -e "$shared/ready" ]; then
        echo "Installing $pin into $shared (some minutes, 5 GB) …" >&2
        python3 -m venv "$shared"
        install "$shared" "$pin"
        touch "$shared/ready"
    fi
    # packages of the venv itself come first
    (cd "$shared"/lib/python3*/site-packages && pwd) >"$(echo "$venv"/lib/python3*/site-packages)/torch.pth"
}

if [ -z "${VENV:-}" ] && ! cmp -s "$requirements" "$venv/requirements.txt"; then
    echo "Installing what $requirements names (some minutes) …" >&2
    python3 -m venv --clear "$venv"
    shared_torch
    if [ -n "$besides" ]; then
        install "$venv" wheel -r "$besides"
        install "$venv" --no-deps --no-build-isolation -r "$requirements"
    else
        install "$venv" -r "$requirements"
    fi
    case $name in
        llamafactory | optim | quant) install "$venv" --no-deps trl==0.8.6 llamafactory==0.9.3 ;;
        recent | rope | tables) install "$venv" --no-deps llamafactory==0.9.5 ;;
        templates) install "$venv" --no-deps trl==0.24.0 llamafactory==0.9.5 ;;
    esac
    cp "$requirements" "$venv/requirements.txt"
fi
echo "$venv/bin/python"
