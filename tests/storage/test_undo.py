"""The steps of an undo in one transaction; whole imports are taken back in tests/workers/test_undo.py."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from storage import undo
from storage.errors import Conflict, NotFound
from storage.models import ReplacedRow
from storage.reviews import copy_reviews
from storage.sales import copy_sales, declare_columns, exog_columns, sales_by_day
from storage.undo import Step, Toll
from tests.storage.factories import make_import, make_products, review_row

DAY = date(2026, 6, 8)


def ended(session: Session, workspace_id: int, kind: str = "import_sales") -> UUID:
    job = make_import(session, workspace_id, kind)
    job.state = "succeeded"
    session.flush()
    return job.id


@pytest.fixture
def product_id(session: Session, workspace_id: int) -> int:
    [made] = make_products(session, workspace_id, "A")
    return made


def sold(session: Session, workspace_id: int, product_id: int, units: float, job_id: UUID) -> None:
    copy_sales(session, workspace_id, [{"product_id": product_id, "day": DAY, "units": units}], job_id)


def test_an_undo_is_asked_for_once_and_found_again(
    session: Session, workspace_id: int, other_id: int
) -> None:
    job_id = ended(session, workspace_id)
    assert undo.undo_of(session, workspace_id, job_id) is None
    asked = undo.ask_undo(session, workspace_id, job_id)
    assert (asked.kind, asked.params, asked.total) == ("undo", {"undoes": str(job_id)}, 0)
    assert undo.ask_undo(session, workspace_id, job_id) is asked
    assert undo.undo_of(session, workspace_id, job_id) is asked
    assert undo.undo_of(session, other_id, job_id) is None


def test_what_is_foreign_running_or_no_import_is_not_undone(
    session: Session, workspace_id: int, other_id: int
) -> None:
    with pytest.raises(NotFound):
        undo.ask_undo(session, other_id, ended(session, workspace_id))
    with pytest.raises(Conflict, match="has not ended"):
        undo.ask_undo(session, workspace_id, make_import(session, workspace_id).id)
    with pytest.raises(Conflict, match="only imports"):
        undo.ask_undo(session, workspace_id, ended(session, workspace_id, "train"))


def test_reviews_go_in_steps_no_larger_than_allowed(
    session: Session, workspace_id: int, product_id: int
) -> None:
    job_id = ended(session, workspace_id, "import_reviews")
    copy_reviews(session, workspace_id, [review_row(product_id, DAY) for _ in range(3)], job_id)
    assert undo.foresee(session, workspace_id, job_id)["reviews"] == Toll(removed=3)
    steps = [undo.take_back(session, workspace_id, job_id, 2) for _ in range(3)]
    assert [step.counts for step in steps] == [{"reviews_removed": 2}, {"reviews_removed": 1}, {}]
    assert steps[0].touched == [product_id]
    assert steps[2] == Step()


def test_what_was_there_comes_back(session: Session, workspace_id: int, product_id: int) -> None:
    first, second = ended(session, workspace_id), ended(session, workspace_id)
    sold(session, workspace_id, product_id, 5, first)
    sold(session, workspace_id, product_id, 50, second)
    assert undo.foresee(session, workspace_id, first)["changed"] == Toll(kept=1)
    assert undo.foresee(session, workspace_id, second)["sales"] == Toll(restored=1)
    step = undo.take_back(session, workspace_id, second, 10)
    assert (step.counts, step.rows, step.touched) == ({"sales_restored": 1}, 1, [product_id])
    [day] = sales_by_day(session, workspace_id, product_id)
    assert (day.units, day.job_id) == (5, first)


def test_a_later_change_stays_and_then_remembers_what_was_before_both(
    session: Session, workspace_id: int, product_id: int
) -> None:
    jobs = [ended(session, workspace_id) for _ in range(3)]
    for units, job_id in zip((5, 50, 500), jobs, strict=True):
        sold(session, workspace_id, product_id, units, job_id)
    assert undo.take_back(session, workspace_id, jobs[1], 10).counts == {"changed_kept": 1}
    assert undo.take_back(session, workspace_id, jobs[1], 10) == Step()
    assert session.query(ReplacedRow).filter_by(job_id=jobs[1]).count() == 0
    assert [day.units for day in sales_by_day(session, workspace_id, product_id)] == [500]
    undo.take_back(session, workspace_id, jobs[2], 10)
    assert [day.units for day in sales_by_day(session, workspace_id, product_id)] == [5]


def test_a_column_that_others_filled_stays(session: Session, workspace_id: int, product_id: int) -> None:
    job_id = ended(session, workspace_id)
    declare_columns(session, workspace_id, {"ads": "past", "visits": "past"}, job_id)
    row = {"product_id": product_id, "day": DAY, "units": 5, "extra": {"ads": 1}}
    copy_sales(session, workspace_id, [row], job_id)
    assert undo.foresee(session, workspace_id, job_id)["exog_columns"] == Toll(removed=2)
    copy_sales(session, workspace_id, [row | {"day": DAY + timedelta(days=1)}])
    assert undo.foresee(session, workspace_id, job_id)["exog_columns"] == Toll(removed=1, kept=1)
    assert undo.take_back(session, workspace_id, job_id, 10).counts == {"sales_removed": 1}
    step = undo.take_back(session, workspace_id, job_id, 10)
    assert step.counts == {"exog_columns_removed": 1, "exog_columns_kept": 1}
    assert exog_columns(session, workspace_id) == {"ads": "past"}


def test_a_neighbour_foresees_and_takes_back_nothing(
    session: Session, workspace_id: int, other_id: int, product_id: int
) -> None:
    job_id = ended(session, workspace_id)
    sold(session, workspace_id, product_id, 5, job_id)
    assert set(undo.foresee(session, other_id, job_id).values()) == {Toll()}
    assert undo.take_back(session, other_id, job_id, 10) == Step()
    assert len(sales_by_day(session, workspace_id, product_id)) == 1
    assert undo.existing(session, other_id, [product_id]) == []
    assert undo.existing(session, workspace_id, [product_id + 1, product_id]) == [product_id]


def test_an_import_is_undone_at_once_though_nothing_is_known_of_its_rows(
    session: Session, workspace_id: int
) -> None:
    """PostgreSQL has no statistics of rows that just came in: no plan of it may compare all with all."""
    products = make_products(session, workspace_id, *(f"A{n}" for n in range(8)))
    jobs = [ended(session, workspace_id) for _ in range(3)]
    for units, job_id in enumerate(jobs, start=1):
        rows = [
            {"product_id": one, "day": DAY - timedelta(days=n), "units": float(units)}
            for one in products
            for n in range(1000)
        ]
        copy_sales(session, workspace_id, rows, job_id)
    session.execute(text("SET LOCAL statement_timeout = '3s'"))
    _, between, last = jobs
    assert undo.take_back(session, workspace_id, between, 5000).counts == {"changed_kept": 5000}
    assert undo.foresee(session, workspace_id, last)["sales"] == Toll(restored=8000)
    assert undo.take_back(session, workspace_id, last, 5000).counts == {"sales_restored": 5000}
    assert undo.take_back(session, workspace_id, last, 5000).counts == {"sales_restored": 3000}
