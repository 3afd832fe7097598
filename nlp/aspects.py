"""Find aspects and the opinions about them: learned where a model is given, by rule for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nlp.aspect_changes import AspectChanges
from nlp.aspect_rules import OVERALL, POLARITIES, Aspect, AspectRules, Polarity, place
from nlp.lexicons import aspect_tree

if TYPE_CHECKING:
    from nlp.aspect_model import Anchor, AspectModel, Judgement
    from nlp.aspect_spans import Span

__all__ = ["Aspect", "AspectFinder", "Polarity"]

_CERTAIN = 0.5
"""Probability from which the model's category stands against the tree's."""


class AspectFinder:
    """Aspects of Chinese product reviews.

    Parameters
    ----------
    tree : dict, optional
        Aspect tree as in `nlp/lexicons/aspects.json`, the default.
    model : AspectModel, optional
        Learned reader; without one only rules speak.
    changes : AspectChanges, optional
        What a workspace changes about the tree: none by default.

    Examples
    --------
    >>> [(a.category, a.opinion, a.polarity) for a in AspectFinder().find("物流很快，就是有点掉色")]
    [('物流', '很快', 'positive'), ('质量', '有点掉色', 'negative')]
    """

    def __init__(
        self,
        tree: dict[str, Any] | None = None,
        model: AspectModel | None = None,
        changes: AspectChanges | None = None,
    ) -> None:
        self.changes = changes or AspectChanges()
        self._tree = aspect_tree() if tree is None else tree
        self.rules = AspectRules(self.changes.grown(self._tree))
        self.model = model

    @classmethod
    def load(cls, folder: Path | None = None, threads: int = 1) -> AspectFinder:
        """Return a finder with a learned reader, the bundled one by default; its weights are read when used.

        Raises
        ------
        ModelError
            When the folder holds no model.
        """
        from nlp.aspect_model import FOLDER, AspectModel

        return cls(model=AspectModel(folder or FOLDER, threads))

    def with_changes(self, changes: AspectChanges) -> AspectFinder:
        """Return a finder by a workspace's changes, in place of those it has; the model is shared."""
        return type(self)(self._tree, self.model, changes)

    @property
    def versions(self) -> list[str]:
        """What changes with the learned reader and the workspace's tree; nothing where there is neither."""
        own = self.changes.version
        return [*([self.model.version] if self.model else []), *([f"aspects-{own}"] if own else [])]

    def find(self, text: str) -> list[Aspect]:
        """Return the aspects of `text` in order of their place.

        Parameters
        ----------
        text : str
            The original text, so that spans point into it.
        """
        return self.find_all([text])[0]

    def find_all(
        self, texts: Sequence[str], read: Sequence[list[Judgement]] | None = None
    ) -> list[list[Aspect]]:
        """Return the aspects of each text; a model reads them together, which is faster.

        Parameters
        ----------
        texts : sequence of str, length n
        read : sequence of list of Judgement, length n, optional
            What `read` said of them, by a finder with the same model.

        Returns
        -------
        list of list of Aspect, length n
        """
        ruled = [self.rules.find(text) for text in texts]
        read = self.read(texts) if read is None else read
        if self.model is not None:
            ruled = [self._combined(*said) for said in zip(texts, read, ruled, strict=True)]
        return [self.changes.applied(found) for found in ruled]

    def read(self, texts: Sequence[str]) -> list[list[Judgement]]:
        """Return what the learned reader says of each text; nothing where there is none."""
        return self.model.read(texts) if self.model else [[] for _ in texts]

    def judge(self, texts: Sequence[str], anchors: Sequence[Anchor]) -> list[list[float]]:
        """Return how texts judge given aspects.

        Parameters
        ----------
        texts : sequence of str, length n
        anchors : sequence of (aspect, opinion), length n
            Places in the text; an aspect that is only implied is None beside its opinion.

        Returns
        -------
        list of list of float, shape (n, 3)
            Probabilities of negative, neutral, positive. Rules are sure of what they find, and take for
            positive what they do not find.
        """
        if self.model is not None:
            judged: list[list[float]] = self.model.judge(texts, anchors).tolist()
            return judged
        said = map(self._said, texts, anchors)
        return [[float(polarity == one) for polarity in POLARITIES] for one in said]

    def _said(self, text: str, anchor: Anchor) -> Polarity:
        span = anchor[0] or anchor[1] or (0, 0)
        return next((one.polarity for one in self.rules.find(text) if _overlap(one, span)), "positive")

    def _combined(self, text: str, read: list[Judgement], ruled: list[Aspect]) -> list[Aspect]:
        """What the model read, unless rules name what it never learned, and the faults that rules know."""
        unknown = [aspect for aspect in ruled if self._is_ours(aspect)]
        first = [aspect for aspect in unknown if aspect.aspect]
        read = [
            said for said in read if not any(_overlap(one, span) for one in first for span in _spans(said))
        ]
        learned = {found for judgement in read if (found := self._aspect(text, judgement))}
        if not learned:
            return ruled
        taken = [span for judgement in read for span in _spans(judgement)]
        told = {aspect.opinion for aspect in learned}
        faults = (one for one in ruled if one.opinion not in told and self._is_implied_fault(one))
        heard = {*unknown, *faults}
        beside = (aspect for aspect in heard if not any(_overlap(aspect, span) for span in taken))
        return sorted({*learned, *beside}, key=place)

    @cached_property
    def _learned(self) -> set[str]:
        """Categories that the model learned from people's labels."""
        config = self.model.config if self.model else None
        return set(config.categories) - set(config.left_to_rules) if config else set()

    def _is_ours(self, aspect: Aspect) -> bool:
        """Tell whether the model never learned the category, or the workspace named the aspect itself."""
        return aspect.category not in self._learned or self.changes.category(aspect.aspect) is not None

    def _is_implied_fault(self, aspect: Aspect) -> bool:
        """Tell whether the opinion alone (掉色, 开胶) says what is at fault."""
        vague = self.rules.category(aspect.aspect, "") in (None, OVERALL)
        return vague and aspect.polarity == "negative" and aspect.category != OVERALL

    def _aspect(self, text: str, judgement: Judgement) -> Aspect | None:
        aspect, opinion = (_trimmed(text, span) for span in (judgement.aspect, judgement.opinion))
        span = aspect or opinion
        if span is None:
            return None
        words, said = (text[slice(*place)] if place else "" for place in (aspect, opinion))
        likeliest = max(range(len(POLARITIES)), key=judgement.polarities.__getitem__)
        return Aspect(self._category(judgement, words, said), words, said, POLARITIES[likeliest], *span)

    def _category(self, judgement: Judgement, words: str, said: str) -> str:
        """The model's category, unless the tree has that very word or the model is unsure or untaught."""
        named = self.rules.category(words, "")
        implied = None if named else self.rules.category("", words)
        if implied:
            return implied
        if named == words:
            return words
        own = named or self.rules.category("", said)
        learned = self.model.config.categories if self.model else []
        if own is None or (own in learned and judgement.certainty >= _CERTAIN):
            return judgement.category
        return own


def _spans(judgement: Judgement) -> list[Span]:
    return [span for span in (judgement.aspect, judgement.opinion) if span]


def _trimmed(text: str, span: Span | None) -> Span | None:
    """A span without the spaces at its ends, or None where nothing is left."""
    if span is None:
        return None
    start, end = span
    part = text[start:end]
    start, end = end - len(part.lstrip()), start + len(part.rstrip())
    return (start, end) if start < end else None


def _overlap(aspect: Aspect, span: Span) -> bool:
    return aspect.start < span[1] and span[0] < aspect.end
