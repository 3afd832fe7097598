"""A network that marks aspects and opinions in a text, and says which belong together and how they judge."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from nlp.aspect_spans import DISTANCES, MARKS
from nlp.training.encoder import Encoder

WIDTH = 128
"""Numbers that stand for a span where it meets another."""
POLARITIES = 3


class AspectNet(nn.Module):
    """An encoder with a head that tags tokens and a head that judges pairs of spans.

    Parameters
    ----------
    encoder : Encoder
    categories : int
        Branches of the aspect tree.
    """

    def __init__(self, encoder: Encoder, categories: int) -> None:
        super().__init__()
        hidden = encoder.config.hidden
        self.encoder = encoder
        self.tags = nn.Linear(hidden, 2 * len(MARKS))
        self.edges = nn.Linear(hidden, 4 * WIDTH)
        self.pairs = PairHead(categories)

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Tag logits ``(batch, tokens, 2, marks)`` and edges ``(batch, tokens, 4, WIDTH)``, float32.

        The edges of a token are what it says as first and last token of an
        aspect, and as first and last token of an opinion.
        """
        states = self.encoder.states(ids, mask)
        batch, tokens, _ = states.shape
        return (
            self.tags(states).view(batch, tokens, 2, len(MARKS)).float(),
            self.edges(states).view(batch, tokens, 4, WIDTH).float(),
        )


class PairHead(nn.Module):
    """Whether an aspect and an opinion belong together, the polarity and the category of both.

    Parameters
    ----------
    categories : int
    """

    def __init__(self, categories: int) -> None:
        super().__init__()
        self.distance = nn.Embedding(DISTANCES, WIDTH)
        self.nothing = nn.Parameter(torch.randn(2, WIDTH) * 0.1)
        self.mix = nn.Linear(2 * WIDTH, WIDTH)
        self.out = nn.Linear(WIDTH, 1 + POLARITIES + categories)

    def forward(self, aspects: Tensor, opinions: Tensor, distances: Tensor) -> Tensor:
        """Logits ``(pairs, 1 + POLARITIES + categories)``: link, polarity, category.

        Parameters
        ----------
        aspects, opinions : Tensor of shape (pairs, WIDTH)
        distances : Tensor of shape (pairs,), int64
            Buckets of `nlp.aspect_spans.distance`.
        """
        met = torch.cat([aspects + opinions + self.distance(distances), aspects * opinions], 1)
        logits: Tensor = self.out(functional.gelu(self.mix(met)))
        return logits

    def spans(self, edges: Tensor, kind: int, places: Sequence[tuple[int, int, int] | None]) -> Tensor:
        """``(spans, WIDTH)`` of spans given as row, first and last token; None is a span that is not there.

        Parameters
        ----------
        edges : Tensor of shape (batch, tokens, 4, WIDTH)
        kind : int
            0 for aspects, 1 for opinions.
        places : sequence of (row, first, last) or None
        """
        index = torch.tensor([place or (0, 0, 0) for place in places])
        first = edges[index[:, 0], index[:, 1], 2 * kind]
        last = edges[index[:, 0], index[:, 2], 2 * kind + 1]
        there = torch.tensor([place is not None for place in places]).unsqueeze(1)
        return torch.where(there, first + last, self.nothing[kind])
