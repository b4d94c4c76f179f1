"""The generator is Philox, and its numbers are normal, independent and tied to their names."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from scipy import stats

from dbt_project.methods.counter_normals import (
    combined,
    name_words,
    normals,
    philox,
    seed_key,
)


@pytest.mark.parametrize(
    ("key", "name", "block", "stream", "words"),
    [
        (0, 0, 0, 0, "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        (2**64 - 1, 2**64 - 1, 2**32 - 1, 2**32 - 1, "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        (
            0x299F31D0A4093822, 0x85A308D3243F6A88, 0x13198A2E, 0x03707344,
            "d16cfe09 94fdcceb 5001e420 24126ea1",
        ),
    ],
)  # fmt: skip
def test_the_words_are_those_that_its_authors_published(
    key: int, name: int, block: int, stream: int, words: str
) -> None:
    """Known answers of the Random123 distribution for philox4x32 with ten rounds."""
    found = philox(key, np.array([name], dtype=np.uint64), block, stream)
    assert " ".join(f"{int(word[0]):08x}" for word in found) == words


def test_the_draws_are_standard_normal_and_independent() -> None:
    """100,000 draws of neighbouring names and blocks; the seed is fixed, so is the outcome."""
    names = combined(np.arange(250, dtype=np.uint64))
    drawn = np.concatenate([normals(seed_key(3), names, block) for block in range(100)])
    assert drawn.shape == (400, 250)
    assert stats.kstest(drawn.ravel(), "norm").pvalue > 0.01
    for one, other in ((drawn[1:], drawn[:-1]), (drawn[:, 1:], drawn[:, :-1])):
        assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 4 / np.sqrt(one.size)
    assert stats.kstest((drawn**2).sum(axis=0), "chi2", args=(400,)).pvalue > 0.01


def test_a_draw_depends_on_its_own_name_seed_and_block_alone() -> None:
    names = combined(np.arange(20_000, dtype=np.uint64))
    whole = normals(seed_key(1), names, 7)
    assert normals(seed_key(1), names[8_191:8_194], 7).tobytes() == whole[:, 8_191:8_194].tobytes()
    assert not np.any(normals(seed_key(2), names, 7) == whole)
    assert not np.any(normals(seed_key(1), names, 8) == whole)


def test_texts_have_words_of_their_own_and_the_same_everywhere() -> None:
    words = name_words(pl.Series(["b", "a", None, "a", ""]))
    assert words[1] == words[3] and len(set(words.tolist())) == 3
    # Written down: draws of a published release rest on them.
    assert f"{int(words[1]):016x}" == "40f89e395b66422f"
    one, other = np.array([1], dtype=np.uint64), np.array([2], dtype=np.uint64)
    assert combined(one, other) != combined(other, one)
