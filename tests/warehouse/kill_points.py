"""Every place at which a publisher can die or the disk can fail, counted, and a way to get there.

Belongs here: counting what a publication asks of the file system, ending it at the n-th such call,
and publishing in a process that may be killed. Does not belong here: what must hold afterwards.

Calls of Python are counted: opening for writing, writing, forcing to disk, renaming, making and
removing files and folders, changing permissions. DuckDB and Arrow write by themselves; a process is
also killed by the clock of its parent, in the midst of whatever it does.
"""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import io
import itertools
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

_CALLS = ("fsync", "rename", "replace", "mkdir", "chmod", "unlink", "rmdir")

#: Told the name of each call before it is made, and how to make half of it, if there is a half.
OnCall = Callable[[str, Callable[[], object]], None]


class _CountedStream:
    """A file that tells of each write before it is made."""

    def __init__(self, stream: Any, on_call: OnCall) -> None:
        self._stream = stream
        self._on_call = on_call

    def write(self, content: Any) -> Any:
        def half() -> None:
            self._stream.write(content[: len(content) // 2])
            self._stream.flush()

        self._on_call("write", half)
        return self._stream.write(content)

    def __enter__(self) -> _CountedStream:
        return self

    def __exit__(self, *raised: object) -> None:
        self._stream.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextlib.contextmanager
def watched(on_call: OnCall) -> Iterator[None]:
    """Tell of every call by which this process changes the file system, before it is made."""
    real = {name: getattr(os, name) for name in _CALLS}
    opened = io.open

    def counted(name: str) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            on_call(name, lambda: None)
            return real[name](*arguments, **named)

        return call

    def counted_open(file: Any, mode: str = "r", *arguments: Any, **named: Any) -> Any:
        if not set("wxa+").intersection(mode):
            return opened(file, mode, *arguments, **named)
        on_call("open", lambda: None)
        return _CountedStream(opened(file, mode, *arguments, **named), on_call)

    for name in _CALLS:
        setattr(os, name, counted(name))
    io.open = counted_open  # type: ignore[assignment]
    try:
        yield
    finally:
        for name, function in real.items():
            setattr(os, name, function)
        io.open = opened


def count_calls(work: Callable[[], object]) -> list[str]:
    """Do the work and return the names of all calls that it made."""
    seen: list[str] = []
    with watched(lambda name, half: seen.append(name)):
        work()
    return seen


@dataclasses.dataclass(frozen=True)
class Death:
    """When a publisher dies: at its n-th call (from 0), at a named step, or after some seconds.

    `torn` makes half of the call first.
    """

    at_call: int = -1
    at_step: str = ""
    after_seconds: float | None = None
    torn: bool = False


class KillablePublisher:
    """Publishes and pushes in processes that are forked from one that has imported all.

    That one starts no thread and publishes nothing itself, which is what makes forking it safe.
    Not to be used by two threads at once. Environment: as it is when this is made.
    """

    def __init__(self) -> None:
        root = Path(__file__).parents[2]
        threads = {"OPENBLAS_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-c", f"from {__name__} import serve; serve()"],
            env={**os.environ, "PYTHONPATH": str(root), **threads},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def run(self, candidate: Path, releases: Path, death: Death) -> int:
        """Publish and die; return how the process ended: 0, or the negative number of a signal."""
        return self._run("publish", str(candidate), str(releases), death)

    def push(self, releases: Path, url: str, death: Death) -> int:
        """Push and die before the n-th object (from 0); return how the process ended."""
        return self._run("push", str(releases), url, death)

    def _run(self, what: str, first: str, second: str, death: Death) -> int:
        job = [what, first, second, dataclasses.asdict(death)]
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(job).encode() + b"\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def stop(self) -> None:
        self._process.communicate()


def serve() -> None:
    """Fork a process for each job on standard input and answer how it ended."""
    for name in ("pandas", "s3fs", "tests.warehouse.tiny_candidate", "warehouse.push"):
        importlib.import_module(name)
    jobs = {"publish": _publish, "push": _push}
    for line in sys.stdin:
        what, first, second, death = json.loads(line)
        child = os.fork()
        if child == 0:
            try:
                jobs[what](first, second, Death(**death))
                os._exit(0)
            except BaseException:
                traceback.print_exc()
                os._exit(70)
        if death["after_seconds"] is not None:
            time.sleep(death["after_seconds"])
            os.kill(child, signal.SIGKILL)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _publish(candidate: str, releases: str, death: Death) -> None:
    from tests.warehouse.proof_put_aside import believed
    from tests.warehouse.tiny_candidate import publish_tiny
    from warehouse import publish as publishing
    from warehouse.candidate import Candidate

    publishing.prove = believed
    calls = itertools.count()

    def on_call(name: str, half: Callable[[], object]) -> None:
        if next(calls) == death.at_call:
            if death.torn:
                half()
            os.kill(os.getpid(), signal.SIGKILL)

    def on_step(step: str) -> None:
        if step == death.at_step:
            os.kill(os.getpid(), signal.SIGKILL)

    with watched(on_call):
        publish_tiny(Candidate(Path(candidate)), Path(releases), on_step=on_step)


def _push(releases: str, url: str, death: Death) -> None:
    from warehouse.push import push
    from warehouse.store import Store

    objects = itertools.count()

    def on_step(step: str) -> None:
        if next(objects) == death.at_call:
            os.kill(os.getpid(), signal.SIGKILL)

    push(Path(releases), Store(url), on_step=on_step)
