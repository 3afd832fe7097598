"""New words of a corpus: runs of characters that hold together and stand freely among others.

A run is a word when its characters meet far more often than by chance (pointwise mutual information, K. W.
Church and P. Hanks, 1990) and when many different characters stand before and behind it (branching entropy,
Z. Jin and K. Tanaka-Ishii, "Unsupervised Segmentation of Chinese Text by Use of Branching Entropy", 2006).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Set
from dataclasses import dataclass, field
from math import log2

from nlp.lexicons import modifiers
from nlp.normalise import normalise
from nlp.segment import Segmenter
from nlp.suspect import is_default_text

LONGEST = 5
"""Characters of the longest word looked for."""

COHESION = 4.0
"""Bits by which the parts of a word meet more often than by chance, at least."""

FREEDOM = 1.5
"""Bits of the entropy of its neighbours, on the side where it is less, at least."""

CONTEXTS = 3
MOST_RUNS = 500_000
"""Runs counted at once; the rarest are forgotten when there are more."""

MOST_CANDIDATES = 20_000
"""Runs whose neighbours are counted, the most frequent ones."""

MOST_REMEMBERED = 200_000
"""Texts that are remembered to count repeated ones once."""

# Parts of speech, as jieba names them: numerals, measures and pronouns; adjectives and adverbs.
_BEFORE_PHRASES = frozenset("mqr")
_BEHIND_PHRASES = frozenset("ad")

_HAN = re.compile(r"[\u4e00-\u9fff]+")
_AROUND = 12

Read = Callable[[], Iterable[str]]


@dataclass(frozen=True, slots=True)
class NewWord:
    """A run of characters that is a word in these texts.

    Attributes
    ----------
    word
        The characters.
    count, texts
        How often it occurs, and in how many different texts.
    cohesion, freedom
        Bits of mutual information at its weakest joint, and of its neighbours' entropy on the less free side.
    parts
        How it is cut today.
    contexts
        Up to `CONTEXTS` places where it occurs.
    """

    word: str
    count: int
    texts: int
    cohesion: float
    freedom: float
    parts: list[str]
    contexts: list[str]

    @property
    def score(self) -> float:
        """How good a word it is: cohesion × freedom × log2(texts)."""
        return self.cohesion * self.freedom * log2(self.texts)


@dataclass(slots=True)
class _Seen:
    """What stands around a run; the edge of a stretch of characters is a neighbour that is always new."""

    count: int = 0
    texts: int = 0
    edges: list[int] = field(default_factory=lambda: [0, 0])
    before: Counter[str] = field(default_factory=Counter)
    behind: Counter[str] = field(default_factory=Counter)
    contexts: list[str] = field(default_factory=list)

    def freedom(self) -> float:
        sides = zip((self.before, self.behind), self.edges, strict=True)
        return min(_entropy(counts.values(), edges) for counts, edges in sides)


def new_words(read: Read, segmenter: Segmenter, top: int = 50, least: int = 5) -> list[NewWord]:
    """Return up to `top` words of Chinese characters that the segmenter's dictionaries lack, the best first.

    Time is linear in the length of the texts; memory is bounded whatever their number.

    Parameters
    ----------
    read : callable
        Gives the texts; is called twice, once to count and once to look around what was found.
    segmenter : Segmenter
        Says which words are known and how the others are cut today.
    top : int
        How many at most.
    least : int
        Different texts in which a word must occur.

    Returns
    -------
    list of NewWord
        None holds a stop word, a negation or a degree word, or ends with an adjective.
    """
    counts = _counts(read())
    total = sum(count for run, count in counts.items() if len(run) == 1)
    candidates = _candidates(counts, total, least)
    empty = frozenset().union(*modifiers().values())
    seen = {run: _Seen() for run in candidates if _is_new(run, segmenter, empty)}
    _look_around(read(), seen)
    found = [
        NewWord(
            word=run,
            count=around.count,
            texts=around.texts,
            cohesion=_cohesion(run, around.count, counts, total),
            freedom=around.freedom(),
            parts=segmenter.cut(run),
            contexts=around.contexts,
        )
        for run, around in seen.items()
        if around.texts >= least
    ]
    words = [word for word in found if word.freedom >= FREEDOM and word.cohesion >= COHESION]
    return sorted(words, key=lambda word: (-word.score, word.word))[:top]


def _candidates(counts: Counter[str], total: int, least: int) -> Iterator[str]:
    """Yield the runs that hold together; of one of n characters up to n - 2 occurrences went uncounted."""
    runs = 0
    for run, count in counts.most_common():
        enough = len(run) > 1 and count >= max(2, least - len(run) + 2)
        if enough and _cohesion(run, count, counts, total) >= COHESION:
            runs += 1
            yield run
        if runs == MOST_CANDIDATES:
            return


def _is_new(run: str, segmenter: Segmenter, empty: Set[str]) -> bool:
    """Tell whether a run is cut into parts today and is no phrase, as 第一次买, 质量不错, 很好看 are."""
    if segmenter.knows(run) or run in segmenter.dictionary.splits:
        return False
    tags = segmenter.tags(run)
    if len(tags) < 2 or tags[0][1][:1] in _BEFORE_PHRASES or tags[-1][1][:1] in _BEHIND_PHRASES:
        return False
    return not any(word in segmenter.stop_words or word in empty for word, _ in tags)


def _stretches(texts: Iterable[str]) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """Yield each different text in normalised form with the spans of its stretches of characters."""
    remembered: set[int] = set()
    for text in texts:
        plain = normalise(text)
        if hash(plain) in remembered or is_default_text(plain):
            continue
        if len(remembered) < MOST_REMEMBERED:
            remembered.add(hash(plain))
        yield plain, [match.span() for match in _HAN.finditer(plain)]


def _counts(texts: Iterable[str]) -> Counter[str]:
    """Count runs of up to `LONGEST` characters; a longer one only once its beginning was met before."""
    counts: Counter[str] = Counter()
    for text, spans in _stretches(texts):
        for start, end in spans:
            for place in range(start, end):
                for stop in range(place + 1, min(place + LONGEST, end) + 1):
                    run = text[place:stop]
                    counts[run] += 1
                    if counts[run] == 1 and stop > place + 1:
                        break
        if len(counts) > MOST_RUNS:
            counts = _frequent(counts)
    return counts


def _frequent(counts: Counter[str]) -> Counter[str]:
    """Return the single characters and the more frequent half of the runs, or less."""
    floor = 1
    while len(counts) > MOST_RUNS // 2:
        counts = Counter({run: count for run, count in counts.items() if count > floor or len(run) == 1})
        floor += 1
    return counts


def _cohesion(run: str, count: int, counts: Counter[str], total: int) -> float:
    by_chance = max(counts[run[:place]] * counts[run[place:]] for place in range(1, len(run)))
    return log2(count * total / by_chance) if by_chance else 0.0


def _look_around(texts: Iterable[str], seen: dict[str, _Seen]) -> None:
    for text, spans in _stretches(texts):
        met: set[str] = set()
        for start, end in spans:
            for place in range(start, end - 1):
                for stop in range(place + 2, min(place + LONGEST, end) + 1):
                    around = seen.get(text[place:stop])
                    if around is not None:
                        _note(around, text, place, stop, start, end)
                        met.add(text[place:stop])
        for run in met:
            seen[run].texts += 1


def _note(around: _Seen, text: str, place: int, stop: int, start: int, end: int) -> None:
    around.count += 1
    if place > start:
        around.before[text[place - 1]] += 1
    else:
        around.edges[0] += 1
    if stop < end:
        around.behind[text[stop]] += 1
    else:
        around.edges[1] += 1
    if len(around.contexts) < CONTEXTS:
        around.contexts.append(text[max(place - _AROUND, 0) : stop + _AROUND])


def _entropy(counts: Iterable[int], edges: int) -> float:
    numbers = [*counts, *[1] * edges]
    total = sum(numbers)
    return log2(total) - sum(n * log2(n) for n in numbers) / total
