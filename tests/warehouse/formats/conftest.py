"""One small release in all its forms a session; each test that changes one gets its own copy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.warehouse.formats import small_release
from warehouse.files import sha256_of
from warehouse.formats import registry_txt, write_formats
from warehouse.manifest import FileEntry


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A staging folder with every form. Never change it: copy it."""
    folder = tmp_path_factory.mktemp("small") / "2023.12.0"
    tables = small_release.make(folder)
    files = write_formats(folder, tables, small_release.FACTS)
    staged = [
        FileEntry(table.path, (folder / table.path).stat().st_size, sha256_of(folder / table.path))
        for table in tables
    ]
    (folder / "registry.txt").write_bytes(registry_txt([*files, *staged]))
    return folder


@pytest.fixture
def mine(small: Path, tmp_path: Path) -> Path:
    """The small release, the test's own."""
    return Path(shutil.copytree(small, tmp_path / "2023.12.0"))
