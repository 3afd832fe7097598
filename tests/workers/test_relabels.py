"""A person's label reaches the daily features, through a scoring that says otherwise."""

from datetime import date

from sqlalchemy import update

from storage import features, relabels
from storage.models import Chunk
from storage.reviews import get_review
from tests.storage.factories import analysis, make_products, make_reviews, review_row
from tests.workers.factories import work_off
from workers.context import Context
from workers.daily import rebuild

DAY = date(2026, 6, 1)


def test_days_are_counted_by_the_label_that_holds(context: Context, workspace_id: int) -> None:
    with context.sessions.begin() as session:
        [product_id] = make_products(session, workspace_id, "A")
        rows = [
            review_row(product_id, DAY, text="发货很快", analysis=analysis("positive", 0.8)) for _ in "ab"
        ]
        wrong, right = make_reviews(session, workspace_id, rows)
        rebuild(session, workspace_id, [product_id])
        relabels.relabel(session, workspace_id, wrong, "negative", None)
        job = relabels.request_rebuild(session, workspace_id, product_id)
        session.execute(update(Chunk).where(Chunk.job_id == job.id).values(not_before=None))
    assert work_off(context, job.id).state == "succeeded"
    with context.sessions() as session:
        [day] = features.daily_features(session, workspace_id, product_id)
        assert (day.reviews, day.negative_share) == (2.0, 0.5)
        read, untouched = (get_review(session, workspace_id, id) for id in (wrong, right))
        assert (read.label, read.scored_by) == ("negative", untouched.scored_by)
        assert untouched.label != "negative"
