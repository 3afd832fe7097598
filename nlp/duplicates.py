"""Find texts that are copies of one another, word for word or nearly."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from rensa import RMinHash, RMinHashLSH

FEWEST = 3
"""Copies from which a text is held to be a template."""

SHORTEST = 10
"""Letters below which equal texts are no wonder (质量很好)."""

SHORTEST_NEAR = 18
"""Letters below which nearly equal texts are no wonder."""

SIMILARITY = 0.5
"""Share of common two-letter pieces (Jaccard) from which two texts are the same template."""

_LETTERS = re.compile(r"[^\W\d_]+")
_LONGEST = 1000
_PIECE = 2
_HASHES = 128
_BANDS = 32
_SEED = 42
_MOST_COMPARED = 64
_BATCH = 4096


@dataclass(frozen=True)
class Copies:
    """Places of texts that are copies of one another, ascending; "template" where they only nearly are."""

    kind: Literal["duplicate", "template"]
    places: list[int]


def letters_of(text: str) -> str:
    """Return what must be equal in copies: letters alone, in lower case, at most the first thousand."""
    return "".join(_LETTERS.findall(text)).lower()[:_LONGEST]


def copies(texts: Sequence[str], fewest: int = FEWEST) -> list[Copies]:
    """Return groups of at least `fewest` copies; a text may be in several.

    Numbers, punctuation and emoji do not make a difference. Candidates come from locality-sensitive hashing
    of MinHash signatures (A. Broder, "On the resemblance and containment of documents", 1997) and are
    compared piece by piece with the first text of a group only, in the order of the letters: time is linear
    in the number of texts, and the answer does not depend on their order.

    Parameters
    ----------
    texts : sequence of str
        Normalised texts.
    fewest : int
        Size from which a group counts.

    Returns
    -------
    list of Copies
        First the "duplicate" groups, with the same letters, then "template", with nearly the same.
    """
    same: dict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(texts):
        letters = letters_of(text)
        if len(letters) >= SHORTEST:
            same[letters].append(place)
    alike = sorted(letters for letters in same if len(letters) >= SHORTEST_NEAR)
    near = (sorted(place for letters in group for place in same[letters]) for group in _near(alike))
    return [Copies("duplicate", places) for _, places in sorted(same.items()) if len(places) >= fewest] + [
        Copies("template", places) for places in near if len(places) >= fewest
    ]


def _near(texts: list[str]) -> list[list[str]]:
    """Return groups of two or more texts that are close to the first of their group.

    A text that is close to no earlier first one is the first of a group itself.
    """
    firsts: list[tuple[str, set[str]]] = []
    index = RMinHashLSH(SIMILARITY, _HASHES, _BANDS)
    for text, pieces, signature in _signed(texts):
        if not any(
            _similarity(firsts[key][1], pieces) >= SIMILARITY for key in _candidates(index, signature)
        ):
            index.insert(len(firsts), signature)
            firsts.append((text, pieces))
    groups: list[list[str]] = [[] for _ in firsts]
    for text, pieces, signature in _signed(texts):
        for key in _candidates(index, signature):
            if _similarity(firsts[key][1], pieces) >= SIMILARITY:
                groups[key].append(text)
    return [group for group in groups if len(group) > 1]


def _signed(texts: list[str]) -> Iterator[tuple[str, set[str], RMinHash]]:
    for start in range(0, len(texts), _BATCH):
        part = texts[start : start + _BATCH]
        pieces = [{text[at : at + _PIECE] for at in range(len(text) - _PIECE + 1)} for text in part]
        yield from zip(part, pieces, RMinHash.from_token_sets(pieces, _HASHES, _SEED), strict=True)


def _candidates(index: RMinHashLSH, signature: RMinHash) -> list[int]:
    return sorted(index.query(signature))[:_MOST_COMPARED]


def _similarity(one: set[str], other: set[str]) -> float:
    common = len(one & other)
    return common / (len(one) + len(other) - common)
