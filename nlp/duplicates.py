"""Find texts of a batch that are copies of one another, word for word or nearly."""

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Literal
from zlib import crc32

FEWEST = 3
"""Copies from which a text is held to be a template."""

SHORTEST = 10
"""Letters below which equal texts are no wonder (质量很好)."""

SIMILARITY = 0.8
"""Share of common four-letter pieces (Jaccard) from which two texts are the same template."""

_LETTERS = re.compile(r"[^\W\d_]+")
_LONGEST = 1000
_BINS = 16
_BAND = 4
_SHINGLE = 4


def copies(texts: Sequence[str]) -> dict[int, Literal["duplicate", "template"]]:
    """Return the places of texts that have at least `FEWEST` - 1 copies in the batch.

    Numbers, punctuation and emoji do not make a difference. Candidates share a band of a one-permutation
    MinHash (P. Li, A. Owen and C.-H. Zhang, "One Permutation Hashing", 2012) and are compared with the first
    of their band only, so that time is linear in the number of texts.

    Parameters
    ----------
    texts : sequence of str
        Normalised texts.

    Returns
    -------
    dict of int to {"duplicate", "template"}
        "duplicate" where the letters are the same, "template" where they nearly are.
    """
    same: dict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(texts):
        letters = "".join(_LETTERS.findall(text)).lower()[:_LONGEST]
        if len(letters) >= SHORTEST:
            same[letters].append(place)
    found: dict[int, Literal["duplicate", "template"]] = {}
    for group in _near(list(same)):
        places = [place for letters in group for place in same[letters]]
        if len(places) >= FEWEST:
            found.update(dict.fromkeys(places, "template"))
    for places in same.values():
        if len(places) >= FEWEST:
            found.update(dict.fromkeys(places, "duplicate"))
    return found


def _near(texts: list[str]) -> list[list[str]]:
    """Return groups of texts that are close to the first of the group; a text may be in several."""
    first: dict[tuple[int, ...], int] = {}
    groups: dict[int, set[int]] = defaultdict(set)
    shingles = [_shingles(text) for text in texts]
    for place, pieces in enumerate(shingles):
        for band in _bands(pieces):
            leader = first.setdefault(band, place)
            if place not in groups[leader] and _similarity(shingles[leader], pieces) >= SIMILARITY:
                groups[leader].add(place)
    return [[texts[place] for place in sorted(group)] for group in groups.values()]


def _shingles(text: str) -> frozenset[int]:
    encoded = text.encode("utf-32-le", "replace")
    return frozenset(
        crc32(encoded[at : at + 4 * _SHINGLE]) for at in range(0, len(encoded) - 4 * _SHINGLE + 1, 4)
    )


def _bands(pieces: frozenset[int]) -> list[tuple[int, ...]]:
    least = [-1] * _BINS
    for piece in pieces:
        bin_, value = piece % _BINS, piece // _BINS
        if least[bin_] < 0 or value < least[bin_]:
            least[bin_] = value
    return [(start, *least[start : start + _BAND]) for start in range(0, _BINS, _BAND)]


def _similarity(one: frozenset[int], other: frozenset[int]) -> float:
    common = len(one & other)
    return common / (len(one) + len(other) - common)
