"""The benchmark's releases are what the benchmark says they are."""

from __future__ import annotations

from benchmarks.diff import _join, _ours, make_releases


def test_ours_and_the_join_find_the_same_in_the_releases_that_are_measured(tmp_path) -> None:
    found = _ours(*make_releases(tmp_path, 3_000))
    assert found == _join(tmp_path / "old-3000", tmp_path / "new-3000")
    assert min(found["added"], found["removed"], found["value"], found["quality_tier"]) > 0
