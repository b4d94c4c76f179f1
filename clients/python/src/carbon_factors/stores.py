"""Where a registry lies: a folder, a web server, an object store. Bytes by relative path.

Belongs here: opening a file from some byte on, and listing, with one set of errors for every kind
of place. Does not belong here: judging the bytes (`cache`, `verification`) and what paths mean.

A folder is read with suspicion: no link is followed below its root, and only plain files are
opened. HTTP(S) uses Python's own client; every other URL goes to fsspec.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from carbon_factors.errors import (
    CarbonFactorsError,
    ExtraFileError,
    MissingFileError,
    NotFoundError,
    UnreachableError,
)

BLOCK = 1 << 20
_TIMEOUT_SECONDS = 30


class Store(Protocol):
    """A place with files. Paths are relative, with `/`, and known to be plain."""

    location: str
    remote: bool
    lists: bool

    def open(self, path: str, start: int = 0) -> tuple[int, Iterator[bytes]]:
        """Open a file from a byte on: where reading really begins (`start` or 0), and blocks.

        Raises `MissingFileError` where there is no such file, `UnreachableError` where the place
        does not answer; the blocks may end early, and may raise `UnreachableError`.
        """

    def files_below(self, folder: str) -> list[str] | None:
        """Return the paths of all files below a folder, relative to it; `None` if unknowable."""


def open_store(location: str, storage_options: Mapping[str, Any] | None = None) -> Store:
    """Return the store of a location: a path, or a URL of HTTP(S) or of anything fsspec knows."""
    if location.startswith("file://"):
        location = location.removeprefix("file://")
    scheme, separator, rest = location.partition("://")
    if not separator:
        return LocalStore(Path(location))
    if "@" in rest.partition("/")[0]:
        raise CarbonFactorsError(
            "The registry's URL holds a name or password. Leave it out: locations are written to "
            "lock files. Give credentials through the environment."
        )
    if scheme in {"http", "https"}:
        return HttpStore(location)
    return FsspecStore(location, storage_options)


class LocalStore:
    """A folder of this machine."""

    remote = False
    lists = True

    def __init__(self, root: Path) -> None:
        """Remember the folder; it need not exist yet."""
        # Not resolved: links are refused below the root, whatever leads to the root.
        self.root = root.absolute()
        self.location = self.root.as_posix()

    def path_of(self, path: str) -> Path:
        """Return the place of a plain file; refuses links on the way and whatever is no file."""
        place = self.root
        parts = path.split("/")
        for part in parts:
            place = place / part
            try:
                mode = place.lstat().st_mode
            except OSError:
                raise MissingFileError(f"{path} is missing in {self.location}.") from None
            if stat.S_ISLNK(mode):
                raise ExtraFileError(
                    f"{place.relative_to(self.root).as_posix()} in {self.location} is a link; "
                    "a release holds plain files only."
                )
        if not stat.S_ISREG(mode):
            raise ExtraFileError(f"{path} in {self.location} is not a plain file.")
        return place

    def open(self, path: str, start: int = 0) -> tuple[int, Iterator[bytes]]:
        """See `Store.open`."""
        return start, self._blocks(self.path_of(path), start)

    def _blocks(self, place: Path, start: int) -> Iterator[bytes]:
        try:
            with place.open("rb") as stream:
                stream.seek(start)
                while block := stream.read(BLOCK):
                    yield block
        except OSError as problem:
            raise UnreachableError(f"{place} cannot be read: {problem.strerror}.") from None

    def files_below(self, folder: str) -> list[str]:
        """See `Store.files_below`; links and special files are listed too, never followed."""
        found: list[str] = []
        root = self.root / folder
        for place, folders, files in os.walk(root):
            links = [name for name in folders if (Path(place) / name).is_symlink()]
            found += [
                (Path(place) / name).relative_to(root).as_posix() for name in [*files, *links]
            ]
        return sorted(found)


class HttpStore:
    """A folder that a web server shows; reads ranges where the server allows it."""

    remote = True
    lists = False

    def __init__(self, location: str) -> None:
        """Remember the URL of the folder."""
        if "?" in location or "#" in location:
            raise NotFoundError(f"{location} is not the URL of a folder: it holds '?' or '#'.")
        self.location = location.rstrip("/")

    def open(self, path: str, start: int = 0) -> tuple[int, Iterator[bytes]]:
        """See `Store.open`."""
        from http.client import HTTPException
        from urllib.error import HTTPError, URLError
        from urllib.parse import quote
        from urllib.request import Request, urlopen

        url = f"{self.location}/{quote(path)}"
        headers = {"User-Agent": "carbon-factors", "Accept-Encoding": "identity"}
        if start:
            headers["Range"] = f"bytes={start}-"
        request = Request(url, headers=headers)  # noqa: S310 - the scheme was checked
        try:
            response = urlopen(request, timeout=_TIMEOUT_SECONDS)  # noqa: S310
        except HTTPError as problem:
            with problem:
                if start and problem.code == 416:
                    return self.open(path)
                if problem.code in {404, 410}:
                    raise MissingFileError(f"{url} does not exist.") from None
                raise UnreachableError(f"{url} answers {problem.code} {problem.reason}.") from None
        except (URLError, HTTPException, OSError) as problem:
            reason = getattr(problem, "reason", problem)
            raise UnreachableError(f"{url} cannot be reached: {reason}.") from None
        begins = response.headers.get("Content-Range", "").startswith(f"bytes {start}-")
        partial = response.status == 206 and begins
        return (start if partial else 0), self._blocks(response, url)

    def _blocks(self, response: Any, url: str) -> Iterator[bytes]:
        from http.client import HTTPException

        with response:
            while True:
                try:
                    block = response.read(BLOCK)
                except (HTTPException, OSError) as problem:
                    raise UnreachableError(f"Reading {url} was interrupted: {problem}.") from None
                if not block:
                    return
                yield block

    def files_below(self, folder: str) -> None:
        """Return `None`: a web server does not list."""


class FsspecStore:
    """A place that fsspec knows, such as `s3://bucket/releases`."""

    remote = True
    lists = True

    def __init__(self, location: str, storage_options: Mapping[str, Any] | None = None) -> None:
        """Find the file system of a URL; raises `NotFoundError` if nothing knows its scheme."""
        import fsspec

        try:
            self._system, self._root = fsspec.core.url_to_fs(location, **(storage_options or {}))
        except (ImportError, ValueError) as problem:
            raise NotFoundError(f"{location} cannot be opened: {problem}.") from None
        self._root = self._root.rstrip("/")
        self.location = location.rstrip("/")

    def open(self, path: str, start: int = 0) -> tuple[int, Iterator[bytes]]:
        """See `Store.open`."""
        place = f"{self._root}/{path}"
        try:
            stream = self._system.open(place, "rb", cache_type="none")
            stream.seek(start)
        except FileNotFoundError:
            raise MissingFileError(f"{self.location}/{path} does not exist.") from None
        except Exception as problem:  # noqa: BLE001 - each object store raises kinds of its own
            raise UnreachableError(f"{self.location}/{path}: {problem}") from None
        return start, self._blocks(stream, path)

    def _blocks(self, stream: Any, path: str) -> Iterator[bytes]:
        with stream:
            while True:
                try:
                    block = stream.read(8 * BLOCK)
                except Exception as problem:  # noqa: BLE001
                    raise UnreachableError(
                        f"Reading {self.location}/{path} was interrupted: {problem}"
                    ) from None
                if not block:
                    return
                yield block

    def files_below(self, folder: str) -> list[str]:
        """See `Store.files_below`."""
        place = f"{self._root}/{folder}"
        try:
            self._system.invalidate_cache()
            found = self._system.find(place)
        except Exception as problem:  # noqa: BLE001
            raise UnreachableError(f"{self.location}/{folder}: {problem}") from None
        start = len(place.strip("/")) + 1
        return sorted(str(name).strip("/")[start:] for name in found)
