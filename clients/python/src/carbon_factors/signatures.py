"""Public keys and the signatures made with them.

Belongs here: reading a public key, its id, and checking a signature over bytes. Does not belong
here: which signature a release must carry (`verification`). Nothing here signs.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from carbon_factors import strict_json
from carbon_factors.errors import DocumentError, KeyFileError, SignatureError

_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public Ed25519 key: its 32 raw bytes."""

    raw: bytes

    @property
    def key_id(self) -> str:
        """The key's id: `ed25519:` and the first 16 hexadecimal digits of its sha256.

        >>> PublicKey(bytes(32)).key_id
        'ed25519:66687aadf862bd77'
        """
        return "ed25519:" + hashlib.sha256(self.raw).hexdigest()[:16]

    @property
    def text(self) -> str:
        """The raw bytes as base64, as they stand in a lock file."""
        return base64.b64encode(self.raw).decode("ascii")

    def check(self, content: bytes, signature: bytes, what: str) -> None:
        """Raise `SignatureError` unless the signature is this key's over the content."""
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, content)
        except InvalidSignature:
            raise SignatureError(
                f"The signature of {what} was not made with the key {self.key_id} over these "
                "bytes. Do not use it; ask the publisher."
            ) from None


def read_public_key(path: str | Path) -> PublicKey:
    """Read a public key from a PEM file; raises `KeyFileError` for any other file or key."""
    file = Path(path)
    try:
        if file.stat().st_size > strict_json.SMALL_LIMIT:
            raise KeyFileError(f"{file} is too large to be a key.")
        content = file.read_bytes()
    except OSError as problem:
        raise KeyFileError(f"The key {file} cannot be read: {problem.strerror}.") from None
    return public_key_from_pem(content, str(file))


def public_key_from_pem(content: bytes, name: str) -> PublicKey:
    """Return the key that a PEM text holds; raises `KeyFileError`."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        PublicFormat,
        load_pem_public_key,
    )

    if b"PRIVATE KEY" in content:
        raise KeyFileError(
            f"{name} is a private key. A reader needs the public key alone: ask the publisher for "
            "it, and if this private key reached you by mistake, tell them."
        )
    try:
        key = load_pem_public_key(content)
    except (ValueError, UnsupportedAlgorithm):
        raise KeyFileError(f"{name} is not a public key in PEM.") from None
    if not isinstance(key, Ed25519PublicKey):
        raise KeyFileError(
            f"{name} is a key of the wrong type ({type(key).__name__}); Ed25519 is needed."
        )
    return PublicKey(key.public_bytes(Encoding.Raw, PublicFormat.Raw))


def public_key_from_text(value: str, name: str) -> PublicKey:
    """Return the key that a lock file holds as base64; raises `KeyFileError`."""
    try:
        raw = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != _KEY_BYTES:
        raise KeyFileError(f"The public key in {name} is not an Ed25519 key in base64.")
    return PublicKey(raw)


def check_manifest_signature(
    content: bytes, manifest_sha256: str, key_id: str, manifest: bytes, key: PublicKey | None
) -> None:
    """Check `signature.json` of a release against its manifest.

    `content` is the file's bytes, `key_id` the key that the manifest names. Without `key` only the
    form is checked: that the signature is of this key and of this manifest. Raises
    `SignatureError` or `DocumentError`.
    """
    what = "the release's manifest"
    record = strict_json.loads(content, "signature.json", strict_json.SMALL_LIMIT)
    try:
        version = strict_json.whole_number(record, "signature_version")
        algorithm = strict_json.text(record, "algorithm")
        signed_by = strict_json.text(record, "key_id")
        signed = strict_json.sha256(record, "manifest_sha256")
        signature = _signature_bytes(record)
        if version != 1 or algorithm != "ed25519":
            raise ValueError(f"version {version} of {algorithm!r} is not known to this client")
    except ValueError as problem:
        raise DocumentError(f"signature.json is not a signature: {problem}.") from None
    if signed_by != key_id:
        raise SignatureError(
            f"signature.json is of the key {signed_by}, but the manifest names the key {key_id}."
        )
    if signed != manifest_sha256:
        raise SignatureError("signature.json is the signature of another manifest.")
    if key is None:
        return
    if key.key_id != key_id:
        raise SignatureError(
            f"The release is signed with the key {key_id}, but {key.key_id} is the one that is "
            "trusted. Ask the publisher whether the key was changed."
        )
    key.check(manifest, signature, what)


def check_statement_signature(record: Mapping[str, Any], key: PublicKey, name: str) -> None:
    """Check the signature inside a statement on a release's state; raises `SignatureError`.

    The signature is over the statement's own canonical JSON without the signature.
    """
    try:
        signature = _signature_bytes(record)
    except ValueError as problem:
        raise SignatureError(f"{name}: {problem}.") from None
    rest = {field: value for field, value in record.items() if field != "signature"}
    key.check(strict_json.dumps(rest), signature, name)


def _signature_bytes(record: Any) -> bytes:
    try:
        return base64.b64decode(strict_json.text(record, "signature"), validate=True)
    except binascii.Error:
        raise ValueError("the signature is not base64") from None
