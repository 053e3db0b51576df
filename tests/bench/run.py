# Measures our training step and PyTorch's, one after the other, and says how they compare.
"""python3 tests/bench/run.py [rounds]   (`make bench`)

Each round runs ours, then theirs; a run is a process of its own. Time is the median over all steps but each process's first;
memory is the largest resident set the kernel saw, both programs measured the same way. Needs 6 GB of disk for PyTorch."""

import os
import re
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
STEPS, THREADS = 6, "2"


def setup():
    """The virtual environment's Python; and our release build is made."""
    subprocess.run(["cargo", "build", "-q", "--release", "--locked", "-p", "server", "-p", "trainer", "--example", "bench_step"], cwd=ROOT, check=True)
    return subprocess.run([ROOT / "tests" / "venv.sh", "transformers"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def measure(command):
    """Seconds of each step after the first, and the peak resident set in MiB."""
    env = {**os.environ, "THREADS": THREADS, "RAYON_NUM_THREADS": THREADS, "OMP_NUM_THREADS": THREADS}
    child = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    out = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = [float(s) for s in re.findall(r"^step \d+: ([0-9.]+) s", out, re.M)]
    if status != 0 or len(seconds) < 3:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{out}")
    return seconds[1:], usage.ru_maxrss / 1024


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    python = setup()
    commands = {
        "ours": [TARGET / "release" / "examples" / "bench_step", str(STEPS)],
        "theirs": [python, Path(__file__).parent / "trl_shaped.py", str(STEPS)],
    }
    seconds, peak = {k: [] for k in commands}, {k: 0.0 for k in commands}
    for _ in range(rounds):
        for name, command in commands.items():
            steps, mib = measure(command)
            seconds[name] += steps
            peak[name] = max(peak[name], mib)
            print(f"{name:7} {statistics.median(steps):.3f} s/step, {mib:.0f} MiB", flush=True)
    step = {k: statistics.median(v) for k, v in seconds.items()}
    print(f"ours {step['ours']:.3f} s/step, {peak['ours']:.0f} MiB; PyTorch {step['theirs']:.3f} s/step, {peak['theirs']:.0f} MiB")
    print(f"bench: {step['theirs'] / step['ours']:.2f} times as fast, {peak['ours'] / peak['theirs']:.2f} of the memory")


if __name__ == "__main__":
    main()
