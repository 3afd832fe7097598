from datetime import UTC, date, datetime

import pandas as pd
import pytest
from sqlalchemy.orm import Session

from storage import reviews
from storage.errors import NotFound
from tests.storage.factories import (
    VERSION,
    analysis,
    aspect,
    make_import,
    make_products,
    make_reviews,
    review_row,
)

DAY = date(2026, 11, 11)


@pytest.fixture
def product_id(session: Session, workspace_id: int) -> int:
    return make_products(session, workspace_id, "A1")[0]


def listed(session: Session, workspace_id: int, **wanted: object) -> list[str]:
    return [review.external_id for review in reviews.list_reviews(session, workspace_id, **wanted).items]


def test_loading_keeps_every_field(session: Session, workspace_id: int, product_id: int) -> None:
    job = make_import(session, workspace_id)
    row = {
        "product_id": product_id,
        "external_id": "r1",
        "source": "天猫",
        "created_at": datetime(2026, 11, 11, 15, 30, tzinfo=UTC),
        "day": DAY,
        "text": "多行\n文字\t和反斜杠\\N",
        "title": "好",
        "rating": 4.5,
        "user_key": "u1",
        "sku": "红/L",
        "purchased_at": datetime(2026, 11, 1, tzinfo=UTC),
        "channel": "app",
        "incentivised": True,
    }
    [(id, of_product)] = reviews.copy_reviews(session, workspace_id, [row], job.id)
    assert of_product == product_id
    found = reviews.get_review(session, workspace_id, id)
    assert {name: getattr(found, name) for name in row} == row
    assert (found.job_id, found.scored_by, found.label, found.aspects) == (job.id, None, None, [])


def test_a_review_that_is_there_is_left_alone(session: Session, workspace_id: int, product_id: int) -> None:
    row = review_row(product_id, DAY, external_id="r1", text="first")
    assert len(reviews.copy_reviews(session, workspace_id, [row, row])) == 1
    again = [{**row, "text": "second"}, {**row, "source": "京东"}]
    assert len(reviews.copy_reviews(session, workspace_id, again)) == 1
    texts = {review.source: review.text for review in reviews.list_reviews(session, workspace_id).items}
    assert texts == {"": "first", "京东": "first"}


def test_the_same_ids_in_two_workspaces_are_two_reviews(
    session: Session, workspace_id: int, other_id: int, product_id: int
) -> None:
    [theirs] = make_products(session, other_id, "A1")
    [(id, _)] = reviews.copy_reviews(session, workspace_id, [review_row(product_id, DAY, external_id="r1")])
    assert len(reviews.copy_reviews(session, other_id, [review_row(theirs, DAY, external_id="r1")])) == 1
    with pytest.raises(NotFound):
        reviews.get_review(session, other_id, id)


def test_scores_are_stamped_and_replaced_by_a_newer_version(
    session: Session, workspace_id: int, product_id: int
) -> None:
    [id] = make_reviews(session, workspace_id, [review_row(product_id, DAY)])
    assert [
        (row.id, row.text, row.rating) for row in reviews.fetch_stale(session, workspace_id, [id], "v1")
    ] == [(id, "发货很快", 5.0)]
    found = analysis(
        "negative",
        -0.7,
        aspects=[aspect("物流", "negative")],
        keywords=["发货", '带"引号'],
        suspect={"is_suspect": True, "reasons": ["template"]},
        pii=["phone"],
    )
    assert reviews.save_scores(session, workspace_id, [(id, found)], "v1") == 1
    review = reviews.get_review(session, workspace_id, id)
    assert (review.label, review.score, review.p_positive) == ("negative", -0.7, 0.9)
    assert review.aspects == [aspect("物流", "negative")]
    assert review.keywords == ["发货", '带"引号']
    assert (review.is_suspect, review.suspect_reasons, review.pii) == (True, ["template"], ["phone"])
    assert (review.language, review.scored_by) == ("zh", "v1")
    assert reviews.fetch_stale(session, workspace_id, [id], "v1") == []
    assert reviews.stale_ids(session, workspace_id, "v2") == [(id, product_id)]


def test_scores_of_a_foreign_review_are_not_written(
    session: Session, workspace_id: int, other_id: int, product_id: int
) -> None:
    [id] = make_reviews(session, workspace_id, [review_row(product_id, DAY)])
    assert reviews.save_scores(session, other_id, [(id, analysis())], VERSION) == 0
    assert reviews.get_review(session, workspace_id, id).scored_by is None


def test_stale_ids_come_in_order_and_after_a_mark(
    session: Session, workspace_id: int, product_id: int
) -> None:
    ids = make_reviews(session, workspace_id, [review_row(product_id, DAY) for _ in range(3)])
    assert [id for id, _ in reviews.stale_ids(session, workspace_id, VERSION, limit=2)] == ids[:2]
    assert [id for id, _ in reviews.stale_ids(session, workspace_id, VERSION, after=ids[1])] == ids[2:]


@pytest.fixture
def varied(session: Session, workspace_id: int, product_id: int) -> int:
    [second] = make_products(session, workspace_id, "B2")
    make_reviews(
        session,
        workspace_id,
        [
            review_row(
                product_id,
                DAY,
                external_id="slow",
                text="物流太慢 100%",
                analysis=analysis(
                    "negative", -0.9, aspects=[aspect("物流", "negative"), aspect("质量", "positive")]
                ),
            ),
            review_row(
                product_id,
                date(2026, 11, 12),
                external_id="fast",
                analysis=analysis("positive", 0.8, aspects=[aspect("物流", "positive")]),
            ),
            review_row(
                product_id,
                date(2026, 11, 13),
                external_id="fake",
                analysis=analysis("positive", 0.99, suspect={"is_suspect": True, "reasons": ["template"]}),
            ),
            review_row(second, date(2026, 11, 14), external_id="other", analysis=analysis("negative", -0.2)),
        ],
    )
    return product_id


def test_evidence_is_filtered_by_day_aspect_and_polarity(
    session: Session, workspace_id: int, varied: int
) -> None:
    assert listed(session, workspace_id) == ["other", "fake", "fast", "slow"]
    assert listed(session, workspace_id, product_id=varied) == ["fake", "fast", "slow"]
    assert listed(session, workspace_id, start=DAY, end=DAY) == ["slow"]
    assert listed(session, workspace_id, polarity="negative") == ["other", "slow"]
    assert listed(session, workspace_id, aspect="物流") == ["fast", "slow"]
    assert listed(session, workspace_id, aspect="物流", polarity="negative") == ["slow"]
    # The polarity must be of that aspect, not of another one in the same review.
    assert listed(session, workspace_id, aspect="质量", polarity="negative") == []
    assert listed(session, workspace_id, exclude_suspect=True) == ["other", "fast", "slow"]
    assert listed(session, workspace_id, query="100%") == ["slow"]
    assert listed(session, workspace_id, query="1_0%") == []
    assert listed(session, workspace_id, ids=[]) == []


def test_another_workspace_sees_nothing(session: Session, other_id: int, varied: int) -> None:
    assert listed(session, other_id) == []
    assert reviews.evidence_ids(session, other_id, varied, DAY, date(2026, 12, 1)) == []


def test_pages_of_reviews_of_one_moment_lose_none(
    session: Session, workspace_id: int, product_id: int
) -> None:
    ids = make_reviews(session, workspace_id, [review_row(product_id, DAY) for _ in range(5)])
    seen, cursor = [], None
    while True:
        page = reviews.list_reviews(session, workspace_id, cursor=cursor, limit=2)
        seen += [review.id for review in page.items]
        if (cursor := page.next) is None:
            break
    assert seen == sorted(ids, reverse=True)


def test_a_listed_review_knows_its_product(session: Session, workspace_id: int, varied: int) -> None:
    newest = reviews.list_reviews(session, workspace_id, limit=1).items[0]
    assert newest.product.external_id == "B2"


def test_the_most_telling_reviews_come_first_and_fakes_never(
    session: Session, workspace_id: int, varied: int
) -> None:
    ids = reviews.evidence_ids(session, workspace_id, varied, DAY, date(2026, 12, 1))
    assert [reviews.get_review(session, workspace_id, id).external_id for id in ids] == ["slow", "fast"]
    assert len(reviews.evidence_ids(session, workspace_id, varied, DAY, date(2026, 12, 1), limit=1)) == 1


def test_the_frame_holds_scored_reviews_with_plain_types(
    session: Session, workspace_id: int, varied: int
) -> None:
    make_reviews(session, workspace_id, [review_row(varied, DAY, rating=None)])
    frame = reviews.review_frame(session, workspace_id, [varied])
    columns = ["id", "product_id", "ds", "score", "label", "rating", "length", "is_suspect"]
    assert list(frame.columns) == columns
    assert frame["score"].tolist() == [-0.9, 0.8, 0.99]
    assert frame["length"].tolist() == [9, 4, 4]
    assert frame["is_suspect"].tolist() == [False, False, True]
    assert pd.api.types.is_datetime64_dtype(frame["ds"])
    assert frame["ds"].iloc[0] == pd.Timestamp(DAY)


def test_the_frame_of_nothing_has_the_same_columns(session: Session, workspace_id: int) -> None:
    frame = reviews.review_frame(session, workspace_id, [])
    assert frame.empty
    assert "is_suspect" in frame
