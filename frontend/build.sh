#!/usr/bin/env bash
# Builds the board's bundle into target/board: compile to WASM, bind to the browser, gather the static files.
# Usage: frontend/build.sh release|dev      (dev compiles in seconds, and is several times the size)
#
# Two ways lead to a compiler for the browser: rustup's target, and Debian's rustc-web, which builds the
# standard library from rust-web-src. Each keeps to a target folder apart from the native one.
set -euo pipefail
cd "$(dirname "$0")/.."

mode=${1:-release}
case $mode in
  release) profile=wasm optimize=--optimize ;;
  dev) profile=wasm-dev optimize= ;;
  *) echo "usage: frontend/build.sh release|dev" >&2; exit 2 ;;
esac
triple=wasm32-unknown-unknown
wasm_target=${WASM_TARGET_DIR:-target/wasm}

say() { echo "board: $*"; }

if ! command -v npm >/dev/null; then
  frontend/apt.sh nodejs npm
fi
if ! [ frontend/node_modules/.package-lock.json -nt frontend/package-lock.json ]; then
  say "fetching the chart library (npm ci)"
  npm ci --prefix frontend --loglevel=error </dev/null
  touch frontend/node_modules/.package-lock.json
fi

# A target of the toolchain this checkout uses: there already, or fetched within two minutes.
rustup_has_target() {
  [ -d "$(rustc --print target-libdir --target $triple 2>/dev/null)" ]
}
way=rustup
if ! rustup_has_target; then
  way=debian
  if ! [ -x /usr/bin/wasm-ld-22 ] && command -v rustup >/dev/null; then
    say "asking rustup for the $triple target"
    if timeout 120 rustup target add $triple </dev/null && rustup_has_target; then
      way=rustup
    else
      say "rustup cannot fetch it"
    fi
  fi
fi

# what a component gives is one type for all: a tenth less to fetch
# parts are cut off the linked module by its relocations
flags="${RUSTFLAGS-} --cfg erase_components -C link-arg=--emit-relocs"
build=(build --locked --package frontend --lib --target $triple --profile $profile)
started=$SECONDS
if [ $way = rustup ]; then
  say "compiling with $(rustc --version) and rustup's $triple target"
  RUSTFLAGS=$flags CARGO_TARGET_DIR=$wasm_target cargo "${build[@]}"
else
  frontend/apt.sh rustc-web cargo-web rust-web-src lld-22
  say "compiling with Debian's $(/usr/bin/rustc --version) and its own build of std; the first time takes some minutes"
  # /usr/bin goes first so that proc macros and build scripts come from the same compiler
  env -u RUSTC -u RUSTUP_TOOLCHAIN PATH=/usr/bin:/bin RUSTC_BOOTSTRAP=1 RUSTFLAGS="$flags" CARGO_TARGET_DIR="$wasm_target" \
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=wasm-ld-22 \
    /usr/bin/cargo "${build[@]}" -Z build-std=std,panic_abort
fi
say "compiled in $((SECONDS - started)) s"

# the binder is called without cargo while its own source is unchanged: a native build may hold cargo's lock
bundle=${CARGO_TARGET_DIR:-target}/release/bundle
if ! [ -x "$bundle" ] || [ -n "$(find frontend/bundle/src frontend/bundle/Cargo.toml protocol/words/src protocol/words/Cargo.toml -newer "$bundle")" ]; then
  say "building the program that binds the module to the browser"
  cargo build --locked --release --package bundle
  touch "$bundle"
fi
mkdir -p target
"$bundle" frontend "$wasm_target/$triple/$profile/frontend.wasm" target/board $optimize
