"""Documents that must not be believed: manifests, indexes and keys, ill-formed or hostile."""

from __future__ import annotations

import json

import carbon_factors as cf
import pytest
from carbon_factors import strict_json
from carbon_factors.cli import main
from carbon_factors.manifest import is_plain_path, read_manifest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.client.release_builder import canonical


def with_path(record: dict, path: object) -> dict:
    record["tables"][0]["path"] = path
    record["files"].append({"path": path, "bytes": 1, "sha256": "0" * 64})
    return record


@pytest.mark.parametrize(
    "path",
    [
        "../region.parquet",
        "tables/../../region.parquet",
        "/etc/passwd",
        "tables\\region.parquet",
        "C:/region.parquet",
        "tables//region.parquet",
        "tables/./region.parquet",
        "tables/",
        "",
        ".",
        "..",
        "tables/region\n.parquet",
        "tables/region\0.parquet",
        "tables/region.parquet ",
        "manifest.json",
        "signature.json",
        "snapshot.duckdb",
        "a" * 401,
        7,
        None,
    ],
)
def test_a_path_that_may_not_stand_in_a_manifest(unsigned, path):
    folder = unsigned.folder / "2023.12.0"
    record = with_path(json.loads((folder / "manifest.json").read_bytes()), path)
    (folder / "manifest.json").write_bytes(canonical(record))
    with pytest.raises(cf.DocumentError, match="is not a manifest of a release"):
        read_manifest((folder / "manifest.json").read_bytes())


@given(st.text(max_size=30))
def test_a_plain_path_never_leaves_its_folder(path):
    import posixpath

    if is_plain_path(path):
        assert posixpath.normpath(posixpath.join("/base", path)) == f"/base/{path}"


def listed_twice(record: dict) -> None:
    record["files"].append(dict(record["files"][0]))


def differ_in_case_only(record: dict) -> None:
    record["files"].append(record["files"][0] | {"path": record["files"][0]["path"].upper()})


def table_without_file(record: dict) -> None:
    record["tables"][0]["path"] = "tables/none.parquet"


def too_many_files(record: dict) -> None:
    record["files"] += [
        {"path": f"files/{number}", "bytes": 1, "sha256": "0" * 64} for number in range(10_001)
    ]


def negative_size(record: dict) -> None:
    record["files"][0]["bytes"] = -1


def size_as_text(record: dict) -> None:
    record["files"][0]["bytes"] = "12"


def hash_in_capitals(record: dict) -> None:
    record["files"][0]["sha256"] = "A" * 64


def unknown_version(record: dict) -> None:
    record["manifest_version"] = 3


def version_as_truth(record: dict) -> None:
    record["manifest_version"] = True


def no_tables(record: dict) -> None:
    del record["tables"]


def files_are_no_list(record: dict) -> None:
    record["files"] = {"path": "a"}


def id_with_a_way_out(record: dict) -> None:
    record["release_id"] = "../2023.12.0"


@pytest.mark.parametrize(
    "spoil",
    [
        listed_twice,
        differ_in_case_only,
        table_without_file,
        too_many_files,
        negative_size,
        size_as_text,
        hash_in_capitals,
        unknown_version,
        version_as_truth,
        no_tables,
        files_are_no_list,
        id_with_a_way_out,
    ],
)
def test_an_ill_formed_manifest(unsigned, spoil, capsys):
    folder = unsigned.folder / "2023.12.0"
    record = json.loads((folder / "manifest.json").read_bytes())
    spoil(record)
    content = canonical(record)
    (folder / "manifest.json").write_bytes(content)
    unsigned.entries[-1]["manifest_sha256"] = strict_sha256(content)
    unsigned.write_index()
    with pytest.raises(cf.DocumentError, match="is not a manifest of a release"):
        cf.open_release(unsigned.folder)
    assert main(["show", str(unsigned.folder)]) == 19
    assert "Traceback" not in capsys.readouterr().err


def strict_sha256(content: bytes) -> str:
    import hashlib

    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b'{"a": 1, "a": 1}', "stands twice"),
        (b'{"a": {"b": 1, "b": 2}}', "stands twice"),
        (b'{"a": NaN}', "not JSON"),
        (b'{"a": -Infinity}', "not JSON"),
        (b"\xef\xbb\xbf{}", "not readable"),
        ('{"a": "中"}'.encode("gb18030"), "not readable"),
        ('{"a": 1}'.encode("utf-16"), "not readable"),
        (b"[" * 200_000, "not readable"),
        (b'{"a": 1' + b"0" * 10_000 + b"}", "not readable"),
        (b"", "not readable"),
    ],
)
def test_json_that_is_refused(content, sentence):
    with pytest.raises(cf.DocumentError, match=sentence):
        strict_json.loads(content, "it", strict_json.MANIFEST_LIMIT)


def test_a_huge_manifest_is_refused_before_it_is_read(unsigned, monkeypatch):
    path = unsigned.folder / "2023.12.0" / "manifest.json"
    with path.open("r+b") as stream:
        stream.truncate(1 << 40)  # a sparse file: nobody could read it
    with pytest.raises(cf.DocumentError, match="more than the"):
        cf.open_release(unsigned.folder)


def test_a_manifest_of_another_release(unsigned):
    content = (unsigned.folder / "2023.11.0" / "manifest.json").read_bytes()
    (unsigned.folder / "2023.12.0" / "manifest.json").write_bytes(content)
    unsigned.entries[-1]["manifest_sha256"] = strict_sha256(content)
    unsigned.write_index()
    with pytest.raises(cf.ChangedFileError, match="holds the manifest of release"):
        cf.open_release(unsigned.folder)


@pytest.mark.parametrize(
    "index",
    [
        {"index_version": 3, "releases": []},
        {"index_version": 2, "releases": [None]},
        {"index_version": 2, "releases": [{"release_id": "2023.12.0"}]},
        {"releases": []},
        [],
    ],
)
def test_an_ill_formed_index(unsigned, index):
    (unsigned.folder / "index.json").write_bytes(canonical(index))
    with pytest.raises(cf.DocumentError, match="is not a registry of releases"):
        cf.list_releases(unsigned.folder)


@pytest.mark.parametrize(
    "change",
    [
        {"state": "published!"},
        {"release_id": "2023.11.0"},
        {"state_version": 9},
        {"manifest_sha256": None},
    ],
)
def test_an_ill_formed_statement(unsigned, change):
    path = unsigned.state("2023.12.0", "superseded")
    path.write_bytes(canonical(json.loads(path.read_bytes()) | change))
    with pytest.raises(cf.DocumentError, match="is not a statement"):
        cf.open_release(unsigned.folder)


def test_a_statement_on_another_manifest(unsigned):
    path = unsigned.state("2023.12.0", "superseded")
    path.write_bytes(canonical(json.loads(path.read_bytes()) | {"manifest_sha256": "0" * 64}))
    with pytest.raises(cf.ChangedFileError, match="another manifest"):
        cf.open_release(unsigned.folder)


def test_a_manifest_of_version_1_is_read(tmp_path):
    from tests.client.release_builder import Publisher

    old = Publisher(tmp_path / "old", version=1)
    old.publish("2023.12.0", channel="demo")
    cf.pin(old.folder)
    release = cf.open_pinned()
    cf.verify(release)
    assert (release.channel, release.signature, release.table("region").columns) == (
        "demo",
        "unsigned",
        (),
    )
    assert release.factor("CN", "consumption_mix", "2022").match.is_exact


def pem(key: object) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


KEYS = {
    "rsa": lambda: pem(rsa.generate_private_key(65537, 2048)),
    "elliptic": lambda: pem(ec.generate_private_key(ec.SECP256R1())),
    "private": lambda: Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    ),
    "text": lambda: b"a key",
    "empty": lambda: b"",
    "huge": lambda: b"x" * 100_000,
}


@pytest.mark.parametrize("kind", KEYS)
def test_a_key_of_the_wrong_type(signed, tmp_path, kind, capsys):
    path = tmp_path / "key.pem"
    path.write_bytes(KEYS[kind]())
    with pytest.raises(cf.KeyFileError):
        cf.open_release(signed.folder, public_key=path)
    assert main(["pin", str(signed.folder), "--public-key", str(path)]) == 21
    assert str(path) in capsys.readouterr().err


def test_a_key_that_is_not_there(signed):
    with pytest.raises(cf.KeyFileError, match="cannot be read"):
        cf.open_release(signed.folder, public_key="nowhere.pem")


def test_a_password_in_a_location_would_end_up_in_a_lock_file():
    with pytest.raises(cf.CarbonFactorsError, match="name or password"):
        cf.open_registry("https://user:secret@factors.example/releases")
