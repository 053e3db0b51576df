# `make bench-data`: rows per second from a file of JSON to tokens, and the peak memory on the way: our worker beside Python's
# `datasets` with the same tokenizer and template, on all cores, one after the other on the same file. Then the same of a run that streams,
# and what the server takes. Both must stay within a bound, whatever the file's size. PROGRAMS is the folder of other programs.
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
MODEL = ROOT / "assets/demo/model"
PROGRAMS = Path(os.environ.get("PROGRAMS", ROOT / "target/release"))
TRAINER, SERVER = PROGRAMS / "corral-trainer", PROGRAMS / "corral"
# of a run that is looked at
STEPS = 3
# MiB that data of any size may take beyond what a small file takes: of the worker, and of the server
WORKER, BOARD = 300, 60
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


def memory(group, alone=False):
    """Bytes that the processes of a group hold together, or one `alone`; pages that several share count once for each in part."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if int(folder.name) == group if alone else os.getpgid(int(folder.name)) == group:
                pss = next(line for line in (folder / "smaps_rollup").read_text().splitlines() if line.startswith("Pss:"))
                total += int(pss.split()[1]) << 10
        except (OSError, StopIteration):
            pass
    return total


def watched(command, until, ready=lambda: False, **more):
    """Seconds until `ready` says so, else in all, and the most memory until `until` says so, or the command has ended."""
    started, seconds, most = time.monotonic(), None, 0
    process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, **more)
    while process.poll() is None and not until():
        most = max(most, memory(process.pid))
        if seconds is None and ready():
            seconds = time.monotonic() - started
        time.sleep(0.1)
    if process.poll() is None:
        process.terminate()
    if process.wait() not in (0, 143):
        sys.exit(f"{command[0]} failed: {process.returncode}")
    return seconds or time.monotonic() - started, most


def keys(file, more):
    """The config of a run that goes on for as long as it is looked at."""
    return dict(
        stage="sft", model_name_or_path=str(MODEL), template="chatml", dataset=str(file), cutoff_len=2048, logging_steps=1, gradient_accumulation_steps=1,
        max_steps=1000000, **more,
    )


def ours(file, folder, **more):
    """Seconds until the first row is trained on, and the most memory within the first steps."""
    config = keys(file, more) | dict(output_dir=str(folder / "run"), overwrite_output_dir=True)
    (folder / "run.yaml").write_text(json.dumps(config))
    events = folder / "run/events.jsonl"
    events.unlink(missing_ok=True)

    def told(what):
        return lambda: events.exists() and what in events.read_text()

    environment = {**os.environ, "CORRAL_CACHE": str(folder / "cache")}
    command = [TRAINER, "train", folder / "run.yaml"]
    found = watched(command, told(f'"step":{STEPS},'), told('"type":"started"'), env=environment)
    shutil.rmtree(folder / "cache", ignore_errors=True)
    return found


def board(file, folder, **more):
    """The most memory that the server takes while it looks at the data and such a run begins, beyond what it took before."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def ask(path, body=None):
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"http://127.0.0.1:{port}/api/{path}", data, headers)
        return json.load(urllib.request.urlopen(request))

    environment = {**os.environ, "CORRAL_CACHE": str(folder / "cache")}
    command = [SERVER, "serve", "--data-dir", folder / "board", "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    try:
        for _ in range(300):
            try:
                ask("runs")
                break
            except OSError:
                time.sleep(0.1)
        before = most = memory(server.pid, alone=True)
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(ask, "runs", {"config": keys(file, more)})
            events = None
            while events is None or not events.exists() or f'"step":{STEPS},' not in events.read_text():
                most = max(most, memory(server.pid, alone=True))
                if events is None and asked.done():
                    run = asked.result()["id"]
                    events = Path(ask(f"runs/{run}")["directory"]) / "events.jsonl"
                time.sleep(0.1)
        ask(f"runs/{run}/stop", "now")
        time.sleep(2)  # the worker has gone before its folder does
        return most - before
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder / "cache", ignore_errors=True)


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
    stream = dict(streaming=True)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        small, file = folder / "small.jsonl", folder / "rows.jsonl"
        write(small, 1)
        rows = write(file, megabytes)
        base = {name: ours(small, folder, **more)[1] for name, more in [("ours", {}), ("streamed", stream)]}
        runs = [("ours", lambda: ours(file, folder)), ("streamed", lambda: ours(file, folder, **stream)), ("datasets", lambda: theirs(file, folder))]
        figures = {name: run() for name, run in runs}
        server = {name: board(file, folder, **more) for name, more in [("ours", {}), ("streamed", stream)]}
        most = 0
        for name, (seconds, memory_of) in figures.items():
            speed = f"first row after {seconds:.1f} s" if name == "streamed" else f"{rows / seconds:.0f} rows/s"
            more = ""
            if name in base:
                above = (memory_of - base[name]) / 2**20
                most = max(most, above / WORKER, server[name] / 2**20 / BOARD)
                more = f"  {above:+.0f} MiB beside a file of 1 MB; server {server[name] / 2**20:+.0f} MiB"
            print(f"{name:9} {speed:25} {memory_of / 2**20:6.0f} MiB{more}")
        (our_time, our_most), (their_time, their_most) = figures["ours"], figures["datasets"]
        print(f"bench-data: {their_time / our_time:.1f} times as fast, {our_most / their_most:.2f} of the memory")
        return int(our_time > their_time or most > 1)


if __name__ == "__main__":
    sys.exit(main())
