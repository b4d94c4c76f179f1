"""Hashing and durably writing single files.

Belongs here: sha256 of a file, write-and-fsync, replace in one step, read-only. Does not belong
here: which files a release holds (`publish`, `manifest`).
"""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

_BLOCK = 1 << 20


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file's bytes as 64 hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_durably(path: Path, content: bytes) -> None:
    """Write a new file and force it to disk."""
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def copy_durably(source: Path, target: Path) -> str:
    """Copy a file, force the copy to disk, and return the sha256 of the bytes that were copied."""
    digest = hashlib.sha256()
    with source.open("rb") as reader, target.open("wb") as writer:
        while block := reader.read(_BLOCK):
            digest.update(block)
            writer.write(block)
        writer.flush()
        os.fsync(writer.fileno())
    return digest.hexdigest()


def replace_durably(path: Path, content: bytes) -> None:
    """Put new content in place of a file in one step: readers see the old or the new, whole."""
    temporary = path.with_name(f".{path.name}.new")
    write_durably(temporary, content)
    temporary.replace(path)
    sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """Force a file that another library has written to disk."""
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def sync_folder(folder: Path) -> None:
    """Force the entries of a folder to disk, so that a rename survives a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_read_only(folder: Path) -> None:
    """Take the write permission from a folder and everything in it, the folder itself last."""
    for path in sorted(folder.rglob("*"), reverse=True):
        path.chmod(stat.S_IMODE(path.stat().st_mode) & ~0o222)
    folder.chmod(stat.S_IMODE(folder.stat().st_mode) & ~0o222)


def make_removable(folder: Path) -> None:
    """Give the owner write permission on a folder and every folder in it."""
    for path in [folder, *(path for path in folder.rglob("*") if path.is_dir())]:
        path.chmod(stat.S_IMODE(path.stat().st_mode) | 0o700)
