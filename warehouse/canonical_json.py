"""The one rendering of JSON in a release, and a reader that trusts nothing.

Belongs here: turning plain values into the same bytes every time, and back. Does not belong here:
what the documents say (`manifest`, `gate_report`).

Sorted keys, two spaces, real characters instead of escapes, one newline at the end, no NaN. The
reader refuses what the writer cannot have written in good faith: a key twice in one object, bytes
that are not UTF-8, NaN, and documents beyond a size limit.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

MAXIMUM_BYTES = 64 * 1024 * 1024
"""No document of a release comes near this; a larger file is an accident or an attack."""


class DocumentError(ValueError):
    """A JSON document cannot be read, or a value cannot be written as JSON."""


def dumps(value: object) -> bytes:
    """Render plain values (dict with text keys, list, str, int, float, bool, None) as UTF-8 bytes.

    Equal values give equal bytes. Raises `DocumentError` for anything else, NaN included.
    """
    _refuse_other_keys(value)
    try:
        text = json.dumps(value, sort_keys=True, ensure_ascii=False, indent=2, allow_nan=False)
        return text.encode("utf-8") + b"\n"
    except (TypeError, ValueError) as problem:
        raise DocumentError(f"Not a plain JSON value: {problem}.") from problem


def loads(content: bytes, *, name: str = "document") -> Any:
    """Read JSON bytes; raises `DocumentError` with a sentence that names the document."""
    if len(content) > MAXIMUM_BYTES:
        raise DocumentError(
            f"{name} has {len(content)} bytes, more than the {MAXIMUM_BYTES} that are allowed."
        )
    try:
        return json.loads(
            content.decode("utf-8"),
            object_pairs_hook=_distinct_keys,
            parse_constant=_refuse_constant,
        )
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as problem:
        raise DocumentError(f"{name} is not readable as JSON: {problem}.") from problem
    except _RepeatedKeyError as problem:
        raise DocumentError(f"{name}: {problem}.") from problem


def load(path: Path) -> Any:
    """Read a JSON file; raises `DocumentError` if it is missing, too large or ill-formed."""
    try:
        size = path.stat().st_size
    except OSError as problem:
        raise DocumentError(f"{path.name} is missing or cannot be opened ({path}).") from problem
    if size > MAXIMUM_BYTES:
        raise DocumentError(
            f"{path.name} has {size} bytes, more than the {MAXIMUM_BYTES} that are allowed."
        )
    return loads(path.read_bytes(), name=path.name)


class _RepeatedKeyError(ValueError):
    pass


def _distinct_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise _RepeatedKeyError(f"the key {twice!r} stands twice in one object")
    return content


def _refuse_constant(constant: str) -> Any:
    raise _RepeatedKeyError(f"the number {constant} is not JSON")


def _refuse_other_keys(value: object) -> None:
    """Refuse keys that are not text: `json` would turn 1 and "1" into the same key."""
    pending = [value]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            if odd := [key for key in node if not isinstance(key, str)]:
                raise DocumentError(f"Not a plain JSON value: the key {odd[0]!r} is not text.")
            pending.extend(node.values())
        elif isinstance(node, list | tuple):
            pending.extend(node)
