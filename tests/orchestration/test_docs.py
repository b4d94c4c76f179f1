"""The generated pages of docs/ are up to date."""

import pytest

from orchestration.docs import DOCS, EXAMPLE_MONTH, pages, read_manifest, release_pages
from warehouse.releases import read_release


@pytest.mark.slow
def test_generated_pages_are_not_stale():
    stale = [
        name
        for name, text in pages(read_manifest()).items()
        if not (DOCS / name).exists() or (DOCS / name).read_text(encoding="utf-8") != text
    ]
    assert not stale, f"Run `make docs` and commit: {', '.join(stale)}."


@pytest.mark.slow
@pytest.mark.release
def test_pages_about_figures_are_those_of_the_release(built):
    release = read_release(built.release)
    assert release.manifest.release_month == EXAMPLE_MONTH
    stale = [
        name
        for name, text in release_pages(release).items()
        if not (DOCS / name).exists() or (DOCS / name).read_text(encoding="utf-8") != text
    ]
    assert not stale, f"Run `make release`, then `make docs`, and commit: {', '.join(stale)}."
