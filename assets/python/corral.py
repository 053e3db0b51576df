"""Shows a script of your own on Corral's board: one file, no dependencies, Python 3.8 or newer.

    import corral

    corral.init("my run", config={"learning_rate": 1e-4})
    for step in range(1, 101):
        corral.log({"loss": 1 / step}, step=step)
    corral.finish()

With transformers or TRL:

    trainer = DPOTrainer(..., callbacks=[corral.callback("my run")])
    trainer.train()

It writes a run directory: `config.yaml`, `events.jsonl` (a line an event) and, on Linux, `worker.json`. A board on the same disk
shows it as it goes, since the directory lies below its `runs` (`DATA_DIR` says where, as for the board itself); one that was
written elsewhere is shown once it is copied there, or by `corral import DIRECTORY`.

`loss`, `rewards/chosen` … are metrics of a step, what begins with `eval_` or `eval/` of an evaluation; `train/` in front is left
out. A disk that can't be written to is told of once and stops nothing. Under torchrun the first process alone writes.
"""

import atexit
import json
import math
import os
import re
import sys
import threading
import time

__all__ = ["Run", "callback", "finish", "init", "log"]

PROTOCOL_VERSION = 1
HEARTBEAT = 10.0  # seconds

_current = None


def init(name=None, config=None, directory=None, total_steps=None, resume=False):
    """Begins a run, which `log` and `finish` are then about; gives it.

    name: what the board calls it; default the script's name. config: a dict; keys that LLaMA-Factory's files have are shown as
    the run's settings. directory: default a new one below the board's runs. total_steps: for the progress bar. resume: go on
    with the run in `directory`; steps behind the first one logged are forgotten.
    """
    global _current
    if _current is not None:
        _current.finish()
    _current = Run(name, config, directory, total_steps, resume)
    return _current


def log(metrics, step=None, epoch=None):
    """Tells numbers by name; anything else among them is left out. Without `step` it is one more than the last."""
    if _current is None:
        init()
    _current.log(metrics, step, epoch)


def finish(outcome="completed", message=""):
    """Ends the run: "completed", "stopped" or "failed", the last with why. A script that ends does it by itself."""
    if _current is not None:
        _current.finish(outcome, message)


class Run:
    """A run directory that is being written; `with corral.init(...) as run:` ends it, as failed where an exception does."""

    def __init__(self, name=None, config=None, directory=None, total_steps=None, resume=False):
        script = os.path.abspath(sys.argv[0]) if sys.argv and sys.argv[0] else os.getcwd()
        self.name = name or os.path.splitext(os.path.basename(script))[0] or "run"
        self.directory = os.path.abspath(directory or _new_directory(self.name))
        self.step = 0
        self._epoch = 0.0
        self._seq = 0
        self._pid = os.getpid()
        self._left_out = 0
        self._events = None
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._origin = {"from": "python", "path": script}
        if total_steps is not None:
            self._origin["total_steps"] = int(total_steps)
        # of several processes that train together one tells
        if os.environ.get("RANK", "0") not in ("", "0"):
            return
        try:
            self._open(config or {}, resume)
        except OSError as error:
            if not isinstance(error, FileExistsError):
                self._give_up(error)
                return
            raise
        self._failure = None
        self._hook, self._exit = sys.excepthook, sys.exit
        sys.excepthook, sys.exit = self._excepted, self._exited
        atexit.register(self.finish)

    def log(self, metrics, step=None, epoch=None):
        with self._lock:
            if self._events is None:
                return
            if not self._began:
                self._begin(_number(step))
            self._failure = None  # whoever meant to exit was kept from it
            # a step that is no number says nothing
            told = _number(step)
            self.step = self.step + 1 if told is None else int(told)
            kinds = {"step": {}, "eval": {}}
            for name, value in dict(metrics).items():
                number = _number(value)
                if name == "epoch":
                    epoch = number if epoch is None else epoch
                elif number is None:
                    self._left_out += value is None or isinstance(value, float)
                else:
                    kind, name = _place(str(name))
                    kinds[kind][name] = number
            if epoch is not None:
                self._epoch = _number(epoch) or self._epoch
            for kind, found in kinds.items():
                if found:
                    self._write(kind, step=self.step, epoch=self._epoch, metrics=found)

    def finish(self, outcome="completed", message=""):
        if outcome not in ("completed", "stopped", "failed"):
            raise ValueError("outcome is completed, stopped or failed")
        with self._lock:
            if self._events is None:
                return
            if not self._began:
                self._begin(None)
            if outcome == "completed" and self._failure:
                outcome, message = "failed", self._failure
            if self._left_out:
                count = self._left_out
                word = "value" if count == 1 else "values"
                self._write("notice", message=f"{count} {word} left out: no finite number", code="import_no_numbers", args=[count])
            self._write("finished", outcome=outcome, step=self.step, message=message)
            events, self._events = self._events, None
            self._over.set()
            if events is not None:
                os.close(events)
        atexit.unregister(self.finish)
        if sys.excepthook == self._excepted:
            sys.excepthook = self._hook
        if sys.exit == self._exited:
            sys.exit = self._exit

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if error is not None and not (kind is SystemExit and error.code in (None, 0)):
            self.finish("failed", f"{kind.__name__}: {error}")
        else:
            self.finish()

    def _open(self, config, resume):
        events = os.path.join(self.directory, "events.jsonl")
        os.makedirs(self.directory, mode=0o700, exist_ok=True)
        known = os.path.exists(events) and os.path.getsize(events) > 0
        if known and not resume:
            raise FileExistsError(f"{events} is there already: take another directory, or resume=True")
        descriptor = os.open(events, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            _lock_file(descriptor)
            # before there is a config, so that no board meets a run of nobody's
            self._tell_of_this_process()
            if known:
                self._seq, self.step, whole = _last(events)
                os.ftruncate(descriptor, whole)
            else:
                settings = {key: value for key, value in config.items() if isinstance(value, (str, bool, int, float))}
                settings["run_name"] = self.name
                # JSON is YAML
                _write_whole(os.path.join(self.directory, "config.yaml"), json.dumps(settings, indent=1) + "\n")
        except BaseException:
            os.close(descriptor)
            raise
        self._events = descriptor
        self._began = False
        if not known:
            self._begin(None)

    def _begin(self, step):
        """The first event; of a run that goes on, once it is known from where."""
        origin = dict(self._origin)
        if self._seq:
            origin["resumed_from"] = self.step if step is None else max(int(step) - 1, 0)
        self._began = True
        self._write("origin", **origin)

    def _tell_of_this_process(self):
        """Lets the board know whether the script still goes: by its pid here, by the file's time from elsewhere."""
        try:
            with open("/proc/self/stat") as file:
                start_time = int(file.read().rsplit(") ", 1)[1].split(" ")[19])
            with open("/proc/sys/kernel/random/boot_id") as file:
                boot = file.read().strip()
            machine = None
            for path in ("/etc/machine-id", "/proc/sys/kernel/hostname"):
                try:
                    with open(path) as file:
                        machine = machine or file.read().strip() or None
                except OSError:
                    pass
            worker = {
                "pid": os.getpid(),
                "start_time": start_time,
                "boot_id": boot,
                "protocol_version": PROTOCOL_VERSION,
                "machine": machine,
                "pid_namespace": os.readlink("/proc/self/ns/pid"),
            }
        except (OSError, ValueError, IndexError):
            return  # not Linux
        path = os.path.join(self.directory, "worker.json")
        _write_whole(path, json.dumps({key: value for key, value in worker.items() if value is not None}))
        threading.Thread(target=self._beat, args=(path,), daemon=True).start()

    def _beat(self, path):
        while not self._over.wait(HEARTBEAT):
            try:
                os.utime(path)
            except OSError:
                pass

    def _write(self, kind, **body):
        # a child that this process forked has none of its own to tell
        if self._events is None or os.getpid() != self._pid:
            return
        event = {"seq": self._seq + 1, "time": int(time.time() * 1000), "type": kind}
        event.update(body)
        try:
            line = (json.dumps(event, allow_nan=False) + "\n").encode()
            before = os.fstat(self._events).st_size
            if os.write(self._events, line) != len(line):
                os.ftruncate(self._events, before)
                raise OSError("the disk is full")
            self._seq += 1
        except (OSError, ValueError) as error:
            self._give_up(error)

    def _give_up(self, error):
        print(f"corral: the run is told no more, and goes on: {error}", file=sys.stderr)
        if self._events is not None:
            os.close(self._events)
        self._events = None
        self._over.set()

    def _exited(self, status=None):
        # no hook is asked where a script ends by SystemExit
        if status is not None and status != 0:
            self._failure = f"exit: {status}"
        self._exit(status)

    def _excepted(self, kind, error, trace):
        self._failure = f"{kind.__name__}: {error}"
        self._hook(kind, error, trace)


def callback(name=None, config=None, directory=None, resume=False):
    """A callback for transformers' and TRL's trainers: their logs, under the names that they have there."""
    from transformers import TrainerCallback

    class CorralCallback(TrainerCallback):
        run = None

        def on_train_begin(self, args, state, control, model=None, **_):
            if not state.is_world_process_zero or self.run is not None:
                return
            settings = _settings(args, model)
            settings.update(config or {})
            called = name or getattr(args, "run_name", None)
            self.run = init(called, settings, directory, state.max_steps or None, resume)

        def on_log(self, args, state, control, logs=None, **_):
            if self.run is not None and logs:
                self.run.log(logs, state.global_step, state.epoch)

    return CorralCallback()


# what transformers' and TRL's arguments have under the names of LLaMA-Factory's files
_SAME = (
    "learning_rate num_train_epochs max_steps per_device_train_batch_size per_device_eval_batch_size gradient_accumulation_steps "
    "lr_scheduler_type warmup_ratio warmup_steps optim weight_decay adam_beta1 adam_beta2 adam_epsilon max_grad_norm seed bf16 fp16 "
    "logging_steps save_steps eval_strategy eval_steps"
).split()
_STAGES = {"DPOConfig": "dpo", "SFTConfig": "sft", "KTOConfig": "kto", "RewardConfig": "rm"}


def _settings(args, model):
    settings = {}
    for key in _SAME:
        value = getattr(args, key, None)
        value = getattr(value, "value", value)  # of an enum
        if isinstance(value, (str, bool, int, float)):
            settings[key] = value
    stage = next((_STAGES[kind.__name__] for kind in type(args).__mro__ if kind.__name__ in _STAGES), None)
    if stage:
        settings["stage"] = stage
    if stage in ("dpo", "kto") and _number(getattr(args, "beta", None)) is not None:
        settings["pref_beta"] = float(args.beta)
    loss = getattr(args, "loss_type", None)
    if stage == "dpo" and loss:
        settings["pref_loss"] = ",".join(loss) if isinstance(loss, (list, tuple)) else str(loss)
    named = getattr(getattr(model, "config", None), "_name_or_path", None)
    if named:
        settings["model_name_or_path"] = str(named)
    return settings


def _place(name):
    """The kind of event that a metric belongs to, and its name there."""
    if name.startswith("eval_preference/"):
        return "eval", name[len("eval_"):]
    if name.startswith("eval_") or name.startswith("preference/"):
        return "eval", name
    if name.startswith("eval/"):
        rest = name[len("eval/"):]
        return "eval", rest if rest.startswith("preference/") else "eval_" + rest
    if name.startswith("train/"):
        return "step", name[len("train/"):]
    return "step", name


def _number(value):
    """A finite number, of numpy's and torch's too; None for anything else."""
    if value is None or isinstance(value, (str, bytes, dict, list, tuple)):
        return None
    try:
        value = float(value)
    except (TypeError, ValueError, OverflowError, RuntimeError):
        return None
    return value if math.isfinite(value) else None


def _new_directory(name):
    home = os.environ.get("XDG_DATA_HOME") or os.path.join(os.path.expanduser("~"), ".local", "share")
    data = os.environ.get("DATA_DIR") or os.path.join(home, "corral")
    plain = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")[:40] or "run"
    stamp = time.strftime("%Y%m%d-%H%M%S")
    place = os.path.join(os.path.expanduser(data), "runs", f"{plain}-{stamp}-{os.getpid()}")
    # several of one script may begin in one second
    number, free = 2, place
    while os.path.exists(free):
        number, free = number + 1, f"{place}-{number}"
    return free


def _write_whole(path, text):
    beside = f"{path}.{os.getpid()}.tmp"
    with open(beside, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(beside, path)


def _lock_file(descriptor):
    try:
        import fcntl
    except ImportError:
        return  # not Unix
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise FileExistsError("another process writes this run") from None


def _last(events):
    """The newest `seq` and step of a file, and the length of its whole lines: a torn last one is cut off."""
    seq = step = whole = 0
    with open(events, "rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                break
            event = json.loads(line)
            seq, step, whole = event["seq"], event.get("step", step), whole + len(line)
    return seq, step, whole
