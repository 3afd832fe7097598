"""Find texts that are copies of one another, word for word or nearly."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from rapidfuzz.distance import Indel
from rensa import RMinHash

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

FEWEST = 3
"""Copies from which a text is held to be a template."""

SHORTEST = 10
"""Letters below which equal texts are no wonder (质量很好)."""

SHORTEST_NEAR = 18
"""Letters below which nearly equal texts are no wonder."""

SIMILARITY = 0.8
"""Likeness from which two texts are the same template: one less their letters to be put in or taken out,
over their letters together."""

_LETTERS = re.compile(r"[^\W\d_]+")
_LONGEST = 1000
_PIECE = 2
_HASHES = 128
_BANDS = 32
_SEED = 42
_MIX = 0x9E3779B97F4A7C15
_MOST_PAIRED = 4
_MOST_COMPARED = 16
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
    compared letter by letter, a few for each text, in the order of their letters: time is linear in the
    number of texts, and the answer does not depend on their order.

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
    close: dict[int, list[int]] = defaultdict(list)
    for one, other in _candidates(texts):
        if Indel.normalized_similarity(texts[one], texts[other]) >= SIMILARITY:
            close[one].append(other)
            close[other].append(one)
    firsts: set[int] = set()
    for place in sorted(close):
        if firsts.isdisjoint(close[place]):
            firsts.add(place)
    return [[texts[place] for place in (first, *close[first])] for first in sorted(firsts)]


def _candidates(texts: list[str]) -> Iterator[tuple[int, int]]:
    """Yield pairs of places, the later first, that share most bands of their signatures.

    A text is paired with the first few of each band only, so that a vocabulary that all share costs no more
    than another; copies share many bands.
    """
    count = len(texts)
    if count <= _MOST_COMPARED:  # numpy would only cost time
        yield from ((later, earlier) for later in range(count) for earlier in range(later))
        return
    import numpy as np

    places = np.arange(count)
    pairs = [np.empty(0, dtype=np.int64)]
    for band in _bands(texts).T:
        order = np.argsort(band, kind="stable")
        same = np.concatenate([[False], np.diff(band[order]) == 0])[:count]
        first = np.maximum.accumulate(np.where(same, 0, places))
        for nth in range(_MOST_PAIRED):
            later = places > first + nth
            pairs.append(order[later] * count + order[first[later] + nth])
    found, shared = np.unique(np.concatenate(pairs), return_counts=True)
    found = found[np.lexsort((-shared, found // count))]
    compared: Counter[int] = Counter()
    for pair in found.tolist():
        compared[pair // count] += 1
        if compared[pair // count] <= _MOST_COMPARED:
            yield divmod(pair, count)


def _bands(texts: list[str]) -> "npt.NDArray[np.uint64]":
    """Return a hash of each band of each text's signature, (texts, bands)."""
    import numpy as np

    hashed = np.zeros((len(texts), _BANDS), dtype=np.uint64)
    for start in range(0, len(texts), _BATCH):
        part = [_pieces(text) for text in texts[start : start + _BATCH]]
        rows = np.array(RMinHash.digests_from_token_sets(part, _HASHES, _SEED), dtype=np.uint64)
        for values in rows.reshape(len(part), _BANDS, -1).transpose(2, 0, 1):
            hashed[start : start + len(part)] = (hashed[start : start + len(part)] ^ values) * np.uint64(_MIX)
    return hashed


def _pieces(text: str) -> set[str]:
    return {text[at : at + _PIECE] for at in range(len(text) - _PIECE + 1)}
