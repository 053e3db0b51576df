# A headless Chromium spoken to over its DevTools protocol: pages opened, scripts run in them, the mouse moved, the network slowed.
import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from websockets.sync.client import connect

PATIENCE = 90  # seconds


class Chromium:
    """One browser with one page and a fresh profile; `with Chromium() as page:` ends it."""

    def __init__(self, width=1440, height=900):
        self.profile = Path(tempfile.mkdtemp(prefix="corral-bench-"))
        program = next(found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name)))
        command = [
            program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--lang=en-US", f"--user-data-dir={self.profile}",
            f"--window-size={width},{height}", "--remote-debugging-port=0", "about:blank",
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        told = self.profile / "DevToolsActivePort"
        wait(lambda: told.exists() and told.read_text().count("\n"))
        port, path = told.read_text().split("\n")[:2]
        self.socket = connect(f"ws://127.0.0.1:{port}{path}", max_size=None, legacy=True)
        self.last, self.session = 0, None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network"):
            self.call(f"{domain}.enable")
        size = dict(width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setDeviceMetricsOverride", **size)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    def call(self, method, **params):
        """What the browser answers to one call; what it tells meanwhile is left unread."""
        self.last += 1
        message = dict(id=self.last, method=method, params=params)
        if self.session:
            message["sessionId"] = self.session
        self.socket.send(json.dumps(message))
        while True:
            answer = json.loads(self.socket.recv(timeout=PATIENCE))
            if answer.get("id") == self.last:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def run(self, script):
        """The value of a script, whose promise is waited for."""
        found = self.call("Runtime.evaluate", expression=f"(async () => {{ {script} }})()", awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in found:
            raise RuntimeError(f"{script}: {found['exceptionDetails']}")
        return found["result"].get("value")

    def open(self, url, shown):
        """Milliseconds from the start of the navigation until the page says that `shown`, an expression of JavaScript, holds."""
        watch = f"(() => {{ const look = () => {{ try {{ if ({shown}) {{ window.__shown = performance.now(); return; }} }} catch {{}} setTimeout(look, 5); }}; look(); }})()"
        script = self.call("Page.addScriptToEvaluateOnNewDocument", source=watch)["identifier"]
        self.call("Page.navigate", url=url)
        wait(lambda: self.run("return window.__shown !== undefined && document.readyState === 'complete'"), pause=0.02)
        self.call("Page.removeScriptToEvaluateOnNewDocument", identifier=script)
        return self.run("return window.__shown")

    def until(self, holds):
        """Milliseconds until an expression of JavaScript holds, looked at in each frame."""
        return self.run(
            f"const from = performance.now(); while (!({holds})) {{ if (performance.now() - from > {PATIENCE * 1000}) throw 'never: ' + {json.dumps(holds)};"
            " await new Promise(requestAnimationFrame); } return performance.now() - from"
        )

    def slow(self, megabits, latency):
        """The network at this many Mbit/s and milliseconds to and fro; nothing is kept from before."""
        self.call("Network.setCacheDisabled", cacheDisabled=True)
        each_way = megabits * 1e6 / 8
        self.call("Network.emulateNetworkConditions", offline=False, latency=latency, downloadThroughput=each_way, uploadThroughput=each_way)

    def wasm(self, work):
        """Milliseconds that the page's WebAssembly ran during `work()`, by the profiler's samples."""
        self.call("Profiler.enable")
        self.call("Profiler.setSamplingInterval", interval=200)
        self.call("Profiler.start")
        work()
        profile = self.call("Profiler.stop")["profile"]
        self.call("Profiler.disable")
        ours = {node["id"] for node in profile["nodes"] if "wasm" in node["callFrame"]["url"].split("?")[0].rsplit("/", 1)[-1] or node["callFrame"]["url"].startswith("wasm:")}
        return sum(delta for sample, delta in zip(profile["samples"], profile["timeDeltas"]) if sample in ours) / 1000

    def drag(self, css, steps, pressed):
        """Moves the mouse over the middle of what `css` finds, a frame a step; `pressed`: with the button held."""
        x, y, width, height = self.run(
            f"const e = document.querySelector({json.dumps(css)}); e.scrollIntoView({{ block: 'center' }}); const b = e.getBoundingClientRect();"
            " return [b.left, b.top, b.width, b.height]"
        )

        def mouse(kind, part):
            button = "left" if pressed else "none"
            place = dict(x=x + width * part, y=y + height * 0.5)
            self.call("Input.dispatchMouseEvent", type=kind, button=button, buttons=int(pressed), clickCount=1, **place)

        mouse("mouseMoved", 0.15)
        if pressed:
            mouse("mousePressed", 0.15)
        for step in range(steps):
            mouse("mouseMoved", 0.2 + 0.6 * step / steps)
            self.run("await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        if pressed:
            mouse("mouseReleased", 0.8)


def wait(holds, pause=0.1, patience=PATIENCE):
    """Seconds until `holds()`; a failure after `patience`."""
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > patience:
            raise TimeoutError(f"nothing after {patience} s")
        time.sleep(pause)
    return time.monotonic() - began
