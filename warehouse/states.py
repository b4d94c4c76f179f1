"""The state of a release after publication: published, superseded or withdrawn.

Belongs here: statements under `states/`, what may be stated of a release, and bringing the registry
in line. Does not belong here: the inside of a release - its files stay as they are, whatever is
stated of it.

A release without a statement is published. A superseded release may still be used; a withdrawn one
must not. Withdrawal is final: nothing makes a withdrawn release anything else. The statement is the
truth; `index.json` and `latest.json` are made from it and mended by the next publisher.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from warehouse import canonical_json, files, registry
from warehouse.errors import PublishError, PublishRefused
from warehouse.lock import releases_lock
from warehouse.manifest import HEX, RELEASE_ID
from warehouse.problem import Problem
from warehouse.registry import PUBLISHED, SUPERSEDED, WITHDRAWN, IndexEntry
from warehouse.signing import (
    NO_KEYS,
    SignatureError,
    SigningKey,
    TrustedKeys,
    check_signature,
)

VERSION = 1
FOLDER = "states"

_LONGEST_TEXT = 1000


class StateError(ValueError):
    """A statement cannot be read, or is not one that could have been made."""


@dataclasses.dataclass(frozen=True)
class Statement:
    """What was stated of one release: by whom, when, why, and which release takes its place."""

    release_id: str
    manifest_sha256: str
    state: str
    reason: str
    replacement: str | None
    stated_by: str
    stated_on: str
    key_id: str | None = None
    signature: str | None = None

    def signed_bytes(self) -> bytes:
        """Return what the signature is over: the statement without it, as canonical JSON."""
        record = self._record()
        del record["signature"]
        return canonical_json.dumps(record)

    def as_bytes(self) -> bytes:
        """Return the statement as canonical JSON."""
        return canonical_json.dumps(self._record())

    def _record(self) -> dict[str, Any]:
        return {"state_version": VERSION, **dataclasses.asdict(self)}

    def says_the_same(self, other: Statement) -> bool:
        """Whether both state the same of the same release, whoever stated it and when."""
        return (self.manifest_sha256, self.state, self.reason, self.replacement) == (
            other.manifest_sha256,
            other.state,
            other.reason,
            other.replacement,
        )


def read_statement(path: Path) -> Statement:
    """Read one statement; raises `StateError` with a sentence that says what is wrong with it."""
    try:
        content = canonical_json.load(path)
        if content["state_version"] != VERSION:
            raise ValueError(f"state version {content['state_version']!r} is not {VERSION}")
        statement = Statement(**{k: v for k, v in content.items() if k != "state_version"})
        _refuse_statement(statement, path.stem)
        return statement
    except canonical_json.DocumentError as problem:
        raise StateError(f"Statement {FOLDER}/{path.name}: {problem}") from problem
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise StateError(
            f"{FOLDER}/{path.name} is no statement on a release: {problem}. Restore it from a copy."
        ) from problem


def _refuse_statement(statement: Statement, name: str) -> None:
    if statement.release_id != name:
        raise ValueError(f"it is about {statement.release_id!r}")
    if not HEX.fullmatch(statement.manifest_sha256):
        raise ValueError("it names no manifest")
    if statement.state not in (SUPERSEDED, WITHDRAWN):
        raise ValueError(f"state {statement.state!r} is not {SUPERSEDED} or {WITHDRAWN}")
    if statement.replacement is not None and not RELEASE_ID.fullmatch(statement.replacement):
        raise ValueError(f"replacement {statement.replacement!r} is not a release id")
    dt.date.fromisoformat(statement.stated_on)
    if (statement.key_id is None) != (statement.signature is None):
        raise ValueError("it has a key id without a signature, or the other way round")


def read_statements(releases: Path) -> dict[str, Statement]:
    """Read every statement of a releases folder, by release id; raises `StateError`."""
    folder = releases / FOLDER
    if not folder.is_dir():
        return {}
    return {
        path.stem: read_statement(path)
        for path in sorted(folder.iterdir())
        if path.suffix == ".json" and RELEASE_ID.fullmatch(path.stem)
    }


def settled(entries: Sequence[IndexEntry], statements: Mapping[str, Statement]) -> list[IndexEntry]:
    """Return the entries of a registry with the states that were stated.

    Raises `StateError` when the registry knows a state whose statement is gone - so that nothing
    comes back to life because a file was lost - or a statement is about another manifest.
    """
    for entry in entries:
        found = statements.get(entry.release_id)
        if found is None and entry.state != PUBLISHED:
            raise StateError(
                f"{registry.INDEX} says that release {entry.release_id} is {entry.state}, but its "
                f"statement {FOLDER}/{entry.release_id}.json is gone. Restore it from a copy; if "
                f"nobody stated it, remove {registry.INDEX}, which is made anew."
            )
        if found is not None and found.manifest_sha256 != entry.manifest_sha256:
            raise StateError(
                f"{FOLDER}/{entry.release_id}.json is about another manifest than release "
                f"{entry.release_id} has. Restore both from a copy."
            )
    return with_states(entries, statements)


def with_states(
    entries: Sequence[IndexEntry], statements: Mapping[str, Statement]
) -> list[IndexEntry]:
    """Return the entries of a registry as the statements alone have them."""
    return [
        dataclasses.replace(
            entry,
            state=found.state if found else PUBLISHED,
            reason=found.reason if found else None,
            replacement=found.replacement if found else None,
        )
        for entry in entries
        for found in [statements.get(entry.release_id)]
    ]


def state_release(
    releases: Path,
    release_id: str,
    state: str,
    *,
    reason: str,
    replacement: str | None,
    stated_by: str,
    stated_on: dt.date,
    key: SigningKey | None = None,
) -> bool:
    """State that a release is superseded or withdrawn; return whether that was new.

    `replacement` is the release that takes its place: needed when superseded, optional when
    withdrawn. Stating the same again changes nothing. Raises `PublishRefused` when there is no such
    release, something else stands already, or the replacement cannot be used; `PublishBusy` while
    a publisher is at work; `PublishError` when the folder or the disk fails.
    """
    reason, stated_by = _text(reason, "reason"), _text(stated_by, "name of who states it")
    try:
        if not releases.is_dir():
            raise PublishRefused([f"There is no release under {releases} yet."])
        with releases_lock(releases):
            before = read_statements(releases)
            entries = settled(_known_entries(releases), before)
            by_id = {entry.release_id: entry for entry in entries}
            _refuse_unknown(by_id, release_id, state, replacement)
            statement = Statement(
                release_id,
                by_id[release_id].manifest_sha256,
                state,
                reason,
                replacement,
                stated_by,
                stated_on.isoformat(),
                key.key_id if key else None,
            )
            stands = before.get(release_id)
            is_new = stands is None or not stands.says_the_same(statement)
            if is_new:
                _refuse_change(stands, statement)
                _refuse_replacement(by_id, release_id, replacement)
                signature = key.sign(statement.signed_bytes()) if key else None
                statement = dataclasses.replace(statement, signature=signature)
                folder = releases / FOLDER
                folder.mkdir(exist_ok=True)
                files.replace_durably(folder / f"{release_id}.json", statement.as_bytes())
                files.sync_folder(releases)
                before[release_id] = statement
            stated = with_states(entries, before)
            if registry.read_index(releases) != stated or not registry.is_pointed(releases, stated):
                registry.write_registry(releases, stated)
            return is_new
    except (StateError, registry.RegistryError) as problem:
        raise PublishRefused([str(problem)]) from problem
    except OSError as problem:
        raise PublishError(
            f"Nothing was stated of {release_id}: {problem.strerror or problem} "
            f"({problem.filename or releases}). Mend the disk or the folder and state it again."
        ) from problem


def _text(text: str, what: str) -> str:
    plain = " ".join(text.split())
    if not plain or len(plain) > _LONGEST_TEXT or not plain.isprintable():
        raise PublishRefused([f"Give a {what}, in at most {_LONGEST_TEXT} printable letters."])
    return plain


def _known_entries(releases: Path) -> list[IndexEntry]:
    """Return the registry, after proving that every release in it still has its manifest."""
    entries = registry.read_index(releases)
    found = {entry.release_id: entry for entry in registry.index_from_folders(releases)}
    for entry in entries:
        there = found.get(entry.release_id)
        if there is None or there.manifest_sha256 != entry.manifest_sha256:
            raise PublishRefused(
                [
                    f"Release {entry.release_id} is not as it was registered: its manifest is gone "
                    "or was changed. Restore it from a copy before you state anything."
                ]
            )
    known = {entry.release_id for entry in entries}
    return entries + [entry for entry in found.values() if entry.release_id not in known]


def _refuse_unknown(
    by_id: dict[str, IndexEntry], release_id: str, state: str, replacement: str | None
) -> None:
    for each in (release_id, replacement):
        if each is not None and each not in by_id:
            known = ", ".join(by_id) or "none"
            raise PublishRefused([f"There is no release {each}. Releases: {known}."])
    if state == SUPERSEDED and replacement is None:
        raise PublishRefused([f"Say which release takes the place of {release_id}."])


def _refuse_replacement(
    by_id: dict[str, IndexEntry], release_id: str, replacement: str | None
) -> None:
    if replacement == release_id:
        raise PublishRefused([f"Release {release_id} cannot take its own place."])
    if replacement is not None and by_id[replacement].state != PUBLISHED:
        raise PublishRefused(
            [
                f"Release {replacement} is {by_id[replacement].state} itself, so it cannot take "
                f"the place of {release_id}."
            ]
        )


def _refuse_change(stands: Statement | None, statement: Statement) -> None:
    """Refuse to say something else than stands, but for withdrawing what was superseded."""
    if stands is None or (stands.state, statement.state) == (SUPERSEDED, WITHDRAWN):
        return
    instead = f", replaced by {stands.replacement}" if stands.replacement else ""
    raise PublishRefused(
        [
            f"Release {stands.release_id} is {stands.state} already: {stands.reason} (stated by "
            f"{stands.stated_by} on {stands.stated_on}{instead}). That stands; a statement is not "
            "changed afterwards."
        ]
    )


def compare_states(releases: Path, trusted: TrustedKeys = NO_KEYS) -> list[Problem]:
    """Compare every statement with its release, its signature and the registry."""
    folder = releases / FOLDER
    problems: list[Problem] = []
    statements: dict[str, Statement] = {}
    if folder.is_symlink():
        sentence = f"{FOLDER} is a link; statements stand beside the releases."
        return [Problem(FOLDER, "extra", sentence, "state")]
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        place = f"{FOLDER}/{path.name}"
        if path.is_symlink() or not path.is_file() or not RELEASE_ID.fullmatch(path.stem):
            sentence = f"{place} is no statement on a release and does not belong there."
            problems.append(Problem(place, "extra", sentence, "state"))
            continue
        try:
            statements[path.stem] = read_statement(path)
        except StateError as problem:
            problems.append(Problem(place, "unreadable", str(problem), "state"))
            continue
        problems += _compare_statement(releases, statements[path.stem], place, trusted)
    try:
        entries = registry.read_index(releases)
    except registry.RegistryError:
        return problems
    for entry, stated in zip(entries, with_states(entries, statements), strict=True):
        if entry != stated and not any(entry.release_id in each.path for each in problems):
            sentence = (
                f"{registry.INDEX} says that {entry.release_id} is {entry.state}, but by its "
                f"statements it is {stated.state}."
            )
            problems.append(
                Problem(f"{FOLDER}/{entry.release_id}.json", "state", sentence, "state")
            )
    return problems


def _compare_statement(
    releases: Path, statement: Statement, place: str, trusted: TrustedKeys
) -> list[Problem]:
    manifest = releases / statement.release_id / "manifest.json"
    problems = []
    if not manifest.is_file() or files.sha256_of(manifest) != statement.manifest_sha256:
        sentence = f"{place} is about another manifest than release {statement.release_id} has."
        problems.append(Problem(place, "state", sentence, "state"))
    if statement.key_id is None:
        if trusted:
            sentence = f"{place} is not signed, though keys are trusted here; anyone could say so."
            problems.append(Problem(place, "signature", sentence, "signature"))
        return problems
    try:
        check_signature(statement.signed_bytes(), statement.key_id, statement.signature, trusted)
    except SignatureError as problem:
        problems.append(Problem(place, "signature", f"{place}: {problem}.", "signature"))
    return problems
