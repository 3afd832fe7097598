import numpy as np
import pytest

from nlp.training.batches import PAD, batches, collate, predict_logits
from nlp.training.encoder import Encoder


def test_batches_hold_every_row_once_and_are_alike_in_length() -> None:
    lengths = np.random.default_rng(0).integers(3, 100, 1000)
    found = batches(lengths, 16, seed=1)
    assert sorted(np.concatenate(found).tolist()) == list(range(1000))
    spread = np.mean([np.ptp(lengths[batch]) for batch in found])
    assert spread < 5


def test_batches_follow_the_seed() -> None:
    lengths = np.arange(100)
    first, again, other = (np.concatenate(batches(lengths, 8, seed)).tolist() for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_collate_pads_at_the_end() -> None:
    ids, mask = collate([[0, 5, 2], [0, 2]])
    assert ids.tolist() == [[0, 5, 2], [0, 2, PAD]]
    assert mask.tolist() == [[1, 1, 1], [1, 1, 0]]


def test_half_precision_is_near_and_not_the_same(encoder: Encoder, rows: list[list[int]]) -> None:
    full, half = (predict_logits(encoder, rows, bfloat16=flag) for flag in (False, True))
    assert 0 < np.abs(full - half).max() < 0.1
    assert half.dtype == np.float32


def test_logits_come_in_the_order_of_the_rows(encoder: Encoder, rows: list[list[int]]) -> None:
    together = predict_logits(encoder, rows, batch_size=7)
    alone = np.concatenate([predict_logits(encoder, [row]) for row in rows])
    assert together == pytest.approx(alone, abs=1e-5)
