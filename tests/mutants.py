#!/usr/bin/env python3
"""Changes the kernels for cards by one operator, bound, barrier or index at a time, and asks the operations' tests, on the
emulated card, whether they notice. A change that none notices must say below why it changes nothing.

    tests/mutants.py [--check] [--release] [TOPIC ...]

With `--check` nothing is run: each change is held against the kernels as they are. Other arguments that begin with `--` go to cargo. Ends with `mutants: N found, M explained`; exit code 1 if one is neither.
"""
import dataclasses
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
KERNELS = ROOT / "trainer/src/ops/cuda"


@dataclasses.dataclass
class Mutant:
    file: str  # of trainer/src/ops/cuda
    old: str
    new: str
    tests: str  # names that choose the operations' tests to run
    nth: int = 0  # which of the places where `old` stands
    topics: str = ""  # what to compile, where the file is no kernel's
    why: str = ""  # for what changes nothing: the reason


NORM, ROWS, ROUTING, OPTIM, FACTORS = "ops::norms", "ops::rows", "ops::routing", "ops::optimizers ops::adamw", "ops::factors"
ATTENTION, HEAD, ELEMENTS = "attention", "head_by ops::head_sums", "ops::elements ops::dropout"
ACTIVATIONS, FORMS = "ops::activations", "ops::head_forms"

MUTANTS = [
    # what all share
    Mutant("corral.cuh", "by = WARP / 2", "by = WARP / 4", NORM, topics="norm"),
    Mutant("corral.cuh", "by = WARP / 2", "by = WARP / 4", HEAD, nth=1, topics="head"),
    Mutant("corral.cuh", "    __syncthreads();\n    v = reduce(", "    v = reduce(", NORM, topics="norm"),
    Mutant("corral.cuh", "    __syncthreads(); // a next one may write to `of_warp`\n", "", NORM, topics="norm"),
    Mutant("corral.cuh", "blockDim.x / WARP ? of_warp", "blockDim.x / WARP - 1 ? of_warp", NORM, topics="norm"),
    Mutant("corral.cuh", "size_t i = rest + first", "size_t i = first", ELEMENTS, topics="act"),
    Mutant("corral.cuh", "i = first * WIDE; i < rest", "i = first * WIDE; i <= rest", ELEMENTS, topics="act"),
    Mutant("corral.cuh", "| ...) & 15)", "| ...) & 7)", ELEMENTS, topics="act"),
    Mutant("corral.cuh", "low | high << 16", "low | high << 15", ELEMENTS, topics="act"),
    Mutant("corral.cuh", "    __syncthreads();\n    if (warp() == 0)\n", "    if (warp() == 0)\n", ROWS, topics="bias"),
    Mutant("corral.cuh", "other = 1; other < blockDim", "other = 2; other < blockDim", ROWS, topics="bias"),
    # norms
    Mutant("norm.cu", "fused(v[k], v[k], squares)", "fused(v[k], v[k], 0.f)", NORM),
    Mutant("norm.cu", "* inverse * inverse * inverse / width", "* inverse * inverse / width", NORM),
    Mutant("norm.cu", "* inverse - v[k] * c", "* inverse + v[k] * c", NORM),
    Mutant("norm.cu", "row < rows; row +=", "row + 1 < rows; row +=", NORM),
    Mutant("norm.cu", "column < columns) dw", "column <= columns) dw", NORM),
    Mutant("norm.cu", "(blockIdx.x % weights) * width : nullptr", "(blockIdx.x / weights) * width : nullptr", NORM),
    Mutant("norm.cu", "if (mean) above -= mean[vector];", "", NORM),
    Mutant("norm.cu", "- mean_grad - (v[k]", "- (v[k]", NORM),
    Mutant("norm.cu", "row * weights + column / width", "row", NORM),
    # element by element
    Mutant("activation.cu", "silu * (1.f - s)", "silu * (1.f + s)", ACTIVATIONS),
    Mutant("activation.cu", "x < 0.f ? beyond", "x > 0.f ? beyond", ACTIVATIONS),
    Mutant("activation.cu", "(1.f - s) * inner", "(1.f - s)", ACTIVATIONS),
    Mutant("activation.cu", "x > 0.f ? 1.f : 0.f", "1.f", ACTIVATIONS),
    Mutant("activation.cu", "2.f * Relu::value(x)", "Relu::value(x)", ACTIVATIONS),
    Mutant("act.cu", "v[k] * (1.f - v[k])", "v[k] * v[k]", ELEMENTS),
    Mutant("random.cu", ">> 40", ">> 39", ELEMENTS),
    Mutant("random.cu", "mix(key + place", "mix(key - place", ELEMENTS),
    Mutant("random.cu", ">= threshold", "> threshold", ELEMENTS,
           why="one draw in 2^32 is equal to the threshold, and none of a test's"),
    # positions, biases, rows
    Mutant("rope.cu", "x1 * c - x2 * s", "x1 * c + x2 * s", "rope"),
    Mutant("rope.cu", "pair % pairs", "pair % heads", "rope"),
    Mutant("rope.cu", "positions[blockIdx.x]", "positions[0]", "rope"),
    Mutant("bias.cu", "token < tokens", "token <= tokens", ROWS),
    Mutant("gather.cu", "table += (size_t)ids[blockIdx.x] * width", "table += (size_t)blockIdx.x * width", ROWS),
    Mutant("gather.cu", "left &= left - 1", "left = 0", ROWS),
    Mutant("gather.cu", "same_place[warp()] = same;\n        __syncthreads();", "same_place[warp()] = same;", ROWS),
    Mutant("gather.cu", "if (block_any(earlier)) return;", "", ROWS),
    Mutant("gather.cu", "if (i < count) out", "if (i <= count) out", ROWS),
    Mutant("gather.cu", "first + k < count) held", "first + k <= count) held", ROWS),
    Mutant("gather.cu", "row = id + 1", "row = id + 2", ROWS),
    # factors, rotations, DoRA
    Mutant("scale.cu", "sum / (double)norms[column]", "sum * (double)norms[column]", FACTORS),
    Mutant("scale.cu", "factors[blockIdx.x]", "factors[0]", FACTORS),
    Mutant("rotate.cu", "block % stored", "block", FACTORS),
    Mutant("rotate.cu", "matrix[(size_t)k * size]", "matrix[k]", FACTORS),
    Mutant("rotate.cu", "(unsigned)(place / tokens) * stored", "(unsigned)(place / tokens)", FACTORS),
    Mutant("dora.cu", "if (j >= output)", "if (j > output)", FACTORS),
    Mutant("dora.cu", "2. * s", "s", FACTORS),
    # routing
    Mutant("route.cu", "| ~expert", "| expert", ROUTING),
    Mutant("route.cu", "rank < last", "rank <= last", ROUTING),
    Mutant("route.cu", "(1u << lane()) - 1", "(2u << lane()) - 1", ROUTING),
    Mutant("route.cu", "count_bits(votes);\n        __syncthreads();", "count_bits(votes);", ROUTING),
    Mutant("route.cu", "w < warp() ? of_warp[w] : 0", "0", ROUTING),
    Mutant("route.cu", "slope(e) - middle", "slope(e) + middle", ROUTING),
    # what heads do beside their product
    Mutant("head_form.cu", "v[k] *= scale;", "", FORMS),
    Mutant("head_form.cu", "if (bias) bias += first;", "", FORMS),
    Mutant("head_form.cu", "(logit / cap) * (logit / cap)", "(logit / cap)", FORMS),
    Mutant("head_form.cu", "if (normalized) factor *=", "if (false) factor *=", FORMS),
    Mutant("head_form.cu", "d[k] - of[k] * along", "d[k] + of[k] * along", FORMS),
    Mutant("gather.cu", "((size_t)first + ids[blockIdx.x]) * width", "((size_t)ids[blockIdx.x]) * width", ROWS),
    Mutant("scale.cu", "v[k] *= factor;\n        at.store(x, v)", "at.store(x, v)", FACTORS),
    # optimizers
    Mutant("optimizer.cu", "(1.f - beta2) * g * g", "(1.f - beta2) * g", OPTIM),
    Mutant("optimizer.cu", "(u > 0.f) - (u < 0.f)", "(u >= 0.f) - (u < 0.f)", OPTIM),
    Mutant("optimizer.cu", "entry(threadIdx.x);\n        __syncthreads();", "entry(threadIdx.x);", OPTIM),
    Mutant("optimizer.cu", "table[above + half - 1] < x", "table[above + half] < x", OPTIM),
    Mutant("optimizer.cu", "if (threadIdx.x == 0) absmax[blockIdx.x] = most;", "absmax[blockIdx.x] = most;", OPTIM,
           why="all threads of the block write the same value to the same place, after all have read it"),
    Mutant("adafactor.cu", "sum / width", "sum", "ops::adafactor"),
    Mutant("adafactor.cu", "sum / count", "sum", "ops::adafactor"),
    # APOLLO's update and Cayley's map
    Mutant("apollo.cu", "at / columns * by_row", "at % columns * by_row", "ops::apollo"),
    Mutant("apollo.cu", "larger(growth, 1.01) / 1.01", "growth / 1.01", "ops::apollo"),
    Mutant("apollo.cu", "(double)(g[k] * grad_scale)", "(double)g[k]", "ops::apollo"),
    Mutant("cayley.cu", "n == powers ? last : 2.", "2.", "ops::rotations"),
    Mutant("cayley.cu", "if (row == column) continue;", "", "ops::rotations"),
    Mutant("cayley.cu", "return -next[i * size + j];", "return next[i * size + j];", "ops::rotations"),
    Mutant("route.cu", "counts[e] * counts[experts + e]", "counts[e] * counts[experts]", ROUTING),
    # attention
    Mutant("scores.cuh", "own - column < window", "own - column <= window", ATTENTION, topics="attention"),
    Mutant("segments.cuh", "segment.key + (column - segment.context)", "segment.key + column", ATTENTION, topics="attention"),
    Mutant("segments.cuh", "column -= range.end", "column -= 1 + range.end", ATTENTION, topics="attention"),
    Mutant("segments.cuh", "i < run ? key", "i <= run ? key", ATTENTION, topics="attention"),
    Mutant("attention.cuh", "        __syncthreads(); // all are through with the keys before\n", "", ATTENTION, topics="attention"),
    Mutant("attention.cuh", "        __syncthreads();\n        Scores<SIDE> scores(memory.queries", "        Scores<SIDE> scores(memory.queries",
           ATTENTION, topics="attention"),
    Mutant("attention.cuh", "memory.probabilities.put(scores);\n        __syncwarp();", "memory.probabilities.put(scores);", ATTENTION, topics="attention"),
    Mutant("attention.cuh", "total[i] * shrink", "total[i]", ATTENTION, topics="attention"),
    Mutant("attention.cuh", "- of_delta[i])", "+ of_delta[i])", ATTENTION, topics="attention"),
    Mutant("attention.cuh", "head < (kv_head + 1) * group", "head < kv_head * group + 1", ATTENTION, topics="attention"),
    Mutant("attention.cu", "i % heads * tokens + i / heads", "i / heads * heads + i % heads", ATTENTION),
    Mutant("attention_tensor.cuh", "wait_for_groups<1>();", "", ATTENTION, topics="attention_tensor"),
    Mutant("attention_tensor.cuh", "        __syncthreads(); // keys are there\n", "", ATTENTION, topics="attention_tensor"),
    Mutant("attention_tensor.cuh", "        __syncthreads(); // all are through with them\n", "", ATTENTION, topics="attention_tensor"),
    Mutant("attention_tensor.cuh", "        __syncthreads(); // values are there\n", "", ATTENTION, topics="attention_tensor"),
    Mutant("attention_tensor.cuh", "        __syncthreads(); // all are through with the keys\n", "", ATTENTION, topics="attention_tensor"),
    Mutant("attention_tensor.cuh", "                __syncthreads(); // all are through with the queries\n", "", ATTENTION, topics="attention_tensor"),
    Mutant("attention_tensor.cuh", "total[half] * shrink", "total[half]", ATTENTION, topics="attention_tensor"),
    Mutant("attention_tensor.cuh", "- of_delta[e / 2]", "+ of_delta[e / 2]", ATTENTION, topics="attention_tensor"),
    # the head
    Mutant("head.cu", "moment += v[k] * above", "moment += v[k]", HEAD),
    Mutant("head.cu", "(before.moment + before.sum * fall) * rescale", "before.moment * rescale", HEAD),
    Mutant("head.cu", "above - of.moment / of.sum", "above - of.moment", HEAD),
    Mutant("head.cu", "exponential(fall)", "1.f", HEAD),
    Mutant("head.cu", "at.i + k == target", "at.i == target", HEAD),
    Mutant("head.cu", "of.target - normaliser", "of.target + normaliser", HEAD),
    Mutant("head.cu", "of_target[k] - v[k] * inverse", "of_target[k] - v[k]", HEAD),
    Mutant("head.cu", "if (target < columns)", "if (target <= columns)", HEAD),
]


def changed(mutant: Mutant, text: str) -> str:
    """The file's text with the change."""
    parts = text.split(mutant.old)
    if len(parts) < mutant.nth + 2:
        sys.exit(f"mutants: {mutant.file} has no place {mutant.nth} of {mutant.old!r}: bring the list along")
    return mutant.old.join(parts[: mutant.nth + 1]) + mutant.new + mutant.old.join(parts[mutant.nth + 1 :])


def compiled(mutant: Mutant, folder: pathlib.Path) -> None:
    """Leaves all PTX in the folder: as committed, but for what the mutant's file is part of."""
    for file in KERNELS.iterdir():
        if file.suffix in {".cu", ".cuh", ".sh", ".ptx"}:
            shutil.copy(file, folder)
    source = folder / mutant.file
    source.write_text(changed(mutant, source.read_text()))
    topics = mutant.topics.split() or [source.stem]
    done = subprocess.run([folder / "compile.sh", *topics], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"mutants: {mutant.file}: {mutant.new!r} is no program\n{done.stderr}")


def tested(tests: str, ptx: pathlib.Path, cargo: list[str]) -> subprocess.CompletedProcess:
    """Runs the operations' tests of these names with the PTX of this folder."""
    environment = os.environ | {
        "CUDA_EMULATOR": "1",
        "CORRAL_TEST_DEVICE": "cuda",
        "CUDA_EMULATOR_PTX": str(ptx),
        "CUDA_EMULATOR_PATIENCE": "200000000",
    }
    command = ["cargo", "test", "-q", "--locked", "--workspace", "--test", "engine", *cargo, "--", *tests.split()]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    if " 0 passed; 0 failed" in done.stdout:
        sys.exit(f"mutants: no test has a name of {tests}")
    return done


def reason(done: subprocess.CompletedProcess) -> str:
    """What noticed: the emulator's words, else the test's name."""
    lines = (done.stderr + done.stdout).splitlines()
    spoken = [line.split("cuda-emulator: ", 1)[1] for line in lines if "cuda-emulator: " in line]
    failed = [line.split()[1] for line in lines if line.startswith("---- ")]
    return (spoken or failed or ["ended"])[0][:150]


def main() -> None:
    cargo = [word for word in sys.argv[1:] if word.startswith("--")]
    wanted = [word for word in sys.argv[1:] if not word.startswith("--")]
    chosen = [m for m in MUTANTS if not wanted or (set(m.topics.split()) | {pathlib.Path(m.file).stem}) & set(wanted)]
    for mutant in chosen:
        changed(mutant, (KERNELS / mutant.file).read_text())
    if "--check" in cargo:
        return
    for tests in sorted({mutant.tests for mutant in chosen}):
        done = tested(tests, KERNELS, cargo)
        if done.returncode:
            sys.exit(f"mutants: {tests} fails as it is\n{done.stdout}{done.stderr}")
    counts = {"found": 0, "explained": 0, "MISSED": 0, "FOUND, though explained": 0}
    for mutant in chosen:
        with tempfile.TemporaryDirectory() as folder:
            compiled(mutant, pathlib.Path(folder))
            done = tested(mutant.tests, pathlib.Path(folder), cargo)
        found = done.returncode != 0
        verdict = ("FOUND, though explained" if found else "explained") if mutant.why else ("found" if found else "MISSED")
        counts[verdict] += 1
        change = f"{mutant.file}: {' '.join(mutant.old.split())} -> {' '.join(mutant.new.split()) or 'nothing'}"
        print(f"{verdict:9} {change}: {reason(done) if found else mutant.why}", flush=True)
    print(f"mutants: {counts['found']} found, {counts['explained']} explained, of {len(chosen)}")
    sys.exit(counts["found"] + counts["explained"] != len(chosen))


if __name__ == "__main__":
    main()
