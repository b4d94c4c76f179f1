"""Whether a release was signed by somebody whom the reader trusts.

Belongs here: comparing `signature.json` with its manifest, and which unsigned releases a later
signature vouches for. Does not belong here: keys and signatures as such (`signing`).

A signed manifest names the hash of the manifest before it, so its signature holds for the whole
chain behind it. A release from before the first key is proved that way; an unsigned release that no
signed one follows is proved by nobody, and a reader who trusts keys is told so.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from warehouse import files, registry
from warehouse.manifest import MANIFEST, Manifest, ManifestError, read_manifest
from warehouse.problem import Problem
from warehouse.signing import (
    NO_KEYS,
    SIGNATURE,
    SignatureError,
    TrustedKeys,
    check_manifest_signature,
    read_signature,
)


def compare_signature(
    folder: Path, manifest: Manifest, trusted: TrustedKeys, vouched: Collection[str]
) -> list[Problem]:
    """Compare the signature of a release with its manifest and the keys that are trusted.

    `vouched` holds the releases for which a later signature vouches (`vouched_for`). Whether the
    file is there at all is a matter of the set of files.
    """
    place = f"{folder.name}/{SIGNATURE}"
    if manifest.signing_key_id is None:
        if not trusted or folder.name in vouched:
            return []
        sentence = (
            f"Release {folder.name} is unsigned, though keys are trusted here, and no signed "
            "release follows it: nobody vouches for it."
        )
        return [Problem(f"{folder.name}/{MANIFEST}", "signature", sentence, "signature")]
    path = folder / SIGNATURE
    if path.is_symlink() or not path.is_file():
        return []
    try:
        check(folder, manifest, trusted)
    except SignatureError as problem:
        sentence = f"The signature of release {folder.name} does not hold: {problem}."
        return [Problem(place, "signature", sentence, "signature")]
    return []


def check(folder: Path, manifest: Manifest, trusted: TrustedKeys) -> bool:
    """Check the signature of a signed release; returns whether a trusted key could be used.

    Raises `SignatureError` as `signing.check_manifest_signature` does.
    """
    assert manifest.signing_key_id is not None
    return check_manifest_signature(
        (folder / MANIFEST).read_bytes(),
        read_signature(folder / SIGNATURE),
        manifest.signing_key_id,
        trusted,
    )


def vouched_for(releases: Path, trusted: TrustedKeys = NO_KEYS) -> set[str]:
    """Return the releases to which the chain leads back from one with a trusted signature."""
    if not trusted:
        return set()
    manifests: dict[str, Manifest] = {}
    signed: list[Manifest] = []
    for folder in registry.release_folders(releases):
        try:
            manifest = read_manifest(folder / MANIFEST)
            manifests[folder.name] = manifest
            if manifest.signing_key_id is not None and check(folder, manifest, trusted):
                signed.append(manifest)
        except (ManifestError, SignatureError):
            continue
    vouched: set[str] = set()
    while signed:
        link = signed.pop().previous
        if link is None or link.release_id in vouched or link.release_id not in manifests:
            continue
        if files.sha256_of(releases / link.release_id / MANIFEST) == link.manifest_sha256:
            vouched.add(link.release_id)
            signed.append(manifests[link.release_id])
    return vouched


def standing(folder: Path, manifest: Manifest, trusted: TrustedKeys) -> str:
    """Say in a few words who signed a release that has verified."""
    if manifest.signing_key_id is None:
        return "unsigned"
    checked = "checked" if trusted else "not checked: no key is trusted here"
    return f"signed by {manifest.signing_key_id} ({checked})"
