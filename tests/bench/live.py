# Running runs that are watched: N workers write rows, many sockets follow them all, and some of the sockets are read closely.
"""live.py write RUNS ROWS SECONDS   rows of ten metrics a second into each of RUNS run directories below DATA_DIR/runs, by the Python client
live.py drain PORT SOCKETS IDS SECONDS   sockets that follow the runs and throw away what they are told, as fast as it comes"""
import base64
import json
import os
import selectors
import socket
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "assets/python"))
METRICS = "loss rewards/chosen rewards/rejected rewards/margins rewards/accuracies logps/chosen logps/rejected grad_norm learning_rate tokens_per_second".split()


def write(runs, rows, seconds):
    import corral

    told = [corral.Run(f"live-{n}", {"stage": "dpo"}, None, rows * seconds, False) for n in range(runs)]
    print("\n".join(Path(run.directory).name for run in told), flush=True)
    sys.stdin.readline()  # everyone follows
    began, step = time.monotonic(), 0
    while time.monotonic() - began < seconds:
        step += 1
        for n, run in enumerate(told):
            run.log({name: 1.0 / step + k + n for k, name in enumerate(METRICS)}, step)
        time.sleep(max(0.0, began + step / rows - time.monotonic()))
    for run in told:
        run.finish()


def follow(port, ids):
    """A socket that asked for all of the runs' events, after the handshake."""
    link = socket.create_connection(("127.0.0.1", port))
    key = base64.b64encode(os.urandom(16)).decode()
    link.sendall(
        f"GET /api/live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: http://127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: {key}\r\n\r\n".encode()
    )
    head = link.recv(12, socket.MSG_WAITALL)
    if not head.endswith(b"101"):
        raise ConnectionError(f"no socket: {head!r}")
    for run in ids:
        text = json.dumps({"type": "follow", "run": run, "after": 0}).encode()
        # a text frame, whole, masked with zeros
        link.sendall(bytes([0x81, 0x80 | len(text)]) + bytes(4) + text)
    return link


def drain(port, sockets, ids, seconds):
    ready = selectors.DefaultSelector()
    for _ in range(sockets):
        link = follow(port, ids)
        link.setblocking(False)
        ready.register(link, selectors.EVENT_READ)
    print("following", flush=True)
    until, read, waste, ended = time.monotonic() + seconds, 0, bytearray(1 << 20), 0
    while time.monotonic() < until:
        for key, _ in ready.select(0.1):
            try:
                size = key.fileobj.recv_into(waste)
            except OSError:
                size = 0
            if size == 0:
                ended += 1
                ready.unregister(key.fileobj)
            read += size
        time.sleep(0.02)
    print(json.dumps({"bytes": read, "ended": ended}))


if __name__ == "__main__":
    kind, *rest = sys.argv[1:]
    if kind == "write":
        write(*map(int, rest))
    else:
        drain(int(rest[0]), int(rest[1]), rest[2].split(","), int(rest[3]))
