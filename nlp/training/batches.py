"""Rows of tokens as batches of tensors, and a pass of a model over them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nlp.training.encoder import Encoder

PAD = 1
CHUNK_BATCHES = 64


def batches(lengths: NDArray[np.int64], size: int, seed: int) -> list[NDArray[np.int64]]:
    """Row numbers of each batch of an epoch: shuffled, yet alike in length.

    Rows are shuffled, sorted by length inside chunks of `CHUNK_BATCHES`
    batches, and the batches are shuffled again.
    """
    generator = np.random.default_rng(seed)
    order = generator.permutation(len(lengths))
    found = []
    for start in range(0, len(order), size * CHUNK_BATCHES):
        chunk = order[start : start + size * CHUNK_BATCHES]
        chunk = chunk[np.argsort(lengths[chunk], kind="stable")]
        found += [chunk[i : i + size] for i in range(0, len(chunk), size)]
    return [found[i] for i in generator.permutation(len(found))]


def collate(rows: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Pad token ids to ``(batch, longest)`` and make their mask."""
    longest = max(len(row) for row in rows)
    ids = torch.full((len(rows), longest), PAD, dtype=torch.int64)
    mask = torch.zeros_like(ids)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = torch.tensor(row)
        mask[i, : len(row)] = 1
    return ids, mask


@torch.inference_mode()
def predict_logits(
    model: Encoder, rows: Sequence[Sequence[int]], batch_size: int = 64, bfloat16: bool = False
) -> NDArray[np.float32]:
    """Logits of shape ``(n, classes)`` in the order of `rows`."""
    model.eval()
    order = np.argsort([len(row) for row in rows], kind="stable")
    logits = np.zeros((len(rows), model.config.classes), np.float32)
    for start in range(0, len(order), batch_size):
        part = order[start : start + batch_size]
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            logits[part] = model(*collate([rows[i] for i in part])).numpy()
    return logits
