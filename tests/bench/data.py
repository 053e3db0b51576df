# `make bench-data`: rows per second from a file of JSON to tokens, and the peak memory on the way: our worker beside Python's
# `datasets` with the same tokenizer and template, on all cores, one after the other on the same file.
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
MODEL = ROOT / "assets/demo/model"
TURNS = "<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n", "{}<|im_end|>\n"


def write(path, megabytes):
    """Rows of instructions: words of the demo's questions in random order."""
    words = (ROOT / "assets/demo/questions.json").read_text().split()
    chance = random.Random(1)
    rows = 0
    with open(path, "w", encoding="utf-8") as file:
        while file.tell() < megabytes * 1e6:
            question, reply = (" ".join(chance.choices(words, k=chance.randint(*n))) for n in [(5, 40), (20, 250)])
            file.write(json.dumps({"instruction": question, "input": "", "output": reply}) + "\n")
            rows += 1
    return rows


def memory(group):
    """Bytes that the processes of a group hold together; pages that several share count once for each in part."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(folder.name)) == group:
                pss = next(line for line in (folder / "smaps_rollup").read_text().splitlines() if line.startswith("Pss:"))
                total += int(pss.split()[1]) << 10
        except (OSError, StopIteration):
            pass
    return total


def watched(command, until, **more):
    """Seconds until `until` says so, or the command has ended; and the most memory until then."""
    started, most = time.monotonic(), 0
    process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, **more)
    while process.poll() is None and not until():
        most = max(most, memory(process.pid))
        time.sleep(0.1)
    seconds = time.monotonic() - started
    if process.poll() is None:
        process.terminate()
    if process.wait() not in (0, 143):
        sys.exit(f"{command[0]} failed")
    return seconds, most


def ours(file, folder):
    config = f"""
stage: sft
model_name_or_path: {MODEL}
template: chatml
dataset: {file}
cutoff_len: 2048
output_dir: {folder}/run
max_steps: 1000000
"""
    (folder / "run.yaml").write_text(config)
    events = folder / "run/events.jsonl"

    def done():
        return events.exists() and '"type":"started"' in events.read_text()

    trainer = ROOT / "target/release/corral-trainer"
    more = {"env": {**os.environ, "CORRAL_CACHE": str(folder / "cache")}}
    return watched([trainer, "train", folder / "run.yaml"], done, **more)


def theirs(file, folder):
    command = [sys.executable, __file__, "map", str(file), str(folder / "datasets")]
    return watched(command, lambda: False)


def map_rows(file, cache):
    """What `datasets` does of it, as LLaMA-Factory asks it to."""
    import datasets
    from transformers import AutoTokenizer

    datasets.disable_progress_bars()
    tokenizer = AutoTokenizer.from_pretrained(MODEL)
    cutoff = 2048

    def encode(rows):
        out = {"input_ids": [], "attention_mask": [], "labels": []}
        prompts = tokenizer([TURNS[0].format(text) for text in rows["instruction"]], add_special_tokens=False).input_ids
        replies = tokenizer([TURNS[1].format(text) for text in rows["output"]], add_special_tokens=False).input_ids
        for prompt, reply in zip(prompts, replies):
            ids = (prompt + reply)[:cutoff]
            out["input_ids"].append(ids)
            out["attention_mask"].append([1] * len(ids))
            out["labels"].append(([-100] * len(prompt) + reply)[:cutoff])
        return out

    rows = datasets.load_dataset("json", data_files=file, split="train", cache_dir=cache)
    rows.map(encode, batched=True, num_proc=os.cpu_count(), remove_columns=rows.column_names)


def main():
    if sys.argv[1:2] == ["map"]:
        return map_rows(*sys.argv[2:])
    megabytes = float(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        file = folder / "rows.jsonl"
        rows = write(file, megabytes)
        figures = {name: run(file, folder) for name, run in [("ours", ours), ("datasets", theirs)]}
        for name, (seconds, most) in figures.items():
            print(f"{name:9} {rows / seconds:9.0f} rows/s  {most / 2**20:6.0f} MiB")
        (our_time, our_most), (their_time, their_most) = figures["ours"], figures["datasets"]
        print(f"bench-data: {their_time / our_time:.1f} times as fast, {our_most / their_most:.2f} of the memory")
        return int(our_time > their_time)


if __name__ == "__main__":
    sys.exit(main())
