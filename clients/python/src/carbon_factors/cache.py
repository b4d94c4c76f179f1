"""Downloads that are kept, resumed and checked before anybody reads them.

Belongs here: the folder of downloads. Does not belong here: where files come from (`stores`).

A file is kept under its sha256. It is written beside its place (`.part`), compared with the hash,
forced to disk and renamed: a reader sees the whole file or none, and every read compares the hash
again. One process at a time downloads a file; the others wait and find it. Small documents that
change (`index.json`, statements) are kept as last seen, for work offline.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from carbon_factors.errors import CacheError, ChangedFileError, UnreachableError
from carbon_factors.manifest import FileEntry
from carbon_factors.stores import Store

if TYPE_CHECKING:
    from tempfile import TemporaryDirectory

VARIABLE = "CARBON_FACTORS_CACHE"
_ATTEMPTS = 4


class CacheWarning(UserWarning):
    """The cache folder cannot be written; downloads are kept for this process alone."""


def default_folder() -> Path:
    """Return the cache folder: `CARBON_FACTORS_CACHE`, or the platform's folder for caches."""
    if named := os.environ.get(VARIABLE):
        return Path(named)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or str(Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = str(Path.home() / "Library" / "Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "carbon-factors"


class Cache:
    """A cache folder, made on first use. Falls back to a folder of this process, with a warning."""

    def __init__(self, folder: str | Path | None = None) -> None:
        """Remember the folder; `None` means `default_folder()`."""
        self.folder = Path(folder) if folder is not None else default_folder()
        self._own: TemporaryDirectory[str] | None = None

    def find(self, sha256: str) -> Path | None:
        """Return a kept file whose bytes still have this hash; a damaged one is thrown away."""
        for root in self._roots():
            place = _place(root, sha256)
            try:
                with place.open("rb") as stream:
                    if hashlib.file_digest(stream, "sha256").hexdigest() == sha256:
                        return place
            except OSError:
                continue
            with contextlib.suppress(OSError):
                place.unlink()
        return None

    def fetch(self, store: Store, path: str, entry: FileEntry) -> Path:
        """Return a file of a store from the cache, downloading it if it is not there.

        An interrupted download goes on where it stopped, now or in a later process. Raises
        `ChangedFileError` naming the file when its size or hash is not the entry's.
        """
        if found := self.find(entry.sha256):
            return found
        try:
            return self._fetch_into(self._root(), store, path, entry)
        except OSError as problem:
            if self._own is not None:
                raise CacheError(f"{path} cannot be kept: {problem}.") from None
            return self._fetch_into(self._own_root(problem), store, path, entry)

    def keep(self, sha256: str, content: bytes) -> None:
        """Keep bytes that were checked; a cache that cannot be written is no error here."""
        with contextlib.suppress(OSError):
            _write(_place(self._root(), sha256), content)

    def remember(self, location: str, path: str, content: bytes) -> None:
        """Keep a document as last seen at a location."""
        with contextlib.suppress(OSError):
            _write(self._document(self._root(), location, path), content)

    def recall(self, location: str, path: str) -> bytes | None:
        """Return a document as last seen at a location."""
        for root in self._roots():
            with contextlib.suppress(OSError):
                return self._document(root, location, path).read_bytes()
        return None

    def _document(self, root: Path, location: str, path: str) -> Path:
        folder = hashlib.sha256(location.encode("utf-8")).hexdigest()[:32]
        return root / "seen" / folder / path

    def _roots(self) -> list[Path]:
        return [self.folder] if self._own is None else [Path(self._own.name), self.folder]

    def _root(self) -> Path:
        return self._roots()[0]

    def _own_root(self, problem: OSError) -> Path:
        from tempfile import TemporaryDirectory

        self._own = TemporaryDirectory(prefix="carbon-factors-")
        warnings.warn(
            f"The cache folder {self.folder} cannot be written ({problem.strerror or problem}); "
            f"downloads are kept for this process alone. Set {VARIABLE} to a folder that can.",
            CacheWarning,
            stacklevel=4,
        )
        return Path(self._own.name)

    def _fetch_into(self, root: Path, store: Store, path: str, entry: FileEntry) -> Path:
        place = _place(root, entry.sha256)
        place.parent.mkdir(parents=True, exist_ok=True)
        part = place.with_name(place.name + ".part")
        with _only_process(place.with_name(place.name + ".lock")):
            if place.exists() and (found := self.find(entry.sha256)):
                return found
            _download(store, path, entry, part)
            part.replace(place)
            _sync_folder(place.parent)
        return place


def _place(root: Path, sha256: str) -> Path:
    return root / "sha256" / sha256[:2] / sha256


def _download(store: Store, path: str, entry: FileEntry, part: Path) -> None:
    """Fill `part` with the file, going on where an earlier attempt stopped, and check it."""
    resumed = part.exists() and part.stat().st_size > 0
    for attempt in range(_ATTEMPTS):
        try:
            _append(store, path, entry, part)
            problem = None
        except UnreachableError as stopped:
            problem = stopped
        have = part.stat().st_size if part.exists() else 0
        if have < entry.bytes:
            if attempt + 1 < _ATTEMPTS:
                resumed = resumed or have > 0
                continue
            raise problem or UnreachableError(
                f"{store.location}/{path} ends after {have} of {entry.bytes} bytes. Try again: "
                "the download goes on where it stopped."
            )
        with part.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
        if have == entry.bytes and found == entry.sha256:
            return
        part.unlink()
        if not resumed:
            raise _changed(store, path, entry)
        resumed = False  # what lay there before may have been damaged: once more from the start
    raise _changed(store, path, entry)


def _append(store: Store, path: str, entry: FileEntry, part: Path) -> None:
    have = part.stat().st_size if part.exists() else 0
    if have > entry.bytes:
        part.unlink()
        have = 0
    if part.exists() and have == entry.bytes:
        return
    start, blocks = store.open(path, have)
    with part.open("r+b" if start else "wb") as stream:
        stream.seek(start)
        try:
            for block in blocks:
                stream.write(block)
                start += len(block)
                if start > entry.bytes:
                    break  # more than was promised: the size tells
        finally:
            stream.truncate()
            stream.flush()
            os.fsync(stream.fileno())


def _changed(store: Store, path: str, entry: FileEntry) -> ChangedFileError:
    return ChangedFileError(
        f"{path} at {store.location} was changed: its bytes do not have the sha256 "
        f"{entry.sha256[:12]}... of the manifest. Do not use it; ask the publisher."
    )


def _write(place: Path, content: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    from tempfile import mkstemp

    handle, name = mkstemp(dir=place.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(place)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _sync_folder(folder: Path) -> None:
    if sys.platform != "win32":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextlib.contextmanager
def _only_process(path: Path) -> Iterator[None]:
    """Hold a file's lock; a process that dies gives it back by dying."""
    with path.open("ab") as stream:
        if sys.platform == "win32":
            import msvcrt

            stream.seek(0)
            msvcrt.locking(stream.fileno(), msvcrt.LK_LOCK, 1)
            try:
                yield
            finally:
                stream.seek(0)
                msvcrt.locking(stream.fileno(), msvcrt.LK_UNLCK, 1)
        else:
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX)
            yield
