#!/usr/bin/env bash
# What the tests need beyond a build: a real browser, its WebDriver, fonts for Japanese and Chinese, the compiler of the
# kernels, pip, and NVIDIA's assemblers to try them on.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=()
command -v chromium >/dev/null || packages+=(chromium)
command -v chromedriver >/dev/null || packages+=(chromium-driver)
for lang in ja zh-cn; do
  if [ -z "$(fc-list ":lang=$lang" 2>/dev/null)" ]; then
    packages+=(fontconfig fonts-noto-cjk)
    break
  fi
done
command -v clang-19 >/dev/null || packages+=(clang-19)
python3 -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3-venv)
python3 -m pip --version >/dev/null 2>&1 || packages+=(python3-pip)
[ ${#packages[@]} -eq 0 ] || frontend/apt.sh "${packages[@]}"
exec tests/ptxas.sh
