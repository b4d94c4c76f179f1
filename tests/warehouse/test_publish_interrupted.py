"""A publication that an error ends cleans up at once; lost pointers are written again.

Death at any point: `test_publish_killed`. A disk that fails: `test_disk_fails`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.warehouse.tiny_candidate import publish_tiny
from warehouse.files import make_removable
from warehouse.releases import latest_release
from warehouse.verify import verify_all

pytestmark = pytest.mark.usefixtures("proof_skipped")


@pytest.fixture
def releases(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "releases"
    yield folder
    make_removable(folder)


@pytest.mark.parametrize(
    "step", ["copy source", "workbook", "snapshot", "reread", "seal", "rename"]
)
def test_an_error_at_a_step_cleans_up_at_once(tiny_candidates, releases, step) -> None:
    def fail(now: str) -> None:
        if now == step:
            raise RuntimeError("the operator's terminal went away")

    with pytest.raises(RuntimeError):
        publish_tiny(tiny_candidates[0], releases, on_step=fail)
    assert [path.name for path in releases.iterdir()] == [".lock"]


def test_a_lost_pointer_is_written_again(tiny_candidates, releases) -> None:
    publish_tiny(tiny_candidates[0], releases)
    (releases / "latest.json").unlink()
    assert publish_tiny(tiny_candidates[0], releases).status == "unchanged"
    assert latest_release(releases).release_id == "2023.12.0"


def test_a_lost_index_is_made_again_from_the_chain(tiny_candidates, releases) -> None:
    for candidate in tiny_candidates:
        publish_tiny(candidate, releases)
    before = (releases / "index.json").read_bytes()
    for damage in (b"", None):
        (releases / "index.json").unlink()
        if damage is not None:
            (releases / "index.json").write_bytes(damage)
        publish_tiny(tiny_candidates[-1], releases)
        assert (releases / "index.json").read_bytes() == before
    assert verify_all(releases) == []
