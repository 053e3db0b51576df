# What our runs tell W&B, SwanLab, trackio and MLflow, as these programs themselves read it: `wandb sync` against a server that
# answers as W&B's does, SwanLab's own reader of its logs, trackio's of its databases, MLflow's own server.
"""python uploads.py   (started by run.sh, in the environment of golden/requirements-trackers.txt; PROGRAMS names another folder of ours)"""

import gzip
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden"
PROGRAMS = Path(os.environ.get("PROGRAMS", Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"))
BIN = Path(sys.executable).parent
# nothing of whoever starts this, above all no key
PLAIN = {key: value for key, value in os.environ.items() if not key.startswith(("WANDB_", "SWANLAB_", "TRACKIO_", "MLFLOW_"))}

CONFIG = f"""model_name_or_path: {GOLDEN}/models/llama
dataset_dir: {GOLDEN}/data
dataset: pairs
eval_dataset: pairs_eval
stage: dpo
template: llama2
lora_rank: 4
cutoff_len: 96
per_device_train_batch_size: 2
logging_steps: 1
eval_strategy: steps
eval_steps: 3
save_steps: 3
run_name: mine
project: ours
report_to: [wandb, swanlab, trackio, mlflow]
"""


class Wandb(BaseHTTPRequestHandler):
    """As much of W&B's server as `sync` asks for: a run is made, its rows arrive, it ends."""

    runs, rows, ended, address = [], [], [], None

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        body = gzip.decompress(body) if self.headers.get("content-encoding") == "gzip" else body
        answer = {}
        if self.path == "/graphql":
            asked = json.loads(body)
            answer = {"data": self.graphql(asked["query"], asked["variables"])}
        elif self.path.endswith("/file_stream"):
            told = json.loads(body)
            self.rows.extend((told.get("files") or {}).get("wandb-history.jsonl", {}).get("content", []))
            if told.get("complete") is not None:
                self.ended.append((told["complete"], told["exitcode"]))
        text = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_PUT = do_GET = do_POST

    def graphql(self, query, given):
        if "upsertBucket" in query:
            self.runs.append(given)
            project = {"id": "p", "name": given["project"], "entity": {"id": "e", "name": "me"}}
            bucket = {"id": "r", "name": given["name"], "displayName": given.get("displayName"), "description": None, "config": None,
                      "sweepName": None, "project": project, "historyLineCount": 0}
            return {"upsertBucket": {"bucket": bucket, "inserted": True}}
        if "viewer" in query:
            return {"viewer": {"id": "v", "entity": "me", "username": "me", "email": "me@here", "flags": "{}", "teams": {"edges": []}}}
        if "createRunFiles" in query:
            files = [{"name": name, "uploadUrl": f"{self.address}/put"} for name in given["files"]]
            return {"createRunFiles": {"runID": "r", "uploadHeaders": [], "files": files}}
        return {}

    def log_message(self, *_):
        pass


def told(run):
    """What its events tell by tag and step: a start forgets what was told of later steps."""
    values = {}
    for line in (run / "events.jsonl").read_text().splitlines():
        event = json.loads(line)
        if event["type"] == "started":
            after = event["resumed_from"]
            values = {key: value for key, value in values.items() if after and key[1] <= after}
        elif event["type"] in ("step", "eval"):
            for name, value in event["metrics"].items():
                tag = f"train/{name}" if event["type"] == "step" else "eval/" + name.removeprefix("eval_")
                values[tag, event["step"]] = value
            if event["type"] == "step":
                values["train/epoch", event["step"]] = event["epoch"]
    return values


def same(shown, run):
    wanted = told(run)
    assert shown.keys() == wanted.keys(), set(shown) ^ set(wanted)
    assert all(abs(shown[key] - wanted[key]) <= 1e-9 * abs(wanted[key]) for key in wanted)
    return len(shown)


def wandb(run):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Wandb)
    Wandb.address = f"http://127.0.0.1:{server.server_port}"
    Thread(target=server.serve_forever, daemon=True).start()
    (folder,) = (run / "wandb").iterdir()
    env = {**PLAIN, "WANDB_BASE_URL": Wandb.address, "WANDB_API_KEY": "a" * 40, "WANDB_ERROR_REPORTING": "false"}
    done = subprocess.run([BIN / "wandb", "sync", folder], cwd=run.parent, env=env, text=True, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    server.shutdown()
    made = Wandb.runs[0]
    assert (made["project"], made["displayName"]) == ("ours", "mine"), made
    assert json.loads(made["config"])["stage"]["value"] == "dpo"
    assert Wandb.ended == [(True, 0)], Wandb.ended
    rows = [json.loads(row) for row in Wandb.rows]
    assert [row["_step"] for row in rows] == list(range(len(rows)))
    aside = ("_step", "_runtime", "_timestamp", "train/global_step")
    return same({(tag, row["train/global_step"]): value for row in rows for tag, value in row.items() if tag not in aside}, run)


def swanlab(run):
    import yaml
    from swanlab.proto.swanlab.record.v1.record_pb2 import Record
    from swanlab.proto.swanlab.run.v1.run_pb2 import RunState
    from swanlab.sdk.internal.core_python.store import DataStoreReader

    (folder,) = (run / "swanlog").iterdir()
    (log,) = folder.glob("run-*.swanlab")
    reader = DataStoreReader()
    reader.open(log)
    records = [Record.FromString(data) for data in reader]
    assert (records[0].start.project, records[0].start.name) == ("llamafactory", "mine")
    assert records[-1].finish.state == RunState.RUN_STATE_FINISHED
    (saved,) = [record.save.source_path for record in records if record.HasField("save")]
    assert yaml.safe_load(Path(saved).read_text())["stage"]["value"] == "dpo"
    scalars = [record.scalar for record in records if record.HasField("scalar")]
    assert {record.column.column_key for record in records if record.HasField("column")} == {scalar.key for scalar in scalars}
    return same({(scalar.key, scalar.step): scalar.value.number for scalar in scalars}, run)


def trackio(run):
    os.environ["TRACKIO_DIR"] = str(run / "trackio")
    from trackio.sqlite_storage import SQLiteStorage

    SQLiteStorage.migrate_all_projects()  # as `trackio show` does first
    wanted, shown = told(run), {}
    for _ in range(300):
        shown = {(tag, row["step"]): value for row in SQLiteStorage.get_logs("ours", "mine") for tag, value in row.items()
                 if tag not in ("step", "timestamp", "train/global_step")}
        if len(shown) >= len(wanted):
            break
        time.sleep(0.2)
    assert SQLiteStorage.get_projects() == ["ours"] and SQLiteStorage.get_runs("ours") == ["mine"]
    assert SQLiteStorage.get_run_config("ours", "mine")["stage"] == "dpo"
    return same(shown, run)


def mlflow_server(folder):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [BIN / "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
               "--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", str(folder / "artifacts")]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen(command, env={**PLAIN, "MLFLOW_DISABLE_TELEMETRY": "true"}, start_new_session=True, **quiet)
    address = f"http://127.0.0.1:{port}"
    for _ in range(600):
        try:
            urllib.request.urlopen(f"{address}/health", timeout=5)
            return server, address
        except OSError:
            assert server.poll() is None, "mlflow server has ended"
            time.sleep(0.2)
    sys.exit("error: mlflow server does not answer")


def mlflow(run, address):
    from mlflow import MlflowClient

    client = MlflowClient(address)
    for _ in range(300):
        found = client.search_runs([experiment.experiment_id for experiment in client.search_experiments()])
        if found and found[0].info.status == "FINISHED":
            break
        time.sleep(0.2)
    (shown,) = found
    assert (shown.info.run_name, shown.info.status, shown.data.params["stage"]) == ("mine", "FINISHED", "dpo")
    values = {}
    for name in shown.data.metrics:
        tag = "eval/" + name.removeprefix("eval_") if name.startswith("eval_") else f"train/{name}"
        for point in client.get_metric_history(shown.info.run_id, name):
            assert (tag, point.step) not in values, f"{tag} of step {point.step} twice"
            values[tag, point.step] = point.value
    return same(values, run)


with tempfile.TemporaryDirectory() as folder:
    folder = Path(folder)
    yaml, run = folder / "run.yaml", folder / "run"
    yaml.write_text(CONFIG)
    server, address = mlflow_server(folder)
    try:
        env = {**PLAIN, "MLFLOW_TRACKING_URI": address, "DATA_DIR": str(folder / "data")}
        done = subprocess.run([PROGRAMS / "corral", "train", yaml, f"output_dir={run}", "max_steps=9"], env=env, text=True, capture_output=True)
        if done.returncode:
            sys.exit(done.stderr)
        print(f"uploads: wandb sync sends {wandb(run)} values, the config and the end of a run")
        print(f"uploads: SwanLab reads {swanlab(run)} values, the config and the end of a run")
        print(f"uploads: trackio shows {trackio(run)} values and the config of a run")
        print(f"uploads: MLflow shows {mlflow(run, address)} values, the config and the end of a run")
    finally:
        os.killpg(server.pid, 15)
