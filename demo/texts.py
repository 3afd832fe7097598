"""A review's text from the grammar: opener, clauses on aspects, a concession, a closer."""

from collections.abc import Sequence

import numpy as np

from demo.phrases import (
    ASPECTS,
    CLOSERS,
    COMMON,
    CONCESSIONS,
    DEGREES,
    EMOJI,
    ENDS,
    EVENTS,
    JOINTS,
    OPENERS,
    WHO,
    Polarity,
)

_OTHER: dict[Polarity, Polarity] = {"positive": "negative", "negative": "positive"}


class Writer:
    """Writes reviews of a product.

    Parameters
    ----------
    aspects : sequence of str
        The product's own aspects; they come up more often than those of every product.
    rng : numpy.random.Generator
    """

    def __init__(self, aspects: Sequence[str], rng: np.random.Generator) -> None:
        self.aspects = list(aspects)
        self.rng = rng

    def write(self, polarity: Polarity, topic: str | None = None) -> str:
        """Return a text of a polarity, about ``topic`` first when one is given."""
        names = self._names(topic)
        parts = [self._clause(name, polarity) for name in names]
        text = parts[0]
        for part in parts[1:]:
            text += self._pick(JOINTS) + part
        if polarity in _OTHER and self.rng.random() < 0.12:
            text += "，" + self._concession(polarity, names)
        closer = self._filled(self._pick(CLOSERS[polarity]))
        text = self._filled(self._pick(OPENERS[polarity])) + text + ("，" + closer if closer else "")
        emoji = self._pick(EMOJI[polarity]) if self.rng.random() < 0.12 else ""
        return text + self._pick(ENDS) + emoji

    def _names(self, topic: str | None) -> list[str]:
        count = int(self.rng.choice([1, 2, 3, 4], p=[0.3, 0.4, 0.22, 0.08]))
        everyday = [name for name in self.aspects if name != "气味"]
        names = everyday * 2 + list(COMMON)
        order = [names[i] for i in self.rng.permutation(len(names))]
        return list(dict.fromkeys(([topic] if topic else []) + order))[:count]

    def _clause(self, name: str, polarity: Polarity) -> str:
        clauses = (ASPECTS.get(name) or COMMON[name])[polarity]
        return self._pick(clauses).replace("{}", self._pick(DEGREES[polarity]))

    def _concession(self, polarity: Polarity, used: Sequence[str]) -> str:
        free = [name for name in COMMON if name not in used]
        clause = self._clause(self._pick(free), _OTHER[polarity])
        opening = self._pick(CONCESSIONS[polarity])
        return f"{opening}{clause}" + ("以外没别的了" if opening == "除了" else "")

    def _filled(self, text: str) -> str:
        text = text.replace("{n}", str(self.rng.integers(2, 30)))
        return text.replace("{who}", self._pick(WHO)).replace("{event}", self._pick(EVENTS))

    def _pick(self, choices: Sequence[str]) -> str:
        return choices[int(self.rng.integers(len(choices)))]
