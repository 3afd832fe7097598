from datetime import UTC, date, datetime

import pytest
from sqlalchemy.orm import Session

from storage.models import Base, DailyFeature, ExogColumn, OrderLine, Product, Sale, Workspace
from storage.models.sales import EXOG_ROLES
from tests.storage.factories import make_products
from tests.storage.models.rows import count, put, refusal, remove

DAY = date(2024, 6, 18)


def order_line(workspace_id: int, product_id: int, **fields: object) -> dict[str, object]:
    return {
        "workspace_id": workspace_id,
        "product_id": product_id,
        "order_id": "o1",
        "line_no": 1,
        "ordered_at": datetime(2024, 6, 18, 4, tzinfo=UTC),
        "day": DAY,
        "quantity": 1.0,
        **fields,
    }


def rows_of(workspace_id: int, product_id: int) -> list[tuple[type[Base], dict[str, object]]]:
    """Make one row of each table that holds a product's days."""
    day = {"workspace_id": workspace_id, "product_id": product_id, "day": DAY}
    return [
        (Sale, day),
        (DailyFeature, {**day, "reviews": 3.0, "version": "reader-1"}),
        (OrderLine, order_line(workspace_id, product_id)),
    ]


@pytest.fixture
def product_id(session: Session, workspace_id: int) -> int:
    [made] = make_products(session, workspace_id, "p1")
    return made


def test_a_day_of_which_nothing_is_known_is_not_a_day_of_zeros(
    session: Session, workspace_id: int, product_id: int
) -> None:
    sale = put(session, Sale, workspace_id=workspace_id, product_id=product_id, day=DAY)
    measured = (sale.units, sale.revenue, sale.price, sale.views, sale.visitors, sale.carts)
    assert measured == (None,) * 6
    assert (sale.promo, sale.stockout) == (None, None)
    assert sale.extra == {}
    assert sale.from_orders is False


def test_a_days_figures_come_back_as_they_were(session: Session, workspace_id: int, product_id: int) -> None:
    extra = {"温度": -3.25, "ads": 1e9}
    sale = put(
        session,
        Sale,
        workspace_id=workspace_id,
        product_id=product_id,
        day=DAY,
        units=0.0,
        price=0.1,
        extra=extra,
    )
    assert (sale.units, sale.price, sale.extra) == (0.0, 0.1, extra)


@pytest.mark.parametrize("model", [Sale, DailyFeature])
def test_a_product_has_each_day_once(
    session: Session, workspace_id: int, product_id: int, model: type[Base]
) -> None:
    values = dict(rows_of(workspace_id, product_id))[model]
    [another] = make_products(session, workspace_id, "p2")
    put(session, model, **values)
    assert refusal(session, model, **values) == f"pk_{model.__tablename__}"
    assert refusal(session, model, **{**values, "day": date(2024, 6, 19)}) is None
    assert refusal(session, model, **{**values, "product_id": another}) is None


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({}, "pk_order_lines"),
        ({"day": date(2024, 6, 19), "quantity": 5.0}, "pk_order_lines"),
        ({"line_no": 2}, None),
        ({"order_id": "o2"}, None),
    ],
    ids=["same", "corrected", "second line", "second order"],
)
def test_a_line_of_an_order_is_known_by_order_product_and_number(
    session: Session, workspace_id: int, product_id: int, change: dict[str, object], name: str | None
) -> None:
    put(session, OrderLine, **order_line(workspace_id, product_id))
    assert refusal(session, OrderLine, **order_line(workspace_id, product_id, **change)) == name


def test_two_shops_may_number_their_orders_alike(
    session: Session, workspace_id: int, other_id: int, product_id: int
) -> None:
    line = put(session, OrderLine, **order_line(workspace_id, product_id))
    assert (line.customer_id, line.unit_price) == ("", None)
    [foreign] = make_products(session, other_id, "p1")
    assert refusal(session, OrderLine, **order_line(other_id, foreign)) is None


@pytest.mark.parametrize("column", ["ordered_at", "day", "quantity"])
def test_an_order_says_when_and_how_many(
    session: Session, workspace_id: int, product_id: int, column: str
) -> None:
    assert refusal(session, OrderLine, **order_line(workspace_id, product_id, **{column: None})) == column


@pytest.mark.parametrize("role", EXOG_ROLES)
def test_a_further_column_has_one_role_in_a_workspace(
    session: Session, workspace_id: int, other_id: int, role: str
) -> None:
    put(session, ExogColumn, workspace_id=workspace_id, name="ads", role=role)
    for again in EXOG_ROLES:
        values = {"name": "ads", "role": again}
        assert refusal(session, ExogColumn, workspace_id=workspace_id, **values) == "pk_exog_columns"
    assert refusal(session, ExogColumn, workspace_id=other_id, name="ads", role=role) is None


@pytest.mark.parametrize("role", ["static", "Future", ""])
def test_a_column_is_known_ahead_or_afterwards_and_nothing_else(
    session: Session, workspace_id: int, role: str
) -> None:
    assert refusal(session, ExogColumn, workspace_id=workspace_id, name="ads", role=role) == (
        "ck_exog_columns_role"
    )


def test_a_day_without_reviews_has_a_count_and_no_means(
    session: Session, workspace_id: int, product_id: int
) -> None:
    values = {"workspace_id": workspace_id, "product_id": product_id, "day": DAY, "version": "v"}
    assert refusal(session, DailyFeature, **values, reviews=None) == "reviews"
    feature = put(session, DailyFeature, **values, reviews=0.0)
    shares = (feature.negative_share, feature.positive_share, feature.suspect_share)
    means = (feature.sentiment_mean, feature.sentiment_std, feature.rating_mean, feature.length_mean)
    assert shares + means == (None,) * 7
    assert feature.smooth == {}


def test_days_are_of_a_product_that_exists(session: Session, workspace_id: int) -> None:
    for model, values in rows_of(workspace_id, -1):
        assert refusal(session, model, **values) == f"fk_{model.__tablename__}_product_id"


def test_a_product_takes_its_days_with_it_and_leaves_the_others(
    session: Session, workspace_id: int, product_id: int
) -> None:
    [kept] = make_products(session, workspace_id, "p2")
    for owner in (product_id, kept):
        for model, values in rows_of(workspace_id, owner):
            put(session, model, **values)
    remove(session, session.get_one(Product, product_id))
    for model in (Sale, DailyFeature, OrderLine):
        assert count(session, model, product_id=product_id) == 0
        assert count(session, model, product_id=kept) == 1


def test_a_workspace_takes_its_days_and_columns_with_it(
    session: Session, workspace_id: int, other_id: int, product_id: int
) -> None:
    [foreign] = make_products(session, other_id, "p1")
    for tenant, owner in ((workspace_id, product_id), (other_id, foreign)):
        put(session, ExogColumn, workspace_id=tenant, name="ads", role="past")
        for model, values in rows_of(tenant, owner):
            put(session, model, **values)
    remove(session, session.get_one(Workspace, workspace_id))
    for model in (Sale, DailyFeature, OrderLine, ExogColumn):
        assert count(session, model, workspace_id=workspace_id) == 0
        assert count(session, model, workspace_id=other_id) == 1
