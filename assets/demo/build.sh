#!/usr/bin/env bash
# Makes the demo model and its data from nothing (`make demo-model`): generated text, our tokenizer, our trainer.
set -euo pipefail
cd "$(dirname "$0")/../.."

build=target/demo
programs=${CARGO_TARGET_DIR:-target}/release
trainer=$programs/corral-trainer

echo "demo-model: building what trains the tokenizer"
cargo build --release --locked -p corral -p trainer --example demo_tokenizer

echo "demo-model: writing the data"
rm -rf "$build"
python3 assets/demo/generate.py "$build"

echo "demo-model: training the tokenizer"
mkdir -p "$build/blank"
cp assets/demo/blank/*.json "$build/blank/"
"$programs/examples/demo_tokenizer" "$build" "$build/blank/tokenizer.json"

echo "demo-model: pre-training"
"$trainer" train assets/demo/pretrain.yaml

echo "demo-model: instruction tuning"
"$trainer" train assets/demo/instruct.yaml

echo "demo-model: writing assets/demo/model"
"$trainer" export "$build/instructed" --out "$build/model"
mkdir -p assets/demo/model
for file in config.json generation_config.json model.safetensors tokenizer.json tokenizer_config.json; do
    cp "$build/model/$file" assets/demo/model/
done
du -ch assets/demo/model/* | tail -n 1
