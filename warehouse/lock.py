"""The lock that lets one publisher at a time change a releases folder.

Belongs here: taking and releasing it. A process that dies gives the lock back by dying, so no lock
is ever left behind to be cleaned away.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from warehouse.errors import PublishBusy

LOCK = ".lock"


@contextlib.contextmanager
def releases_lock(releases: Path) -> Iterator[None]:
    """Hold the lock of a releases folder; raises `PublishBusy` at once when another holds it."""
    path = releases / LOCK
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(handle, 200, 0).decode("utf-8", "replace").strip()
            raise PublishBusy(
                f"Another publisher is at work on {releases} ({holder or 'it gave no name'}). "
                "Wait until it has ended and publish again."
            ) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"process {os.getpid()} on {socket.gethostname()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)
