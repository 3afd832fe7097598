"""What a change of the aspect tree would do to texts, told before it is made."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from nlp.aspects import Aspect, AspectFinder

AROUND = 40
"""Characters shown on either side of an aspect."""


@dataclass(frozen=True, slots=True)
class Example:
    """A piece of a text with an aspect that comes or goes.

    Attributes
    ----------
    before, said, after
        The aspect (or the opinion, where it is only implied) and what stands around it.
    category
        Which category it is.
    gained
        Whether it comes; else it goes.
    """

    before: str
    said: str
    after: str
    category: str
    gained: bool


@dataclass(frozen=True, slots=True)
class AspectImpact:
    """What a change does to texts.

    Attributes
    ----------
    texts, changed
        How many there are, and how many of them have other categories than before.
    gains, losses
        Category to the number of texts that get or lose it, the most frequent first.
    examples
        Of each category that comes or goes a few.
    """

    texts: int
    changed: int
    gains: dict[str, int]
    losses: dict[str, int]
    examples: list[Example]


def aspect_impact(
    texts: Sequence[str], before: AspectFinder, after: AspectFinder, examples: int = 3
) -> AspectImpact:
    """Find the aspects of texts with both finders and compare; a learned reader reads them once.

    Parameters
    ----------
    texts : sequence of str
        Original texts.
    before, after : AspectFinder
        With the tree as it is and as it would be, and the same learned reader.
    examples : int
        How many at most for each category that comes or goes.

    Returns
    -------
    AspectImpact
    """
    read = before.read(texts)
    gains: Counter[str] = Counter()
    losses: Counter[str] = Counter()
    shown: dict[tuple[str, bool], list[Example]] = {}
    changed = 0
    for text, had, has in zip(texts, before.find_all(texts, read), after.find_all(texts, read), strict=True):
        old, new = ({aspect.category for aspect in found} for found in (had, has))
        changed += old != new
        gains.update(new - old)
        losses.update(old - new)
        for found, which, gained in ((has, new - old, True), (had, old - new, False)):
            for aspect in found:
                kept = shown.setdefault((aspect.category, gained), [])
                if aspect.category in which and len(kept) < examples:
                    kept.append(_example(text, aspect, gained))
    return AspectImpact(
        texts=len(texts),
        changed=changed,
        gains=_most(gains),
        losses=_most(losses),
        examples=[example for kept in shown.values() for example in kept],
    )


def _example(text: str, aspect: Aspect, gained: bool) -> Example:
    before, after = text[max(aspect.start - AROUND, 0) : aspect.start], text[aspect.end : aspect.end + AROUND]
    return Example(before, text[aspect.start : aspect.end], after, aspect.category, gained)


def _most(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
