# Measures our training step beside PyTorch's or beside that of another commit, and says how they compare.
"""python3 tests/bench/run.py [rounds] [--base COMMIT]   (`make bench`, `make bench BASE=commit`)

Each round runs every program once, forwards and backwards in turn, each in a process of its own, so that what else the
machine does falls on all of them. Time is the median over all steps but each process's first; memory is the largest resident
set the kernel saw, all programs measured the same way. Against a commit, ratios are of neighbours in one round, with the
lowest and the highest of them, and the exit code is 1 where the tree is slower or larger. PyTorch needs 6 GB of disk."""

import argparse
import os
import re
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
STEPS, THREADS = 6, "2"
# more than this is a change; less is the clock's and the allocator's
TOLERANCE = 1.02
ENV = {**os.environ, "THREADS": THREADS, "RAYON_NUM_THREADS": THREADS, "OMP_NUM_THREADS": THREADS}


@dataclass
class Program:
    """A training step to be measured, and what was measured of it, by round."""

    name: str
    command: list
    compute: str = "f32"
    steps: list = field(default_factory=list)
    peaks: list = field(default_factory=list)

    def run(self):
        """Seconds of each step after the first, and the peak resident set in MiB, of one more process."""
        child = subprocess.Popen(self.command, cwd=ROOT, env=ENV, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        out = child.stdout.read()
        _, status, usage = os.wait4(child.pid, 0)
        seconds = [float(s) for s in re.findall(r"^step \d+: ([0-9.]+) s", out, re.M)]
        if status != 0 or len(seconds) < 3:
            sys.exit(f"{' '.join(map(str, self.command))} failed:\n{out}")
        said = re.search(r"^computes in (\w+)", out, re.M)
        self.compute = said.group(1) if said else self.compute
        self.steps.append(seconds[1:])
        self.peaks.append(usage.ru_maxrss / 1024)
        print(f"{self.name:18} {statistics.median(seconds[1:]):.3f} s/step, {self.peaks[-1]:.0f} MiB", flush=True)

    def step(self):
        return statistics.median(second for steps in self.steps for second in steps)

    def peak(self):
        return max(self.peaks)


def measure(programs, rounds):
    for turn in range(rounds):
        for program in programs if turn % 2 == 0 else reversed(programs):
            program.run()


def build():
    """Our release build, and what the processor and its products can do."""
    examples = ["--example", "bench_step", "--example", "bench_products"]
    subprocess.run(["cargo", "build", "-q", "--release", "--locked", "--workspace", *examples], cwd=ROOT, check=True)
    subprocess.run([TARGET / "release" / "examples" / "bench_products", "5"], cwd=ROOT, env=ENV, check=True)


def ours(name, *options):
    return Program(name, [TARGET / "release" / "examples" / "bench_step", str(STEPS), *options])


def spread(ratios):
    return f"{statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})"


def against_commit(commit, rounds):
    """The tree beside that commit: no slower, no larger."""
    command = [ROOT / "tests" / "commit_program.sh", commit, "bench_step"]
    base = Path(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip())
    base, tree = Program("base", [base, str(STEPS)]), ours("tree")
    measure([base, tree], rounds)
    times = [statistics.median(t) / statistics.median(b) for b, t in zip(base.steps, tree.steps)]
    sizes = [t / b for b, t in zip(base.peaks, tree.peaks)]
    print(f"base {base.step():.3f} s/step, {base.peak():.0f} MiB; tree {tree.step():.3f} s/step, {tree.peak():.0f} MiB")
    # a change shows in each round, whatever else the machine did in one of them
    grown = [what for what, ratios in (("slower", times), ("larger", sizes)) if min(ratios) > 1 and statistics.median(ratios) > TOLERANCE]
    print(f"bench: {spread(times)} of the time and {spread(sizes)} of the memory of {commit}: {' and '.join(grown) or 'no slower, no larger'}")
    return 1 if grown else 0


def against_pytorch(rounds):
    """Ours in f32 and in bf16 beside PyTorch in f32 and under autocast."""
    python = subprocess.run([ROOT / "tests" / "venv.sh", "transformers"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    theirs = [python, Path(__file__).parent / "trl_shaped.py", str(STEPS)]
    f32, bf16 = ours("ours f32"), ours("ours bf16", "bf16")
    torch, autocast = Program("PyTorch f32", theirs), Program("PyTorch autocast", [*theirs, "autocast"])
    measure([f32, bf16, torch, autocast], rounds)
    for program in (f32, bf16, torch, autocast):
        print(f"{program.name:18} {program.step():.3f} s/step, {program.peak():.0f} MiB, computes in {program.compute}")
    if bf16.compute == "bf16":
        print(f"bf16: {f32.step() / bf16.step():.2f} times as fast as our f32, {autocast.step() / bf16.step():.2f} times as fast as PyTorch's autocast")
    else:
        print(f"bf16: asked for, and computed in {bf16.compute}")
    print(f"bench: {torch.step() / f32.step():.2f} times as fast, {f32.peak() / torch.peak():.2f} of the memory")
    return 0


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("rounds", nargs="?", type=int)
    words.add_argument("--base", metavar="COMMIT")
    asked = words.parse_args()
    build()
    sys.exit(against_commit(asked.base, asked.rounds or 5) if asked.base else against_pytorch(asked.rounds or 3))


if __name__ == "__main__":
    main()
