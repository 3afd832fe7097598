"""Whatever is written, the whole engine gives an answer for it, in order, that says where it found what."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nlp import PARTS, Analyzer
from nlp.checks import TOLERANCE
from nlp.normalise import fold, normalise
from nlp.privacy import mask
from nlp.segment import Segmenter
from tests.nlp.conftest import WordCounter

ALONE = tuple(part for part in PARTS if part != "suspect")
"""Parts that depend on the text alone."""

PIECES = st.sampled_from(
    [
        *(
            "物流很快，",
            "质量太差了！",
            "不是很好",
            "客服爱理不理。",
            "有点掉色",
            "一般般吧",
            "yyds",
            "质量非常好",
        ),
        *(
            "此用户没有填写评价。",
            "電池續航不錯",
            "Ｇｏｏｄ　ｑｕａｌｉｔｙ",
            "battery died in a week",
            "品質がいい",
            "좋아요",
        ),
        *("👍", "👨‍👩‍👧‍👦", "🇨🇳", "(╥﹏╥)", "^_^", "☹️", "e\u0301", "\u0300\u0301", "ﷺ", "ﬁ", "㎡", "𠮷"),
        *("<b>", "</b>", "<br/>", "<script>alert(1)</script>", "&nbsp;", "&#0;", "&#xD800;", "&lt;3", "<!--"),
        *("\x00", "\x07", "\r\n", "\t", "\u2028", "\ud800", "\udfff", "\ufeff", "\u200b", "\u202e", "\u2066"),
        *(
            "مرحبا",
            "שלום",
            "\U0010ffff",
            "\ufffe",
            "13812345678",
            "a@b.cn",
            "http://x.cn/?a=1",
            "1.5匹",
            "500ml*2",
        ),
        *(
            "美的(Midea) KFR-35GW/N8",
            "100%棉",
            "适用苹果手机壳",
            "。。。！！！",
            "……",
            "   ",
            "好" * 40,
            "1" * 40,
        ),
    ]
)
ANY = st.text(st.characters(exclude_categories=()), max_size=60)
TEXT = st.lists(PIECES | ANY, max_size=12).map("".join)
TEXTS = st.lists(TEXT, max_size=5)

LONG = {
    "one sentence without an end": "质量很好物流快" * 14_286,
    "many sentences": "质量很好，物流慢！" * 11_112,
    "one letter": "好" * 100_000,
    "one word": "a" * 100_000,
    "digits": "1" * 100_000,
    "phone numbers": "13812345678 " * 8_334,
    "emoji": "👍" * 100_000,
    "flags and joiners": "👨‍👩‍👧‍👦🇨🇳" * 11_112,
    "spaces": " \n\t\u3000" * 25_000,
    "opened tags": "<b " * 33_334,
    "unfinished entities": "&#" * 50_000,
    "addresses": "http://" * 14_286,
    "controls": "\x00\x07" * 50_000,
    "surrogates": "\ud800\udfff" * 50_000,
    "combining marks": "e" + "\u0301" * 99_999,
    "right to left": "\u202eمرحبا\u202c" * 14_286,
    "brackets": "(" * 50_000 + ")" * 50_000,
    "negations": "不" * 100_000,
    "quantities": "1*2x3-4+5/" * 10_000,
    "dots": "1.5." * 25_000,
    "mixed scripts": "质a量1л好" * 16_667,
}


@pytest.fixture(scope="module")
def engine() -> Analyzer:
    """The whole engine with a small model, so that thousands of texts are read in seconds."""
    return Analyzer(WordCounter(), Segmenter())


@pytest.fixture(scope="module", params=["small", "bundled"])
def whole(request: pytest.FixtureRequest, engine: Analyzer) -> Analyzer:
    return engine if request.param == "small" else Analyzer.load()


def leaves(answer: Any) -> Iterator[Any]:
    """Yield what an answer consists of, names and all."""
    if isinstance(answer, dict):
        for name, value in answer.items():
            yield name
            yield from leaves(value)
    elif isinstance(answer, list):
        for value in answer:
            yield from leaves(value)
    else:
        yield answer


def same(one: list[dict[str, Any]], other: list[dict[str, Any]]) -> bool:
    pairs = zip(leaves(one), leaves(other), strict=True)
    return all(
        abs(a - b) <= TOLERANCE if isinstance(a, float) and isinstance(b, float) else a == b for a, b in pairs
    )


def assert_sound(text: str, answer: dict[str, Any]) -> None:
    """An answer is plain JSON, and its places are those of the text."""
    assert json.loads(json.dumps(answer)) == answer
    sentiment = answer["sentiment"]
    assert abs(sentiment["negative"] + sentiment["neutral"] + sentiment["positive"] - 1) < TOLERANCE
    for aspect in answer["aspects"]:
        found = text[aspect["start"] : aspect["end"]]
        assert found == (aspect["aspect"] or aspect["opinion"]) != ""
        assert aspect["opinion"] in text


@given(texts=TEXTS)
def test_every_text_gets_a_sound_answer(engine: Analyzer, texts: list[str]) -> None:
    answers = engine(texts)
    assert len(answers) == len(texts)
    for text, answer in zip(texts, answers, strict=True):
        assert tuple(answer) == PARTS
        assert_sound(text, answer)


@given(texts=TEXTS)
def test_alone_or_in_company_the_answer_is_the_same(engine: Analyzer, texts: list[str]) -> None:
    together = engine(texts, only=ALONE)
    assert same(together, [engine([text], only=ALONE)[0] for text in texts])
    assert same(together[::-1], engine(texts[::-1], only=ALONE))


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(texts=TEXTS)
def test_the_bundled_model_keeps_order_and_company(whole: Analyzer, texts: list[str]) -> None:
    together = whole(texts, only=["sentiment"])
    alone = [whole([text], only=["sentiment"])[0] for text in texts]
    for one, other in zip(together, alone, strict=True):
        for name in ("negative", "neutral", "positive"):
            assert one["sentiment"][name] == pytest.approx(other["sentiment"][name], abs=TOLERANCE)


@given(title=TEXT, description=TEXT)
def test_product_texts_get_a_sound_answer(engine: Analyzer, title: str, description: str) -> None:
    [found] = engine.describe([title], [description])
    assert json.loads(json.dumps(found)) == found
    for stated in (*found["attributes"], *found["selling_points"]):
        read = title if stated["field"] == "title" else description
        assert read[stated["start"] : stated["end"]] == stated["text"] != ""
    assert 0 <= found["category"]["confidence"] <= 1
    assert sum(value * value for value in found["embedding"]) == pytest.approx(1, abs=1e-3) or not any(
        found["embedding"]
    )


@given(titles=st.lists(TEXT, max_size=4))
def test_products_stay_in_order(engine: Analyzer, titles: list[str]) -> None:
    together = engine.describe(titles, titles[::-1])
    pairs = zip(titles, titles[::-1], strict=True)
    assert same(together, [engine.describe([one], [other])[0] for one, other in pairs])


@given(text=TEXT)
def test_written_form_is_final_and_places_stay(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)
    assert len(fold(text)) == len(text)


@given(text=TEXT)
def test_words_are_in_the_text(engine: Analyzer, text: str) -> None:
    plain = normalise(text)
    assert all(word in plain.lower() for word in engine.segmenter.segment(plain))


@given(before=TEXT, after=TEXT)
def test_what_is_masked_stays_so_and_keeps_its_kinds(engine: Analyzer, before: str, after: str) -> None:
    text = f"{before}。电话13812345678。{after}"
    masked = mask(text)
    assert "13812345678" not in masked or "13812345678" in f"{before}{after}"
    assert mask(masked) == masked
    shown, hidden = engine([text, masked], only=["pii"])
    assert "phone" in shown["pii"]
    assert hidden["pii"] == shown["pii"]


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_100_000_characters_get_a_sound_answer(whole: Analyzer, text: str) -> None:
    assert len(text) >= 100_000
    [answer] = whole([text])
    assert_sound(text, answer)


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_time_grows_with_the_length_not_its_square(engine: Analyzer, text: str) -> None:
    engine.describe([text[:500]], [""])
    short, long = (seconds(engine, text[:length]) for length in (4_000, 40_000))
    assert long < 40 * max(short, 0.02), f"{short:.3f} s for a tenth, {long:.3f} s for all"


def seconds(engine: Analyzer, text: str) -> float:
    """Return the processor time of reading a text as a review and as a product."""
    started = time.process_time()
    engine([text])
    engine.describe([text], [text])
    return time.process_time() - started


def test_what_is_no_text_is_refused_by_name(engine: Analyzer) -> None:
    with pytest.raises(ValueError, match="sequence of texts"):
        engine("质量很好")
    for wrong in ([None], [3], [b"good"]):
        with pytest.raises((TypeError, ValueError, AttributeError)):
            engine(wrong)
