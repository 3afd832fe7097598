from typing import Any

import pytest

from nlp.clauses import Clause, clauses
from nlp.summary import FEWEST_REVIEWS, MOST_POINTS, ReadReview, Summary, aspects_in, sentences, summarise
from nlp.topics import Topic
from tests.nlp.letters import LetterEncoder


def aspect(text: str, category: str, name: str, opinion: str, polarity: str) -> dict[str, Any]:
    start = text.index(name or opinion)
    return {
        "category": category,
        "aspect": name,
        "opinion": opinion,
        "polarity": polarity,
        "start": start,
        "end": start + len(name or opinion),
    }


def pleased(id: int) -> ReadReview:
    text = f"这次的物流真的很快，第{'一二三四五六七八九十'[id % 10]}回买"
    return ReadReview(id, text, None, [aspect(text, "物流", "物流", "真的很快", "positive")])


def angry(id: int, how: str = "客服态度特别差") -> ReadReview:
    return ReadReview(id, how, None, [aspect(how, "服务", "客服态度", how[4:], "negative")])


def summed(reviews: list[ReadReview], *topics: Any) -> Summary:
    held = aspects_in(list(clauses((review.id, review.text) for review in reviews)), reviews)
    return summarise(reviews, held, topics, LetterEncoder().predict_proba)


def test_pros_and_cons_are_counted_and_quoted() -> None:
    reviews = [*map(pleased, range(6)), *map(angry, range(10, 14))]
    found = summed(reviews)
    [pro], [con] = found.pros, found.cons
    assert (pro.label, pro.category, pro.reviews, pro.share) == ("物流快", "物流", 6, 0.6)
    assert (con.label, con.category, con.reviews, con.share) == ("客服态度差", "服务", 4, 0.4)
    assert con.quotes == [{"review_id": con.quotes[0]["review_id"], "text": "客服态度特别差"}]
    assert {quote["review_id"] for quote in con.quotes} <= set(range(10, 14))


def test_a_review_counts_once_however_often_it_says_a_thing() -> None:
    text = "客服态度特别差，客服态度特别差"
    twice = [aspect(text, "服务", "客服态度", "特别差", "negative")] * 2
    reviews = [*map(pleased, range(6)), *(ReadReview(id, text, None, twice) for id in range(20, 23))]
    [con] = summed(reviews).cons
    assert con.reviews == 3


def test_what_fewer_than_three_say_is_no_point() -> None:
    found = summed([*map(pleased, range(6)), angry(10), angry(11)])
    assert found.cons == []


def test_a_point_without_a_fitting_quote_is_left_out() -> None:
    wrong = [
        ReadReview(id, text, None, [aspect(text, "物流", "物流", "很快", "negative")])
        for id in range(9)
        for text in ["物流真的很快"]
    ]
    assert summed(wrong) == Summary(9)


def test_an_opinion_of_everything_is_no_point() -> None:
    text = "东西整体很好"
    reviews = [
        ReadReview(id, text, None, [aspect(text, "整体", "东西", "很好", "positive")]) for id in range(9)
    ]
    assert summed(reviews).pros == []


def test_look_good_keeps_its_word_for_good() -> None:
    text = "这件外观很好看"
    reviews = [
        ReadReview(id, text, None, [aspect(text, "外观", "外观", "好看", "positive")]) for id in range(9)
    ]
    assert summed(reviews).pros[0].label == "外观好看"


@pytest.fixture
def one_sided() -> Topic:
    said = [Clause(id, f"打孔收费贵得离谱{'啊' * (id % 3)}", 0, 8) for id in range(30, 38)]
    return Topic("打孔收费", ["打孔", "收费"], said, frozenset(clause.review for clause in said))


def with_topic(topic: Topic, shares: dict[str, float], extra: list[ReadReview] | None = None) -> Summary:
    holders = [ReadReview(clause.review, clause.text) for clause in topic.clauses]
    reviews = [*map(pleased, range(6)), *holders, *(extra or [])]
    held = aspects_in([*clauses((r.id, r.text) for r in reviews), *topic.clauses], reviews)
    return summarise(reviews, held, [(topic, shares)], LetterEncoder().predict_proba)


def test_a_topic_that_aspects_miss_is_a_point_when_most_agree(one_sided: Topic) -> None:
    [con] = with_topic(one_sided, {"negative": 0.9, "neutral": 0.1, "positive": 0.0}).cons
    assert (con.label, con.category, con.reviews) == ("打孔收费", "", 8)
    assert with_topic(one_sided, {"negative": 0.6, "neutral": 0.0, "positive": 0.4}).cons == []


def test_a_topic_that_an_aspect_speaks_about_already_is_not_said_twice(one_sided: Topic) -> None:
    text = "打孔收费太贵了"
    said = [
        ReadReview(id, text, None, [aspect(text, "安装", "打孔收费", "贵", "negative")])
        for id in range(50, 54)
    ]
    found = with_topic(one_sided, {"negative": 1.0, "neutral": 0.0, "positive": 0.0}, said)
    assert [con.category for con in found.cons] == ["安装"]


def test_too_few_reviews_are_not_summed_up() -> None:
    few = summed([pleased(id) for id in range(FEWEST_REVIEWS - 1)])
    assert (few.enough, few.pros, few.cons) == (False, [], [])
    assert sentences(few) == [{"text": "只有 4 条评价说了内容，不足以总结。", "evidence": []}]
    assert "too few" in sentences(few, "en")[0]["text"]
    assert sentences(summed([])) == [{"text": "只有 0 条评价说了内容，不足以总结。", "evidence": []}]


def test_nothing_that_comes_up_often_is_said_so() -> None:
    silent = [ReadReview(id, f"第{id}次来这里买东西") for id in range(9)]
    [told] = summed(silent).as_dict()["sentences"]["zh"]
    assert told == {"text": "9 条评价里没有反复出现的优点或缺点。", "evidence": []}


def test_sentences_carry_the_ids_of_their_quotes() -> None:
    found = summed([*map(pleased, range(6)), *map(angry, range(10, 14))])
    pro, con = sentences(found)
    assert pro["text"] == "6 条评价（60%）认可：物流（物流快）。"
    assert con["text"] == "4 条评价（40%）不满：服务（客服态度差）。"
    assert sentences(found, "en")[0]["text"] == "6 reviews (60%) are pleased: 物流 (物流快)."
    assert con["evidence"] == [quote["review_id"] for quote in found.cons[0].quotes] != []


def test_the_points_most_often_made_come_first_and_are_bounded() -> None:
    reviews = []
    for number in range(MOST_POINTS + 2):
        text = f"这个{number}号部分真的好"
        said = [aspect(text, f"类{number}", f"{number}号部分", "好", "positive")]
        reviews += [ReadReview(100 * number + copy, text, None, said) for copy in range(3 + number)]
    pros = summed(reviews).pros
    assert [point.reviews for point in pros] == list(range(MOST_POINTS + 4, 4, -1))
