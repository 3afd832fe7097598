from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from sqlalchemy.orm import Session

from storage import sales
from tests.storage.factories import make_products, make_sales

DAY = date(2026, 6, 1)


@pytest.fixture
def product_id(session: Session, workspace_id: int) -> int:
    return make_products(session, workspace_id, "A1", category="杯", brand="B", price=12.5)[0]


def order(product_id: int, order_id: str, day: date, quantity: float, price: float | None, line_no: int = 1):
    at = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
    return {
        "order_id": order_id,
        "product_id": product_id,
        "line_no": line_no,
        "ordered_at": at,
        "day": day,
        "quantity": quantity,
        "unit_price": price,
        "customer_id": None,
    }


def units(session: Session, workspace_id: int, product_id: int) -> list[float | None]:
    return [sale.units for sale in sales.sales_by_day(session, workspace_id, product_id)]


def test_days_are_loaded_corrected_and_counted_once(
    session: Session, workspace_id: int, product_id: int
) -> None:
    row = {"product_id": product_id, "day": DAY, "units": 3.0, "price": 9.5, "extra": {"ads": 2.0}}
    assert sales.copy_sales(session, workspace_id, [row]) == {product_id}
    assert sales.copy_sales(session, workspace_id, [row]) == set()
    correction = {"product_id": product_id, "day": DAY, "units": 4.0, "extra": {"temp": 30.0}}
    assert sales.copy_sales(session, workspace_id, [correction]) == {product_id}
    [sale] = sales.sales_by_day(session, workspace_id, product_id)
    assert (sale.units, sale.price, sale.extra) == (4.0, 9.5, {"ads": 2.0, "temp": 30.0})


def test_the_later_of_two_rows_for_a_day_wins(session: Session, workspace_id: int, product_id: int) -> None:
    rows = [{"product_id": product_id, "day": DAY, "units": amount} for amount in (1.0, 2.0)]
    sales.copy_sales(session, workspace_id, rows)
    assert units(session, workspace_id, product_id) == [2.0]


def test_a_span_of_days_is_read(session: Session, workspace_id: int, other_id: int, product_id: int) -> None:
    make_sales(session, workspace_id, product_id, DAY, [1, 2, 3])
    second = DAY + timedelta(days=1)
    found = sales.sales_by_day(session, workspace_id, product_id, second, second)
    assert [sale.units for sale in found] == [2.0]
    assert sales.sales_by_day(session, other_id, product_id) == []


def test_planned_days_are_no_known_sales(session: Session, workspace_id: int, product_id: int) -> None:
    assert sales.last_day(session, workspace_id) is None
    assert sales.known_days(session, workspace_id) == 0
    make_sales(session, workspace_id, product_id, DAY, [1, 2])
    make_sales(session, workspace_id, product_id, DAY + timedelta(days=2), [None], promo=1.0)
    assert sales.last_day(session, workspace_id) == DAY + timedelta(days=1)
    assert sales.last_day(session, workspace_id, product_id + 1000) is None
    assert sales.known_days(session, workspace_id) == 2


def test_columns_are_declared_and_redeclared(session: Session, workspace_id: int, other_id: int) -> None:
    sales.declare_columns(session, workspace_id, {"ads": "past", "holiday": "future"})
    sales.declare_columns(session, workspace_id, {"ads": "future"})
    assert sales.exog_columns(session, workspace_id) == {"ads": "future", "holiday": "future"}
    assert sales.exog_columns(session, other_id) == {}
    with pytest.raises(ValueError, match="temp, wind"):
        sales.declare_columns(session, workspace_id, {"wind": "x", "temp": "", "ads": "past"})
    assert sales.exog_columns(session, workspace_id)["ads"] == "future"


def test_orders_are_summed_into_days_with_quiet_days_between(
    session: Session, workspace_id: int, product_id: int
) -> None:
    lines = [
        order(product_id, "o1", DAY, 2, 10.0),
        order(product_id, "o1", DAY, 1, 20.0, line_no=2),
        order(product_id, "o2", DAY + timedelta(days=2), 1, None),
    ]
    assert sales.copy_orders(session, workspace_id, lines) == {product_id}
    assert sales.rebuild_from_orders(session, workspace_id, [product_id]) == 3
    days = sales.sales_by_day(session, workspace_id, product_id)
    assert [(sale.units, sale.revenue) for sale in days] == [(3.0, 40.0), (0.0, 0.0), (1.0, 0.0)]
    assert days[0].price == pytest.approx(40 / 3)
    assert days[1].price is None
    assert all(sale.from_orders for sale in days)


def test_a_quiet_product_is_quiet_until_the_last_order_of_all(
    session: Session, workspace_id: int, product_id: int
) -> None:
    [busy] = make_products(session, workspace_id, "B2")
    lines = [order(product_id, "o1", DAY, 1, 1.0), order(busy, "o2", DAY + timedelta(days=3), 1, 1.0)]
    sales.copy_orders(session, workspace_id, lines)
    sales.rebuild_from_orders(session, workspace_id, [product_id, busy])
    assert units(session, workspace_id, product_id) == [1.0, 0.0, 0.0, 0.0]


def test_the_same_orders_again_add_nothing_and_corrections_replace(
    session: Session, workspace_id: int, product_id: int
) -> None:
    line = order(product_id, "o1", DAY, 2, 10.0)
    sales.copy_orders(session, workspace_id, [line])
    assert sales.copy_orders(session, workspace_id, [line]) == set()
    assert sales.copy_orders(session, workspace_id, [{**line, "quantity": 5}]) == {product_id}
    sales.rebuild_from_orders(session, workspace_id, [product_id])
    sales.rebuild_from_orders(session, workspace_id, [product_id])
    assert units(session, workspace_id, product_id) == [5.0]


def test_imported_days_go_before_orders(session: Session, workspace_id: int, product_id: int) -> None:
    make_sales(session, workspace_id, product_id, DAY, [50])
    later = DAY + timedelta(days=1)
    lines = [order(product_id, "o1", DAY, 2, 1.0), order(product_id, "o2", later, 3, 1.0)]
    sales.copy_orders(session, workspace_id, lines)
    sales.rebuild_from_orders(session, workspace_id, [product_id])
    assert units(session, workspace_id, product_id) == [50.0, 3.0]
    make_sales(session, workspace_id, product_id, later, [7])
    sales.rebuild_from_orders(session, workspace_id, [product_id])
    assert units(session, workspace_id, product_id) == [50.0, 7.0]


def test_a_day_with_more_returns_than_sales_sold_nothing(
    session: Session, workspace_id: int, product_id: int
) -> None:
    sales.copy_orders(session, workspace_id, [order(product_id, "o1", DAY, -2, 5.0)])
    sales.rebuild_from_orders(session, workspace_id, [product_id])
    [sale] = sales.sales_by_day(session, workspace_id, product_id)
    assert (sale.units, sale.revenue, sale.price) == (0.0, -10.0, None)


def test_the_panel_declares_its_columns(session: Session, workspace_id: int, product_id: int) -> None:
    make_sales(
        session,
        workspace_id,
        product_id,
        DAY,
        [1, 2],
        price=5.0,
        views=7.0,
        stockout=0.0,
        extra={"ads": 1, "wind": 2},
    )
    sales.declare_columns(session, workspace_id, {"ads": "past", "wind": "future", "unused": "past"})
    panel = sales.load_panel(session, workspace_id)
    assert panel.future == ("price", "wind")
    assert panel.past == ("views", "ads")
    assert list(panel.frame.columns) == ["unique_id", "ds", "y", "stockout", "price", "wind", "views", "ads"]
    assert panel.frame["unique_id"].tolist() == [str(product_id)] * 2
    assert pd.api.types.is_datetime64_dtype(panel.frame["ds"])
    assert panel.frame["wind"].tolist() == [2.0, 2.0]
    facts = {"unique_id": str(product_id), "category": "杯", "brand": "B", "price": 12.5}
    assert panel.static.to_dict("records") == [facts]


def test_the_panel_at_a_cutoff_holds_nothing_measured_later(
    session: Session, workspace_id: int, product_id: int
) -> None:
    make_sales(session, workspace_id, product_id, DAY, [1, 2, 3], promo=1.0, views=7.0)
    frame = sales.load_panel(session, workspace_id, cutoff=DAY + timedelta(days=1)).frame
    np.testing.assert_array_equal(frame["y"], [1, 2, np.nan])
    np.testing.assert_array_equal(frame["views"], [7, 7, np.nan])
    assert frame["promo"].tolist() == [1, 1, 1]


def test_the_panel_of_chosen_products_only(
    session: Session, workspace_id: int, other_id: int, product_id: int
) -> None:
    [second] = make_products(session, workspace_id, "B2")
    make_sales(session, workspace_id, product_id, DAY, [1])
    make_sales(session, workspace_id, second, DAY, [2])
    assert sales.load_panel(session, workspace_id, product_ids=[second]).frame["y"].tolist() == [2]
    assert sales.load_panel(session, other_id).frame.empty
