"""The landing zone: files as received, by the hash of their content; and writing without
half-written files.

Belongs here: hashing, storing, and the one way in which this package writes a file.
Does not belong here: what the bytes mean.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path


def sha256_of(content: bytes) -> str:
    """SHA-256 of `content` as 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def landing_path(home: Path, sha256: str) -> Path:
    """Where a file of this hash lies."""
    return home / "landing" / sha256[:2] / sha256


def land(home: Path, content: bytes) -> str:
    """Store `content` under its hash, once, and give the hash."""
    sha256 = sha256_of(content)
    path = landing_path(home, sha256)
    if not path.exists():
        write_atomically(path, content)
    return sha256


def write_atomically(path: Path, content: bytes | Callable[[Path], object]) -> None:
    """Write a file so that it is there whole or not at all: a temporary file beside it, then a
    rename.

    `content` is the bytes, or a function that writes to the path it is given.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        if callable(content):
            content(temporary)
        else:
            temporary.write_bytes(content)
        temporary.chmod(0o644)
        os.replace(temporary, path)  # noqa: PTH105 - named for what it guarantees
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
