"""Opening releases from a location or a lock file, and making a pin.

Belongs here: the calls that a user starts with. Does not belong here: how any of them works.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from carbon_factors import strict_json
from carbon_factors.cache import Cache
from carbon_factors.errors import (
    DowngradeError,
    NotFoundError,
    SignatureError,
    StrippedSignatureError,
    WrongRegistryError,
)
from carbon_factors.lockfile import (
    LOCK_FILE,
    Lock,
    place_of_registry,
    read_lock,
    registry_as_written,
    tables_of,
    write_lock,
)
from carbon_factors.registry import Registry, ReleaseInfo, split_location
from carbon_factors.release import Release
from carbon_factors.signatures import PublicKey, read_public_key
from carbon_factors.stores import open_store
from carbon_factors.verification import (
    check_registry_against_lock,
    check_release_against_lock,
    verify,
)

OFFLINE_VARIABLE = "CARBON_FACTORS_OFFLINE"


def open_registry(
    location: str | Path,
    *,
    public_key: str | Path | PublicKey | None = None,
    cache: str | Path | None = None,
    offline: bool | None = None,
    storage_options: Mapping[str, Any] | None = None,
) -> Registry:
    """Return the registry at a folder, an HTTP(S) URL or any URL that fsspec knows.

    `public_key` is the publisher's (a PEM file): with it, only releases with its signature open.
    `cache` is the folder of downloads, `offline` forbids to ask the network (default: the variable
    CARBON_FACTORS_OFFLINE), `storage_options` go to fsspec.
    """
    key = _key(public_key)
    if offline is None:
        offline = os.environ.get(OFFLINE_VARIABLE, "") not in {"", "0"}
    store = open_store(os.fspath(location), storage_options)
    return Registry(store, key=key, cache=Cache(cache), offline=offline)


def list_releases(location: str | Path, **options: Any) -> tuple[ReleaseInfo, ...]:
    """Return the releases of a registry in order of publication; options as of `open_registry`."""
    return open_registry(location, **options).releases()


def open_release(
    location: str | Path,
    release_id: str | None = None,
    *,
    channel: str | None = None,
    allow_withdrawn: bool = False,
    public_key: str | Path | PublicKey | None = None,
    cache: str | Path | None = None,
    offline: bool | None = None,
    storage_options: Mapping[str, Any] | None = None,
) -> Release:
    """Open a release: of a registry by its id (the latest by default), or by its own location.

    `location` may be the registry (`https://factors.example/releases`) or one release
    (`.../releases/2023.12.0`, or any folder with a manifest). Raises `NotFoundError`,
    `WithdrawnError`, and the errors of `VerificationError` for anything that was changed.
    """
    base, name = split_location(os.fspath(location))
    registry = open_registry(
        base,
        public_key=public_key,
        cache=cache,
        offline=offline,
        storage_options=storage_options,
    )
    if name is not None and release_id not in {None, name}:
        raise NotFoundError(f"{location} is the release {name}, not {release_id}.")
    if name is not None:
        try:
            listed = any(info.release_id == name for info in registry.releases())
        except NotFoundError:
            listed = False
        if not listed:
            return registry.open_folder(name, allow_withdrawn=allow_withdrawn)
    return registry.open(release_id or name, channel=channel, allow_withdrawn=allow_withdrawn)


def open_pinned(
    lock: str | Path = LOCK_FILE,
    *,
    registry: str | Path | None = None,
    public_key: str | Path | PublicKey | None = None,
    allow_withdrawn: bool = False,
    cache: str | Path | None = None,
    offline: bool | None = None,
    storage_options: Mapping[str, Any] | None = None,
) -> Release:
    """Open the release that a lock file pins, from its registry or from a copy of it.

    `public_key` is needed only if the lock holds none and a signature must be checked.
    Raises `WrongRegistryError`, `DowngradeError`, `WithdrawnError`, `SignatureError`,
    `StrippedSignatureError`, `ChangedFileError` or `LockFileError`. Files are compared as they are
    read; `verify` compares them all.
    """
    pinned = read_lock(lock)
    place = os.fspath(registry) if registry is not None else place_of_registry(pinned, lock)
    found = open_registry(
        place,
        public_key=_trusted(pinned, public_key, lock),
        cache=cache,
        offline=offline,
        storage_options=storage_options,
    )
    check_registry_against_lock(found, pinned)
    release = found.open(
        pinned.release_id,
        allow_withdrawn=allow_withdrawn,
        manifest_sha256=pinned.manifest_sha256,
    )
    check_release_against_lock(release, pinned)
    return release


def pin(
    location: str | Path,
    release_id: str | None = None,
    *,
    lock: str | Path = LOCK_FILE,
    channel: str | None = None,
    public_key: str | Path | PublicKey | None = None,
    without_key: bool = False,
    allow_withdrawn: bool = False,
    allow_downgrade: bool = False,
    replace: bool = False,
    check_files: bool = True,
    cache: str | Path | None = None,
    offline: bool | None = None,
    storage_options: Mapping[str, Any] | None = None,
) -> Lock:
    """Write a lock file for a release (the latest by default) and return what it says.

    Every file is compared with the manifest first (`check_files`). A signed release needs the
    publisher's `public_key`, once: the lock keeps it; `without_key` pins by hashes alone.
    A lock file that is already there is a promise: moving it to an older release is a
    `DowngradeError` unless `allow_downgrade`; to another registry or another key a
    `WrongRegistryError` or `SignatureError` unless `replace`; to an unsigned release, or one whose
    signature is missing, a `StrippedSignatureError`.
    """
    base, name = split_location(os.fspath(location))
    before = read_lock(lock) if Path(lock).exists() and not replace else None
    key = _trusted(before, public_key, lock)
    registry = open_registry(
        base, public_key=key, cache=cache, offline=offline, storage_options=storage_options
    )
    if before is not None and registry.root != before.registry_root:
        raise WrongRegistryError(
            f"{lock} was made for another registry ({before.registry}) than {registry.location}. "
            "If the change is meant, pin with --replace."
        )
    release = registry.open(release_id or name, channel=channel, allow_withdrawn=allow_withdrawn)
    if before is not None and not allow_downgrade:
        new, old = release.release_id, before.release_id
        if strict_json.release_order(new) < strict_json.release_order(old):
            raise DowngradeError(
                f"{lock} pins {old}; {new} is older. If the step back is meant, pin with "
                "--allow-downgrade."
            )
    if release.signature == "not checked" and not without_key:
        raise StrippedSignatureError(
            f"Release {release.release_id} is signed with the key "
            f"{release.manifest.signing_key_id}. Give the publisher's public key (--public-key), "
            "or pin by hashes alone (--without-key)."
        )
    if check_files:
        verify(release)
    made = Lock(
        registry=registry_as_written(registry.location, lock),
        registry_root=registry.root,
        release_id=release.release_id,
        manifest_sha256=release.manifest.sha256,
        tables=tables_of(release.manifest),
        key_id=release.manifest.signing_key_id,
        key=key,
    )
    write_lock(made, lock)
    return made


def _key(given: str | Path | PublicKey | None) -> PublicKey | None:
    return read_public_key(given) if isinstance(given, str | Path) else given


def _trusted(
    pinned: Lock | None, given: str | Path | PublicKey | None, lock: str | Path
) -> PublicKey | None:
    """Return the key to trust: the lock's, else the one that was given; they must not differ."""
    key = _key(given)
    if pinned is None or pinned.key is None:
        return key
    if key is not None and key != pinned.key:
        raise SignatureError(
            f"{lock} trusts the key {pinned.key.key_id}, not {key.key_id}. If the publisher has "
            "changed keys, pin with --replace."
        )
    return pinned.key
