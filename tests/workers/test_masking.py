"""No raw number is left in the database, wherever it came in."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from ingest import Refusal
from ingest.rows import shown
from nlp import privacy
from storage import jobs
from storage.models import Base, Job, Review
from tests.storage.factories import make_products, make_reviews, review_row
from tests.workers.factories import csv_import, work_off
from workers.context import Context
from workers.masking import masked, masked_value

DAY = date(2026, 11, 11)
PHONE, HIDDEN = "13812345678", "138****5678"
REVIEWS = "product_id,review_id,created_at,text,title,user_id,rating"


def tables_with(session: Session, raw: str) -> list[str]:
    """Return the tables in which a text stands anywhere."""
    return [
        table.name
        for table in Base.metadata.sorted_tables
        if session.scalar(
            text(f"SELECT count(*) FROM {table.name} AS row WHERE position(:raw in row::text) > 0"),
            {"raw": raw},
        )
    ]


def create(context: Context, workspace_id: int, kind: str, **params: object) -> UUID:
    with context.sessions.begin() as session:
        return jobs.create_job(session, workspace_id, kind, params=params).id


def test_an_import_stores_masks_and_nothing_raw(context: Context, workspace_id: int) -> None:
    lines = [
        f"A1,r1,2026-11-11 09:00:00,差，打我{PHONE},找{PHONE},{PHONE},1",
        f"A1,r2,2026-11-11 09:00:00,好,,u2,电话{PHONE}",
        f"A1,r3,{PHONE},好,,u3,5",
    ]
    job = work_off(context, csv_import(context, workspace_id, "reviews", REVIEWS, lines))
    assert job.state == "succeeded"
    with context.sessions() as session:
        assert tables_with(session, PHONE) == []
        review = session.scalars(select(Review).where(Review.workspace_id == workspace_id)).one()
        assert (review.text, review.title) == (f"差，打我{HIDDEN}", f"找{HIDDEN}")
        assert review.user_key == HIDDEN
        values = [refusal.value for refusal in jobs.list_refusals(session, workspace_id, job.id).items]
    assert values == [f"电话{HIDDEN}", HIDDEN]


def test_the_same_file_twice_adds_nothing_though_its_texts_are_masked(
    context: Context, workspace_id: int
) -> None:
    lines = [f"A1,,2026-11-11 09:00:00,差，打我{PHONE},,u1,1"]
    for _ in range(2):
        work_off(context, csv_import(context, workspace_id, "reviews", REVIEWS, lines))
    with context.sessions() as session:
        assert session.scalar(select(func.count(Review.id)).where(Review.workspace_id == workspace_id)) == 1


def test_product_texts_are_masked(context: Context, workspace_id: int) -> None:
    lines = [f"A1,保温杯 客服{PHONE},咨询微信abc12345"]
    work_off(context, csv_import(context, workspace_id, "products", "product_id,title,description", lines))
    with context.sessions() as session:
        assert tables_with(session, PHONE) + tables_with(session, "abc12345") == []


def test_rows_of_older_versions_are_masked_when_they_are_read_anew(
    context: Context, workspace_id: int
) -> None:
    with context.sessions.begin() as session:
        [product_id] = make_products(session, workspace_id, "A1", description=f"客服{PHONE}")
        row = review_row(product_id, DAY, text=f"差，打我{PHONE}", user_key=PHONE)
        make_reviews(session, workspace_id, [row])
    work_off(context, create(context, workspace_id, "score"))
    with context.sessions() as session:
        assert tables_with(session, PHONE) == []
    assert f"差，打我{HIDDEN}" in context.artifacts.small.read


def test_a_mask_read_anew_is_still_known_for_a_phone() -> None:
    assert [item.kind for item in privacy.find(f"差，打我{HIDDEN}")] == ["phone"]


def test_texts_sent_for_analysis_are_read_masked_and_not_kept(context: Context, workspace_id: int) -> None:
    params = {"texts": [f"差，打我{PHONE}", "好"], "only": ["sentiment"]}
    job = work_off(context, create(context, workspace_id, "analyze", **params))
    assert (job.state, job.total) == ("succeeded", 2)
    assert context.artifacts.small.read == [f"差，打我{HIDDEN}", "好"]
    assert job.params == {"only": ["sentiment"]}
    with context.sessions() as session:
        assert tables_with(session, PHONE) == []


@pytest.mark.parametrize(("age", "kept"), [(timedelta(hours=23), True), (timedelta(hours=25), False)])
def test_texts_of_a_cancelled_analysis_are_forgotten_after_a_day(
    context: Context, workspace_id: int, age: timedelta, kept: bool
) -> None:
    job_id = create(context, workspace_id, "analyze", texts=["好"])
    with context.sessions.begin() as session:
        jobs.cancel_job(session, workspace_id, job_id)
        session.get_one(Job, job_id).finished_at = datetime.now(UTC) - age
        session.flush()
        jobs.forget_texts(session)
        jobs.retry_job(session, workspace_id, job_id)
    job = work_off(context, job_id)
    assert job.state == ("succeeded" if kept else "failed")
    assert kept or "no longer kept" in job.error


def test_only_the_fields_named_are_masked() -> None:
    row = {"text": PHONE, "review_id": PHONE, "title": None, "rating": 5}
    assert masked(row, ("text", "title", "sku")) == {**row, "text": HIDDEN}


@pytest.mark.parametrize("cut", range(190, 200))
def test_a_number_cut_off_in_a_refused_value_is_hidden(cut: int) -> None:
    found = Refusal(2, "text", shown("长" * cut + PHONE), "text_too_long")
    assert not any(letter.isdigit() for letter in masked_value(found)[190:])
