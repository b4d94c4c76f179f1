"""Vintages on disk: each is made once and found again by what it rests on.

Belongs here: names, whole writing, and sharing the work between processes. Does not belong here:
the replay itself. A vintage is written beside its place and renamed into it, so that an interrupted
run leaves whole vintages or nothing.
"""

from __future__ import annotations

import functools
import hashlib
import multiprocessing as mp
import os
import queue
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from dbt_project.vintages.days import Knowledge
from dbt_project.vintages.derivation import Derivation, load
from dbt_project.vintages.replay import AsOf, Replayer, Vintage

Progress = Callable[[int, int, str], None]

_FEW = 3
"""Up to so many vintages are made in this process: starting others would take longer."""


class ReplayFailed(RuntimeError):
    """A vintage could not be derived; the message names its day and says why."""


@dataclass(frozen=True)
class Store:
    """Where vintages lie, and what they are made from.

    Attributes:
        folder: one folder a vintage, named by its key.
        manifest: dbt's compiled manifest.
        project: the dbt project.
        raw: folder of the raw tables.
    """

    folder: Path
    manifest: Path
    project: Path
    raw: Path

    @functools.cached_property
    def derivation(self) -> Derivation:
        """The derivation."""
        return load(self.manifest, self.project)

    def key(self, knowledge: Knowledge, days: AsOf) -> str:
        """Name the vintage of a day by code, parameters and all that was known."""
        parts = (self.derivation.version, duckdb.__version__, knowledge.digest(days))
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]

    def read(self, key: str) -> Vintage:
        """Read a vintage that was made."""
        return Vintage.read(self.folder / key)

    def has(self, key: str) -> bool:
        """Say whether a vintage was made."""
        return (self.folder / key / "frontier.json").exists()

    def keep(self, key: str, vintage: Vintage) -> None:
        """Put a vintage into its place, whole."""
        half = self.folder / f".half-{os.getpid()}-{key}"
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(parents=True)
        vintage.write(half)
        try:
            half.rename(self.folder / key)
        except OSError:
            # Another run was quicker; both made the same.
            shutil.rmtree(half)
            if not self.has(key):
                raise


def make(
    store: Store,
    wanted: Mapping[str, AsOf],
    *,
    workers: int = 2,
    progress: Progress | None = None,
) -> int:
    """Make the vintages that are not there yet.

    Args:
        store: where they go.
        wanted: the days of each key, in the order of time (neighbours share most of the work).
        workers: processes to share the work.
        progress: called with (made, to make, day).

    Returns:
        How many were made.

    Raises:
        ReplayFailed: one could not be derived. Those made before stay.
    """
    _sweep(store.folder)
    missing = [(key, days) for key, days in wanted.items() if not store.has(key)]
    told = progress or (lambda done, total, what: None)
    if len(missing) <= _FEW or workers < 2:
        near = next((key for key in reversed(list(wanted)) if store.has(key)), None)
        for done, key in enumerate(_made(store, missing, near), start=1):
            told(done, len(missing), str(wanted[key].statistics))
    else:
        _share(store, missing, workers, told)
    return len(missing)


def _made(store: Store, missing: Sequence[tuple[str, AsOf]], near: str | None) -> Any:
    """Make vintages one after another, yielding the key of each."""
    if not missing:
        return
    replayer = Replayer(store.derivation, store.raw)
    known = store.read(near) if near else None
    for key, days in missing:
        try:
            store.keep(key, replayer.run(days, known))
        except Exception as error:
            said = str(error).strip().splitlines()
            raise ReplayFailed(
                f"The derivation as known on {days.statistics} could not be carried out: "
                f"{said[0] if said else type(error).__name__}"
            ) from error
        known = None
        yield key


def _share(store: Store, missing: list[tuple[str, AsOf]], workers: int, progress: Progress) -> None:
    # Inherited by the processes: matrix products keep to one thread, as in dbt.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    context = mp.get_context("spawn")
    results: Any = context.Queue()
    size = -(-len(missing) // workers)
    shares = [missing[start : start + size] for start in range(0, len(missing), size)]
    processes = [
        context.Process(target=_work, args=(store, share, results), daemon=True) for share in shares
    ]
    try:
        for process in processes:
            process.start()
        done = 0
        while done < len(missing):
            try:
                day, problem = results.get(timeout=0.5)
            except queue.Empty:
                if any(process.exitcode not in (None, 0) for process in processes):
                    raise ReplayFailed("A process that replays vintages was ended.") from None
                continue
            if problem:
                raise ReplayFailed(problem)
            done += 1
            progress(done, len(missing), day)
    finally:
        for process in processes:
            if process.is_alive():
                process.terminate()
        for process in processes:
            if process.pid is not None:
                process.join()


def _work(store: Store, share: Sequence[tuple[str, AsOf]], results: Any) -> None:
    import signal

    # Ctrl-C goes to the whole group; the parent decides and ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    days = dict(share)
    try:
        for key in _made(store, share, None):
            results.put((str(days[key].statistics), ""))
    except ReplayFailed as failed:
        results.put(("", str(failed)))


def _sweep(folder: Path) -> None:
    """Remove what interrupted runs left half done."""
    folder.mkdir(parents=True, exist_ok=True)
    for half in folder.glob(".half-*"):
        pid = int(half.name.split("-")[1])
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            shutil.rmtree(half, ignore_errors=True)
        except PermissionError:
            continue
