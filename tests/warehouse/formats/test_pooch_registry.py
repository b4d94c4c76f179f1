"""`registry.txt` as pooch, its consumer, uses it: fetch over HTTP, verify, refuse."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pooch
import pytest

from warehouse import files
from warehouse.formats import FormatError, registry_txt
from warehouse.manifest import FileEntry


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def address(mine: Path) -> Iterator[str]:
    """The release behind a web server on this machine."""
    handler = functools.partial(Quiet, directory=str(mine))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture
def keeper(address: str, mine: Path, tmp_path: Path) -> pooch.Pooch:
    keeper = pooch.create(path=tmp_path / "cache", base_url=address)
    keeper.load_registry(mine / "registry.txt")
    return keeper


@pytest.mark.parametrize(
    "path", ["tables/source.parquet", "exports/csv/source.csv", "CITATION.cff"]
)
def test_pooch_fetches_and_verifies_a_file(keeper: pooch.Pooch, mine: Path, path: str) -> None:
    fetched = Path(keeper.fetch(path))
    assert fetched.read_bytes() == (mine / path).read_bytes()


def test_drill_a_byte_changed_on_the_server(keeper: pooch.Pooch, mine: Path) -> None:
    path = mine / "exports/csv/source.csv"
    path.write_bytes(path.read_bytes().replace(b"2024", b"2025", 1))
    with pytest.raises(ValueError, match="does not match the known hash"):
        keeper.fetch("exports/csv/source.csv")


def test_every_listed_hash_is_the_hash_of_the_file(mine: Path) -> None:
    listed = dict(
        line.split(" sha256:") for line in (mine / "registry.txt").read_text().splitlines()
    )
    assert listed
    assert listed == {path: files.sha256_of(mine / path) for path in sorted(listed)}


@pytest.mark.parametrize(
    "path",
    ["a b.csv", "../x", "/x", "a//b", "表.csv", "x\n", "", ".hidden", "a/../b", "a?b", "a#b"],
)
def test_drill_a_name_that_cannot_stand_in_an_address(path: str) -> None:
    with pytest.raises(FormatError, match="cannot stand in an address"):
        registry_txt([FileEntry(path, 1, "0" * 64)])
