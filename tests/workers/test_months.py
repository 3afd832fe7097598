from datetime import UTC, date, datetime

from sqlalchemy import select, text

from storage import accounts, months, retention
from storage.models import AuditEntry, Review
from tests.storage.factories import make_products, make_reviews, review_row
from workers.context import Context
from workers.months import keep_months

NOW = datetime(2027, 12, 30, 3, tzinfo=UTC)
THIS, NEXT, OLD = date(2027, 12, 1), date(2028, 1, 1), date(2013, 5, 1)


def made(context: Context) -> list[date]:
    with context.sessions() as session:
        return months.existing(session)


def test_the_next_month_is_there_in_time_and_stays_though_it_is_empty(context: Context) -> None:
    for _ in range(2):
        keep_months(context, NOW)
        assert {THIS, NEXT} <= set(made(context))
    keep_months(context, datetime(2028, 2, 1, tzinfo=UTC))
    assert not {THIS, NEXT} & set(made(context)), "empty and past"


def test_a_month_dropped_is_written_down_for_its_workspace(context: Context, workspace_id: int) -> None:
    with context.sessions.begin() as session:
        retention.set_retention(session, accounts.get_workspace(session, workspace_id), {"reviews": 30})
        [product_id] = make_products(session, workspace_id, "A")
        make_reviews(session, workspace_id, [review_row(product_id, day) for day in (OLD, OLD, THIS)])
    keep_months(context, NOW)
    assert OLD not in made(context)
    with context.sessions() as session:
        entries = select(AuditEntry.action, AuditEntry.after).where(AuditEntry.workspace_id == workspace_id)
        assert session.execute(entries).all() == [("retention", {"reviews": 2})]
        assert session.scalars(select(Review.day).where(Review.workspace_id == workspace_id)).all() == [THIS]


def test_a_month_that_is_read_goes_another_night(context: Context) -> None:
    with context.sessions.begin() as session:
        months.make(session, [OLD])
    with context.sessions() as reader:
        reader.execute(text("SELECT count(*) FROM reviews"))
        keep_months(context, NOW)
        assert OLD in made(context)
    keep_months(context, NOW)
    assert OLD not in made(context)
