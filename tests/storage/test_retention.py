from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import accounts, jobs, retention, uploads
from storage.errors import NotFound
from storage.models import Job, Review, Workspace
from tests.storage.factories import make_products, make_reviews, review_row

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)


@pytest.fixture
def workspace(session: Session, workspace_id: int) -> Workspace:
    return accounts.get_workspace(session, workspace_id)


def test_nothing_goes_unless_asked(session: Session, workspace: Workspace) -> None:
    [product_id] = make_products(session, workspace.id, "A")
    make_reviews(session, workspace.id, [review_row(product_id, date(1999, 1, 1))])
    assert retention.apply(session, workspace, NOW) == ({}, [])


def test_reviews_go_by_their_day(session: Session, workspace: Workspace, other_id: int) -> None:
    retention.set_retention(session, workspace, {"reviews": 10})
    [product_id] = make_products(session, workspace.id, "A")
    days = [date(2026, 6, 19), date(2026, 6, 20), date(2026, 6, 30)]
    make_reviews(session, workspace.id, [review_row(product_id, day) for day in days])
    [theirs] = make_products(session, other_id, "A")
    make_reviews(session, other_id, [review_row(theirs, days[0])])
    assert retention.apply(session, workspace, NOW) == ({"reviews": 1}, [])
    assert session.scalars(select(Review.day).order_by(Review.day)).all() == [days[0], days[1], days[2]]


def test_files_of_a_job_that_runs_stay(session: Session, workspace: Workspace) -> None:
    retention.set_retention(session, workspace, {"uploads": 5, "jobs": 5})
    for name, state in (("done.csv", "succeeded"), ("busy.csv", "running")):
        sent = uploads.add_upload(session, workspace.id, path=name, original_name=name, sha256="0", size=1)
        sent.created_at = NOW - timedelta(days=6)
        job = jobs.create_job(session, workspace.id, "import_reviews", upload_id=sent.id)
        job.state = state
        job.finished_at = NOW - timedelta(days=6) if state == "succeeded" else None
    session.flush()
    counts, files = retention.apply(session, workspace, NOW)
    assert (counts, files) == ({"uploads": 1, "jobs": 1}, ["done.csv"])
    assert session.scalars(select(Job.state)).all() == ["running"]


def test_a_deleted_file_is_not_there(session: Session, workspace: Workspace) -> None:
    sent = uploads.add_upload(session, workspace.id, path="", original_name="a", sha256="0", size=1)
    with pytest.raises(NotFound):
        uploads.get_upload(session, workspace.id, sent.id)


@pytest.mark.parametrize("days", [{"reviews": 0}, {"reviews": -1}, {"audit": 5}, {"jobs": 99999}])
def test_only_known_kinds_and_sane_days(session: Session, workspace: Workspace, days: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=next(iter(days))):
        retention.set_retention(session, workspace, days)
