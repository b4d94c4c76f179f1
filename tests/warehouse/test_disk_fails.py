"""A disk that is full or fails at any point: a sentence, nothing half done, and the way on.

Two ways: Python's calls fail by lot, and the kernel itself refuses files beyond a size, which
DuckDB and Arrow meet as well.
"""

from __future__ import annotations

import errno
import itertools
import os
import random
import resource
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.warehouse.kill_points import count_calls, watched
from tests.warehouse.tiny_candidate import publish_tiny
from warehouse.errors import PublishError
from warehouse.files import make_removable, sha256_of
from warehouse.publish import STAGING
from warehouse.registry import release_folders
from warehouse.releases import latest_release, list_releases
from warehouse.verify import verify, verify_all

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("proof_skipped")]

FIRST, SECOND = "2023.12.0", "2023.12.1"
POINTS = 30
GROWING = {"open", "write", "fsync", "rename", "replace", "mkdir"}


@pytest.fixture
def releases(tiny_candidates, tmp_path) -> Iterator[Path]:
    """A releases folder with one release."""
    folder = tmp_path / "releases"
    publish_tiny(tiny_candidates[0], folder)
    yield folder
    make_removable(folder)


def without_the_second(releases: Path, kept: dict[str, bytes]) -> None:
    """Put the folder where it was, so that the next failure finds it so."""
    for folder in (releases / SECOND, releases / f"{STAGING}{SECOND}"):
        if folder.exists():
            make_removable(folder)
            shutil.rmtree(folder)
    for name, content in kept.items():
        (releases / name).write_bytes(content)


def full_from(place: int) -> Callable[[str, Callable[[], object]], None]:
    """A disk that takes half of what the n-th call (from 0) writes, and nothing from then on."""
    seen = itertools.count()

    def call(name: str, half: Callable[[], object]) -> None:
        if next(seen) >= place and name in GROWING:
            half()
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    return call


def test_no_space_left_at_calls_drawn_by_lot(releases, tiny_candidates, drill_count) -> None:
    kept = {name: (releases / name).read_bytes() for name in ("index.json", "latest.json")}
    calls = count_calls(lambda: publish_tiny(tiny_candidates[1], releases))
    places = [place for place, name in enumerate(calls) if name in GROWING]
    drawn = random.Random(28)
    drawn.shuffle(places)
    for place in places[:POINTS]:
        without_the_second(releases, kept)
        told = f"call {place} of {len(calls)} ({calls[place]})"
        with (
            watched(full_from(place)),
            pytest.raises(PublishError, match="No space left on device") as failed,
        ):
            publish_tiny(tiny_candidates[1], releases)
        appeared = [folder.name for folder in release_folders(releases)] == [FIRST, SECOND]
        assert appeared == (place > calls.index("rename")), told
        assert ("Nothing was published" in str(failed.value)) != appeared, told
        assert not list(releases.glob(f"{STAGING}*")), told
        if appeared:
            assert verify(releases / SECOND) == [], told
        assert latest_release(releases).release_id in (FIRST, SECOND)
        result = publish_tiny(tiny_candidates[1], releases)
        assert result.status == ("unchanged" if appeared else "published"), told
        assert [entry.release_id for entry in list_releases(releases)] == [FIRST, SECOND], told
        assert not list(releases.glob(".*.new")), told
    assert verify_all(releases) == []
    drill_count("disks that filled up at a call drawn by lot", min(POINTS, len(places)))


def test_the_kernel_refuses_what_is_too_large(releases, tiny_candidates, drill_count) -> None:
    kept = {name: (releases / name).read_bytes() for name in ("index.json", "latest.json")}
    publish_tiny(tiny_candidates[1], releases)
    sizes = sorted({p.stat().st_size for p in (releases / SECOND).rglob("*") if p.is_file()})
    limits = [0, *(size - 1 for size in sizes)]
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        for limit in limits:
            without_the_second(releases, kept)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
            try:
                with pytest.raises(PublishError, match=r"Nothing was published|nothing half"):
                    publish_tiny(tiny_candidates[1], releases)
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, before)
            assert [folder.name for folder in release_folders(releases)] == [FIRST], limit
            assert not list(releases.glob(f"{STAGING}*")), limit
            assert latest_release(releases).release_id == FIRST
    finally:
        signal.signal(signal.SIGXFSZ, handler)
    assert publish_tiny(tiny_candidates[1], releases).status == "published"
    assert verify_all(releases) == []
    drill_count("files that the kernel refused to let grow", len(limits))


def test_a_folder_that_may_not_be_written_is_named(tiny_candidates, tmp_path, monkeypatch) -> None:
    def read_only(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(tmp_path / "releases"))

    monkeypatch.setattr(os, "mkdir", read_only)
    with pytest.raises(PublishError, match=r"Nothing was published: Read-only file system \(.*rel"):
        publish_tiny(tiny_candidates[0], tmp_path / "releases")


def test_every_file_is_on_the_disk_before_it_is_in_place(
    tiny_candidates, releases, monkeypatch
) -> None:
    """What a power cut could take away: whatever was not forced to disk after its last change."""
    forced: dict[int, int] = {}
    real, rename = os.fsync, os.rename
    at_rename: list[str] = []

    def fsync(handle: int) -> None:
        real(handle)
        state = os.fstat(handle)
        forced[state.st_ino] = state.st_size

    def renamed(source: Path, target: Path) -> None:
        for path in [Path(source), *Path(source).rglob("*")]:
            state = path.stat()
            if path.is_dir():
                if state.st_ino not in forced:
                    at_rename.append(path.name)
            elif forced.get(state.st_ino) != state.st_size:
                at_rename.append(path.name)
        rename(source, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "rename", renamed)
    publish_tiny(tiny_candidates[1], releases)
    assert at_rename == []
    assert releases.stat().st_ino in forced


def test_readers_see_whole_releases_while_publishers_are_at_work(
    releases, tiny_candidates, drill_count
) -> None:
    over, seen, wrong, looks = threading.Event(), set(), [], 0

    def read() -> None:
        nonlocal looks
        while not over.is_set() or not looks:
            try:
                latest = latest_release(releases)
                assert latest is not None
                listed = {entry.release_id: entry for entry in list_releases(releases)}
                manifest = latest.manifest
                for file in manifest.files:
                    assert sha256_of(latest.folder / file.path) == file.sha256, file.path
                for name, entry in listed.items():
                    assert sha256_of(releases / name / "manifest.json") == entry.manifest_sha256
                seen.add(latest.release_id)
                looks += 1
            except Exception as problem:
                wrong.append(problem)
                return

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        for place in range(1, 6):
            publish_tiny(tiny_candidates[place % 2], releases)
    finally:
        over.set()
        for reader in readers:
            reader.join()
    assert wrong == []
    assert len(seen) > 2, "readers saw too few of the releases to prove anything"
    drill_count("looks at the releases while publishers were at work, each whole", looks)
