"""Verify, withdraw, supersede, approve, publish and key, as an operator types them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from orchestration.commands_release import register
from tests.warehouse.tampering import rewrite, writable
from warehouse.releases import latest_release

pytestmark = pytest.mark.slow

FIRST, SECOND = "2019.03.0", "2019.03.1"


@pytest.fixture
def home(two_releases, proof_skipped, tmp_path):
    """A home with two releases."""
    folder = Path(shutil.copytree(two_releases, tmp_path / "home" / "releases"))
    writable(folder)
    return folder.parent


@pytest.fixture
def command(home, monkeypatch):
    """Type a command; returns its exit code and what it printed."""
    app = typer.Typer()
    register(app)

    def run(*arguments: str, code: int = 0, **environment: object) -> str:
        monkeypatch.setenv("CARBON_HOME", str(home))
        monkeypatch.setenv("COLUMNS", "400")
        for name, value in environment.items():
            monkeypatch.setenv(f"CARBON_{name.upper()}", str(value))
        result = CliRunner().invoke(app, list(arguments))
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return " ".join(result.output.split())

    return run


@pytest.fixture
def key(command, tmp_path):
    """A private key file made by the command, and its public half."""
    command("key", "new", str(tmp_path / "keys" / "mine.pem"))
    return tmp_path / "keys" / "mine.pem", tmp_path / "keys" / "mine.pub.pem"


def test_verify_walks_every_release_and_says_who_signed(command) -> None:
    text = command("verify")
    assert f"{FIRST}: unsigned {SECOND}: unsigned 2 releases verified" in text
    assert "1 release verified" in command("verify", FIRST)


def test_verify_names_the_link_that_fails(command, home) -> None:
    rewrite(home / "releases", lambda content: content.update(code_version="other"))
    assert "[chain] The chain breaks between 2019.03.0 and 2019.03.1" in command("verify", code=1)
    with (home / "releases" / SECOND / "tables" / "gwp.parquet").open("ab") as stream:
        stream.write(b"x")
    text = command("verify", SECOND, code=1)
    assert f"[files] {SECOND}/tables/gwp.parquet was changed" in text


def test_verify_of_a_release_that_is_not_there_is_used_wrongly(command) -> None:
    text = command("verify", "2019.03.9", code=2)
    assert f"There is no release 2019.03.9. Releases: {FIRST}, {SECOND}." in text


def test_a_withdrawn_release_is_said_to_be_and_is_no_longer_latest(command, home) -> None:
    asked = ("withdraw", SECOND, "--reason", "Counted twice", "--replacement", FIRST)
    assert f"{SECOND} is now withdrawn; use {FIRST}" in command(*asked)
    assert "is already withdrawn" in command(*asked)
    assert f"{SECOND}: unsigned, withdrawn" in command("verify")
    assert latest_release(home / "releases").release_id == FIRST
    text = command("withdraw", SECOND, "--reason", "Other", code=1)
    assert "is withdrawn already: Counted twice" in text


def test_a_superseded_release_names_its_follower(command, home) -> None:
    command("supersede", FIRST, "--by", SECOND, "--reason", "Yearbook", "--stated-by", "A. K.")
    record = json.loads((home / "releases" / "states" / f"{FIRST}.json").read_text())
    assert (record["state"], record["replacement"], record["stated_by"], record["signature"]) == (
        "superseded",
        SECOND,
        "A. K.",
        None,
    )
    assert "cannot take its own place" in command(
        "supersede", SECOND, "--by", SECOND, "--reason", "x", code=1
    )


def test_a_key_is_made_once_and_shown(command, key) -> None:
    private, public = key
    shown = command("key", "show", str(private))
    assert shown == command("key", "show", str(public))
    assert shown.startswith("ed25519:") and "BEGIN PUBLIC KEY" in shown
    assert "PRIVATE" not in shown
    assert "never written over" in command("key", "new", str(private), code=1)
    private.chmod(0o644)
    assert "may be read by others" in command("key", "show", str(private), code=1)


def test_a_statement_is_signed_when_a_key_is_set(command, key, home) -> None:
    private, public = key
    command("withdraw", SECOND, "--reason", "Counted twice", signing_key=private)
    record = json.loads((home / "releases" / "states" / f"{SECOND}.json").read_text())
    assert record["key_id"] in command("key", "show", str(public))
    text = command("verify", code=1)
    assert "[signature] Release 2019.03.0 is unsigned, though keys are trusted here" in text
    assert "states/" not in text, "the statement itself is proved"


def test_trusted_keys_may_be_named_one_by_one_or_by_folder(command, key, tmp_path) -> None:
    _, public = key
    folder = tmp_path / "trusted"
    folder.mkdir()
    (folder / "mine.pub").write_bytes(public.read_bytes())
    for value in (public, folder, f"{public}:{folder}"):
        assert "[signature]" in command("verify", code=1, trusted_keys=value)
    assert "cannot be opened" in command("verify", code=1, trusted_keys=tmp_path / "none.pem")


def test_a_candidate_is_approved_by_name_and_a_refused_one_is_not(
    command, key, home, candidate
) -> None:
    private, _ = key
    (home / "candidates").mkdir()
    folder = candidate.folder.rename(home / "candidates" / "2019-03-abcd")
    text = command("approve", "2019-03-abcd", "--key", str(private), "--stated-by", "B. S.")
    assert "Approved 2019-03-abcd by B. S. (ed25519:" in text
    assert (folder / "approval.json").is_file()
    assert "There is no candidate x" in command("approve", "x", "--key", str(private), code=2)
    (folder / "tables" / "gwp.parquet").unlink()
    assert "is gone" in command("approve", str(folder), "--key", str(private), code=1)


def test_a_candidate_is_published_only_with_the_raw_tables_it_was_judged_with(
    command, home, candidate, monkeypatch
) -> None:
    from orchestration import checks
    from tests.warehouse import synthetic
    from tests.warehouse.conftest import RECEIPTS
    from warehouse.candidate_plan import write_plan

    monkeypatch.setattr(checks, "judge_raw", lambda home: [])
    text = command("publish", str(candidate.folder), code=1)
    assert "check raw.electricity_bulletin.has_rows differs" in text
    monkeypatch.setattr(checks, "judge_raw", lambda home: synthetic.RAW_CHECKS)
    assert "plan.json is missing" in command("publish", str(candidate.folder), code=1)
    write_plan(
        candidate,
        release_month=synthetic.RELEASE_MONTH,
        parameters={"try": 2},
        receipts=RECEIPTS,
    )
    assert "2019.03.2: Published" in command("publish", str(candidate.folder))
    text = command("publish", str(candidate.folder), "--id", FIRST, code=1)
    assert "raise N and publish 2019.03.3" in text
    text = command("publish", str(candidate.folder), "--id", "2019.03.2")
    assert "2019.03.2: No new release" in text


@pytest.mark.parametrize(
    "name", ["verify", "withdraw", "supersede", "approve", "publish", "key new", "key show"]
)
def test_every_command_documents_its_exit_codes_and_an_example(command, name) -> None:
    text = command(*name.split(), "--help")
    assert "Exit 1" in text and "carbon-warehouse " in text
