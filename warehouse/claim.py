"""The claim by which one publisher at a time writes to a store.

Belongs here: taking, proving and giving back the claim. Does not belong here: what is written under
it (`push`).

A store has no lock that ends with its holder. The claim is an object that only one can create. Its
token is kept beside the releases too, so a folder whose publisher was killed takes its own claim up
again; a claim of another folder is left alone until somebody says that its holder is gone.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import socket
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

from warehouse import canonical_json, files
from warehouse.errors import PublishBusy
from warehouse.store import Store, StoreChanged, StoreError

CLAIM = "publishing.json"
TOKEN = ".push-claim"  # noqa: S105 - the name of a file
_LIMIT = 4096


@contextlib.contextmanager
def claimed(store: Store, releases: Path, *, take_over: bool) -> Iterator[Callable[[], None]]:
    """Hold the claim of a store; yields a function that raises when it is no longer ours.

    Raises `PublishBusy` naming the holder when another folder holds it, unless `take_over`.
    """
    content, ours = _make(), releases / TOKEN
    before = ours.read_bytes() if ours.is_file() else None
    if before is not None and (found := store.read(CLAIM, _LIMIT)) and found[0] == before:
        content = before
    else:
        files.replace_durably(ours, content)
        try:
            _create(store, content, take_over)
        except PublishBusy:
            ours.unlink()
            raise
    try:
        yield lambda: _prove(store, content)
    finally:
        with contextlib.suppress(StoreError):
            if (found := store.read(CLAIM, _LIMIT)) and found[0] == content:
                store.remove(CLAIM)
            ours.unlink(missing_ok=True)


def _make() -> bytes:
    return canonical_json.dumps(
        {
            "by": f"process {os.getpid()} on {socket.gethostname()}",
            "since": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "token": uuid.uuid4().hex,
        }
    )


def _create(store: Store, content: bytes, take_over: bool) -> None:
    try:
        store.create(CLAIM, content)
        return
    except StoreChanged:
        found = store.read(CLAIM, _LIMIT)
    if found is not None and take_over:
        store.replace(CLAIM, content, found[1])
        return
    raise PublishBusy(
        f"Another publisher is at work on {store.url} ({_holder(found[0] if found else b'')}). "
        "Wait until it has ended, pull, and try again. If it was killed, and only then: "
        "carbon-warehouse push --take-over."
    )


def _prove(store: Store, content: bytes) -> None:
    found = store.read(CLAIM, _LIMIT)
    if found is None or found[0] != content:
        raise PublishBusy(
            f"Another publisher has taken over the claim on {store.url}; nothing was listed there. "
            "Run carbon-warehouse pull, then try again."
        )


def _holder(content: bytes) -> str:
    try:
        record = canonical_json.loads(content, name=CLAIM)
        return f"{record['by']}, since {record['since']}"
    except (canonical_json.DocumentError, KeyError, TypeError):
        return "it gave no name"
