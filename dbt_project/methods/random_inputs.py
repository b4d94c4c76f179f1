"""Random numbers of the uncertain inputs: one stream each, by name.

Belongs here: which number an input takes in which draw, and how it becomes a factor or a share.
Which inputs there are and how uncertain each is comes from SQL; what follows from them is the
business of `propagation`.

Each input has a stream of its own, keyed by seed, year and name (Philox: a counter-based generator,
Salmon et al. 2011, 10.1145/2063384.2063405). So a draw of one input depends on no other input, no
other year and no release month: where one cell is revised, every other keeps its draws, and the
difference between two releases is no sampling noise.

Draws are stratified: of D draws, each of D slices of equal probability holds one, in random order
(Latin hypercube; McKay, Beckman and Conover 1979, 10.2307/1268522).
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

FloatArray = NDArray[np.float64]


class Name(NamedTuple):
    """What an input is: its kind, where, of what, towards where; empty where that says nothing."""

    kind: str
    region: str = ""
    technology: str = ""
    partner: str = ""


class RandomInputs:
    """The standard normal draws of one year's inputs, in the order in which they are asked for.

    Args:
        seed: of all streams.
        year: of the data.
        draws: D, at least 1.
    """

    def __init__(self, seed: int, year: int, draws: int) -> None:
        if draws < 1:
            raise ValueError(f"at least one draw is needed, not {draws}")
        self.seed, self.year, self.draws = seed, year, draws
        self._columns: dict[Name, FloatArray] = {}

    def normal(self, names: Sequence[Name]) -> FloatArray:
        """Return the draws of some inputs, shape (D, inputs)."""
        for name in names:
            if name not in self._columns:
                self._columns[name] = self._stream(name)
        columns = [self._columns[name] for name in names]
        return np.stack(columns, axis=1) if columns else np.zeros((self.draws, 0))

    @property
    def names(self) -> list[Name]:
        """All inputs that were asked for."""
        return list(self._columns)

    def _stream(self, name: Name) -> FloatArray:
        text = "/".join([str(self.seed), str(self.year), *name])
        key = int.from_bytes(blake2b(text.encode(), digest_size=16).digest(), "big")
        generator = np.random.Generator(np.random.Philox(key=key))
        slices = generator.permutation(self.draws) + generator.random(self.draws)
        # A draw on the very edge of the first slice would lie at minus infinity.
        return np.asarray(ndtri(np.maximum(slices, 1e-9) / self.draws), dtype=np.float64)


def renormalised(shares: FloatArray, weights: FloatArray) -> FloatArray:
    """Return drawn shares that keep the sum of those given: s_f w_f x (sum s) / (sum s w).

    Args:
        shares: not negative, shape (..., F); shares or energies.
        weights: positive, shape (D, ..., F): exp(sigma z).

    Returns:
        Shape (D, ..., F); zero where all of a row is zero.
    """
    weighted = shares * weights
    total = weighted.sum(axis=-1, keepdims=True)
    kept = np.broadcast_to(shares.sum(axis=-1, keepdims=True), total.shape)
    return weighted * np.divide(kept, total, out=np.zeros_like(total), where=total > 0)
