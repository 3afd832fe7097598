import numpy as np
import pytest
import torch

from nlp.training.batches import predict_logits
from nlp.training.encoder import Encoder
from nlp.training.pairs import (
    ENTRIES,
    SHARE,
    SHARES,
    PairModel,
    advise,
    attach,
    choose_share,
    pair_features,
    sides,
)

GOOD = [[0, 5, 7 + i % 8, 2] for i in range(30)]
BAD = [[0, 6, 7 + i % 8, 2] for i in range(30)]
LABELS = np.array([2] * 30 + [0] * 30)
NO_OWNERS = np.zeros(0, np.int64)
Rows = list[list[int]]


def test_a_row_is_its_tokens_and_its_pairs() -> None:
    features = pair_features([[0, 5, 5, 2]])
    places, values = features.indices, features.data
    assert features.shape == (1, ENTRIES)
    assert set(places) == {0, 5, 2, 5_000_020 % ENTRIES, 5_000_017 % ENTRIES}  # the pair 0, 5 is at 5
    assert values.sum() == pytest.approx(7 / np.sqrt(7))
    assert dict(zip(places, values, strict=True))[5] == pytest.approx(3 / np.sqrt(7))


def test_leans_to_the_side_of_the_words() -> None:
    _, leaning = advise(GOOD + BAD, LABELS, [], NO_OWNERS)
    assert leaning.dtype == np.float32
    assert (leaning[:30] > 0).all()
    assert (leaning[30:] < 0).all()


def test_a_text_without_a_side_gets_the_word_of_all() -> None:
    model, leaning = advise([*GOOD, *BAD, [0, 5, 2], [0, 6, 2]], np.array([*LABELS, 1, 1]), [], NO_OWNERS)
    assert leaning[60] > 0 > leaning[61]
    assert leaning[60:] == pytest.approx(model.predict(pair_features([[0, 5, 2], [0, 6, 2]])), abs=1e-5)


def test_a_text_and_its_part_are_judged_by_a_model_that_has_not_seen_it() -> None:
    # the only review with this pair is labelled against it: seen, it would lean to its own label
    texts, labels = [*GOOD, *BAD, [0, 5, 5, 5, 2]], np.array([*LABELS, 0])
    _, leaning = advise(texts, labels, [[0, 5, 5, 2]], np.array([60]))
    assert (leaning[60:] > 0).all()


def test_folds_follow_the_seed() -> None:
    texts, labels = [*GOOD, *BAD, *BAD], np.array([*LABELS, *[2] * 30])
    first, again, other = (advise(texts, labels, [], NO_OWNERS, seed)[1] for seed in (1, 1, 2))
    assert first.tolist() == again.tolist()
    assert first.tolist() != pytest.approx(other.tolist())


def test_half_of_the_share_goes_to_either_side() -> None:
    assert sides(np.array([2.0, -4.0], np.float32)) == pytest.approx(
        np.array([[-1, 0, 1], [2, 0, -2]]) * SHARE
    )


def test_an_encoder_with_the_model_beside_it_adds_what_it_was_given(encoder: Encoder, rows: Rows) -> None:
    before = predict_logits(encoder, rows)
    table = np.zeros(ENTRIES, np.float32)
    table[:15], table[(5 * 1_000_003 + 2) % ENTRIES] = np.linspace(-1, 1, 15), 3.0
    model = PairModel(table, 0.25)
    attach(encoder, model)
    added = predict_logits(encoder, rows) - before
    assert added == pytest.approx(sides(model.predict(pair_features(rows))), abs=1e-5)
    assert torch.equal(encoder.state_dict()["pairs"], torch.tensor(table * SHARE / 2))


def test_the_share_is_the_least_that_is_most_often_right() -> None:
    unsure = np.array([[0.5, 0, 0], [0.35, 0, 0], [0, 0, 2]], np.float32)
    leaning = np.array([0.6, 0.6, -1.5], np.float32)
    assert choose_share(unsure, leaning, np.array([2, 2, 2])) == 0.875
    assert choose_share(unsure, leaning, np.array([0, 0, 2])) == SHARES[0]


def test_a_larger_share_leans_further(encoder: Encoder) -> None:
    model = PairModel(np.full(ENTRIES, 0.1, np.float32), 0.0)
    attach(encoder, model, 2 * SHARE)
    assert encoder.pairs.numpy() == pytest.approx(model.table * SHARE)
