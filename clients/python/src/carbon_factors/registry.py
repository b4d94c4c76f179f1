"""A registry: which releases there are, in which state, and opening one.

Belongs here: `index.json`, the statements on states, and the checks that come before any file of a
release is read. Does not belong here: the inside of a release (`release`), comparing every file
(`verification`).

`latest.json` is not read: the index says the same, and one source cannot contradict itself.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from carbon_factors import strict_json
from carbon_factors.cache import Cache
from carbon_factors.errors import (
    ChangedFileError,
    DocumentError,
    MissingFileError,
    NotFoundError,
    StrippedSignatureError,
    UnreachableError,
    WithdrawnError,
)
from carbon_factors.manifest import MANIFEST, SIGNATURE, read_manifest
from carbon_factors.release import Release
from carbon_factors.signatures import (
    PublicKey,
    check_manifest_signature,
    check_statement_signature,
)
from carbon_factors.stores import LocalStore, Store

INDEX = "index.json"
PUBLISHED = "published"
WITHDRAWN = "withdrawn"
UNKNOWN = "unknown"
_SEVERITY = {UNKNOWN: 0, PUBLISHED: 0, "superseded": 1, WITHDRAWN: 2}
_STATES = _SEVERITY.keys() - {UNKNOWN}


@dataclass(frozen=True, slots=True)
class ReleaseInfo:
    """What a registry says of one release.

    `state` is published, superseded or withdrawn (`unknown` for a folder without a registry), with
    the reason and the id of the replacement where there are any; `channel` is stable, or demo for a
    release that holds synthetic figures.
    """

    release_id: str
    release_month: str
    state: str
    channel: str
    manifest_sha256: str
    previous_release: str | None
    reason: str | None = None
    replacement: str | None = None


class Registry:
    """The releases at one location. `notices` holds sentences that a user should see."""

    def __init__(
        self,
        store: Store,
        *,
        key: PublicKey | None = None,
        cache: Cache | None = None,
        offline: bool = False,
    ) -> None:
        """Take a store; nothing is read yet. `offline` never asks the network."""
        self.store = store
        self.location = store.location
        self.key = key
        self.cache = cache or Cache()
        self.offline = offline
        self.notices: list[str] = []
        self._index: tuple[ReleaseInfo, ...] | None = None

    def releases(self) -> tuple[ReleaseInfo, ...]:
        """Return all releases in order of publication.

        Raises `NotFoundError` where there is no registry, `DocumentError` for an ill-formed one.
        """
        if self._index is None:
            content = self._document(INDEX, strict_json.INDEX_LIMIT)
            if content is None:
                raise NotFoundError(
                    f"{self.location} is not a registry of releases: it has no {INDEX}."
                )
            self._index = _read_index(content)
        return self._index

    @property
    def root(self) -> str:
        """The sha256 of the first release's manifest, by which registries are told apart."""
        releases = self.releases()
        if not releases:
            raise NotFoundError(f"The registry {self.location} holds no release yet.")
        return releases[0].manifest_sha256

    def latest(self, channel: str | None = None) -> ReleaseInfo:
        """Return the newest release that is not withdrawn, of one channel if one is given."""
        releases = self.releases()
        fit = [
            info for info in releases if info.state != WITHDRAWN and channel in {None, info.channel}
        ]
        if not fit:
            which = f" of channel {channel}" if channel else ""
            raise NotFoundError(f"The registry {self.location} holds no release{which}.")
        return max(fit, key=lambda info: strict_json.release_order(info.release_id))

    def info(self, release_id: str) -> ReleaseInfo:
        """Return what the registry says of a release; raises `NotFoundError`."""
        for info in self.releases():
            if info.release_id == release_id:
                return info
        known = ", ".join(info.release_id for info in self.releases()) or "none"
        raise NotFoundError(
            f"The registry {self.location} has no release {release_id!r}; it has {known}."
        )

    def open(
        self,
        release_id: str | None = None,
        *,
        channel: str | None = None,
        allow_withdrawn: bool = False,
        manifest_sha256: str | None = None,
    ) -> Release:
        """Open a release (the latest by default) after checking manifest, signature and state.

        `manifest_sha256` is the hash that a lock file expects. Raises `WithdrawnError` unless a
        withdrawn release is allowed, and the errors of `VerificationError` for anything changed.
        """
        info = self.latest(channel) if release_id is None else self.info(release_id)
        name = info.release_id
        info = self._stated(info)
        _refuse_withdrawn(info, allow_withdrawn)
        expected = manifest_sha256 or info.manifest_sha256
        if manifest_sha256 not in {None, info.manifest_sha256}:
            raise ChangedFileError(
                f"The registry {self.location} now names another manifest for release {name} "
                f"({info.manifest_sha256[:12]}...) than was pinned ({expected[:12]}...)."
            )
        release = self._open(name, expected, info)
        self._check_link(release)
        return release

    def open_folder(self, name: str, *, allow_withdrawn: bool = False) -> Release:
        """Open a release folder that no index lists; without a statement its state is unknown."""
        release = self._open(name, None, None)
        if strict_json.is_release_id(name):
            release.info = self._stated(release.info)
            _refuse_withdrawn(release.info, allow_withdrawn)
        return release

    def _open(self, name: str, expected: str | None, info: ReleaseInfo | None) -> Release:
        content = self._manifest(name, expected)
        found = hashlib.sha256(content).hexdigest()
        if expected is not None and found != expected:
            raise ChangedFileError(
                f"{name}/{MANIFEST} at {self.location} was changed: its sha256 is "
                f"{found[:12]}..., not {expected[:12]}... as expected."
            )
        manifest = read_manifest(content, f"{name}/{MANIFEST}")
        if strict_json.is_release_id(name) and manifest.release_id != name:
            raise ChangedFileError(
                f"Folder {name} at {self.location} holds the manifest of release "
                f"{manifest.release_id}."
            )
        if info is None:
            info = ReleaseInfo(
                manifest.release_id,
                manifest.release_month,
                UNKNOWN,
                manifest.channel,
                manifest.sha256,
                manifest.previous_release,
            )
        signature = self._check_signature(name, content, manifest.sha256, manifest.signing_key_id)
        release = Release(self.store, name, manifest, info, self.cache, signature, self.offline)
        release.notices += self.notices
        return release

    def _check_link(self, release: Release) -> None:
        """Raise unless the release before is, in the index, the one that the manifest names."""
        before = release.manifest.previous_release
        named = release.manifest.previous_manifest_sha256
        for info in self.releases() if before else ():
            if info.release_id == before and info.manifest_sha256 != named:
                raise ChangedFileError(
                    f"The chain breaks between {before} and {release.release_id}: the registry "
                    f"{self.location} names another manifest for {before} than the one that was "
                    "there when the next release was published."
                )

    def _manifest(self, name: str, expected: str | None) -> bytes:
        path = f"{name}/{MANIFEST}"
        if not self.store.remote:
            return read_small(self.store, path, strict_json.MANIFEST_LIMIT)
        if expected and (kept := self.cache.find(expected)):
            return kept.read_bytes()
        content = self._document(path, strict_json.MANIFEST_LIMIT)
        if content is None:
            raise MissingFileError(f"{self.location}/{path} does not exist.")
        if expected and hashlib.sha256(content).hexdigest() == expected:
            self.cache.keep(expected, content)
        return content

    def _check_signature(self, name: str, manifest: bytes, sha256: str, key_id: str | None) -> str:
        """Check the signature of a manifest: `unsigned`, `valid` or `not checked`."""
        if key_id is None:
            if self.key is not None:
                raise StrippedSignatureError(
                    f"Release {name} names no signing key, but a signature of the key "
                    f"{self.key.key_id} is expected."
                )
            return "unsigned"
        content = self._document(f"{name}/{SIGNATURE}", strict_json.SMALL_LIMIT)
        if content is None and self.offline and self.store.remote:
            raise UnreachableError(
                f"The signature of release {name} is not in the cache, and {self.location} is not "
                "asked: work online once."
            )
        if content is None:
            raise StrippedSignatureError(
                f"Release {name} is signed with the key {key_id}, but {SIGNATURE} is missing at "
                f"{self.location}. Fetch the release anew, or ask the publisher."
            )
        check_manifest_signature(content, sha256, key_id, manifest, self.key)
        return "valid" if self.key else "not checked"

    def _stated(self, info: ReleaseInfo) -> ReleaseInfo:
        """Return what is said of a release, by the index and its statement: the worse counts."""
        path = f"states/{info.release_id}.json"
        content = self._document(path, strict_json.SMALL_LIMIT)
        if content is None:
            return info
        record = strict_json.loads(content, path, strict_json.SMALL_LIMIT)
        try:
            version = strict_json.whole_number(record, "state_version")
            release_id = strict_json.release_id(record, "release_id")
            sha256 = strict_json.sha256(record, "manifest_sha256")
            state = strict_json.text(record, "state")
            reason = strict_json.optional_text(record, "reason")
            replacement = strict_json.optional_text(record, "replacement")
            key_id = strict_json.optional_text(record, "key_id")
            if version != 1 or state not in _STATES or release_id != info.release_id:
                raise ValueError("it is not of a known version, state or this release")
        except ValueError as problem:
            raise DocumentError(f"{path} is not a statement on a release: {problem}.") from None
        if sha256 != info.manifest_sha256:
            raise ChangedFileError(f"{path} speaks of another manifest than the registry does.")
        if self.key is not None and key_id == self.key.key_id:
            check_statement_signature(record, self.key, path)
        elif self.key is not None:
            # A statement can only make matters worse, so one of an unknown hand is heeded too.
            self.notices.append(f"{path} is not signed with the trusted key {self.key.key_id}.")
        if _SEVERITY[state] < _SEVERITY[info.state]:
            return info
        return replace(info, state=state, reason=reason, replacement=replacement)

    def _document(self, path: str, limit: int) -> bytes | None:
        """Read a document that may change; `None` if there is none. Offline: as last seen."""
        if not self.store.remote:
            try:
                return read_small(self.store, path, limit)
            except MissingFileError:
                return None
        if self.offline:
            return self.cache.recall(self.location, path)
        try:
            content = read_small(self.store, path, limit)
        except MissingFileError:
            return None
        except UnreachableError as problem:
            seen = self.cache.recall(self.location, path)
            if seen is None and self.cache.recall(self.location, INDEX) is None:
                raise
            notice = (
                f"{self.location} does not answer ({problem}) What is said of its releases "
                "is as last seen."
            )
            self.notices.append(notice)
            self.offline = True
            return seen
        strict_json.loads(content, path, limit)  # what a stranger's login page says is not kept
        self.cache.remember(self.location, path, content)
        return content


def read_small(store: Store, path: str, limit: int) -> bytes:
    """Read a whole document; raises `DocumentError` as soon as it is larger than its limit."""
    if isinstance(store, LocalStore):
        strict_json.refuse_size(store.path_of(path).stat().st_size, path, limit)
    _, blocks = store.open(path)
    content = bytearray()
    for block in blocks:
        content += block
        if len(content) > limit:
            raise DocumentError(f"{path} has more than the {limit} bytes that are allowed.")
    return bytes(content)


def split_location(location: str) -> tuple[str, str | None]:
    """Split the location of a release into its registry's and its name.

    The location of a registry comes back whole, without a name.

    >>> split_location("https://factors.example/releases/2023.12.0/")
    ('https://factors.example/releases', '2023.12.0')
    >>> split_location("https://factors.example/releases")
    ('https://factors.example/releases', None)
    """
    location = location.rstrip("/") or "/"
    base, _, last = location.rpartition("/")
    if strict_json.is_release_id(last):
        return base or ".", last
    if "://" not in location and (Path(location) / MANIFEST).is_file():
        folder = Path(location).absolute()
        return folder.parent.as_posix(), folder.name
    return location, None


def _refuse_withdrawn(info: ReleaseInfo, allowed: bool) -> None:
    if info.state == WITHDRAWN and not allowed:
        instead = f" Use {info.replacement} instead." if info.replacement else ""
        raise WithdrawnError(
            f"Release {info.release_id} was withdrawn: {info.reason or 'no reason is given'}."
            f"{instead} To read it nevertheless, allow withdrawn releases."
        )


def _read_index(content: bytes) -> tuple[ReleaseInfo, ...]:
    record = strict_json.loads(content, INDEX, strict_json.INDEX_LIMIT)
    try:
        version = strict_json.whole_number(record, "index_version")
        if version not in {1, 2}:
            raise ValueError(f"version {version} is not known to this client")
        found = tuple(_read_info(entry) for entry in strict_json.sequence(record, "releases"))
        ids = [info.release_id for info in found]
        if len(set(ids)) != len(ids):
            raise ValueError("a release is listed twice")
        return found
    except ValueError as problem:
        raise DocumentError(f"{INDEX} is not a registry of releases: {problem}.") from None


def _read_info(record: Any) -> ReleaseInfo:
    state = strict_json.text(record, "state")
    if state not in _STATES:
        raise ValueError(f"{state!r} is not a state of a release")
    return ReleaseInfo(
        release_id=strict_json.release_id(record, "release_id"),
        release_month=strict_json.text(record, "release_month"),
        state=state,
        channel=strict_json.text(record, "channel"),
        manifest_sha256=strict_json.sha256(record, "manifest_sha256"),
        previous_release=strict_json.optional_text(record, "previous_release"),
        reason=strict_json.optional_text(record, "reason"),
        replacement=strict_json.optional_text(record, "replacement"),
    )
