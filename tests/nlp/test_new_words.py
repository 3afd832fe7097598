import random
import time
import tracemalloc
from collections.abc import Callable

import pytest

import nlp.new_words
from nlp.dictionary import Dictionary
from nlp.new_words import COHESION, CONTEXTS, FREEDOM, new_words
from nlp.segment import Segmenter

SUBJECTS = ("衣服", "面料", "老婆", "颜色", "裤子", "价格", "物流", "款式", "袖子", "朋友")
BEFORE = ("喜欢", "买了", "讨厌", "试过", "推荐", "收到", "退掉", "看到", "想要", "换成")
BEHIND = ("真好", "不行", "舒服", "难看", "一般", "便宜", "透气", "很薄", "起球", "掉色")


def reviews(word: str, count: int = 60, seed: int = 0) -> list[str]:
    """Return reviews of which each second holds `word`, among ever other words."""
    choose = random.Random(seed).choice
    return [
        f"{choose(SUBJECTS)}{choose(BEFORE)}{word if number % 2 else ''}{choose(BEHIND)}，第{number}天"
        for number in range(count)
    ]


def found(texts: list[str], segmenter: Segmenter, **options: int) -> dict[str, nlp.new_words.NewWord]:
    return {word.word: word for word in new_words(lambda: texts, segmenter, **options)}


def test_a_planted_word_is_found_whole_with_its_figures(segmenter: Segmenter) -> None:
    texts = reviews("玛丽苏")
    words = found(texts, segmenter)
    assert next(iter(words)) == "玛丽苏"
    word = words["玛丽苏"]
    assert (word.count, word.texts) == (30, 30)
    assert word.cohesion >= COHESION
    assert word.freedom >= FREEDOM
    assert word.parts == segmenter.cut("玛丽苏")
    assert len(word.contexts) == CONTEXTS
    assert all("玛丽苏" in context for context in word.contexts)
    assert not {"玛丽", "丽苏", "苏真"} & set(words)


def test_known_words_are_no_news(segmenter: Segmenter) -> None:
    assert segmenter.knows("记忆棉") or segmenter.knows("羽绒服")
    assert "羽绒服" not in found(reviews("羽绒服"), segmenter)
    own = Segmenter(dictionary=Dictionary({"玛丽苏": None}))
    assert "玛丽苏" not in found(reviews("玛丽苏"), own)
    assert "玛丽苏剧情" in found(reviews("玛丽苏剧情"), own)


def test_what_was_split_is_not_suggested_again() -> None:
    for word in ("羽绒服", "玛丽苏"):
        own = Segmenter(dictionary=Dictionary({}, frozenset({word})))
        assert word not in found(reviews(word), own)


def test_phrases_are_no_words(segmenter: Segmenter) -> None:
    for phrase in ("这件大衣", "非常修身", "穿着的人", "不合身"):
        assert phrase not in found(reviews(phrase), segmenter)


def test_what_stands_in_one_place_only_is_part_of_something_longer(segmenter: Segmenter) -> None:
    words = found(reviews("库布里克"), segmenter)
    assert "库布里克" in words
    assert not {"库布里", "布里克", "库布"} & set(words)


def test_rare_ones_are_left_out(segmenter: Segmenter) -> None:
    texts = reviews("玛丽苏", count=16)
    assert "玛丽苏" in found(texts, segmenter, least=8)
    assert "玛丽苏" not in found(texts, segmenter, least=9)


def test_the_same_text_twice_counts_once(segmenter: Segmenter) -> None:
    texts = reviews("玛丽苏")
    assert found(texts * 5, segmenter) == found(texts, segmenter)
    assert found(["衣服买了玛丽苏真好"] * 50, segmenter) == {}


def test_what_the_platform_wrote_is_no_word(segmenter: Segmenter) -> None:
    assert found([f"此用户没有填写评价。{'，' * n}" for n in range(20)], segmenter) == {}


def test_as_many_as_asked_the_best_first(segmenter: Segmenter) -> None:
    texts = reviews("玛丽苏", count=20, seed=1) + reviews("钢化膜", count=300, seed=2)
    words = new_words(lambda: texts, segmenter, top=2)
    assert [word.word for word in words] == ["钢化膜", "玛丽苏"]
    assert words[0].score >= words[1].score
    assert new_words(lambda: texts, segmenter, top=1) == words[:1]


@pytest.mark.parametrize("texts", [[], ["", " ", "👍👍", "abc 123", "\ud800", "好"], ["啊" * 100_000]])
def test_nothing_to_find(segmenter: Segmenter, texts: list[str]) -> None:
    assert found(texts, segmenter) == {}


def noise(count: int) -> list[str]:
    choose = random.Random(3).choice
    letters = [chr(code) for code in range(0x4E00, 0x4E00 + 3000)]
    return ["".join(choose(letters) for _ in range(40)) for _ in range(count)]


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def test_time_grows_with_the_texts_and_no_faster(segmenter: Segmenter) -> None:
    segmenter.cut("好")
    few, many = noise(500), noise(4000)
    slow = seconds(lambda: new_words(lambda: few, segmenter))
    assert seconds(lambda: new_words(lambda: many, segmenter)) < 8 * 4 * slow


def test_memory_is_bounded_and_frequent_words_survive(
    segmenter: Segmenter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nlp.new_words, "MOST_RUNS", 20_000)
    monkeypatch.setattr(nlp.new_words, "MOST_REMEMBERED", 100)
    texts = [text + other for text, other in zip(reviews("玛丽苏", count=2000), noise(2000), strict=True)]
    tracemalloc.start()
    try:
        words = new_words(lambda: texts, segmenter)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "玛丽苏" in {word.word for word in words}
    assert peak < 12_000_000
