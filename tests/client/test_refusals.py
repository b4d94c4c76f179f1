"""One drill for each way in which a release can be other than what was published.

Every drill goes through the library and through the command line, in the same process: the error's
class and the exit code are both promises.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import carbon_factors as cf
import pytest
from carbon_factors.cli import main
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.client.release_builder import Publisher, canonical

TABLE = "tables/region.parquet"


@pytest.fixture
def pinned(signed, public_key) -> Publisher:
    """The signed registry, with its newest release pinned in the working folder."""
    cf.pin(signed.folder, public_key=public_key)
    return signed


def refused(error: type[cf.CarbonFactorsError], capsys, named: str) -> None:
    """Verify the pin by library and by command line; both must end the same way."""
    with pytest.raises(error, match=named):
        cf.verify(cf.open_pinned())
    capsys.readouterr()
    assert main(["verify"]) == error.exit_code
    assert named in capsys.readouterr().err


def test_an_untouched_release_verifies(pinned, capsys):
    cf.verify(cf.open_pinned())
    assert cf.open_pinned().signature == "valid"
    assert main(["verify"]) == 0
    assert "4 files verified" in capsys.readouterr().out
    assert main(["verify", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["verified"], said["problems"], said["signature"]) == (True, [], "valid")


@pytest.mark.parametrize("path", [TABLE, "tables/electricity_factor.parquet", "gate_report.json"])
@pytest.mark.parametrize("place", [0, 17, -1])
def test_one_byte_of_a_file_is_changed(pinned, capsys, path, place):
    file = pinned.folder / "2023.12.0" / path
    content = bytearray(file.read_bytes())
    content[place] ^= 1
    file.write_bytes(content)
    refused(cf.ChangedFileError, capsys, path)


def test_a_changed_table_is_refused_by_every_way_of_loading_it(pinned, capsys):
    file = pinned.folder / "2023.12.0" / "tables" / "electricity_factor.parquet"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    release = cf.open_pinned()
    for load in (release.arrow, release.polars, release.pandas, release.duckdb, release.path):
        with pytest.raises(cf.ChangedFileError, match="tables/electricity_factor"):
            load("electricity_factor")
    with pytest.raises(cf.ChangedFileError, match="tables/electricity_factor"):
        release.factor("CN", "consumption_mix", "2022")
    assert main(["get", "CN", "consumption_mix", "2022"]) == 11
    assert main(["load", "electricity_factor", "--to", "out.csv"]) == 11
    assert not Path("out.csv").exists()
    assert release.arrow("region").num_rows == 5  # the other tables are what they were


@pytest.mark.parametrize("change", [b"", b" ", b"x" * 10])
def test_a_file_is_cut_short_or_grows(pinned, capsys, change):
    file = pinned.folder / "2023.12.0" / TABLE
    file.write_bytes(file.read_bytes() + change if change else file.read_bytes()[:-1])
    refused(cf.ChangedFileError, capsys, TABLE)


def test_the_manifest_is_changed(pinned, capsys):
    file = pinned.folder / "2023.12.0" / "manifest.json"
    file.write_bytes(file.read_bytes().replace(b"stable", b"silver"))
    refused(cf.ChangedFileError, capsys, "manifest.json")


def test_the_manifest_and_the_index_are_changed_together(pinned, capsys):
    pinned.rewrite("2023.12.0", {"code_version": "9"})
    refused(cf.ChangedFileError, capsys, "names another manifest")


def test_the_release_before_is_replaced_by_another(pinned, capsys):
    last = pinned.entries[-1]
    pinned.rewrite("2023.11.0", {"code_version": "9"})
    pinned.entries = [pinned.entries[-1], last]
    pinned.write_index()
    with pytest.raises(cf.ChangedFileError, match="The chain breaks between"):
        cf.open_release(pinned.folder)
    assert main(["verify"]) == 18  # the first release tells registries apart


def test_the_sums_are_changed(pinned, capsys):
    file = pinned.folder / "2023.12.0" / "SHA256SUMS"
    file.write_bytes(file.read_bytes().replace(b"0", b"1", 1))
    refused(cf.ChangedFileError, capsys, "SHA256SUMS")


@pytest.mark.parametrize("path", [TABLE, "gate_report.json", "SHA256SUMS"])
def test_a_file_is_missing(pinned, capsys, path):
    (pinned.folder / "2023.12.0" / path).unlink()
    refused(cf.MissingFileError, capsys, path)


@pytest.mark.parametrize("path", ["tables/more.parquet", "note.txt", ".hidden", "tables/a/b/c"])
def test_a_file_is_too_many(pinned, capsys, path):
    file = pinned.folder / "2023.12.0" / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"x")
    refused(cf.ExtraFileError, capsys, path)


def test_a_table_is_a_link_to_the_same_bytes_elsewhere(pinned, capsys, tmp_path):
    file = pinned.folder / "2023.12.0" / TABLE
    shutil.move(file, tmp_path / "elsewhere.parquet")
    file.symlink_to(tmp_path / "elsewhere.parquet")
    refused(cf.ExtraFileError, capsys, "tables/region.parquet")


def test_the_folder_of_tables_is_a_link(pinned, capsys, tmp_path):
    folder = pinned.folder / "2023.12.0" / "tables"
    shutil.move(folder, tmp_path / "elsewhere")
    folder.symlink_to(tmp_path / "elsewhere")
    refused(cf.ExtraFileError, capsys, "tables")


def test_a_link_that_leads_out_of_the_release(pinned, capsys, tmp_path):
    (pinned.folder / "2023.12.0" / "tables" / "out").symlink_to(tmp_path)
    refused(cf.ExtraFileError, capsys, "tables/out")


def test_a_table_is_a_pipe_that_would_never_end(pinned, capsys):
    file = pinned.folder / "2023.12.0" / TABLE
    file.unlink()
    os.mkfifo(file)
    refused(cf.ExtraFileError, capsys, "not a plain file")


def test_several_things_are_wrong_and_all_are_named(pinned, capsys):
    folder = pinned.folder / "2023.12.0"
    (folder / "gate_report.json").unlink()
    (folder / "note.txt").write_text("x")
    (folder / TABLE).write_bytes(b"x")
    problems = cf.problems_of(cf.open_pinned())
    kinds = [type(problem) for problem in problems]
    assert kinds == [cf.ExtraFileError, cf.MissingFileError, cf.ChangedFileError]
    assert main(["verify"]) == 13
    said = capsys.readouterr().err
    assert all(name in said for name in ("note.txt", "gate_report.json", TABLE))


def test_the_signature_is_stripped(pinned, capsys):
    (pinned.folder / "2023.12.0" / "signature.json").unlink()
    refused(cf.StrippedSignatureError, capsys, "signature.json is missing")


def test_the_signature_is_stripped_and_nobody_has_a_key(signed):
    (signed.folder / "2023.12.0" / "signature.json").unlink()
    with pytest.raises(cf.StrippedSignatureError):
        cf.open_release(signed.folder)


def sign_with(key: Ed25519PrivateKey, keep_id: bool) -> Callable[[Publisher], None]:
    def act(publisher: Publisher) -> None:
        folder = publisher.folder / "2023.12.0"
        forger = Publisher(publisher.folder, key)
        record = forger.signature((folder / "manifest.json").read_bytes())
        if keep_id:
            record["key_id"] = publisher.key_id
        (folder / "signature.json").write_bytes(canonical(record))

    return act


def of_another_release(publisher: Publisher) -> None:
    shutil.copy(
        publisher.folder / "2023.11.0" / "signature.json",
        publisher.folder / "2023.12.0" / "signature.json",
    )


def of_another_release_relabelled(publisher: Publisher) -> None:
    old = json.loads((publisher.folder / "2023.11.0" / "signature.json").read_bytes())
    file = publisher.folder / "2023.12.0" / "signature.json"
    new = json.loads(file.read_bytes())
    file.write_bytes(canonical(new | {"signature": old["signature"]}))


FORGER = Ed25519PrivateKey.from_private_bytes(b"f" * 32)


@pytest.mark.parametrize(
    ("forge", "sentence"),
    [
        (sign_with(FORGER, keep_id=False), "but the manifest names the key"),
        (sign_with(FORGER, keep_id=True), "was not made with the key"),
        (of_another_release, "signature of another manifest"),
        (of_another_release_relabelled, "was not made with the key"),
    ],
)
def test_the_signature_is_wrong(pinned, capsys, forge, sentence):
    forge(pinned)
    refused(cf.SignatureError, capsys, sentence)


@pytest.mark.parametrize(
    "change",
    [
        {"signature": "not base64!"},
        {"algorithm": "none"},
        {"signature_version": 2},
        {"manifest_sha256": 1},
        {"signature": ""},
    ],
)
def test_the_signature_is_no_signature(pinned, change):
    file = pinned.folder / "2023.12.0" / "signature.json"
    file.write_bytes(canonical(json.loads(file.read_bytes()) | change))
    with pytest.raises(cf.VerificationError) as caught:
        cf.open_pinned()
    assert type(caught.value) in {cf.DocumentError, cf.SignatureError}


def test_a_forger_publishes_everything_anew_under_his_own_key(signed, public_key, tmp_path):
    forger = Publisher(tmp_path / "forged", FORGER)
    forger.publish("2023.11.0")
    forger.publish("2023.12.0")
    with pytest.raises(cf.SignatureError, match="is the one that is trusted"):
        cf.open_release(forger.folder, public_key=public_key)


def test_an_unsigned_release_where_a_signature_is_expected(unsigned, public_key):
    with pytest.raises(cf.StrippedSignatureError, match="names no signing key"):
        cf.open_release(unsigned.folder, public_key=public_key)


def test_a_signed_release_is_not_pinned_without_its_key_by_accident(signed):
    with pytest.raises(cf.StrippedSignatureError, match="--public-key"):
        cf.pin(signed.folder)
    assert not Path("carbon-factors.lock").exists()
    lock = cf.pin(signed.folder, without_key=True)
    assert (lock.key, lock.key_id) == (None, signed.key_id)
    assert cf.open_pinned().signature == "not checked"


def test_the_registry_is_set_back_behind_the_pin(pinned, capsys):
    shutil.rmtree(pinned.folder / "2023.12.0")
    pinned.entries.pop()
    pinned.write_index()
    refused(cf.DowngradeError, capsys, "was set back")


def test_the_pinned_release_has_vanished_from_a_registry_that_goes_on(pinned, capsys):
    pinned.entries.pop()
    pinned.publish("2024.01.0")
    refused(cf.DowngradeError, capsys, "is not in")


def test_a_pin_does_not_move_back_unasked(pinned, public_key, capsys):
    with pytest.raises(cf.DowngradeError, match="--allow-downgrade"):
        cf.pin(pinned.folder, "2023.11.0")
    assert cf.read_lock().release_id == "2023.12.0"
    assert main(["pin", "--release", "2023.11.0"]) == 16
    assert main(["pin", "--release", "2023.11.0", "--allow-downgrade"]) == 0
    assert cf.read_lock().release_id == "2023.11.0"
    assert main(["pin"]) == 0
    assert cf.read_lock().release_id == "2023.12.0"
    assert "signed by ed25519:" in capsys.readouterr().out


def test_the_pinned_release_is_withdrawn(pinned, capsys):
    pinned.state("2023.12.0", "withdrawn", "a wrong unit", "2023.11.0")
    refused(cf.WithdrawnError, capsys, "a wrong unit. Use 2023.11.0 instead")
    release = cf.open_pinned(allow_withdrawn=True)
    assert (release.state, release.info.replacement) == ("withdrawn", "2023.11.0")
    assert main(["verify", "--allow-withdrawn"]) == 0
    with pytest.raises(cf.WithdrawnError):
        cf.pin(pinned.folder, "2023.12.0")
    assert cf.open_release(pinned.folder).release_id == "2023.11.0"


def test_a_withdrawal_counts_even_if_the_index_does_not_know_it(pinned):
    pinned.state("2023.12.0", "withdrawn", in_index=False)
    with pytest.raises(cf.WithdrawnError):
        cf.open_pinned()


def test_a_statement_with_a_forged_signature(pinned, capsys):
    path = pinned.state("2023.12.0", "superseded")
    record = json.loads(path.read_bytes())
    path.write_bytes(canonical(record | {"reason": "another"}))
    refused(cf.SignatureError, capsys, "states/2023.12.0.json")


def test_a_superseded_release_opens_and_says_so(pinned):
    pinned.state("2023.12.0", "superseded", "a better input", "2024.01.0")
    release = cf.open_pinned()
    assert (release.state, release.info.reason) == ("superseded", "a better input")
    assert release.notices == []


def test_a_statement_of_an_unknown_hand_is_heeded_and_noted(pinned):
    pinned.key, key = FORGER, pinned.key
    pinned.state("2023.12.0", "superseded", in_index=False)
    pinned.key = key
    release = cf.open_pinned()
    assert release.state == "superseded"
    assert "is not signed with the trusted key" in release.notices[0]


def test_the_lock_is_of_another_registry(pinned, tmp_path, key, capsys):
    other = Publisher(tmp_path / "other", key, name="b")
    other.publish("2023.11.0")
    other.publish("2023.12.0")
    with pytest.raises(cf.WrongRegistryError, match="first release has the manifest"):
        cf.open_pinned(registry=other.folder)
    assert main(["verify", str(other.folder)]) == 18
    with pytest.raises(cf.WrongRegistryError, match="--replace"):
        cf.pin(other.folder)
    cf.pin(other.folder, replace=True, without_key=True)
    assert cf.open_pinned().location == other.folder.as_posix()


def test_a_copy_of_the_registry_elsewhere_is_the_same_registry(pinned, tmp_path):
    shutil.copytree(pinned.folder, tmp_path / "mirror")
    shutil.rmtree(pinned.folder)
    cf.verify(cf.open_pinned(registry=tmp_path / "mirror"))
    with pytest.raises(cf.NotFoundError, match="not a registry"):
        cf.open_pinned()


def test_the_trusted_key_changes_only_when_asked(pinned, tmp_path):
    other = Publisher(tmp_path / "keys", FORGER).write_public_key(tmp_path / "other.pem")
    with pytest.raises(cf.SignatureError, match="--replace"):
        cf.pin(pinned.folder, public_key=other)
    with pytest.raises(cf.SignatureError, match="--replace"):
        cf.open_pinned(public_key=other)


@pytest.mark.parametrize(
    "change",
    [
        {"tables": []},
        {"key_id": None, "public_key": None},
        {"manifest_sha256": "0" * 64},
        {"public_key": "AAAA"},
        {"lock_version": 2},
        {"release_id": "../2023.12.0"},
        {"registry_root": "0" * 64},
        {"tables": [{"name": "a", "path": "../a", "sha256": "0" * 64, "content_hash": "0" * 64}]},
    ],
)
def test_an_edited_lock_file_is_refused(pinned, change):
    lock = Path("carbon-factors.lock")
    lock.write_bytes(canonical(json.loads(lock.read_bytes()) | change))
    with pytest.raises(cf.CarbonFactorsError) as caught:
        cf.open_pinned()
    assert type(caught.value) in {
        cf.LockFileError,
        cf.KeyFileError,
        cf.ChangedFileError,
        cf.WrongRegistryError,
    }


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff\xfe{}", b'{"lock_version": 1}'])
def test_a_lock_file_that_is_none_is_refused(content):
    Path("carbon-factors.lock").write_bytes(content)
    with pytest.raises(cf.LockFileError):
        cf.open_pinned()


def test_a_lock_file_names_every_table_and_is_written_the_same_each_time(pinned, public_key):
    first = Path("carbon-factors.lock").read_bytes()
    lock = cf.read_lock()
    assert [table.name for table in lock.tables] == [
        "electricity_factor",
        "factor_history",
        "region",
    ]
    assert (lock.key_id, lock.key) == (pinned.key_id, cf.read_public_key(public_key))
    cf.pin(pinned.folder)
    assert Path("carbon-factors.lock").read_bytes() == first


def test_a_registry_below_the_lock_file_is_named_relative_to_it(tmp_path, monkeypatch):
    publisher = Publisher(tmp_path / "work" / "data" / "releases")
    publisher.publish("2023.12.0")
    assert cf.pin("data/releases").registry == "data/releases"
    monkeypatch.chdir(tmp_path)
    assert cf.open_pinned("work/carbon-factors.lock").release_id == "2023.12.0"
    publisher.publish("2024.01.0")
    assert main(["pin", "--lock", "work/carbon-factors.lock"]) == 0
    assert cf.open_pinned("work/carbon-factors.lock").release_id == "2024.01.0"
