"""Push, pull, verify --from, and publishing where a store is set, as an operator types them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from orchestration import commands_release, commands_store
from orchestration.settings import load_settings
from tests.warehouse.proof_put_aside import believe_the_report
from tests.warehouse.tiny_candidate import make_tiny_candidate, publish_tiny
from warehouse.files import make_removable
from warehouse.releases import list_releases

pytestmark = pytest.mark.slow

URL = "s3://factors/releases"
FIRST, SECOND = "2023.12.0", "2023.12.1"


@pytest.fixture(scope="module")
def releases_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A releases folder with two releases. Never change it: copy it."""
    folder = tmp_path_factory.mktemp("once")
    with pytest.MonkeyPatch.context() as patched:
        believe_the_report(patched)
        for place in range(2):
            candidate = make_tiny_candidate(folder / f"candidate-{place}", place / 4)
            publish_tiny(candidate, folder / "releases")
    return folder / "releases"


@pytest.fixture
def homes(releases_once, tmp_path):
    """A home with two releases, and an empty one."""
    shutil.copytree(releases_once, tmp_path / "here" / "releases")
    (tmp_path / "there").mkdir()
    yield tmp_path / "here", tmp_path / "there"
    for name in ("here", "there"):
        make_removable(tmp_path / name)


@pytest.fixture
def command(monkeypatch):
    """Type a command in a home; returns what it printed."""
    app = typer.Typer()
    commands_release.register(app)
    commands_store.register(app)
    monkeypatch.setenv("COLUMNS", "400")

    def run(home: Path, *arguments: str, code: int = 0, root: str | None = URL) -> str:
        monkeypatch.setenv("CARBON_HOME", str(home))
        monkeypatch.delenv("CARBON_RELEASE_ROOT", raising=False)
        if root is not None:
            monkeypatch.setenv("CARBON_RELEASE_ROOT", root)
        result = CliRunner().invoke(app, list(arguments))
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return " ".join(result.output.split())

    return run


def test_push_pull_and_verify(command, homes, bucket) -> None:
    here, there = homes
    assert f"{URL}: Pushed {FIRST}, {SECOND}." in command(here, "push")
    assert "Nothing to push" in command(here, "push", "--to", URL, root=None)
    assert f"{URL}: Pulled {FIRST}, {SECOND}." in command(there, "pull")
    assert "Nothing to pull" in command(there, "pull", "--from", URL, root=None)
    text = command(there, "verify", "--from", URL)
    assert f"{SECOND}: unsigned" in text and "2 releases verified" in text
    bucket.pipe_file(f"factors/releases/{SECOND}/CITATION.cff", b"x")
    text = command(there, "verify", "--from", URL, code=1)
    assert f"[files] {SECOND}/CITATION.cff was changed" in text
    assert "2 releases verified" in command(there, "verify")


def test_a_statement_goes_to_the_store_by_itself(command, homes, bucket) -> None:
    here, there = homes
    command(here, "push")
    command(there, "pull")
    command(here, "supersede", FIRST, "--by", SECOND, "--reason", "typing error")
    assert bucket.exists(f"factors/releases/states/{FIRST}.json")
    text = command(there, "withdraw", FIRST, "--reason", "another", code=1)
    assert "is superseded (typing error); that is not known here" in text and "pull" in text
    assert list_releases(there / "releases")[0].state == "published"
    assert f"Pulled state of {FIRST}" in command(there, "pull")
    command(there, "withdraw", FIRST, "--reason", "another")
    assert f"{FIRST}: unsigned, withdrawn" in command(here, "verify", "--from", URL)


def test_what_is_published_is_pushed_and_never_forks(homes, bucket, command, monkeypatch) -> None:
    from orchestration import publishing as by_settings
    from warehouse.errors import PublishRefused

    here, there = homes

    class Plan:
        release_month, parameters, inputs = "2023-12", {}, ()

    monkeypatch.setattr(by_settings, "read_plan", lambda candidate: Plan)
    believe_the_report(monkeypatch)
    settings = {home: load_settings(home=home, release_root=URL) for home in homes}
    candidate = make_tiny_candidate(here / "candidates" / "new", 7.5)
    result = by_settings.publish_candidate(settings[here], candidate)
    assert result.release_id == "2023.12.2"
    assert bucket.exists("factors/releases/2023.12.2/manifest.json")
    with pytest.raises(
        PublishRefused, match=r"holds releases 2023\.12\.0, .*carbon-warehouse pull"
    ):
        by_settings.publish_candidate(settings[there], candidate)
    assert list_releases(there / "releases") == []
    command(there, "pull")
    bucket.pipe_file("factors/releases/publishing.json", b"{}")
    other = make_tiny_candidate(there / "candidates" / "new", 8.5)
    with pytest.raises(
        by_settings.NotPushed, match=r"2023\.12\.3 was published in .*did not reach"
    ):
        by_settings.publish_candidate(settings[there], other)
    assert "Pushed 2023.12.3" in command(there, "push", "--take-over")


@pytest.mark.parametrize(
    ("root", "code", "said"),
    [
        (None, 2, "There is no store: set release_root"),
        ("gs://factors/releases", 2, "pip install gcsfs"),
        ("s3://nowhere/releases", 1, "There is no bucket for s3://nowhere/releases"),
        ("s3://key:secret@factors/releases", 1, "Setting `release_root`"),
        ("factors", 1, "Setting `release_root`"),
    ],
)
@pytest.mark.parametrize("what", ["push", "pull"])
def test_stores_that_cannot_be_used(command, homes, server, what, root, code, said) -> None:
    assert said in command(homes[0], what, code=code, root=root)


def test_a_store_that_does_not_answer(command, homes, server, monkeypatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    assert "cannot be reached" in command(homes[0], "push", code=1)
