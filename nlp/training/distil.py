"""Make a small network learn what a large one and a model of pairs say together (Hinton et al., 2015)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from nlp.sentiment import softmax
from nlp.training.encoder import Encoder

LABEL_WEIGHT = 0.3
"""Share of the label in a target; the rest is the teachers' word, which also tells how clear a text is."""

Targets = NDArray[np.float32]


@dataclass(frozen=True)
class Student:
    """What a student keeps of its teacher.

    Attributes
    ----------
    layers : tuple of int
        Layers of the teacher it starts from.
    feed_forward : int
        Width of the inner layers; the strongest neurons are kept.
    """

    layers: tuple[int, ...]
    feed_forward: int

    def start(self, teacher: Encoder) -> Encoder:
        """A network with the chosen part of the teacher's weights."""
        config = replace(teacher.config, layers=len(self.layers), feed_forward=self.feed_forward)
        student = Encoder(config)
        state = teacher.state_dict()
        kept = {name: value for name, value in state.items() if not name.startswith("layers.")}
        for place, layer in enumerate(self.layers):
            prefix = f"layers.{layer}."
            part = {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}
            kept |= {f"layers.{place}.{k}": v for k, v in self._narrow(part).items()}
        student.load_state_dict(kept)
        return student

    def _narrow(self, part: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        strength = part["feed_in.weight"].norm(dim=1) * part["feed_out.weight"].norm(dim=0)
        best = strength.topk(self.feed_forward).indices.sort().values
        rows = {name: part[name][best] for name in ("feed_in.weight", "feed_in.bias")}
        return {**part, **rows, "feed_out.weight": part["feed_out.weight"][:, best]}


def one_hot(labels: Sequence[int] | NDArray[np.int64], classes: int = 3, smoothing: float = 0.05) -> Targets:
    """Labels as probabilities, `smoothing` of each spread over all classes.

    Returns
    -------
    ndarray of shape (n, classes), float32
    """
    targets = np.full((len(labels), classes), smoothing / classes, np.float32)
    targets[np.arange(len(labels)), labels] += 1 - smoothing
    return targets


def soft_targets(
    logits: NDArray[np.float32], given: NDArray[np.float32], labels: NDArray[np.int64]
) -> Targets:
    """What a student learns: the word of the teacher and the pairs, with `LABEL_WEIGHT` of the label.

    Parameters
    ----------
    logits : ndarray of shape (n + m, 3)
        Of the teacher, for texts and then for parts of texts.
    given : ndarray of shape (n + m, 3)
        Logits that the pairs add, see `nlp.training.pairs.sides`.
    labels : ndarray of shape (n,)
        Of the texts; what a part says may not be what the whole says.
    """
    targets = softmax(logits + given)
    texts = targets[: len(labels)]
    texts[:] = (1 - LABEL_WEIGHT) * texts + LABEL_WEIGHT * one_hot(labels)
    return targets
