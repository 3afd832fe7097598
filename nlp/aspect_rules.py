"""Find aspects and the opinions about them by rule: a tree of e-commerce aspects, opinion words, modifiers.

This is the baseline that the learned model has to beat, and what speaks of goods the model never saw. It
reads a text clause by clause, attaches each opinion to the aspect named just before it (after M. Hu and
B. Liu, "Mining and Summarizing Customer Reviews", 2004), lets negations turn it and excess (太, 有点) make
sizes a fault, and takes words that imply an aspect without one (掉色 → 质量).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from nlp.aspect_words import AspectWords, Token, Word
from nlp.lexicons import aspect_tree
from nlp.normalise import fold

Polarity = Literal["negative", "neutral", "positive"]
POLARITIES: tuple[Polarity, ...] = ("negative", "neutral", "positive")

OVERALL = "整体"
"""Category of an opinion about the product as a whole; gives way to the aspect an opinion implies."""

_CLAUSE = re.compile(r"[^\s，,。.！!？?；;…~～:：|()（）【】\[\]“”\"]+")
_COORDINATIONS = frozenset({"和", "与", "跟", "及", "、", "以及", "还有", "/"})
_STRESSES = frozenset({"degrees", "negations", "excess"})
_MOST_JOINED = 8
_FARTHEST = 12
"""Characters between an aspect and an opinion about it in one clause, at most."""


@dataclass(frozen=True, slots=True)
class Aspect:
    """An opinion about an aspect.

    `text[start:end]` is the aspect; where it is only implied, `aspect` is empty and the span is that
    of the opinion.
    """

    category: str
    aspect: str
    opinion: str
    polarity: Polarity
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Mention:
    """An aspect (with its branch) or an opinion phrase (with its word) in a clause."""

    start: int
    end: int
    word: Word
    branch: str | None = None
    negated: bool = False
    excess: bool = False


_Pair = tuple[_Mention | None, _Mention]


class AspectRules:
    """Rule-based aspects of Chinese product reviews.

    Parameters
    ----------
    tree : dict, optional
        Aspect tree as in `nlp/lexicons/aspects.json`, the default.

    Examples
    --------
    >>> [(a.category, a.opinion, a.polarity) for a in AspectRules().find("物流很快，就是有点掉色")]
    [('物流', '很快', 'positive'), ('质量', '有点掉色', 'negative')]
    """

    def __init__(self, tree: dict[str, Any] | None = None) -> None:
        self._words = AspectWords(aspect_tree() if tree is None else tree)

    def find(self, text: str) -> list[Aspect]:
        """Return the aspects of `text` in order of their place.

        Parameters
        ----------
        text : str
            The original text, so that spans point into it.

        Returns
        -------
        list of Aspect
        """
        folded = fold(text)
        found: set[Aspect] = set()
        topics: list[_Mention] = []
        for clause in _CLAUSE.finditer(folded):
            tokens = list(self._words.tokens(folded, clause.start(), clause.end()))
            if folded[clause.end() : clause.end() + 1] in ("?", "？") or _is_irrealis(tokens):
                topics = []
                continue
            mentions = list(_mentions(tokens))
            if not (mentions and mentions[0].branch is None and mentions[0].start <= clause.start() + 3):
                topics = []
            pairs, topics = _link(folded, mentions, topics)
            found.update(_aspect(text, *pair) for pair in pairs)
        return sorted(found, key=place)

    @property
    def categories(self) -> list[str]:
        """Categories of the tree, in its order."""
        return self._words.categories

    def category(self, words: str, implied: str) -> str | None:
        """Return the category that the words of an aspect name, else the one that an opinion implies.

        Parameters
        ----------
        words, implied : str
            An aspect and an opinion; "" where absent.
        """
        named = [token.word.branch for token in self._tokens(words) if token.word.branch is not None]
        branches = named or [token.word.implies for token in self._tokens(implied) if token.word.implies]
        return branches[-1].partition("/")[0] if branches and branches[-1] else None

    def _tokens(self, text: str) -> list[Token]:
        folded = fold(text)
        return list(self._words.tokens(folded, 0, len(folded)))


def place(aspect: Aspect) -> tuple[int, int, str, str]:
    """Return what aspects of a text are sorted by."""
    return aspect.start, aspect.end, aspect.opinion, aspect.category


def _is_irrealis(tokens: list[Token]) -> bool:
    return any("irrealis" in token.word.modifiers for token in tokens)


def _mentions(tokens: list[Token]) -> Iterator[_Mention]:
    """Yield aspects and opinion phrases: an opinion word with the modifiers that touch it on the left."""
    before: list[Token] = []
    for token, following in zip(tokens, [*tokens[1:], None], strict=False):
        word = token.word
        if before and before[-1].end != token.start:
            before = []
        if word.modifiers and (not word.is_opinion or _leads_on(token, following)):
            before.append(token)
            continue
        if word.branch is not None and not (word.is_opinion and _is_stressed(before)):
            yield _Mention(token.start, token.end, word, word.branch)
        elif word.is_opinion:
            yield _phrase(before, token)
        before = []


def _leads_on(token: Token, following: Token | None) -> bool:
    """Tell whether a word that can modify (好大, 没有任何) has something to modify right behind it."""
    if following is None or following.start != token.end:
        return False
    return following.word.is_opinion or bool(following.word.modifiers & _STRESSES)


def _is_stressed(before: list[Token]) -> bool:
    """Tell whether a word that is an aspect and an opinion (优惠, 保湿) is said to be so: 很保湿."""
    return any(token.word.modifiers & _STRESSES for token in before)


def _phrase(before: list[Token], opinion: Token) -> _Mention:
    while before and not before[0].word.modifiers & _STRESSES:
        before = before[1:]
    negations = sum("negations" in token.word.modifiers for token in before)
    return _Mention(
        start=before[0].start if before else opinion.start,
        end=opinion.end,
        word=opinion.word,
        negated=negations % 2 == 1,
        excess=any("excess" in token.word.modifiers for token in before),
    )


def _link(text: str, mentions: list[_Mention], topics: list[_Mention]) -> tuple[list[_Pair], list[_Mention]]:
    """Return the (aspect or None, opinion) pairs of a clause, and aspects still without an opinion."""
    pairs: list[_Pair] = []
    waiting = bool(topics)
    for mention, following in zip(mentions, [*mentions[1:], None], strict=False):
        if mention.branch is not None:
            topics, waiting = _joined(text, topics, mention), True
            continue
        targets = [topic for topic in topics if waiting or mention.start - topic.end <= _FARTHEST]
        if following is not None and following.branch and text[mention.end : following.start] == "的":
            targets = [following]
        held = [
            (topic, mention) for topic in targets if _polarity(mention, _branch(topic, mention)) is not None
        ]
        if held:
            pairs += held
            waiting = False
        elif mention.word.implies:
            pairs.append((None, mention))
    return pairs, topics if waiting else []


def _joined(text: str, topics: list[_Mention], mention: _Mention) -> list[_Mention]:
    """Return the aspects that the next opinion is about, now that `mention` was named."""
    if not topics:
        return [mention]
    last = topics[-1]
    between = text[last.end : mention.start]
    if between in _COORDINATIONS:
        return [*topics[-_MOST_JOINED:], mention]
    if between in ("", "的") and mention.word.head and last.branch != OVERALL:
        return [_Mention(last.start, mention.end, last.word, last.branch)]
    return [mention]


def _branch(target: _Mention | None, opinion: _Mention) -> str:
    implied = opinion.word.implies or OVERALL
    return implied if target is None or target.branch in (None, OVERALL) else target.branch


def _polarity(opinion: _Mention, branch: str) -> Polarity | None:
    """Return the polarity of an opinion about a branch, or None where the word is no opinion about it."""
    word = opinion.word
    sign = -1 if word.size and opinion.excess else word.polarity_in.get(branch, word.polarity)
    if sign is None:
        return None
    names: tuple[Polarity, ...] = ("neutral", "positive", "negative")
    return names[-sign if opinion.negated else sign]


def _aspect(text: str, target: _Mention | None, opinion: _Mention) -> Aspect:
    branch = _branch(target, opinion)
    span = target or opinion
    return Aspect(
        category=branch.partition("/")[0],
        aspect=text[target.start : target.end] if target else "",
        opinion=text[opinion.start : opinion.end],
        polarity=_polarity(opinion, branch) or "neutral",
        start=span.start,
        end=span.end,
    )
