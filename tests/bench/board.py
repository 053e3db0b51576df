# `make bench-board`: what a person and a small lab wait for: a board of many runs, taken up, opened, scrolled, searched, compared, drawn,
# opened over a slow line, and watched by many while ten runs write. Beside another commit's programs (BASE=commit) in turn.
"""board.py [--programs DIR] [--base DIR] [--runs N] [--big N] [--steps N] [--sockets N] [--rounds N]

Prints a table: each figure, what it should be where there is a goal, and of two programs the ratio; the better of the rounds counts.
Ends with 1 where something is worse than the base by more than a tenth (and by more than the clock's own noise)."""
import argparse
import json
import math
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from websockets.sync.client import connect

from chromium import Chromium, wait

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# rows a second of each of the runs that write, and for how long
WRITERS, ROWS, SECONDS = 10, 200, 20
# sockets that are read closely: how old their newest point is
CLOSE = 8
# more of the base's figure than this is worse; so small a difference is the clock's, by unit
TENTH, NOISE = 1.1, {"ms": 8, "s": 0.5, "MB": 4, "kB": 12, "cores": 0.05, "/s": 0.5, "MB/s": 0.2}


@dataclass(frozen=True)
class Figure:
    """What is measured; all are the better the smaller they are."""

    name: str
    unit: str
    goal: float = math.inf


FIGURES = {figure.name: figure for figure in [
    Figure("all runs taken up after a start", "s"),
    Figure("database", "MB"),
    Figure("server, resident", "MB"),
    Figure("first visit, transferred", "kB", 850),
    Figure("runs: first row, cold", "ms"),
    Figure("runs: first row, warm", "ms"),
    Figure("runs: frame of scrolling, median", "ms", 16.7),
    Figure("runs: frame of scrolling, 95 %", "ms"),
    Figure("runs: sort", "ms"),
    Figure("runs: search", "ms", 50),
    Figure("runs: 10,000 filtered", "ms", 50),
    Figure("runs: 10,000 sorted", "ms", 50),
    Figure("run of many steps: first chart", "ms"),
    *(figure for n in (2, 8, 20, 50) for figure in [
        Figure(f"compare {n}: all lines there", "ms", 1500 if n == 50 else math.inf),
        Figure(f"compare {n}: smoothing, median frame", "ms", 16),
        Figure(f"compare {n}: smoothing, arithmetic of a frame", "ms", 8),
        Figure(f"compare {n}: hover, median frame", "ms", 16),
        Figure(f"compare {n}: zoom until drawn", "ms"),
    ]),
    Figure("1.6 Mbit/s, 150 ms: first words", "ms", 1500),
    Figure("1.6 Mbit/s, 150 ms: first row", "ms"),
    Figure("1.6 Mbit/s, 150 ms: alive", "ms", 6000),
    Figure("killed, started again: answers", "s"),
    Figure("live: messages a socket", "/s", 10),
    Figure("live: age of the newest point, 99 %", "ms", 500),
    Figure("live: a request beside it, worst", "ms"),
    Figure("live: sent to all", "MB/s"),
    Figure("live: server", "cores", 1),
]}


class Board:
    """A server of some programs on a data directory."""

    def __init__(self, programs, data):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.command = [programs / "corral", "serve", "--data-dir", data, "--port", str(self.port)]
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return wait(self.answers, pause=0.02)

    def answers(self):
        try:
            return self.ask("system") is not None
        except OSError:
            return False

    def ask(self, path):
        return json.load(urllib.request.urlopen(f"{self.url}/api/{path}"))

    def seconds(self):
        """Of the processors, used so far."""
        words = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    def resident(self):
        line = next(line for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    def end(self, kill=False):
        self.process.kill() if kill else self.process.terminate()
        self.process.wait()


def write_runs(data, count, steps, metrics, evaluations, name):
    """Run directories as workers leave them: noisy curves, no two steps alike."""
    for n in range(count):
        folder = data / "runs" / f"{name}-{n:04}"
        folder.mkdir(parents=True)
        loss = ("simpo", "sigmoid", "orpo", "ipo")[n % 4]
        (folder / "config.yaml").write_text(f"run_name: {name}-{n}\nstage: dpo\npref_loss: {loss}\nlearning_rate: {(1 + n % 9) * 1e-6}\n")
        seq, evaluate = 2, max(1, steps // evaluations)
        with open(folder / "events.jsonl", "w") as out:
            out.write(
                f'{{"seq":1,"time":1700000000000,"type":"started","total_steps":{steps},"resumed_from":0,"epochs":1.0,"train_rows":8,"eval_rows":8,'
                '"trainable_params":1,"all_params":1,"device":"cpu","compute":"f32","stored":"f32","threads":1}\n'
            )
            for step in range(1, steps + 1):
                noise, way = (step * 2654435761 + n >> 7) % 1000 / 1000, step / steps
                values = {name: (0.7 - 0.5 * way + 0.2 * noise) * (k + 1) + n / 50 for k, name in enumerate(metrics)}
                head = f'{{"seq":{seq},"time":{1700000000000 + 100 * step},'
                out.write(f'{head}"type":"step","step":{step},"epoch":{way},"metrics":{json.dumps(values)}}}\n')
                seq += 1
                if step % evaluate == 0:
                    found = {"eval_loss": 0.7 - 0.4 * way, "preference/accuracies": 0.5 + 0.4 * way, "preference/margins": way - n / 100}
                    out.write(f'{{"seq":{seq},"time":{1700000000050 + 100 * step},"type":"eval","step":{step},"epoch":{way},"metrics":{json.dumps(found)}}}\n')
                    seq += 1
            out.write(f'{{"seq":{seq},"time":{1700000000099 + 100 * steps},"type":"finished","outcome":"completed","step":{steps},"message":""}}\n')


ROW = "document.querySelector('tr.run-row')"
# the time from an event until the frame that answers it was drawn
WATCH = """window.__frames = []; for (const [type, only] of [['input', '[type=range]'], ['pointermove', '.plot-box'], ['mouseup', null]])
    addEventListener(type, event => { if (only && !event.target.closest?.(only)) return; const from = performance.now();
        requestAnimationFrame(() => { const c = new MessageChannel(); c.port1.onmessage = () => __frames.push([type, performance.now() - from]); c.port2.postMessage(0); });
    }, { capture: true });"""
SCROLL = """const box = document.querySelector('.runs-scroll'); const times = []; let last = performance.now();
    for (let n = 0; n < 150; n++) { box.scrollTop += 60; await new Promise(requestAnimationFrame); const now = performance.now(); times.push(now - last); last = now; }
    return times.slice(5)"""


def frames(page, kind):
    # the last one is noted after its frame
    page.until(f"__frames.some(([type]) => type === '{kind}')")
    times = page.run(f"const t = __frames.filter(([type]) => type === '{kind}').map(([, ms]) => ms); __frames = []; return t")
    return statistics.median(times)


def runs_page(board, count, found):
    with Chromium() as page:
        found["runs: first row, cold"] = page.open(f"{board.url}/runs", ROW)
        transferred = "const all = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]; return all.filter(e => !e.name.includes('/api/')).reduce((sum, e) => sum + e.transferSize, 0)"
        found["first visit, transferred"] = page.run(transferred) / 1000
        found["runs: first row, warm"] = page.open(f"{board.url}/runs", ROW)
        times = sorted(page.run(SCROLL))
        found["runs: frame of scrolling, median"] = statistics.median(times)
        found["runs: frame of scrolling, 95 %"] = times[int(len(times) * 0.95)]
        page.run("document.querySelector('.runs-scroll').scrollTop = 0")
        found["runs: sort"] = page.run(
            f"const first = {ROW}.textContent, from = performance.now(); document.querySelectorAll('button.sort')[1].click();"
            f" while ({ROW}.textContent === first) await new Promise(requestAnimationFrame); await new Promise(requestAnimationFrame); return performance.now() - from"
        )
        page.run(
            "window.__count = document.querySelector('.runs-count').textContent; const i = document.querySelector('.search input');"
            f" i.value = 'quick-{count % 90 + 7}'; i.dispatchEvent(new Event('input', {{ bubbles: true }}))"
        )
        found["runs: search"] = page.until("document.querySelector('.runs-count').textContent !== __count")


# ten thousand rows, copies of those that the server has: what only the page has to do with
MANY = """const fetched = window.fetch; window.fetch = async (asked, init) => { const url = new URL(asked.url ?? asked, location);
    if (url.pathname !== '/api/runs') return fetched(asked, init);
    const real = await (await fetched(asked, init)).json(), many = [];
    for (let n = 0; n < 10000; n++) { const one = real[n % real.length]; many.push({ ...one, id: `many-${n}`, name: `many-${n}-${['alpha', 'beta', 'gamma'][n % 3]}`, created: one.created - n }) }
    return new Response(JSON.stringify(many), { headers: { 'content-type': 'application/json' } }); };"""
# from a letter until the frame that shows what it leaves
LETTERS = """const input = document.querySelector('.search input'), times = [];
    for (const typed of ['many-1', 'many-12', 'many-123', 'gamma', 'many-1', 'acc>0.5', '']) {
        const from = performance.now(); input.value = typed; input.dispatchEvent(new Event('input', { bubbles: true }));
        await new Promise(requestAnimationFrame); await new Promise(done => { const c = new MessageChannel(); c.port1.onmessage = done; c.port2.postMessage(0); });
        times.push(performance.now() - from); await new Promise(done => setTimeout(done, 300)); }
    return times"""
SORTS = """const times = [];
    for (const n of [0, 1, 5, 6]) { const head = document.querySelectorAll('.runs-table th')[n + 1], before = head.ariaSort, from = performance.now();
        head.querySelector('button').click(); while (head.ariaSort === before && performance.now() - from < 3000) await new Promise(done => setTimeout(done));
        times.push(performance.now() - from); await new Promise(done => setTimeout(done, 300)); }
    return times"""


def many_runs(board, found):
    with Chromium() as page:
        page.call("Page.addScriptToEvaluateOnNewDocument", source=MANY)
        page.open(f"{board.url}/runs", "document.querySelector('.runs-count')?.textContent.includes('10')")
        time.sleep(2)
        found["runs: 10,000 filtered"] = max(page.run(LETTERS))
        found["runs: 10,000 sorted"] = max(page.run(SORTS))


def charts(board, big, found):
    with Chromium() as page:
        found["run of many steps: first chart"] = page.open(f"{board.url}/runs/{big[0]}", "document.querySelector('.chart canvas')")
    for n in (2, 8, 20, 50):
        if len(big) < n:
            continue
        with Chromium() as page:
            # the chart names the metric of each of its lines: a run has two, in training and held out
            lines = "document.querySelector('.charts .chart[data-metrics~=loss]').dataset.metrics.split(' ').length"
            there = f"{lines} === {2 * n} && document.querySelector('.charts canvas')"
            found[f"compare {n}: all lines there"] = page.open(f"{board.url}/compare?runs={','.join(big[:n])}", there)
            time.sleep(1)
            page.run(WATCH)
            page.drag(".smoothing input", 20, True)
            found[f"compare {n}: smoothing, median frame"] = frames(page, "input")
            found[f"compare {n}: smoothing, arithmetic of a frame"] = page.wasm(lambda: page.drag(".smoothing input", 20, True)) / 20
            frames(page, "input")
            page.drag(".plot-box", 20, False)
            found[f"compare {n}: hover, median frame"] = frames(page, "pointermove")
            page.drag(".plot-box", 3, True)
            page.until("location.search.includes('zoom=')")
            found[f"compare {n}: zoom until drawn"] = frames(page, "mouseup")


def slow_line(board, found):
    with Chromium() as page:
        page.slow(1.6, 150)
        line = "1.6 Mbit/s, 150 ms"
        found[f"{line}: first words"] = page.open(f"{board.url}/runs", "document.body && document.body.innerText.trim().length > 60")
    with Chromium() as page:
        page.slow(1.6, 150)
        found[f"{line}: first row"] = page.open(f"{board.url}/runs", ROW)
        # a click is answered
        answered = "(document.querySelector('.columns-panel') || [...document.querySelectorAll('.runs-bar button')].at(-1)?.click(), document.querySelector('.columns-panel, [role=dialog]'))"
        found[f"{line}: alive"] = page.open(f"{board.url}/runs", answered)


def newest(link, since, until, ages, counts, gaps):
    """Reads one socket: how old the newest point of each message is, how many messages come after `since`, and what is left out."""
    told, seqs = 0, {}
    while time.monotonic() < until:
        try:
            message = link.recv(timeout=1)
        except TimeoutError:
            continue
        now = time.time() * 1000
        said = json.loads(message)
        said = said if isinstance(said, list) else [said]  # older boards say one thing at a time
        for one in said:
            if one["type"] == "event":
                run, seq = one["run"], one["event"]["seq"]
                if seq != seqs.get(run, 0) + 1:
                    gaps.append(f"{run}: {seq} after {seqs.get(run, 0)}")
                seqs[run] = seq
        steps = [one["event"]["time"] for one in said if one["type"] == "event" and one["event"]["type"] == "step"]
        if time.monotonic() < since:
            continue
        told += 1
        if steps:
            ages.append(now - max(steps))
    counts.append(told)


def live(board, data, sockets, found):
    """Ten runs that write, watched by all sockets; the server's work and the age of what it tells."""
    environment = {**os.environ, "DATA_DIR": str(data)}
    writer = subprocess.Popen(
        [sys.executable, HERE / "live.py", "write", str(WRITERS), str(ROWS), str(SECONDS)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
    )
    for _ in range(WRITERS):
        writer.stdout.readline()

    def going():
        return [run["id"] for run in board.ask("runs") if run["name"].startswith("live-") and run["state"] == "running"]

    wait(lambda: len(going()) == WRITERS)
    ids = going()
    drain = subprocess.Popen(
        [sys.executable, HERE / "live.py", "drain", str(board.port), str(sockets - CLOSE), ",".join(ids), str(SECONDS)], stdout=subprocess.PIPE, text=True
    )
    drain.stdout.readline()
    links, ages, counts, gaps, asked = [connect(f"ws://127.0.0.1:{board.port}/api/live", origin=board.url, max_size=None, ping_interval=None, legacy=True) for _ in range(CLOSE)], [], [], [], []
    for link in links:
        for run in ids:
            link.send(json.dumps({"type": "follow", "run": run, "after": 0}))
    writer.stdin.write("\n")
    writer.stdin.flush()
    began = time.monotonic() + 2
    until = began + SECONDS - 4
    readers = [threading.Thread(target=newest, args=(link, began, until, ages, counts, gaps)) for link in links]
    for reader in readers:
        reader.start()
    time.sleep(2)
    before = board.seconds()
    while time.monotonic() < until:
        since = time.monotonic()
        board.ask("system")
        asked.append((time.monotonic() - since) * 1000)
        time.sleep(0.5)
    for reader in readers:
        reader.join()
    took, used = time.monotonic() - began, board.seconds() - before
    drained = json.loads(drain.communicate()[0])
    writer.wait()
    if gaps:
        sys.exit(f"events were left out: {'; '.join(gaps[:5])}")
    if drained["ended"]:
        print(f"{drained['ended']} sockets were ended by the server", file=sys.stderr)
    for link in links:
        link.close()
    found["live: messages a socket"] = statistics.mean(counts) / took
    found["live: age of the newest point, 99 %"] = sorted(ages)[int(len(ages) * 0.99)]
    found["live: a request beside it, worst"] = max(asked)
    found["live: sent to all"] = drained["bytes"] / 1e6 / SECONDS
    found["live: server"] = used / took


def measure(programs, source, asked):
    """All figures of one pair of programs, on a copy of the runs."""
    found = {}
    with tempfile.TemporaryDirectory(prefix="corral-bench-board-") as folder:
        data = Path(folder)
        subprocess.run(["cp", "-al", source / "runs", data / "runs"], check=True)
        board = Board(programs, data)
        try:
            count = asked.runs + asked.big

            def taken():
                runs = board.ask("runs")
                return len(runs) == count and all(run["step"] > 0 and run["state"] == "completed" for run in runs)

            found["all runs taken up after a start"] = wait(taken, pause=0.5, patience=600)
            time.sleep(3)
            found["database"] = sum(file.stat().st_size for file in data.glob("*.db*")) / 1e6
            found["server, resident"] = board.resident()
            big = sorted(run["id"] for run in board.ask("runs") if run["name"].startswith("big-"))
            runs_page(board, asked.runs, found)
            many_runs(board, found)
            slow_line(board, found)
            charts(board, big, found)
            board.end(kill=True)
            found["killed, started again: answers"] = board.start()
            live(board, data, asked.sockets, found)
        finally:
            board.end()
    return found


def table(all_found):
    """The figures as lines of text, the better of the rounds of each; those that are worse than the base's."""
    names, worse = list(all_found), []
    print(f"\n{'':44}" + "".join(f"{name:>12}" for name in names) + f"{'goal':>9}" + (f"{'ratio':>8}" if len(names) > 1 else ""))
    for figure in FIGURES.values():
        values = [min((found[figure.name] for found in rounds if figure.name in found), default=None) for rounds in all_found.values()]
        if None in values:
            continue
        goal = "" if figure.goal == math.inf else f"{figure.goal:g}"
        line = f"{figure.name:44}" + "".join(f"{value:>12.4g}" for value in values) + f"{goal:>9}"
        if len(values) > 1:
            base, tree = values
            line += f"{tree / base:>8.2f}" if base else ""
            if tree > base * TENTH and tree - base > NOISE[figure.unit]:
                worse.append(figure.name)
        missed = "" if values[-1] <= figure.goal else "  missed"
        print(f"{line}  {figure.unit}{missed}")
    return worse


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--programs", type=Path, default=ROOT / "target/release")
    words.add_argument("--base", type=Path)
    for name, value in dict(runs=1000, big=50, steps=100_000, sockets=200, rounds=1).items():
        words.add_argument(f"--{name}", type=int, default=value)
    asked = words.parse_args()
    with tempfile.TemporaryDirectory(prefix="corral-bench-runs-") as folder:
        source = Path(folder)
        metrics = ["loss", "rewards/chosen", "rewards/rejected", "rewards/margins", "rewards/accuracies", "logps/chosen", "logps/rejected", "grad_norm", "learning_rate", "tokens_per_second"]
        write_runs(source, asked.runs, 60, metrics, 4, "quick")
        write_runs(source, asked.big, asked.steps, metrics[:2], 100, "big")
        programs = ({"base": asked.base} if asked.base else {}) | {"tree": asked.programs}
        found = {name: [] for name in programs}
        for _ in range(asked.rounds):
            for name, place in programs.items():
                found[name].append(measure(place, source, asked))
    cpu = next((line.split(": ")[1] for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), platform.machine())
    worse = table(found)
    print(f"bench-board: {asked.runs} runs of 60 steps, {asked.big} of {asked.steps}, {asked.sockets} sockets; {os.cpu_count()} × {cpu}")
    if asked.base:
        print(f"bench-board: {'worse: ' + ', '.join(worse) if worse else 'nothing is worse by a tenth'}")
    sys.exit(1 if worse else 0)


if __name__ == "__main__":
    if shutil.which("chromium") is None and shutil.which("google-chrome") is None:
        sys.exit("bench-board needs Chromium (`make test` installs it)")
    main()
