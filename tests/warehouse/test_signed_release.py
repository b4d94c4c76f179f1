"""A signed release proves who stands behind it; a signature also vouches for what came before."""

from __future__ import annotations

import json

import pytest

from tests.warehouse.tampering import rewrite, writable
from warehouse import canonical_json, files
from warehouse.manifest import read_manifest
from warehouse.signing import signature_record
from warehouse.trust import standing
from warehouse.verify import verify, verify_all

pytestmark = pytest.mark.slow

FIRST = "2019.03.0"


@pytest.fixture
def trusted(keys):
    return {keys["publisher"].key_id: keys["publisher"].public}


def told(problems) -> str:
    return "\n".join(f"{p.link} {p.kind} {p.path}: {p.sentence}" for p in problems)


def test_a_signed_release_verifies_and_says_who_signed(signed, keys, trusted) -> None:
    assert verify_all(signed, trusted) == []
    manifest = read_manifest(signed / FIRST / "manifest.json")
    assert manifest.signing_key_id == keys["publisher"].key_id
    assert "(checked)" in standing(signed / FIRST, manifest, trusted)
    assert "not checked" in standing(signed / FIRST, manifest, {})
    sums = (signed / FIRST / "SHA256SUMS").read_text()
    assert "signature.json" not in sums, "the signature stands outside the record"


def test_without_a_key_a_release_is_plainly_unsigned(published) -> None:
    manifest = read_manifest(published / FIRST / "manifest.json")
    assert manifest.signing_key_id is None
    assert not (published / FIRST / "signature.json").exists()
    assert standing(published / FIRST, manifest, {}) == "unsigned"
    assert verify_all(published) == []


def test_the_record_of_a_signed_release_is_the_same_bytes_twice(
    signed, template, keys, proof_skipped, publish_it, tmp_path
) -> None:
    again = publish_it(template, tmp_path / "again", signing_key=keys["publisher"])
    for name in ("manifest.json", "signature.json", "SHA256SUMS"):
        assert (signed / FIRST / name).read_bytes() == (again.folder / name).read_bytes()
    files.make_removable(tmp_path / "again")


def test_a_signature_taken_away_is_missed(signed, trusted) -> None:
    (signed / FIRST / "signature.json").unlink()
    assert "missing 2019.03.0/signature.json" in told(verify_all(signed, trusted))


def test_an_edited_manifest_with_sums_and_registry_to_match_is_not_signed(signed, trusted) -> None:
    folder = signed / FIRST
    rewrite(signed, lambda content: content.update(code_version="other"))
    assert [p.link for p in verify(folder)] == ["signature"], "even without a trusted key"
    assert "about another manifest" in told(verify_all(signed, trusted))
    record = json.loads((folder / "signature.json").read_text())
    record["manifest_sha256"] = files.sha256_of(folder / "manifest.json")
    (folder / "signature.json").write_bytes(canonical_json.dumps(record))
    assert "is not that of" in told(verify_all(signed, trusted))


def test_a_signature_stripped_with_its_mention_is_found_by_who_trusts_keys(signed, trusted) -> None:
    rewrite(signed, lambda content: content.update(signing_key_id=None))
    (signed / FIRST / "signature.json").unlink()
    assert verify_all(signed) == [], "plainly unsigned: nothing else can be said without keys"
    assert "nobody vouches for it" in told(verify_all(signed, trusted))


def test_a_release_signed_again_by_a_stranger_is_not_trusted(signed, keys, trusted) -> None:
    rewrite(signed, lambda content: content.update(signing_key_id=keys["stranger"].key_id))
    folder = signed / FIRST
    record = signature_record((folder / "manifest.json").read_bytes(), keys["stranger"])
    (folder / "signature.json").write_bytes(canonical_json.dumps(record))
    problems = verify_all(signed, trusted)
    assert [problem.link for problem in problems] == ["signature"]
    assert "not trusted here" in problems[0].sentence


@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b"{}", b'{"key_id": 1, "key_id": 2}'])
def test_a_signature_that_is_no_document_is_named(signed, content) -> None:
    (signed / FIRST / "signature.json").write_bytes(content)
    problems = verify(signed / FIRST)
    assert [problem.link for problem in problems] == ["signature"]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"signature_version": 2}, "version 2"),
        ({"algorithm": "none"}, "algorithm 'none'"),
        ({"more": True}, "is no signature"),
    ],
)
def test_a_signature_of_an_unknown_form_is_named(signed, change, word) -> None:
    path = signed / FIRST / "signature.json"
    path.write_bytes(canonical_json.dumps({**json.loads(path.read_text()), **change}))
    assert word in told(verify(signed / FIRST))


def test_a_signed_release_vouches_for_the_unsigned_ones_before_it(
    template, published, keys, trusted, proof_skipped, publish_it
) -> None:
    assert "nobody vouches for it" in told(verify_all(published, trusted))
    publish_it(template, published, parameters={"try": 1}, signing_key=keys["publisher"])
    assert verify_all(published, trusted) == []
    assert verify(published / FIRST, trusted) == []
    publish_it(template, published, parameters={"try": 2})
    text = told(verify_all(published, trusted))
    assert "Release 2019.03.2 is unsigned" in text and text.count("unsigned") == 1


def test_a_change_behind_a_signature_breaks_the_chain(
    template, signed, keys, trusted, proof_skipped, publish_it
) -> None:
    publish_it(template, signed, parameters={"try": 1}, signing_key=keys["publisher"])
    writable(signed)
    rewrite(signed, lambda content: content.update(signing_key_id=None))
    (signed / FIRST / "signature.json").unlink()
    text = told(verify_all(signed, trusted))
    assert "chain chain 2019.03.1/manifest.json: The chain breaks between 2019.03.0" in text
    assert "Release 2019.03.0 is unsigned" in text


def test_nothing_is_published_upon_a_forged_signature(
    template, signed, keys, proof_skipped, publish_it
) -> None:
    from warehouse.errors import PublishRefused

    path = signed / FIRST / "signature.json"
    record = json.loads(path.read_text())
    record["signature"] = keys["stranger"].sign((signed / FIRST / "manifest.json").read_bytes())
    path.write_bytes(canonical_json.dumps(record))
    with pytest.raises(PublishRefused, match=r"signature of release 2019\.03\.0 does not hold"):
        publish_it(template, signed, parameters={"try": 1}, signing_key=keys["publisher"])
