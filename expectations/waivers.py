"""Waivers: data failures that somebody answers for until a day.

Belongs here: reading `waivers.yml`, what may be waived at all, and whether a waiver holds on a day.
Does not belong here: the verdict (`warehouse.verdict`) and the clock - the day is an argument.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

WAIVERS_FILE = Path(__file__).parent / "waivers.yml"

LONGEST = dt.timedelta(days=366)
"""A waiver reaches at most so far ahead of the day on which it is used."""

_PROOF = re.compile(r"published\.release\..+|published\.[^.]+\.file|dbt\.run\..+")
"""Checks by which the gate proves that it judged what will be published. Never waived."""

_FIELDS = ("check_id", "reason", "owner", "expires_on")


class WaiverError(ValueError):
    """The list of waivers cannot be used; the message says which entry and why."""


@dataclasses.dataclass(frozen=True)
class Waiver:
    """One check that may fail: why, who answers for it, and the last day on which it holds."""

    check_id: str
    reason: str
    owner: str
    expires_on: dt.date

    def as_record(self) -> dict[str, str]:
        """Return the waiver as plain JSON values."""
        return {**dataclasses.asdict(self), "expires_on": self.expires_on.isoformat()}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> Waiver:
        """Read back what `as_record` wrote; raises `WaiverError`."""
        return _waiver(record, "A recorded waiver")


@dataclasses.dataclass(frozen=True)
class Waivers:
    """The waivers at hand on a day. Without a day none can be used, so none may be given."""

    entries: tuple[Waiver, ...] = ()
    day: dt.date | None = None

    def __post_init__(self) -> None:
        """Refuse waivers without a day to hold them against."""
        if self.entries and self.day is None:
            raise WaiverError("Waivers were given without the day on which they are to hold.")

    def holding(self, check_id: str) -> Waiver | None:
        """Return the waiver that lets a check fail on this day, or `None`."""
        entry = self._entry(check_id)
        return entry if entry is not None and self._objection(entry) is None else None

    def objection(self, check_id: str) -> str | None:
        """Say why the waiver of a check does not hold; `None` when there is none or it holds."""
        entry = self._entry(check_id)
        return None if entry is None else self._objection(entry)

    def _entry(self, check_id: str) -> Waiver | None:
        return next((entry for entry in self.entries if entry.check_id == check_id), None)

    def _objection(self, entry: Waiver) -> str | None:
        assert self.day is not None
        if not is_waivable(entry.check_id):
            return f"{entry.check_id} proves the gate itself and is never waived."
        if entry.expires_on < self.day:
            return (
                f"Its waiver by {entry.owner} ended on {entry.expires_on}; today is {self.day}. "
                "Mend the data, or renew the waiver with a new reason."
            )
        if entry.expires_on - self.day > LONGEST:
            return (
                f"Its waiver by {entry.owner} ends on {entry.expires_on}, more than "
                f"{LONGEST.days} days after today, {self.day}. Shorten it, or set the clock right."
            )
        return None


NO_WAIVERS = Waivers()


def is_waivable(check_id: str) -> bool:
    """Whether a check may be waived: every one but those by which the gate proves itself."""
    return not _PROOF.fullmatch(check_id)


def load_waivers(path: Path, known: Collection[str]) -> tuple[Waiver, ...]:
    """Read the list of waivers; `known` holds the ids of all checks.

    Raises `WaiverError` when the file is missing or ill-formed, an entry lacks a field, names a
    check that does not exist or is never waived, or a check is waived twice.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), _StrictLoader)  # noqa: S506 - safe
    except OSError as problem:
        raise WaiverError(
            f"The list of waivers {path.name} cannot be opened: {problem.strerror}. "
            "An empty list is `waivers: []`."
        ) from problem
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        place = " ".join(str(problem).split())
        raise WaiverError(f"{path.name} is not readable as YAML: {place}.") from problem
    if not isinstance(content, dict) or list(content) != ["waivers"]:
        raise WaiverError(f"{path.name} must hold `waivers:` and nothing else.")
    if not isinstance(content["waivers"], list):
        raise WaiverError(f"{path.name}: `waivers` must be a list; an empty one is `waivers: []`.")
    return checked(
        [
            _waiver(entry, f"{path.name}, entry {number}")
            for number, entry in enumerate(content["waivers"], start=1)
        ],
        known,
        path.name,
    )


def checked(entries: Sequence[Waiver], known: Collection[str], name: str) -> tuple[Waiver, ...]:
    """Return waivers in order of check; raises `WaiverError` for one that may not be there."""
    ids = [entry.check_id for entry in entries]
    for check_id in ids:
        if check_id not in known:
            raise WaiverError(
                f"{name} waives {check_id!r}, which is no check. Was it renamed? Take the waiver "
                "out or correct its id."
            )
        if not is_waivable(check_id):
            raise WaiverError(
                f"{name} waives {check_id}, which proves the gate itself and is never waived."
            )
        if ids.count(check_id) > 1:
            raise WaiverError(f"{name} waives {check_id} twice.")
    return tuple(sorted(entries, key=lambda entry: entry.check_id))


def _waiver(record: object, place: str) -> Waiver:
    if not isinstance(record, Mapping):
        raise WaiverError(f"{place} is no waiver: it must have {', '.join(_FIELDS)}.")
    if missing := [field for field in _FIELDS if record.get(field) in (None, "")]:
        raise WaiverError(f"{place} lacks {missing[0]}; a waiver has {', '.join(_FIELDS)}.")
    if unknown := sorted(str(field) for field in record if field not in _FIELDS):
        raise WaiverError(f"{place} has the unknown field {unknown[0]!r}.")
    texts = [record[field] for field in _FIELDS[:3]]
    if not all(isinstance(text, str) and text.strip() for text in texts):
        raise WaiverError(f"{place}: check_id, reason and owner must be text.")
    day = record["expires_on"]
    if isinstance(day, str):
        try:
            day = dt.date.fromisoformat(day)
        except ValueError:
            day = None
    if not isinstance(day, dt.date) or isinstance(day, dt.datetime):
        raise WaiverError(f"{place}: expires_on must be a day, written YYYY-MM-DD.")
    check_id, reason, owner = (" ".join(text.split()) for text in texts)
    return Waiver(check_id, reason, owner, day)


class _StrictLoader(yaml.SafeLoader):
    """Reads plain values only, and no key twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Refuse a key that stands twice, which YAML would read as the last one."""
        keys = [key.value for key, _ in node.value]
        if twice := next((key for key in keys if keys.count(key) > 1), None):
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {twice!r} stands twice", node.start_mark
            )
        return super().construct_mapping(node, deep)
