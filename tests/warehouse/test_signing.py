"""Keys are read with suspicion, and a signature holds for exactly the bytes that were signed."""

from __future__ import annotations

import stat

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from warehouse import signing
from warehouse.signing import (
    PublicKey,
    SignatureError,
    SigningError,
    SigningKey,
    check_manifest_signature,
    check_signature,
    load_public_key,
    load_signing_key,
    load_trusted_keys,
    new_key,
    signature_record,
)


def key_in_memory(seed: int = 1) -> SigningKey:
    private = ed25519.Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)
    return SigningKey(PublicKey(private.public_key().public_bytes_raw()), private)


KEY, OTHER = key_in_memory(1), key_in_memory(2)
TRUSTED = {KEY.key_id: KEY.public}


def private_pem(key, encryption=None) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())


def written(path, content: bytes, mode: int = 0o600):
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_a_new_key_signs_and_its_public_half_verifies(tmp_path) -> None:
    public, beside = new_key(tmp_path / "keys" / "release.pem")
    key = load_signing_key(tmp_path / "keys" / "release.pem")
    assert key.public == public == load_public_key(beside)
    assert stat.S_IMODE((tmp_path / "keys" / "release.pem").stat().st_mode) == 0o600
    assert signing.KEY_ID.fullmatch(public.key_id)
    assert check_signature(b"x", key.key_id, key.sign(b"x"), {public.key_id: public})
    assert "Ed25519PrivateKey" not in repr(key), "a private key is never shown"


def test_the_key_id_is_of_the_raw_public_key() -> None:
    import hashlib

    digest = hashlib.sha256(KEY.public.raw).hexdigest()
    assert KEY.key_id == f"ed25519:{digest[:16]}"


@pytest.mark.parametrize("name", ["release.pem", "release.pub.pem"])
def test_a_key_is_never_written_over(tmp_path, name) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(SigningError, match="never written over"):
        new_key(tmp_path / "release.pem")
    assert (tmp_path / name).read_text() == "mine"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_that_others_may_read_is_refused(tmp_path, mode) -> None:
    path = written(tmp_path / "k.pem", private_pem(ed25519.Ed25519PrivateKey.generate()), mode)
    with pytest.raises(SigningError, match="may be read by others"):
        load_signing_key(path)


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda: rsa.generate_private_key(65537, 2048), "RSA"),
        (lambda: ec.generate_private_key(ec.SECP256R1()), "EllipticCurve|EC"),
        (x25519.X25519PrivateKey.generate, "X25519"),
    ],
)
def test_a_key_of_the_wrong_kind_is_refused_on_both_sides(tmp_path, make, kind) -> None:
    key = make()
    with pytest.raises(SigningError, match=kind):
        load_signing_key(written(tmp_path / "k.pem", private_pem(key)))
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(SigningError, match=kind):
        load_public_key(written(tmp_path / "k.pub", public))


def test_an_encrypted_key_is_refused_because_nobody_types_its_password(tmp_path) -> None:
    pem = private_pem(ed25519.Ed25519PrivateKey.generate(), BestAvailableEncryption(b"secret"))
    with pytest.raises(SigningError, match="is encrypted"):
        load_signing_key(written(tmp_path / "k.pem", pem))


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"ssh-ed25519 AAAA", b"-----BEGIN PRIVATE KEY-----\nAAAA\n"]
)
def test_what_is_no_key_is_a_sentence(tmp_path, content) -> None:
    path = written(tmp_path / "k.pem", content)
    with pytest.raises(SigningError, match=r"k\.pem"):
        load_signing_key(path)
    with pytest.raises(SigningError, match=r"k\.pem"):
        load_public_key(path)


def test_a_public_key_does_not_sign_and_a_private_one_is_not_trusted(tmp_path) -> None:
    _, beside = new_key(tmp_path / "k.pem")
    beside.chmod(0o600)
    with pytest.raises(SigningError, match="no private key"):
        load_signing_key(beside)
    with pytest.raises(SigningError, match="is a private key"):
        load_public_key(tmp_path / "k.pem")


def test_missing_and_huge_key_files_are_sentences(tmp_path) -> None:
    with pytest.raises(SigningError, match="cannot be opened"):
        load_signing_key(tmp_path / "none.pem")
    with pytest.raises(SigningError, match="too large"):
        load_public_key(written(tmp_path / "big.pem", b"x" * 70_000))


def test_trusted_keys_come_from_files_and_folders(tmp_path) -> None:
    keys = [new_key(tmp_path / f"{name}.pem") for name in ("a", "b")]
    folder = tmp_path / "trusted"
    folder.mkdir()
    keys[0][1].rename(folder / "a.pub")
    (folder / "README.txt").write_text("not a key")
    assert load_trusted_keys([folder, keys[1][1]]) == {key.key_id: key for key, _ in keys}


def test_a_folder_of_trusted_keys_without_a_key_is_refused(tmp_path) -> None:
    with pytest.raises(SigningError, match="holds no key"):
        load_trusted_keys([tmp_path])


@given(st.binary(max_size=200), st.integers(0, 10_000), st.integers(0, 7))
def test_one_flipped_bit_breaks_the_signature(content, place, bit) -> None:
    content = content + b"\n"
    signature = KEY.sign(content)
    assert check_signature(content, KEY.key_id, signature, TRUSTED)
    changed = bytearray(content)
    changed[place % len(changed)] ^= 1 << bit
    with pytest.raises(SignatureError, match="is not that of"):
        check_signature(bytes(changed), KEY.key_id, signature, TRUSTED)


def test_signing_twice_gives_the_same_signature() -> None:
    assert signature_record(b"{}\n", KEY) == signature_record(b"{}\n", KEY)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda r: r.update(key_id=OTHER.key_id), "the manifest names the key"),
        (lambda r: r.update(manifest_sha256="0" * 64), "about another manifest"),
        (lambda r: r.update(signature=OTHER.sign(b"{}\n")), "is not that of"),
        (lambda r: r.update(signature="AAAA"), "3 bytes instead of 64"),
        (lambda r: r.update(signature="no base64!"), "not base64"),
        (lambda r: r.update(signature=None), "not base64|instead of 64"),
        (lambda r: r.update(signature="密钥"), "not base64"),
    ],
)
def test_a_signature_that_was_changed_does_not_hold(change, word) -> None:
    record = signature_record(b"{}\n", KEY)
    change(record)
    with pytest.raises(SignatureError, match=word):
        check_manifest_signature(b"{}\n", record, KEY.key_id, TRUSTED)


def test_a_stranger_s_signature_is_not_trusted() -> None:
    record = signature_record(b"{}\n", OTHER)
    with pytest.raises(SignatureError, match="which is not trusted here"):
        check_manifest_signature(b"{}\n", record, OTHER.key_id, TRUSTED)


def test_without_trusted_keys_nothing_is_proved_and_that_is_said() -> None:
    assert not check_manifest_signature(b"{}\n", signature_record(b"{}\n", KEY), KEY.key_id, {})
