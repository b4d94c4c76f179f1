"""Writes the documents of a comparison into a release that is being staged.

Belongs here: `diff.json` with its schema, `diff.md`, `diff.html` and `CHANGELOG.md`, as files.
Does not belong here: what they say (`report`, `markdown`, `page`) and when it is done (`publish`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from warehouse import files
from warehouse.diff.errors import DiffError
from warehouse.diff.markdown import as_markdown, section
from warehouse.diff.page import as_page
from warehouse.diff.report import (
    SCHEMA_FILE,
    Diff,
    OnProgress,
    diff_sides,
    schema_bytes,
)
from warehouse.diff.sides import open_side, side_of

DIFF_JSON = "diff.json"
DIFF_MARKDOWN = "diff.md"
DIFF_PAGE = "diff.html"
CHANGELOG = "CHANGELOG.md"
DIFF_FILES = (CHANGELOG, DIFF_PAGE, DIFF_JSON, DIFF_MARKDOWN, SCHEMA_FILE)

_HEADER = """# Changelog 更新日志

Newest first, written from the differences. 由版本差异生成，新者在前。

"""
_CHANGELOG_BYTES = 16 * 1024 * 1024


def write_diff(
    previous: Path | None,
    staging: Path,
    *,
    release_id: str,
    release_month: str,
    channel: str,
    tables: Sequence[Mapping[str, Any]],
    code_version: str,
    parameters: Mapping[str, Any],
    inputs: Sequence[Mapping[str, Any]],
    on_progress: OnProgress = lambda table, done, total: None,
) -> Diff:
    """Compare a staged release with the one before and write `DIFF_FILES` into it, durably.

    `previous` is the folder of the release before, `None` for a first release. `tables` are entries
    of the manifest to be (`name`, `path`, `primary_key`, `contract_version`); the others are its
    facts of the same names. The bytes depend on both releases alone. Raises `DiffError` when the
    release before cannot be opened or its changelog cannot be read, `OSError` when the disk fails.
    """
    new = side_of(
        release_id,
        staging,
        tables,
        code_version=code_version,
        parameters=parameters,
        inputs=inputs,
    )
    old = open_side(previous) if previous is not None else None
    diff = diff_sides(old, new, on_progress=on_progress)
    record = diff.as_record()
    earlier = read_changelog(previous) if previous is not None else ""
    changelog = _HEADER + section(record, release_month, channel) + earlier
    for name, content in (
        (DIFF_JSON, diff.as_bytes()),
        (SCHEMA_FILE, schema_bytes()),
        (DIFF_MARKDOWN, as_markdown(record).encode()),
        (DIFF_PAGE, as_page(record).encode()),
        (CHANGELOG, changelog.encode()),
    ):
        files.write_durably(staging / name, content)
    return diff


def read_changelog(release: Path) -> str:
    """Return the sections of a release's changelog, newest first, to stand below a new one.

    A release from before changelogs gives a line that says so. Raises `DiffError` when the file is
    there and is no text of a sensible size.
    """
    path = release / CHANGELOG
    if not path.exists():
        return f"\n## {release.name}\n\nNo changelog was kept. 当时无更新日志。\n"
    try:
        if path.stat().st_size > _CHANGELOG_BYTES:
            raise ValueError(f"it has more than {_CHANGELOG_BYTES} bytes")
        content = path.read_bytes().decode("utf-8")
    except (OSError, ValueError) as problem:
        raise DiffError(
            f"{CHANGELOG} of release {release.name} cannot be read: {problem}. "
            "Restore the release from a copy."
        ) from problem
    return "\n" + content.removeprefix(_HEADER)
