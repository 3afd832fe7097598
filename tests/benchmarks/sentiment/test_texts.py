from itertools import islice

import pytest

from benchmarks.sentiment.texts import characters_for, reviews


def test_reviews_are_different_and_of_one_length() -> None:
    found = list(islice(reviews(38), 3000))
    assert len(set(found)) == 3000
    assert {len(text) for text in found} == {38}


def test_a_seed_gives_the_same_reviews_and_another_one_others() -> None:
    first, again, other = (set(islice(reviews(38, seed), 200)) for seed in (1, 1, 2))
    assert first == again
    assert not first & other


@pytest.mark.parametrize(("tokens", "expected"), [(40, 80), (10, 20)])
def test_the_length_that_makes_so_many_tokens(tokens: int, expected: int) -> None:
    assert characters_for(tokens, lambda texts: [[0] * (len(text) // 2) for text in texts]) == expected
