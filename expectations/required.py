"""The one list of checks that must have run before anything is published.

Belongs here: reading that list, writing it anew from what is defined, and comparing it with what
ran. Does not belong here: the checks, and the verdict (`warehouse.verdict`).

The list stands apart from the definitions on purpose. A check that is renamed, dropped or not
selected is then missed by name, instead of silently weakening the gate. A test compares the list
with the definitions, so both change in one commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import yaml

from expectations import invariants, published

REQUIRED_CHECKS_FILE = Path(__file__).parent / "required_checks.yml"

_HEADER = """\
# The one list of checks that must have run, judged something and passed before a release.
# Grouped by boundary; the id of a check is `<boundary>.<entry>`. A check that is defined but not
# listed, or listed but not defined, fails a test: change definition and list in one commit.
"""

BOUNDARIES = ("raw", "published", "dbt", "invariant")

_FULL_MONTH = "2021-12"
"""A month late enough for every conditional expectation to be defined."""


class RequiredChecksError(ValueError):
    """The list of required checks is missing, empty or ill-formed."""


def required_checks(path: Path = REQUIRED_CHECKS_FILE) -> list[str]:
    """Read the list; raises `RequiredChecksError` if it is missing, empty or ill-formed."""
    if not path.is_file():
        raise RequiredChecksError(
            f"The list of required checks {path.name} is missing; without it nothing is published."
        )
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict) or not set(content) <= set(BOUNDARIES):
        raise RequiredChecksError(
            f"{path.name} must map boundaries ({', '.join(BOUNDARIES)}) to lists of checks."
        )
    ids = [
        f"{boundary}.{entry}" for boundary in BOUNDARIES for entry in content.get(boundary) or []
    ]
    if not ids:
        raise RequiredChecksError(f"{path.name} lists no check; an empty gate lets all pass.")
    if twice := sorted({each for each in ids if ids.count(each) > 1}):
        raise RequiredChecksError(f"{path.name} lists {twice[0]} twice.")
    return ids


def required_for(release_month: str, path: Path = REQUIRED_CHECKS_FILE) -> list[str]:
    """Return the required checks of a release month.

    Checks of complete years are not asked of a month before the first year is complete.
    """
    late = set(defined_published(_FULL_MONTH)) - set(defined_published(release_month))
    return [check_id for check_id in required_checks(path) if check_id not in late]


def missing_checks(ran: Iterable[str], required: Sequence[str]) -> list[str]:
    """Return the required checks that did not run, in the order of the list."""
    done = set(ran)
    return [check_id for check_id in required if check_id not in done]


def unlisted_checks(ran: Iterable[str], required: Sequence[str]) -> list[str]:
    """Return the checks that ran but are not required, sorted."""
    return sorted(set(ran) - set(required))


def defined_published(release_month: str = _FULL_MONTH) -> list[str]:
    """Return the ids of the checks that this package itself defines on published tables."""
    return [
        check_id
        for table in published.published_tables()
        for check_id in published.check_ids_of(table, release_month)
    ]


def defined_invariants() -> list[str]:
    """Return the ids of the invariants."""
    return invariants.check_ids()


def render(ids_by_boundary: Mapping[str, Iterable[str]]) -> str:
    """Write the list as the file holds it, from full check ids by boundary."""
    lines = [_HEADER.rstrip()]
    for boundary in BOUNDARIES:
        lines.append(f"{boundary}:")
        entries = sorted(set(ids_by_boundary.get(boundary, ())))
        if not entries:
            lines[-1] += " []"
        lines += [f"  - {check_id.removeprefix(boundary + '.')}" for check_id in entries]
    return "\n".join(lines) + "\n"
