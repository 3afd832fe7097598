import numpy as np
import torch
from torch import nn

from nlp.training.encoder import Encoder
from nlp.training.gains import LEVELS, SAMPLE, find_gains


class Uneven(nn.Module):
    """A map whose second input is a hundred times as large as the first, and whose third is always zero."""

    def __init__(self) -> None:
        super().__init__()
        self.map = nn.Linear(3, 2)
        self.read = 0

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        self.read += len(ids)
        return self.map(torch.stack([ids, ids * 100.0, ids * 0.0], -1))  # type: ignore[no-any-return]


def test_every_map_that_reads_the_text_has_gains(encoder: Encoder) -> None:
    found = find_gains(encoder, [[0, 5, 2], [0, 6, 7, 2]])
    parts = ("qkv", "attention_out", "feed_in", "feed_out")
    assert set(found) == {f"layers.{layer}.{part}" for layer in (0, 1) for part in parts}
    assert {name: len(gain) for name, gain in found.items()}["layers.0.feed_out"] == 64
    assert not any(part._forward_pre_hooks for part in encoder.modules())


def test_small_channels_are_not_coarsened_by_large_ones() -> None:
    gain = find_gains(Uneven(), [[1], [-3], [2]])["map"]
    levels = gain * [3, 300, 0]
    assert levels.max() <= LEVELS * 1.001
    assert levels[0] > 20 > LEVELS / 100
    assert np.isfinite(gain).all()


def test_a_sample_of_the_texts_is_enough() -> None:
    model = Uneven()
    find_gains(model, [[1]] * (3 * SAMPLE + 5))
    assert model.read == SAMPLE
