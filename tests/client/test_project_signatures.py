"""What the project signs, the client accepts: both sides of the format, without a pipeline run."""

from __future__ import annotations

import dataclasses

import carbon_factors as cf
import pytest

from tests.client.release_builder import canonical

signing = pytest.importorskip("warehouse.signing")
states = pytest.importorskip("warehouse.states")


@pytest.fixture
def project_key(tmp_path):
    """A key that the project made, and its public half."""
    public, _ = signing.new_key(tmp_path / "project.pem")
    return signing.load_signing_key(tmp_path / "project.pem"), public


def test_a_signature_and_a_statement_of_the_project_are_valid(unsigned, project_key, tmp_path):
    key, public = project_key
    folder = unsigned.folder / "2023.12.0"
    unsigned.rewrite("2023.12.0", {"signing_key_id": key.key_id})
    record = signing.signature_record((folder / "manifest.json").read_bytes(), key)
    (folder / "signature.json").write_bytes(canonical(record))
    (tmp_path / "public.pem").write_bytes(public.as_pem())
    lock = cf.pin(unsigned.folder, "2023.12.0", public_key=tmp_path / "public.pem")
    assert lock.key_id == public.key_id
    release = cf.open_pinned()
    assert release.signature == "valid"
    cf.verify(release)

    statement = states.Statement(
        "2023.12.0",
        lock.manifest_sha256,
        "superseded",
        "a better input",
        "2024.01.0",
        "someone",
        "2024-03-01",
        key.key_id,
    )
    statement = dataclasses.replace(statement, signature=key.sign(statement.signed_bytes()))
    path = unsigned.folder / "states" / "2023.12.0.json"
    path.parent.mkdir()
    path.write_bytes(statement.as_bytes())
    release = cf.open_pinned()
    assert (release.state, release.notices) == ("superseded", [])
    path.write_bytes(dataclasses.replace(statement, reason="another").as_bytes())
    with pytest.raises(cf.SignatureError, match="states/2023"):
        cf.open_pinned()
