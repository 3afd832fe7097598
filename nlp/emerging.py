"""Words that a recent period uses more often than the time before it, beyond chance."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

FEWEST_TEXTS = 20
"""Texts a period needs before its words are compared at all."""

FEWEST_USES = 5
"""Texts of both periods together that must hold a word before it is tested."""

LEVEL = 0.05
"""Expected share of false words among those found, at most."""


@dataclass(frozen=True, slots=True)
class Dated:
    """The words of a text and the day it arrived."""

    day: date
    words: Collection[str]


@dataclass(frozen=True, slots=True)
class Period:
    """The days from `start` to `end`, both included, and how many texts they have."""

    start: date
    end: date
    texts: int


@dataclass(frozen=True, slots=True)
class EmergingWord:
    """A word of the recent period.

    Attributes
    ----------
    recent, baseline : int
        Texts of each period that hold it.
    ratio : float
        Recent share of texts over the baseline's, half a text added to each so that none is zero.
    p_value, q_value : float
        Of Fisher's exact test, one-sided; the same after Benjamini and Hochberg.
    first_seen : date
        Earliest day among all texts given, also those before the baseline.
    """

    word: str
    recent: int
    baseline: int
    ratio: float
    p_value: float
    q_value: float
    first_seen: date


@dataclass(frozen=True, slots=True)
class Emergence:
    """The two periods, how many words were tested, and those found, the surest first."""

    recent: Period
    baseline: Period
    tested: int
    words: list[EmergingWord]

    @property
    def enough(self) -> bool:
        """Whether both periods have texts enough to compare."""
        return min(self.recent.texts, self.baseline.texts) >= FEWEST_TEXTS


def emerging_words(
    texts: Sequence[Dated], recent_days: int = 30, baseline_days: int = 180, level: float = LEVEL
) -> Emergence:
    """Compare the last days with those before them.

    A word is tested by the number of texts that hold it (R. A. Fisher's exact test, one-sided); among the
    words found, the expected share of false ones is at most `level` (Y. Benjamini and Y. Hochberg, 1995).
    Which words are tested depends on both periods together only, which leaves the test exact.

    Parameters
    ----------
    texts : sequence of Dated
        Copies of one text should be given once: the test takes texts to be independent.
    recent_days : int
        Length of the recent period; it ends with the last day of `texts`.
    baseline_days : int
        Length of the period right before it.
    level : float
        False discovery rate.

    Raises
    ------
    ValueError
        When there are no texts.
    """
    if not texts:
        raise ValueError("no texts to compare")
    end = max(text.day for text in texts)
    border = end - timedelta(days=recent_days)
    start = border - timedelta(days=baseline_days)
    recent = [text for text in texts if text.day > border]
    baseline = [text for text in texts if start < text.day <= border]
    found = Emergence(
        Period(border + timedelta(days=1), end, len(recent)),
        Period(start + timedelta(days=1), border, len(baseline)),
        tested=0,
        words=[],
    )
    return _compared(found, _uses(recent), _uses(baseline), texts, level) if found.enough else found


def _compared(
    empty: Emergence, recent: Counter[str], baseline: Counter[str], texts: Sequence[Dated], level: float
) -> Emergence:
    import numpy as np
    from scipy.stats import hypergeom
    from statsmodels.stats.multitest import multipletests

    both = recent + baseline
    words = sorted(word for word, uses in both.items() if uses >= FEWEST_USES)
    if not words:
        return empty
    sizes = empty.recent.texts, empty.baseline.texts
    counts = np.array([[recent[word], baseline[word]] for word in words])
    p_values = hypergeom.sf(counts[:, 0] - 1, sum(sizes), counts.sum(axis=1), sizes[0])
    is_found, q_values, *_ = multipletests(p_values, alpha=level, method="fdr_bh")
    shares = (counts + 0.5) / (np.array(sizes) + 1)
    first = _first_seen(texts, {words[place] for place in np.flatnonzero(is_found)})
    found = [
        EmergingWord(
            word=words[place],
            recent=int(counts[place, 0]),
            baseline=int(counts[place, 1]),
            ratio=float(shares[place, 0] / shares[place, 1]),
            p_value=float(p_values[place]),
            q_value=float(q_values[place]),
            first_seen=first[words[place]],
        )
        for place in np.flatnonzero(is_found)
    ]
    found.sort(key=lambda item: (item.p_value, -item.ratio, item.word))
    return Emergence(empty.recent, empty.baseline, len(words), found)


def _uses(texts: Sequence[Dated]) -> Counter[str]:
    return Counter(word for text in texts for word in set(text.words))


def _first_seen(texts: Sequence[Dated], words: set[str]) -> dict[str, date]:
    first: dict[str, date] = {}
    for text in sorted(texts, key=lambda text: text.day):
        for word in words.intersection(text.words):
            first.setdefault(word, text.day)
    return first
