import pytest

from nlp.keywords import KeywordFinder, text_rank
from nlp.lexicons import modifiers
from nlp.segment import Segmenter


@pytest.fixture(scope="module")
def finder(segmenter: Segmenter) -> KeywordFinder:
    return KeywordFinder(segmenter)


def test_keywords_of_a_text(finder: KeywordFinder) -> None:
    words = finder.of_text("空调制冷效果很好，噪音有点大，安装师傅非常负责，空调外观漂亮")
    assert words[0] == "空调"  # twice in the text
    assert {"制冷", "噪音"} <= set(words)
    assert len(words) <= 8
    assert not set(words) & frozenset().union(*modifiers().values())
    assert all(len(word) > 1 for word in words)


def test_rarer_words_weigh_more(finder: KeywordFinder) -> None:
    assert finder.of_text("问题掉色") == ["掉色", "问题"]


def test_as_many_as_asked(finder: KeywordFinder) -> None:
    text = "空调制冷效果很好，噪音有点大，安装师傅非常负责"
    assert finder.of_text(text, top=2) == finder.of_text(text)[:2]
    assert finder.of_text("") == finder.of_text("很好 12345") == []
    assert finder.of_texts([]) == []


def test_keywords_of_many_texts_count_texts(finder: KeywordFinder) -> None:
    texts = ["电池电池电池电池", "屏幕漂亮", "屏幕清晰", "屏幕暗淡"]
    found = {keyword.word: keyword for keyword in finder.of_texts(texts)}
    assert found["屏幕"].texts == 3
    assert found["电池"].texts == 1
    assert found["屏幕"].weight > found["电池"].weight
    assert [keyword.word for keyword in finder.of_texts(texts, top=1)] == ["屏幕"]


def test_order_of_texts_does_not_matter(finder: KeywordFinder) -> None:
    texts = ["屏幕漂亮", "电池耐用", "物流及时"]
    assert finder.of_texts(texts) == finder.of_texts(reversed(texts))


def test_text_rank_finds_what_others_stand_around() -> None:
    texts = [["师傅", "安装", "专业"], ["安装", "打孔", "收费"], ["预约", "安装"], ["外观", "漂亮"]]
    ranked = text_rank(texts)
    assert (ranked[0].word, ranked[0].texts) == ("安装", 3)
    assert sum(keyword.weight for keyword in ranked) == pytest.approx(1)
    assert text_rank(texts, top=1) == ranked[:1]


def test_text_rank_links_near_words_only() -> None:
    near, far = text_rank([["中心", "左", "右", "远", "尾"]]), text_rank([["中心", "左"], ["右", "远", "尾"]])
    assert {keyword.word for keyword in near} == {keyword.word for keyword in far}
    assert near != far
    weights = {keyword.word: keyword.weight for keyword in near}
    assert weights["左"] > weights["中心"]  # 中心 and 尾 are too far apart to be linked


def test_text_rank_of_nothing_is_nothing_and_order_does_not_matter() -> None:
    assert text_rank([]) == text_rank([["独词"]]) == []
    texts = [["安装", "师傅"], ["师傅", "专业", "安装"], ["外观", "漂亮"]]
    assert text_rank(texts) == text_rank(texts[::-1])


def test_numbers_are_no_keywords(finder: KeywordFinder) -> None:
    assert "1.5" not in finder.words("空调1.5匹，20.5元")
