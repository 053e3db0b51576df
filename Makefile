# Everything a person types: `make run` to use the board, `make test` to check all of it.
# HOST, PORT and DATA_DIR choose where the board listens and keeps its runs.

TARGET := $(or $(CARGO_TARGET_DIR),target)
CARGO := cargo
SHELL := /bin/bash
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# what the board's bundle is made from: no change here, no call of the compiler
BOARD_SOURCES := $(shell find frontend protocol assets/words -type f -not -path '*/node_modules/*' -not -path '*/tests/*') Cargo.toml Cargo.lock
BOARD_READY := target/board.release
ifeq ($(wildcard target/board/index.html),)
$(shell rm -f target/board.release target/board.dev)
endif

serve_flags = $(if $(HOST),--host '$(HOST)') $(if $(PORT),--port '$(PORT)') $(if $(DATA_DIR),--data-dir '$(DATA_DIR)')

.PHONY: help run build board board-dev check lint test advisories demo-time families parity same recipes bench bench-data bench-board interop mutants cuda-table demo-model test-gpu bench-gpu

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | while IFS=$$'\t' read -r name text; do printf '  make %-12s %s\n' "$$name" "$$text"; done

run: build ## set up, build and start the board at http://localhost:7860
	@exec $(TARGET)/release/corral serve $(serve_flags)

build: board ## build the two programs, corral and corral-trainer, in release mode
	@echo "build: corral and corral-trainer (the first time takes some minutes)"
	@$(CARGO) build --release --locked -p corral -p trainer

board: $(BOARD_READY) ## build the browser's part into target/board

board-dev: target/board.dev ## the same in seconds, unoptimised, to look at while working on it

target/board.release target/board.dev: target/board.%: $(BOARD_SOURCES)
	@mkdir -p target
	@touch target/board.begun # what changes while it is built is built again
	@frontend/build.sh $*
	@rm -f target/board.release target/board.dev
	@mv target/board.begun $@

check: lint ## what to run before a commit: format, lints and unit tests, in minutes
	@$(CARGO) test -q --locked --workspace --lib
	@$(CARGO) test -q --locked --workspace --test project $(patsubst %,--test %,$(basename $(notdir $(wildcard protocol/tests/*.rs) $(patsubst %/main.rs,%,$(wildcard protocol/tests/*/main.rs)))))

# CI lints with --release: build scripts and macros are then those of the build that follows
LINT_PROFILE :=
lint: ## format and lints alone; nothing of it is run
	@$(CARGO) fmt --all --check
	@$(CARGO) clippy -q --locked --workspace --all-targets $(LINT_PROFILE) -- -D warnings

test: ## set up and run every test, the browser ones included; ends with the minutes of each part
	@tests/all.sh

advisories: ## known holes in dependencies (needs cargo-deny and the network)
	@$(CARGO) deny check

demo-time: board ## drive Chromium through the first visit; ends with `demo: N s`
	@tests/setup.sh
	@$(CARGO) build -q --release --locked --workspace --bins --tests
	@$(CARGO) test --release --locked --workspace --test browser demo_time -- --ignored --nocapture

families: ## a row a family of models: its bases, what it has beside Llama's block, and what proves it
	@$(CARGO) run -q --locked -p tests --bin families

parity: ## every golden run of the original libraries again, one row each
	@$(CARGO) build -q --release --locked -p corral -p trainer
	@$(CARGO) test -q --release --locked -p tests --test parity -- --nocapture --test-threads 1

same: ## BASE=commit: train every golden run with that commit's program too; events and checkpoints must agree to the bit
	@tests/same.sh '$(BASE)'

recipes: ## the recipes of CONTRIBUTING.md as patches, each built and tested in a scratch worktree; how many files each takes
	@tests/recipes.sh $(ONLY)

bench: ## step time and peak memory against PyTorch, or against BASE=commit; ends with `bench: S times as fast, M of the memory`
	@tests/bench/run.sh $(if $(BASE),--base '$(BASE)')

bench-data: ## rows per second from a file of JSON (MB=200 megabytes) to tokens, and peak memory, streamed too, beside Python's `datasets`
	@tests/bench/data.sh $(MB)

bench-board: build ## what a board of many runs costs: opened, scrolled, compared, drawn, over a slow line, watched live; BASE=commit beside it
	@tests/bench/board.sh $(if $(BASE),--base '$(BASE)')

test-gpu: ## operations and golden runs on this machine's NVIDIA card
	@tests/gpu/test.sh

bench-gpu: ## tokens per second, memory and share of the ceiling on this machine's NVIDIA card, beside PyTorch's
	@tests/gpu/bench.sh

interop: ## load our folders, adapters, GGUF files and logs with transformers, PEFT, gguf and trackers, theirs with ours (PARTS="families gguf": these alone)
	@PARTS='$(PARTS)' tests/interop/run.sh

mutants: ## change the kernels for cards in one place at a time: the emulated card's tests must notice; some minutes
	@tests/mutants.py --release

cuda-table: ## registers, spills, wasted sectors and bank conflicts of each kernel for cards
	@tests/setup.sh
	@tests/cuda_table.py --release

demo-model: build ## make the demo model and its data from nothing
	@assets/demo/build.sh
