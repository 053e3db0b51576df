#!/usr/bin/env bash
# What the tests need beyond a build: a real browser, its WebDriver, and fonts for Japanese and Chinese.
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
[ ${#packages[@]} -eq 0 ] || exec frontend/apt.sh "${packages[@]}"
