"""What the classes of somebody else's classifier mean in ours."""

import re
from collections.abc import Mapping

from nlp.sentiment import LABELS, ModelError

_WORDS = {
    "negative": re.compile(r"\bneg|负|消极|差评", re.I),
    "neutral": re.compile(r"\bneu|中性|中立|中评", re.I),
    "positive": re.compile(r"\bpos|正|积极|好评", re.I),
}
_BY_RANK = {
    2: ("negative", "positive"),
    3: ("negative", "neutral", "positive"),
    5: ("negative", "negative", "neutral", "positive", "positive"),
}
_WORD_START = re.compile(r"[_\W]+|(?<=[a-z])(?=[A-Z])")


class LabelsNotUnderstood(ModelError):
    """The classes of a checkpoint cannot be mapped to negative, neutral and positive."""


def sentiments_of(id2label: Mapping[int, str]) -> list[int]:
    """Return which of our labels each class stands for.

    A word for a sentiment decides, in English or Chinese ("Very Negative", "好评"). Two, three or five names
    with consecutive numbers instead ("LABEL_0", "1 star", "star 5") go from bad to good by them.

    Parameters
    ----------
    id2label : mapping of int to str
        As in a checkpoint's ``config.json``.

    Returns
    -------
    list of int
        Index in `nlp.sentiment.LABELS` of class 0, 1, ….

    Raises
    ------
    LabelsNotUnderstood
        Names the labels, and what would be understood.

    Examples
    --------
    >>> sentiments_of({0: "5 stars", 1: "4 stars", 2: "3 stars", 3: "2 stars", 4: "1 star"})
    [2, 2, 1, 0, 0]
    """
    names = [str(id2label[place]) for place in sorted(id2label)]
    found = _by_words(names) or _by_numbers(names)
    if not {"negative", "positive"} <= set(found):
        raise LabelsNotUnderstood(
            f"the classes {names} are not understood: name them negative, neutral and positive in "
            "id2label of config.json, or number two, three or five of them from bad to good"
        )
    return [LABELS.index(label) for label in found]


def _by_words(names: list[str]) -> list[str]:
    """Our label of each name, or nothing where a name has no word for a sentiment or more than one."""
    found = [[label for label, word in _WORDS.items() if word.search(_spaced(name))] for name in names]
    return [label for (label,) in found] if all(len(labels) == 1 for labels in found) else []


def _by_numbers(names: list[str]) -> list[str]:
    """Our label of each name by its number, or nothing where the numbers are not consecutive."""
    numbers = [[int(number) for number in re.findall(r"\d+", name)] for name in names]
    if len(names) not in _BY_RANK or any(len(found) != 1 for found in numbers):
        return []
    first = min(number for (number,) in numbers)
    ranks = [number - first for (number,) in numbers]
    return [_BY_RANK[len(names)][rank] for rank in ranks] if sorted(ranks) == list(range(len(names))) else []


def _spaced(name: str) -> str:
    """`name` with a space at each start of a word, so that "VeryNegative" and "LABEL_neg" show theirs."""
    return _WORD_START.sub(" ", name)
