"""What a change of the dictionary would do to texts, told before it is made."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

from nlp.keywords import KeywordFinder
from nlp.normalise import normalise
from nlp.segment import Segmenter

AROUND = 3
"""Words shown on either side of the first difference."""


@dataclass(frozen=True, slots=True)
class Example:
    """The words around the first difference in a text, as they are cut before and after the change."""

    before: list[str]
    after: list[str]


@dataclass(frozen=True, slots=True)
class Impact:
    """What a change does to texts.

    Attributes
    ----------
    texts, changed
        How many there are, and how many of them are cut differently.
    examples
        Of the first of those.
    appearing, vanishing
        Keyword to the number of texts that gain or lose it, the most frequent first.
    """

    texts: int
    changed: int
    examples: list[Example]
    appearing: dict[str, int]
    vanishing: dict[str, int]


def impact(
    texts: Iterable[str], before: Segmenter, after: Segmenter, examples: int = 5, top: int = 50
) -> Impact:
    """Cut texts with both segmenters and compare.

    Parameters
    ----------
    texts : iterable of str
        Original texts, read once.
    before, after : Segmenter
        With the dictionary as it is and as it would be.
    examples : int
        How many at most, each with another difference.
    top : int
        Keywords of a kind at most.

    Returns
    -------
    Impact
    """
    count = changed = 0
    shown: dict[tuple[str, ...], Example] = {}
    appearing: Counter[str] = Counter()
    vanishing: Counter[str] = Counter()
    finders = KeywordFinder(before), KeywordFinder(after)
    for count, text in enumerate(texts, 1):  # noqa: B007
        plain = normalise(text)
        old, new = before.cut(plain), after.cut(plain)
        if old == new:
            continue
        changed += 1
        difference, example = _first_difference(old, new)
        if len(shown) < examples:
            shown.setdefault(difference, example)
        had, has = (set(finder.of_text(plain)) for finder in finders)
        appearing.update(has - had)
        vanishing.update(had - has)
    return Impact(
        texts=count,
        changed=changed,
        examples=list(shown.values()),
        appearing=_most(appearing, top),
        vanishing=_most(vanishing, top),
    )


def _first_difference(old: list[str], new: list[str]) -> tuple[tuple[str, ...], Example]:
    """Return what stands where two ways to cut differ first, and the words around it in both."""
    start = next((n for n, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), 0)
    ends = [list(accumulate(map(len, cut))) for cut in (old, new)]
    # Both go on alike where they have cut off equally many characters.
    joint = min(set(ends[0][start:]) & set(ends[1][start:]), default=None)
    stops = [start + 1 if joint is None else end.index(joint) + 1 for end in ends]
    first = max(start - AROUND, 0)
    example = Example(old[first : stops[0] + AROUND], new[first : stops[1] + AROUND])
    return tuple(new[start : stops[1]]), example


def _most(counts: Counter[str], top: int) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:top])
