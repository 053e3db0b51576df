#!/usr/bin/env python3
"""Prints, for each kernel for cards, what the assembler gives it on the oldest card (registers, spills, shared memory) and how
the operations' tests used memory on the emulated card: the share of global sectors that was asked for, and passes over shared
memory for each that would do without bank conflicts.

    tests/cuda_table.py [--release]
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
KERNELS = ROOT / "trainer/src/ops/cuda"


def assembled() -> dict[str, dict[str, int]]:
    """What ptxas says of each kernel, by its name."""
    (ptxas,) = ROOT.glob("target/ptxas/lib/python3*/site-packages/nvidia/cuda_nvcc/bin/ptxas")
    found: dict[str, dict[str, int]] = {}
    for file in sorted(KERNELS.glob("*.ptx")):
        told = subprocess.run([ptxas, "-v", "-arch=sm_80", file, "-o", "/dev/null"], capture_output=True, text=True, check=True)
        kernel = {}
        for line in told.stderr.splitlines():
            if name := re.search(r"Function properties for (\w+)", line):
                kernel = found.setdefault(name[1], {"topic": file.stem})
            if spilled := re.search(r"(\d+) bytes spill stores, (\d+) bytes spill loads", line):
                kernel["spilled"] = int(spilled[1]) + int(spilled[2])
            if used := re.search(r"Used (\d+) registers", line):
                kernel["registers"] = int(used[1])
            if shared := re.search(r"(\d+) bytes smem", line):
                kernel["shared"] = int(shared[1])
    return found


def counted(cargo: list[str]) -> dict[str, dict[str, int]]:
    """What the emulator counted in the operations' tests, by the kernel's name."""
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder, "report.json")
        environment = os.environ | {
            "CUDA_EMULATOR": "1",
            "CORRAL_TEST_DEVICE": "cuda",
            "CUDA_EMULATOR_TRAFFIC": "1",
            "CUDA_EMULATOR_REPORT": str(report),
        }
        command = ["cargo", "test", "-q", "--locked", "--workspace", "--test", "engine", *cargo, "--", "ops::"]
        done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            sys.exit(f"cuda-table: the operations' tests fail on the emulated card\n{done.stdout}{done.stderr}")
        return json.loads(report.read_text())[0]["kernels"]


def main() -> None:
    kernels, used = assembled(), counted(sys.argv[1:])
    print(f"{'kernel':38}{'registers':>10}{'spilled':>9}{'shared':>8}{'launches':>10}{'sectors used':>14}{'passes':>8}")
    for name, of in sorted(kernels.items(), key=lambda item: (item[1]["topic"], item[0])):
        seen = used.get(name, {})
        sectors = f"{100 * seen['asked'] / seen['fetched']:.0f} %" if seen.get("fetched") else "-"
        passes = f"{seen['passes'] / seen['least_passes']:.2f}" if seen.get("least_passes") else "-"
        print(
            f"{name:38}{of.get('registers', 0):>10}{of.get('spilled', 0):>9}{of.get('shared', 0):>8}"
            f"{seen.get('launches', 0):>10}{sectors:>14}{passes:>8}"
        )


if __name__ == "__main__":
    main()
