from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import update

from nlp.summary import ReadReview
from settings import Settings
from storage import digests, jobs
from storage.models import Chunk, Job
from storage.reviews import copy_reviews
from tests.storage.factories import analysis, make_import, make_products, make_reviews, review_row
from tests.workers.factories import SmallArtifacts, csv_import, work_off
from workers.artifacts import Artifacts
from workers.context import Context

DAY = date(2026, 6, 1)


@pytest.fixture
def product_ids(context: Context, workspace_id: int) -> list[int]:
    """Two products with three read reviews each."""
    with context.sessions.begin() as session:
        ids = make_products(session, workspace_id, "A", "B", brand="格力", category="空调")
        rows = [
            review_row(product_id, DAY + timedelta(days=day), analysis=analysis())
            for product_id in ids
            for day in range(3)
        ]
        make_reviews(session, workspace_id, rows)
    return ids


def request(context: Context, workspace_id: int, product_ids: list[int] | None = None) -> Job:
    with context.sessions.begin() as session:
        job = digests.request_digests(session, workspace_id, product_ids)
    return work_off(context, job.id)


def given(context: Context):
    assert isinstance(context.artifacts, SmallArtifacts)
    return context.artifacts.small_digester.given


def test_stale_digests_are_made_once(context: Context, workspace_id: int, product_ids: list[int]) -> None:
    job = request(context, workspace_id)
    assert (job.state, job.error) == ("succeeded", "")
    assert [names for _, names in given(context)] == [["格力", "空调"]] * 2
    with context.sessions() as session:
        for product_id in product_ids:
            kept = digests.get_digest(session, workspace_id, product_id)
            assert kept is not None
            assert (kept.version, kept.digest["reviews"]) == ("digest-1", 3)
            assert not digests.is_stale(session, kept)
    assert request(context, workspace_id).state == "succeeded"
    assert len(given(context)) == 2


def test_only_what_is_asked_and_stale_is_made(
    context: Context, workspace_id: int, product_ids: list[int]
) -> None:
    request(context, workspace_id, product_ids[:1])
    assert len(given(context)) == 1
    with context.sessions.begin() as session:
        make_reviews(session, workspace_id, [review_row(product_ids[0], DAY, analysis=analysis())])
    request(context, workspace_id)
    assert sorted(len(reviews) for reviews, _ in given(context)[1:]) == [3, 4]


def test_a_new_version_makes_all_anew(context: Context, workspace_id: int, product_ids: list[int]) -> None:
    request(context, workspace_id)
    context.artifacts.small_digester.version = "digest-2"
    request(context, workspace_id)
    assert len(given(context)) == 4


def test_a_digest_waits_until_reviews_have_come_to_rest(
    context: Context, workspace_id: int, product_ids: list[int]
) -> None:
    with context.sessions.begin() as session:
        importing = make_import(session, workspace_id)
    waiting = request(context, workspace_id)
    assert (waiting.state, given(context)) == ("running", [])
    with context.sessions.begin() as session:
        jobs.cancel_job(session, workspace_id, importing.id)
        session.execute(update(Chunk).where(Chunk.job_id == waiting.id).values(not_before=None))
    assert work_off(context, waiting.id).state == "succeeded"
    assert len(given(context)) == 2


def test_imported_reviews_ask_for_their_products_digests(context: Context, workspace_id: int) -> None:
    lines = [f"A,2026-06-0{day},发货很快" for day in range(1, 4)]
    imported = work_off(
        context, csv_import(context, workspace_id, "reviews", "product_id,created_at,text", lines)
    )
    assert imported.state == "succeeded"
    with context.sessions() as session:
        [job] = jobs.list_jobs(session, workspace_id, kind="digest").items
    with context.sessions.begin() as session:
        session.execute(update(Chunk).where(Chunk.job_id == job.id).values(not_before=None))
    assert work_off(context, job.id).state == "succeeded"
    [(reviews, _)] = given(context)
    assert [review.text for review in reviews] == ["发货很快"] * 3


def test_sales_ask_for_none(context: Context, workspace_id: int) -> None:
    work_off(context, csv_import(context, workspace_id, "sales", "product_id,date,units", ["A,2026-06-01,3"]))
    with context.sessions() as session:
        assert jobs.list_jobs(session, workspace_id, kind="digest").items == []


def test_reviews_that_nobody_has_read_are_left_out(
    context: Context, workspace_id: int, product_ids: list[int]
) -> None:
    with context.sessions.begin() as session:
        copy_reviews(session, workspace_id, [review_row(product_ids[0], DAY)])
    request(context, workspace_id)
    assert {len(reviews) for reviews, _ in given(context)} == {3}


def test_the_real_digester_reads_by_the_real_analyser(settings: Settings) -> None:
    artifacts = Artifacts(replace(settings, llm_base_url="https://llm.example/v1", llm_model="m"))
    reader = artifacts.reader()
    assert artifacts.digester(reader).version.endswith("+m")
    plain = Artifacts(settings).digester(reader)
    assert plain.writer is None
    assert plain([ReadReview(1, "物流很快")])["reviews"] == 1


def test_an_unsafe_endpoint_is_told_and_not_tried_again(
    context: Context, workspace_id: int, product_ids: list[int]
) -> None:
    settings = replace(context.settings, llm_base_url="http://example.org/v1", llm_model="m")

    class Unsafe(SmallArtifacts):
        def digester(self, reader):
            return super(SmallArtifacts, self).digester(reader)

    job = request(replace(context, settings=settings, artifacts=Unsafe(settings)), workspace_id)
    assert job.state == "failed"
    assert "LLM_BASE_URL: 'http://example.org/v1'" in job.error
