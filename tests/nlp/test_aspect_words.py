from nlp.aspect_words import AspectWords
from nlp.lexicons import aspect_tree

WORDS = AspectWords(aspect_tree())


def found(text: str) -> list[str]:
    return [text[token.start : token.end] for token in WORDS.tokens(text, 0, len(text))]


def test_the_longest_word_wins() -> None:
    assert found("发货速度很快") == ["发货速度", "很", "快"]
    assert found("好吃好久") == ["好吃", "好久"]


def test_latin_words_are_matched_whole() -> None:
    assert found("good") == ["good"]
    assert found("good质量") == ["good", "质量"]
    assert found("goods") == []
    assert found("2good") == []


def test_only_the_part_asked_for_is_read() -> None:
    text = "质量物流价格"
    assert [token.start for token in WORDS.tokens(text, 2, 4)] == [2]
    assert list(WORDS.tokens(text, 3, 4)) == []


def test_a_word_may_be_several_things() -> None:
    (word,) = [token.word for token in WORDS.tokens("优惠", 0, 2)]
    assert word.branch == "价格/优惠"
    assert word.polarity_in["价格"] == 1
    (word,) = [token.word for token in WORDS.tokens("大", 0, 1)]
    assert word.size
    assert (word.polarity, word.polarity_in["屏幕"], word.polarity_in["性能/负担"]) == (None, 1, -1)
    (word,) = [token.word for token in WORDS.tokens("大家", 0, 2)]
    assert not word.is_opinion
