"""How finely the inputs of each matrix are told apart once they are bytes.

Activations have few channels far larger than the rest. Each channel gets a
gain of its own, and the weights that meet it are divided by it, so that large
channels do not coarsen the others (SmoothQuant, Xiao et al., 2023). Gains are
fixed before a model is written: a byte costs one multiplication, and a text
scores the same whichever texts stand beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nlp.training.batches import collate

LEVELS = 127
"""Largest activation."""
SAMPLE = 400
"""Texts that show how large inputs get."""
BALANCE = 0.8
"""How much of the difference between channels goes to the weights; from 0.75 to 1 models did alike."""
SMALLEST = 1e-5

Gains = dict[str, NDArray[np.float32]]


def find_gains(model: nn.Module, rows: Sequence[Sequence[int]]) -> Gains:
    """Levels per unit of each input of each linear map, by the name of the map in the model.

    Parameters
    ----------
    model : nn.Module
        Takes ``ids`` and ``mask``.
    rows : sequence of sequence of int
        Token ids of texts like those it will read; `SAMPLE` of them are read.
    """
    chosen = rows[:: max(len(rows) // SAMPLE, 1)][:SAMPLE]
    largest: Gains = {}
    maps = {name: part for name, part in model.named_modules() if isinstance(part, nn.Linear)}
    hooks = [part.register_forward_pre_hook(_watch(largest, name)) for name, part in maps.items()]
    try:
        with torch.inference_mode():
            for row in chosen:
                model(*collate([list(row)]))
    finally:
        for hook in hooks:
            hook.remove()
    return {name: _gain(found, maps[name].weight.detach().float().numpy()) for name, found in largest.items()}


def _watch(largest: Gains, name: str) -> Callable[[nn.Module, tuple[Any, ...]], None]:
    def keep(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        seen = inputs[0].abs().flatten(0, -2).amax(0).float().numpy()
        largest[name] = np.maximum(largest.get(name, 0), seen)

    return keep


def _gain(largest: NDArray[np.float32], weight: NDArray[np.float32]) -> NDArray[np.float32]:
    heaviest = np.abs(weight).max(0)
    size = np.maximum(largest, SMALLEST) ** BALANCE / np.maximum(heaviest, SMALLEST) ** (1 - BALANCE)
    step = (largest / size).max() / LEVELS
    return (1 / (size * np.float32(max(step, SMALLEST)))).astype(np.float32)
