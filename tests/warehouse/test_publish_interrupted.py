"""A publication that an error ends cleans up at once; lost pointers are written again.

Death at any point: `test_publish_killed`. A disk that fails: `test_disk_fails`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.warehouse.tiny_candidate import believed, make_tiny_candidate, publish_tiny
from warehouse import publish as publishing
from warehouse.candidate import Candidate
from warehouse.files import make_removable
from warehouse.releases import latest_release
from warehouse.verify import verify_all


@pytest.fixture(autouse=True)
def _believed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "prove", believed)


@pytest.fixture(scope="module")
def candidates(tmp_path_factory: pytest.TempPathFactory) -> list[Candidate]:
    folder = tmp_path_factory.mktemp("tiny")
    return [make_tiny_candidate(folder / str(place), place / 4) for place in range(2)]


@pytest.fixture
def releases(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "releases"
    yield folder
    make_removable(folder)


@pytest.mark.parametrize(
    "step", ["copy source", "workbook", "snapshot", "reread", "seal", "rename"]
)
def test_an_error_at_a_step_cleans_up_at_once(candidates, releases, step) -> None:
    def fail(now: str) -> None:
        if now == step:
            raise RuntimeError("the operator's terminal went away")

    with pytest.raises(RuntimeError):
        publish_tiny(candidates[0], releases, on_step=fail)
    assert [path.name for path in releases.iterdir()] == [".lock"]


def test_a_lost_pointer_is_written_again(candidates, releases) -> None:
    publish_tiny(candidates[0], releases)
    (releases / "latest.json").unlink()
    assert publish_tiny(candidates[0], releases).status == "unchanged"
    assert latest_release(releases).release_id == "2023.12.0"


def test_a_lost_index_is_made_again_from_the_chain(candidates, releases) -> None:
    for candidate in candidates:
        publish_tiny(candidate, releases)
    before = (releases / "index.json").read_bytes()
    for damage in (b"", None):
        (releases / "index.json").unlink()
        if damage is not None:
            (releases / "index.json").write_bytes(damage)
        publish_tiny(candidates[1], releases)
        assert (releases / "index.json").read_bytes() == before
    assert verify_all(releases) == []
