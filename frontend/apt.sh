#!/usr/bin/env bash
# Installs the Debian packages named as arguments that are missing; prints the line to type where it may not.
set -euo pipefail

missing=()
for package in "$@"; do
  if [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
    missing+=("$package")
  fi
done
[ ${#missing[@]} -eq 0 ] && exit 0

line="apt-get install -y --no-install-recommends ${missing[*]}"
if ! command -v apt-get >/dev/null; then
  echo "setup: these are needed, by whatever name your system gives them: ${missing[*]}" >&2
  exit 1
elif [ "$(id -u)" = 0 ]; then
  as_root=()
elif sudo -n true 2>/dev/null; then
  as_root=(sudo -n)
else
  echo "setup: system packages are missing; type this line and start again:" >&2
  echo "  sudo apt-get update && sudo $line" >&2
  exit 1
fi

echo "setup: installing ${missing[*]}"
"${as_root[@]}" apt-get update -qq </dev/null
# shellcheck disable=SC2086 # the words of the line are the arguments
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive $line -qq </dev/null >/dev/null
