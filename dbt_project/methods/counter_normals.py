"""Random numbers that are a function of name and draw, not of a state.

Belongs here: the counter-based generator and its normal numbers. Does not belong here: what is
drawn.

Philox 4x32 with ten rounds turns a counter of four words under a key of two into four random words
(Salmon et al. 2011, 10.1145/2063384.2063405). The key is the seed; the counter is the 64-bit name
of an input and the number of a block of four draws. So any part of the draws can be made alone,
in any order, on any thread, and an input keeps its draws when others come or go.
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtri

FloatArray = NDArray[np.float64]
WordArray = NDArray[np.uint64]

# Draws that one block of the generator gives.
BLOCK = 4

_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
_WEYL = (0x9E3779B9, 0xBB67AE85)
_ROUNDS = 10
# Names worked on at once: the words of so many stay in a core's cache.
_TILE = 8_192


def philox(key: int, names: WordArray, block: int, stream: int = 0) -> tuple[WordArray, ...]:
    """Return four random words of 32 bits for each name.

    Args:
        key: 64 bits.
        names: 64 bits each, shape (m,).
        block, stream: 32 bits each.

    Returns:
        Four arrays of shape (m,), each value below 2^32.
    """
    first, second = key & 0xFFFFFFFF, key >> 32 & 0xFFFFFFFF
    a, b = names & _LOW, names >> _HALF
    c = np.full(names.shape, block, dtype=np.uint64)
    d = np.full(names.shape, stream, dtype=np.uint64)
    product, other = np.empty_like(a), np.empty_like(a)
    for _ in range(_ROUNDS):
        np.multiply(a, _MULTIPLIERS[0], out=product)
        np.multiply(c, _MULTIPLIERS[1], out=other)
        # (a, b, c, d) <- (high(other) ^ b ^ k0, low(other), high(product) ^ d ^ k1, low(product))
        np.right_shift(other, _HALF, out=a)
        np.bitwise_xor(a, b, out=a)
        np.bitwise_xor(a, np.uint64(first), out=a)
        np.bitwise_and(other, _LOW, out=b)
        np.right_shift(product, _HALF, out=c)
        np.bitwise_xor(c, d, out=c)
        np.bitwise_xor(c, np.uint64(second), out=c)
        np.bitwise_and(product, _LOW, out=d)
        first, second = (first + _WEYL[0]) & 0xFFFFFFFF, (second + _WEYL[1]) & 0xFFFFFFFF
    return a, b, c, d


def normals(key: int, names: WordArray, block: int) -> FloatArray:
    """Return standard normal draws 4 block to 4 block + 3 of every name, shape (4, m).

    A word w gives the quantile of (w + 1/2) / 2^32; the largest draw is 6.3.
    """
    drawn = np.empty((BLOCK, names.size))
    for start in range(0, names.size, _TILE):
        part = slice(start, start + _TILE)
        for row, word in zip(drawn, philox(key, names[part], block), strict=True):
            np.multiply(word + 0.5, 2.0**-32, out=row[part])
        ndtri(drawn[:, part], out=drawn[:, part])
    return drawn


def seed_key(seed: int) -> int:
    """Return the key of a seed: 64 bits that differ widely between neighbouring seeds."""
    return int.from_bytes(blake2b(f"seed/{seed}".encode(), digest_size=8).digest(), "big")


def name_words(texts: pl.Series) -> WordArray:
    """Return 64 bits for each text, the same everywhere; texts repeat, so each is hashed once."""
    unique = texts.unique().sort()
    words = np.array(
        [
            int.from_bytes(blake2b((text or "").encode(), digest_size=8).digest(), "big")
            for text in unique
        ],
        dtype=np.uint64,
    )
    order = pl.DataFrame({"text": unique, "at": np.arange(unique.len())})
    at = texts.alias("text").to_frame().join(
        order, on="text", how="left", nulls_equal=True, maintain_order="left"
    )["at"]  # fmt: skip
    return words[at.to_numpy()]


def combined(*words: WordArray) -> WordArray:
    """Return one word from several, by the finaliser of SplitMix64 after each."""
    mixed = np.zeros(words[0].shape, dtype=np.uint64)
    for word in words:
        mixed = (mixed ^ word) + np.uint64(0x9E3779B97F4A7C15)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed ^= mixed >> np.uint64(31)
    return mixed
