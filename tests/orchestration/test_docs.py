"""The generated pages of docs/ are up to date."""

import pytest

from orchestration.docs import DOCS, pages, read_manifest


@pytest.mark.slow
def test_generated_pages_are_not_stale():
    stale = [
        name
        for name, text in pages(read_manifest()).items()
        if not (DOCS / name).exists() or (DOCS / name).read_text(encoding="utf-8") != text
    ]
    assert not stale, f"Run `make docs` and commit: {', '.join(stale)}."
