"""Parts of texts: more to learn from, on which the teacher has not seen a label."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SHORTEST_TEXT = 16
SHORTEST_PART = 8
SHARES = (0.3, 0.7)
"""Least and largest share of the text's tokens."""


def draw_parts(rows: Sequence[Sequence[int]], seed: int = 0) -> tuple[list[list[int]], NDArray[np.int64]]:
    """One stretch of each text that is long enough, between the marks of beginning and end.

    Parameters
    ----------
    rows : sequence of sequence of int
        Token ids of whole texts.
    seed : int

    Returns
    -------
    list of list of int, ndarray of int64
        Token ids of the parts, and the row each is of.
    """
    chance = np.random.default_rng(seed)
    parts, owners = [], []
    for place, row in enumerate(rows):
        tokens = len(row) - 2
        if tokens < SHORTEST_TEXT:
            continue
        length = max(SHORTEST_PART, int(tokens * chance.uniform(*SHARES)))
        first = int(chance.integers(1, tokens - length + 2))
        parts.append([row[0], *row[first : first + length], row[-1]])
        owners.append(place)
    return parts, np.array(owners, np.int64)
