import logging
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nlp.lexicons import modifiers, stop_words
from nlp.segment import Segmenter


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("物流不是很快，包装没有破损", ["物流", "不是", "很快", "包装", "没有", "破损"]),
        ("这个质量的确非常好！！", ["质量", "的确", "非常", "好"]),
        ("别买，一点都不好用", ["别买", "一点", "不好"]),
        ("iPhone15 用了3.5小时", ["iphone15", "3.5", "小时"]),
        ("", []),
        ("，。！ \n", []),
    ],
)
def test_words(segmenter: Segmenter, text: str, words: list[str]) -> None:
    assert segmenter.segment(text) == words


def test_negations_and_degrees_are_no_stop_words() -> None:
    kept = modifiers()["negations"] | modifiers()["degrees"]
    assert {"不", "没", "没有", "别", "很", "太", "非常"} <= kept
    assert not kept & stop_words()


def test_own_stop_words() -> None:
    assert Segmenter(stop_words=["物流"]).segment("物流的包装") == ["的", "包装"]


def test_words_added_to_the_shared_tokenizer_change_nothing(segmenter: Segmenter) -> None:
    before = segmenter.segment("石墨烯暖手宝宝")
    import jieba

    jieba.add_word("石墨烯暖手宝宝")
    try:
        assert segmenter.segment("石墨烯暖手宝宝") == before
        assert jieba.lcut("石墨烯暖手宝宝") == ["石墨烯暖手宝宝"]
    finally:
        jieba.del_word("石墨烯暖手宝宝")


def test_dictionary_is_read_at_the_first_text_only() -> None:
    segmenter = Segmenter()
    assert segmenter._tokenizer is None
    segmenter.segment("好")
    first = segmenter._tokenizer
    segmenter.segment("好")
    assert segmenter._tokenizer is first is not None


def test_cache_lies_where_it_is_told_to(tmp_path: Path, segmenter: Segmenter) -> None:
    folder = tmp_path / "words" / "cache"
    text = "物流不是很快"
    assert Segmenter(cache_dir=folder).segment(text) == segmenter.segment(text)
    (cache,) = folder.iterdir()
    assert cache.stat().st_size > 1_000_000
    assert Segmenter(cache_dir=folder).segment(text) == segmenter.segment(text)


def test_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        Segmenter().segment("好")
    assert "jieba" in sys.modules
    assert not caplog.records


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(st.characters(exclude_categories=()), max_size=200)
    | st.text("质量很不好 的了aB1.-，", max_size=100)
)
def test_words_come_from_the_text_in_order(segmenter: Segmenter, text: str) -> None:
    lowered, place = text.lower(), 0
    for word in segmenter.segment(text):
        assert word
        assert word not in segmenter.stop_words
        place = lowered.index(word, place) + len(word)


@pytest.mark.parametrize("piece", ["啊呀", "好", "a", "质量", "囧囍"])
def test_long_runs_take_no_squared_time(segmenter: Segmenter, piece: str) -> None:
    segmenter.segment("好")
    start = time.process_time()
    segmenter.segment((piece * 100_000)[:100_000])
    assert time.process_time() - start < 5
