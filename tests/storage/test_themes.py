from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from storage import themes
from tests.storage.factories import analysis, aspect, make_products, make_reviews, review_row

START = date(2026, 6, 8)
END = START + timedelta(days=6)
FAKE = {"is_suspect": True, "reasons": ["template"]}
SLOW, FAST, GOOD = aspect("物流", "negative"), aspect("物流", "positive"), aspect("质量", "positive")


@pytest.fixture
def product_ids(session: Session, workspace_id: int) -> list[int]:
    return make_products(session, workspace_id, "A1", "B2")


def said(
    product_id: int, step: int, *aspects: dict[str, Any], user: str = "", **fields: Any
) -> dict[str, Any]:
    parts = {name: fields.pop(name) for name in ("label", "keywords", "suspect") if name in fields}
    found = analysis(aspects=list(aspects), **parts)
    day = START + timedelta(days=step)
    return review_row(product_id, day, user_key=user, analysis=found, **fields)


def test_aspects_show_what_enough_people_complain_about(
    session: Session, workspace_id: int, product_ids: list[int]
) -> None:
    id = product_ids[0]
    rows = [
        said(id, 0, SLOW, FAST, GOOD, user="u1", rating=2.0),
        said(id, 0, SLOW, SLOW, GOOD, user="u2", rating=3.0),
        said(id, 5, SLOW, user="u3", rating=None),
        said(id, 6, GOOD, suspect=FAKE),
        said(id, 6, aspect("服务", "negative"), user="u1"),
        said(id, 6, aspect("服务", "negative"), user="u1"),
        said(id, 7, SLOW, user="u9"),
    ]
    make_reviews(session, workspace_id, rows)
    delivery, quality = themes.aspects(session, workspace_id, id, start=START, end=END)
    assert (delivery.category, quality.category) == ("物流", "质量")
    assert (delivery.mentions, delivery.reviewers, delivery.negative, delivery.positive) == (3, 3, 3, 1)
    assert delivery.spark == [2, 0, 0, 0, 0, 1, 0]
    assert quality.spark == [0] * 7
    assert delivery.rating_mean == 2.5
    real = themes.aspects(session, workspace_id, start=START, end=END, exclude_suspect=True)
    assert [line.category for line in real] == ["物流"]
    everything = themes.aspects(session, workspace_id, start=START, end=END, minimum=1)
    assert [(line.category, line.mentions, line.reviewers) for line in everything] == [
        ("物流", 3, 3),
        ("服务", 2, 1),
        ("质量", 3, 3),
    ]


def test_what_is_blamed_and_said_is_counted_by_review(
    session: Session, workspace_id: int, product_ids: list[int]
) -> None:
    id, other = product_ids
    rows = [
        said(id, 0, SLOW, SLOW, FAST, keywords=["慢", "慢", "好"]),
        said(id, 6, SLOW, GOOD, keywords=["慢"], suspect=FAKE),
        said(id, 7, SLOW, keywords=["慢"]),
        said(other, 1, SLOW, keywords=["慢"]),
    ]
    make_reviews(session, workspace_id, rows)
    span: dict[str, Any] = {"start": START, "end": END}
    assert themes.uses(session, workspace_id, id, **span) == ({"物流": 2}, {"慢": 2, "好": 1})
    assert themes.uses(session, workspace_id, id, **span, limit=1) == ({"物流": 2}, {"慢": 2})
    assert themes.uses(session, workspace_id, id, **span, exclude_suspect=True)[0] == {"物流": 1}


def test_mentions_name_the_reviews_that_blame_or_praise_an_aspect(
    session: Session, workspace_id: int, product_ids: list[int]
) -> None:
    id, other = product_ids
    rows = [
        said(id, 0, SLOW, FAST, SLOW),
        said(id, 1, SLOW, aspect("质量", "neutral")),
        said(id, 2, GOOD, suspect=FAKE),
        said(id, 7, SLOW),
        said(other, 1, SLOW),
    ]
    first, second, third, *_ = make_reviews(session, workspace_id, rows)
    assert themes.mentions(session, workspace_id, id, START, END) == {
        ("物流", "negative"): [first, second],
        ("物流", "positive"): [first],
        ("质量", "positive"): [third],
    }


def test_ties_go_to_the_more_spoken_of_then_by_name(
    session: Session, workspace_id: int, product_ids: list[int]
) -> None:
    rows = [said(product_ids[0], 0, aspect(name, "neutral")) for name in ("b", "c", "a", "c")]
    make_reviews(session, workspace_id, rows)
    found = themes.aspects(session, workspace_id, start=START, end=END, minimum=1)
    assert [(line.category, line.neutral, line.negative) for line in found] == [
        ("c", 2, 0),
        ("a", 1, 0),
        ("b", 1, 0),
    ]


def test_nameless_reviewers_count_one_each_and_unrated_reviews_have_no_mean(
    session: Session, workspace_id: int, product_ids: list[int]
) -> None:
    make_reviews(session, workspace_id, [said(product_ids[0], step, SLOW, rating=None) for step in range(3)])
    [line] = themes.aspects(session, workspace_id, start=START, end=END)
    assert (line.reviewers, line.rating_mean) == (3, None)
    assert themes.aspects(session, workspace_id, start=START, end=END, minimum=4) == []


def test_both_ends_of_the_days_belong_to_them(
    session: Session, workspace_id: int, product_ids: list[int]
) -> None:
    rows = [said(product_ids[0], step, SLOW, keywords=[f"w{step}"]) for step in (-1, 0, 6, 7)]
    make_reviews(session, workspace_id, rows)
    [line] = themes.aspects(session, workspace_id, start=START, end=END, minimum=1)
    assert line.spark == [1, 0, 0, 0, 0, 0, 1]
    assert themes.keywords(session, workspace_id, start=START, end=END) == [("w0", 1), ("w6", 1)]


def test_themes_of_another_workspace_are_not_shown_even_by_product(
    session: Session, workspace_id: int, other_id: int, product_ids: list[int]
) -> None:
    make_reviews(session, workspace_id, [said(product_ids[0], 0, SLOW, keywords=["慢"])])
    for product_id in (None, product_ids[0]):
        assert themes.aspects(session, other_id, product_id, start=START, end=END, minimum=1) == []
        assert themes.keywords(session, other_id, product_id, start=START, end=END) == []
    assert themes.aspects(session, workspace_id, product_ids[1], start=START, end=END, minimum=1) == []


def test_keywords_count_reviews_not_repetitions(
    session: Session, workspace_id: int, product_ids: list[int]
) -> None:
    first, second = product_ids
    rows = [
        said(first, 0, keywords=["快", "快", "好"]),
        said(second, 1, label="negative", keywords=["好"]),
        said(second, 9, keywords=["晚"]),
        said(second, 2, keywords=[]),
        review_row(second, START),
    ]
    make_reviews(session, workspace_id, rows)
    assert themes.keywords(session, workspace_id, start=START, end=END) == [("好", 2), ("快", 1)]
    assert themes.keywords(session, workspace_id, start=START, end=END, limit=1) == [("好", 2)]
    assert themes.keywords(session, workspace_id, start=START, end=END, label="negative") == [("好", 1)]
    assert themes.keywords(session, workspace_id, start=START, end=END, label="neutral") == []
    assert themes.keywords(session, workspace_id, second, start=START, end=END) == [("好", 1)]


def test_words_as_frequent_as_each_other_are_in_order(
    session: Session, workspace_id: int, product_ids: list[int]
) -> None:
    make_reviews(session, workspace_id, [said(product_ids[0], 0, keywords=["c", "a", "b"])])
    found = themes.keywords(session, workspace_id, start=START, end=END, limit=2)
    assert found == [("a", 1), ("b", 1)]


def test_aspects_are_counted_by_the_day_a_review_arrived(
    session: Session, workspace_id: int, other_id: int, product_ids: list[int]
) -> None:
    first, second = product_ids
    rows = [
        said(first, 0, SLOW, SLOW, GOOD),
        said(first, 0, SLOW, FAST),
        said(first, 3, aspect("物流", "neutral")),
        said(first, 3, FAST, suspect=FAKE),
        said(second, 0, SLOW),
        review_row(second, START),
    ]
    make_reviews(session, workspace_id, rows)
    counted = themes.aspect_days(session, workspace_id)
    days = [START, START, START + timedelta(days=3), START]
    assert counted["ds"].dt.date.tolist() == days
    assert counted[["unique_id", "category", "negative", "positive"]].to_numpy().tolist() == [
        [str(first), "物流", 2.0, 1.0],
        [str(first), "质量", 0.0, 1.0],
        [str(first), "物流", 0.0, 1.0],
        [str(second), "物流", 1.0, 0.0],
    ]
    assert themes.aspect_days(session, workspace_id, [second])["unique_id"].tolist() == [str(second)]
    for empty in (themes.aspect_days(session, other_id), themes.aspect_days(session, workspace_id, [])):
        assert list(empty.columns) == list(counted.columns)
        assert (len(empty), empty["ds"].dtype) == (0, counted["ds"].dtype)
