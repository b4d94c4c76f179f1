"""Builds a published release again from the landing zone and compares every byte of its record.

Belongs here: laying out the home that a release was made in, making the candidate there, and
comparing. Does not belong here: making a candidate (`run`) and writing a release (`warehouse`).

What is built again starts from the files as they were received - nothing of `raw`, no candidate, no
vintage is carried over - and from the releases that were there before. The day is the release's
own, because waivers end by the day. A signature is not repeated: it stands outside the record.
"""

import dataclasses
import datetime as dt
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ingestion.receipts import read_receipts
from ingestion.redelivery import RedeliveryError, redeliver
from orchestration.code_version import code_version
from orchestration.plan import ASKED
from orchestration.settings import Settings
from orchestration.stages import Listener
from orchestration.trust import as_on
from warehouse import canonical_json, files, registry
from warehouse.manifest import BUILD_INFO, MANIFEST, SUMS, Manifest, read_manifest, sums
from warehouse.releases import ReleaseError, read_release


class RebuildError(RuntimeError):
    """The release cannot be built again here; the message says what is lacking."""


@dataclass(frozen=True)
class Difference:
    """A file of the record that came out otherwise: `path` and what is different."""

    path: str
    sentence: str


@dataclass(frozen=True)
class Rebuilt:
    """A release that was built again: how many files agree, and those that do not."""

    release_id: str
    files: int
    differences: tuple[Difference, ...]


def rebuild(
    settings: Settings, release_id: str, *, listener: Listener | None = None, keep: bool = False
) -> Rebuilt:
    """Build a release again in a folder of its own and compare it with what was published.

    The folder `.rebuild-<id>-*` under the home is removed afterwards, unless `keep`.
    Raises `RebuildError` when the release is of other code, when files or receipts are gone, or
    when the rebuilt candidate is refused; `ReleaseError` when there is no such release.
    """
    from orchestration.publishing import publish_candidate
    from orchestration.run import make_candidate
    from warehouse.candidate import Candidate
    from warehouse.errors import PublishError, PublishRefused

    published = settings.releases / release_id
    manifest = read_release(published).manifest
    if manifest.code_version != code_version():
        raise RebuildError(
            f"Release {release_id} was made by code {manifest.code_version}; this is "
            f"{code_version()}. Check out the code of that version and its lock file first."
        )
    scratch = Path(tempfile.mkdtemp(prefix=f".rebuild-{release_id}-", dir=settings.home))
    try:
        again = _home_of(settings, manifest, scratch)
        built_at = _built_at(published)
        with as_on(built_at.astimezone(dt.UTC).date()):
            outcome = make_candidate(again, manifest.release_month, listener)
        if not outcome.passed:
            raise RebuildError(
                f"Release {release_id} cannot be built again: {' '.join(outcome.sentences)}"
            )
        try:
            result = publish_candidate(
                again,
                Candidate(outcome.folder),
                release_id=release_id,
                built_at=built_at,
                is_signed=False,
            )
        except (PublishRefused, PublishError) as problem:
            raise RebuildError(
                f"Release {release_id} cannot be built again: {problem}"
            ) from problem
        return compare(published, manifest, result.folder)
    finally:
        if not keep:
            files.make_removable(scratch)
            shutil.rmtree(scratch, ignore_errors=True)


def _home_of(settings: Settings, manifest: Manifest, scratch: Path) -> Settings:
    """Lay out the home in which the release was made: its files, and the releases before it."""
    wanted = {str(each["receipt_id"]): each for each in manifest.inputs}
    receipts = [each for each in read_receipts(settings.home) if each.receipt_id in wanted]
    if lost := sorted(wanted.keys() - {each.receipt_id for each in receipts}):
        raise RebuildError(
            f"Receipt {lost[0]} ({wanted[lost[0]].get('file_name')}) of release "
            f"{manifest.release_id} is not in {settings.home}; {len(lost)} are lacking in all."
        )
    try:
        redeliver(settings.home, receipts, scratch / "data")
    except RedeliveryError as problem:
        raise RebuildError(str(problem)) from problem
    home = scratch / "home"
    releases = home / "releases"
    releases.mkdir(parents=True)
    for entry in registry.index_from_folders(settings.releases):
        if entry.release_id == manifest.release_id:
            break
        _linked(settings.releases / entry.release_id, releases / entry.release_id)
    chosen = {name: value for name, value in manifest.parameters.items() if name not in ASKED}
    return settings.model_copy(
        update={
            "release_root": None,
            "home": home,
            "data": scratch / "data",
            "as_of": dt.date.fromisoformat(str(manifest.parameters["as_of"])),
            "parameters": chosen,
            "vintage_store": None,
            "require_approval": False,
        }
    )


def _linked(folder: Path, target: Path) -> None:
    """Copy a release without its bytes: links to read-only files, or copies where none can be."""

    def one(source: str, place: str) -> str:
        try:
            os.link(source, place)
        except OSError:
            shutil.copy2(source, place)
        return place

    shutil.copytree(folder, target, copy_function=one)


def _built_at(release: Path) -> dt.datetime:
    try:
        built = str(canonical_json.load(release / BUILD_INFO)["built_at"])
        return dt.datetime.fromisoformat(built)
    except (canonical_json.DocumentError, KeyError, ValueError) as problem:
        raise RebuildError(
            f"{release.name}/{BUILD_INFO} does not say when it was built: {problem}."
        ) from problem


def compare(published: Path, manifest: Manifest, again: Path) -> Rebuilt:
    """Compare two releases' records: every listed file, then manifest and sums.

    `manifest` is that of `published`. The signing key may differ: what is built again is unsigned.
    """
    new = read_manifest(again / MANIFEST)
    before = {file.path: file.sha256 for file in manifest.files}
    after = {file.path: file.sha256 for file in new.files}
    differences = [
        Difference(path, _said(before.get(path), after.get(path)))
        for path in sorted({*before, *after})
        if before.get(path) != after.get(path)
    ]
    for path, sha256 in before.items():
        # What is published may have been changed since: the manifest alone is no proof.
        if not (published / path).is_file() or files.sha256_of(published / path) != sha256:
            differences.append(Difference(path, "the published file is not what was published"))
    unsigned = dataclasses.replace(new, signing_key_id=manifest.signing_key_id)
    found = unsigned.as_bytes()
    if found != (published / MANIFEST).read_bytes():
        differences.append(Difference(MANIFEST, _what_differs(manifest, unsigned)))
    elif sums(new.files, found) != (published / SUMS).read_bytes():
        differences.append(Difference(SUMS, "it does not agree with the manifest"))
    return Rebuilt(manifest.release_id, len(before) + 2, tuple(differences))


def _said(before: str | None, after: str | None) -> str:
    if before is None:
        return "the release does not hold it"
    if after is None:
        return "it was not built again"
    return f"published {before[:12]}..., built again {after[:12]}..."


def _what_differs(before: Manifest, after: Manifest) -> str:
    names = [
        each.name
        for each in dataclasses.fields(Manifest)
        if getattr(before, each.name) != getattr(after, each.name)
    ]
    return f"other {', '.join(names) or 'bytes'}"


__all__ = ["Difference", "RebuildError", "Rebuilt", "ReleaseError", "compare", "rebuild"]
