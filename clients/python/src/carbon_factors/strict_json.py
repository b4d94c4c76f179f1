"""JSON that is read with suspicion and written one way.

Belongs here: bytes to plain values and back, and taking a field of a known type from a record.
Does not belong here: what the documents mean (`manifest`, `registry`, `lockfile`).

Refused: a key that stands twice in one object, bytes that are not UTF-8 (a byte order mark
included), NaN and infinities, and documents beyond a limit of size.
"""

from __future__ import annotations

import json
import re
from typing import Any

from carbon_factors.errors import DocumentError

MEBIBYTE = 1024 * 1024
MANIFEST_LIMIT = 16 * MEBIBYTE
INDEX_LIMIT = 16 * MEBIBYTE
SMALL_LIMIT = 64 * 1024

_SHA256 = re.compile(r"[0-9a-f]{64}")
_RELEASE_ID = re.compile(r"[0-9]{4}\.(?:0[1-9]|1[0-2])\.(?:0|[1-9][0-9]{0,5})")


def loads(content: bytes, name: str, limit: int) -> Any:
    """Read JSON bytes; raises `DocumentError` with a sentence that names the document.

    >>> loads(b'{"a": 1}', "example", 100)
    {'a': 1}
    >>> loads(b'{"a": 1, "a": 2}', "example", 100)
    Traceback (most recent call last):
    carbon_factors.errors.DocumentError: example: the key 'a' stands twice in one object.
    """
    refuse_size(len(content), name, limit)
    try:
        return json.loads(
            content.decode("utf-8"), object_pairs_hook=_distinct, parse_constant=_refuse_constant
        )
    except _Repeated as problem:
        raise DocumentError(f"{name}: {problem}.") from None
    except (ValueError, RecursionError) as problem:
        raise DocumentError(f"{name} is not readable as JSON in UTF-8: {problem}.") from None


def dumps(value: object) -> bytes:
    """Render plain values: sorted keys, two spaces, real characters, one newline at the end."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, indent=2, allow_nan=False)
    return text.encode("utf-8") + b"\n"


def refuse_size(size: int, name: str, limit: int) -> None:
    """Raise `DocumentError` if a document is larger than its limit."""
    if size > limit:
        raise DocumentError(f"{name} has {size} bytes, more than the {limit} that are allowed.")


def text(record: Any, key: str) -> str:
    """Return a text field of a record; raises `ValueError` if it is missing or no text."""
    value = _field(record, key)
    if not isinstance(value, str):
        raise ValueError(f"{key!r} is not a text")
    return value


def optional_text(record: Any, key: str) -> str | None:
    """Return a text field that may be null or absent."""
    if not isinstance(record, dict) or record.get(key) is None:
        return None
    return text(record, key)


def whole_number(record: Any, key: str) -> int:
    """Return a field that is a whole number from 0; raises `ValueError` otherwise."""
    value = _field(record, key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{key!r} is not a whole number")
    return value


def sequence(record: Any, key: str) -> list[Any]:
    """Return a field that is a list; raises `ValueError` otherwise."""
    value = _field(record, key)
    if not isinstance(value, list):
        raise ValueError(f"{key!r} is not a list")
    return value


def sha256(record: Any, key: str) -> str:
    """Return a field that is a sha256 in 64 small hexadecimal digits; raises `ValueError`."""
    value = text(record, key)
    if not _SHA256.fullmatch(value):
        raise ValueError(f"{key!r} is not a sha256")
    return value


def release_id(record: Any, key: str) -> str:
    """Return a field that is the id of a release; raises `ValueError` otherwise."""
    value = text(record, key)
    if not is_release_id(value):
        raise ValueError(f"{value!r} is not the id of a release")
    return value


def is_release_id(value: str) -> bool:
    """Whether a text has the form of a release's id.

    >>> is_release_id("2023.12.0"), is_release_id("2023.13.0"), is_release_id("../2023.12.0")
    (True, False, False)
    """
    return _RELEASE_ID.fullmatch(value) is not None


def release_order(release: str) -> tuple[int, int, int]:
    """What release ids are ordered by: year, month and N as numbers.

    >>> release_order("2023.12.10") > release_order("2023.12.9")
    True
    """
    year, month, number = (int(part) for part in release.split("."))
    return year, month, number


class _Repeated(ValueError):
    pass


def _field(record: Any, key: str) -> Any:
    if not isinstance(record, dict):
        raise ValueError("a record was expected")
    if key not in record:
        raise ValueError(f"{key!r} is missing")
    return record[key]


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise _Repeated(f"the key {twice!r} stands twice in one object")
    return content


def _refuse_constant(constant: str) -> Any:
    raise _Repeated(f"the number {constant} is not JSON")
