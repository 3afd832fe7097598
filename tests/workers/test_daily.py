from datetime import date

from storage import features
from storage.features import BASE
from storage.reviews import get_review
from tests.storage.factories import analysis, make_products, make_reviews, make_sales, review_row
from workers.context import Context
from workers.daily import last_known_day, rebuild

DAY = date(2026, 6, 1)


def test_whole_days_are_made_anew_through_the_last_day_of_the_data(
    context: Context, workspace_id: int
) -> None:
    with context.sessions.begin() as session:
        first, second = make_products(session, workspace_id, "A", "B")
        make_reviews(
            session,
            workspace_id,
            [
                review_row(first, DAY, analysis=analysis("positive", 0.5), rating=4.0),
                review_row(first, DAY, analysis=analysis("negative", -0.5), rating=2.0),
                review_row(first, DAY),
                review_row(second, date(2026, 6, 3), analysis=analysis()),
            ],
        )
        make_sales(session, workspace_id, second, date(2026, 6, 4), [1])
        assert last_known_day(session, workspace_id) == date(2026, 6, 4)
        for _ in range(2):
            assert rebuild(session, workspace_id, [first]) == 4
        days = features.daily_features(session, workspace_id, first)
        assert [day.day.day for day in days] == [1, 2, 3, 4]
        # The third review is not scored yet: it counts once it is.
        assert (days[0].reviews, days[0].sentiment_mean, days[0].rating_mean) == (2.0, 0.0, 3.0)
        assert (days[1].reviews, days[1].sentiment_mean) == (0.0, None)
        assert days[3].smooth["negative_share_7"] == 0.5
        assert features.daily_features(session, workspace_id, second) == []
        assert set(BASE) <= {column.key for column in type(days[0]).__table__.columns}


def test_a_product_without_reviews_has_no_days_left(context: Context, workspace_id: int) -> None:
    with context.sessions.begin() as session:
        [product_id] = make_products(session, workspace_id, "A")
        [review_id] = make_reviews(session, workspace_id, [review_row(product_id, DAY, analysis=analysis())])
        assert rebuild(session, workspace_id, [product_id]) == 1
        session.delete(get_review(session, workspace_id, review_id))
        session.flush()
        assert rebuild(session, workspace_id, [product_id]) == 0
        assert features.daily_features(session, workspace_id, product_id) == []


def test_nothing_known_has_no_last_day(context: Context, workspace_id: int) -> None:
    with context.sessions() as session:
        assert last_known_day(session, workspace_id) is None
