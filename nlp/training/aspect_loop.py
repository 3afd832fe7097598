"""Train the aspect network: marks of tokens, links, polarities and categories of pairs, all at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from nlp.aspect_spans import distance
from nlp.training.aspect_net import POLARITIES, AspectNet
from nlp.training.aspect_rows import IGNORED, Row
from nlp.training.batches import collate
from nlp.training.loop import UNKNOWN, Recipe, Trainer

MARKS_WEIGHT = 3.0


def pair_logits(model: AspectNet, edges: Tensor, rows: Sequence[Row]) -> Tensor:
    """Logits of all candidates of a batch, row after row."""
    found = [(place, candidate) for place, row in enumerate(rows) for candidate in row.candidates]
    aspects = [(place, *c.aspect) if c.aspect else None for place, c in found]
    opinions = [(place, *c.opinion) if c.opinion else None for place, c in found]
    distances = torch.tensor([distance(c.aspect, c.opinion) for _, c in found])
    spans = model.pairs.spans
    logits: Tensor = model.pairs(spans(edges, 0, aspects), spans(edges, 1, opinions), distances)
    return logits


def mark_targets(rows: Sequence[Row], tokens: int) -> Tensor:
    """Marks ``(batch, tokens, 2)`` of rows, padding ignored."""
    targets = torch.full((len(rows), tokens, 2), IGNORED)
    for place, row in enumerate(rows):
        targets[place, : len(row.ids)] = torch.tensor(row.marks).T
    return targets


def losses(model: AspectNet, rows: Sequence[Row], ids: Tensor, mask: Tensor) -> Tensor:
    """The loss of a batch; `ids` may have hidden tokens."""
    marks, edges = model(ids, mask)
    targets = mark_targets(rows, ids.shape[1])
    loss = MARKS_WEIGHT * functional.cross_entropy(
        marks.flatten(0, 2), targets.flatten(), ignore_index=IGNORED
    )
    candidates = [candidate for row in rows for candidate in row.candidates]
    if not candidates:
        return loss
    logits = pair_logits(model, edges, rows).float()
    link = torch.tensor([c.link for c in candidates])
    if (link != IGNORED).any():
        known = link != IGNORED
        loss = loss + functional.binary_cross_entropy_with_logits(logits[known, 0], link[known].float())
    for first, last, kind in ((1, 1 + POLARITIES, "polarity"), (1 + POLARITIES, None, "category")):
        target = torch.tensor([getattr(c, kind) for c in candidates])
        if (target != IGNORED).any():
            loss = loss + functional.cross_entropy(logits[:, first:last], target, ignore_index=IGNORED)
    return loss


class AspectTrainer(Trainer):
    """`Trainer` for the aspect network.

    Parameters
    ----------
    model : AspectNet
    rows : sequence of Row
    recipe : Recipe
        `guess_weight` is not used.
    """

    def __init__(self, model: AspectNet, rows: Sequence[Row], recipe: Recipe) -> None:
        self.labelled = rows
        self._start(model, [len(row.ids) for row in rows], recipe)

    def _backward(self, total: int, model: AspectNet, part: NDArray[np.int64]) -> float:
        rows = [self.labelled[i] for i in part]
        ids, mask = collate([row.ids for row in rows])
        hidden = self._hidden(ids, part)
        with torch.autocast("cpu", torch.bfloat16, enabled=self.recipe.bfloat16):
            loss = losses(model, rows, torch.where(hidden, UNKNOWN, ids), mask)
        loss = loss * (len(part) / total)
        loss.backward()
        return loss.item()
