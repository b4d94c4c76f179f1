"""A releases folder made by somebody else: readers end with a sentence and follow nothing."""

from __future__ import annotations

import os

import pytest

from tests.warehouse.tampering import rewrite
from warehouse import canonical_json
from warehouse.manifest import ManifestError, read_manifest
from warehouse.registry import RegistryError, read_index, read_latest
from warehouse.releases import ReleaseError, latest_release
from warehouse.verify import verify, verify_all

FIRST = "2019.03.0"


@pytest.fixture
def release(published):
    return published / FIRST


def told(problems) -> str:
    return "\n".join(f"{p.link} {p.kind} {p.path}: {p.sentence}" for p in problems)


def test_a_folder_that_is_a_link_out_of_the_registry(published, release, tmp_path) -> None:
    release.rename(tmp_path / "elsewhere")
    release.symlink_to(tmp_path / "elsewhere")
    assert "There is no release folder" in told(verify(release))
    assert f"{FIRST} stands in index.json but has no folder" in told(verify_all(published))


def test_a_folder_of_tables_that_is_a_link(release, tmp_path) -> None:
    (release / "tables").rename(tmp_path / "tables")
    (release / "tables").symlink_to(tmp_path / "tables")
    text = told(verify(release))
    assert f"{FIRST}/tables is a link" in text
    assert f"{FIRST}/tables/gwp.parquet is missing" in text


@pytest.mark.parametrize("name", ["manifest.json", "build_info.json", "SHA256SUMS"])
def test_a_document_that_is_a_link(release, tmp_path, name) -> None:
    (release / name).rename(tmp_path / name)
    (release / name).symlink_to(tmp_path / name)
    assert f"{name} is a link" in told(verify(release))


def test_a_pipe_among_the_files_is_named_and_not_read(release) -> None:
    os.mkfifo(release / "tables" / "extra.parquet")
    assert "extra.parquet is no plain file" in told(verify(release))


@pytest.mark.parametrize(
    "path",
    [
        "../2019.11.0/x", "tables/../../x", "..", "/etc/passwd", "tables\\x", "tables/./x", "",
        "tables/x\n", "signature.json", "build_info.json", "SHA256SUMS", "tables/",
    ],
)  # fmt: skip
def test_a_path_that_may_not_stand_in_a_manifest(release, path) -> None:
    rewrite(release.parent, lambda content: content["files"][0].update(path=path))
    with pytest.raises(ManifestError, match="may not stand in a manifest"):
        read_manifest(release / "manifest.json")


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda c: c.update(previous_release={"release_id": "../x", "manifest_sha256": "0" * 64}),
         "no release that another could follow"),
        (lambda c: c.update(previous_release={"release_id": FIRST, "manifest_sha256": "0"}),
         "no release that another could follow"),
        (lambda c: c.update(release_month="2019-02"), "no release of the month"),
        (lambda c: c.update(signing_key_id="ed25519:me"), "no id of a signing key"),
        (lambda c: c.update(manifest_version=True), "manifest version True"),
        (lambda c: c.pop("signing_key_id"), "signing_key_id"),
        (lambda c: c["gate"].pop("waivers"), "waivers"),
        (lambda c: c["gate"].update(waivers=[{"check_id": "x"}]), "lacks reason"),
        (lambda c: c["tables"][0].update(contract_version="1"), "no version of a contract"),
        (lambda c: c["tables"][0].update(rows=-1), "number of rows"),
        (lambda c: c["tables"][0].update(content_hash="x"), "content hash"),
        (lambda c: c["tables"][0].update(path="tables/none.parquet"), "has no file"),
        (lambda c: c["tables"][0]["columns"][0].update(colour="red"), "colour"),
        (lambda c: c["files"][0].update(bytes=-1), "no sha256 or size"),
        (lambda c: c.update(files={}), "has no file"),
        (lambda c: c.update(tables=None), "not a manifest"),
    ],
)  # fmt: skip
def test_a_manifest_that_no_publisher_wrote(release, change, word) -> None:
    rewrite(release.parent, change)
    problems = verify(release)
    assert [(p.kind, p.link) for p in problems] == [("unreadable", "manifest")]
    assert word in problems[0].sentence


def test_a_huge_manifest_is_refused_before_it_is_read(release) -> None:
    with (release / "manifest.json").open("ab") as stream:
        stream.truncate(canonical_json.MAXIMUM_BYTES + 1)
    problems = verify(release)
    assert [problem.kind for problem in problems] == ["unreadable"]
    assert "more than the" in problems[0].sentence


@pytest.mark.parametrize("depth", [100_000])
def test_a_deeply_nested_manifest_is_a_sentence(release, depth) -> None:
    (release / "manifest.json").write_bytes(b"[" * depth + b"]" * depth)
    assert [problem.kind for problem in verify(release)] == ["unreadable"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "gb18030", "utf-8-sig"])
@pytest.mark.parametrize("name", ["manifest.json", "index.json", "latest.json"])
def test_a_document_in_another_encoding_is_a_sentence(published, name, encoding) -> None:
    path = published / (f"{FIRST}/{name}" if name == "manifest.json" else name)
    text = path.read_text(encoding="utf-8").replace("{", '{"\u7535\u529b": 1,', 1)
    path.write_bytes(text.encode(encoding))
    problems = verify_all(published)
    assert any(p.kind == "unreadable" and name in p.path for p in problems), told(problems)


@pytest.mark.parametrize("name", ["index.json", "latest.json"])
def test_a_key_that_stands_twice_is_no_document(published, name) -> None:
    path = published / name
    text = path.read_text(encoding="utf-8").replace(
        '"release_id":', '"release_id": "x", "release_id":'
    )
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RegistryError, match="stands twice"):
        (read_index if name == "index.json" else read_latest)(published)


@pytest.mark.parametrize(
    "changes",
    [
        {"release_id": "../../etc"}, {"previous_release": "../x"}, {"replacement": "/x"},
        {"state": "lost"}, {"manifest_sha256": "0"}, {"more": 1},
    ],
)  # fmt: skip
def test_an_index_that_no_publisher_wrote_is_not_followed(published, changes) -> None:
    path = published / "index.json"
    content = canonical_json.load(path)
    content["releases"][0].update(changes)
    path.write_bytes(canonical_json.dumps(content))
    with pytest.raises(RegistryError, match=r"index\.json cannot be understood"):
        read_index(published)
    assert "registry unreadable index.json" in told(verify_all(published))


def test_a_pointer_out_of_the_registry_is_not_followed(published) -> None:
    (published / "latest.json").write_bytes(
        canonical_json.dumps({"release_id": "../2019.03.0", "manifest_sha256": "0" * 64})
    )
    with pytest.raises(ReleaseError, match="is not a release id"):
        latest_release(published)


def test_a_release_and_a_registry_of_version_1_are_still_read(published) -> None:
    def as_version_1(content) -> None:
        content["manifest_version"] = 1
        del content["signing_key_id"], content["gate"]["waivers"]
        for table in content["tables"]:
            del table["contract_version"], table["columns"]

    rewrite(published, as_version_1)
    index = canonical_json.load(published / "index.json")
    index["index_version"] = 1
    for entry in index["releases"]:
        del entry["reason"], entry["replacement"]
    (published / "index.json").write_bytes(canonical_json.dumps(index))
    assert verify_all(published) == []
    manifest = read_manifest(published / FIRST / "manifest.json")
    assert (manifest.version, manifest.signing_key_id, manifest.waivers) == (1, None, ())
    assert manifest.as_bytes() == (published / FIRST / "manifest.json").read_bytes()


def test_a_manifest_gives_its_own_bytes_again(release) -> None:
    path = release / "manifest.json"
    assert read_manifest(path).as_bytes() == path.read_bytes()


def test_the_manifest_states_the_contract_of_every_column(release) -> None:
    tables = {table.name: table for table in read_manifest(release / "manifest.json").tables}
    column = next(c for c in tables["electricity_mix"].columns if c.name == "generation_mwh")
    assert (column.type, column.unit) == ("decimal128(38, 6)", "MWh")
    assert (column.description_en, column.description_zh) == ("The generation_mwh.", "列")
    assert {table.contract_version for table in tables.values()} == {"1.0.0"}
