"""The place to which releases are pushed: a folder of an object store, by its URL.

Belongs here: reading, writing, listing and removing objects through fsspec, replacing one only if
nobody else did, and one set of errors in sentences for every kind of store. Does not belong here:
what the objects are and in which order they are written (`push`, `pull`).

Credentials and endpoints come from where the store's own library looks for them (for S3 the
`AWS_...` variables and files), never from a URL.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from warehouse import files

PACKAGES = {
    "s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "abfs": "adlfs", "abfss": "adlfs",
    "az": "adlfs", "oss": "ossfs", "sftp": "paramiko", "webhdfs": "requests",
}  # fmt: skip
"""The package from which fsspec has each kind of store; the project itself needs none of them."""

_BLOCK = 1 << 20


class StoreError(RuntimeError):
    """The store cannot be used; the message says why and what to do."""


class StoreMisused(StoreError, ValueError):
    """The URL is none that a store could have, or the package for it is not installed."""

    exit_code = 2


class StoreUnreachable(StoreError):
    """The store does not answer."""


class StoreDenied(StoreError):
    """The store answers, and refuses: wrong or missing credentials, or too few rights."""


class StoreMissing(StoreError):
    """There is no such bucket."""


class StoreChanged(StoreError):
    """Somebody else has written the object in the meantime; nothing was overwritten."""


class Store:
    """A folder of an object store. Paths are relative to it, with `/`."""

    def __init__(self, url: str) -> None:
        """Find the file system of a URL; nothing is read yet. Raises `StoreMisused`."""
        scheme, separator, rest = url.partition("://")
        if not separator or not rest.strip("/"):
            raise StoreMisused(
                f"{url!r} is not the URL of a folder in a store; write it as s3://bucket/releases."
            )
        if "@" in rest.partition("/")[0]:
            raise StoreMisused(
                f"The URL of the store ({scheme}://...) holds a name or password. Leave it out, "
                "and give credentials through the environment."
            )
        import fsspec  # type: ignore[import-untyped]

        try:
            system, root = fsspec.core.url_to_fs(
                url, use_listings_cache=False, skip_instance_cache=scheme != "memory"
            )
        except ImportError as problem:
            package = PACKAGES.get(scheme)
            raise StoreMisused(
                f"{scheme}:// needs {f'the package {package}' if package else 'another package'}, "
                f"which is not installed ({problem})."
                + (f" Install it: pip install {package}" if package else "")
            ) from problem
        except ValueError as problem:
            raise StoreMisused(f"No store is known for {scheme}:// ({problem}).") from problem
        self.url = url.rstrip("/")
        self._system: Any = system
        self._root = str(root).rstrip("/")
        protocols = system.protocol if isinstance(system.protocol, tuple) else (system.protocol,)
        self._compares = "s3" in protocols
        self._is_local = "file" in protocols

    def read(self, path: str, limit: int) -> tuple[bytes, str] | None:
        """Return an object's bytes and its version, `None` where there is none.

        Raises `StoreError` when it has more than `limit` bytes, which no honest one has.
        """
        place = self._place(path)
        with self._told(path):
            try:
                info = self._system.info(place)
                if info["type"] != "file":
                    return None
                if info["size"] > limit:
                    raise StoreError(
                        f"{self.url}/{path} has {info['size']} bytes, more than the {limit} that "
                        "are allowed."
                    )
                content = self._system.cat_file(place)
                again = self._system.info(place)
            except FileNotFoundError as problem:
                self._refuse_missing_bucket(problem)
                return None
        if _version(info) != _version(again):
            raise StoreChanged(f"{self.url}/{path} was written while it was read. Try again.")
        return content, _version(again)

    def write(self, path: str, content: bytes) -> None:
        """Write an object, whatever was there."""
        with self._told(path):
            self._make_folder(path)
            self._system.pipe_file(self._place(path), content)

    def create(self, path: str, content: bytes) -> None:
        """Write an object that must not exist yet; raises `StoreChanged` if it does."""
        with self._told(path):
            self._make_folder(path)
            self._system.pipe_file(self._place(path), content, mode="create")

    def replace(self, path: str, content: bytes, version: str | None) -> None:
        """Write an object if it still is of the version that was read (`None`: not there).

        Raises `StoreChanged` otherwise. Only S3 compares and writes in one step; elsewhere the
        version is read just before, and the claim of `push` keeps others away.
        """
        if version is None:
            self.create(path, content)
            return
        place = self._place(path)
        with self._told(path):
            if self._compares:
                self._system.pipe_file(place, content, IfMatch=version)
            elif _version(self._system.info(place)) != version:
                raise StoreChanged(f"{self.url}/{path} was written by somebody else.")
            elif self._is_local:
                files.replace_durably(Path(place), content)
            else:
                self._system.pipe_file(place, content)

    def upload(self, source: Path, path: str) -> None:
        """Write a file to an object that must not exist yet; raises `StoreChanged` if it does."""
        with self._told(path):
            if self._is_local:
                self._make_folder(path)
                with Path(self._place(path)).open("xb"):
                    files.copy_durably(source, Path(self._place(path)))
            else:
                self._system.put_file(str(source), self._place(path), mode="create")

    def download(self, path: str, target: Path) -> None:
        """Write an object to a new file and force it to disk."""
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as writer:
            for block in self._blocks(path):
                writer.write(block)
            writer.flush()
            os.fsync(writer.fileno())

    def sha256_of(self, path: str) -> str:
        """Read an object whole and return the sha256 of its bytes."""
        digest = hashlib.sha256()
        for block in self._blocks(path):
            digest.update(block)
        return digest.hexdigest()

    def sizes_below(self, folder: str) -> dict[str, int]:
        """Return every object below a folder, by its path relative to it, with its bytes."""
        place = self._place(folder)
        with self._told(folder):
            try:
                found = self._system.find(place, detail=True)
            except FileNotFoundError as problem:
                self._refuse_missing_bucket(problem)
                return {}
        start = len(place.strip("/")) + 1
        return {
            str(name).strip("/")[start:]: int(info["size"])
            for name, info in sorted(found.items())
            if info.get("type") == "file"
        }

    def remove(self, path: str) -> None:
        """Remove an object; one that is not there is no error."""
        with self._told(path), contextlib.suppress(FileNotFoundError):
            self._system.rm_file(self._place(path))

    def _blocks(self, path: str) -> Iterator[bytes]:
        with (
            self._told(path),
            self._system.open(self._place(path), "rb", cache_type="none") as stream,
        ):
            while block := stream.read(8 * _BLOCK):
                yield block

    def _place(self, path: str) -> str:
        return f"{self._root}/{path}" if path else self._root

    def _make_folder(self, path: str) -> None:
        if self._is_local:
            self._system.makedirs(self._place(path).rpartition("/")[0], exist_ok=True)

    def _refuse_missing_bucket(self, problem: FileNotFoundError) -> None:
        """Raise for a missing bucket; a missing object is the caller's to judge."""
        if _code_of(problem) in {"NoSuchBucket", "BucketNotFound"}:
            raise self._no_bucket() from problem
        if self._is_local or self._system.protocol == "memory":
            return
        bucket = self._root.strip("/").partition("/")[0]
        try:
            self._system.info(bucket)
        except FileNotFoundError:
            raise self._no_bucket() from problem
        except PermissionError:
            return  # whoever may read objects need not be allowed to look at the bucket

    def _no_bucket(self) -> StoreMissing:
        return StoreMissing(
            f"There is no bucket for {self.url}. Make it first, or mend the setting release_root."
        )

    @contextlib.contextmanager
    def _told(self, path: str) -> Iterator[None]:
        """Turn what libraries of stores raise into one set of errors; lets missing objects be."""
        place = f"{self.url}/{path}" if path else self.url
        try:
            yield
        except StoreError:
            raise
        except FileExistsError as problem:
            raise StoreChanged(f"{place} exists already.") from problem
        except FileNotFoundError as problem:
            self._refuse_missing_bucket(problem)
            raise
        except PermissionError as problem:
            raise StoreDenied(
                f"{place}: access is denied ({_said(problem)}). Give credentials that may read, "
                "write and list there, through the environment."
            ) from problem
        except Exception as problem:  # each store's library raises kinds of its own
            if _code_of(problem) in {"PreconditionFailed", "ConditionalRequestConflict", "412"}:
                raise StoreChanged(f"{place} was written by somebody else.") from problem
            if "credential" in type(problem).__name__.lower():
                raise StoreDenied(
                    f"{place}: no credentials were found ({_said(problem)}). Give them through the "
                    "environment."
                ) from problem
            raise StoreUnreachable(
                f"{place} cannot be reached ({_said(problem)}). Look at the network and the "
                "endpoint, then try again."
            ) from problem


def _version(info: dict[str, Any]) -> str:
    """Return what tells two states of an object apart: its ETag, or what the store has instead."""
    for name in ("ETag", "etag", "generation", "mtime", "created"):
        if info.get(name) is not None:
            return f"{info[name]}" if name == "ETag" else f"{info[name]}-{info.get('size')}"
    return str(info.get("size"))


def _code_of(problem: BaseException) -> str:
    """Return the code by which a store named an error, where it did."""
    answer = getattr(problem.__cause__, "response", None)
    code = answer.get("Error", {}).get("Code") if isinstance(answer, dict) else None
    return str(code or "")


def _said(problem: BaseException) -> str:
    return " ".join(str(problem).split()).rstrip(".") or type(problem).__name__
