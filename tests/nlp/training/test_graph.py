import numpy as np
import pytest
import torch

from nlp.training.batches import collate, predict_logits
from nlp.training.encoder import Encoder
from nlp.training.export import run_onnx
from nlp.training.gains import LEVELS, Gains, find_gains
from nlp.training.graph import WEIGHT_LEVELS, ZERO, build_graph, quantise_rows

Rows = list[list[int]]


def gains(encoder: Encoder, rows: Rows, quantised: bool) -> Gains | None:
    return find_gains(encoder, rows) if quantised else None


def test_full_precision_graph_computes_what_torch_does(encoder: Encoder, rows: Rows) -> None:
    model = build_graph(encoder, max_tokens=24).SerializeToString()
    assert run_onnx(model, rows) == pytest.approx(predict_logits(encoder, rows), abs=1e-5)


@pytest.mark.parametrize("quantised", [False, True])
def test_pairs_are_added_exactly(encoder: Encoder, paired: Encoder, rows: Rows, quantised: bool) -> None:
    without, beside = (
        run_onnx(build_graph(model, 24, gains(model, rows, quantised)).SerializeToString(), rows)
        for model in (encoder, paired)
    )
    with torch.inference_mode():
        added = np.array([paired.lean(*collate([row])).numpy()[0] for row in rows])
    assert np.ptp(added) > 1
    assert beside - without == pytest.approx(added, abs=1e-5)


def test_quantised_graph_stays_close_and_is_smaller(encoder: Encoder, rows: Rows) -> None:
    full, small = (
        build_graph(encoder, 24, found).SerializeToString() for found in (None, find_gains(encoder, rows))
    )
    logits = predict_logits(encoder, rows)
    error = np.abs(run_onnx(small, rows) - logits).max()
    assert 0 < error < 0.05 * np.ptp(logits)
    assert len(small) < 0.7 * len(full)


def test_a_row_scores_the_same_in_any_company(encoder: Encoder, rows: Rows) -> None:
    model = build_graph(encoder, 24, find_gains(encoder, rows)).SerializeToString()
    together = run_onnx(model, rows)
    alone = np.concatenate([run_onnx(model, [row]) for row in rows[::7]])
    assert together[::7] == pytest.approx(alone, abs=1e-5)


@pytest.mark.parametrize("quantised", [False, True])
def test_the_embedding_is_the_mean_of_the_middle_layer(encoder: Encoder, rows: Rows, quantised: bool) -> None:
    ids, mask = collate(rows)
    with torch.inference_mode():
        bias = ((1 - mask) * -1e4).unsqueeze(1)
        embedded = encoder.norm(encoder.words(ids) + encoder.positions.weight[: ids.shape[1]])
        states = encoder.layers[0](embedded, bias) * mask.unsqueeze(-1)
    expected = (states.sum(1) / mask.sum(1, keepdim=True)).numpy()
    model = build_graph(encoder, 24, gains(encoder, rows, quantised)).SerializeToString()
    found = run_onnx(model, rows, output="embedding")
    assert found.shape == (len(rows), 32)
    assert found == pytest.approx(expected, abs=0.05 if quantised else 1e-5)


def test_threads_change_nothing(encoder: Encoder, rows: Rows) -> None:
    model = build_graph(encoder, 24, find_gains(encoder, rows)).SerializeToString()
    assert np.array_equal(run_onnx(model, rows, threads=2), run_onnx(model, rows))


def test_each_weight_stays_within_half_a_level() -> None:
    weight = np.random.default_rng(0).normal(size=(5, 96)).astype(np.float32)
    weight[2] *= 100
    levels, scales = quantise_rows(weight, WEIGHT_LEVELS)
    assert levels.shape == (5, 96)
    assert scales.shape == (5, 1)
    assert np.abs(levels).max() == WEIGHT_LEVELS
    assert np.all(np.abs(levels * scales - weight) <= 0.5001 * scales)


def test_a_row_of_zeros_stays_zero() -> None:
    levels, scales = quantise_rows(np.zeros((1, 8), np.float32), WEIGHT_LEVELS)
    assert set(levels.ravel().tolist()) == {0}
    assert scales[0, 0] > 0


def test_pairs_of_products_fit_sixteen_bits() -> None:
    # without VNNI two products of a byte and a weight are added in 16 bits, and saturate there
    assert 2 * (ZERO + LEVELS) * WEIGHT_LEVELS < 2**15
