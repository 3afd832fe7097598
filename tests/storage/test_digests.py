from datetime import date, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from storage import chunks, digests, jobs
from storage.models import Chunk, Review
from storage.reviews import get_review, save_scores
from tests.storage.factories import analysis, aspect, make_products, make_reviews, review_row

DAY = date(2026, 6, 1)


@pytest.fixture
def product_id(session: Session, workspace_id: int) -> int:
    return make_products(session, workspace_id, "A")[0]


def add(session: Session, workspace_id: int, product_id: int, days: int = 3, **fields) -> list[int]:
    rows = [
        review_row(product_id, DAY + timedelta(days=day), **{"analysis": analysis(), **fields})
        for day in range(days)
    ]
    return make_reviews(session, workspace_id, rows)


def stamp(session: Session, workspace_id: int, product_id: int) -> str:
    return digests.stamps(session, workspace_id)[product_id]


def test_the_stamp_changes_with_what_the_reviews_say(
    session: Session, workspace_id: int, product_id: int
) -> None:
    [first, *_] = add(session, workspace_id, product_id)
    seen = [stamp(session, workspace_id, product_id)]
    assert stamp(session, workspace_id, product_id) == seen[0]
    add(session, workspace_id, product_id, 1)
    seen.append(stamp(session, workspace_id, product_id))
    save_scores(session, workspace_id, [(first, analysis())], "reader-2")
    seen.append(stamp(session, workspace_id, product_id))
    session.execute(update(Review).where(Review.id == first).values(is_suspect=True))
    seen.append(stamp(session, workspace_id, product_id))
    session.delete(get_review(session, workspace_id, first))
    session.flush()
    seen.append(stamp(session, workspace_id, product_id))
    assert len(set(seen)) == 5


def test_reviews_that_nobody_has_read_count_for_nothing(
    session: Session, workspace_id: int, product_id: int
) -> None:
    make_reviews(session, workspace_id, [review_row(product_id, DAY)])
    assert digests.stamps(session, workspace_id) == {}
    assert digests.stale_digests(session, workspace_id, "1") == []
    assert digests.digest_reviews(session, workspace_id, product_id, 10) == []


def test_a_digest_is_stale_by_version_or_by_reviews(
    session: Session, workspace_id: int, other_id: int, product_id: int
) -> None:
    add(session, workspace_id, product_id)
    assert digests.stale_digests(session, workspace_id, "1") == [product_id]
    state = stamp(session, workspace_id, product_id)
    digests.save_digest(session, workspace_id, product_id, "1", state, {"reviews": 3})
    assert digests.stale_digests(session, workspace_id, "1") == []
    assert digests.stale_digests(session, workspace_id, "2") == [product_id]
    assert digests.stale_digests(session, other_id, "1") == []
    kept = digests.get_digest(session, workspace_id, product_id)
    assert kept is not None
    assert not digests.is_stale(session, kept)
    add(session, workspace_id, product_id, 1)
    assert digests.is_stale(session, kept)
    assert digests.stale_digests(session, workspace_id, "1", [product_id]) == [product_id]
    assert digests.stale_digests(session, workspace_id, "1", []) == []


def test_a_new_digest_takes_the_place_of_the_old_one(
    session: Session, workspace_id: int, other_id: int, product_id: int
) -> None:
    assert digests.get_digest(session, workspace_id, product_id) is None
    for version in ("1", "2"):
        digests.save_digest(session, workspace_id, product_id, version, "s", {"told": version})
    kept = digests.get_digest(session, workspace_id, product_id)
    assert kept is not None
    assert (kept.version, kept.digest) == ("2", {"told": "2"})
    assert digests.get_digest(session, other_id, product_id) is None


def test_the_newest_unsuspected_reviews_are_read(
    session: Session, workspace_id: int, product_id: int
) -> None:
    found = [aspect("物流", "positive")]
    kept = add(session, workspace_id, product_id, 4, analysis=analysis(aspects=found))
    suspect = analysis(suspect={"is_suspect": True, "reasons": ["filler"]})
    add(session, workspace_id, product_id, 6, analysis=suspect)
    read = digests.digest_reviews(session, workspace_id, product_id, 3)
    assert [row.id for row in read] == kept[:0:-1]
    assert (read[0].text, read[0].day, read[0].aspects) == ("发货很快", DAY + timedelta(days=3), found)


def plans(session: Session, job) -> list[dict]:
    session.expire_all()
    return [chunk.payload for chunk in session.query(Chunk).filter_by(job_id=job.id).order_by(Chunk.id)]


def test_what_is_asked_while_a_job_waits_is_one_job(session: Session, workspace_id: int) -> None:
    job = digests.request_digests(session, workspace_id, [3, 1], delay_seconds=60)
    assert digests.request_digests(session, workspace_id, [2, 3]).id == job.id
    assert plans(session, job) == [{"plan": True, "products": [1, 2, 3]}]
    assert chunks.pending_chunks(session, workspace_id, job.id) == []  # it waits for the quiet time
    digests.request_digests(session, workspace_id)
    digests.request_digests(session, workspace_id, [9])
    assert plans(session, job) == [{"plan": True, "all": True}]


def test_what_is_asked_while_a_job_runs_is_another_job(session: Session, workspace_id: int) -> None:
    job = digests.request_digests(session, workspace_id, [1])
    [plan] = chunks.pending_chunks(session, workspace_id, job.id)
    assert chunks.claim(session, plan.id, "worker", 60) is not None
    later = digests.request_digests(session, workspace_id, [2])
    assert later.id != job.id
    assert plans(session, later) == [{"plan": True, "products": [2]}]
    assert plans(session, job) == [{"plan": True, "products": [1]}]


def test_a_waiting_job_without_a_plan_gets_one(session: Session, workspace_id: int) -> None:
    job = digests.request_digests(session, workspace_id, [1])
    [plan] = chunks.pending_chunks(session, workspace_id, job.id)
    plan.state = "done"
    jobs.lock_job(session, workspace_id, job.id)
    chunks.add_chunks(session, workspace_id, job.id, "digest", [(1, {"digest": 1})])
    assert digests.request_digests(session, workspace_id, [2]).id == job.id
    assert plans(session, job)[-1] == {"plan": True, "products": [2]}
