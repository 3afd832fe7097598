import numpy as np
import pytest

from nlp.training.ngrams import advice

GOOD = [f"第{i}次买，很好很满意" for i in range(30)]
BAD = [f"第{i}次买，太差要退货" for i in range(30)]
LABELS = np.array([2] * 30 + [0] * 30)


def test_leans_to_the_side_of_the_words() -> None:
    leaning = advice(GOOD + BAD, LABELS)
    assert leaning.dtype == np.float32
    assert (leaning[:30] > 0).all()
    assert (leaning[30:] < 0).all()


def test_a_text_without_a_side_gets_the_word_of_all() -> None:
    leaning = advice([*GOOD, *BAD, "很好很满意", "太差要退货"], np.array([*LABELS, 1, 1]))
    assert leaning[60] > 0 > leaning[61]


def test_a_text_is_judged_by_a_model_that_has_not_seen_it() -> None:
    # the only review with these words is labelled against them: seen, it would lean to its own label
    texts, labels = [*GOOD, *BAD, "很好很满意很好很满意"], np.array([*LABELS, 0])
    assert advice(texts, labels)[60] > 0


def test_folds_follow_the_seed() -> None:
    texts = [f"{a}{b}" for a, b in zip(GOOD, BAD, strict=True)] * 2
    first, again, other = (advice(texts, LABELS, seed) for seed in (1, 1, 2))
    assert first.tolist() == again.tolist()
    assert first.tolist() != pytest.approx(other.tolist())
