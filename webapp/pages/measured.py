"""How well the shipped models did where they were measured; a test compares it with their cards."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """Macro-F1 over two classes of held-out texts, and how many texts."""

    card: str
    macro_f1: float
    texts: int


CARDS = {
    "accurate-b7a7e23f9b72": Measured("docs/models/sentiment-accurate.md", 0.9246, 10_835),
    "fast-972175417ba8": Measured("docs/models/sentiment-fast.md", 0.9155, 10_835),
}


def measured(analyzer: str) -> Measured | None:
    """Return the figure of the sentiment model in an analyser's version; None for one of the shop's own."""
    return CARDS.get(analyzer.partition("+")[0])
