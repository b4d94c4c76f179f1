"""Ed25519 signatures: who stands behind a document of a release.

Belongs here: reading keys with suspicion, signing bytes, and checking a signature against keys that
the reader trusts. Does not belong here: what is signed (`manifest`, `states`, `approval`), and
which keys an operator trusts (settings).

Each signed document states its own kind in its first key (`manifest_version`, `state_version`,
`approval_version`), so a signature on one kind is never valid for another. Method: RFC 8032
(Ed25519); private keys as unencrypted PKCS #8 PEM that nobody but the owner may read, public keys
as PEM.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import hashlib
import os
import re
import stat
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from warehouse import canonical_json

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

VERSION = 1
SIGNATURE = "signature.json"
ALGORITHM = "ed25519"
KEY_ID = re.compile(r"ed25519:[0-9a-f]{16}")

_MAXIMUM_PEM = 65_536
_PUBLIC_SUFFIXES = (".pem", ".pub")


class SigningError(ValueError):
    """A key cannot be used or a signature cannot be made; the message says which and why."""


class SignatureError(ValueError):
    """A signature does not prove what it should; the message says what is wrong with it."""


@dataclasses.dataclass(frozen=True)
class PublicKey:
    """A public key: `raw` holds its 32 bytes."""

    raw: bytes

    @property
    def key_id(self) -> str:
        """`ed25519:` and the first 16 hexadecimal digits of the sha256 of the raw key."""
        return f"{ALGORITHM}:{hashlib.sha256(self.raw).hexdigest()[:16]}"

    def as_pem(self) -> bytes:
        """Return the key as PEM, the form in which it is handed to readers."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        key = Ed25519PublicKey.from_public_bytes(self.raw)
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def check(self, content: bytes, signature: bytes) -> bool:
        """Whether this key made the signature over exactly these bytes."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, content)
        except InvalidSignature:
            return False
        return True


@dataclasses.dataclass(frozen=True)
class SigningKey:
    """A private key in memory. Its representation shows the key id only."""

    public: PublicKey
    _private: Ed25519PrivateKey = dataclasses.field(repr=False)

    @property
    def key_id(self) -> str:
        """The id of the key, as its public half has it."""
        return self.public.key_id

    def sign(self, content: bytes) -> str:
        """Return the signature over some bytes, as base64 text. The same bytes sign alike."""
        return base64.b64encode(self._private.sign(content)).decode("ascii")


TrustedKeys = Mapping[str, PublicKey]
"""The keys that a reader trusts, by key id. Empty: the reader cannot tell who signed."""

NO_KEYS: TrustedKeys = {}


def load_signing_key(path: Path) -> SigningKey:
    """Read a private key from a PKCS #8 PEM file.

    Raises `SigningError` when the file is missing, may be read by others than its owner, is
    encrypted, is no private key, or is a key of another kind than Ed25519.
    """
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
    except OSError as problem:
        raise SigningError(
            f"The signing key {path} cannot be opened: {problem.strerror}. Make one with "
            "`carbon-warehouse key new PATH`, or correct the setting."
        ) from problem
    if mode & 0o077:
        raise SigningError(
            f"The signing key {path} may be read by others (its mode is {mode:04o}). "
            f"Take that away: chmod 600 {path}. If others had access, make a new key."
        )
    return _signing_key(_read_pem(path), path)


def _signing_key(pem: bytes, path: Path) -> SigningKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    if b"ENCRYPTED" in pem:
        raise SigningError(
            f"The signing key {path} is encrypted, and nobody is there to type its password. "
            "Keep it unencrypted in a file that only its owner may read."
        )
    if b"PRIVATE KEY" not in pem:
        raise SigningError(f"{path} holds no private key in PEM form.")
    try:
        private = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as problem:
        raise SigningError(f"The signing key {path} cannot be read: it is no PKCS #8 PEM.") from (
            problem
        )
    if not isinstance(private, Ed25519PrivateKey):
        raise SigningError(
            f"The signing key {path} is of another kind ({_kind(private)}); releases are signed "
            "with Ed25519. Make one with `carbon-warehouse key new PATH`."
        )
    return SigningKey(PublicKey(private.public_key().public_bytes_raw()), private)


def load_public_key(path: Path) -> PublicKey:
    """Read a public key from a PEM file.

    Raises `SigningError` when it is missing, a private key, or a key of another kind.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    pem = _read_pem(path)
    if b"PRIVATE KEY" in pem:
        raise SigningError(
            f"{path} is a private key. Where keys are trusted stands the public half; "
            "keep the private one out of sight."
        )
    try:
        public = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as problem:
        raise SigningError(f"{path} is no public key in PEM form.") from problem
    if not isinstance(public, Ed25519PublicKey):
        raise SigningError(
            f"The public key {path} is of another kind ({_kind(public)}); releases are signed "
            "with Ed25519."
        )
    return PublicKey(public.public_bytes_raw())


def load_trusted_keys(places: Iterable[Path]) -> dict[str, PublicKey]:
    """Read public keys from files and folders (every `.pem` and `.pub` in them), by key id.

    Raises `SigningError` for a place that does not exist, a folder without a key, and a file that
    is no Ed25519 public key.
    """
    keys = [load_public_key(path) for place in places for path in _key_files(place)]
    return {key.key_id: key for key in keys}


def _key_files(place: Path) -> Sequence[Path]:
    if not place.is_dir():
        return [place]
    found = sorted(path for path in place.iterdir() if path.suffix in _PUBLIC_SUFFIXES)
    if not found:
        raise SigningError(
            f"The folder of trusted keys {place} holds no key (files ending in "
            f"{' or '.join(_PUBLIC_SUFFIXES)})."
        )
    return found


def new_key(path: Path) -> tuple[PublicKey, Path]:
    """Make a key pair; return the public key and the file beside `path` that holds it.

    The private key is written to `path`, readable by its owner alone. Raises `SigningError` when
    either file exists: a key is never written over.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    private = Ed25519PrivateKey.generate()
    public = PublicKey(private.public_key().public_bytes_raw())
    beside = path.with_name(f"{path.stem}.pub.pem")
    if taken := next((each for each in (path, beside) if each.exists()), None):
        raise SigningError(f"{taken} exists already; a key is never written over.")
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_new(path, pem, 0o600)
        _write_new(beside, public.as_pem(), 0o644)
    except OSError as problem:
        raise SigningError(f"The key cannot be written to {path}: {problem.strerror}.") from problem
    return public, beside


def signature_record(content: bytes, key: SigningKey) -> dict[str, Any]:
    """Return what `signature.json` says of the bytes of a manifest."""
    return {
        "signature_version": VERSION,
        "key_id": key.key_id,
        "algorithm": ALGORITHM,
        "manifest_sha256": hashlib.sha256(content).hexdigest(),
        "signature": key.sign(content),
    }


def read_signature(path: Path) -> dict[str, Any]:
    """Read `signature.json`; raises `SignatureError` when it is not of the form it must have."""
    try:
        record = canonical_json.load(path)
    except canonical_json.DocumentError as problem:
        raise SignatureError(str(problem)) from problem
    fields = {"signature_version", "key_id", "algorithm", "manifest_sha256", "signature"}
    if not isinstance(record, dict) or set(record) != fields:
        raise SignatureError(f"{path.name} is no signature: it must have {', '.join(fields)}.")
    if record["signature_version"] != VERSION or record["algorithm"] != ALGORITHM:
        raise SignatureError(
            f"{path.name} is of version {record['signature_version']!r} and algorithm "
            f"{record['algorithm']!r}; only version {VERSION} and {ALGORITHM} are known."
        )
    return record


def check_manifest_signature(
    content: bytes, record: Mapping[str, Any], key_id: str, trusted: TrustedKeys
) -> bool:
    """Check `signature.json` (as read) against the bytes of a manifest that names `key_id`.

    Returns whether the signature itself could be checked: False when no key is trusted at all.
    Raises `SignatureError` when it is about other bytes, by another key than the manifest names,
    by a key that is not trusted, or wrong.
    """
    if record["key_id"] != key_id:
        raise SignatureError(
            f"the manifest names the key {key_id}, but the signature is by {record['key_id']}"
        )
    if record["manifest_sha256"] != hashlib.sha256(content).hexdigest():
        raise SignatureError("the signature is about another manifest than the one that is there")
    return check_signature(content, key_id, record["signature"], trusted)


def check_signature(
    content: bytes, key_id: object, signature: object, trusted: TrustedKeys
) -> bool:
    """Check a signature (base64 text) over some bytes; see `check_manifest_signature`."""
    if not isinstance(key_id, str) or not KEY_ID.fullmatch(key_id):
        raise SignatureError(f"{key_id!r} is no key id")
    try:
        raw = base64.b64decode(str(signature).encode("ascii"), validate=True)
    except (binascii.Error, ValueError) as problem:
        raise SignatureError("the signature is not base64 text") from problem
    if len(raw) != 64:
        raise SignatureError(f"the signature has {len(raw)} bytes instead of 64")
    if not trusted:
        return False
    if key_id not in trusted:
        raise SignatureError(
            f"it is signed by {key_id}, which is not trusted here ({', '.join(sorted(trusted))} is)"
        )
    if not trusted[key_id].check(content, raw):
        raise SignatureError(f"the signature is not that of {key_id} over these bytes")
    return True


def _read_pem(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MAXIMUM_PEM:
            raise SigningError(f"{path} is too large to be a key.")
        return path.read_bytes()
    except OSError as problem:
        raise SigningError(f"The key {path} cannot be opened: {problem.strerror}.") from problem


def _write_new(path: Path, content: bytes, mode: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _kind(key: object) -> str:
    return type(key).__name__.lstrip("_").removesuffix("PrivateKey").removesuffix("PublicKey")
