from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.cache import ScoreCache

Rows = list[tuple[float, ...]]


class Scorer:
    """Scores a text by its length, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, texts: Sequence[str]) -> Rows:
        self.asked += texts
        return [(float(len(text)), 0.5) for text in texts]


@pytest.fixture
def scorer() -> Scorer:
    return Scorer()


def test_a_text_is_scored_once(scorer: Scorer) -> None:
    cache = ScoreCache()
    first = cache.scores(["好", "很好", "好"], scorer)
    assert first == [(1.0, 0.5), (2.0, 0.5), (1.0, 0.5)]
    assert cache.scores(["很好", "太差了", "好"], scorer) == [(2.0, 0.5), (3.0, 0.5), (1.0, 0.5)]
    assert scorer.asked == ["好", "很好", "太差了"]
    assert (cache.hits, cache.misses, len(cache)) == (2, 3, 3)


def test_the_text_not_asked_for_longest_goes(scorer: Scorer) -> None:
    cache = ScoreCache(size=2)
    for text in ("一", "二", "一", "三"):
        cache.scores([text], scorer)
    assert len(cache) == 2
    scorer.asked.clear()
    cache.scores(["一"], scorer)
    cache.scores(["三"], scorer)
    assert scorer.asked == []
    cache.scores(["二"], scorer)
    assert scorer.asked == ["二"]


def test_nothing_is_asked_of_the_classifier_where_all_is_known(scorer: Scorer) -> None:
    cache = ScoreCache()
    cache.scores(["好"], scorer)

    def never(texts: Sequence[str]) -> Rows:
        raise AssertionError(texts)

    assert cache.scores(["好"], never) == [(1.0, 0.5)]
    assert cache.scores([], never) == []


def test_without_room_every_text_is_scored_anew(scorer: Scorer) -> None:
    cache = ScoreCache(size=0)
    for _ in range(2):
        assert cache.scores(["好"], scorer) == [(1.0, 0.5)]
    assert scorer.asked == ["好", "好"]
    assert len(cache) == 0


def test_a_failure_leaves_nothing_behind(scorer: Scorer) -> None:
    cache = ScoreCache()
    with pytest.raises(ValueError, match="zip"):
        cache.scores(["好", "差"], lambda texts: [(1.0,)])
    assert len(cache) == 0
    assert cache.scores(["好"], scorer) == [(1.0, 0.5)]


@given(st.lists(st.lists(st.text(alphabet="好差一\ud83d", max_size=3), max_size=6)), st.integers(0, 4))
def test_answers_are_those_of_the_classifier_whatever_is_kept(batches: list[list[str]], size: int) -> None:
    cache = ScoreCache(size)
    for texts in batches:
        assert cache.scores(texts, Scorer()) == Scorer()(texts)
        assert len(cache) <= size


def test_threads_may_share_a_cache() -> None:
    cache = ScoreCache(size=50)
    batches = [
        [f"{'好' * (place % 7)}{place % 90}" for place in range(start, start + 40)] for start in range(200)
    ]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda texts: cache.scores(texts, Scorer()), batches))
    assert found == [Scorer()(texts) for texts in batches]
    assert len(cache) == 50
    assert cache.hits + cache.misses == sum(len(set(texts)) for texts in batches)
