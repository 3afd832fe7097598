import json
import random
from datetime import date, timedelta

import pytest

from nlp.digest import MOST_REVIEWS, Digester
from nlp.pipeline import Analyzer
from nlp.segment import Segmenter
from nlp.summary import ReadReview, Summary
from tests.nlp.letters import SENTENCES, LetterEncoder

END = date(2026, 6, 30)


@pytest.fixture(scope="module")
def analyzer(segmenter: Segmenter) -> Analyzer:
    return Analyzer(LetterEncoder(), segmenter)


@pytest.fixture(scope="module")
def reviews(analyzer: Analyzer) -> list[ReadReview]:
    """Three reviews a day for 100 days; for the last ten they leak."""
    days = [END - timedelta(days=99 - number // 3) for number in range(300)]
    texts = [
        f"{SENTENCES[number * 7 % len(SENTENCES)]}，电话13812345678找我{number}"
        + ("，机器漏水了" if number >= 270 else "")
        for number in range(300)
    ]
    read = analyzer(texts, only=["aspects"])
    return [
        ReadReview(number, text, day, found["aspects"])
        for number, (text, day, found) in enumerate(zip(texts, days, read, strict=True), 1)
    ]


@pytest.fixture(scope="module")
def digest(analyzer: Analyzer, reviews: list[ReadReview]):
    return Digester(analyzer)(reviews)


def test_a_digest_tells_of_words_topics_pros_and_cons(digest) -> None:
    assert (digest["reviews"], digest["from"], digest["to"]) == (300, "2026-03-23", "2026-06-30")
    assert "物流" in [keyword["word"] for keyword in digest["keywords"]["tf_idf"]]
    assert "客服" in [keyword["word"] for keyword in digest["keywords"]["text_rank"]]
    assert "漏水" in [word["word"] for word in digest["emerging"]["words"]]
    assert digest["topics"]["topics"]
    assert digest["summary"]["pros"]
    assert digest["summary"]["cons"]
    assert digest["written"] is None
    assert json.loads(json.dumps(digest)) == digest


def test_the_first_day_of_an_emerging_word_is_that_of_the_first_review(digest) -> None:
    [word] = [word for word in digest["emerging"]["words"] if word["word"] == "漏水"]
    assert (word["first_seen"], word["recent"], word["baseline"]) == ("2026-06-21", 30, 0)


def test_sentiments_of_a_topic_add_up(digest) -> None:
    for topic in digest["topics"]["topics"]:
        assert sum(topic["sentiment"].values()) == pytest.approx(1)
        assert 0 < topic["share"] <= 1
        assert topic["quotes"]


def test_every_quote_is_masked_and_of_a_review_that_says_it(digest, reviews: list[ReadReview]) -> None:
    said = {review.id: review.text for review in reviews}
    given = [*digest["topics"]["topics"], *digest["summary"]["pros"], *digest["summary"]["cons"]]
    quotes = [quote for point in given for quote in point["quotes"]]
    assert quotes
    assert all("*" in quote["text"] or quote["text"] in said[quote["review_id"]] for quote in quotes)
    assert "13812345678" not in json.dumps(digest)


def test_the_order_of_reviews_does_not_matter(analyzer: Analyzer, reviews: list[ReadReview], digest) -> None:
    assert Digester(analyzer)(random.Random(5).sample(reviews, len(reviews))) == digest


def test_only_the_newest_are_read(analyzer: Analyzer) -> None:
    many = [ReadReview(id, f"物流{id}", END - timedelta(days=id % 900)) for id in range(MOST_REVIEWS + 100)]
    found = Digester(analyzer)(many)
    assert found["reviews"] == MOST_REVIEWS
    assert found["from"] > (END - timedelta(days=899)).isoformat()


def test_copies_of_a_text_are_no_news(analyzer: Analyzer, reviews: list[ReadReview]) -> None:
    copies = [ReadReview(1000 + copy, "全新的词语恭喜发财", END) for copy in range(50)]
    words = Digester(analyzer)([*reviews, *copies])["emerging"]["words"]
    assert "恭喜发财" not in [word["word"] for word in words]


def test_no_reviews_and_default_texts_have_an_empty_digest(analyzer: Analyzer) -> None:
    for none in ([], [ReadReview(1, "此用户没有填写评价。", END), ReadReview(2, " ", END)]):
        found = Digester(analyzer)(none)
        assert (found["reviews"], found["from"], found["emerging"]) == (0, None, None)
        assert found["topics"]["topics"] == found["keywords"]["tf_idf"] == []
        assert not found["summary"]["enough"]


@pytest.mark.parametrize(
    "odd", ["\ud800\udfff质量很差", "\x00" * 50, "a好" * 50_000, "👍" * 30, "<b>物流</b>很快"]
)
def test_odd_texts_do_no_harm(analyzer: Analyzer, reviews: list[ReadReview], odd: str) -> None:
    assert Digester(analyzer)([*reviews[:60], ReadReview(9999, odd, END)])["reviews"] >= 60


def test_the_writer_is_asked_and_is_part_of_the_version(
    analyzer: Analyzer, reviews: list[ReadReview]
) -> None:
    class Poet:
        model = "poet-1"

        def tell(self, summary: Summary):
            return {"by": self.model, "sentences": [], "refused": ""}

    written = Digester(analyzer, Poet())
    assert written(reviews[:60])["written"]["by"] == "poet-1"
    assert written.version == f"{Digester(analyzer).version}+poet-1"
    assert Digester(analyzer).version.startswith(analyzer.version)
