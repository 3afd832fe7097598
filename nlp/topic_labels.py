"""Readable labels of clusters of clauses."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache
from math import log, sqrt

from nlp.lexicons import aspect_tree

COVERAGE = 0.25
"""Share of a cluster's clauses that must hold its label; otherwise the cluster has none."""

LIFT = 1.5
"""How many times as often as in all clauses a label must stand in its cluster's."""

_WORDS = 5
_LONGEST = 10
_MOST_JOINED = 3
_NEGATIONS = ("不", "没")
_TELLING_NOTHING = frozenset(
    [
        "结果",
        "东西",
        "感觉",
        "情况",
        "方面",
        "原因",
        "时候",
        "总体",
        "整体",
        "个人",
        "体验",
        "建议",
        "希望",
        "这次",
        "上次",
        "下次",
        "第一次",
        "收到",
        "购买",
    ]
)

_Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Label:
    """A phrase for a cluster, and the words it is made up of and beside."""

    text: str
    words: list[str]


def labels_of(
    texts: Sequence[str],
    words: Sequence[Sequence[str]],
    clusters: Sequence[int],
    names: Collection[str] = (),
) -> dict[int, Label]:
    """Label clusters by the phrase that sets each apart from the others.

    A phrase is up to three words that follow one another in the text. Its weight is the share of the
    cluster's clauses that hold it, times the logarithm of how much oftener it is there than in all clauses,
    times the square root of its words, since a longer phrase says more.

    Parameters
    ----------
    texts : sequence of str, length n
    words : sequence of sequence of str, length n
        Words of each text, in order.
    clusters : sequence of int, length n
    names : collection of str
        Words that name the product itself. These, words of judgement, negated and idle ones alone are no
        label.

    Returns
    -------
    dict of int to Label
        Clusters that no phrase fits (`COVERAGE`, `LIFT`) are left out.
    """
    empty = _judgements() | _TELLING_NOTHING | {*names}
    phrases = [_phrases(text, said) for text, said in zip(texts, words, strict=True)]
    everywhere = Counter(phrase for found in phrases for phrase in found)
    members: dict[int, list[int]] = defaultdict(list)
    for place, cluster in enumerate(clusters):
        members[cluster].append(place)
    labels: dict[int, Label] = {}
    for cluster, places in sorted(members.items()):
        here = Counter(phrase for place in places for phrase in phrases[place])
        weights = {
            phrase: _weight(times / len(places), everywhere[phrase] / len(texts), phrase)
            for phrase, times in here.items()
            if not all(word in empty or word.startswith(_NEGATIONS) for word in phrase)
            and times / len(places) >= COVERAGE
            and times / everywhere[phrase] >= LIFT * len(places) / len(texts)
        }
        if weights:
            best = min(weights, key=lambda phrase: (-weights[phrase], phrase))
            labels[cluster] = Label("".join(best), _characteristic(here, everywhere, len(places)))
    return labels


@cache
def _judgements() -> frozenset[str]:
    return frozenset().union(*aspect_tree()["opinions"].values())


def _weight(here: float, everywhere: float, phrase: _Phrase) -> float:
    return here * log(here / everywhere) * sqrt(len(phrase))


def _characteristic(here: Counter[_Phrase], everywhere: Counter[_Phrase], size: int) -> list[str]:
    """Return words by class-based TF-IDF (M. Grootendorst, "BERTopic", 2022)."""
    weights = {
        phrase[0]: times / size * log(1 + size / everywhere[phrase])
        for phrase, times in here.items()
        if len(phrase) == 1 and times > 1
    }
    return sorted(weights, key=lambda word: (-weights[word], word))[:_WORDS]


def _phrases(text: str, words: Sequence[str]) -> set[_Phrase]:
    """Return the runs of words that stand in the text as they are, side by side."""
    lower = text.lower()
    found: set[_Phrase] = {(word,) for word in words}
    for count in range(2, _MOST_JOINED + 1):
        for start in range(len(words) - count + 1):
            phrase = tuple(words[start : start + count])
            joined = "".join(phrase)
            if len(joined) <= _LONGEST and joined in lower:
                found.add(phrase)
    return found
