"""Proves that a published release is what was published, or says which link is not.

Belongs here: walking files, manifest, signature, state, chain and registry. Does not belong here:
repairing anything, judging the figures (`gate`), the content of files (`verify_content`), and what
is proved by signatures (`trust`) and statements (`states`).
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from warehouse import files, registry, states
from warehouse.manifest import MANIFEST, Manifest, ManifestError, read_manifest
from warehouse.problem import Problem
from warehouse.signing import NO_KEYS, TrustedKeys
from warehouse.trust import compare_signature, vouched_for
from warehouse.verify_content import (
    compare_bytes,
    compare_content,
    compare_file_set,
    compare_snapshot,
)

__all__ = ["Problem", "verify", "verify_all"]


def verify(
    folder: Path, trusted: TrustedKeys = NO_KEYS, *, vouched: Collection[str] | None = None
) -> list[Problem]:
    """Walk one release link by link; an empty list means that nothing is wrong.

    Files: the set of files, the bytes of each file of the record, the content of each table and of
    the snapshot, the gate's verdict. Manifest: `SHA256SUMS`. Signature: by a key in `trusted`; with
    no key given, only that it is about this manifest. State: the statement on it. Chain: the
    manifest of the release before. Registry: its hash of the manifest. `vouched` is given by
    `verify_all`, which walks the statements itself. Never raises because of
    what lies in the folder.
    """
    name = folder.name
    if not folder.is_dir() or folder.is_symlink():
        return [Problem(name, "missing", f"There is no release folder {name}.")]
    place = f"{name}/{MANIFEST}"
    if (folder / MANIFEST).is_symlink():
        sentence = f"{place} is a link; a release holds plain files only."
        return [Problem(place, "unreadable", sentence, "manifest")]
    try:
        manifest = read_manifest(folder / MANIFEST)
    except ManifestError as problem:
        return [Problem(place, "unreadable", f"Release {name}: {problem}", "manifest")]
    problems = _compare_identity(folder, manifest)
    problems += compare_file_set(folder, manifest)
    problems += compare_bytes(folder, manifest)
    if not problems:
        problems += compare_content(folder, manifest)
    problems += compare_snapshot(folder, manifest)
    is_alone = vouched is None
    if vouched is None:
        vouched = vouched_for(folder.parent, trusted) if manifest.signing_key_id is None else ()
    problems += compare_signature(folder, manifest, trusted, vouched)
    problems += _compare_link(folder, manifest)
    problems += _compare_registration(folder)
    if is_alone:
        problems += [
            problem
            for problem in states.compare_states(folder.parent, trusted)
            if Path(problem.path).stem == name
        ]
    return problems


def verify_all(releases: Path, trusted: TrustedKeys = NO_KEYS) -> list[Problem]:
    """Verify every release of a folder, what is stated of them, the registry, and the chain."""
    if not releases.is_dir():
        return [Problem(".", "missing", f"There is no releases folder {releases}.", "registry")]
    vouched = vouched_for(releases, trusted)
    folders = registry.release_folders(releases)
    problems = [
        problem for folder in folders for problem in verify(folder, trusted, vouched=vouched)
    ]
    problems += states.compare_states(releases, trusted)
    try:
        place = registry.INDEX
        entries = registry.read_index(releases)
        place = registry.LATEST
        latest = registry.read_latest(releases)
    except registry.RegistryError as problem:
        return [*problems, Problem(place, "unreadable", str(problem), "registry")]
    present = {folder.name for folder in folders}
    listed = [entry.release_id for entry in entries]
    problems += [
        Problem(
            each,
            "missing",
            f"Release {each} stands in {registry.INDEX} but has no folder.",
            "registry",
        )
        for each in listed
        if each not in present
    ]
    problems += [
        Problem(
            each,
            "registry",
            f"Release {each} does not stand in {registry.INDEX}; the next publication enters it.",
            "registry",
        )
        for each in sorted(present.difference(listed))
    ]
    newest = registry.latest_entry(entries)
    expected = (newest.release_id, newest.manifest_sha256) if newest else None
    found = (latest["release_id"], latest["manifest_sha256"]) if latest else None
    if expected != found:
        problems.append(
            Problem(
                registry.LATEST,
                "registry",
                f"{registry.LATEST} points to {found[0] if found else 'nothing'}, but the newest "
                f"published release is {expected[0] if expected else 'none'}.",
                "registry",
            )
        )
    followed = [entry.previous_release for entry in entries]
    for each in sorted({link for link in followed if followed.count(link) > 1}, key=str):
        text = "two releases claim to be the first" if each is None else f"two follow {each}"
        problems.append(Problem(registry.INDEX, "chain", f"The chain forks: {text}.", "chain"))
    return problems


def _compare_identity(folder: Path, manifest: Manifest) -> list[Problem]:
    if manifest.release_id == folder.name:
        return []
    return [
        Problem(
            f"{folder.name}/{MANIFEST}",
            "changed",
            f"Folder {folder.name} holds the manifest of release {manifest.release_id}.",
            "manifest",
        )
    ]


def _compare_link(folder: Path, manifest: Manifest) -> list[Problem]:
    if manifest.previous is None:
        return []
    place = f"{folder.name}/{MANIFEST}"
    before = manifest.previous.release_id
    previous = folder.parent / before / MANIFEST
    if not previous.is_file():
        sentence = f"Release {folder.name} follows {before}, which is not there."
        return [Problem(place, "chain", sentence, "chain")]
    if files.sha256_of(previous) != manifest.previous.manifest_sha256:
        sentence = (
            f"The chain breaks between {before} and {folder.name}: the manifest of {before} is not "
            "the one that was there when the next release was published."
        )
        return [Problem(place, "chain", sentence, "chain")]
    return []


def _compare_registration(folder: Path) -> list[Problem]:
    try:
        entries = {entry.release_id: entry for entry in registry.read_index(folder.parent)}
    except registry.RegistryError:
        return []
    entry = entries.get(folder.name)
    if entry is None or entry.manifest_sha256 == files.sha256_of(folder / MANIFEST):
        return []
    sentence = f"The manifest of {folder.name} is not the one that {registry.INDEX} registered."
    return [Problem(f"{folder.name}/{MANIFEST}", "registry", sentence, "registry")]
